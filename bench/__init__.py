"""Measurements that `make bench` prints: medians and ratios of one run, on data made by scripts."""
