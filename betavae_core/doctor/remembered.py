"""The results of a checkup that a kept checkpoint stores: the dataset that fits, NLL and KL, and
the quick scores."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..config import RunConfig
from ..importers import Imported
from ..provenance import versions
from .available import UNKNOWN
from .finding import Finding, Verdict
from .fit import WEAK
from .standing import EXACT


def best_dataset(findings: Sequence[Finding]) -> dict[str, Any] | None:
    """The best-fitting dataset, with its source, if it fits; otherwise None."""
    tried = _numbers(findings, "reconstruction").get("datasets") or []
    return tried[0] if tried and tried[0]["explained"] >= WEAK else None


def fitting_dataset(config: RunConfig, findings: Sequence[Finding]) -> str:
    """The dataset that a checkpoint was probably trained on: the claimed one, unless the checkup
    also tried it and another fits clearly better; without a claim the one that fits best."""
    best = best_dataset(findings)
    if best is None:
        return config.dataset
    if config.dataset == UNKNOWN:
        return str(best["dataset"])
    tried = _numbers(findings, "reconstruction")["datasets"]
    claimed = next((each for each in tried if each["dataset"] == config.dataset), None)
    better = claimed is not None and best["explained"] > claimed["explained"] + WEAK
    return str(best["dataset"]) if better else config.dataset


def remembered(
    imported: Imported, findings: Sequence[Finding], dataset: str | None = None
) -> Imported:
    """The checkpoint with the results of its checkup, to be kept as a run.

    dataset: the training dataset, if the user knows it; None: the `fitting_dataset`. NLL, KL and
    the quick scores are stored if they were measured on that dataset. β stays as stated in the
    file.
    """
    config, best = imported.config, best_dataset(findings)
    if dataset is None:
        dataset = fitting_dataset(config, findings)
    source = config.source
    if best is not None and best["dataset"] == dataset != config.dataset:
        source = "official" if best["source"] == "excerpt" else best["source"]
    config = replace(config, dataset=dataset, source=source)
    scores = list(imported.scores)
    terms = _numbers(findings, "terms")
    found = [record for finding in findings for record in finding.records]
    if "nll" in terms:
        found.insert(0, _elbo(imported, terms))
    there = {each["score"] for each in scores}  # a run's own measurements are better than these
    for record in found:
        about = record["settings"]
        same = about["source"] == source or dataset in EXACT
        if about["dataset"] == dataset and same and record["score"] not in there:
            scores.append(record)
    return replace(imported, config=config, scores=scores)


def _elbo(imported: Imported, terms: dict[str, Any]) -> dict[str, Any]:
    """A record like that of `scoring.elbo.score_elbo`, with fewer images."""
    config = imported.config
    return {
        "score": "elbo",
        "weights": "",  # their hash, once they are stored as a file
        "nll": terms["nll"],
        "kl": terms["kl_per_latent"],
        "settings": {
            "dataset": terms["dataset"],
            "source": terms["source"],
            "images": terms["images"],
            "seed": terms["seed"],
            "likelihood": config.likelihood,
            **({"sigma": config.sigma} if config.likelihood == "gaussian" else {}),
        },
        "versions": versions(),
    }


def _numbers(findings: Sequence[Finding], key: str) -> dict[str, Any]:
    """The numbers of the finding of this key, unless it was not computed."""
    found = (each for each in findings if each.key == key and each.verdict != Verdict.NOT_COMPUTED)
    return next((each.numbers for each in found), {})
