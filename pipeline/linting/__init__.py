"""What an experienced process owner would say about a process before anybody sells by it.

Looks at rows alone, the draft's or the published ones; knows nothing of deals.
"""

from .finding import Finding, Level, Where, by_weight
from .layers import Layer, layers_of
from .subject import Subject, of_documents, of_draft, of_published
from .wholes import lint, lint_published, look

__all__ = [
    "Finding",
    "Layer",
    "Level",
    "Subject",
    "Where",
    "by_weight",
    "layers_of",
    "lint",
    "lint_published",
    "look",
    "of_documents",
    "of_draft",
    "of_published",
]
