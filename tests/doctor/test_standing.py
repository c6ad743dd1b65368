"""Nothing good is called broken for images that it may never have seen, nor for how its weights
look; what does not work still is."""

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from betavae_core.config import RunConfig
from betavae_core.datasets import Dataset, load_dataset
from betavae_core.datasets.mapped import MappedDataset
from betavae_core.doctor import (
    Finding,
    Verdict,
    best_dataset,
    checkup,
    fitting_dataset,
    remembered,
    worst,
)
from betavae_core.doctor.behaviour import failing, patterns
from betavae_core.doctor.fit import fit
from betavae_core.doctor.pictures import by_information, check_outputs
from betavae_core.doctor.standing import at_most_look, guess
from betavae_core.doctor.subject import Subject
from betavae_core.doctor.terms import check_latents, check_terms, measure
from betavae_core.doctor.weights import check_units, check_weights
from betavae_core.importers import read_checkpoint
from betavae_core.models import build_vae
from betavae_core.store.schema import score_fault
from tests.doctor import damage

PUBLISHED = ("betaH_dsprites", "VAE_mnist", "betaH_chairs", "betaB_mnist")
NEED_IMAGES = ("reconstruction", "orientation", "reading", "units", "terms", "latents", "scores",
               "beta")  # fmt: skip


def found(model: Any, config: RunConfig, **options: Any) -> dict[str, Finding]:
    return {each.key: each for each in checkup(model, config, compare=damage.RUNS, **options)}


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_models_are_not_broken(
    name: str, bare: bool, shared_data: Callable[[str], Path]
) -> None:
    theirs = shared_data(f"checkpoints/disentangling-vae/{name}")
    opened = read_checkpoint(theirs / "model.pt" if bare else theirs)
    told = found(opened.model, opened.config)
    assert worst(told.values()) in ("fine", "look")
    if not bare and name != "betaH_dsprites":
        dataset = opened.config.dataset
        for key in NEED_IMAGES:
            assert told[key].verdict == "not computed"
            assert f"{dataset} is not available" in told[key].says
    if bare and name == "betaH_chairs":
        assert told["reconstruction"].verdict == "look"
        assert "2Dshapes is a guess" in told["reconstruction"].says
        assert {told[key].verdict for key in ("orientation", "reading")} == {"not computed"}


def test_a_good_run_without_its_pictures_is_not_judged_on_others() -> None:
    model, config = damage.good()
    mine = replace(config, dataset="my pictures", source="own")
    told = found(model, mine)
    assert worst(told.values()) == "fine"
    assert "my pictures is not available" in told["reconstruction"].says
    asked = found(damage.inverted(model), mine, dataset="2dshapes", quick=True)
    assert asked["reconstruction"].verdict == "look"
    assert "claims my pictures" in asked["reconstruction"].says


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (damage.fresh_decoder, "weights"),
        (damage.zeroed, "weights"),
        (damage.thirtyfold, "weights"),
        (damage.interleaved, "reading"),
        (damage.swapped, "reading"),
        (damage.inverted, "orientation"),
        (damage.sigmoid_twice, "outputs"),
        (damage.overflowing, "latents"),
        (damage.collapsed, "latents"),
    ],
)
def test_damage_is_found_also_where_nothing_is_claimed(fault: Callable[..., Any], key: str) -> None:
    """It fails with any image, or is good on the only set that fits once it is put right."""
    model, config = damage.good()
    told = found(fault(model), replace(config, dataset="unknown"), quick=key != "latents")
    assert told[key].verdict == "broken"


@pytest.mark.slow
@pytest.mark.parametrize("fault", [damage.exploding, damage.collapsed, damage.overflowing])
def test_what_takes_a_thousand_images_is_found(fault: Callable[..., Any]) -> None:
    model, config = damage.good()
    told = found(fault(model), config)
    assert worst(told.values()) == "broken"


def working_with_large_weights() -> tuple[Any, RunConfig]:
    """The good model with one layer fifty times as large and the next as much smaller."""
    model, config = damage.good()
    changed = copy.deepcopy(model)
    state = changed.state_dict()
    for name, factor in (("decoder.2.weight", 50.0), ("decoder.2.bias", 50.0),
                         ("decoder.4.weight", 1 / 50)):  # fmt: skip
        state[name].mul_(factor)
    return changed, config


def test_large_weights_of_a_model_that_works_deserve_a_look() -> None:
    model, config = working_with_large_weights()
    told = found(model, config, dataset="2dshapes", quick=True)
    assert told["weights"].verdict == "look"
    assert "far above the scale" in told["weights"].says
    assert told["reconstruction"].verdict == "fine"
    assert worst(told.values()) == "look"


