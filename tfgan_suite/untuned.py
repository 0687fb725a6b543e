"""tf.data pipelines without TensorFlow's autotuning, which keeps whoever lets go of them waiting."""


def untuned(dataset):
    """The dataset without autotuning, unless its own options ask for it.

    An iterator with autotuning may not hear that it is being destroyed, and then waits for its tuner's next
    turn, which is as far away as the iterator is old, up to a minute (docs/platform.md). `AUTOTUNE` parallel
    calls are then one for each core.
    """
    import tensorflow as tf

    if dataset.options().autotune.enabled is not None:
        return dataset
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
