"""Charts of each stage: from result tables to a matplotlib figure.

In all of them `t` gives the texts of the stage, and `zones` the zones in their order.
"""
