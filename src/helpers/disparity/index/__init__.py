"""Development index: its parts, weights, and how stable its ranks are."""
