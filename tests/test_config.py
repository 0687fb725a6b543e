"""Configs: what is accepted, what is refused and how it is said, and what is built."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from tfgan_suite import config
from tfgan_suite.config.catalogue import Catalogue
from tfgan_suite.errors import UserError

CONFIGS = sorted((Path(__file__).parents[1] / "configs").glob("**/*.yaml"))

# A small package with the shape of ours; its classes remember what they were given.
FILES = {
    "__init__.py": "",
    "remember.py": """
        class Remember:
            def __init__(self, **given):
                self.given = given
    """,
    "data/__init__.py": """
        from fakelab.remember import Remember
        __all__ = ["Digits", "Mixture", "Refusing"]
        class Digits(Remember):
            def __init__(self, image_size: int = 16): super().__init__(image_size=image_size)
        class Mixture(Remember):
            def __init__(
                self, weights: tuple[float, ...], shape: tuple[int, int] = (2, 1), means: list[list] = []
            ):
                super().__init__(weights=weights, shape=shape, means=means)
        class Refusing:
            def __init__(self, size: int = 3):
                raise ValueError(f"size must be even,\\ngot {size}")
    """,
    "objectives/__init__.py": """
        from dataclasses import dataclass
        __all__ = ["LeastSquares", "NonSaturating", "Wasserstein", "Sum"]
        @dataclass(frozen=True)
        class LeastSquares:
            a: float = 0.0
            b: float = 1.0
        @dataclass(frozen=True)
        class NonSaturating: pass
        @dataclass(frozen=True)
        class Wasserstein: pass
        @dataclass(frozen=True)
        class Sum:
            parts: "dict[str, Objective]"
    """,
    "regularizers/__init__.py": """
        from dataclasses import dataclass
        __all__ = ["Penalty"]
        @dataclass(frozen=True)
        class Penalty:
            weight: float = 10.0
            mode: "Literal['one', 'two'] | int" = "one"
    """,
    "networks/__init__.py": """
        __all__ = ["generator", "critic", "wrapped"]
        def generator(image_shape: tuple[int, int, int], latent_dim: int = 100, width: int = 64):
            return locals()
        def critic(example_shape: tuple[int, ...], width: int = 64, norm: str = None): return locals()
        def wrapped(layer: keras.layers.Layer): return locals()
    """,
    "models/__init__.py": """
        from fakelab.remember import Remember
        from fakelab.objectives import NonSaturating
        __all__ = ["GAN", "Latent"]
        class GAN(Remember):
            def __init__(self, generator: keras.Model, discriminator: keras.Model,
                         objective: "Objective | None" = NonSaturating(),
                         regularizers: Sequence[Regularizer] = (), discriminator_steps: int = 1,
                         ema: bool = False, decay: float | None = None, seed: int = 0):
                given = dict(locals())
                del given["self"], given["__class__"]
                super().__init__(**given)
        class Latent(GAN):
            def __init__(self, latent_dim: int = 7, **kwargs):
                super().__init__(discriminator={}, **kwargs)
                self.latent_dim = latent_dim
    """,
    "metrics/__init__.py": """
        __all__ = ["frechet_distance"]
        def frechet_distance(real, fake): ...
    """,
}

BASE = """
data: {type: Digits, image_size: 16}
model:
  type: GAN
  objective: NonSaturating
  regularizers: [{type: Penalty, weight: 5}]
  generator: {type: generator, width: 32}
  discriminator: {type: critic}
optimizers:
  discriminator: {type: Adam, learning_rate: 2e-4}
  generator: Adam
