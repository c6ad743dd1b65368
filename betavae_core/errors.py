"""What can go wrong by itself: wrong input, shown to people as one sentence, and a training that
diverges."""

from enum import StrEnum
from typing import Any


class Refusal(StrEnum):
    """Why an input was refused, for those who act on it; the sentence is for people."""

    OTHER = "other"
    # a checkpoint's file
    UNREADABLE = "unreadable"  # not there, no regular file, not allowed, a link out of its folder
    EMPTY = "empty"
    TOO_LARGE = "too large"  # beyond a limit that is stated
    DAMAGED = "damaged"  # what it declares is not what it has
    FOREIGN = "foreign"  # a file of another kind, that is named
    PROTOCOL = "protocol"  # tensors, written by a protocol of pickle that is not read
    OBJECT = "object"  # an object of Python's beside the tensors, or around them
    NUMPY = "numpy"  # a number or array of numpy's beside the tensors
    PROGRAM = "program"  # code that computes, in place of weights
    NO_TENSORS = "no tensors"  # plain values, none of which is a named tensor
    TYPE = "type"  # numbers of a type that weights do not have
    NOT_FINITE = "not finite"
    AMBIGUOUS = "ambiguous"  # several sets of weights: facts["entries"]
    NO_ENTRY = "no such entry"  # the one asked for: facts["entries"], those that fit
    # its layout
    UNKNOWN = "unknown layout"  # facts: project, percent, differs (LACKS, SHAPE or EXTRA)
    LACKS = "lacks a tensor"  # facts: project
    SHAPE = "another shape"  # facts: project
    EXTRA = "a tensor too many"  # facts: project
    SETTINGS = "settings"  # of a known project, with values that are not read
    FOLDER = "folder"  # no checkpoint in it, or several
    PACKAGE = "package"  # an optional package is not installed
    # what reading it takes
    COSTLY = "costly"  # more memory or time than it may take
    BUSY = "busy"  # others were read meanwhile
    CRASHED = "crashed"  # the process that reads
    # what it does once it is open
    OUTPUT = "output"  # codes or images of other shapes than stated


class InputError(Exception):
    """Bad input from outside: a config, a file, an option. The message is one complete sentence
    that says what was expected, what came and what to do; the command line prints it and exits
    with 2, a page shows it in a box. `kind` and `facts` (JSON-able) say the same to programs."""

    def __init__(self, message: str, kind: Refusal = Refusal.OTHER, **facts: Any) -> None:
        super().__init__(message)
        self.kind, self.facts = kind, facts

    def saying(self, message: str) -> "InputError":
        """The same refusal in other words."""
        return InputError(message, self.kind, **self.facts)


class Diverged(RuntimeError):
    """The loss became NaN, infinite or absurd; the last good weights are on disk."""
