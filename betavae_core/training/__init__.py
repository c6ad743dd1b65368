"""Training: one run, several at once, a list of them; resumed where it was stopped."""

from .loop import train

__all__ = ["train"]
