"""What is counted on the mixtures, and what is drawn."""

import math

import numpy as np

from tfgan_suite import config as configs
from tfgan_suite import data
from tfgan_suite.claims.ring_and_grid import DATA, HIGH, METHODS, RingAndGrid, _coverage


def test_flats_of_many_dimensions_are_counted_by_the_distance_to_them():
    dataset = data.HighDimensionalMixture(modes=3, dimension=60, manifold_dimension=20)
    real, labels = dataset.examples("test", count=300, seed=1, labels=True)
    found = _coverage(real, dataset)
    assert (found["modes"], found["total_modes"], found["high_quality"]) == (3, 3, 1.0)
    assert found["reverse_kl"] < 0.02
    some = _coverage(real[labels < 2], dataset)
    assert some["modes"] == 2
    assert some["forward_kl"] == math.inf
    # 0.01 in each of 40 directions across a flat is the data's own distance; six times that is too far.
    assert _coverage(real + 0.06, dataset)["high_quality"] == 0.0
    assert abs(found["distance"] - 1) < 0.02
    assert _coverage(dataset.centers.mean(0) + 0 * real, dataset)["distance"] > 20


def test_heat_maps_have_a_row_for_each_method_and_leave_out_what_diverged(tmp_path):
    moment = {"modes": 8, "high_quality": 0.5, "samples": np.zeros((4, 2)).tolist()}
    results = {f"{d}, {name}": [{"watched": [moment, moment]}] for d in DATA for name in METHODS}
    results["ring, WGAN"] = [{"diverged": "at step 3"}]
    results[f"{HIGH}, GAN"] = [{"modes": 0}]
    paths = RingAndGrid().draw(results, tmp_path)
    assert [p.name for p in paths] == ["ring.png", "grid.png"]
    assert all(p.stat().st_size > 5000 for p in paths)


def test_rates_fall_to_0_with_the_last_step_of_each_player():
    for name, trial in RingAndGrid().trials("cpu").items():
        config = configs.load(trial.config, trial.overrides)
        for player, taken in (
            ("generator", 1),
            ("discriminator", config.model.get("discriminator_steps", 1)),
        ):
            decay = config.optimizers[player]["learning_rate"]["decay_steps"]
            assert decay == taken * config.training.steps, (name, player)


def test_packs_of_four_last_longer_and_with_r1_the_longest():
    steps = {n: configs.load(t.config, t.overrides).training.steps for n, t in TRIALS.items()}
    assert [steps[f"grid, {m}"] for m in ("GAN", "PacGAN4", "PacGAN4 with R1")] == [5400, 27_000, 162_000]


def test_methods_are_what_their_names_say():
    for name, trial in TRIALS.items():
        model = configs.load(trial.config, trial.overrides).model
        is_penalised = any(r["type"] == "R1" for r in model.get("regularizers", []) if isinstance(r, dict))
        assert is_penalised == ("R1" in name), name
        packing = next((int(size) for size in "24" if f"PacGAN{size}" in name), 1)
        assert model.get("packing", 1) == packing, name


def measured(**changes):
    """Every method has 8 or 25 modes of low quality on three seeds, but for changes of one seed."""
    found = {n: {"modes": 25 if n[0] == "g" else 8, "high_quality": 0.5, "reverse_kl": 0.0} for n in TRIALS}
    return {n: [m, m | changes.get(n, {}), m] for n, m in found.items()}


def verdicts(results):
    return {row.name: row.verdict for row in RingAndGrid().rows(results)}


TRIALS = RingAndGrid().trials("cpu")


def test_the_best_method_must_have_it_all_on_every_seed():
    def best(results):
        return [v for name, v in verdicts(results).items() if "all modes" in name]

    results = measured()
    assert best(results) == ["missed", "missed"]
    good = {"high_quality": 0.96, "reverse_kl": 0.01}
    for name in ("ring, GAN with R1", "grid, PacGAN4"):
        results[name] = [m | good for m in results[name]]
    assert best(results) == ["reached", "reached"]
    for spoilt in ({"modes": 24}, {"high_quality": 0.94}, {"reverse_kl": 0.06}):
        seeds = results["grid, PacGAN4"]
        assert best(results | {"grid, PacGAN4": [*seeds[:2], seeds[2] | spoilt]}) == ["reached", "missed"]


def test_pacgan4_and_unrolled_are_held_to_what_was_published():
    found = verdicts(measured())
    judged = {name for name, v in found.items() if v != "reported" and "all modes" not in name}
    methods = ("Unrolled-5", "PacGAN4", "PacGAN4 with R1")
    assert judged == {  # not Unrolled-5 in 1,200 dimensions, of which 0 is published
        f"{d}, {m}: {q}" for d in DATA for m in methods for q in ("modes", "high_quality")
    }
    assert found[f"{HIGH}, GAN: distance to a flat over the data's"] == "reported"
    assert found["ring, PacGAN4: high_quality"] == "missed"
    assert found["ring, Unrolled-5: high_quality"] == "reached"
