"""Pages of figures beside the dashboard, each over the same lens."""
