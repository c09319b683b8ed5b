"""Who and what, on which evidence: claims, their sources, the words for them, reading and writing."""

__version__ = "0.1.0"
