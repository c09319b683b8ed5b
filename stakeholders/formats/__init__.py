"""Formats of others, one module each."""
