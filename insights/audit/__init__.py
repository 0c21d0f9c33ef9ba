"""The audit: every live deal held against a process, and what is left of the pipeline when only proof counts."""
