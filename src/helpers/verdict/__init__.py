"""Verdict of a reviewer's run: complete, stable, consistent."""
