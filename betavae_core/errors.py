"""The expected errors: bad input, shown to people as one sentence, and a training that
diverges."""

from enum import StrEnum
from typing import Any


class Refusal(StrEnum):
    """The reason why an input was refused, for programs; the sentence is for people."""

    OTHER = "other"
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
