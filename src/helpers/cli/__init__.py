"""Command line: what any Python can answer, the environment, and one function a target."""
