"""Training: one run, several at once, a list of them; resumed where it was stopped."""

from .loop import Diverged, train

__all__ = ["Diverged", "train"]
