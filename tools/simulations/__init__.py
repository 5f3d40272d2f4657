"""Simulations of what the methods do where the truth is known; a user never needs them."""
