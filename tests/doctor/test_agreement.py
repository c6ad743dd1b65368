"""UDR of a checkpoint against our runs: the same latents in another guise, and others."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from betavae_core.datasets import load_dataset
from betavae_core.doctor.agreement import check_agreement
from betavae_core.doctor.finding import Finding
from betavae_core.doctor.fit import scale_of
from betavae_core.doctor.subject import Subject
from betavae_core.doctor.terms import Measured, measure
from betavae_core.store import load_run
from tests.doctor import damage

SHAPES = load_dataset("2dshapes")
LONG = "2dshapes-conv-beta{}-seed123-images7372800-klwarmup640000"


def measured_of(subject: Subject) -> Measured:
    return measure(subject, scale_of(subject, SHAPES, 0), 0, images=400)


def agreed(subject: Subject, measured: Measured, root: Path) -> Finding:
    return check_agreement(subject, measured, root)


@pytest.fixture
def two_runs(tmp_path: Path) -> Path:
    for beta in (1, 4):
        shutil.copytree(damage.RUNS / LONG.format(beta), tmp_path / f"beta{beta}")
    return tmp_path


def test_the_same_latents_in_another_order_agree_fully(two_runs: Path) -> None:
    """With the run that they are from, and not with the other; its own file is left out."""
    run = load_run(two_runs / "beta4")
    subject = Subject(run.model, run.config)
    plain = measured_of(subject)
    alone = agreed(subject, plain, two_runs)
    assert alone.verdict == "not computed"  # one other run is left
    order = torch.randperm(10, generator=torch.Generator().manual_seed(0))
    turned = replace(
        plain, mean=-3 * plain.mean[:, order], log_var=plain.log_var[:, order], kl=plain.kl[order]
    )
    # weights in another order are other weights, as are those of a notebook, which shows none
    stranger = Subject(damage.Notebook(run.vae.encode, run.vae.decode_logits), run.config)
    found = agreed(stranger, turned, two_runs)
    assert found.verdict == "fine"
    values = found.numbers["agreement"]
    assert values["beta4"] == pytest.approx(0.9, abs=0.01)
    assert values["beta1"] < 0.6
    assert found.numbers["among_ours"][2] < 0.6
    assert "2 of our runs" in found.says


def test_noise_agrees_with_nothing(two_runs: Path) -> None:
    subject = Subject(*damage.good(damage.grey("10")))
    plain = measured_of(subject)
    noise = torch.randn(plain.mean.shape, generator=torch.Generator().manual_seed(1))
    found = agreed(subject, replace(plain, mean=noise), two_runs)
    assert found.numbers["udr"] < 0.05


def test_collapsed_latents_are_no_error(two_runs: Path) -> None:
    subject = Subject(*damage.good(damage.grey("10")))
    plain = measured_of(subject)
    assert agreed(subject, replace(plain, kl=0 * plain.kl), two_runs).numbers["udr"] == 0


def test_without_runs_it_says_so(tmp_path: Path) -> None:
    subject = Subject(*damage.good(damage.grey("10")))
    found = agreed(subject, measured_of(subject), tmp_path)
    assert found.verdict == "not computed"
    assert found.says.startswith("None of our runs has its weights")
