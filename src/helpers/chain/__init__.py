"""Chain of analysis: every published table as one pure step."""
