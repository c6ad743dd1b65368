"""Training with each of the objectives that the β-VAE is compared with."""

import argparse
from pathlib import Path

import pytest
import torch

from betavae_core import store
from betavae_core.__main__ import main
from betavae_core.command_line import command_for
from betavae_core.commands.options import add_verbs
from betavae_core.commands.sweep import weighted
from betavae_core.config import RunConfig, preset
from betavae_core.errors import InputError
from betavae_core.models import build_vae
from betavae_core.objective import bernoulli_nll, kl_per_latent, sample_posterior
from betavae_core.penalties import COMPARED
from betavae_core.penalties.capacity import Capacity
from betavae_core.training.loop import train
from betavae_core.training.stacked import group_stacks
from betavae_core.training.steering import steer
from betavae_core.training.step import can_be_graphed
from betavae_core.training.terms import make_terms, noise_width, penalty_of
from tests.oracles import one_sentence

SHORT = {"images": 192, "batch_size": 32, "kl_warmup": 96}


def weights_of(path: Path) -> dict[str, torch.Tensor]:
    return store.load_run(path).vae.state_dict()


@pytest.mark.parametrize("objective", COMPARED)
def test_stopped_and_resumed_equals_uninterrupted(tmp_path: Path, objective: str) -> None:
    """To the bit: FactorVAE's critic is resumed as well."""
    config = RunConfig(objective=objective, **SHORT)  # type: ignore[arg-type]
    records = list(train(config, tmp_path, name="whole"))
    steps = iter(range(100))
    for _ in train(config, tmp_path, name="parts", stop=lambda: next(steps) == 2):
        pass
    assert store.load_run(tmp_path / "parts").status == "unfinished"
    for _ in train(config, tmp_path, name="parts", resume=True):
        pass
    whole, parts = weights_of(tmp_path / "whole"), weights_of(tmp_path / "parts")
    for name, weight in whole.items():
        assert torch.equal(weight, parts[name]), name
    assert records[-1].loss != records[-1].nll
    assert store.read_config(tmp_path / "whole").objective == objective


@pytest.mark.parametrize("objective", COMPARED)
def test_the_loss_is_nll_and_penalty(objective: str) -> None:
    config = RunConfig(objective=objective)
    model, penalty = build_vae(config).double(), penalty_of(config)
    assert penalty is not None
    if objective == "factor-vae":
        penalty.critic.double()  # type: ignore[attr-defined]
    x = torch.rand(6, 1, 64, 64, dtype=torch.float64)
    noise = torch.randn(6, noise_width(config), dtype=torch.float64)
    with torch.no_grad():
        loss, told = make_terms(config, penalty)(model, x, noise, 0.25)
        mean, log_var = model.encode(x)
        decoded = model.decode_logits(sample_posterior(mean, log_var, noise[:, :10]))
    nll, kl = bernoulli_nll(decoded, x).mean(), kl_per_latent(mean, log_var).mean(0)
    torch.testing.assert_close(told[:-1], torch.cat([nll[None], kl]))
    weight = 1.0 if isinstance(penalty, Capacity) else 0.25
    torch.testing.assert_close(loss, nll + weight * told[-1])


@pytest.mark.slow
def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "--objective capacity --strength 50 --capacity 10 --images 64 --batch-size 32"
    assert main(["train", "--runs", str(tmp_path), *words.split()]) == 0
    assert "Annealed capacity, γ = 50, C = 10 nats" in capsys.readouterr().err
    (path,) = tmp_path.glob("*capacity*/")
    assert path.name == "2dshapes-conv-capacity50-seed123-capacity10-batchsize32-images64"
    config = store.read_config(path)
    assert (config.beta, config.strength, config.capacity) == (None, 50, 10)
    for verb in ("train", "sweep"):
        words = "--objective capacity --beta 4"
        assert main([verb, "--runs", str(tmp_path), *words.split()]) == 2
        assert "has no beta" in capsys.readouterr().err


def test_a_sweep_over_strengths(capsys: pytest.CaptureFixture[str]) -> None:
    base = RunConfig(objective="dip-vae-i")
    options = argparse.Namespace(strength="1,5", beta=None)
    assert [config.strength for config in weighted(base, options)] == [1, 5]
    assert weighted(base, argparse.Namespace(strength=None, beta=None)) == [base]
    betas = weighted(RunConfig(), argparse.Namespace(strength=None, beta="1,4"))
    assert [config.beta for config in betas] == [1, 4]
    assert main(["sweep", "--strength", "1"]) == 2
    assert "belongs to an --objective" in capsys.readouterr().err


def test_the_command_trains_the_same_run() -> None:
    config = preset("2dshapes-conv-laptop", objective="factor-vae", strength=35.0, kl_warmup=640)
    words = command_for(config).split()[4:]
    assert "--objective factor-vae --strength 35" in " ".join(words)
    assert "--beta" not in words
    parser = argparse.ArgumentParser()
    add_verbs(parser.add_subparsers())
    options = parser.parse_args(["train", *words])
    given = {k: v for k, v in vars(options).items() if k in config.__dataclass_fields__ and v}
    assert preset(options.preset, **given).run_id == config.run_id


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"objective": "vae"}, "objective must be beta-vae, beta-tcvae"),
        ({"strength": 3.0}, "strength belongs to an objective other than beta-vae"),
        ({"capacity": 3.0}, "capacity belongs to the objective capacity"),
        ({"objective": "factor-vae", "capacity": 3.0}, "belongs to the objective capacity"),
        ({"objective": "factor-vae", "beta": 2.0}, "has no beta (got 2.0)"),
        ({"objective": "beta-tcvae", "strength": -1.0}, "strength must be"),
        ({"objective": "beta-tcvae", "strength": float("inf")}, "strength must be"),
        ({"objective": "factor-vae", "model": "conv-multirate"}, "for a range of β"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], said: str) -> None:
    with one_sentence(said):
        RunConfig(**settings)  # type: ignore[arg-type]


def test_they_train_alone(tmp_path: Path) -> None:
    configs = [RunConfig(seed=1), RunConfig(seed=1, objective="beta-tcvae"), RunConfig(seed=2)]
    assert group_stacks(configs, tmp_path, torch.device("cpu"), most=8) == [[0, 2], [1]]


def test_the_graphed_step_has_no_critic(tmp_path: Path) -> None:
    config = RunConfig(objective="factor-vae", **SHORT)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="without a critic"):
        next(train(config, tmp_path, graph=True))
    assert not can_be_graphed(config)
    assert not can_be_graphed(RunConfig(optimizer="adagrad"))
    assert can_be_graphed(RunConfig(objective="dip-vae-i"))


def test_only_the_learning_rate_can_be_steered(tmp_path: Path) -> None:
    config = RunConfig(objective="dip-vae-i", **SHORT)  # type: ignore[arg-type]
    store.create_run(tmp_path / "run", config)
    with pytest.raises(InputError, match=r"DIP-VAE-I, λ = 10.*no single β"):
        steer(tmp_path / "run", beta=3.0)
    assert steer(tmp_path / "run", learning_rate=1e-3).learning_rate == 1e-3
