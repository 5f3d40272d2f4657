"""Concepts notebooks: their board, and the pictures on it."""
