"""The look-ahead against closed forms, against the discriminator's real steps, and against GAN."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import draws, models, networks, objectives, regularizers
from tfgan_suite.models.batch_share import BatchShare

BATCH = 6
SEED = draws.fold(draws.root(11), 0)
WHOLE = BatchShare(0, BATCH, BATCH)


def real_batch():
    return tf.constant(np.random.default_rng(0).normal([0.7, -0.4], 0.5, (BATCH, 2)), keras.config.floatx())


def generator_gradients(model, xla=False):
    """Of the sum of the generator's terms, for each of its variables."""

    def gradients(batch, seed):
        player = model.players()["generator"]
        return model._terms_and_gradients("generator", player, batch, seed, WHOLE)[1]

    return (
        tf.function(gradients, jit_compile=True)(real_batch(), SEED) if xla else gradients(real_batch(), SEED)
    )


def discriminator_steps(model, count, seed=SEED):
    for _ in range(count):
        model.minimize("discriminator", real_batch(), seed)


# A linear critic of weights psi with R1 of weight w on points: each axis by itself,
# L_D = -psi (mean(x) - mean(G)) + w/2 psi^2. So psi_K is a function of c = mean(x) - mean(G) alone.

RATE, MOMENTUM, WEIGHT = 0.3, 0.8, 0.7


def descent_oracle(psi, c, steps, optimizer):
    a = 1 - RATE * WEIGHT
    slope = (1 - a**steps) / WEIGHT
    return a**steps * psi + slope * c, slope


def momentum_oracle(psi, c, steps, optimizer):
    # (psi, m) is an affine recursion: the powers of its matrix give the rest.
    mu = MOMENTUM if optimizer.nesterov else 1.0
    own = 1.0 + MOMENTUM if optimizer.nesterov else 1.0
    matrix = np.array([[1 - own * RATE * WEIGHT, mu * MOMENTUM], [-RATE * WEIGHT, MOMENTUM]])
    pull = RATE * np.array([own, 1.0])
    powers = [np.linalg.matrix_power(matrix, k) for k in range(steps + 1)]
    slope = (sum(powers[:-1]) @ pull)[0]
    state = np.stack([psi, optimizer.momentums[0].numpy()[:, 0]])
    return (powers[-1] @ state)[0] + slope * c, slope


def adam_oracle(psi, c, steps, optimizer):
    # Without R1 the gradient is -c in each step, so the moments are geometric sums.
    b1, b2, eps = optimizer.beta_1, optimizer.beta_2, optimizer.epsilon
    m0, v0 = optimizer._momentums[0].numpy()[:, 0], optimizer._velocities[0].numpy()[:, 0]
    start, slope = int(optimizer.iterations), 0.0
    for k in range(1, steps + 1):
        m, v = b1**k * m0 - (1 - b1**k) * c, b2**k * v0 + (1 - b2**k) * c**2
        rate = RATE * np.sqrt(1 - b2 ** (start + k)) / (1 - b1 ** (start + k))
        psi = psi - rate * m / (np.sqrt(v) + eps)
        of_m, of_v = -(1 - b1**k), 2 * (1 - b2**k) * c
        slope = slope - rate * (
            of_m / (np.sqrt(v) + eps) - m * of_v / (2 * np.sqrt(v) * (np.sqrt(v) + eps) ** 2)
        )
    return psi, slope


RULES = {
    "rate": (lambda: keras.optimizers.RMSprop(RATE), descent_oracle, WEIGHT),
    "sgd": (lambda: keras.optimizers.SGD(RATE), descent_oracle, WEIGHT),
    "momentum": (lambda: keras.optimizers.SGD(RATE, momentum=MOMENTUM), momentum_oracle, WEIGHT),
    "nesterov": (
        lambda: keras.optimizers.SGD(RATE, momentum=MOMENTUM, nesterov=True),
        momentum_oracle,
        WEIGHT,
    ),
    "adam": (lambda: keras.optimizers.Adam(RATE, beta_1=0.5, beta_2=0.9), adam_oracle, 0.0),
}


