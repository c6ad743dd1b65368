"""Every fault is found and named in a damaged copy of a good run; the good ones are not accused."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from betavae_core.config import RunConfig
from betavae_core.datasets import Dataset, load_dataset
from betavae_core.doctor import Finding, Verdict, checkup, worst
from betavae_core.doctor.beta import check_beta
from betavae_core.doctor.fit import scale_of
from betavae_core.doctor.others import own_runs
from betavae_core.doctor.subject import Subject
from betavae_core.doctor.terms import check_latents, check_terms, measure
from betavae_core.doctor.weights import check_units, layer_numbers
from betavae_core.models import build_vae
from tests.doctor import damage
from tests.oracles import one_sentence

KEYS = ["architecture", "weights", "outputs", "reconstruction", "orientation", "reading"]


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """3Dshapes, prepared once for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BETAVAE_CACHE", str(tmp_path_factory.mktemp("cache")))
        return load_dataset("3dshapes", "rendered")


def quick(model: Any, config: RunConfig, dataset: Dataset | None = None) -> dict[str, Finding]:
    found = checkup(model, config, dataset=dataset or config.dataset, quick=True)
    return {finding.key: finding for finding in found}


def unaccused(found: dict[str, Finding], keys: list[str]) -> None:
    assert {finding.verdict for finding in found.values()} == {"fine"}
    assert list(found) == keys
    assert all(finding.says.endswith(".") and not finding.cause for finding in found.values())


def test_a_good_run_is_fine() -> None:
    unaccused(quick(*damage.good()), KEYS)


@pytest.mark.slow
def test_a_good_colour_run_is_fine(rooms: Dataset) -> None:
    found = quick(*damage.good(damage.COLOUR), rooms)
    unaccused(found, [*KEYS[:5], "channels", KEYS[5]])


@pytest.mark.parametrize(
    ("fault", "key", "words"),
    [
        (damage.sigmoid_twice, "outputs", "Sigmoid applied twice"),
        (damage.sigmoid_twice, "sigmoid", "Sigmoid applied twice"),
        (damage.inverted, "orientation", "Inverted images"),
        (damage.swapped, "reading", "Wrong mean/log-variance layout"),
        (damage.interleaved, "reading", "Wrong mean/log-variance layout"),
        (damage.read_one_by_one, "reading", "Wrong mean/log-variance layout"),
        (damage.fresh_decoder, "weights", "Half-loaded weights"),
        (damage.zeroed, "weights", "Half-loaded weights"),
        (damage.thirtyfold, "weights", "Exploding weights"),
        (damage.with_nan, "weights", "diverged"),
    ],
)
def test_each_fault_is_named(fault: Callable[..., Any], key: str, words: str) -> None:
    model, config = damage.good()
    found = quick(fault(model), config)
    assert found[key].verdict == "broken"
    assert words in found[key].cause
    kinds = {"orientation", "reading", "sigmoid"}
    accused = {k for k in kinds & set(found) if found[k].verdict == "broken"}
    assert accused <= {key, "sigmoid"}, "a fault is not taken for another"
    json.dumps([finding.to_json() for finding in found.values()], allow_nan=False)


@pytest.mark.parametrize("beta", ["0.1", "1", "4", "10"])
def test_the_ways_of_misreading_are_told_apart(beta: str) -> None:
    """Several other readings are better, too, by a hundred times what can be explained."""
    model, config = damage.good(damage.grey(beta))
    said = {
        fault: quick(fault(model), config)["reading"].says
        for fault in (damage.swapped, damage.interleaved, damage.read_one_by_one)
    }
    assert "swapped" in said[damage.swapped]
    assert "interleaved, but they are read as halves" in said[damage.interleaved]
    assert "halves, but they are read interleaved" in said[damage.read_one_by_one]


@pytest.mark.slow
def test_bgr_is_named(rooms: Dataset) -> None:
    model, config = damage.good(damage.COLOUR)
    found = quick(damage.bgr(model), config, rooms)
    assert found["channels"].verdict == "broken"
    assert "BGR" in found["channels"].cause
    assert found["orientation"].verdict != "broken"


def test_collapse_is_named_and_no_beta_claimed() -> None:
    model, config = damage.good()
    subject = Subject(damage.collapsed(model), config)
    measured = measure(subject, scale_of(subject, load_dataset("2dshapes"), 0), 0, images=100)
    latents = check_latents(subject, measured)
    assert latents.verdict == "broken"
    assert "Posterior collapse" in latents.cause
    assert check_beta(subject, measured, 0).verdict == "not computed"


def test_a_half_loaded_model_without_weights_to_see_is_suspected() -> None:
    model, config = damage.good()
    broken = damage.fresh_decoder(model)
    subject = Subject(damage.Notebook(broken.encode, broken.decode_logits), config)
    measured = measure(subject, scale_of(subject, load_dataset("2dshapes"), 0), 0, images=100)
    terms = check_terms(subject, measured, [])
    assert terms.verdict == "broken"
    assert "half-loaded" in terms.cause
    assert check_latents(subject, measured).verdict == "fine"


