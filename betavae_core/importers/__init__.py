"""Checkpoints from any source as our models: one table of layouts, one module per project.

A folder is recognised by the settings file beside the weights, a single file of tensors by their
names, at any level in it. Nothing is ever unpickled or run, every tensor must fit, and β is never
guessed. Untrusted checkpoints are read by `read_guarded`, in a process with limits.
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
