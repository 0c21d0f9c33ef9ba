"""Whether the ledger is still what was written: walking it, and comparing it with the anchors taken day by day."""
