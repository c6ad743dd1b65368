"""The numbers of a lesson: from the records of the runs that it names by what they are."""

import tomllib

import numpy as np
import pytest

from betavae_core.lessons.header import Header
from betavae_core.lessons.latents import clean_latents
from betavae_core.lessons.numbers import evaluated, read_numbers
from betavae_core.lessons.selection import read_selection, selected
from betavae_core.lessons.units import Number
from betavae_core.store import Run
from betavae_core.tables import paper
from tests.lessons.made import FACTORS, run_of
from tests.oracles import one_sentence

ALL = '{dataset = "2dshapes", model = "conv", length = "most runs"}'


def header(text: str, name: str) -> Header:
    return Header({name: tomllib.loads(text)}, "lesson.md").table(name)


def chosen(text: str, runs: list[Run]) -> list[Run]:
    ((_, row),) = header(f"a = {text}", "runs").rows()
    return selected(read_selection(row), runs)


def numbers(text: str, runs: list[Run], selection: str = ALL) -> dict[str, Number]:
    definitions = read_numbers(header(text, "numbers"), ["a"])
    return evaluated(definitions, {"a": chosen(selection, runs)})


SEEDS = [run_of(4.0, seed, higgins=0.8 + seed / 100) for seed in (1, 2, 3, 10)]
OTHERS = [run_of(1.0, seed, higgins=0.7) for seed in (1, 2)]


def test_a_selection_names_runs_by_what_they_are() -> None:
    long = [run_of(beta, images=7_372_800, kl_warmup=640_000) for beta in (1.0, 4.0)]
    longest = run_of(4.0, images=10_000_000)
    unfinished = run_of(10.0, seed=7)
    unfinished.history.clear()
    elsewhere = run_of(4.0, origin="elsewhere", seed=9)
    runs = [*SEEDS, *OTHERS, *long, longest, unfinished, elsewhere, run_of(model="mlp")]
    assert chosen(ALL, runs) == [*OTHERS, *SEEDS]
    assert chosen('{dataset = "2dshapes", model = "conv"}', runs) == long  # two β, the longest
    assert chosen('{dataset = "2dshapes", model = "conv", length = "longest"}', runs) == [longest]
    one = '{dataset = "2dshapes", model = "conv", beta = 4, seed = 3}'
    assert chosen(one, runs) == [SEEDS[2]]
    assert chosen('{dataset = "3dshapes", model = "conv"}', runs) == []


def test_baselines_are_chosen_by_kind_and_fit() -> None:
    plain = run_of(None, model="oracle", images=0)
    part = run_of(None, model="oracle", images=0, fit="missing=shape")
    assert chosen('{dataset = "2dshapes", baseline = "oracle"}', [plain, part]) == [plain]
    fit = '{dataset = "2dshapes", baseline = "oracle", fit = "missing=shape"}'
    assert chosen(fit, [plain, part]) == [part]


@pytest.mark.parametrize(
    ("over", "text"),
    [
        ("median", "82.5 %"),
        ("mean", "84.0 %"),
        ("lowest", "81.0 %"),
        ("highest", "90.0 %"),
        ("spread", "9.0 points"),
        ("standard deviation", "4.1 points"),
        ("better half", "86.5 %"),
        ("count", "4"),
    ],
)
def test_summaries_over_seeds(over: str, text: str) -> None:
    found = numbers(f'n = {{what = "higgins", of = "a", beta = 4, over = "{over}"}}', SEEDS)
    assert found["n"].text == text
    assert "seeds 1, 2, 3, 10" in found["n"].about
    assert "L = 64" in found["n"].about


def test_numbers_of_numbers_and_what_is_absent() -> None:
    text = """
    four = {what = "higgins", of = "a", beta = 4}
    one = {what = "higgins", of = "a", beta = 1}
    ten = {what = "higgins", of = "a", beta = 10}
    gain = {difference = ["one", "four"]}
    range = {spread = ["one", "four"]}
    lost = {difference = ["four", "ten"]}
    single = {what = "higgins", of = "a", beta = 4, seed = 1, over = "spread"}
    without = {what = "higgins", of = "a", beta = 4, factors = "no-shape"}
    best = {what = "higgins", of = "a", over = "best beta"}
    mig = {what = "mig", of = "a"}
    distance = {what = "distance", of = "a", images = "samples"}
    """
    found = {name: n.text for name, n in numbers(text, [*SEEDS, *OTHERS]).items()}
    assert found["gain"] == "−12.5 points"
    assert found["range"] == "12.5 points"
    assert found["without"] == "83.5 %"
    assert found["best"] == "β = 4"
    absent = ("ten", "lost", "single", "mig", "distance")
    assert {found[name] for name in absent} == {"not computed"}


