"""Nothing public is forgotten: each public name has an example, and each example's name is public."""

import pytest

from tests.conformance import examples
from tfgan_suite import data, metrics, models, networks, objectives, priors, regularizers
from tfgan_suite.objectives import divergences

TABLES = {
    objectives: [examples.OBJECTIVES],
    divergences: [examples.DIVERGENCES],
    regularizers: [examples.REGULARIZERS],
    priors: [examples.PRIORS],
    models: [examples.MODELS],
    networks: [
        examples.LAYERS,
        examples.GENERATORS,
        examples.ENCODERS,
        examples.DISCRIMINATORS,
        examples.JOINT_DISCRIMINATORS,
    ],
    metrics: [examples.METRICS],
    data: [examples.DATASETS, dict.fromkeys(examples.DATASETS_ON_DISK)],
}


@pytest.mark.parametrize("namespace", TABLES, ids=lambda n: n.__name__)
def test_every_public_name_has_an_example(namespace):
    with_example = {name.split()[0] for table in TABLES[namespace] for name in table}
    assert with_example == set(namespace.__all__)
