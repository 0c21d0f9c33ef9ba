"""Deals from another system: as they are, claimed, through the one door, and no row twice."""
