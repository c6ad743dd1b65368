"""The summary of a checkup: its checkpoint, the origin of its numbers, and its record as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..importers.names import shown
from ..provenance import versions
from .finding import Finding, worst


@dataclass(frozen=True)
class Label:
    """The checkpoint. Only the last part of `name` is shown: no paths of this machine, and marks
    for bytes that are not text."""

    name: str
    sha256: str = ""
    day: date = field(default_factory=date.today)

    @property
    def short_name(self) -> str:
        return shown(self.name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1], 120)


def measured_on(findings: Sequence[Finding], label: Label) -> str:
    """The origin of the numbers: file, dataset and source, N, L, seeds, versions, date."""
    known = {finding.key: finding.numbers for finding in findings}
    parts = [f"SHA-256 {label.sha256[:12]}"] if label.sha256 else []
    if "dataset" in (terms := known.get("terms", {})):
        parts.append(f"{terms['dataset']} ({terms['source']}), {terms['images']:,} images")
    if "higgins" in (scores := known.get("scores", {})):
        told = scores["higgins"]
        parts.append(
            f"Higgins' metric: L = {told['L']}, {told['points']:,} points, {told['seeds']} draws"
        )
    parts.append(", ".join(f"{name} {version}" for name, version in versions().items()))
    parts.append(label.day.isoformat())
    return " · ".join(parts)


def record(findings: Sequence[Finding], label: Label, run: str | None = None) -> dict[str, Any]:
    """For JSON: name, SHA-256, the overall verdict, the name of the kept run, findings."""
    return {
        "name": label.short_name,
        "sha256": label.sha256,
        "verdict": worst(findings),
        "run": run,
        "findings": [finding.to_json() for finding in findings],
    }