def test_zeros_of_a_model_that_works_deserve_a_look() -> None:
    model, config = damage.good()
    subject = Subject(damage.zeroed(model), config)
    assert check_weights(subject, lambda: "").verdict == "look"
    told = check_weights(subject, lambda: "it gives every image the same code")
    assert told.verdict == "broken"
    assert "the same code" in told.says


@pytest.mark.slow
def test_very_sure_pixels_deserve_a_look() -> None:
    """Logits a thousand times as large: one wrong pixel costs thousands, the pictures are right."""
    model, config = damage.good()
    sure = damage.Notebook(model.encode, lambda z: 1_000 * model.decode_logits(z))
    subject = Subject(sure, config)
    assert check_outputs(subject, 0).verdict == "look"
    made = fit(subject, load_dataset("2dshapes"), 0)
    assert made.explained < -1
    assert made.pictured > 0.5
    told = found(sure, config, dataset="2dshapes")
    assert told["reconstruction"].verdict == told["terms"].verdict == "look"
    assert "pixels' variance" in told["reconstruction"].says


@pytest.mark.parametrize(("one", "other"), [(6, 5), (3, 0), (4, 3), (7, 2), (2, 1)])
def test_two_latents_swapped_are_broken_on_the_claimed_images(one: int, other: int) -> None:
    """A part of the variance comes back, at an NLL far above that of the mean image."""
    model, config = damage.good(damage.grey("0.1"))
    changed = damage.two_latents_swapped(model, one, other)
    made = fit(Subject(changed, config), load_dataset("2dshapes"), 0)
    assert made.explained < -0.5
    assert 0.2 < made.pictured < 0.5
    told = found(changed, config, quick=True)
    assert told["reconstruction"].verdict == "broken"
    guessed = found(changed, replace(config, dataset="unknown"), quick=True)
    assert guessed["reconstruction"].verdict == "look"


@pytest.mark.parametrize(
    "run", [damage.grey("0.1"), damage.grey("10"), "2dshapes-mlp-beta4-seed123-images1000000"]
)
def test_too_sure_is_not_broken(run: str) -> None:
    model, config = damage.good(run)
    for factor in (10, 1_000):
        sure = damage.Notebook(model.encode, lambda z, f=factor: f * model.decode_logits(z))
        assert fit(Subject(sure, config), load_dataset("2dshapes"), 0).works


def test_a_high_kl_of_a_model_that_works_deserves_a_look() -> None:
    """Widths made so small that the KL is above what an image can save."""
    model, config = damage.good()
    narrow = damage.Notebook(
        lambda x: (model.encode(x)[0], model.encode(x)[1] - 300), model.decode_logits
    )
    subject = Subject(narrow, config)
    scale = fit(subject, load_dataset("2dshapes"), 0).scale
    told = check_terms(subject, measure(subject, scale, 0, images=100), [])
    assert told.verdict == "look"
    assert "Exploding KL" in told.cause


def test_many_latents_that_tell_little_each_are_not_a_collapse() -> None:
    model, config = damage.good()
    subject = Subject(model, config)
    measured = measure(subject, fit(subject, load_dataset("2dshapes"), 0).scale, 0, images=50)
    thin = replace(measured, kl=torch.full((60,), 0.05, dtype=torch.float64))
    assert check_latents(subject, thin).verdict == "look"
    none = replace(measured, kl=torch.full((60,), 0.001, dtype=torch.float64))
    assert check_latents(subject, none).verdict == "broken"


def test_nearly_silent_layers_deserve_a_look() -> None:
    model, config = damage.good()
    x = load_dataset("2dshapes").images(range(0, 700_000, 40_000)).float() / 255

    def most(m: Any) -> None:
        m.get_parameter("encoder.9.bias")[:250].sub_(1e3)

    told = check_units(Subject(damage.changed_weights(model, most), config), x)
    assert told.verdict == "look"


def test_which_images_are_claimed() -> None:
    images = np.zeros((4, 64, 64, 3), np.uint8)

    def dataset(name: str, source: str) -> Dataset:
        return MappedDataset(name, name.title(), source, images, key=name)

    config = RunConfig(dataset="3dshapes", source="official")
    assert guess(config, dataset("3dshapes", "official")) == ""
    assert "only look like" in guess(config, dataset("3dshapes", "rendered"))
    assert "claims 3Dshapes" in guess(config, dataset("mpi3d-toy", "rendered"))
    assert guess(RunConfig(source="official"), load_dataset("2dshapes", "rendered")) == ""
    unknown = replace(config, dataset="unknown")
    assert "is a guess" in guess(unknown, dataset("3dshapes", "official"))
    fine = Finding("terms", "NLL and KL", Verdict.FINE, "It is well.")
    assert at_most_look(fine, "why") is fine
    bad = at_most_look(
        Finding("terms", "NLL and KL", Verdict.BROKEN, "It is not.", "Noise."), "a guess"
    )
    assert (bad.verdict, bad.says) == ("look", "It is not; a guess.")
    assert bad.cause.startswith("Images other than its training data")


