"""What β costs, as tables and charts: nothing lost, nothing compared that can't be."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from betavae_core import plots
from betavae_core.beta import beta_text
from betavae_core.config import RunConfig
from betavae_core.models import build_vae
from betavae_core.objective import (
    beta_elbo,
    gaussian_nll,
    kl_per_latent,
    sample_posterior,
    sigma_vae_nll,
)
from betavae_core.pictures.colours import beta_colour
from betavae_core.pictures.grids import error_map
from betavae_core.rng import generator
from betavae_core.scoring.sigma import best_sigma, gaussian_loss, squares_and_kl
from betavae_core.store import Run
from betavae_core.tables.distances import (
    comparable,
    correlation,
    distance_rows,
    loss_rows,
)
from betavae_core.tables.families import family
from betavae_core.tables.training import comparable_training, training_rows
from tests.oracles import small_config


def distance(kind: str, value: float, **changes: object) -> dict[str, object]:
    settings = {
        "dataset": "2dshapes",
        "source": "rendered",
        "kind": kind,
        "features": "lite0",
        "images": 4096,
        "reference_images": 50_000,
        "seed": 0,
    } | changes
    details = {
        "kernel": value / 1000,
        "kernel_standard_error": 0.001,
        "by_count": [[2048, value + 2], [4096, value]],
        "limit": value - 2,
        "limit_standard_error": None,
    }
    return {
        "score": "frechet", "value": value, "settings": settings, "details": details,
        "versions": {"torch": "2"},
    }  # fmt: skip


def made_run(config: RunConfig, scores: list[dict[str, object]]) -> Run:
    nll = 100 + 5 * (config.beta or 0)
    elbo = {"score": "elbo", "nll": nll, "kl": [1.0, 2.0, 0.0], "settings": {}, "versions": {}}
    history = [
        {"images": 64, "nll": 200.0, "kl": [0.1, 0.2, 0.3]},
        {
            "images": 64,
            "seconds": 1.0,
            "distances": {
                "kind": "reconstructions", "features": "lite0", "images": 2048,
                "reference_images": 50_000, "frechet": 30.0, "kernel": 0.03,
                "kernel_standard_error": 0.001,
            },
        },
        {"images": 128, "nll": 150.0, "kl": [0.1, 0.2, 0.3]},
        {"images": 128, "event": "resumed", "message": "…"},
    ]  # fmt: skip
    return Run(
        Path(config.run_id), config, build_vae(config).eval(), history, [elbo, *scores], "hash"
    )


@pytest.fixture
def runs() -> list[Run]:
    found = []
    for beta, seed in product((0.1, 1.0, 4.0), (1, 2)):
        scores = [
            distance("reconstructions", 20 + beta + seed),
            distance("samples", 40 - beta + seed),
        ]
        if seed == 1:
            scores.append(distance("samples", 9.0, images=2048))
        found.append(made_run(small_config(beta=beta, seed=seed), scores))
    return found


def test_a_row_for_every_distance(runs: list[Run]) -> None:
    rows = distance_rows(runs)
    assert len(rows) == 6 * 2 + 3
    first = rows.iloc[0]
    assert (first["beta"], first["seed"], first["kind"]) == (0.1, 1, "reconstructions")
    assert (first["frechet"], first["kernel"], first["limit"]) == (21.1, 0.0211, 19.1)
    assert (first["images"], first["reference_images"], first["part"]) == (4096, 50_000, "")
    assert first["nll"] == 100.5
    assert first["versions"] == "torch 2"
    untrained = replace(runs[0], config=replace(runs[0].config, images=0))
    assert distance_rows([untrained]).empty
    assert list(distance_rows([]).columns) == list(rows.columns)


def test_a_change_of_preprocessing_or_images_is_another_setting(runs: list[Run]) -> None:
    old = distance("samples", 5.0, preprocessing="nearest")
    other = distance("samples", 5.0) | {"asked": {"of": "own-noise-2"}}
    added = replace(runs[0], scores=[*runs[0].scores, old, other])
    groups = comparable(distance_rows([added, *runs[1:]]))
    assert sorted(len(group) for group in groups) == [1, 1, 3, 12]
    assert sum(map(len, groups)) == 17
    assert all(group["preprocessing"].nunique() == 1 for group in groups)
    assert all(group["of"].nunique() == 1 for group in groups)


def test_features_that_are_not_known_here_have_no_row(runs: list[Run]) -> None:
    strange = distance("samples", 5.0, features="somebody's")
    assert len(distance_rows([replace(runs[0], scores=[strange])])) == 0


def test_only_the_same_setting_is_compared(runs: list[Run]) -> None:
    groups = comparable(distance_rows(runs))
    assert [len(group) for group in groups] == [12, 3]
    assert all(group["images"].nunique() == 1 for group in groups)
    extra = distance("samples", 5.0, features="inception")
    with_fid = made_run(runs[0].config, [extra])
    assert comparable(distance_rows([*runs, with_fid]))[0]["features"].tolist() == ["inception"]
    assert comparable(distance_rows([])) == []


def test_a_family_differs_in_beta_and_seed_only(runs: list[Run]) -> None:
    others = [
        made_run(small_config(beta=4.0, latents=3, model="mlp"), []),
        made_run(small_config(beta=4.0, likelihood="gaussian"), []),
        made_run(small_config(beta=4.0, batch_size=32), []),
        made_run(small_config(beta=4.0, kl_warmup=64), []),
        made_run(small_config(beta=None, origin="elsewhere"), []),
    ]
    inside, outside = family([*others, *runs])
    assert inside == runs
    assert outside == others
    assert family(others[4:]) == ([], others[4:])


def test_distances_of_one_kind_as_training_went(runs: list[Run]) -> None:
    rows = training_rows(runs)
    other = rows[rows["frechet"].notna()].head(1).assign(features="inception", frechet=170.0)
    mixed = pd.concat([rows, other])
    assert set(comparable_training(mixed)["features"]) == {"lite0"}
    assert comparable_training(mixed, "inception")["frechet"].tolist() == [170]
    assert len(comparable_training(mixed, "vgg")) == 6
    assert comparable_training(rows[rows["frechet"].isna()]).empty


def test_correlation_by_hand() -> None:
    found = correlation([1, 2, 3, 4], [2, 4, 6, 8])
    assert found == pytest.approx((1, 1))
    assert correlation([1, 2, 3, 4], [1, 4, 9, -16]) == pytest.approx(
        (np.corrcoef([1, 2, 3, 4], [1, 4, 9, -16])[0, 1], -0.2)
    )
    assert correlation([1, 2], [1, 2]) is None
    assert correlation([1, 2, float("nan")], [1, 2, 3]) is None
    assert correlation([1, 1, 1], [1, 2, 3]) is None


def test_training_rows_hold_losses_and_distances(runs: list[Run]) -> None:
    rows = training_rows(runs[:1])
    assert rows["images"].tolist() == [64, 64, 128]
    assert rows["nll"].tolist()[0] == 200
    assert rows["kl"].tolist()[0] == pytest.approx(0.6)
    seen = rows[rows["frechet"].notna()]
    assert seen[["frechet", "made_images", "reference_images"]].values.tolist() == [
        [30, 2048, 50_000]
    ]
    assert training_rows([]).empty


def test_losses_with_bits_per_dimension(runs: list[Run]) -> None:
    rows = loss_rows(runs)
    assert rows["nll"].tolist()[:2] == [100.5, 100.5]
    assert rows["bits"][0] == pytest.approx(100.5 / (4096 * np.log(2)))
    assert rows["kl"][0] == 3


# ---- σ and β


def test_the_loss_over_sigma_is_that_of_the_objective() -> None:
    model = build_vae(small_config()).eval()
    images = torch.randint(0, 256, (7, 1, 64, 64), dtype=torch.uint8)
    squares, kl = squares_and_kl(model, images, seed=3)
    x = images.float() / 255
    with torch.no_grad():
        mean, log_var = model.encode(x)
        noise = torch.randn(mean.shape, generator=generator(3, "posterior"))
        decoded = model.decode_logits(sample_posterior(mean, log_var, noise))
        for sigma in (0.05, 0.3, 1.0):
            terms = beta_elbo(
                x, decoded, mean, log_var, 1.0, lambda d, y, s=sigma: gaussian_nll(d, y, s)
            )
            found = gaussian_loss(squares, 4096, sigma) + kl
            assert found == pytest.approx(float(terms.loss), rel=1e-5)
        best = best_sigma(squares, 4096)
        expected = float(sigma_vae_nll(decoded, x).mean())
    assert gaussian_loss(squares, 4096, best) == pytest.approx(expected, rel=1e-5)
    for other in (0.9 * best, 1.1 * best):
        assert gaussian_loss(squares, 4096, other) > gaussian_loss(squares, 4096, best)
    assert kl == pytest.approx(float(kl_per_latent(mean, log_var).sum(1).mean()), rel=1e-5)


# ---- charts and pictures


def test_every_run_is_in_the_chart(runs: list[Run]) -> None:
    rows = comparable(distance_rows(runs))[0]
    figure = plots.value_over_beta(
        rows, "frechet", title="FD", ghosts={1.0: 171.1, 10.0: 266.5}, ghost_label="paper"
    )
    dots = {t.marker.symbol: t for t in figure.data if t.customdata is not None}
    assert sorted(dots["circle"].y) == sorted(rows[rows["kind"] == "reconstructions"]["frechet"])
    assert sorted(dots["diamond"].y) == sorted(rows[rows["kind"] == "samples"]["frechet"])
    lines = {t.name: t for t in figure.data if t.mode == "lines"}
    assert list(lines) == ["reconstructions", "prior samples"]
    assert list(lines["reconstructions"].y) == pytest.approx([21.6, 22.5, 25.5])
    assert list(figure.layout.xaxis.ticktext) == ["0.1", "1", "4", "10"]
    ghost = next(t for t in figure.data if t.name == "paper")
    assert (list(ghost.x), list(ghost.y)) == ([1, 3], [171.1, 266.5])
    loss = plots.value_over_beta(loss_rows(runs), "nll", title="loss")
    assert [t.name for t in loss.data if t.mode == "lines"] == ["median of seeds"]


def test_distance_against_loss(runs: list[Run]) -> None:
    rows = comparable(distance_rows(runs))[0]
    made = rows[rows["kind"] == "reconstructions"]
    figure = plots.against_loss(made, "frechet", title="FD")
    assert [t.name for t in figure.data] == ["β = 0.1", "β = 1", "β = 4"]
    assert sorted(x for t in figure.data for x in t.x) == sorted(made["nll"])


def named(beta: float) -> str:
    """The name at a line's end: a dot in the line's colour, and β in the colour of all text."""
    return f'<span style="color:{beta_colour(beta)}">●</span> {beta_text(beta)}'


def test_a_line_per_run_over_training(runs: list[Run]) -> None:
    figure = plots.over_training(training_rows(runs), "nll", title="loss")
    assert len(figure.data) == 6
    assert list(figure.data[0].y) == [200, 150]
    names = sorted(figure.layout.annotations, key=lambda a: a.y)
    assert [a.text for a in names] == [named(0.1), named(1.0), named(4.0)]
    assert names[1].y > names[0].y


def test_a_fall_of_many_times_is_drawn_by_ratios() -> None:
    """What comes after it is to be seen, and the names stand at the ends of their lines."""
    losses = {0.1: [600.0, 90.0, 60.0], 4.0: [610.0, 300.0, 100.0]}
    rows = pd.DataFrame(
        [
            {"run": f"at {beta}", "beta": beta, "images": 64 * (k + 1), "nll": value}
            for beta, values in losses.items()
            for k, value in enumerate(values)
        ]
    )
    figure = plots.over_training(rows, "nll", title="loss")
    assert figure.layout.yaxis.type == "log"
    low, high = figure.layout.yaxis.range
    assert low < np.log10(60) < np.log10(100) < high
    assert (np.log10(100) - np.log10(60)) > 0.2 * (high - low)
    ends = {note.text: note.y for note in figure.layout.annotations}
    assert ends == pytest.approx({named(0.1): np.log10(60), named(4.0): np.log10(100)})
    close = plots.over_training(rows.assign(nll=rows["nll"] + 1000), "nll", title="loss")
    assert close.layout.yaxis.type is None
    below = plots.over_training(rows.assign(nll=rows["nll"] - 300), "nll", title="loss")
    assert below.layout.yaxis.type is None  # a density's loss may be below 0


def test_the_distance_over_the_number_of_images(runs: list[Run]) -> None:
    rows = comparable(distance_rows(runs))[0]
    figure = plots.distance_over_count(rows, title="FD")
    assert len(figure.data) == len(rows)
    first, expected = figure.data[0], rows.iloc[0]
    assert list(first.x) == [0, 1 / 2048, 1 / 4096]
    assert list(first.y) == [expected["limit"], expected["frechet"] + 2, expected["frechet"]]
    assert list(figure.layout.xaxis.ticktext) == ["∞", "2,048", "4,096"]
    assert [t.showlegend for t in figure.data].count(True) == 2


def test_loss_over_sigma_marks_the_best() -> None:
    sigmas = np.geomspace(0.02, 1, 50)
    loss = np.array([gaussian_loss(40, 4096, s) for s in sigmas])
    best = best_sigma(40, 4096)
    figure = plots.loss_over_sigma({"a": (loss, "#000")}, sigmas, 0.3, {"a": best})
    mark = next(t for t in figure.data if t.mode == "markers")
    assert mark.x[0] == best
    assert mark.y[0] == pytest.approx(loss.min(), rel=1e-2)
    assert figure.layout.shapes[0].x0 == 0.3


def test_error_maps_are_black_where_nothing_differs() -> None:
    x = torch.zeros(2, 3, 4, 4)
    other = x.clone()
    other[0, :, 0, 0] = 0.5
    other[1, :, 1, 1] = 0.25
    found = error_map(x, other, 0.5)
    assert found.shape == (2, 3, 4, 4)
    assert found.dtype == torch.uint8
    assert found[0, :, 0, 0].tolist() == [255, 255, 255]
    assert found[1, :, 1, 1].tolist() == [0xD5, 0x5E, 0]
    assert int((found > 0).any(1).sum()) == 2
    assert int(error_map(x, x, 0.0).sum()) == 0
    grey = error_map(torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2), 1.0)
    assert (grey == 255).all()


@pytest.mark.parametrize("squares", [60.0, 170.0, 1200.0])
def test_every_curve_over_sigma_can_be_seen(squares: float) -> None:
    """Whatever the level of the loss, which passes 0 among CIFAR's values: from half to twice the
    best σ all of it is inside the window."""
    sigmas, pixels = np.geomspace(0.02, 1, 60), 3072
    loss = np.array([gaussian_loss(squares, pixels, s) for s in sigmas])
    best = best_sigma(squares, pixels)
    figure = plots.loss_over_sigma({"a": (loss, "#000")}, sigmas, 0.3, {"a": best})
    low, high = figure.layout.yaxis.range
    near = loss[(sigmas >= best / 2) & (sigmas <= best * 2)]
    assert low < near.min()
    assert near.max() < high
    assert (near.max() - near.min()) > 0.4 * (high - low)  # and not a flat line at the bottom
