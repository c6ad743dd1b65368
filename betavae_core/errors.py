"""The one exception that means "the input was wrong", shown to people as its single sentence."""


class InputError(ValueError):
    """Bad input from outside: a config, a file, an option. The message is one complete sentence
    that says what was expected, what came and what to do; the command line prints it and exits
    with 2, a page shows it in a box."""
