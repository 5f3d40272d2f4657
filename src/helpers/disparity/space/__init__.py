"""Spatial measures, all of them over a rule of neighbourhood."""
