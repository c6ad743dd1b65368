"""The checkpoint doctor: is a checkpoint sane, and if not, what is wrong with it?"""

from .card import Label, card_html, card_png
from .checkup import checkup
from .finding import VERDICTS, Finding, worst
from .opening import content_key, file_hash, opened, refused
from .remembered import best_dataset, remembered
from .subject import Checkpoint

__all__ = [
    "VERDICTS",
    "Checkpoint",
    "Finding",
    "Label",
    "best_dataset",
    "card_html",
    "card_png",
    "checkup",
    "content_key",
    "file_hash",
    "opened",
    "refused",
    "remembered",
    "worst",
]
