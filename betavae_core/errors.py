"""The expected errors: bad input, shown to people as one sentence, and a training that diverges.

Functions make the recurring refusals, so that each sentence is written once and carries its facts:
`raise unknown_name("metric", "mug", METRICS)`.
"""

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any


class Refusal(StrEnum):
    """The reason why an input was refused, for programs; the sentence is for people."""

    OTHER = "other"
    # in general
    UNKNOWN_NAME = "unknown name"  # facts: what, name, choices
    VALUE = "value"  # a number, an array or a setting; facts: name, expected, got
    MISSING = "missing"  # a file, a folder, a part of one; facts: path or name
    EXISTS = "exists"  # and is not overwritten; facts: path
    NOT_READ = "not read"  # the system refused; facts: path, reason
    NOT_WRITTEN = "not written"  # the system refused; facts: path, reason
    CONTENT = "content"  # a file other than expected: damaged, altered, in another format
    CONFLICT = "conflict"  # options, settings or runs that contradict each other
    UNSUITABLE = "unsuitable"  # a dataset, run or model that cannot be used for this
    MANY_BETAS = "many-betas"  # a model for a range of β, where one is needed
    UNAVAILABLE = "unavailable"  # a device, a server, a program
    # a checkpoint's file
    UNREADABLE = "unreadable"  # missing, not a regular file, not allowed, a link out of its folder
    EMPTY = "empty"
    TOO_LARGE = "too large"  # beyond a stated limit
    DAMAGED = "damaged"  # its declarations and its content disagree
    FOREIGN = "foreign"  # a file of another type, which is named
    PROTOCOL = "protocol"  # tensors, written with an unsupported pickle protocol
    OBJECT = "object"  # a Python object beside or around the tensors
    NUMPY = "numpy"  # a numpy number or array beside the tensors
    PROGRAM = "program"  # executable code instead of weights
    NO_TENSORS = "no tensors"  # plain values without a named tensor
    TYPE = "type"  # numbers of a type unsuitable for weights
    NOT_FINITE = "not finite"
    AMBIGUOUS = "ambiguous"  # several sets of weights: facts["entries"]
    NO_ENTRY = "no such entry"  # the requested one is missing: facts["entries"], those that fit
    # its layout
    UNKNOWN = "unknown layout"  # facts: project, percent, differs (LACKS, SHAPE or EXTRA)
    LACKS = "lacks a tensor"  # facts: project
    SHAPE = "another shape"  # facts: project
    EXTRA = "a tensor too many"  # facts: project
    SETTINGS = "settings"  # of a known project, with unsupported values
    FOLDER = "folder"  # without a checkpoint, or with several
    PACKAGE = "package"  # an optional package is not installed
    # the cost of reading
    COSTLY = "costly"  # more memory or time than allowed
    BUSY = "busy"  # others were being read
    CRASHED = "crashed"  # the process that reads
    # the opened model's behaviour
    OUTPUT = "output"  # codes or images with shapes other than stated


# those that say nothing about a checkpoint's file or layout
GENERAL = frozenset(
    {
        Refusal.OTHER,
        Refusal.UNKNOWN_NAME,
        Refusal.VALUE,
        Refusal.MISSING,
        Refusal.EXISTS,
        Refusal.NOT_READ,
        Refusal.NOT_WRITTEN,
        Refusal.CONTENT,
        Refusal.CONFLICT,
        Refusal.UNSUITABLE,
        Refusal.UNAVAILABLE,
    }
)


class InputError(Exception):
    """Bad input from outside: a config, a file, an option. The message is one complete sentence
    that states the expected input, the given one and a remedy; the command line prints it and exits
    with 2, a page shows it in a box. `kind` and `facts` (JSON-able) tell programs the same."""

    def __init__(self, message: str, kind: Refusal = Refusal.OTHER, **facts: Any) -> None:
        super().__init__(message)
        self.kind, self.facts = kind, facts

    def saying(self, message: str) -> "InputError":
        """The same refusal in other words."""
        return InputError(message, self.kind, **self.facts)


class Diverged(RuntimeError):
    """The loss became NaN, infinite or absurd; the last good weights are on disk."""


def unknown_name(what: str, name: str, choices: Iterable[str], more: str = "") -> InputError:
    """There is no metric "mug"; the choices are: mig, sap."""
    known = list(choices)
    others = f"; the choices are: {', '.join(known)}{more}" if known else ", and no other one"
    says = f'There is no {what} "{printable(name)}"{others}.'
    return InputError(
        says, Refusal.UNKNOWN_NAME, what=what, name=printable(name), choices=_fact(known)
    )


def no_setting(metric: str, setting: str) -> InputError:
    """The metric "mig" has no setting "L"."""
    says = f'The metric "{printable(metric)}" has no setting "{printable(setting)}".'
    facts = {"what": "setting", "name": printable(setting), "metric": printable(metric)}
    return InputError(says, Refusal.UNKNOWN_NAME, **facts)


def no_such(what: str, number: int, whose: str, last: int) -> InputError:
    """There is no latent 12: my-run has 0 to 9."""
    says = f"There is no {what} {number}: {whose} has 0 to {last}."
    return InputError(says, Refusal.VALUE, name=what, expected=f"0 to {last}", got=_fact(number))


