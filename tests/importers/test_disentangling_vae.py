"""Real checkpoints of another project against the losses that its authors logged."""

import json
import math
import pickle
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core.datasets import load_dataset
from betavae_core.errors import InputError
from betavae_core.importers import import_checkpoint, keep, read_checkpoint
from betavae_core.objective import bernoulli_nll, likelihood_nll
from betavae_core.rng import generator
from betavae_core.scoring.elbo import elbo_terms
from betavae_core.store import load_run
from tests.importers.disentangling import edit_specs, written
from tests.oracles import burgess_forward, one_sentence

FOLDER = "checkpoints/disentangling-vae"
RUNS = {"betaH_dsprites": ("2dshapes", 4.0, 64), "VAE_mnist": ("mnist", 1.0, 32)}


@pytest.fixture
def checkpoint(shared_data: Callable[..., Path], tmp_path: Path) -> Path:
    """A copy of a real checkpoint that the test may break, or one with weights drawn here."""
    made = written(tmp_path / "made", (1, 32, 32), latents=10, loss="VAE", dataset="mnist")
    return shutil.copytree(shared_data(f"{FOLDER}/VAE_mnist", made), tmp_path / "theirs")


def edit_model(checkpoint: Path, change: Callable[[dict[str, torch.Tensor]], Any]) -> None:
    state = torch.load(checkpoint / "model.pt", weights_only=True)
    change(state)
    torch.save(state, checkpoint / "model.pt")


