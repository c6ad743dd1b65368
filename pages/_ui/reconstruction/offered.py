"""Buttons that measure missing distances in the background."""

import pandas as pd

from betavae_core.datasets import Dataset
from betavae_core.fid import FEATURES, default_features
from betavae_core.scoring.distances import FEW, IMAGE_KINDS, images_mark
from betavae_core.store import Run
from betavae_core.tables.distances import comparable, distance_rows
from pages._ui.background import background
from pages._ui.kept import kept
from pages._ui.reconstruction.cost_charts import is_current
from pages._ui.runs import dataset_of

LAPTOP = {"images": FEW, "reference-images": 10_000}  # if nothing is stored yet


def offer_distances(runs: list[Run], dataset: Dataset, rows: pd.DataFrame | None) -> None:
    """The buttons for missing distances: with the setting that is shown, if it still applies to
    these images, and with the available features if none is shown with them."""
    current = (
        rows is not None
        and is_current(rows.iloc[0])
        and rows["of"].iloc[0] == str(images_mark(dataset))
    )
    if rows is not None and current:
        first = rows.iloc[0]
        there = set(zip(rows["run"], rows["kind"], strict=True))
        _compute(
            [run for run in runs if any((run.name, kind) not in there for kind in IMAGE_KINDS)],
            first["features"],
            {"images": first["images"], "reference-images": first["reference_images"]}
            | ({"seed": first["draw"]} if first["draw"] else {}),
        )
    features = default_features()
    measured = comparable(kept(distance_rows, runs))
    if not any(
        group["features"].iloc[0] == features
        and is_current(group.iloc[0])
        and group["of"].iloc[0] == str(images_mark(dataset))
        for group in measured
    ):
        _compute(runs, features, LAPTOP)


def _compute(runs: list[Run], features: str, setting: dict[str, int]) -> None:
    """A button that measures these runs in the background."""
    measurable = [
        run
        for run in runs
        if (found := dataset_of(run)) is not None
        and found.source == run.config.source  # the verb accepts no other
    ]
    if not measurable:
        return
    entry = FEATURES[features]
    several = f"{len(measurable)} model" + "s" * (len(measurable) > 1)
    background(
        f"fid-{measurable[0].config.dataset}-{features}",
        f"Compute the missing distances of {several}: {entry.distance}",
        [
            "fid",
            *(str(run.path) for run in measurable),
            *("--features", features),
            *(word for key, value in setting.items() for word in (f"--{key}", str(value))),
        ],
        f"{entry.distance} and {entry.kernel} of {setting['images']:,} reconstructions and as many "
        "prior samples of each model. The features of the dataset's images are computed first, "
        "only once. Finished distances are kept, even if you cancel.",
    )
