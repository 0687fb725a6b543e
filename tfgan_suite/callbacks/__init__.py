"""What happens beside training: logs, pictures, numbers, checkpoints."""

from tfgan_suite.callbacks.checkpoint import Checkpoint
from tfgan_suite.callbacks.evaluate import Evaluate
from tfgan_suite.callbacks.metrics_log import MetricsLog
from tfgan_suite.callbacks.sample_grid import SampleGrid

__all__ = ["Checkpoint", "Evaluate", "MetricsLog", "SampleGrid"]
