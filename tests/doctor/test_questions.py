"""Every question is answered, in order, within its time, whatever is missing."""

import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from betavae_core.config import RunConfig
from betavae_core.datasets import DATASETS, Dataset, load_dataset
from betavae_core.datasets.mapped import MappedDataset
from betavae_core.disk_cache import prepared
from betavae_core.doctor import Finding, checkup, examine, worst
from betavae_core.doctor.available import Available, NotPrepared, opened_dataset, ready_datasets
from betavae_core.doctor.checkup import LONG, QUICK, _Checkup
from betavae_core.doctor.fit import scale_of
from betavae_core.doctor.remembered import remembered
from betavae_core.doctor.subject import Subject
from betavae_core.doctor.terms import check_latents, check_terms, measure
from betavae_core.errors import InputError, Refusal
from betavae_core.importers import Imported, read_checkpoint, read_guarded
from betavae_core.models import build_vae
from tests.doctor import damage

GREY_KEYS = [key for key in QUICK | LONG if key != "channels"]


def found(model: Any, config: RunConfig, **options: Any) -> dict[str, Finding]:
    return {finding.key: finding for finding in checkup(model, config, **options)}


@pytest.mark.slow
def test_an_encoder_alone_is_asked_everything() -> None:
    model, config = damage.good()

    class Encoder:
        encode = staticmethod(model.encode)

    told = found(Encoder(), config, dataset="2dshapes", compare=damage.RUNS)
    assert list(told) == GREY_KEYS
    for key in ("outputs", "reconstruction", "orientation", "reading", "traversals", "samples"):
        assert told[key].verdict == "not computed"
        assert "no decode" in told[key].says
    assert told["beta"].verdict == "not computed"
    assert "decoder" in told["beta"].says
    assert told["terms"].verdict == told["latents"].verdict == told["scores"].verdict == "fine"
    assert "KL" in told["terms"].says
    assert "5 of 10 latents are active" in told["latents"].says


def test_without_a_dataset_the_reason_is_told_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cifar10", "cifar100"):  # the only ones of this shape
        monkeypatch.setitem(DATASETS, name, replace(DATASETS[name], excerpt=None))
    config = RunConfig(dataset="unknown", source="own", channels=3, image_size=32, beta=None)
    told = found(build_vae(config), config)
    assert list(told) == [*QUICK, *LONG]
    for key in ("reconstruction", "orientation", "channels", "reading", "units", "terms",
                "latents", "scores", "beta"):  # fmt: skip
        assert told[key].verdict == "not computed"
        assert "No dataset of 3×32×32 images" in told[key].says
    assert told["traversals"].images


def test_excerpts_serve_where_the_files_are_missing() -> None:
    """A run on CIFAR10 is judged on the excerpt, on as many images as it has."""
    model, config = damage.good("cifar10-conv-beta1-seed4723")
    told = found(model, config)
    assert "NLL" in told["terms"].says
    assert "256 images of CIFAR10 (excerpt, 256 official test images)" in told["terms"].says
    assert told["terms"].numbers["images"] == 256
    assert worst(told.values()) in ("fine", "look")
    unknown = replace(config, dataset="unknown", source="own", beta=None)
    told = found(model, unknown, quick=True)
    assert "CIFAR10 fits best of 2 datasets" in told["reconstruction"].says
    kept = remembered(Imported("bare", unknown, model), list(told.values()))
    assert (kept.config.dataset, kept.config.source) == ("cifar10", "official")
    assert kept.scores == []  # what was measured on the excerpt is not the dataset's


@pytest.mark.parametrize("claimed", ["3dshapes", "cifar10"])
def test_a_dataset_of_other_images_than_the_model_takes(claimed: str) -> None:
    """Said as that, and not as a dataset that is not here."""
    model, config = damage.good()
    for dataset in (None, "2dshapes"):
        told = found(model, replace(config, dataset=claimed), dataset=dataset, quick=True)
        assert worst(told.values()) == "look"
        assert "contradicts itself" in told["architecture"].says
        assert "the model takes 1×64×64" in told["architecture"].says
        assert not any("not available" in finding.says for finding in told.values())
        if dataset is None:
            assert told["reconstruction"].verdict == "not computed"
            assert "contradicts itself" in told["reconstruction"].says


def test_faults_of_the_checkpoint_are_no_missing_answers() -> None:
    """What is wrong with the model or its config is told; what is with the images, left out."""
    examination = _Checkup(Subject(*damage.good()), None, None, None, 0, False, None)

    def raising(kind: Refusal) -> Any:
        def check() -> list[Finding]:
            raise InputError("It does not fit.", kind)

        return check

    for kind in (Refusal.SETTINGS, Refusal.NOT_FINITE, Refusal.OUTPUT):
        (told,) = examination.ask("samples", raising(kind))
        assert told.verdict == "broken"
    (told,) = examination.ask("samples", raising(Refusal.OTHER))
    assert told.verdict == "not computed"


