"""Libraries whose own import fails on current TensorFlow. Each is a module here that loads on first use."""
