"""The one kind of error that is meant for the person who wrote the input."""


class InputError(ValueError):
    """A parameter or a file is not as it must be.

    The message is one line: where (file, row, column), what was found, what is allowed, what to do.
    The command line prints it without a traceback and exits with status 2.
    """
