"""The two-player game."""

import math
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfgan_suite import draws, latents
from tfgan_suite.latents import LatentDistribution
from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.generative import GenerativeModel, with_labels
from tfgan_suite.models.packing import pack, packed_shape
from tfgan_suite.models.shared_fakes import GeneratorPass, SharedFakes
from tfgan_suite.objectives.objective import Objective
from tfgan_suite.precision import wide
from tfgan_suite.regularizers.regularizer import Constraint, Penalty, Regularizer
from tfgan_suite.seed_source import side_by_side


@keras.saving.register_keras_serializable("tfgan_suite")
class GAN(GenerativeModel):
    """A generator and a discriminator with any objective (Goodfellow et al. 2014, arXiv:1406.2661).

    Args:
        generator: latents (batch, latent_dim) to examples; with labels, [latents, labels].
        discriminator: examples to logits of any shape (batch, ...), or to vectors (batch, size) for an
            objective on vectors; with labels, [examples, labels].
        objective: what each of the two minimises.
        regularizers: penalties and constraints on the discriminator.
        discriminator_steps: discriminator updates for each generator update (k, n_critic), each on a
            fresh real minibatch and fresh latents.
        latent_distribution: N(0, 1), U[0, 1) or, "symmetric_uniform", U[-1, 1) in every latent dimension.
        num_classes: given, the model is conditional: both networks take labels, and `fit` takes
            (examples, labels).
        packing: examples that the discriminator sees as one (PacGAN, Lin et al. 2018): it takes packs, of
            the shape `packing.packed_shape` says. A minibatch is that many times fewer packs.
        feature_matching: weight of || E f(real) - E f(fake) ||^2 in the generator's loss (Salimans et al.
            2016, section 3.1), with f the features in the layer `feature_layer` of the discriminator.
        feature_layer: its name; None is what enters the discriminator's last layer with weights.
        adversarial_weight: of the objective in the generator's loss; 0 leaves it out, as that paper does.
        joint_forward: whether real and fake examples pass the discriminator together, in one batch. Another
            algorithm where it has batch statistics, which are then of both; else the same, and faster for
            small networks and for normalised weights, which are then normalised once.
        share_fakes: whether the generator's step is on the fakes that the discriminator saw last. Another
            algorithm, since both have the same latents; one pass of the generator less.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        objective: Objective,
        regularizers: Sequence[Regularizer] = (),
        discriminator_steps: int = 1,
        latent_distribution: LatentDistribution = "normal",
        num_classes: int | None = None,
        packing: int = 1,
        feature_matching: float = 0.0,
        feature_layer: str | None = None,
        adversarial_weight: float = 1.0,
        joint_forward: bool = False,
        share_fakes: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.generator, self.discriminator, self.objective = generator, discriminator, objective
        self.regularizers = tuple(regularizers)
        self.discriminator_steps = discriminator_steps
        self.latent_distribution, self.num_classes = latent_distribution, num_classes
        self.packing, self.adversarial_weight = packing, adversarial_weight
        self.joint_forward, self.share_fakes = joint_forward, share_fakes
        self.feature_matching, self.feature_layer = feature_matching, feature_layer
        self._check()
        self.start_averages("generator")

    def players(self):
        return {
            "discriminator": Player((self.discriminator,), self.discriminator_steps),
            "generator": Player((self.generator,)),
        }

    def play(self, batches, seed, shares):
        if not self.share_fakes:
            return super().play(batches, seed, shares)
        *earlier, last = batches
        made = GeneratorPass(self, last, draws.branch(seed, "fakes"), shares[-1])
        batches, logs = [*earlier, SharedFakes(last, made.fake)], {}
        for i, (batch, share) in enumerate(zip(batches, shares, strict=True)):
            logs |= self.minimize("discriminator", batch, draws.branch(seed, "discriminator", i), share)
        return logs | self.minimize(
            "generator", batches[-1], draws.branch(seed, "generator", len(earlier)), shares[-1], made
        )

    def discriminator_losses(self, batch):
        real, fake, labels = self.real_fake_and_labels(batch)
        return self.discriminator_terms(real, tf.stop_gradient(fake), labels)

    def generator_losses(self, batch):
        return self.generator_terms(*self.real_fake_and_labels(batch))

    def real_fake_and_labels(self, batch) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]:
        """Real examples, fakes for as many, fresh ones unless the batch brings them, and their labels."""
        batch, fake = batch if isinstance(batch, SharedFakes) else (batch, None)
        real, labels = self.examples_and_labels(batch)
        return real, self.generate(tf.shape(real)[0], labels) if fake is None else fake, labels

    def fresh_fakes(self, batch) -> tf.Tensor:
        """Fakes for as many examples as the batch has, with their labels."""
        return self.real_fake_and_labels(batch)[1]

    def discriminator_terms(self, real: tf.Tensor, fake: tf.Tensor, labels: tf.Tensor | None) -> dict:
        """What the discriminator minimises on these examples."""
        real, fake = pack(real, self.packing), pack(fake, self.packing)
        logits = self.of_each(self.discriminate, real, fake, labels=labels)
        adversarial = self.adversarial(self.objective.discriminator_loss, *logits)
        return {"adversarial": adversarial, **self.penalties(real, fake, labels)}

    def penalties(self, real: tf.Tensor, fake: tf.Tensor, labels: tf.Tensor | None) -> dict:
        """What the regularizers add to the discriminator's loss, on (packs of) these examples."""

        def discriminate(examples):
            return self.discriminate(examples, labels)

        terms = {}
        for penalty in (r for r in self.regularizers if isinstance(r, Penalty)):
            if penalty.couples_examples:
                self.require_one_replica(f"regularizers: {penalty} is more than a mean over examples")
            terms[penalty.name] = penalty(discriminate, real, fake, self._seed_of_packs())
        return terms

    def of_each(self, network: Callable[..., tf.Tensor], *minibatches, labels=None) -> list[tf.Tensor]:
        """network(examples, labels) of each minibatch; with `joint_forward` of all in one pass.

        Args:
            network: what gives each example a row.
            minibatches: as many examples each, of one shape.
            labels: of the examples of each minibatch, the same for all.
        """
        if not self.joint_forward:
            return [network(examples, labels) for examples in minibatches]
        count, sizes = len(minibatches), [examples.shape[0] for examples in minibatches]
        if len(set(sizes) - {None}) > 1:
            raise ValueError(f"joint_forward: expected minibatches of one size, came {sizes}")
        labels = None if labels is None else tf.tile(labels, [count])
        with side_by_side(count):
            return tf.split(network(tf.concat(minibatches, axis=0), labels), count)

    def generator_terms(self, real: tf.Tensor, fake: tf.Tensor, labels: tf.Tensor | None) -> dict:
        """What the generator minimises where it made `fake`; `real` is None where `needs_real` is False."""
        packs = [pack(x, self.packing) for x in (fake, real) if x is not None]
        terms = {}
        if self.adversarial_weight:
            judged = packs if self.fooling_needs_real else packs[:1]
            logits = self.of_each(self.discriminate, *judged, labels=labels)
            loss = self.adversarial(self.fooling_loss, *logits)
            terms["adversarial"] = loss if self.adversarial_weight == 1 else self.adversarial_weight * loss
        if self.feature_matching:
            features = self.of_each(self.features, *packs, labels=labels)
            distance = self._of_all_packs(feature_distance, *features)
            terms["feature_matching"] = self.feature_matching * distance
        return terms

    def fooling_loss(self, fake_logits: tf.Tensor, real_logits: tf.Tensor | None = None) -> tf.Tensor:
        """What the generator minimises to be taken for real; without `fooling_needs_real`, of fakes alone."""
        return self.objective.generator_loss(fake_logits, real_logits)

    @property
    def fooling_needs_real(self) -> bool:
        """Whether `fooling_loss` takes the real logits."""
        return self.objective.needs_real_logits

    @property
    def generator_needs_real(self) -> bool:
        """Whether the generator's loss depends on real examples."""
        return self.fooling_needs_real or self.feature_matching > 0

    def features(self, examples: tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
        """(batch, features): what the discriminator makes of (packs of) examples, in training mode."""
        features = self._features(with_labels(examples, labels), training=True)
        return wide(tf.reshape(features, (-1, math.prod(features.shape[1:]))))

    def adversarial(self, loss: Callable[..., tf.Tensor], *logits: tf.Tensor) -> tf.Tensor:
        """A loss of the objective; of the logits of all replicas where it is no mean over examples."""
        return self._of_all_packs(loss, *logits) if self.objective.couples_examples else loss(*logits)

    def _of_all_packs(self, loss: Callable[..., tf.Tensor], *rows: tf.Tensor) -> tf.Tensor:
        if self.packing > 1:
            self.require_one_replica("packing: a loss of the packs of the whole batch")
        return self.of_whole_batch(loss, *rows)

    def couples_examples(self):
        if self.objective.couples_examples:
            return repr(self.objective)
        for name, neutral in (("packing", 1), ("feature_matching", 0)):
            if getattr(self, name) != neutral:
                return f"{name}={getattr(self, name)}"
        coupling = (r for r in self.regularizers if isinstance(r, Penalty) and r.couples_examples)
        return next(map(repr, coupling), super().couples_examples())

    def after_step(self, player):
        super().after_step(player)
        if player == "discriminator":
            for constraint in (r for r in self.regularizers if isinstance(r, Constraint)):
                constraint.project(self.discriminator.trainable_variables)

    def generate(self, count: int | tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
        """Fresh fakes, in training mode."""
        latents = self.draw_latents(count, self.next_seed())
        return wide(self.generator(with_labels(latents, labels), training=True))

    def discriminate(self, examples: tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
        """Logits, in training mode."""
        return wide(self.discriminator(with_labels(examples, labels), training=True))

    def _prepare_plan(self, x, batch_size, kwargs):
        super()._prepare_plan(x, batch_size, kwargs)
        sizes = [self._batch_size]
        if not isinstance(x, tf.data.Dataset) and hasattr(x, "shape"):
            sizes.append(len(x) % self._batch_size)  # the last one
        for size in sizes:
            if size % self.packing:
                expected = f"minibatches of a multiple of {self.packing} examples"
                raise ValueError(f"packing: expected {expected}, came one of {size}")

    @staticmethod
    def context_of(argument: str, arguments: dict, context: dict) -> dict:
        """In a config: what holds inside an argument. The discriminator's examples are packs."""
        packing = arguments.get("packing", 1)
        if argument != "discriminator" or not isinstance(packing, int):
            return context
        shapes = {"example_shape", "image_shape"} & set(context)
        return context | {name: packed_shape(context[name], packing) for name in shapes}

    def _seed_of_packs(self) -> draws.Seed:
        """A fresh seed for draws with a row for each pack."""
        seed = self.next_seed()
        return seed if self.packing == 1 else draws.at_row(seed.words, seed.row // self.packing)

    def _check_packing_and_features(self):
        if not isinstance(self.packing, int) or isinstance(self.packing, bool) or self.packing < 1:
            raise ValueError(f"packing: expected a positive integer, came {self.packing!r}")
        if self.packing > 1 and self.num_classes is not None:
            raise ValueError(
                f"packing: expected 1 with num_classes, since a pack has no one label; came {self.packing}"
            )
        for name in ("feature_matching", "adversarial_weight"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name}: expected a number >= 0, came {getattr(self, name)!r}")
        if not (self.feature_matching or self.adversarial_weight):
            raise ValueError(
                "adversarial_weight: expected more than 0 without feature_matching: "
                "nothing is left for the generator to minimise; came 0"
            )
        if self.feature_layer is not None and not self.feature_matching:
            raise ValueError(
                f"feature_layer: expected None without feature_matching, came {self.feature_layer!r}"
            )
        if self.feature_matching:
            self._features = features_of(self.discriminator, self.feature_layer)

    @property
    def logits_shape(self) -> tuple[int | None, ...]:
        """Shape, batch included, of what the objective sees."""
        return self.discriminator.outputs[0].shape

    def _check(self):
        if self.discriminator_steps < 1:
            raise ValueError(
                f"discriminator_steps: expected a positive integer, came {self.discriminator_steps!r}"
            )
        latents.check(self.latent_distribution)
        self._check_packing_and_features()
        self._check_networks()
        self._check_share_fakes()
        self.objective.check_outputs(self.logits_shape)
        names = [r.name for r in self.regularizers if isinstance(r, Penalty)]
        if len(set(names)) < len(names):
            raise ValueError(f"regularizers: expected each penalty once, came {names}")

    def _check_share_fakes(self):
        if not self.share_fakes:
            return
        kind, names = type(self), ("discriminator_losses", "generator_losses")
        own = [name for name in names if getattr(kind, name) is not getattr(GAN, name)]
        if own:
            raise ValueError(
                f"share_fakes: expected False with {kind.__name__}, which has its own {own[0]}; came True"
            )
        layers = self.generator._flatten_layers()
        active = [layer.name for layer in layers if getattr(layer, "activity_regularizer", None)]
        if active:
            raise ValueError(
                f"share_fakes: expected False with {active[0]} in the generator, whose activity_regularizer "
                "is of a pass in the generator's own step; came True"
            )

    def _check_networks(self):
        made, judged = (
            tuple(self.generator.outputs[0].shape[1:]),
            tuple(self.discriminator.inputs[0].shape[1:]),
        )
        if packed_shape(made, self.packing) != judged:
            packs = f", packed {packed_shape(made, self.packing)}" if self.packing > 1 else ""
            raise ValueError(f"generator makes examples of shape {made}{packs}, discriminator takes {judged}")
        inputs = 1 if self.num_classes is None else 2
        for name in ("generator", "discriminator"):
            if len(getattr(self, name).inputs) != inputs:
                raise ValueError(
                    f"{name}: expected {inputs} input(s) with num_classes={self.num_classes}, "
                    f"came {len(getattr(self, name).inputs)}"
                )


def feature_distance(fake: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
    """|| mean of real - mean of fake ||^2 of features (batch, size)."""
    return tf.reduce_sum(tf.square(tf.reduce_mean(real, axis=0) - tf.reduce_mean(fake, axis=0)))


def features_of(discriminator: keras.Model, name: str | None) -> Callable[..., tf.Tensor]:
    """The discriminator up to a layer, as a function: a model would be tracked as a network of its own."""
    layers = {layer.name: layer for layer in discriminator.layers}
    if name is not None and name not in layers:
        raise ValueError(f"feature_layer: expected one of {', '.join(layers)}, came {name!r}")
    if name is None:
        output = next(layer for layer in reversed(layers.values()) if layer.trainable_variables).input
    else:
        output = layers[name].output
    return keras.Model(discriminator.inputs, output).__call__
