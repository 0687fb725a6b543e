"""Adversarial autoencoders whose code says which kind an example is, and separately how it looks."""

from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.classifying import ClassifyingModel
from tfgan_suite.models.encoding import in_batches
from tfgan_suite.models.latent_game import LatentGame
from tfgan_suite.models.likelihood import Likelihood
from tfgan_suite.networks.cluster_heads import ClusterHeads
from tfgan_suite.objectives.non_saturating import NonSaturating
from tfgan_suite.objectives.objective import Objective
from tfgan_suite.precision import wide


@keras.saving.register_keras_serializable("tfgan_suite")
class CategoricalAutoencoder(ClassifyingModel, LatentGame):
    """Latents [y, z]: a category and a style (Makhzani et al. 2016, arXiv:1511.05644, sections 5 and 6).

    The encoder gives the logits of q(y | x), whose softmax is y, and a style z. One discriminator makes y
    follow a uniform one-hot category, the other z a normal: each is a game of its own, both against the
    encoder. So categories become clusters, without labels (section 6): take more categories than there are
    clusters to find, as the paper does, for some stay empty. With `labelled` they are classes: one more
    player, of the encoder, minimises the cross entropy of the labels there are (section 5). No game sees y
    and z together, so a style may say the category as well.

    Each step has the paper's phases: reconstruction, with q(y | x) itself in the decoder; the two games; the
    labels. `classify` gives the likeliest category. With a decoder that begins with `ClusterHeads`, `embed`
    gives the point of each example, in the plane say (section 7). Without `labelled` a category has no name,
    and `fit` takes examples alone; with it, labels as `ClassifyingModel` says. Samples are of a one-hot y.

    Args:
        encoder: examples to (batch, categories + style), the logits before the style. Clusters want both
            normalised, `latent_std="learned"`: without that four or five of 16 stayed empty on MNIST.
        decoder: latents (batch, categories + style) to examples.
        category_discriminator: distributions over categories (batch, categories) to logits.
        style_discriminator: styles (batch, style) to logits.
        labelled: whether there are labels, of as many classes as categories.
        objective: of both games.
        likelihood, likelihood_std: p(x | y, z), as in `VAE`.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        category_discriminator: keras.Model,
        style_discriminator: keras.Model,
        labelled: bool = False,
        objective: Objective = NonSaturating(),  # noqa: B008 - frozen
        likelihood: Literal["gaussian", "bernoulli"] = "gaussian",
        likelihood_std: float = 1.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder
        self.category_discriminator, self.style_discriminator = category_discriminator, style_discriminator
        self.labelled, self.objective = labelled, objective
        self.likelihood, self.likelihood_std = likelihood, likelihood_std
        self._check()
        self._likelihood = Likelihood(decoder, likelihood, likelihood_std)
        self.start_averages("generator", "encoder")

    @property
    def categories(self) -> int:
        return self.category_discriminator.inputs[0].shape[-1]

    @property
    def classes(self):
        return self.categories

    @property
    def classifier(self) -> keras.Model:
        """The encoder, or its moving average: the logits of categories come first."""
        return self.averaged("encoder")

    def players(self):
        players = {
            "autoencoder": Player((self.encoder, self.decoder)),
            "category_discriminator": Player((self.category_discriminator,)),
            "style_discriminator": Player((self.style_discriminator,)),
            "encoder": Player((self.encoder,)),
        }
        return players | ({"classifier": Player((self.encoder,))} if self.labelled else {})

    def autoencoder_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        latents = tf.concat(self._code(examples), axis=1)
        return {"reconstruction": tf.reduce_mean(self._likelihood.negative_log(examples, latents))}

    def category_discriminator_losses(self, batch):
        (real, _), (fake, _) = self._real_and_fake(batch)
        return {"adversarial": self.told_apart(self.category_discriminator, real, fake)}

    def style_discriminator_losses(self, batch):
        (_, real), (_, fake) = self._real_and_fake(batch)
        return {"adversarial": self.told_apart(self.style_discriminator, real, fake)}

    def encoder_losses(self, batch):
        (real_category, real_style), (category, style) = self._real_and_fake(batch)
        return {
            "category": self.taken_for_real(self.category_discriminator, real_category, category),
            "style": self.taken_for_real(self.style_discriminator, real_style, style),
        }

    def classifier_losses(self, batch):
        _, examples, labels = self.parts_of(batch)
        return {"cross_entropy": self.cross_entropy(labels, self._encoded(examples))}

    def draw_latents(self, count, seed):
        """[one-hot category, style], (count, latent_dim), a pure function of the seed."""
        uniform = [1.0 / self.categories] * self.categories
        category = draws.category(uniform, count, draws.branch(seed, "category"))
        style = draws.normal((count, self.latent_dim - self.categories), draws.branch(seed, "style"))
        return tf.concat([tf.one_hot(category, self.categories), style], axis=1)

    def latents_of(self, examples, labels=None):
        """[q(y | x), z], (batch, latent_dim), in inference mode."""
        category, style = self._parts(wide(self.classifier(examples, training=False)))
        return tf.concat([tf.nn.softmax(category), style], axis=1)

    def embed(self, examples: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """The point (count, style) of each example, y W + z, in inference mode.

        Raises:
            ValueError: the decoder has no `ClusterHeads`.
        """
        if self.cluster_heads is None:
            raise ValueError(
                "decoder: expected one with ClusterHeads, such as mlp_generator(cluster_heads=10); came none"
            )
        return in_batches(self.cluster_heads, self.encode(examples, batch_size=batch_size), batch_size)

    @property
    def cluster_heads(self) -> ClusterHeads | None:
        """The decoder's layer, or that of its moving average."""
        layers = self.averaged("generator").layers
        return next((layer for layer in layers if isinstance(layer, ClusterHeads)), None)

    @staticmethod
    def context_of(argument: str, arguments: dict, context: dict) -> dict:
        """In a config: what holds inside an argument. A discriminator's `example_shape` is not the data's."""
        if not argument.endswith("discriminator"):
            return context
        return {k: v for k, v in context.items() if k not in ("example_shape", "image_shape")}

    def _real_and_fake(self, batch) -> tuple[tuple[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
        """(category, style) of the prior, and of examples."""
        examples, _ = self.examples_and_labels(batch)
        real = self.draw_latents(tf.shape(examples)[0], self.next_seed())
        return self._parts(real), self._code(examples)

    def _code(self, examples: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """q(y | x) and z, in training mode."""
        category, style = self._parts(self._encoded(examples))
        return tf.nn.softmax(category), style

    def _encoded(self, examples: tf.Tensor) -> tf.Tensor:
        return wide(self.encoder(examples, training=True))

    def _parts(self, latents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return latents[:, : self.categories], latents[:, self.categories :]

    def _check(self) -> None:
        self.check_encoder(stochastic=False)
        judges = self.category_discriminator, self.style_discriminator
        of_category, of_style = ([tuple(i.shape[1:]) for i in judge.inputs] for judge in judges)
        if of_category not in [[(n,)] for n in range(2, self.latent_dim)]:
            raise ValueError(
                f"category_discriminator: expected distributions over at least 2 categories, fewer than the "
                f"{self.latent_dim} latents, came {of_category}"
            )
        style = self.latent_dim - self.categories
        if of_style != [(style,)]:
            raise ValueError(
                f"style_discriminator: expected styles ({style},), the {self.latent_dim} latents without "
                f"{self.categories} categories, came {of_style}"
            )
        for judge in judges:
            self.objective.check_outputs(judge.outputs[0].shape)
