"""Adversarial autoencoders whose code says which kind an example is, and separately how it looks."""

from typing import Literal

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.encoding import EncodingModel
from tfgan_suite.models.likelihood import Likelihood
from tfgan_suite.objectives.non_saturating import NonSaturating
from tfgan_suite.objectives.objective import Objective
from tfgan_suite.precision import wide


@keras.saving.register_keras_serializable("tfgan_suite")
class CategoricalAutoencoder(EncodingModel):
    """Latents [y, z]: a category and a style (Makhzani et al. 2016, arXiv:1511.05644, sections 5 and 6).

    The encoder gives the logits of q(y | x), whose softmax is y, and a style z. One discriminator makes y
    follow a uniform one-hot category, the other z a normal: each is a game of its own, both against the
    encoder. So categories become clusters, without labels (section 6). With `labelled` they are classes: one
    more player, of the encoder, minimises the cross entropy of the labels there are (section 5).

    Then `fit` takes (examples, labels), with -1 where there is no label, or
    ({"labelled": x, "unlabelled": u}, labels of x).

    Args:
        encoder: examples to (batch, categories + style), the logits before the style.
        decoder: latents (batch, categories + style) to examples.
        category_discriminator: distributions over categories (batch, categories) to logits.
        style_discriminator: styles (batch, style) to logits.
        labelled: whether there are labels, as many classes as categories.
        objective: of both games.
        likelihood, likelihood_std: p(x | y, z), as in `VAE`.
    """

    latent_distribution = "prior"

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
    def generator(self) -> keras.Model:
        return self.decoder

    @property
    def categories(self) -> int:
        return self.category_discriminator.inputs[0].shape[-1]

    @property
    def label_classes(self):
        return self.categories if self.labelled else None

    def players(self):
        players = {
            "autoencoder": Player((self.encoder, self.decoder)),
            "category_discriminator": Player((self.category_discriminator,)),
            "style_discriminator": Player((self.style_discriminator,)),
            "encoder": Player((self.encoder,)),
        }
        return players | {"classifier": Player((self.encoder,))} if self.labelled else players

    def autoencoder_losses(self, batch):
        examples = self._unlabelled(batch)
        errors = self._likelihood.negative_log(examples, tf.concat(self._code(examples), axis=1))
        return {"reconstruction": tf.reduce_mean(errors)}

    def category_discriminator_losses(self, batch):
        examples = self._unlabelled(batch)
        category, _ = self._code(examples)
        real = self.draw_latents(tf.shape(examples)[0], self.next_seed())[:, : self.categories]
        judge = self.category_discriminator
        return {"adversarial": self._game(self.objective.discriminator_loss, judge, real, category)}

    def style_discriminator_losses(self, batch):
        examples = self._unlabelled(batch)
        _, style = self._code(examples)
        real = self.draw_latents(tf.shape(examples)[0], self.next_seed())[:, self.categories :]
        judge = self.style_discriminator
        return {"adversarial": self._game(self.objective.discriminator_loss, judge, real, style)}

    def encoder_losses(self, batch):
        examples = self._unlabelled(batch)
        fakes = self._code(examples)
        real = self.draw_latents(tf.shape(examples)[0], self.next_seed())
        reals = real[:, : self.categories], real[:, self.categories :]
        judges = {"category": self.category_discriminator, "style": self.style_discriminator}
        return {
            name: self._game(self._generator_loss, judge, real, fake)
            for (name, judge), real, fake in zip(judges.items(), reals, fakes, strict=True)
        }

    def classifier_losses(self, batch):
        inputs, labels = batch
        examples = inputs["labelled"] if isinstance(inputs, dict) else inputs
        logits = wide(self.encoder(examples, training=True))[:, : self.categories]
        # A label of -1 is no class, and adds nothing.
        log_p = tf.reduce_sum(tf.one_hot(labels, self.categories) * tf.nn.log_softmax(logits), axis=1)
        return {"cross_entropy": -tf.reduce_mean(log_p)}

    def draw_latents(self, count, seed):
        """[one-hot category, style], (count, latent_dim), a pure function of the seed."""
        uniform = [1.0 / self.categories] * self.categories
        category = draws.category(uniform, count, draws.branch(seed, "category"))
        style = draws.normal((count, self.latent_dim - self.categories), draws.branch(seed, "style"))
        return tf.concat([tf.one_hot(category, self.categories), style], axis=1)

    def latents_of(self, examples):
        logits = wide(self.averaged("encoder")(examples, training=False))
        return tf.concat(self._split(logits), axis=1)

    def classify(self, examples, batch_size: int = 256):
        """The likeliest category of each example, int (count,), in inference mode."""
        return self.encode(examples, batch_size)[:, : self.categories].argmax(axis=1)

    @staticmethod
    def context_of(argument: str, arguments: dict, context: dict) -> dict:
        """In a config: what holds inside an argument. A discriminator's `example_shape` is not the data's."""
        if not argument.endswith("discriminator"):
            return context
        return {k: v for k, v in context.items() if k not in ("example_shape", "image_shape")}

    def couples_examples(self):
        return repr(self.objective) if self.objective.couples_examples else super().couples_examples()

    def _unlabelled(self, batch) -> tf.Tensor:
        inputs = batch[0] if isinstance(batch, tuple) else batch
        if self.labelled and not isinstance(batch, tuple):
            raise ValueError("fit: expected (examples, labels) with labelled=True, came examples alone")
        examples, _ = self.examples_and_labels(inputs["unlabelled"] if isinstance(inputs, dict) else inputs)
        return examples

    def _code(self, examples: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """y and z of examples, in training mode."""
        return self._split(wide(self.encoder(examples, training=True)))

    def _split(self, outputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.nn.softmax(outputs[:, : self.categories]), outputs[:, self.categories :]

    def _generator_loss(self, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        return self.objective.generator_loss(fake, *([real] if self.objective.needs_real_logits else []))

    def _game(self, loss, judge: keras.Model, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        logits = [wide(judge(codes, training=True)) for codes in (real, fake)]
        return self.of_whole_batch(loss, *logits) if self.objective.couples_examples else loss(*logits)

    def _check(self) -> None:
        self.check_encoder(stochastic=False)
        if self.categories >= self.latent_dim:
            raise ValueError(
                f"category_discriminator: expected fewer categories than the {self.latent_dim} latents, "
                f"came {self.categories}"
            )
        style = self.latent_dim - self.categories
        came = self.style_discriminator.inputs[0].shape[-1]
        if came != style:
            raise ValueError(
                f"style_discriminator: expected styles ({style},), latents without categories, came ({came},)"
            )
        for judge in (self.category_discriminator, self.style_discriminator):
            self.objective.check_outputs(judge.outputs[0].shape)