def linear_game(rule, **options):
    optimizer, _, weight = RULES[rule]
    model = models.UnrolledGAN(
        networks.affine_generator((2,), initial_shift=0.2, initial_scale=0.6),
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]),
        objectives.Wasserstein(),
        regularizers=[regularizers.R1(weight)] if weight else [],
        look_ahead_learning_rate=RATE if rule == "rate" else None,
        **options,
    )
    model.compile({"discriminator": optimizer(), "generator": keras.optimizers.SGD()}, jit_compile=False)
    # The slots are not zero where the look-ahead begins.
    for step in range(3):
        discriminator_steps(model, 1, draws.fold(SEED, step))
    return model


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize(("steps", "zero_sum"), [(1, True), (4, False)])
@pytest.mark.parametrize("rule", RULES)
def test_gradient_of_a_linear_game_is_the_closed_form(rule, steps, zero_sum):
    model = linear_game(rule, unroll_steps=steps, zero_sum=zero_sum)
    z = draws.normal((BATCH, 2), draws.branch(draws.at_row(SEED, 0), 1)).numpy().astype("float64")
    shift, scale = (w.numpy() for w in model.generator.trainable_variables)
    fake, c = shift + scale * z.mean(0), real_batch().numpy().mean(0) - (shift + scale * z.mean(0))
    psi = model.discriminator.trainable_variables[0].numpy()[:, 0]
    psi, slope = RULES[rule][1](psi, c, steps, model.optimizers["discriminator"])
    # Loss: -psi_K(c) mean(G), or psi_K(c) c; and dc / dmean(G) = -1.
    expected = -psi - slope * c if zero_sum else -psi + slope * fake
    # Latents are float32, and XLA's may differ in the last digit.
    compiled = (rule, steps, zero_sum) == ("adam", 4, False)
    for xla, tolerance in ((False, 1e-9), (True, 1e-6))[: 2 if compiled else 1]:
        of_shift, of_scale = generator_gradients(model, xla)
        np.testing.assert_allclose(of_shift, expected, rtol=tolerance)
        np.testing.assert_allclose(of_scale, expected * z.mean(0), rtol=tolerance)


@pytest.mark.usefixtures("double")
def test_where_a_linear_game_rests():
    """The objective's own loss is least at half the mean of the data, the zero-sum game's at the mean."""
    for zero_sum, part in ((False, 0.5), (True, 1.0)):
        model = linear_game("sgd", unroll_steps=4, zero_sum=zero_sum)
        model.discriminator.set_weights([np.zeros((2, 1)), np.zeros(1)])
        model.generator.set_weights([part * real_batch().numpy().mean(0), np.zeros(2)])
        np.testing.assert_allclose(generator_gradients(model)[0], 0.0, atol=1e-12)


# Keras rounds an optimizer's constants to float32, also in float64: these are exact in both.
ADAM = {"beta_1": 0.5, "beta_2": 31 / 32}
OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(1 / 8),
    "sgd, clipnorm": lambda: keras.optimizers.SGD(1 / 8, momentum=7 / 8, clipnorm=1 / 16),
    "nesterov": lambda: keras.optimizers.SGD(1 / 8, momentum=7 / 8, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(1 / 64, **ADAM),
    "adam, global_clipnorm": lambda: keras.optimizers.Adam(1 / 64, **ADAM, global_clipnorm=1 / 16),
    "adam, schedule": lambda: keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(1 / 16, 5), **ADAM
    ),
}


def smooth_game(optimizer, normalization="none", steps=3, penalties=(), **options):
    """An MLP game without kinks whose discriminator has taken two steps."""
    keras.utils.set_random_seed(3)
    model = models.UnrolledGAN(
        networks.mlp_generator((2,), latent_dim=3, width=5, activation="tanh"),
        networks.mlp_discriminator((2,), width=5, activation="tanh", normalization=normalization),
        objectives.NonSaturating(),
        unroll_steps=steps,
        regularizers=[regularizers.R1(0.5), *penalties],
        **options,
    )
    model.compile({"discriminator": optimizer(), "generator": keras.optimizers.SGD(0.1)}, jit_compile=False)
    for step in range(2):
        discriminator_steps(model, 1, draws.fold(SEED, step))
    return model


