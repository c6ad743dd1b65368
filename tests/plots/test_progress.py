"""The charts and sentences of trainings under way, from made histories."""

from typing import Any

import pytest

from betavae_core.plots import progress as charts
from betavae_core.sentences import progress as sentences

HISTORY: list[dict[str, Any]] = [
    {"images": 100, "nll": 200.0, "loss": 200.5, "kl": [0.0, 0.1]},
    {"images": 200, "nll": 100.0, "loss": 110.0, "kl": [2.0, 0.0]},
    {"images": 200, "event": "steered", "beta": 10.0},
    {"images": 300, "nll": 50.0, "loss": 90.0, "kl": [3.0, 1.0]},
    {
        "images": 300,
        "quick_scores": {
            "higgins": {"value": 0.8, "half_interval": 0.1},
            "mig": {"value": 0.2, "half_interval": 0.05},
            "chance": 0.25,
        },
    },
]


def test_loss_and_reconstruction_of_runs_side_by_side() -> None:
    figure = charts.over_images({"β = 1": HISTORY, "β = 10": HISTORY[:2]})
    lines = {trace.name: (list(trace.x), list(trace.y)) for trace in figure.data}
    assert lines["β = 1, reconstruction"] == ([100, 200, 300], [200.0, 100.0, 50.0])
    assert lines["β = 10, loss"] == ([100, 200], [200.5, 110.0])
    assert [shape.x0 for shape in figure.layout.shapes] == [200]
    assert figure.layout.xaxis.range[1] > 300


def test_a_change_before_a_fork_is_marked() -> None:
    event = {"images": 150, "event": "inherited", "beta": 10.0}
    figure = charts.over_images({"β = 1": [HISTORY[0], event, *HISTORY[1:]]})
    assert [shape.x0 for shape in figure.layout.shapes] == [150, 200]


def test_the_kl_is_stacked_by_latent() -> None:
    figure = charts.kl_stack(HISTORY, 300, charts.highest_kl({"": HISTORY}))
    assert [list(trace.y) for trace in figure.data] == [[0.0, 2.0, 3.0], [0.1, 0.0, 1.0]]
    assert {trace.stackgroup for trace in figure.data} == {"kl"}
    names = [(each.text.split()[-1], each.y) for each in figure.layout.annotations]
    assert names == [("z0", 1.5), ("z1", 3.5)], "in the middle of its layer, at the right"
    assert figure.layout.yaxis.range[1] == pytest.approx(4.4)


def test_scores_have_intervals() -> None:
    higgins, mig = charts.quick_scores({"": HISTORY}).data
    assert (list(higgins.x), list(higgins.y), list(higgins.error_y.array)) == ([300], [0.8], [0.1])
    assert (list(mig.y), list(mig.error_y.array)) == ([0.2], [0.05])


def test_stars_share_a_reach() -> None:
    stars = [
        {"factors": ["x"], "points": [[[0.0, 0.0], [1.0, 0.5]]]},
        {"factors": ["x"], "points": [[[0.0, -3.0], [1.0, 0.5]]]},
    ]
    reach = charts.star_reach(stars)
    assert reach == pytest.approx(3.3)
    assert charts.star_reach(stars[:1]) == 2.0
    path, cross = charts.star_panel(stars[0], reach).data
    assert (list(path.x), list(path.y), list(cross.x)) == ([0.0, 1.0], [0.0, 0.5], [0])


def test_a_history_without_records_has_empty_charts() -> None:
    assert charts.last_image({"": []}) == 0
    assert charts.highest_kl({"": []}) == pytest.approx(1.1)
    assert len(charts.kl_stack([], 0, 1.0).data) == 0


def test_sentences_say_what_the_numbers_say() -> None:
    assert sentences.so_far(HISTORY, 1_000) == (
        "After 300 of 1,000 images, reconstruction costs 50.0 nats and 2 of 2 latents are used."
    )
    assert sentences.woken(HISTORY) == "In use: z0 since 200, z1 since 300 images."
    assert sentences.quick(HISTORY) == (
        "Higgins' metric 0.80 ± 0.10 (guessing: 0.25) and MIG 0.20 ± 0.05 after 300 images."
    )
    assert sentences.woken(HISTORY[:1]) == "After 100 images no latent is used."
    assert sentences.so_far([], 1) == "Nothing is measured yet."
    assert sentences.quick([]) == "No score is measured yet."
    assert sentences.woken([]) == "No KL is measured yet."


def test_codes_in_one_place_are_no_picture_of_the_factors() -> None:
    near = {"points": [[[0.01, 0.0], [0.05, 0.02]], [[0.0, 0.0]]], "explained": 0.98}
    assert sentences.star(near).startswith("All codes along the factors lie within 0.1 standard")
    apart = {"points": [[[0.01, 0.0], [0.5, 0.02]], [[0.0, 0.0]]], "explained": 0.98}
    assert sentences.star(apart) == (
        "Two axes hold 98% of the variance of the codes along the factors."
    )


def test_the_loss_is_that_of_each_objective() -> None:
    assert sentences.losses(["beta-vae", "beta-vae"]) == (
        "β-VAE: loss = NLL + β · KL (NLL: the reconstruction)."
    )
    said = sentences.losses(["factor-vae", "beta-vae"])
    assert said.startswith("FactorVAE: loss = NLL + KL + γ · total correlation (by a critic); β-V")


def test_no_run_is_left_out_for_want_of_colours() -> None:
    many = {f"run {n}": HISTORY for n in range(len(charts.RUN_COLOURS) + 2)}
    named = {str(trace.name).split(",")[0] for trace in charts.over_images(many).data}
    assert named == set(many)
    named = {str(trace.name).split(",")[0] for trace in charts.quick_scores(many).data}
    assert named == set(many)
