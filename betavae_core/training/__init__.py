"""Training: one run, several at once, or a list of them, with resuming."""

from .loop import train

__all__ = ["train"]
