"""A config that trains in seconds and uses everything a run can have."""

from pathlib import Path

TINY = """\
# A tiny run: averaged generator, batch normalisation, two discriminator steps, a penalty.
data: {type: Digits, image_size: 16}
model:
  type: GAN
  objective: NonSaturating
  regularizers: [{type: R1, weight: 0.1}]
  discriminator_steps: 2
  ema_decay: 0.9
  generator: {type: dcgan_generator, latent_dim: 8, width: 4}
  discriminator: {type: dcgan_discriminator, width: 4}
training: {batch_size: 16, steps: 40, log_every: 5, sample_every: 20, checkpoint_every: 10, seed: 3}
evaluation: {samples: 50}
"""

TINY_RING = """\
# A tiny run on points.
data: {type: Ring}
model:
  type: GAN
  objective: Wasserstein
  regularizers: [WeightClipping]
  generator: {type: mlp_generator, width: 8}
  discriminator: {type: mlp_discriminator, width: 8}
training: {batch_size: 16, steps: 20, log_every: 10, sample_every: 20, checkpoint_every: 10}
evaluation: {samples: 100}
"""


def write(folder: Path, text: str = TINY, name: str = "tiny.yaml") -> Path:
    """The config as `<folder>/lab/<name>`."""
    path = Path(folder) / "lab" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
