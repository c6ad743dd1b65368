"""The zoo: a list of runs that are trained and scored one after another, read from a file.

zoo.toml holds tables `[[runs]]`, in the order of work. Each has a `title`, a `preset`, lists `beta`
and `seed` (every combination is a run; the model conv-multirate and the objectives other than
beta-vae have no `beta`), optionally `snapshots` (states of the training to keep), `distances`
(number of images for the distances during training), `compared` (number of images for the finished
run's distances), `scored = false` (without the standard scores), `paper_mode = true` (also with
Higgins' metric as the paper's code computes it), `weights` (seeds whose weights are kept in the
repository; the other runs are kept as records), and any setting of the preset to override.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..config import RunConfig, preset
from ..errors import InputError, Refusal, damaged, lacks
from ..penalties import COMPARED
from .jobs import Job

OWN_KEYS = (
    "title",
    "preset",
    "beta",
    "seed",
    "snapshots",
    "distances",
    "compared",
    "scored",
    "paper_mode",
    "weights",
)
SETTINGS = {field.name for field in fields(RunConfig)} - {"beta", "seed", "origin", "format"}


@dataclass(frozen=True)
class Group:
    """One table of the file: runs that differ only in β and seed."""

    title: str
    configs: tuple[RunConfig, ...]
    snapshots: int
    distances: int
    compared: int
    scored: bool
    paper_mode: bool
    weights: tuple[int, ...]  # seeds whose weights are kept

    def jobs(self) -> Iterator[Job]:
        """Its jobs for a sweep: each run is trained, then scored."""
        distances = {"count": self.distances} if self.distances else None
        for config in self.configs:
            yield Job(
                config, self.snapshots, distances, self.scored, self.paper_mode, self.compared
            )


def read_zoo(path: Path) -> list[Group]:
    """The groups of a zoo.toml, in order; raises `InputError` with one sentence about its fault:
    unreadable, no runs, an unknown key, or a run that is listed twice."""
    try:
        tables = tomllib.loads(path.read_text())["runs"]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise damaged(path, error, what="cannot be read as a list of runs") from error
    except KeyError as error:
        raise InputError(
            f"{path} lists no runs: it needs tables [[runs]].", Refusal.CONTENT, path=str(path)
        ) from error
    groups = [_group(table, f"{path}, table {n}") for n, table in enumerate(tables, 1)]
    seen: set[str] = set()
    for config in (config for group in groups for config in group.configs):
        if config.run_id in seen:
            raise InputError(
                f"{path} lists {config.run_id} twice.", Refusal.CONFLICT, run=config.run_id
            )
        seen.add(config.run_id)
    return groups


def _group(table: dict[str, Any], where: str) -> Group:
    if unknown := sorted(set(table) - set(OWN_KEYS) - SETTINGS):
        raise InputError(
            f'{where} has an unknown key "{unknown[0]}"; the choices are: '
            f"{', '.join([*OWN_KEYS, *sorted(SETTINGS)])}.",
            Refusal.UNKNOWN_NAME,
            what="key",
            name=unknown[0],
            choices=[*OWN_KEYS, *sorted(SETTINGS)],
        )
    needed = ["title", "preset", "beta", "seed"]
    if table.get("model") == "conv-multirate" or table.get("objective") in COMPARED:
        needed.remove("beta")
    if missing := [key for key in needed if key not in table]:
        raise lacks(where, missing)
    overrides = {key: value for key, value in table.items() if key in SETTINGS}
    configs = tuple(
        preset(table["preset"], **({"precision": "auto"} | overrides), beta=beta, seed=seed)
        for seed in table["seed"]
        for beta in table.get("beta", [None])
    )
    return Group(
        table["title"],
        configs,
        snapshots=table.get("snapshots", 0),
        distances=table.get("distances", 0),
        compared=table.get("compared", 0),
        scored=table.get("scored", True),
        paper_mode=table.get("paper_mode", False),
        weights=tuple(table.get("weights", ())),
    )