def test_losses_that_the_authors_logged(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    """On the first 1,000 images in index order at the posterior mean. Their log holds the first
    batch's loss divided by the number of batches, 738."""
    theirs = shared_data(f"{FOLDER}/betaH_dsprites")
    logged = json.loads((theirs / "test_losses.log").read_text())
    run = load_run(import_checkpoint(theirs, tmp_path))
    dataset = load_dataset("2dshapes", "rendered")
    terms = elbo_terms(run.model, dataset, range(1000))
    assert terms["nll_at_mean"] == pytest.approx(14.3515, rel=1e-4)
    assert sum(terms["kl"]) == pytest.approx(13.2927, rel=1e-4)
    assert terms["nll_at_mean"] == pytest.approx(738 * logged["recon_loss"], rel=1e-4)
    for latent, kl in enumerate(terms["kl"]):
        assert kl == pytest.approx(738 * logged[f"kl_loss_{latent}"], rel=1e-3, abs=1e-4)


@pytest.mark.slow
def test_losses_on_uniform_images(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    run = load_run(import_checkpoint(shared_data(f"{FOLDER}/betaH_dsprites"), tmp_path))
    dataset = load_dataset("2dshapes", "rendered")
    indices = torch.randint(len(dataset), (20_000,), generator=generator(0, "test"))
    terms = elbo_terms(run.model, dataset, indices)
    assert terms["nll"] == pytest.approx(35.7, abs=1)
    assert sum(terms["kl"]) == pytest.approx(15.3, abs=0.3)
    assert terms["nll_at_mean"] < terms["nll"]


@pytest.mark.parametrize("name", RUNS)
def test_an_independent_computation_agrees(
    name: str, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    """Their tensors run as they run them, with mean and log-variance interleaved."""
    dataset, beta, size = RUNS[name]
    theirs = shared_data(f"{FOLDER}/{name}")
    run = load_run(import_checkpoint(theirs, tmp_path))
    assert run.name == name
    assert (run.config.dataset, run.config.beta) == (dataset, beta)
    assert run.config.shape == (1, size, size)
    assert "disentangling-vae" in run.config.origin
    assert run.status == "imported"
    assert run.images_seen == run.config.images
    state = torch.load(theirs / "model.pt", weights_only=True)
    x = torch.rand(6, 1, size, size, generator=torch.Generator().manual_seed(0))
    expected, mean, log_var = burgess_forward(state, x)
    found = run.model.encode(x)
    torch.testing.assert_close(found[0], mean, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(found[1], log_var, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(run.model.decode_logits(mean), expected, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(run.model.decode(mean), expected.sigmoid(), rtol=0, atol=1e-5)
    assert not torch.allclose(mean, log_var, atol=0.1)  # else the order would not show
    nll = bernoulli_nll(run.model.decode_logits(mean), x)
    torch.testing.assert_close(nll, bernoulli_nll(expected, x))


def test_name_of_the_run_and_no_overwriting(checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs"
    assert import_checkpoint(checkpoint, out) == out / "theirs"
    assert import_checkpoint(checkpoint, out, name="mine") == out / "mine"
    before = {file: file.read_bytes() for file in (out / "mine").iterdir()}
    with one_sentence(str(out / "mine")):
        import_checkpoint(checkpoint, out, name="mine")
    assert {file: file.read_bytes() for file in (out / "mine").iterdir()} == before


BIAS = "decoder.lin2.bias"
HEAD = "encoder.mu_logvar_gen.bias"
TENSORS: dict[str, tuple[Callable[[dict[str, torch.Tensor]], Any], str]] = {
    "missing": (lambda state: state.pop(BIAS), BIAS),
    "extra": (lambda state: state.update({"decoder.extra": torch.zeros(1)}), "extra"),
    "of a larger model": (
        lambda state: state.update({"encoder.conv_64.weight": torch.zeros(32, 32, 4, 4)}),
        "encoder.conv_64.weight",
    ),
    "wrong shape": (lambda state: state.update({BIAS: torch.zeros(7)}), "(7,)"),
    "odd head": (lambda state: state.update({HEAD: torch.zeros(19)}), "(19,)"),
    "a single number": (lambda state: state.update({HEAD: torch.tensor(0.0)}), "()"),
    "whole numbers": (lambda state: state.update({BIAS: state[BIAS].long()}), "int64"),
    "NaN": (lambda state: state[BIAS][:1].fill_(float("nan")), "NaN"),
    "no tensor": (lambda state: state.update({BIAS: 3}), f'lacks the tensor "{BIAS}"'),
}


@pytest.mark.parametrize("fault", TENSORS)
def test_wrong_tensors_are_named(fault: str, checkpoint: Path, tmp_path: Path) -> None:
    change, named = TENSORS[fault]
    edit_model(checkpoint, change)
    with one_sentence(named):
        import_checkpoint(checkpoint, tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.5, 0.999])
def test_a_truncated_model_is_one_sentence(kept: float, checkpoint: Path, tmp_path: Path) -> None:
    file = checkpoint / "model.pt"
    data = file.read_bytes()
    file.write_bytes(data[: int(kept * len(data))])
    with one_sentence("model.pt"):
        import_checkpoint(checkpoint, tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("content", [b"hello", b"not a model", b"\x80\x02.", b"\x80\x04K", b"[]"])
def test_a_model_file_that_is_none_is_one_sentence(
    content: bytes, checkpoint: Path, tmp_path: Path
) -> None:
    (checkpoint / "model.pt").write_bytes(content)
    with one_sentence("model.pt"):
        import_checkpoint(checkpoint, tmp_path / "runs")


@pytest.mark.parametrize("place", [857, 2308, 2621, 2956])
def test_a_damaged_byte_in_the_header_is_harmless_or_an_input_error(
    place: int, checkpoint: Path, tmp_path: Path
) -> None:
    """The tables of the file, not the numbers: each value of a byte there, some of which break
    the reader in ways of their own."""
    file = checkpoint / "model.pt"
    data = file.read_bytes()
    for value in range(0, 256, 5):
        file.write_bytes(data[:place] + bytes([value]) + data[place + 1 :])
        shutil.rmtree(tmp_path / "runs", ignore_errors=True)
        with suppress(InputError):  # some damage is harmless, but no other error may come out
            run = load_run(import_checkpoint(checkpoint, tmp_path / "runs"))
            assert run.config.latents == 10


class Intruder:
    """Unpickling it would create a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


@pytest.mark.parametrize("way", ["pickle", "torch"])
def test_code_in_a_model_file_is_refused_and_not_run(
    way: str, checkpoint: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "intruder-was-here"
    content = {"encoder.conv1.weight": Intruder(trace)}
    file = checkpoint / "model.pt"
    if way == "pickle":
        file.write_bytes(pickle.dumps(content))
        pickle.loads(file.read_bytes())
    else:
        torch.save(content, file)
        torch.load(file, weights_only=False)
    assert trace.exists()  # the trap works
    trace.unlink()
    with one_sentence("model.pt"):
        import_checkpoint(checkpoint, tmp_path / "runs")
    assert not trace.exists()
    assert not (tmp_path / "runs").exists()


SPECS: dict[str, tuple[dict[str, Any], str]] = {
    "other model": ({"model_type": "Locatello"}, "Locatello"),
    "other likelihood": ({"rec_dist": "poisson"}, "poisson"),
    "likelihood of another kind": ({"rec_dist": ["bernoulli"]}, "specs.json"),
    "data of another kind": ({"dataset": ["mnist"]}, "specs.json"),
    "not square": ({"img_size": [1, 32, 64]}, "32×64"),
    "no size": ({"img_size": 32}, "specs.json"),
    "size of text": ({"img_size": "abc"}, "specs.json"),
    "no latents": ({"latent_dim": 0}, "latents"),
    "other latents": ({"latent_dim": 9}, "(18,"),
    "beta as text": ({"loss": "betaH", "betaH_B": "four"}, "specs.json"),
    "beta negative": ({"loss": "betaH", "betaH_B": -4}, "beta"),
    "epochs as text": ({"epochs": "400"}, "specs.json"),
}


@pytest.mark.parametrize("fault", SPECS)
def test_specs_that_do_not_fit_are_named(fault: str, checkpoint: Path, tmp_path: Path) -> None:
    changes, named = SPECS[fault]
    edit_specs(checkpoint, **changes)
    with one_sentence(named):
        import_checkpoint(checkpoint, tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 32, 32), (1, 64, 64), (3, 64, 64)])
def test_every_image_shape_of_theirs(shape: tuple[int, int, int], tmp_path: Path) -> None:
    theirs = written(tmp_path / "theirs", shape)
    found = read_checkpoint(theirs)
    assert (found.config.shape, found.config.latents, found.config.beta) == (shape, 6, 4.0)
    assert (found.config.dataset, found.config.images) == ("celeba", 2 * 202_599)
    x = torch.rand(2, *shape, generator=torch.Generator().manual_seed(1))
    state = torch.load(theirs / "model.pt", weights_only=True)
    logits, mean, log_var = burgess_forward(state, x)
    close = {"rtol": 1e-4, "atol": 1e-4}
    torch.testing.assert_close(found.model.encode(x), (mean, log_var), **close)
    torch.testing.assert_close(found.model.decode_logits(mean), logits, **close)


def test_a_dataset_that_is_not_theirs(tmp_path: Path) -> None:
    """Neither the data nor the length of the training is guessed; β is what the specs say."""
    found = read_checkpoint(written(tmp_path / "theirs", (3, 64, 64), dataset="moons\n"))
    assert (found.config.dataset, found.config.images, found.config.beta) == ("unknown", 0, 4.0)
    assert any("moons" in note and "unstated" in note for note in found.notes)
    assert load_run(keep(found, tmp_path, "kept")).images_seen is None


def test_the_origin_has_the_name_that_people_know(tmp_path: Path) -> None:
    """Not that of a folder which a server made for an upload; the specs' own name comes first."""
    theirs = written(tmp_path / "checkpoint-wlk085pn", (1, 32, 32), loss="btcvae")
    found = read_checkpoint(theirs, name="model.pt, specs.json")
    assert "model.pt, specs.json, loss btcvae" in found.config.origin
    assert "wlk085pn" not in found.config.origin + " ".join(found.notes)
    edit_specs(theirs, name="btcvae_celeba")
    assert "btcvae_celeba" in read_checkpoint(theirs, name="model.pt").config.origin


def test_other_reconstruction_terms(tmp_path: Path) -> None:
    """Their "gaussian" is the sum of (255 x̂ − 255 x)² / 255, but for a constant a Gaussian of ours;
    their "laplace" is none, and its β would not weigh against ours."""
    found = read_checkpoint(written(tmp_path / "gaussian", (1, 32, 32), rec_dist="gaussian"))
    assert (found.config.likelihood, found.config.beta) == ("gaussian", 4.0)
    x = torch.rand(2, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    logits = torch.randn(2, 1, 32, 32, generator=torch.Generator().manual_seed(2))
    theirs = ((255 * logits.sigmoid() - 255 * x) ** 2 / 255).sum((1, 2, 3))
    ours = likelihood_nll(found.config.likelihood, found.config.sigma)(logits, x)
    (difference,) = {round(float(value), 1) for value in ours - theirs}
    sigma = found.config.sigma
    assert difference == pytest.approx(1024 * math.log(sigma * math.sqrt(2 * math.pi)), abs=0.1)
    found = read_checkpoint(written(tmp_path / "laplace", (1, 32, 32), rec_dist="laplace"))
    assert (found.config.likelihood, found.config.beta) == ("bernoulli", None)
    assert any("laplace" in note and "no β" in note for note in found.notes)


@pytest.mark.parametrize("content", ["", "{", "[]", "3"])
def test_specs_that_cannot_be_read_leave_the_weights_alone(content: str, checkpoint: Path) -> None:
    (checkpoint / "specs.json").write_text(content)
    found = read_checkpoint(checkpoint)
    assert found.layout == "disentangling-vae-state"
    assert found.config.beta is None
    assert any("specs.json was not used" in note for note in found.notes)


def test_specs_that_lack_settings_are_one_sentence(checkpoint: Path, tmp_path: Path) -> None:
    (checkpoint / "specs.json").write_text('{"img_size": [1, 32, 32], "latent_dim": 10}')
    with one_sentence("specs.json"):
        import_checkpoint(checkpoint, tmp_path / "runs")


def test_a_folder_without_the_weights(checkpoint: Path, tmp_path: Path) -> None:
    (checkpoint / "model.pt").unlink()
    with one_sentence("theirs", "model.pt"):
        import_checkpoint(checkpoint, tmp_path / "runs")


@pytest.mark.parametrize("name", RUNS)
def test_the_weights_without_specs(
    name: str, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    """The same model; what only the specs state is unknown, and not guessed."""
    theirs = shared_data(f"{FOLDER}/{name}")
    whole, bare = read_checkpoint(theirs), read_checkpoint(theirs / "model.pt")
    assert (whole.layout, bare.layout) == ("disentangling-vae", "disentangling-vae-state")
    assert bare.config.shape == whole.config.shape
    assert bare.config.beta is None
    assert any("not state β" in note for note in bare.notes)
    for found, wanted in zip(
        bare.model.state_dict().values(), whole.model.state_dict().values(), strict=True
    ):
        assert torch.equal(found, wanted)
    run = load_run(keep(bare, tmp_path, "kept"))
    assert (run.status, run.images_seen) == ("imported", None)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with one_sentence(str(tmp_path / "gone")):
        import_checkpoint(tmp_path / "gone", tmp_path)


def test_an_unwritable_output_folder(checkpoint: Path, unwritable: Path) -> None:
    with one_sentence(str(unwritable)):
        import_checkpoint(checkpoint, unwritable)
