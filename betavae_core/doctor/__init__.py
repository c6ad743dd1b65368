"""The checkpoint doctor: is a checkpoint sane, and if not, what is wrong with it?"""

from .checkup import checkup
from .finding import VERDICTS, Finding, worst
from .subject import Checkpoint

__all__ = ["VERDICTS", "Checkpoint", "Finding", "checkup", "worst"]
