"""Every public objective, regularizer, model, network and dataset, held to the same duties."""
