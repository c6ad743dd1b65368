"""Whether a checkpoint claims a dataset, or may never have seen its images."""

from dataclasses import replace

from ..config import RunConfig
from ..datasets import Dataset, dataset_title
from ..presets import RENDERED, SMALL_WORLDS
from .available import UNKNOWN
from .finding import Finding, Verdict

# rendered like the official file, except for a pixel or two, or without one
EXACT = ("2dshapes", *SMALL_WORLDS)


def guess(config: RunConfig, dataset: Dataset) -> str:
    """The reason why images of this dataset do not show whether the checkpoint works, as a clause;
    "" if it claims them."""
    if config.dataset == UNKNOWN:
        return f"{dataset.title} is a guess, since the checkpoint does not state its training data"
    if dataset.name != config.dataset:
        claimed = dataset_title(config.dataset)
        return f"{dataset.title} is a guess, since the checkpoint claims {claimed}"
    lookalike = dataset.name in RENDERED and dataset.name not in EXACT
    if lookalike and dataset.source != config.source:
        return (
            f"these images are {dataset.source} and only look like those that the checkpoint "
            f"claims ({config.source})"
        )
    return ""


def at_most_look(finding: Finding, why: str) -> Finding:
    """The finding weakened for images that are a guess, for the reason `why`."""
    if finding.verdict not in (Verdict.LOOK, Verdict.BROKEN):
        return finding
    cause = "Images other than its training data"
    if finding.cause:
        cause += f"; if it was trained on these: {finding.cause[0].lower()}{finding.cause[1:]}"
    says = f"{finding.says.rstrip('.')}; {why}."
    return replace(finding, verdict=Verdict.LOOK, says=says, cause=cause.rstrip(".") + ".")
