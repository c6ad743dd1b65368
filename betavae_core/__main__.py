"""The command line: python -m betavae_core <verb>. Progress goes to stderr, results to stdout."""

import argparse
import sys
from importlib import import_module
from typing import Any

from .errors import InputError
from .training.loop import Diverged

VERBS = (
    *("train", "sweep", "zoo", "unpack", "baseline", "evaluate"),
    *("fid", "check", "export", "data", "runs"),
)


def add_verbs(parsers: Any) -> None:
    """Every verb's own options. A machine that only trains lacks packages that some verbs need:
    such a verb says so when it is called."""
    for verb in VERBS:
        try:
            module = import_module(f".commands.{verb}", __package__)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith(__package__ or "betavae_core"):
                raise
            _add_unavailable(parsers, verb, error.name)
        else:
            module.add_parser(parsers)


def _add_unavailable(parsers: Any, verb: str, package: str) -> None:
    says = f"not available here: the package {package} is not installed"

    def run(options: argparse.Namespace) -> int:
        raise InputError(
            f"The verb {verb} needs the package {package}, which is not installed here; "
            "`pip install -r requirements.txt` installs all that the verbs need."
        )

    parser = parsers.add_parser(verb, help=says, description=says, add_help=False)
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    parser.set_defaults(run=run)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit status: 0 done, 1 training diverged, 2 bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m betavae_core", description="Train, score and list β-VAEs and their data."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add_verbs(verbs)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except Diverged as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0  # whoever read the output has seen enough
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(
            f"Reading or writing failed: {error.strerror or error}{where}; what was saved before "
            f"is kept{', --resume goes on from there' * (options.verb == 'train')}.",
            file=sys.stderr,
        )
        return 1


if __name__ == "__main__":
    sys.exit(main())
