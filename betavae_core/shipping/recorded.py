"""Runs without their weights, for collections in which a megabyte per run would be too much.

Such a folder has the unchanged config, history and scores, record.json (the hash of the measured
weights, and the command that makes them again) and strip.png (reconstructions of the images that
`strips.drawn` draws for every run of the dataset). It is listed, charted and exported like any run;
views that need the weights say so.
"""

import json
import shutil
from pathlib import Path

from ..command_line import command_for
from ..datasets import Dataset
from ..errors import InputError, Refusal, exists
from ..models import FactorCode, NoiseCode
from ..store import CONFIG, HISTORY, RECORD, SCORES, STRIP, Run, write_atomically
from .strips import PRIOR, drawn, named_images, strip_png


def record_run(run: Run, target: Path, dataset: Dataset | None) -> None:
    """Write a run without its weights into the new folder `target`; the run itself is unchanged.
    dataset: its images for the strip; None: the strip shows prior samples. Raises `InputError` for
    an unfinished run, a baseline that makes no images, and an existing folder."""
    if run.status != "finished" or isinstance(run.loaded, FactorCode | NoiseCode):
        raise InputError(
            f"{run.name} is {run.config.baseline or run.status}: only finished runs "
            "that make images are kept without their weights.",
            Refusal.UNSUITABLE,
            run=run.name,
        )
    if target.exists():
        raise exists(target)
    images = None if dataset is None else dataset.images(drawn(dataset, 0))
    strip = strip_png(run, images)
    target.mkdir(parents=True)
    for name in (CONFIG, HISTORY, SCORES):
        if (run.path / name).exists():
            shutil.copyfile(run.path / name, target / name)
    write_atomically(target / STRIP, strip)
    about = {
        "weights": run.weights_hash,
        "command": command_for(run.config),
        "strip": PRIOR if dataset is None else named_images(dataset),
    }
    write_atomically(target / RECORD, (json.dumps(about, indent=1) + "\n").encode())
