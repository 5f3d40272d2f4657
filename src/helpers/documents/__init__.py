"""Documents made from what the stages published: site, report, slides."""
