"""Charts of each stage: functions from result tables to a matplotlib figure."""
