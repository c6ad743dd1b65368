"""The refusals: their kinds, their facts, and the functions that make the recurring ones."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from betavae_core.doctor.checkup import ITS_OWN
from betavae_core.doctor.opening import CAUSES, refused
from betavae_core.errors import (
    GENERAL,
    InputError,
    Refusal,
    cannot_read,
    cannot_write,
    damaged,
    differing,
    exists,
    lacks,
    missing,
    no_factors,
    no_setting,
    no_such,
    not_finite,
    not_one_of,
    other_images,
    outside,
    printable,
    unknown_name,
    wrong_value,
)

CORE = Path(__file__).resolve().parents[1] / "betavae_core"
WITHOUT_KIND = 0  # plain InputErrors in betavae_core whose kind is not stated
FULL = OSError(28, "No space left on device", "/x/y")

MADE: dict[str, tuple[InputError, Refusal, str, dict[str, object]]] = {
    "unknown name": (
        unknown_name("score", "x", {"a": 1, "b": 2}, ", all"),
        Refusal.UNKNOWN_NAME,
        'There is no score "x"; the choices are: a, b, all.',
        {"what": "score", "name": "x", "choices": ["a", "b"]},
    ),
    "unknown name where there is none": (
        unknown_name("entry", "x", []),
        Refusal.UNKNOWN_NAME,
        'There is no entry "x", and no other one.',
        {"what": "entry", "name": "x", "choices": []},
    ),
    "no setting": (
        no_setting("mig", "L"),
        Refusal.UNKNOWN_NAME,
        'The metric "mig" has no setting "L".',
        {"what": "setting", "name": "L", "metric": "mig"},
    ),
    "no such": (
        no_such("latent", 12, "my-run", 9),
        Refusal.VALUE,
        "There is no latent 12: my-run has 0 to 9.",
        {"name": "latent", "expected": "0 to 9", "got": 12},
    ),
    "outside": (
        outside(9, "dSprites"),
        Refusal.VALUE,
        "An index is outside 0…9 of dSprites.",
        {"name": "index", "expected": "0…9"},
    ),
    "wrong value": (
        wrong_value("L", "a whole number of at least 1", 0),
        Refusal.VALUE,
        "L must be a whole number of at least 1, got 0.",
        {"name": "L", "expected": "a whole number of at least 1", "got": 0},
    ),
    "wrong text": (
        wrong_value("--latents", "numbers such as 3,0", "a", "takes"),
        Refusal.VALUE,
        '--latents takes numbers such as 3,0, got "a".',
        {"name": "--latents", "expected": "numbers such as 3,0", "got": "a"},
    ),
    "wrong shape": (
        wrong_value("Features", "(N, D)", np.zeros((2, 3, 4)).shape),
        Refusal.VALUE,
        "Features must be (N, D), got (2, 3, 4).",
        {"name": "Features", "expected": "(N, D)", "got": [2, 3, 4]},
    ),
    "not a number": (
        wrong_value("beta", "finite", float("nan")),
        Refusal.VALUE,
        "beta must be finite, got NaN.",
        {"name": "beta", "expected": "finite", "got": "nan"},
    ),
    "a number of numpy": (
        wrong_value("count", "at least 1", np.int64(0)),
        Refusal.VALUE,
        "count must be at least 1, got 0.",
        {"name": "count", "expected": "at least 1", "got": 0},
    ),
    "not one of": (
        not_one_of("mode", ("paper", "full", "none"), "x"),
        Refusal.VALUE,
        'mode must be paper, full or none, got "x".',
        {"name": "mode", "expected": "paper, full or none", "got": "x"},
    ),
    "not finite": (
        not_finite("The codes"),
        Refusal.VALUE,
        "The codes contain NaN or infinite values.",
        {"name": "The codes", "expected": "finite"},
    ),
    "differing": (
        differing("sets", 3, 4),
        Refusal.VALUE,
        "Both sets need the same number of dimensions, got 3 and 4.",
        {"name": "sets", "expected": "the same number of dimensions", "got": [3, 4]},
    ),
    "lacks": (
        lacks("config.json", ["latents", "seed"]),
        Refusal.MISSING,
        "config.json lacks latents, seed.",
        {"path": "config.json", "names": ["latents", "seed"]},
    ),
    "missing": (
        missing(Path("a.pt"), "give another"),
        Refusal.MISSING,
        "a.pt does not exist; give another.",
        {"path": "a.pt", "remedy": "give another"},
    ),
    "exists": (
        exists(Path("runs/a"), does="has a run"),
        Refusal.EXISTS,
        "runs/a already has a run; nothing was overwritten.",
        {"path": "runs/a", "remedy": "nothing was overwritten"},
    ),
    "cannot read": (
        cannot_read("a.json", FULL),
        Refusal.NOT_READ,
        "a.json cannot be read (No space left on device).",
        {"path": "a.json", "reason": "No space left on device"},
    ),
    "cannot write": (
        cannot_write(Path("runs/a"), FULL, "the run to"),
        Refusal.NOT_WRITTEN,
        "Cannot write the run to runs/a (No space left on device).",
        {"path": "runs/a", "reason": "No space left on device"},
    ),
    "damaged": (
        damaged("a.zip", ValueError("no zip"), "fetch it again", "is not b or is damaged"),
        Refusal.CONTENT,
        "a.zip is not b or is damaged (no zip); fetch it again.",
        {"path": "a.zip", "reason": "no zip", "remedy": "fetch it again"},
    ),
    "no factors": (
        no_factors("CIFAR-10", ": nothing to score"),
        Refusal.UNSUITABLE,
        "CIFAR-10 has no known factors of variation: nothing to score.",
        {"dataset": "CIFAR-10", "lacks": "factors"},
    ),
    "other images": (
        other_images("dSprites", (1, 64, 64), "the config", (3, 64, 64), ": choose another"),
        Refusal.UNSUITABLE,
        "dSprites has images (1, 64, 64), the config (3, 64, 64): choose another.",
        {"dataset": "dSprites", "expected": [3, 64, 64], "got": [1, 64, 64]},
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_sentence_kind_and_facts(name: str) -> None:
    made, kind, says, facts = MADE[name]
    assert (str(made), made.kind, made.facts) == (says, kind, facts)
    assert json.loads(json.dumps(made.facts, allow_nan=False)) == facts


def test_a_remedy_may_be_absent() -> None:
    assert str(missing("a")) == "a does not exist."
    assert str(damaged("a", "why")) == "a is damaged (why)."
    assert str(outside(9)) == "An index is outside 0…9."


@pytest.mark.parametrize("name", ["a\nb\x1b[31m", "\udc80", "n" * 10_000])
def test_odd_names_stay_one_short_line(name: str) -> None:
    for made in (unknown_name("score", name, "ab"), wrong_value("a", "b", name)):
        assert str(made).isprintable()
        assert len(str(made)) < 200
        assert name not in made.facts.values()
        assert printable(name) in str(made)
    str(made).encode()


def test_values_of_any_type_fit_json() -> None:
    """A config.json may have anything where a number is expected."""
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    for got in (deep, {"a": [1, {"b": 2}]}, [1, float("inf")], None, True, np.dtype("f4"), 1e308):
        made = wrong_value("latents", "of type int", got)
        json.dumps(made.facts, allow_nan=False)
        assert len(str(made)) < 150


def test_other_words_keep_kind_and_facts() -> None:
    made = wrong_value("beta", "above 0", 0)
    said = made.saying(f"my-run: {made}")
    assert str(said) == "my-run: beta must be above 0, got 0."
    assert (said.kind, said.facts) == (made.kind, made.facts)


def test_general_kinds_do_not_decide_the_doctors_verdict() -> None:
    """They say nothing about the checkpoint's own file or model."""
    assert set(CAUSES) | {Refusal.OUTPUT} == set(Refusal) - GENERAL
    assert GENERAL.isdisjoint(ITS_OWN)
    plain = [(each.key, each.verdict, each.cause) for each in refused(InputError("No."))]
    for kind in GENERAL:
        found = refused(InputError("No.", kind))
        assert [(each.key, each.verdict, each.cause) for each in found] == plain


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name == "InputError":
                yield node


def states_kind(call: ast.Call) -> bool:
    """Whether a kind other than OTHER is given, by position, by name or in **facts."""
    given = [*call.args[1:2], *(k.value for k in call.keywords if k.arg in ("kind", None))]
    return bool(given) and not any("OTHER" in ast.unparse(each) for each in given)


def test_every_refusal_states_its_kind() -> None:
    without = [
        f"{path.relative_to(CORE)}:{call.lineno}"
        for path in sorted(CORE.rglob("*.py"))
        for call in calls(ast.parse(path.read_text()))
        if not states_kind(call)
    ]
    assert len(without) <= WITHOUT_KIND, without


def test_the_count_sees_what_it_counts() -> None:
    found = {
        'InputError("a")': False,
        'InputError("a", name="b")': False,
        'errors.InputError("a")': False,
        'InputError("a", Refusal.OTHER)': False,
        'InputError("a", Refusal.VALUE)': True,
        'InputError("a", kind=Refusal.VALUE, name="b")': True,
    }
    for text, expected in found.items():
        (call,) = calls(ast.parse(text))
        assert states_kind(call) is expected, text
