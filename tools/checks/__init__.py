"""Checks behind `make verify FULL=1`."""
