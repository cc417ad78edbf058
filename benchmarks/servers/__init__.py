"""The servers of `benchmarks/serving.py`, and the load that all of them get."""
