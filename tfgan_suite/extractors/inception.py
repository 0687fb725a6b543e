"""The Inception network that FID and the Inception Score are named after."""

from functools import cached_property
from pathlib import Path

from tfgan_suite.data.dataset import Dataset
from tfgan_suite.errors import UserError
from tfgan_suite.extractors.extractor import Extractor, Features, SelfCheck
from tfgan_suite.saved_model import folder_digest

HANDLE = "https://tfhub.dev/tensorflow/tfgan/eval/inception/1"
SIZE = 299
LOGITS, POOL = "logits", "pool_3"

# Inception Score of CIFAR-10's 50,000 training images in 10 splits, as torch-fidelity reports it for the same
# graph; shuffles and ports differ in the second decimal.
CIFAR10_SCORE, CIFAR10_TOLERANCE = 11.237, 0.05
CIFAR10_IMAGES = 50_000


class Inception(Extractor):
    """TF-GAN's published Inception module, the graph of 2015: 2,048 features and 1,008 classes.

    Preprocessing is that of the graph itself: grey images are repeated to three channels, pixels x of 0 to
    255 become (x - 128) / 128, then TensorFlow 1's bilinear resize to 299 x 299: no antialiasing, corners as
    they were then (`half_pixel_centers=False`). Other resizes give other scores.

    Args:
        module: a TF-Hub handle, or the folder of the module as a SavedModel. A handle is looked up in
            TF-Hub's cache (TFHUB_CACHE_DIR) before it is downloaded.
    """

    def __init__(self, module: str = HANDLE):
        self.module = str(module)

    @cached_property
    def folder(self) -> Path:
        """Where the module is on this machine.

        Raises:
            UserError: it is neither here nor can it be downloaded, with what to do.
        """
        if (Path(self.module) / "saved_model.pb").is_file():
            return Path(self.module)
        if "://" not in self.module:
            raise UserError(
                f"module: expected a TF-Hub handle or a folder with saved_model.pb, came {self.module!r}"
            )
        try:
            import tensorflow_hub

            return Path(tensorflow_hub.resolve(self.module))
        except Exception as error:  # no network, no such module, tensorflow_hub that cannot be imported
            raise UserError(_how_to_get(self.module, error)) from error

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the module's files; it travels with every number, and `compare` refuses to mix two."""
        return folder_digest(self.folder)

    def describe(self, example_shape: tuple[int, ...]) -> dict[str, str]:
        if len(example_shape) != 3 or example_shape[2] not in (1, 3):
            raise UserError(f"extractor: Inception takes images of 1 or 3 channels, came {example_shape}")
        _ = self._network
        return {
            "extractor": f"Inception {self.fingerprint[:12]}",
            "resize": f"TF1 bilinear to {SIZE}, not antialiased",
        }

    def __call__(self, examples) -> Features:
        import tensorflow as tf

        features, probabilities = self._network(tf.constant(examples))
        return Features(features.numpy(), probabilities.numpy())

    def self_check(self, dataset: Dataset | None = None) -> list[SelfCheck]:
        from tfgan_suite.cache import default_cache
        from tfgan_suite.data import TfdsImages
        from tfgan_suite.examples.dataset_split import DatasetSplit
        from tfgan_suite.extractors.extraction import extract
        from tfgan_suite.metrics import inception_score

        images = DatasetSplit(dataset or TfdsImages("cifar10"), "train").choose(CIFAR10_IMAGES, seed=0)
        score = inception_score(extract(images, self, default_cache()).probabilities).mean
        return [SelfCheck("Inception Score of CIFAR-10 train", CIFAR10_SCORE, CIFAR10_TOLERANCE, score)]

    @cached_property
    def _network(self):
        """uint8 images to (features, probabilities); the module is loaded once, and checked."""
        import tensorflow as tf

        module = tf.saved_model.load(str(self.folder))
        network = module if callable(module) else module.signatures.get("serving_default")
        if network is None:
            raise UserError(f"module: {self.folder} can neither be called nor has it a serving_default")

        def outputs(images):
            found = network(preprocess(images))
            if not isinstance(found, dict) or not {LOGITS, POOL} <= set(found):
                came = sorted(found) if isinstance(found, dict) else type(found).__name__
                raise UserError(f"module: expected outputs {LOGITS} and {POOL}, came {came}")
            count = tf.shape(images)[0]
            features, logits = (tf.reshape(found[name], (count, -1)) for name in (POOL, LOGITS))
            return features, tf.nn.softmax(logits)

        outputs(tf.zeros((1, 8, 8, 3), tf.uint8))  # a wrong module shows now
        return tf.function(outputs, reduce_retracing=True)


def preprocess(images):
    """uint8 (n, height, width, 1 or 3) to the float32 (n, 299, 299, 3) that the graph takes."""
    import tensorflow as tf

    scaled = (tf.cast(images, tf.float32) - 128.0) / 128.0
    if images.shape[-1] == 1:
        scaled = tf.repeat(scaled, 3, axis=-1)
    return tf.raw_ops.ResizeBilinear(images=scaled, size=(SIZE, SIZE), half_pixel_centers=False)


def _how_to_get(handle: str, error: Exception) -> str:
    return (
        f"module: {handle} is not in TF-Hub's cache, and cannot be downloaded here "
        f"({type(error).__name__}: {error}).\n"
        "Where there is a network, run\n"
        f"  python -c \"import tensorflow_hub as hub; print(hub.resolve('{handle}'))\"\n"
        "and bring the folder it prints here; then say --extractor '{type: Inception, module: FOLDER}',\n"
        "or set TFHUB_CACHE_DIR to the folder that holds it. Metrics on the features of a small classifier "
        "(--extractor Classifier) need no download."
    )
