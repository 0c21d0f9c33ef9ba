"""How deals went through their stages: read from the ledger, kept beside it, and read together (decision 0028)."""
