"""What `semi-supervised-mnist` trains, and what it holds to its goal."""

import pytest

from tfgan_suite import config as configs
from tfgan_suite.claims import CLAIMS

CLAIM = CLAIMS["semi-supervised-mnist"]
LONGEST = {
    "cpu": "100 labels, feature matching, twenty-five times as long",
    "paper": "100 labels, feature matching",
}


@pytest.mark.parametrize("preset", LONGEST)
def test_the_longest_training_with_100_labels_is_held_to_the_goal_and_no_other(preset):
    results = {trial: [{"errors": 140}] for trial in CLAIM.trials(preset)}
    verdicts = {row.name.removesuffix(": errors"): row.verdict for row in CLAIM.rows(results)}
    assert {name for name, verdict in verdicts.items() if verdict != "reported"} == {LONGEST[preset]}
    assert verdicts[LONGEST[preset]] == "reached"
    results[LONGEST[preset]] = [{"errors": 151}]
    assert "missed" in [row.verdict for row in CLAIM.rows(results)]


@pytest.mark.parametrize("preset", LONGEST)
def test_every_number_of_labels_is_trained_beside_the_labels_alone(preset):
    trained = {}
    for name, trial in CLAIM.trials(preset).items():
        config = configs.load(trial.config, trial.overrides)
        assert config.data["num_labels"] == int(name.split()[0])
        trained[name] = (
            config.training.steps,
            config.model["unsupervised_weight"],
            config.model["joint_forward"],
        )
    steps, _, _ = trained[LONGEST[preset]]
    assert steps == max(s for s, _, _ in trained.values())
    for labels in (20, 50, 100, 200):
        assert trained[f"{labels} labels, feature matching"][1:] == (0.5, True)
        assert trained[f"{labels} labels, labels alone"][1] == 0.0
    # What sees a whole minibatch must not see real and fake ones as one.
    assert trained["100 labels, minibatch discrimination"][2] is False


def test_the_paper_preset_has_the_papers_noise_and_widths():
    for trial in CLAIM.trials("paper").values():
        discriminator = configs.load(trial.config, trial.overrides).model["discriminator"]
        assert (discriminator["noise"], discriminator["width"]) == (0.5, 1000)


def test_in_the_paper_preset_only_feature_matching_has_the_epsilon_of_its_sum():
    epsilons = {}
    for name, trial in CLAIM.trials("paper").items():
        optimizers = configs.load(trial.config, trial.overrides).optimizers
        assert optimizers["discriminator"]["epsilon"] == 1e-4
        epsilons[name.split(", ", 1)[1]] = optimizers["generator"]["epsilon"]
    assert epsilons["feature matching"] == pytest.approx(250 * epsilons["minibatch discrimination"])