"""


@pytest.fixture(scope="module")
def fakelab(tmp_path_factory):
    root = tmp_path_factory.mktemp("site")
    for name, text in FILES.items():
        path = root / "fakelab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("from __future__ import annotations\n" + inspect.cleandoc(text))
    sys.path.insert(0, str(root))
    yield Catalogue(root / "fakelab", "fakelab")
    sys.path.remove(str(root))
    for name in [name for name in sys.modules if name.partition(".")[0] == "fakelab"]:
        del sys.modules[name]


@pytest.fixture
def load(fakelab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def load(text=BASE, *overrides):
        Path("gan.yaml").write_text(text)
        return config.load("gan.yaml", overrides, fakelab)

    return load


@pytest.fixture
def refusal(load):
    """The message with which a config is refused."""

    def refusal(text=BASE, *overrides):
        with pytest.raises(config.ConfigError) as caught:
            load(text, *overrides)
        return str(caught.value)

    return refusal


def in_base(old, new):
    assert old in BASE
    return BASE.replace(old, new)


def test_defaults_are_filled_in(load):
    loaded = load()
    assert loaded.model == {
        "type": "GAN",
        "generator": {"type": "generator", "width": 32},
        "discriminator": {"type": "critic", "width": 64, "norm": None},
        "objective": {"type": "NonSaturating"},
        "regularizers": [{"type": "Penalty", "weight": 5.0, "mode": "one"}],
        "discriminator_steps": 1,
        "ema": False,
        "decay": None,
    }
    assert list(loaded.model)[:3] == ["type", "generator", "discriminator"]
    assert loaded.optimizers == {
        "discriminator": {"type": "Adam", "learning_rate": 2e-4},
        "generator": {"type": "Adam"},
    }
    assert loaded.training == config.Training()
    assert loaded.evaluation == config.Evaluation()
    assert loaded.at("model") == "gan.yaml: model"


def test_a_component_as_default(load):
    assert load(in_base("  objective: NonSaturating\n", "")) == load()


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("training.steps=30", "evaluation.metrics=[frechet_distance]", "model.seed=3"),
        ("data={type: Mixture, weights: [1, 0.5], means: [[1e-7, 2]]}", "model.objective=null"),
        ("model.generator.image_shape=[16, 16, 1]", "model.decay=1e5", "optimizers.generator.name='2e-4'"),
        ("model.objective={type: my_lab.losses.Mine, x: [1, {type: Anything}]}",),
    ],
)
def test_resolved_loads_to_an_equal_config(load, overrides):
    loaded = load(BASE, *overrides)
    text = config.dump(loaded)
    assert load(text) == loaded
    assert config.dump(load(text)) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2e-4", 2e-4),
        ("1e5", 1e5),
        ("-1.5E+3", -1500.0),
        (".5", 0.5),
        ("1_000", 1000),
        ("-3", -3),
        ("0x10", 16),
        ("true", True),
        ("no", "no"),
        ("1:30", "1:30"),
        ("010", "010"),
        ("2024-01-01", "2024-01-01"),
        ("", None),
        ("'1'", "1"),
        ("[1, a]", [1, "a"]),
    ],
)
def test_values_in_yaml(load, text, value):
    came = load(BASE, f"optimizers.generator.x={text}").optimizers["generator"]["x"]
    assert came == value
    assert type(came) is type(value)


def test_misspelt_key(refusal):
    assert refusal(in_base("width: 32", "widht: 32")) == (
        "gan.yaml: model.generator.widht: unknown key\n"
        "  expected: one of image_shape, latent_dim, width\n"
        "  came:     widht\n"
        "  did you mean: width"
    )


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (
            "data:",
            "daat:",
            ["gan.yaml: daat: unknown key", "did you mean: data", "gan.yaml: data: missing key"],
        ),
        ("type: Digits", "type: digits", ["gan.yaml: data.type: not in data", "did you mean: Digits"]),
        ("type: Digits", "type: [1]", ["gan.yaml: data.type: not in data"]),
        ("{type: Digits, image_size: 16}", "7", ["gan.yaml: data: wrong type", "came:     7 (int)"]),
        ("type: Digits, ", "", ["gan.yaml: data.type: missing key"]),
        ("NonSaturating", "Wassertsein", ["gan.yaml: model.objective: not in objectives", "Wasserstein"]),
        (
            "weight: 5",
            "weight: '5'",
            ["model.regularizers.0.weight: wrong type", "'5' (str)", "did you mean: 5"],
        ),
        ("weight: 5", "weight: true", ["model.regularizers.0.weight: wrong type", "True (bool)"]),
        (
            "weight: 5",
            "mode: won",
            ["model.regularizers.0.mode: not allowed", "one of one, two or int", "one"],
        ),
        ("[{type: Penalty, weight: 5}]", "Penalty", ["model.regularizers: wrong type", "(of regularizers)"]),
        ("[{type: Penalty, weight: 5}]", "[Penal]", ["model.regularizers.0: not in regularizers"]),
        (
            "width: 32",
            "width: 32.0",
            ["model.generator.width: wrong type", "32.0 (float)", "did you mean: 32"],
        ),
        ("width: 32", "width: true", ["model.generator.width: wrong type", "expected: int"]),
        (
            "  discriminator: {type: critic}\n",
            "",
            ["model.discriminator: missing key", "a name from networks"],
        ),
        ("image_size: 16", "image_size: 16, image_size: 16", ["line 2", "duplicate key: image_size"]),
        ("type: Digits,", "type: Digits:,", ["gan.yaml, line 2, column"]),
        ("generator: Adam", "generator: 3", ["optimizers.generator: wrong type"]),
        ("generator: Adam", "generator: {rate: 3}", ["optimizers.generator.type: missing key"]),
    ],
)
def test_mistakes(refusal, old, new, lines):
    message = refusal(in_base(old, new))
    for line in lines:
        assert line in message


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("training.steps=ten", "training.steps: wrong type"),
        ("training.steps=1e3", "did you mean: 1000"),
        ("training.stesp=10", "did you mean: steps"),
        ("training.batch_size=0", "training.batch_size: too small\n  expected: 1 or more\n  came:     0"),
        ("training.keep_checkpoints=1", "training.keep_checkpoints: too small\n  expected: 2 or more"),
        ("training.seed=-1", "training.seed: too small\n  expected: 0 or more"),
        ("training.log_every=0", "training.log_every: too small"),
        (
            "training.steps=250",
            "training.steps: not a multiple of training.log_every (100)\n  expected: 200 or 300",
        ),
        ("training.sample_every=30", "training.sample_every: not a multiple of training.log_every (100)"),
        ("training.sample_every=30", "expected: 100\n"),
        ("training.jit_compile=atuo", "did you mean: auto"),
        ("training=3", "training: wrong type"),
        ("evaluation.metrics=[frechet]", "evaluation.metrics.0: not in metrics"),
        ("evaluation.samples=0", "evaluation.samples: too small"),
    ],
)
def test_mistakes_in_training_and_evaluation(refusal, override, line):
    message = refusal(BASE, override)
    assert message.startswith("gan.yaml: ")
    assert line in message
    assert message.endswith(f"  from:     --set {override}")


def test_every_mistake_is_reported(refusal):
    text = (
        in_base("width: 32", "widht: 32")
        .replace("weight: 5", "weight: x")
        .replace("image_size: 16", "size: 1")
    )
    assert refusal(text).count("gan.yaml: ") == 3


def test_a_short_run_logs_its_last_step(load):
    training = load(BASE, "training.steps=30").training
    assert (training.log_every, training.sample_every) == (30, 500)


def test_override_of_a_component(load):
    text = in_base("objective: NonSaturating", "objective: {type: LeastSquares, a: -1}")
    assert load(text, "model.objective=Wasserstein").model["objective"] == {"type": "Wasserstein"}


def test_override_below_a_bare_component(load):
    text = in_base("objective: NonSaturating", "objective: LeastSquares")
    expected = {"type": "LeastSquares", "a": -1.0, "b": 1.0}
    assert load(text, "model.objective.a=-1").model["objective"] == expected


def test_override_in_a_list_and_in_a_missing_section(load):
    loaded = load(BASE, "model.regularizers.0.weight=7", "training.steps=100", "training.seed=4")
    assert loaded.model["regularizers"][0]["weight"] == 7.0
    assert (loaded.training.steps, loaded.training.seed) == (100, 4)


def test_an_override_of_what_an_alias_repeats_changes_one_place(load):
    text = in_base("{type: Adam, learning_rate: 2e-4}", "&adam {type: Adam, learning_rate: 2e-4}")
    text = text.replace("generator: Adam", "generator: *adam")
    optimizers = load(text, "optimizers.discriminator.learning_rate=1e-3").optimizers
    assert [optimizers[player]["learning_rate"] for player in ("discriminator", "generator")] == [1e-3, 2e-4]


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("model.discriminator_steps", "not an assignment"),
        ("=3", "not an assignment"),
        ("model.regularizers.1.weight=3", "model.regularizers has no item 1\n  expected: 0\n"),
        ("data.image_size.x=3", "data.image_size has no keys"),
        ("model.objective={type: A, type: B}", "duplicate key: type"),
        ("model.objective=[", "line 1"),
    ],
)
def test_overrides_that_cannot_be_applied(refusal, override, line):
    message = refusal(BASE, override)
    assert message.startswith(f"--set {override}")
    assert line in message


def test_a_mistake_from_an_override_names_it(refusal):
    message = refusal(BASE, "model.generator.widht=3")
    assert message.startswith("gan.yaml: model.generator.widht: unknown key\n")
    assert message.endswith("\n  did you mean: width\n  from:     --set model.generator.widht=3")


@pytest.mark.parametrize("text", ["", "# nothing\n", "- 1\n", "3"])
def test_files_that_are_no_configs(refusal, text):
    assert refusal(text).startswith("gan.yaml: ")


def test_a_missing_file_names_a_near_one(load, fakelab):
    load()
    with pytest.raises(
        config.ConfigError, match=r"gna\.yaml: cannot read this config: No such file.*\n.*gan\.yaml"
    ):
        config.load("gna.yaml", (), fakelab)


def test_unknown_key_for_callers(load):
    error = config.unknown_key(load().at("optimizers"), "discriminatr", ["discriminator", "generator"])
    assert isinstance(error, UserError)
    assert str(error) == (
        "gan.yaml: optimizers.discriminatr: unknown key\n"
        "  expected: one of discriminator, generator\n"
        "  came:     discriminatr\n"
        "  did you mean: discriminator"
    )


def build(loaded, fakelab, section="model", namespace="models", **context):
    return config.build(getattr(loaded, section), namespace, loaded.at(section), fakelab, **context)


def test_build_from_the_inside_out(load, fakelab):
    given = build(load(), fakelab, example_shape=(16, 16, 1), latent_dim=8, seed=5).given
    assert given["generator"] == {"image_shape": (16, 16, 1), "latent_dim": 8, "width": 32}
    assert given["discriminator"] == {"example_shape": (16, 16, 1), "width": 64, "norm": None}
    assert given["objective"] == sys.modules["fakelab.objectives"].NonSaturating()
    assert given["regularizers"] == [sys.modules["fakelab.regularizers"].Penalty(weight=5.0)]
    assert given["seed"] == 5


def test_build_tuples_and_nested_lists(load, fakelab):
    loaded = load(BASE, "data={type: Mixture, weights: [1, 2], means: [[1, 2]]}")
    assert build(loaded, fakelab, "data", "data").given == {
        "weights": (1.0, 2.0),
        "shape": (2, 1),
        "means": [[1.0, 2.0]],
    }


def test_what_a_model_is_told_holds_inside_it(load, fakelab):
    text = in_base("type: GAN", "type: Latent\n  latent_dim: 3").replace(
        "  discriminator: {type: critic}\n", ""
    )
    model = build(load(text), fakelab, example_shape=(16, 16, 1))
    assert model.latent_dim == 3
    assert model.given["generator"]["latent_dim"] == 3


def test_build_refuses_a_contradiction(load, fakelab):
    loaded = load(BASE, "model.generator.image_shape=[28, 28, 1]")
    with pytest.raises(config.ConfigError) as caught:
        build(loaded, fakelab, example_shape=(16, 16, 1))
    assert str(caught.value) == (
        "gan.yaml: model.generator.image_shape: contradiction\n"
        "  expected: (16, 16, 1) from data\n"
        "  came:     (28, 28, 1)"
    )
    assert build(loaded, fakelab, example_shape=(28, 28, 1)).given["generator"]["image_shape"] == (28, 28, 1)


def test_an_image_network_for_points(load, fakelab):
    with pytest.raises(config.ConfigError, match=r"model\.generator\.image_shape: missing key\n.*\(2,\)"):
        build(load(), fakelab, example_shape=(2,))


def test_what_a_constructor_refuses(load, fakelab):
    with pytest.raises(config.ConfigError) as caught:
        build(load(BASE, "data=Refusing"), fakelab, "data", "data")
    assert str(caught.value) == (
        "gan.yaml: data: Refusing refused its arguments\n  reason:   size must be even,\n            got 3"
    )
    assert isinstance(caught.value.__cause__, ValueError)


def test_dotted_type(load, fakelab):
    spec = "{type: fakelab.objectives.Sum, parts: {x: {type: LeastSquares, a: 2}}}"
    built = build(load(BASE, f"model.objective={spec}"), fakelab, example_shape=(8, 8, 1)).given["objective"]
    assert built.parts["x"] == sys.modules["fakelab.objectives"].LeastSquares(a=2.0)


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ("my_lab.losses.Mine", "model.objective.type: no module named my_lab"),
        ("fakelab.objectives.Summ", "model.objective.type: not in fakelab.objectives"),
        ("{type: fakelab.objectives.Sum, part: {}}", "model.objective.part: unknown key"),
    ],
)
def test_mistakes_in_a_dotted_type_show_when_it_is_built(load, fakelab, spec, line):
    loaded = load(BASE, f"model.objective={spec}")
    with pytest.raises(config.ConfigError) as caught:
        build(loaded, fakelab, example_shape=(8, 8, 1))
    assert f"gan.yaml: {line}" in str(caught.value)


def test_build_optimizer():
    spec = {"type": "Adam", "beta_1": 0.5, "learning_rate": {"type": "CosineDecay", "decay_steps": 9}}
    spec["learning_rate"]["initial_learning_rate"] = 1e-3
    optimizer = config.build_optimizer(spec, "gan.yaml: optimizers.generator")
    assert type(optimizer).__name__ == "Adam"
    assert optimizer.beta_1 == 0.5
    assert type(optimizer._learning_rate).__name__ == "CosineDecay"
    assert type(config.build_optimizer("SGD", "x: y")).__name__ == "SGD"


@pytest.mark.parametrize(
    ("spec", "lines"),
    [
        ("adam", ["optimizers.generator.type: not in keras", "did you mean: Adam"]),
        ({"type": "Adam", "beta1": 0.5}, ["optimizers.generator.beta1: unknown key", "did you mean: beta_1"]),
        ({"type": "Adam", "beta_1": "0.5"}, ["optimizers.generator.beta_1: wrong type", "expected: float"]),
        ({"type": "Adam", "amsgrad": 1}, ["optimizers.generator.amsgrad: wrong type", "expected: bool"]),
        (
            {"type": "Adam", "clipnorm": -1, "clipvalue": 1},
            ["optimizers.generator: Adam refused its arguments"],
        ),
        (
            {"type": "Adam", "learning_rate": {"type": "CosineDecy"}},
            ["optimizers.generator.learning_rate.type: not in", "did you mean: CosineDecay"],
        ),
    ],
)
def test_mistakes_in_optimizers(spec, lines):
    with pytest.raises(config.ConfigError) as caught:
        config.build_optimizer(spec, "gan.yaml: optimizers.generator")
    for line in lines:
        assert line in str(caught.value)


def test_mistakes_are_found_without_tensorflow(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("data: {type: Digitz}\nmodel: {type: GAN, objectiv: NonSaturating}\n")
    code = (
        "import sys\n"
        "from tfgan_suite import config\n"
        "try:\n"
        f"    config.load({str(path)!r})\n"
        "except config.ConfigError as error:\n"
        "    print(error)\n"
        "print(sorted({'tensorflow', 'keras', 'numpy'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "did you mean: Digits" in run.stdout
    assert run.stdout.endswith("[]\n")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: "-".join(path.parts[-2:]))
def test_every_shipped_config_loads_and_round_trips(path, tmp_path):
    loaded = config.load(path)
    (tmp_path / "resolved.yaml").write_text(config.dump(loaded))
    assert config.load(tmp_path / "resolved.yaml") == loaded
