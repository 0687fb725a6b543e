"""What happens beside training: logs, pictures, numbers, checkpoints, an alarm."""

from tfgan_suite.callbacks.best_checkpoint import BestCheckpoint
from tfgan_suite.callbacks.checkpoint import Checkpoint
from tfgan_suite.callbacks.collapse_alarm import CollapseAlarm
from tfgan_suite.callbacks.evaluate import Evaluate
from tfgan_suite.callbacks.metrics_log import MetricsLog
from tfgan_suite.callbacks.sample_grid import SampleGrid

__all__ = ["BestCheckpoint", "Checkpoint", "CollapseAlarm", "Evaluate", "MetricsLog", "SampleGrid"]