GAMES = {name: (make, "none", ()) for name, make in OPTIMIZERS.items()} | {
    "batch": (OPTIMIZERS["adam"], "batch", ()),
    "spectral": (OPTIMIZERS["sgd"], "spectral", ()),
    "clipping": (OPTIMIZERS["sgd"], "none", (regularizers.WeightClipping(0.3),)),
}


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_look_ahead_is_where_the_discriminator_would_go(game):
    """K steps of Keras' own optimizer on the same minibatch and latents: weights and states."""
    model, stepping = smooth_game(*game[:2], penalties=game[2]), smooth_game(*game[:2], penalties=game[2])
    before = [v.numpy() for v in model.discriminator.variables]
    with keras.StatelessScope() as scope, model._context.of(draws.at_row(SEED, 0), WHOLE):
        model.look_ahead(real_batch(), model.generate(BATCH), None)
    discriminator_steps(stepping, 3)
    for v, theirs, old in zip(
        model.discriminator.variables, stepping.discriminator.variables, before, strict=True
    ):
        ahead = scope.get_current_value(v)
        ahead = old if ahead is None else ahead
        np.testing.assert_allclose(ahead, theirs.numpy(), rtol=1e-9, atol=1e-12, err_msg=v.path)
        np.testing.assert_array_equal(v.numpy(), old)


@pytest.mark.usefixtures("double")
# Not "spectral": u and v are constants to the tape, and move with the generator in a quotient.
@pytest.mark.parametrize(
    ("name", "zero_sum"),
    [("nesterov", True), ("adam", False), ("adam, global_clipnorm", True), ("batch", False)],
)
def test_gradient_equals_finite_differences_of_real_steps(name, zero_sum):
    optimizer, normalization, _ = GAMES[name]
    model = smooth_game(optimizer, normalization, zero_sum=zero_sum)
    stepping = smooth_game(optimizer, normalization, zero_sum=zero_sum)
    everything = [*stepping.variables, *stepping.optimizers["discriminator"].variables]
    start = [v.numpy() for v in everything]
    weights = [v.numpy() for v in stepping.generator.trainable_variables]

    def loss(moved):
        for variable, value in zip(everything, start, strict=True):
            variable.assign(value)
        for variable, value in zip(stepping.generator.trainable_variables, moved, strict=True):
            variable.assign(value)
        discriminator_steps(stepping, stepping.unroll_steps)
        with keras.StatelessScope(), stepping._context.of(draws.at_row(SEED, 0), WHOLE):
            terms = stepping.generator_terms(real_batch(), stepping.generate(BATCH), None)
        return float(terms["adversarial"])

    random, step = np.random.default_rng(5), 1e-5
    direction = [random.normal(size=w.shape) for w in weights]
    ends = (
        loss([w + sign * step * d for w, d in zip(weights, direction, strict=True)]) for sign in (1.0, -1.0)
    )
    numeric = np.subtract(*ends) / (2 * step)
    taped = sum(
        np.sum(g * d) for g, d in zip(generator_gradients(model), direction, strict=True) if g is not None
    )
    np.testing.assert_allclose(taped, numeric, rtol=1e-6)


@pytest.mark.usefixtures("double")
def test_first_order_gradient_is_that_at_the_moved_discriminator():
    first_order = smooth_game(OPTIMIZERS["adam"], differentiate_through=False)
    moved = smooth_game(OPTIMIZERS["adam"], steps=0)
    discriminator_steps(moved, 3)
    full = generator_gradients(smooth_game(OPTIMIZERS["adam"]))
    for own, there, of_both in zip(
        generator_gradients(first_order), generator_gradients(moved), full, strict=True
    ):
        np.testing.assert_allclose(own, there, rtol=1e-9, atol=1e-12)
        assert not np.allclose(own, of_both, rtol=0.01)


