"""The page of one person's day: what is to do, which clocks run, what waits at a gate."""

from .page import Today

__all__ = ["Today"]
