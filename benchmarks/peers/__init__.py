"""The peers of `benchmarks/sweep.py`: each does the same work, in a process of its own."""
