"""The one exception that means: the user can fix this."""


class UserError(ValueError):
    """A mistake in what the user gave. The command line prints its message without a stack trace."""
