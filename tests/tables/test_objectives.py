"""Which runs are shown beside those with another objective, and how."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from betavae_core import sentences
from betavae_core.config import RunConfig
from betavae_core.plots import against
from betavae_core.store import Run
from betavae_core.tables.families import family
from betavae_core.tables.lengths import length_of, lengths, of_length
from betavae_core.tables.objectives import by_objective, published_after
from betavae_core.tables.parts import architecture_title, offered

IMAGES = 2_211_840


def run(images: int = IMAGES, **settings: Any) -> Run:
    config = replace(RunConfig(images=images), **settings)
    history = [{"images": images, "nll": 50.0, "kl": [1.5, 2.0]}]
    return Run(Path(config.run_id), config, None, history, [], "")


BETAS = [run(beta=beta, kl_warmup=640_000) for beta in (1.0, 4.0)]
FACTOR = run(objective="factor-vae", kl_warmup=640_000)
CAPACITY = run(objective="capacity", kl_warmup=1_474_560)
LONG = [run(images=7_372_800, beta=4.0), run(images=737_280, objective="factor-vae")]
OTHERS = [
    run(model="mlp", beta=4.0), run(beta=4.0, learning_rate=1e-2), run(beta=4.0, origin="theirs"),
    run(beta=4.0, steered="β = 2 after 5 images"), run(model="pca"),
]  # fmt: skip
ALL = [*OTHERS, *LONG, CAPACITY, FACTOR, *BETAS]


def rows() -> pd.DataFrame:
    values = {FACTOR.name: 0.5, BETAS[0].name: 0.2, BETAS[1].name: 0.3}
    found = [{"run": name, "value": value, "versions": "v"} for name, value in values.items()]
    return pd.DataFrame(found)


def test_the_runs_of_one_recipe() -> None:
    """Not those of other lengths, models, learning rates and origins; unscored ones without a
    value."""
    table = by_objective(rows(), ALL)
    assert list(table["run"]) == [BETAS[0].name, BETAS[1].name, CAPACITY.name, FACTOR.name]
    assert list(table["label"]) == [
        "β = 1", "β = 4", "Annealed capacity, γ = 100, C = 25 nats", "FactorVAE, γ = 6.4"
    ]  # fmt: skip
    assert list(table["value"].fillna(-1)) == [0.2, 0.3, -1, 0.5]
    assert set(table["nll"]) == {50.0}
    assert set(table["kl"]) == {3.5}
    assert by_objective(rows(), [*OTHERS, *BETAS]).empty


def test_the_chart_and_its_sentence() -> None:
    table = by_objective(rows(), ALL)
    figure = against(
        table, "nll", "value", x_title="loss", title="MIG", published=[("theirs", 60.1, 14.9)]
    )
    names = [trace.name for trace in figure.data]
    assert names == [*table["label"], "disentangling-vae"]
    assert len({trace.marker.symbol for trace in figure.data[1:]}) == 4
    said = sentences.score_by_objective(table, "MIG")
    assert said.startswith("MIG is highest for FactorVAE, γ = 6.4 (0.50) and lowest for β = 1")
    assert "one seed" in said
    several = pd.concat([table, table.assign(seed=5)])
    assert sentences.score_by_objective(several, "MIG").endswith("medians over the seeds.")
    assert sentences.score_by_objective(table.assign(value=float("nan")), "MIG") == ""
    alone = table[table["run"] == FACTOR.name]
    said = sentences.score_by_objective(alone, "MIG")
    assert said.startswith("MIG is 0.50 for FactorVAE, γ = 6.4; no other model")
    assert sentences.rate_by_objective(alone) == (
        "FactorVAE, γ = 6.4 has a reconstruction loss of 50.0 nats and a KL of 3.5 nats."
    )
    apart = table.assign(nll=[40.0, 50.0, 70.0, 60.0], kl=[20.0, 15.0, 25.0, 12.0])
    assert sentences.rate_by_objective(apart) == (
        "β = 1 reconstructs best (40.0 nats) with a KL of 20.0 nats; FactorVAE, γ = 6.4 has the "
        "lowest KL (12.0 nats) and a reconstruction loss of 60.0 nats."
    )
    same = table.assign(nll=[40.0, 50.0, 70.0, 60.0], kl=[2.0, 15.0, 25.0, 12.0])
    assert sentences.rate_by_objective(same).startswith("β = 1 reconstructs best (40.0 nats) and")


def test_published_numbers_only_after_whole_passes_that_are_stated() -> None:
    assert [curve.objective for curve, _, _ in published_after(3.0)][-1] == "FactorVAE, γ = 6.4"
    assert published_after(2.5) == published_after(2.0) == []


def test_no_chart_over_beta_joins_them() -> None:
    inside, outside = family([FACTOR, CAPACITY, *BETAS])
    assert inside == BETAS
    assert outside == [FACTOR, CAPACITY]


def test_they_belong_to_the_length_with_as_many_images() -> None:
    assert length_of(BETAS[0]) in lengths([CAPACITY, *BETAS, *LONG])
    assert length_of(CAPACITY) not in lengths([CAPACITY, *BETAS, *LONG])
    assert lengths([CAPACITY]) == [length_of(CAPACITY)]
    inside, outside = of_length(ALL, length_of(BETAS[0]))
    assert {CAPACITY.name, FACTOR.name} <= {each.name for each in inside}
    assert {each.name for each in LONG} <= {each.name for each in outside}


def test_how_they_are_chosen() -> None:
    assert architecture_title(FACTOR) == "Conv VAE, FactorVAE"
    assert offered([FACTOR, *BETAS], FACTOR, 3) == ["γ = 6.4"]
    assert offered([FACTOR, *BETAS], BETAS[0], 3) == ["1", "4"]
