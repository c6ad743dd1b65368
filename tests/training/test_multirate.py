"""Training for a range of β, and the runs that it makes."""

import argparse
import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core import store
from betavae_core.__main__ import main
from betavae_core.command_line import command_for
from betavae_core.commands.options import add_verbs
from betavae_core.commands.progress import shown_progress
from betavae_core.commands.settings import config_of
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.models import build_vae
from betavae_core.objective import bernoulli_nll, kl_per_latent, sample_posterior
from betavae_core.rng import generator
from betavae_core.scoring import rate_distortion
from betavae_core.scoring.elbo import elbo_terms
from betavae_core.scoring.rate_distortion import COUNT, score_rate_distortion
from betavae_core.scoring.scores import has_standard_scores
from betavae_core.store.frozen import at_beta, freeze
from betavae_core.training.jobs import Job
from betavae_core.training.loop import train
from betavae_core.training.terms import make_terms, noise_width
from betavae_core.training.workers import work_together
from tests.oracles import one_sentence


@pytest.fixture
def few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rate and distortion on 64 images."""
    monkeypatch.setattr(rate_distortion, "IMAGES", 64)


SHORT = {"model": "conv-multirate", "images": 192, "batch_size": 32}


def trained(root: Path, name: str = "run", **settings: object) -> store.Run:
    config = RunConfig(**SHORT | settings)  # type: ignore[arg-type]
    for _ in train(config, root, name=name):
        pass
    return store.load_run(root / name)


def test_the_loss_is_that_of_each_image() -> None:
    """Against a loop over the images, each through the ordinary model at its β."""
    config = RunConfig(model="conv-multirate")
    model = build_vae(config).double()
    x = torch.rand(5, 1, 64, 64, dtype=torch.float64)
    noise = torch.randn(5, noise_width(config), dtype=torch.float64)
    with torch.no_grad():
        for weight in (0.3, 1.0):
            loss, told = make_terms(config)(model, x, noise, weight)
            parts = []
            for image, row in zip(x, noise, strict=True):
                beta = 0.05 * 400 ** (0.5 * (1 + torch.erf(row[-1] / 2**0.5)).item())
                one = model.at_beta(beta)  # type: ignore[operator]
                mean, log_var = one.encode(image[None])
                decoded = one.decode_logits(sample_posterior(mean, log_var, row[None, :-1]))
                nll = bernoulli_nll(decoded, image[None])[0]
                kl = kl_per_latent(mean, log_var)[0]
                paid = nll + weight * beta * kl.sum()
                parts.append(torch.stack([paid / max(1, weight * beta), nll, beta * kl.sum()]))
            wanted = torch.stack(parts).mean(0)
            torch.testing.assert_close(loss, wanted[0], rtol=1e-5, atol=0)
            torch.testing.assert_close(told[[0, -1]], wanted[1:], rtol=1e-5, atol=0)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_stopped_and_resumed_equals_uninterrupted(tmp_path: Path, precision: str) -> None:
    whole = trained(tmp_path, "whole", precision=precision)
    config = RunConfig(**SHORT, precision=precision)  # type: ignore[arg-type]
    steps = 0

    def after_three() -> bool:
        nonlocal steps
        steps += 1
        return steps == 3

    for _ in train(config, tmp_path, name="part", stop=after_three):
        pass
    stopped = store.load_run(tmp_path / "part")
    assert stopped.status == "unfinished"
    frozen = freeze(stopped, 2, tmp_path)  # says how much training is in its weights
    assert frozen.images_seen == at_beta(stopped, 2).images_seen == 96
    for _ in train(config, tmp_path, name="part", resume=True):
        pass
    part = store.load_run(tmp_path / "part")
    assert part.weights_hash == whole.weights_hash
    assert [r["loss"] for r in part.history] == [r["loss"] for r in whole.history]


def test_a_record_states_the_loss_with_the_drawn_betas(tmp_path: Path) -> None:
    record = trained(tmp_path).history[0]
    kl = sum(record["kl"])
    assert record["nll"] + 0.05 * kl < record["loss"] < record["nll"] + 20 * kl
    assert len(record["kl"]) == 10


def test_at_one_beta(tmp_path: Path) -> None:
    run = trained(tmp_path)
    with one_sentence("freeze"):
        _ = run.vae
    one = at_beta(run, 3.7)
    assert (one.config.model, one.config.beta) == ("conv", 3.7)
    assert one.config.origin == "run at β = 3.7"
    assert one.images_seen == 192
    assert one.weights_hash not in (run.weights_hash, at_beta(run, 3.6).weights_hash)
    x = load_dataset("2dshapes", "rendered").images([5]).float() / 255
    assert torch.equal(one.vae.encode(x)[0], run.multirate.at_beta(3.7).encode(x)[0])
    with one_sentence("from 0.05 to 20"):
        at_beta(run, 30)
    frozen = freeze(run, 3.7, tmp_path)
    assert frozen.name == "run-frozen-beta3.7"
    assert torch.equal(one.vae.encode(x)[0], frozen.vae.encode(x)[0])
    with one_sentence("conv-multirate"):
        at_beta(frozen, 1)
    with one_sentence("already", "another --name"):
        freeze(run, 3.7, tmp_path)
    assert freeze(run, 3.70000001, tmp_path).name == "run-frozen-beta3.70000001"
    half = freeze(run, 3.7, tmp_path, "half", half=True)
    torch.testing.assert_close(half.vae.encode(x)[0], one.vae.encode(x)[0], rtol=0, atol=1e-3)


def test_rate_and_distortion_are_those_of_the_models_at_each_beta(tmp_path: Path) -> None:
    run = trained(tmp_path)
    dataset = load_dataset("2dshapes", "rendered")
    record = score_rate_distortion(run, dataset, images=64)
    assert len(record["beta"]) == len(record["nll"]) == len(record["kl"]) == COUNT
    assert (record["beta"][0], record["beta"][-1]) == (0.05, 20)
    one = freeze(run, record["beta"][7], tmp_path)
    rows = torch.randint(len(dataset), (64,), generator=generator(0, "evaluation"))
    terms = elbo_terms(one.vae, dataset, rows)
    assert record["nll"][7] == pytest.approx(terms["nll"], rel=1e-5)
    assert record["kl"][7] == pytest.approx(terms["kl"], rel=1e-4)
    assert store.load_run(run.path).valid_scores == [record]


@pytest.mark.slow
def test_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], few_images: None
) -> None:
    words = ["--model", "conv-multirate", "--images", "64", "--beta-low", "0.5", "--beta-high", "8"]
    assert main(["train", *words, "--name", "m", "--out", str(tmp_path), "--progress", "none"]) == 0
    run = store.load_run(tmp_path / "m")
    assert run.scores[-1]["score"] == "rate-distortion"
    assert main(["freeze", "m", "--beta", "2", "--runs", str(tmp_path)]) == 0
    assert "m-frozen-beta2" in capsys.readouterr().out
    assert (
        main(
            [
                "evaluate",
                "m-frozen-beta2",
                "--runs",
                str(tmp_path),
                "--score",
                "active_units",
                "--limit",
                "300",
            ]
        )
        == 0
    )
    assert main(["freeze", "m", "--beta", "9", "--runs", str(tmp_path)]) == 2
    assert "from 0.5 to 8" in capsys.readouterr().err
    assert main(["evaluate", "m", "--runs", str(tmp_path), "--score", "higgins"]) == 2
    assert "freeze m --beta 1" in capsys.readouterr().err
    assert main(["check", str(run.path), "--quick"]) == 1
    assert "A checkup is of one β" in capsys.readouterr().out
    assert main(["runs", "--runs", str(tmp_path)]) == 0


def test_one_beta_cannot_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor the usual one, which is every other model's default."""
    words = ["--model", "conv-multirate", "--beta", "4", "--out", str(tmp_path)]
    for verb in ("train", "sweep"):
        assert main([verb, *words]) == 2
        assert "set beta_low and beta_high, not beta (got 4" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
    with one_sentence("one β"):
        next(train(RunConfig(**SHORT), tmp_path, observe=lambda model: {}))  # type: ignore[arg-type]


