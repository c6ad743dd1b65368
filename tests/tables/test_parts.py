"""Runs are told apart by their parts; a change of one part keeps as many others as it can."""

from pathlib import Path
from typing import Any

import pytest

from betavae_core.config import RunConfig
from betavae_core.store import Run
from betavae_core.tables.parts import NOT_STATED, PARTS, offered, run_titles, with_part

PASS = 737_280
NUMBER = {part.name: number for number, part in enumerate(PARTS)}


def run(beta: float | None = 4.0, name: str = "", **settings: Any) -> Run:
    config = RunConfig(beta=beta, **settings)
    return Run(Path(name or config.run_id), config, None, [], [], "")


RUNS = [
    *(run(beta, seed=seed) for beta in (0.1, 4.0) for seed in (1, 2)),
    *(run(beta, seed=1, images=10 * PASS, kl_warmup=640_000) for beta in (0.1, 4.0)),
    run(4.0, seed=1, model="mlp", images=1_000_000),
    run(4.0, seed=1, model="mlp", images=1_000_000, batch_size=256),
    run(4.0, seed=1, name="my own name"),
    run(model="pca", images=25_000, seed=1),
    run(model="conv-multirate", seed=1, images=10 * PASS, beta=None),
    run(images=0, seed=1),
    run(None, name="found", origin="elsewhere"),
    run(dataset="3dshapes", seed=1),
]


def shown(run: Run) -> dict[str, str]:
    return {part.name: part.of(run) for part in PARTS}


def test_every_run_can_be_reached_and_only_by_its_parts() -> None:
    """Names that are no standard id, baselines, imports and models for every β included."""
    for start in RUNS:
        for goal in RUNS:
            now = start
            for number, part in enumerate(PARTS):
                text = part.of(goal)
                assert text in offered(RUNS, now, number), (goal.name, part.name)
                now = now if part.of(now) == text else with_part(RUNS, now, number, text)
            assert now is goal


def test_texts_of_the_parts() -> None:
    conv, imported, pca = RUNS[4], RUNS[12], RUNS[9]
    assert list(shown(conv).values())[:5] == [
        "2Dshapes", "Conv VAE", "10 passes, KL warm-up", "0.1", "1"
    ]  # fmt: skip
    assert shown(imported)["model"] == "Conv VAE, imported"
    assert {shown(imported)[part] for part in ("length", "beta", "seed")} == {NOT_STATED}
    assert shown(pca)["model"] == "PCA"
    assert (shown(pca)["beta"], shown(pca)["seed"]) == (NOT_STATED, "1")
    assert shown(RUNS[11])["model"] == "Conv VAE, untrained"


def test_what_is_offered_depends_on_the_parts_before() -> None:
    conv = RUNS[1]
    assert offered(RUNS, conv, NUMBER["length"]) == ["10 passes, KL warm-up", "1 pass"]
    assert offered(RUNS, conv, NUMBER["beta"]) == ["0.1", "4"]
    assert offered(RUNS, conv, NUMBER["seed"]) == ["1", "2"]
    assert offered(RUNS, RUNS[4], NUMBER["seed"]) == ["1"], "of ten passes there is one"
    assert len(offered(RUNS, RUNS[6], NUMBER["name"])) == 2, "they differ in the batch size"


@pytest.mark.parametrize(
    ("start", "part", "text", "found"),
    [
        (1, "beta", "4", 3),  # the seed stays
        (1, "length", "10 passes, KL warm-up", 4),  # β stays, the seed cannot
        (5, "length", "1 pass", 2),
        (0, "dataset", "3Dshapes", 13),
        (8, "beta", "0.1", 0),  # a name of one's own is left, too
    ],
)
def test_a_change_keeps_what_it_can(start: int, part: str, text: str, found: int) -> None:
    assert with_part(RUNS, RUNS[start], NUMBER[part], text) is RUNS[found]


def test_the_title_of_a_run_is_its_parts_and_no_other_runs() -> None:
    titles = dict(zip((each.name for each in RUNS), run_titles(RUNS), strict=True))
    assert len(set(titles.values())) == len(RUNS)
    assert titles[RUNS[0].name] == "2Dshapes, Conv VAE, 1 pass, β = 0.1, seed 1"
    assert titles[RUNS[7].name] == RUNS[7].name, "it differs from the one before by its batches"
    assert titles[RUNS[9].name] == "2Dshapes, PCA, seed 1"
    assert run_titles(RUNS[:1], PARTS[1:]) == ["Conv VAE, 1 pass, β = 0.1, seed 1"]
