"""Makers of the data that come with the project."""
