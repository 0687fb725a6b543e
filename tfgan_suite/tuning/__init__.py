"""Which way to execute a config is fastest on this machine; see `tune`."""
