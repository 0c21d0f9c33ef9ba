"""What is learnt from what happened: gates, objections, losses, wins and what a new version of the process changed."""
