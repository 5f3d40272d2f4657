"""Measures in space, all of them over a rule of neighbourhood."""
