"""The run that a page opens on, and what a change of seed does to the chosen run."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from betavae_core.choice import Choice, choose_seed, opening_run, shown_run
from betavae_core.config import RunConfig
from betavae_core.models import build_model
from betavae_core.store import Run

PASS = 737_280


def run(beta: float | None, images: int = PASS, *, seen: int | None = None, **settings: Any) -> Run:
    """A run with weights, finished unless fewer images were seen."""
    config = RunConfig(beta=beta, images=images, **settings)
    history = [{"images": images if seen is None else seen, "nll": 1.0, "kl": [0.0] * 10}]
    return Run(Path(config.run_id), config, MODEL, history, [], "")


MODEL = build_model(RunConfig(latents=1))


def test_pages_open_on_beta_4_of_the_longest_training() -> None:
    runs = [run(0.1), run(0.1, 10 * PASS), run(4.0), run(4.0, 10 * PASS), run(10.0, 20 * PASS)]
    assert opening_run(runs) is runs[3]
    assert opening_run(runs[:2]) is runs[1], "the closest there is"
    assert opening_run([run(1.0), run(10.0)]).config.beta == 10, "as a ratio"


def test_what_cannot_be_shown_well_comes_later() -> None:
    good = run(10.0)
    others = [
        run(4.0, seen=100),  # unfinished
        replace(run(4.0), loaded=None),  # kept without its weights
        run(4.0, model="pca"),
        run(4.0, 0),  # untrained
        run(4.0, origin="elsewhere"),
        run(None, origin="elsewhere"),
    ]
    for other in others:
        assert opening_run([other, good]) is good
    assert opening_run(others) is others[0]


def test_the_first_dataset_stays_although_another_has_a_longer_training() -> None:
    first, other = run(1.0), run(4.0, 10 * PASS, dataset="3dshapes")
    assert opening_run([first, other]) is first


def test_a_chosen_dataset_and_seed_open_on_the_same_rule() -> None:
    runs = [run(beta, seed=seed) for seed in (1, 2) for beta in (0.1, 4.0)]
    runs.append(run(0.1, dataset="3dshapes"))
    assert shown_run(Choice(), runs) is runs[1]
    assert shown_run(Choice("2dshapes", None, 2), runs) is runs[3]
    assert shown_run(Choice("2dshapes", None, 77), runs) is runs[1]
    assert shown_run(Choice("3dshapes"), runs) is runs[4]
    assert shown_run(Choice("2dshapes", runs[0].name, 1), runs) is runs[0]


def test_another_seed_keeps_the_training_length() -> None:
    """Though a shorter training of that seed comes first."""
    long, short, again = run(4.0, 10 * PASS, seed=1), run(4.0, seed=2), run(4.0, 10 * PASS, seed=2)
    chosen = Choice("2dshapes", long.name, 1)
    assert choose_seed(chosen, "2dshapes", 2, [long, short, again]).run == again.name
    assert choose_seed(chosen, "2dshapes", 2, [long, short]).run == short.name
