"""The limit: how fast this machine multiplies large float32 matrices, in a process of its own."""

import numpy as np
import tensorflow as tf

SIZE = 3072
OPERATIONS = 2.0 * SIZE**3


class Trainer:
    """A contestant whose step is one product. Options: `library`, "tensorflow" or "numpy"."""

    def __init__(self, workload, layers, options: dict):
        self.library, self.notes = options["library"], {"operations": OPERATIONS}

    def parameters(self):
        return {}

    def prepare(self):
        matrices = np.random.default_rng(0).normal(size=(2, SIZE, SIZE)).astype(np.float32)
        self.matrices = matrices if self.library == "numpy" else [tf.constant(m) for m in matrices]

    def train(self, steps):
        a, b = self.matrices
        for _ in range(steps):
            product = a @ b
        return {"corner": float(product[0, 0])}