def test_a_worker_measures_rate_and_distortion(tmp_path: Path, few_images: None) -> None:
    """In a sweep such a run is one job, finished once it is measured."""
    config = RunConfig(**SHORT, latents=3)  # type: ignore[arg-type]
    job = Job(config, scored=True)
    settings: dict[str, Any] = {"device": "cpu", "half": True, "data_root": None}
    news = list(
        work_together({0: job}, tmp_path, **settings, checkpoint_seconds=30, asked=lambda: False)
    )
    assert news[-1][1][0] == "finished"
    run = store.load_run(tmp_path / config.run_id)
    assert has_standard_scores(run)
    assert [record["score"] for record in run.scores] == ["rate-distortion"]


def test_the_command_trains_the_same_run() -> None:
    for config in (RunConfig(**SHORT), RunConfig(**SHORT, beta_high=3.0)):  # type: ignore[arg-type]
        words = shlex.split(command_for(config))[3:]
        parser = argparse.ArgumentParser()
        add_verbs(parser.add_subparsers())
        options = parser.parse_args(words)
        given = {f.name: getattr(options, f.name, None) for f in fields(RunConfig)}
        given = {name: value for name, value in given.items() if value is not None}
        assert (
            config_of(options, given | {"precision": "float32"}, shown_progress(options)) == config
        )