def test_after_nan_nothing_vanishes() -> None:
    model, config = damage.good()
    told = found(damage.with_nan(model), config, dataset="2dshapes")
    assert list(told) == GREY_KEYS
    assert {told[key].verdict for key in GREY_KEYS[2:]} == {"not computed"}
    assert "NaN" in told["beta"].says


def test_another_dataset_than_claimed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 64, 64, 1), np.uint8)
    claimed: Dataset = MappedDataset("mine", "Mine", "own", noise, key="mine")
    here = Available([claimed, load_dataset("2dshapes")])
    module = sys.modules[checkup.__module__]
    monkeypatch.setattr(module, "ready_datasets", lambda *_: here)
    model, config = damage.good()
    wrong = replace(config, dataset="mine", channels=1, image_size=64)
    told = found(model, wrong, quick=True)["reconstruction"]
    assert told.verdict == "look", "it works, on other images than it says"
    assert "claims Mine" in told.says
    assert "another dataset" in told.cause
    assert len(told.images) == 2


@pytest.mark.parametrize("fault", [damage.exploding, damage.overflowing])
def test_an_exploding_kl_is_named(fault: Any) -> None:
    model, config = damage.good()
    subject = Subject(fault(model), config)
    measured = measure(subject, scale_of(subject, load_dataset("2dshapes"), 0), 0, images=100)
    for told in (check_terms(subject, measured, []), check_latents(subject, measured)):
        assert told.verdict in ("look", "broken")
        assert "Exploding KL" in told.cause
    assert check_terms(subject, measured, []).verdict == "broken"


def test_what_is_not_prepared_is_not_prepared_by_looking() -> None:
    """Both rendered colour datasets take a while once, of which nothing is done here."""
    _, config = damage.good(damage.COLOUR)
    began = time.process_time()
    here = ready_datasets(config)
    assert here.open == []
    assert here.unprepared == ["3dshapes", "mpi3d-toy"]
    assert "MPI3DReal" in here.missing
    assert time.process_time() - began < 5
    with pytest.raises(NotPrepared):
        opened_dataset("3dshapes", config)


def test_what_was_prepared_so_far_is_kept(own_folders: dict[str, Path]) -> None:
    """An interrupted preparation goes on from its last row."""
    made: list[int] = []

    def rows(start: int) -> Any:
        for row in range(start, 4):
            made.append(row)
            yield np.full((1, 2), row, np.uint8)

    def tell(_: str, done: int, total: int) -> None:
        if done == 2:
            raise NotPrepared

    with pytest.raises(NotPrepared):
        prepared("slow", (4, 2), np.uint8, rows, title="slow", progress=tell)
    assert prepared("slow", (4, 2), np.uint8, rows, title="slow")[:, 0].tolist() == [0, 1, 2, 3]
    assert made == [0, 1, 2, 3]


def test_a_checkpoint_is_seen_before_its_dataset_is_prepared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The claimed dataset is prepared within the checkup, for a while; what is there without it
    comes first, and what could not be waited for is named."""
    monkeypatch.setattr("betavae_core.doctor.available.PREPARING", 0.0)
    model, config = damage.good(damage.COLOUR)
    told = found(model, config)
    assert set(told) == {*QUICK, *LONG}
    assert list(told)[:5] == ["architecture", "weights", "outputs", "samples", "reconstruction"]
    assert told["outputs"].verdict == told["samples"].verdict == "fine"
    assert told["reconstruction"].verdict == "not computed"
    assert "3Dshapes, MPI3DToy must be prepared first" in told["reconstruction"].says
    assert told["traversals"].images


def test_nothing_is_prepared_where_that_is_not_wanted(own_folders: dict[str, Path]) -> None:
    model, config = damage.good(damage.COLOUR)
    for asked in (None, "3dshapes"):
        told = found(model, config, dataset=asked, prepare=False, quick=True)
        assert list(told) == list(QUICK)
        assert "3Dshapes" in told["reconstruction"].says
        assert told["reconstruction"].verdict == "not computed"
    assert not list(own_folders["CACHE"].glob("*.npy"))


def used(who: int) -> float:

    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


@pytest.mark.slow
@pytest.mark.parametrize("guarded", [False, True])
def test_seconds_to_the_first_pictures_and_a_minute_for_everything(
    guarded: bool, tmp_path: Path
) -> None:
    """From the path of a conv model's file to its last finding. In processor time of this process
    and of the one that reads: what else the machine does must not decide it."""

    path = tmp_path / "mine.pt"
    torch.save(damage.good()[0].state_dict(), path)
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    began, when = sum(used(each) for each in who), {}
    imported = read_guarded(path) if guarded else read_checkpoint(path)
    findings = []
    for finding in examine(imported, compare=damage.RUNS):
        findings.append(finding)
        when[finding.key] = sum(used(each) for each in who) - began
    assert when["reconstruction"] <= 5
    assert when["beta"] <= 60
    assert {finding.verdict for finding in findings} == {"fine"}
