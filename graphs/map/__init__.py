"""The page: one HTML file that answers questions itself, offline."""
