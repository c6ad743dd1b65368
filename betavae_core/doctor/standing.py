"""What a dataset is to a checkpoint: what it claims, or images that it may never have seen."""

from dataclasses import replace

from ..config import RunConfig
from ..datasets import Dataset
from ..presets import RENDERED
from .finding import Finding
from .here import UNKNOWN, title

EXACT = ("2dshapes",)  # rendered here as the official file has it, but for a pixel or two


def guess(config: RunConfig, dataset: Dataset) -> str:
    """Why images of this dataset do not show whether the checkpoint works, as a clause; "" where it
    claims them."""
    if config.dataset == UNKNOWN:
        return (
            f"{dataset.title} is a guess, since the checkpoint does not say what it was trained on"
        )
    if dataset.name != config.dataset:
        return f"{dataset.title} is a guess, since the checkpoint claims {title(config.dataset)}"
    lookalike = dataset.name in RENDERED and dataset.name not in EXACT
    if lookalike and dataset.source != config.source:
        return (
            f"these images are {dataset.source} and only look like those that the checkpoint "
            f"claims ({config.source})"
        )
    return ""


def at_most_look(finding: Finding, why: str) -> Finding:
    """The finding as it can be said of images that are a guess, for the reason `why`."""
    if finding.verdict not in ("look", "broken"):
        return finding
    cause = "Other images than it was trained on"
    if finding.cause:
        cause += f"; if it was trained on these: {finding.cause[0].lower()}{finding.cause[1:]}"
    says = f"{finding.says.rstrip('.')}; {why}."
    return replace(finding, verdict="look", says=says, cause=cause.rstrip(".") + ".")