def test_no_steps_are_a_gan_to_the_last_bit():
    weights = []
    for kind, options in ((models.GAN, {}), (models.UnrolledGAN, {"unroll_steps": 0})):
        keras.utils.set_random_seed(0)
        model = kind(
            networks.mlp_generator((2,), latent_dim=3, width=8),
            networks.mlp_discriminator((2,), width=8),
            objectives.NonSaturating(),
            regularizers=[regularizers.GradientPenalty()],
            **options,
        )
        # An optimizer that cannot be unrolled is no matter here.
        model.compile({player: keras.optimizers.RMSprop(0.01) for player in model.players()})
        model.fit(np.random.default_rng(0).normal(size=(24, 2)).astype("float32"), batch_size=8, verbose=0)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_every_step_sees_the_same_points():
    seen = []

    class Recording(regularizers.R1):
        def __call__(self, discriminate, real, fake, seed):
            seen.append([x.numpy().tolist() for x in (real, fake, seed.words)])
            return super().__call__(discriminate, real, fake, seed)

    model = smooth_game(OPTIMIZERS["sgd"])
    model.regularizers = (Recording(),)
    generator_gradients(model)
    assert len(seen) == 3
    assert seen[0] == seen[1] == seen[2]


def test_a_unit_that_never_had_a_gradient_gives_none():
    """Adam's root has an infinite slope at 0, where a dead unit's slot is."""
    model = smooth_game(OPTIMIZERS["adam"])
    for variable in (*model.optimizers["discriminator"].variables, *model.discriminator.trainable_variables):
        variable.assign(tf.zeros_like(variable))
    assert all(np.isfinite(g).all() for g in generator_gradients(model))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": -1}, "unroll_steps: expected an integer >= 0, came -1"),
        ({"steps": 1.5}, "unroll_steps.*1.5"),
        ({"steps": True}, "unroll_steps.*True"),
        (
            {"look_ahead_learning_rate": 0.0},
            "look_ahead_learning_rate: expected a number > 0 or None, came 0",
        ),
    ],
)
def test_constructor_names_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        smooth_game(OPTIMIZERS["sgd"], **options)


@pytest.mark.parametrize(
    ("make", "came"),
    [
        (lambda: keras.optimizers.RMSprop(), "RMSprop"),
        (lambda: keras.optimizers.AdamW(), "AdamW"),
        (lambda: keras.optimizers.Adam(amsgrad=True), "amsgrad=True"),
        (lambda: keras.optimizers.SGD(weight_decay=0.1), "weight_decay=0.1"),
        (lambda: keras.optimizers.Adam(use_ema=True), "use_ema=True"),
    ],
)
def test_compile_refuses_an_optimizer_that_cannot_be_unrolled(make, came):
    with pytest.raises(ValueError, match=f"optimizers: discriminator: expected SGD .*came {came}"):
        smooth_game(make)
    smooth_game(make, look_ahead_learning_rate=0.1)


def test_compile_refuses_parts_of_a_batch():
    model = smooth_game(OPTIMIZERS["sgd"])
    with pytest.raises(ValueError, match="batch_parts: expected 1 with unroll_steps=3"):
        model.compile(batch_parts=2)


def test_several_replicas_are_refused_where_the_look_ahead_would_be_wrong():
    model = smooth_game(OPTIMIZERS["sgd"])
    share = BatchShare(0, BATCH, 2 * BATCH, replicas=2)
    with keras.StatelessScope(), model._context.of(draws.at_row(SEED, 0), share):
        model.objective = objectives.Relativistic()
        with pytest.raises(ValueError, match="unroll_steps: Relativistic.*expected one device"):
            model.look_ahead(real_batch(), real_batch(), None)
        model.objective = objectives.NonSaturating()
        model.compile(model.optimizers, jit_compile=True)
        with pytest.raises(ValueError, match="jit_compile: expected False on several replicas"):
            model.look_ahead(real_batch(), real_batch(), None)


def test_the_plan_counts_the_look_ahead():
    """A step of five look-aheads takes about six times as long: fewer steps for a call of half a second."""
    plain, unrolled = (
        models.UnrolledGAN(
            networks.mlp_generator((2,), 2, width=256),
            networks.mlp_discriminator((2,), width=256),
            objectives.NonSaturating(),
            unroll_steps=steps,
        ).operations_per_example()
        for steps in (0, 5)
    )
    assert 4 < unrolled / plain < 8
