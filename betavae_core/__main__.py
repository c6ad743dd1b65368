"""The command line: python -m betavae_core <verb>. Progress goes to stderr, results to stdout."""

import argparse
import sys

from .commands import baseline, check, data, evaluate, export, fid, runs, sweep, train, zoo
from .errors import InputError
from .training import Diverged


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit status: 0 done, 1 training diverged, 2 bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m betavae_core", description="Train, score and list β-VAEs and their data."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in (train, sweep, zoo, baseline, evaluate, fid, check, export, data):
        verb.add_parser(verbs)
    runs.add_parsers(verbs)
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
