"""Checkpoints from anywhere to our models: one table of layouts, one file per project.

A folder is recognised by the settings file beside the weights, a file of tensors alone by their
names, wherever in it they are. Nothing is ever unpickled or run, every tensor must fit, β is never
guessed. What comes from people who need not be trusted is read by `read_guarded`, in a process with
limits.
"""

from .guard import read_guarded
from .layouts import Imported
from .opening import IMPORTERS, import_checkpoint, keep, read_checkpoint
from .upload import checkpoints_of, unpack_upload

__all__ = [
    "IMPORTERS",
    "Imported",
    "checkpoints_of",
    "import_checkpoint",
    "keep",
    "read_checkpoint",
    "read_guarded",
    "unpack_upload",
]
