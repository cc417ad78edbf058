"""What `benchmarks/sweep.py` compares with: each does the same work, in a process of its own."""