@pytest.mark.parametrize("run", [damage.GREY, damage.COLOUR, "cifar10-conv-beta10-seed4723",
                                 "2dshapes-mlp-beta4-seed123-images1000000"])  # fmt: skip
def test_good_models_fail_with_no_image(run: str) -> None:
    assert failing(Subject(*damage.good(run)), 0) == ""


def test_patterns_are_images() -> None:
    x = patterns((3, 32, 32), 0)
    assert x.shape == (24, 3, 32, 32)
    assert float(x.min()) >= 0
    assert float(x.max()) <= 1
    assert len({each.numpy().tobytes() for each in x}) == 24


def test_active_latents_and_those_that_change_the_picture_explain_each_other() -> None:
    kl = torch.tensor([2.0, 0.0, 1.0, 0.01])
    said = by_information({0: 0.9, 2: 0.01, 1: 0.2, 3: 0.0}, kl)
    assert said.startswith("1 of 2 active latents change the picture; 1 of 2 latents that carry no")
    assert "20 % of the grey range" in said
    said = by_information({0: 0.9, 1: 0.0}, kl)
    assert said == (
        "1 of 1 active latents change the picture; none of 1 latents that carry no information "
        "changes it"
    )


def numbers(findings: list[Finding], key: str) -> dict[str, Any]:
    return next(finding.numbers for finding in findings if finding.key == key)


def tried(**explained: float) -> list[Finding]:
    """A finding about reconstructions of these datasets, the best first."""
    fits = [{"dataset": n, "explained": v, "source": "rendered"} for n, v in explained.items()]
    best_first = sorted(fits, key=lambda fit: -float(str(fit["explained"])))
    return [Finding("reconstruction", "", Verdict.FINE, "", "", {"datasets": best_first})]


@pytest.mark.parametrize(
    ("claimed", "found", "expected"),
    [
        ("unknown", {"a": 0.9, "b": 0.2}, "a"),
        ("b", {"a": 0.9, "b": 0.2}, "a"),  # the claim was tried and fits clearly worse
        ("b", {"a": 0.9, "b": 0.89}, "b"),
        ("c", {"a": 0.9, "b": 0.2}, "c"),  # the claim was not tried
        ("unknown", {"a": -0.5}, "unknown"),
        ("c", {}, "c"),
    ],
)
def test_the_dataset_that_fits(claimed: str, found: dict[str, float], expected: str) -> None:
    config = RunConfig(dataset=claimed, channels=1, image_size=64)
    assert fitting_dataset(config, tried(**found)) == expected


@pytest.mark.slow
def test_what_was_measured_is_remembered(tmp_path: Path) -> None:
    model, config = damage.good()
    torch.save(model.state_dict(), tmp_path / "good.pt")
    opened = read_checkpoint(tmp_path / "good.pt")
    findings = list(checkup(opened.model, opened.config, compare=damage.RUNS))
    kept = remembered(opened, findings)
    assert (kept.config.dataset, kept.config.source) == ("2dshapes", "rendered")
    assert kept.config.beta is None, "β is never guessed"
    elbo, higgins, mig = kept.scores
    json.dumps(kept.scores)
    assert elbo["settings"] == {"dataset": "2dshapes", "source": "rendered", "images": 1_000,
                                "seed": 0, "likelihood": "bernoulli"}  # fmt: skip
    assert sum(elbo["kl"]) == pytest.approx(13.3, abs=0.4)
    names = ["shape", "scale", "orientation", "position x", "position y"]
    for record in (higgins, mig):
        assert score_fault(record, config.latents) == ""
        assert record["value"] == numbers(findings, "scores")[record["score"]]["score"]
        assert record["settings"]["images"] == record["asked"]["most"] == 5_000
        assert record["details"].get("factors", names) == names
    assert higgins["settings"]["factors"] == names
    other = remembered(opened, findings, "cifar10" if config.shape[0] == 3 else "unknown")
    assert other.scores == []
    assert other.config.dataset == "unknown"
    fresh = build_vae(RunConfig())
    nothing = list(checkup(fresh, opened.config, quick=True))
    assert best_dataset(nothing) is None
    shutil.rmtree(tmp_path)