def outside(last: int, whose: str = "") -> InputError:
    """An index is outside 0…9 of dSprites."""
    says = f"An index is outside 0…{last}{f' of {whose}' if whose else ''}."
    return InputError(says, Refusal.VALUE, name="index", expected=f"0…{last}")


def wrong_value(name: str, expected: str, got: Any, verb: str = "must be") -> InputError:
    """L must be a whole number of at least 1, got 0."""
    says = f"{name} {verb} {expected}, got {_said(got)}."
    return InputError(says, Refusal.VALUE, name=name, expected=expected, got=_fact(got))


def not_one_of(name: str, choices: Sequence[str], got: str) -> InputError:
    """mode must be paper or full, got "x"."""
    return wrong_value(name, f"{', '.join(choices[:-1])} or {choices[-1]}", got)


def not_finite(what: str) -> InputError:
    """The codes contain NaN or infinite values."""
    says = f"{what} contain NaN or infinite values."
    return InputError(says, Refusal.VALUE, name=what, expected="finite")


def differing(what: str, one: int, two: int) -> InputError:
    """Both sets need the same number of dimensions, got 3 and 4."""
    says = f"Both {what} need the same number of dimensions, got {one} and {two}."
    expected = "the same number of dimensions"
    return InputError(says, Refusal.VALUE, name=what, expected=expected, got=_fact([one, two]))


def lacks(what: str | Path, names: Iterable[str]) -> InputError:
    """config.json lacks latents, seed."""
    missed = list(names)
    says = f"{what} lacks {', '.join(missed)}."
    return InputError(says, Refusal.MISSING, path=str(what), names=_fact(missed))


def missing(path: str | Path, remedy: str = "") -> InputError:
    """a.pt does not exist; give a checkpoint's file or folder."""
    says = f"{path} does not exist{f'; {remedy}' if remedy else ''}."
    return InputError(says, Refusal.MISSING, path=str(path), remedy=remedy)


def exists(
    path: str | Path, remedy: str = "nothing was overwritten", does: str = "exists"
) -> InputError:
    """runs/a already exists; nothing was overwritten."""
    says = f"{path} already {does}; {remedy}."
    return InputError(says, Refusal.EXISTS, path=str(path), remedy=remedy)


def cannot_read(path: str | Path, error: Exception) -> InputError:
    """a.json cannot be read (Permission denied)."""
    says = f"{path} cannot be read ({_reason(error)})."
    return InputError(says, Refusal.NOT_READ, path=str(path), reason=_reason(error))


def cannot_write(path: str | Path, error: Exception, what: str = "to") -> InputError:
    """Cannot write the run to runs/a (Permission denied)."""
    says = f"Cannot write {what} {path} ({_reason(error)})."
    return InputError(says, Refusal.NOT_WRITTEN, path=str(path), reason=_reason(error))


def failed_files(error: OSError, more: str = "") -> str:
    """The sentence for an error of the system at files; more: what it adds at its end."""
    where = f" ({error.filename})" if error.filename else ""
    what = f"{error.strerror or error}{where}"
    return f"Reading or writing failed: {what}; earlier results are kept{more}."


def damaged(
    path: str | Path, error: Exception | str, remedy: str = "", what: str = "is damaged"
) -> InputError:
    """a.zip is not CIFAR-10 or is damaged (no zip file); download it from example.org."""
    reason = error if isinstance(error, str) else str(error)
    says = f"{path} {what} ({reason}){f'; {remedy}' if remedy else ''}."
    return InputError(says, Refusal.CONTENT, path=str(path), reason=reason, remedy=remedy)


def no_factors(dataset: str, purpose: str = "") -> InputError:
    """CIFAR-10 has no known factors of variation: nothing to score."""
    says = f"{dataset} has no known factors of variation{purpose}."
    return InputError(says, Refusal.UNSUITABLE, dataset=dataset, lacks="factors")


def other_images(
    dataset: str,
    shape: Sequence[int],
    whose: str,
    expected: Sequence[int],
    remedy: str = "",
) -> InputError:
    """dSprites has images (1, 64, 64), the config (3, 64, 64)."""
    says = f"{dataset} has images {tuple(shape)}, {whose} {tuple(expected)}{remedy}."
    facts = {"dataset": dataset, "expected": _fact(expected), "got": _fact(shape)}
    return InputError(says, Refusal.UNSUITABLE, **facts)


def printable(text: str, length: int = 80) -> str:
    """A text made safe for a message: one line of at most `length` characters."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= length else text[: length - 1] + "…"


def _said(got: Any) -> str:
    """A given value in a message; texts in quotation marks."""
    if isinstance(got, str):
        return f'"{printable(got)}"'
    if isinstance(got, float) and math.isnan(got):
        return "NaN"
    return printable(str(tuple(got) if isinstance(got, tuple) else got))


def _reason(error: Exception) -> str:
    """In words: for the system's errors without their number and path."""
    return str(getattr(error, "strerror", None) or error)


def _fact(value: Any) -> Any:
    """A value for JSON: anything but numbers, texts and lists of them becomes a text."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):  # of numpy or torch
        value = value.item()
    if isinstance(value, (list, tuple)) and not any(isinstance(x, (list, tuple)) for x in value):
        return [_fact(each) for each in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else printable(str(value))
