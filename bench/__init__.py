"""Benchmarks: a company of any size with the guard in place, and how long the main pages and moves take on it."""
