"""The command line: betavae VERB, or python -m betavae_core VERB. Progress goes to stderr, results
to stdout."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from .commands.options import add_verbs
from .commands.progress import say_error
from .errors import Diverged, InputError, Refusal, failed_files


def work_of(options: argparse.Namespace) -> int:
    """Import the verb's module and run it; a machine that only trains may lack packages that other
    verbs need."""
    module, function = options.work.split(":")
    try:
        found = import_module(f".commands.{module}", __package__)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "betavae_core":
            raise
        raise InputError(
            f"The verb {options.verb} needs the package {error.name}, which is not installed; "
            "`pip install -r requirements.txt` installs everything that the verbs need.",
            Refusal.PACKAGE,
            package=error.name,
        ) from error
    return int(getattr(found, function)(options))


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit status: 0 done, 1 training diverged, 2 bad input."""
    installed = Path(sys.argv[0]).stem == "betavae"
    parser = argparse.ArgumentParser(
        prog="betavae" if installed else "python -m betavae_core",
        description="Train, score and examine β-VAEs, and manage their data.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add_verbs(verbs)
    options = parser.parse_args(arguments)
    try:
        return work_of(options)
    except InputError as error:
        say_error(options, str(error))
        return 2
    except Diverged as error:
        say_error(options, str(error))
        return 1
    except KeyboardInterrupt:
        say_error(options, "Stopped.")
        return 130
    except BrokenPipeError:
        return 0  # the reader of the output has closed it
    except OSError as error:
        more = ", and --resume continues from there" if options.verb == "train" else ""
        say_error(options, failed_files(error, more))
        return 1


def run_and_exit() -> None:
    """The console script `betavae`."""
    sys.exit(main())


if __name__ == "__main__":
    run_and_exit()
