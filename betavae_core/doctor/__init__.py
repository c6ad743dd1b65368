"""The checkup of a checkpoint: is it sane, and if not, what is wrong with it?"""

from .beside import check_folder, keep_beside, kept_beside
from .card_html import card_html
from .card_png import card_png
from .checkup import checkup
from .examination import examine
from .finding import Finding, Verdict, worst
from .opening import content_key, file_hash, refused
from .remembered import best_dataset, fitting_dataset, remembered
from .subject import Checkpoint
from .summary import Label, facts, in_short, measured_on, record

__all__ = [
    "Checkpoint",
    "Finding",
    "Label",
    "Verdict",
    "best_dataset",
    "card_html",
    "card_png",
    "check_folder",
    "checkup",
    "content_key",
    "examine",
    "facts",
    "file_hash",
    "fitting_dataset",
    "in_short",
    "keep_beside",
    "kept_beside",
    "measured_on",
    "record",
    "refused",
    "remembered",
    "worst",
]
