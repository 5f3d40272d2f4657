"""Build: what is stale, notebook execution, products and their provenance."""