@pytest.mark.parametrize("beta", ["0.1", "1", "4", "10"])
def test_beta_shows_in_the_weights(beta: str) -> None:
    """On 300 images; the claim is not used for the estimate."""
    model, config = damage.good(damage.grey(beta))
    subject = Subject(model, replace(config, beta=None))
    measured = measure(subject, scale_of(subject, load_dataset("2dshapes"), 0), 0, images=300)
    found = check_beta(subject, measured, 0)
    assert found.verdict == "fine"
    assert found.numbers["claimed"] is None
    assert found.numbers["beta"] == pytest.approx(float(beta), rel=0.25)
    assert found.numbers["low"] < found.numbers["beta"] < found.numbers["high"]
    assert "the checkpoint states no β" in found.says
    other = replace(config, beta=None, objective="beta-tcvae", strength=6.4)
    says = check_beta(Subject(model, other), measured, 0).says
    assert "states β-TCVAE, β = 6.4, no weight of the KL alone" in says


def test_a_wrong_claim_is_seen_and_its_normalisation_guessed() -> None:
    model, config = damage.good()
    for claim, words in ((40.0, "KL averaged over latents"), (0.5, "β other than stated")):
        subject = Subject(model, replace(config, beta=claim))
        scale = scale_of(subject, load_dataset("2dshapes"), 0)
        found = check_beta(subject, measure(subject, scale, 0, images=300), 0)
        assert found.verdict == "look"
        assert words.lower() in found.cause.lower()


def test_our_runs_are_compared() -> None:
    model, config = damage.good()
    subject = Subject(model, config)
    runs = own_runs(damage.RUNS, subject, load_dataset("2dshapes"))
    assert {run.beta for run in runs} >= {0.1, 1.0, 4.0, 10.0}
    measured = measure(subject, scale_of(subject, load_dataset("2dshapes"), 0), 0, images=200)
    assert check_terms(subject, measured, runs).verdict == "fine"
    shifted = Subject(model, replace(config, beta=0.1))
    told = check_terms(shifted, measured, runs)
    assert told.verdict == "look"
    assert "β = 0.1" in told.says


def test_units_that_never_fire_are_counted() -> None:
    model, config = damage.good()
    x = load_dataset("2dshapes").images(range(0, 700_000, 20_000)).float() / 255
    assert check_units(Subject(model, config), x).verdict == "fine"
    silent = damage.changed_weights(model, lambda m: m.get_parameter("encoder.9.bias").sub_(1e3))
    told = check_units(Subject(silent, config), x)
    assert told.verdict == "broken"
    assert "encoder.10" in told.says


def test_initialisations_are_recognised_and_training_is_not() -> None:
    source = torch.Generator().manual_seed(1)
    weight = torch.empty(64, 32, 4, 4)
    for start in (
        lambda w: torch.nn.init.kaiming_uniform_(w, 5**0.5, generator=source),
        lambda w: torch.nn.init.kaiming_uniform_(w, nonlinearity="relu", generator=source),
        lambda w: torch.nn.init.xavier_uniform_(w, generator=source),
    ):
        start(weight)
        assert layer_numbers("w", weight).untouched
        assert layer_numbers("w", weight.half().float()).untouched
        moved = weight + 0.01 * torch.randn(weight.shape, generator=source)
        assert not layer_numbers("w", moved).untouched


def test_an_untrained_model_is_not_called_half_loaded() -> None:
    config = RunConfig()
    found = quick(build_vae(config), config)
    assert found["weights"].verdict == "look"
    assert "never trained" in found["weights"].cause
    assert {found[key].verdict for key in ("orientation", "reading")} == {"fine"}


def test_an_encoder_alone_is_scored() -> None:
    model, config = damage.good()

    class Encoder:
        encode = staticmethod(model.encode)

    found = {f.key: f for f in checkup(Encoder(), config, dataset="2dshapes", quick=True)}
    for key in ("weights", "outputs", "reconstruction"):
        assert found[key].verdict == "not computed"
    assert worst(found.values()) == "fine"


def test_what_a_notebook_raises_is_a_finding() -> None:
    _, config = damage.good()

    class Odd:
        def encode(self, x: torch.Tensor) -> Any:
            return x.flatten(1)[:, :3], x.flatten(1)[:, :3]

        def decode(self, z: torch.Tensor) -> torch.Tensor:
            raise KeyError("decoder")

    found = list(checkup(Odd(), config, dataset="2dshapes"))
    assert all(isinstance(finding.verdict, Verdict) for finding in found)
    by_key = {finding.key: finding for finding in found}
    assert "KeyError" in by_key["outputs"].says
    assert "(64, 3)" in by_key["reconstruction"].says or "(16, 3)" in by_key["reconstruction"].says
    assert worst(found) == "broken"


def test_a_dataset_of_another_shape_is_refused() -> None:
    model, config = damage.good(damage.COLOUR)
    with one_sentence("2Dshapes", "(3, 64, 64)", "(1, 64, 64)"):
        list(checkup(model, config, dataset="2dshapes"))


def test_without_a_dataset_the_rest_is_still_shown() -> None:
    config = RunConfig(dataset="unknown", source="own", channels=1, image_size=32, beta=None)
    found = {f.key: f for f in checkup(build_vae(config), config)}
    assert found["reconstruction"].verdict == "not computed"
    assert found["traversals"].images
    assert found["samples"].images
    assert found["scores"].verdict == found["beta"].verdict == "not computed"
