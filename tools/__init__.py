"""Maintainers' tools: nothing here is needed to use the project."""
