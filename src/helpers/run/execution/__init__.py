"""Notebook execution: papermill, kernels, and the audit of what a kernel reads."""
