"""Each divergence's functions against the papers' formulas, each other, and numerical suprema."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import lambertw

from tests.objectives.densities import CASES, RATIO_CASES, double
from tfgan_suite.objectives import divergences
from tfgan_suite.objectives.divergences.kullback_leibler import log_lambert_w_of_exp

U = np.exp(np.linspace(-6, 6, 101))
V = np.linspace(-6, 6, 101)


def every(cases):
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


def values_of_t(case):
    """Points inside the conjugate's domain."""
    low, high = case.domain
    return np.linspace(max(low + 1e-3, -5.0), min(high - 1e-3, 3.0), 41)


@every(CASES)
def test_functions_are_those_of_the_papers(case):
    d = case.divergence
    np.testing.assert_allclose(d.f(double(U)), case.f(U), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(d.f_prime(double(U)), case.f_prime(U), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(d.activation(double(V)), case.activation(V), rtol=1e-10, atol=1e-13)
    if case.conjugate:
        t = values_of_t(case)
        np.testing.assert_allclose(d.conjugate(double(t)), case.conjugate(t), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(d.threshold, d.f_prime(double(1.0)), rtol=1e-14)


@every(CASES)
def test_slope_is_the_derivative_of_f_and_f_is_convex(case):
    u = double(U[U != 1])
    with tf.GradientTape() as tape:
        tape.watch(u)
        f = case.divergence.f(u)
    slope = case.divergence.f_prime(u).numpy()
    np.testing.assert_allclose(tape.gradient(f, u), slope, rtol=1e-8, atol=1e-10)
    assert (np.diff(slope) >= 0).all()


@every(CASES)
def test_fenchel_young(case):
    # f(u) + f*(t) >= u t, with equality at t = f'(u)
    d = case.divergence
    f, t = d.f(double(U)).numpy(), values_of_t(case)
    gap = f[:, None] + d.conjugate(double(t)).numpy() - U[:, None] * t
    assert gap.min() > -1e-9
    best = d.f_prime(double(U))
    np.testing.assert_allclose(f + d.conjugate(best).numpy(), U * best.numpy(), rtol=1e-8, atol=1e-9)


@every(CASES)
def test_conjugate_is_the_numerical_supremum(case):
    u = np.exp(np.linspace(-30, 12, 42001))
    f = case.f(u)
    # Inside the part of the domain whose supremum lies on this grid.
    t = case.f_prime(np.exp(np.linspace(-3, 3, 9)))
    supremum = [np.max(u * each - f) for each in t]
    np.testing.assert_allclose(case.divergence.conjugate(double(t)), supremum, rtol=1e-5, atol=1e-5)


@every(CASES)
def test_activation_increases_inside_the_domain(case):
    t = case.divergence.activation(double(V)).numpy()
    assert (np.diff(t) > 0).all()
    if case.divergence == divergences.PearsonChi2():
        return  # the whole line: the paper's f* is finite there
    assert case.domain[0] <= t.min()
    assert t.max() <= case.domain[1]


@every(CASES)
def test_one_function_is_the_conjugate_of_the_activation(case):
    d, v = case.divergence, double(V)
    np.testing.assert_allclose(
        d.conjugate_of_activation(v), d.conjugate(d.activation(v)), rtol=1e-8, atol=1e-10
    )


@every(RATIO_CASES)
def test_log_ratio_inverts(case):
    # g_f(v) = f'(exp(log_ratio(v))), on outputs that imply a ratio
    d, log_u = case.divergence, np.linspace(-6, 6, 49)
    v = double(case.best_v(log_u))
    np.testing.assert_allclose(d.log_ratio(v), log_u, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(d.activation(v), d.f_prime(double(np.exp(log_u))), rtol=1e-8, atol=1e-10)


def test_below_all_ratios_pearsons_log_ratio_goes_on_along_its_tangent():
    v = tf.constant([-1e3, -3.0, -2.0, -1.999, 0.0, 1e3])
    with tf.GradientTape() as tape:
        tape.watch(v)
        log_ratio = divergences.PearsonChi2().log_ratio(v)
    assert (np.diff(log_ratio) > 0).all()
    assert np.isfinite(log_ratio).all()
    np.testing.assert_allclose(tape.gradient(log_ratio, v)[:3], 500.0, rtol=1e-5)


def test_jeffreys_conjugate_is_the_papers():
    t = np.linspace(-80, 30, 221)
    w = lambertw(np.exp(1 - t)).real
    np.testing.assert_allclose(
        divergences.Jeffrey().conjugate(double(t)), w + 1 / w + t - 2, rtol=1e-10, atol=1e-10
    )


@pytest.mark.parametrize(("dtype", "tolerance"), [(tf.float32, 5e-7), (tf.float64, 2e-15)])
def test_lambert_w_at_any_size(dtype, tolerance):
    s = tf.cast(tf.constant([-1e3, -50.0, -1.0, 0.0, 0.5, 1.0, 1.5, 3.0, 50.0, 1e3], tf.float64), dtype)
    with tf.GradientTape() as second, tf.GradientTape() as first:
        first.watch(s)
        second.watch(s)
        x = tf.function(log_lambert_w_of_exp, jit_compile=True)(s)
        # x' = 1 / (1 + W)
        slope = first.gradient(x, s)
    s64, x64 = s.numpy().astype("float64"), x.numpy().astype("float64")
    w, scale = np.exp(x64), np.maximum(np.abs(s64), 1)
    np.testing.assert_allclose((x64 + w) / scale, s64 / scale, rtol=0, atol=3 * tolerance)
    np.testing.assert_allclose(slope, 1 / (1 + w), rtol=1e3 * tolerance)
    np.testing.assert_allclose(second.gradient(slope, s), -w / (1 + w) ** 3, rtol=1e4 * tolerance, atol=1e-30)


@pytest.mark.parametrize("limit", [0.0, 1.0])
@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_alpha_is_continuous_at_its_limits(limit, dtype):
    u, v, t = (tf.constant(x, dtype) for x in (U, V, np.linspace(-5, 0.9, 41)))
    at = divergences.Alpha(limit)
    for step in (1e-300, 1e-30, 1e-12, 1e-7):
        for sign in (-1, 1):
            near = divergences.Alpha(limit + sign * step)
            for name, x in (("f", u), ("f_prime", u), ("conjugate", t), ("conjugate_of_activation", v)):
                a, b = getattr(near, name)(x).numpy(), getattr(at, name)(x).numpy()
                assert np.isfinite(a).all()
                np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5, err_msg=f"{name} {near}")
    linear = U - 1
    expected = linear - np.log(U) if limit == 0 else U * np.log(U) - linear
    np.testing.assert_allclose(at.f(double(U)), expected, rtol=1e-9, atol=1e-13)


def test_alpha_passes_through_the_named_divergences():
    u = double(U)
    for alpha, scale, other in (
        (0.5, 2.0, divergences.SquaredHellinger()),
        (2.0, 0.5, divergences.PearsonChi2()),
        (-1.0, 0.5, divergences.Neyman()),
    ):
        np.testing.assert_allclose(divergences.Alpha(alpha).f(u), scale * other.f(u), rtol=1e-9, atol=1e-13)


FLOAT32_MAX = 1e38


@every(CASES)
def test_float32_is_finite_up_to_1e3_wherever_the_mathematics_is(case):
    d = case.divergence
    v = np.concatenate([s * np.array([1e3, 300.0, 89.5, 30.0, 1.0, 1e-3]) for s in (-1, 1)] + [[0.0]])
    # np.longdouble holds e^11000.
    wide = v.astype(np.longdouble)
    functions = {"activation": np.asarray(case.activation(wide), np.longdouble)}
    if case.conjugate and case is not CASES["TotalVariation"]:
        wide_l = d.log_ratio(double(v)).numpy().astype(np.longdouble)
        u = np.exp(wide_l)
        exact = {  # u f'(u) - f(u), written out: in sequence even long doubles lose it
            "KL": u,
            "ReverseKL": wide_l - 1,
            "PearsonChi2": wide**2 / 4 + wide,
            "Neyman": 2 - 2 / u,
            "SquaredHellinger": np.sqrt(u) - 1,
            "JensenShannon": np.logaddexp(0, wide) - np.log(np.longdouble(2)),
            "GANDivergence": np.logaddexp(0, wide),
        }
        name = next(key for key, value in CASES.items() if value is case)
        if name.startswith("Alpha"):
            a = d.alpha
            exact[name] = wide if a == 0 else np.expm1(a * wide) / a
        functions["conjugate_of_activation"] = exact[name]
        # and the generator's f_G of a log ratio
        with np.errstate(all="ignore"):
            functions["f_of_log"] = case.f(np.exp(wide))
        if name == "GANDivergence":  # where its formula cancels: see the next test
            functions["f_of_log"][wide > 40] = np.nan
    x = tf.constant(v, tf.float32)
    for name, expected in functions.items():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = getattr(d, name)(x)
        slope = tape.gradient(y, x).numpy()
        finite = np.abs(expected) < FLOAT32_MAX  # false for NaN: the plain formula itself gave up
        np.testing.assert_allclose(
            y.numpy()[finite], expected[finite].astype("float64"), rtol=2e-4, atol=3e-6, err_msg=name
        )
        assert np.isfinite(slope[np.abs(expected) < FLOAT32_MAX / 1e4]).all(), name


@pytest.mark.parametrize("name", ["GANDivergence", "GANStandard"])
def test_these_f_never_overflow(name):
    log_u = tf.constant([-1e3, -90.0, 0.0, 39.0, 90.0, 1e3])
    with tf.GradientTape() as tape:
        tape.watch(log_u)
        f = CASES[name].divergence.f_of_log(log_u)
    assert np.isfinite(f).all()
    assert np.isfinite(tape.gradient(f, log_u)).all()
    # GAN: u log(u / (1 + u)) - log(1 + u) -> -1 - log u
    if name == "GANDivergence":
        np.testing.assert_allclose(f[4:], [-91.0, -1001.0], rtol=1e-6)


@every(CASES)
def test_xla_is_eager(case):
    d = case.divergence
    names = ["f_of_log", "slope_of_log", "conjugate_of_log", "activation", "conjugate_of_activation"]

    def together(v):
        return [getattr(d, name)(v) for name in names]

    v = tf.constant(V, tf.float32)
    for name, plain, xla in zip(names, together(v), tf.function(together, jit_compile=True)(v), strict=True):
        assert plain.dtype == tf.float32
        np.testing.assert_allclose(xla, plain, rtol=2e-5, atol=2e-6, err_msg=name)
    assert {plain.dtype for plain in together(tf.constant(V, tf.float64))} == {tf.float64}