def test_what_latents_tell() -> None:
    matrix = np.zeros((4, len(FACTORS)))
    matrix[0, 3], matrix[1, 1], matrix[1, 0], matrix[2, 0], matrix[3, 4] = 0.6, 0.5, 0.3, 0.2, 0.9
    run = run_of(kl=[3.0, 2.0, 1.0, 0.05], matrix=matrix, latents=4, higgins=0.8)
    text = """
    x = {what = "latent", of = "a", factor = "position x"}
    kl = {what = "KL of a factor's latent", of = "a", factor = "position x"}
    shape = {what = "information", of = "a", factor = "shape"}
    beside = {what = "information about others", of = "a", factor = "shape"}
    used = {what = "used latents", of = "a"}
    clean = {what = "clean latents", of = "a"}
    seen = {what = "recognised", of = "a", factor = "scale"}
    gone = {what = "latent", of = "a", factor = "age"}
    run = {what = "run", of = "a"}
    """
    found = {name: n.text for name, n in numbers(text, [run]).items()}
    assert found == {
        "x": "z0", "kl": "3.0 nats", "shape": "30.0 %", "beside": "50.0 %", "used": "3",
        "clean": "2", "seen": "80.0 %", "gone": "not computed", "run": run.name,
    }  # fmt: skip
    assert clean_latents(matrix, [True] * 4) == 3


def test_printed_numbers_are_the_papers() -> None:
    text = """
    paper = {printed = "paper", beta = 4, over = "mean"}
    sd = {printed = "paper", beta = 4, factors = "no-shape", over = "standard deviation"}
    pca = {printed = "paper", baseline = "pca"}
    first = {printed = "Higgins et al.", beta = 4}
    fid = {printed = "paper FID", dataset = "cifar10", beta = 10}
    """
    found = {name: n.text for name, n in numbers(text, []).items()}
    assert found == {
        "paper": f"{paper.TABLE_1['all'][4.0][0]:.1f} %",
        "sd": f"{paper.TABLE_1['no-shape'][4.0][1]:.1f} points",
        "pca": f"{paper.TABLE_1['all']['pca'][2]:.1f} %",
        "first": f"{paper.PUBLISHED['higgins'][4.0][0]:.1f} %",
        "fid": f"{paper.TABLE_3['cifar10'][10.0]:.1f}",
    }


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ('{what = "higgs", of = "a"}', '"higgs"'),
        ('{what = "higgins", of = "b"}', '"b"'),
        ('{what = "higgins", of = "a", over = "best"}', '"best"'),
        ('{what = "higgins", of = "a", L = 65}', '"65"'),
        ('{what = "mig", of = "a", L = 64}', "unknown entries: L"),
        ('{what = "latent", of = "a"}', '"factor" is missing'),
        ('{what = "distance", of = "a"}', '"images" is missing'),
        ('{difference = ["one"]}', "two numbers"),
        ('{difference = ["one", "later"]}', '"later"'),
        ('{difference = ["one", "two"]}', "same unit"),
        ('{printed = "paper", beta = 5}', '"5.0"'),
        ('{printed = "paper"}', '"beta" is missing'),
        ("3", "must be a table"),
    ],
)
def test_other_numbers_are_refused(row: str, named: str) -> None:
    text = f"""
    one = {{what = "higgins", of = "a"}}
    two = {{what = "mig", of = "a"}}
    n = {row}
    """
    with one_sentence("lesson.md, [numbers]", named):
        numbers(text, [])


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ('{dataset = "dsprites", model = "conv"}', '"dsprites"'),
        ('{dataset = "2dshapes"}', 'either "model" or "baseline"'),
        ('{dataset = "2dshapes", model = "conv", baseline = "pca"}', "either"),
        ('{dataset = "2dshapes", model = "pca"}', '"pca"'),
        ('{dataset = "2dshapes", model = "conv", beta = "4"}', '"beta" must be a number'),
        ('{dataset = "2dshapes", model = "conv", length = "short"}', '"short"'),
    ],
)
def test_other_selections_are_refused(row: str, named: str) -> None:
    with one_sentence("lesson.md", named):
        chosen(row, [])
