"""Development index: its parts, its weights, and the stability of its ranks."""
