"""Side by side with others, in one run: `python -m benchmarks.metrics`. It is the ratios that count."""
