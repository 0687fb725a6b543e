"""The same training in other ways: each module has a `Trainer` (see `benchmarks.contestant`)."""
