"""Charts of each stage: from result tables to a matplotlib figure."""
