"""The options of every verb, with the texts of `--help`. Nothing here computes, so that help
appears at once; a verb's work is in `commands/<verb>.py`, which is imported when it runs."""

from typing import Any

from . import (
    baseline,
    check,
    data,
    evaluate,
    export,
    fid,
    freeze,
    queue,
    report,
    runs,
    steer,
    sweep,
    train,
    udr,
    unpack,
    zoo,
)

VERBS = (
    *(train, steer, queue, sweep, zoo, unpack, baseline, evaluate, udr),
    *(fid, check, export, report, freeze, data, runs),
)


def add_verbs(verbs: Any) -> None:
    """Add every verb's parser, in the order of the help."""
    for verb in VERBS:
        verb.add_parser(verbs)
