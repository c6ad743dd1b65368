"""Claims as lines of text: the grammar, its reader, and files of claims.

::

    claim  = statistic score ["with" word …] "of" side (">" | "<") side "on" dataset
    side   = number ["%"] | group ["-" group] | "other betas"
    group  = word …
    word   = "vae" | a baseline ("pca", "ica", …) | key=value | score>=number | score<=number

statistic: mean, median or spread (standard deviation) over seeds. key: beta, model, L, classifier,
factors, mode or features. A group without a baseline consists of trained VAEs. `A - B` is the
change from B to A. `score>=95%` keeps the runs with at least this score. "other betas" means each
other β of the recipe. The words after "with" hold for every group. Higgins' metric has its standard
setting (L = 64, linear classifier, all factors, mode corrected) unless a word changes it.

A file of claims has one in each line, or in up to four fields separated by "|": claim, place of the
sentence, the sentence in plain words, and what the claim needs of the runs (`passes>=10`,
`source=official`, `features=inception`). A line that begins with a space continues the one above.
Empty lines and lines that begin with # are skipped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..beta import beta_number
from ..errors import (
    InputError,
    Refusal,
    cannot_read,
    missing,
    no_setting,
    unknown_name,
    wrong_value,
)
from ..fid import FEATURES
from ..metrics.classifiers import CLASSIFIERS
from ..models import MODELS
from ..tables.scores import BASELINE_TITLES
from .numbers import TITLES
from .table import is_share

STATISTICS = ("mean", "median", "spread")
USUAL = {"L": "64", "classifier": "linear", "factors": "all", "mode": "corrected"}
VALUES: dict[str, Sequence[str]] = {  # key → known values; none listed: a number
    "beta": (),
    "L": (),
    "model": tuple(MODELS),
    "classifier": tuple(CLASSIFIERS),
    "factors": ("all", "no-shape"),
    "mode": ("corrected", "paper"),
    "features": tuple(FEATURES),
}
OF_TRAININGS = ("beta", "model")  # keys that mean nothing for a baseline
EXAMPLE = "mean higgins of beta=4 > beta=1 on 2dshapes"
SHAPE = re.compile(r"(\S+) (\S+)(?: with (.+?))? of (.+?) ([<>]) (.+) on (\S+)")


@dataclass(frozen=True)
class Limit:
    """A score that a run must have: at least (">=") or at most ("<=") this."""

    score: str
    sign: str
    value: float


@dataclass(frozen=True)
class Group:
    """Runs and a setting: baseline ("" for trained VAEs), conditions (key, value), limits."""

    words: str  # as in the claim
    baseline: str
    conditions: tuple[tuple[str, str], ...]
    limits: tuple[Limit, ...] = ()

    @property
    def title(self) -> str:
        """The words for people: "β = 4", "PCA, L = 256"."""
        names = {"vae": "VAEs", **BASELINE_TITLES}
        words = [names.get(word, word) for word in self.words.split()]
        return ", ".join(
            re.sub(r"([<>]?=)", r" \1 ", re.sub("^beta(?==)", "β", word)) for word in words
        )

    def value(self, key: str) -> str | None:
        """The value of a condition; None if there is none."""
        return dict(self.conditions).get(key)


@dataclass(frozen=True)
class Side:
    """A number, a group, a change from one group to another, or (none of them) the other β."""

    number: float | None = None
    group: Group | None = None
    less: Group | None = None

    @property
    def others(self) -> bool:
        """Whether this side is each other β."""
        return self.number is None and self.group is None


@dataclass(frozen=True)
class Claim:
    """One claim; see the grammar above."""

    line: str
    statistic: str
    score: str
    left: Side
    sign: str  # ">" or "<"
    right: Side
    dataset: str
    place: str = ""
    sentence: str = ""
    needs: tuple[str, ...] = ()

    @property
    def groups(self) -> list[Group]:
        """The groups of both sides."""
        sides = (self.left.group, self.left.less, self.right.group, self.right.less)
        return [group for group in sides if group is not None]

    @property
    def says(self) -> str:
        """The sentence, or the line if there is none."""
        return self.sentence or self.line


def read_file(path: Path) -> list[Claim]:
    """The claims of a file; raises `InputError` with the number of the first line at fault."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
    except FileNotFoundError as error:
        raise missing(path, "give a file with one claim in each line") from error
    except (OSError, UnicodeDecodeError) as error:
        raise cannot_read(path, error) from error
    return read_claims(text, path.name)


def read_claims(text: str, name: str) -> list[Claim]:
    """The claims of a text; raises `InputError`, which calls the text `name`, with the number of
    the first line at fault."""
    found = []
    for number, line in _whole_lines(text):
        try:
            found.append(read_claim(line))
        except InputError as error:
            raise error.saying(f"{name}, line {number}: {error}") from error
    if not found:
        raise InputError(f"{name} has no claims; a claim is a line: {EXAMPLE}.", Refusal.CONTENT)
    return found


def _whole_lines(text: str) -> list[tuple[int, str]]:
    """The lines with their continuations, each with the number of its first line."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace() and found:
            first, before = found[-1]
            found[-1] = first, f"{before} {line.strip()}"
        else:
            found.append((number, line))
    return found


def read_claim(line: str) -> Claim:
    """One line as a claim; raises `InputError` that says what was expected."""
    fields = [" ".join(field.split()) for field in line.split("|")]
    text, place, sentence, needs = (fields + [""] * 3)[:4]
    matched = SHAPE.fullmatch(text)
    if len(fields) > 4 or not matched:
        raise InputError(
            f'"{text}" is not a claim; expected a line such as "{EXAMPLE}", with up to three more '
            "fields after | (place, sentence, needs).",
            Refusal.CONTENT,
        )
    statistic, score, shared, left, sign, right, dataset = matched.groups()
    for what, name, choices in (
        ("statistic", statistic, STATISTICS),
        ("number", score, TITLES),
    ):
        if name not in choices:
            raise unknown_name(what, name, choices)
    words = shared.split() if shared else []
    sides = [_side(part, words) for part in (left, right)]
    if sides[0].group is None:
        raise InputError(
            f'The left side of a claim is a group of runs, not "{left}".', Refusal.CONTENT
        )
    if sides[1].others and (sides[0].group.value("beta") is None or sides[0].less):
        raise InputError(
            '"other betas" needs a β on the left side, such as beta=4, and no change.',
            Refusal.CONTENT,
        )
    if sides[1].number is not None:
        _check_share(score, sides[1].number, right)
    needed = tuple(_need(word) for word in needs.split())
    claim = Claim(
        text, statistic, score, sides[0], sign, sides[1], dataset, place, sentence, needed
    )
    for group in claim.groups:
        _check_settings(score, group)
    return claim


def _check_share(score: str, number: float, text: str) -> None:
    """A score lies in [0, 1], a change of it in [−1, 1]: who writes 95 means 95%."""
    if is_share(score) and abs(number) > 1:
        raise wrong_value(score, "at most 100% (a share, such as 95% or 0.95)", text, "is")


def _check_settings(score: str, group: Group) -> None:
    """A setting of Higgins' metric means nothing to other numbers."""
    scores = {score, *(limit.score for limit in group.limits)}
    for key, _ in group.conditions:
        if key in USUAL and "higgins" not in scores:
            raise no_setting(score, key)


def _side(text: str, shared: list[str]) -> Side:
    if text == "other betas":
        return Side()
    if (number := _number(text)) is not None:
        return Side(number=number)
    parts = text.split(" - ")
    if len(parts) > 2:
        raise InputError(f'"{text}" is a change between more than two groups.', Refusal.CONTENT)
    groups = [_group(part, shared) for part in parts]
    return Side(group=groups[0], less=groups[1] if len(groups) > 1 else None)


def _group(text: str, shared: list[str]) -> Group:
    baseline, conditions, limits = "", dict[str, str](), []
    own = text.split()
    for words in (shared, own):
        _check_words(" ".join(words), words)
    for word in [*shared, *own]:
        if limit := re.fullmatch(r"(\w+)(>=|<=)(\S+)", word):
            score, sign, value = limit.groups()
            if score not in TITLES:
                raise unknown_name("number", score, TITLES)
            limits.append(Limit(score, sign, _known_number(word, value)))
            _check_share(score, limits[-1].value, value)
        elif "=" in word:
            key, value = word.split("=", 1)
            conditions[key] = _value(key, value)
        elif word in BASELINE_TITLES:
            baseline = word
        elif word != "vae":
            kinds = ["vae", *BASELINE_TITLES, *(f"{key}=…" for key in VALUES), "other betas"]
            raise unknown_name("group", word, kinds)
    if baseline:  # a baseline has no β, and its model is its own: these are the other side's
        conditions = {k: v for k, v in conditions.items() if k not in OF_TRAININGS}
    return Group(text, baseline, tuple(sorted(conditions.items())), tuple(limits))


def _check_words(text: str, words: Sequence[str]) -> None:
    """Raise `InputError` for words that contradict one another; own words of a group may differ
    from the shared ones."""
    keys = [word.split("=", 1)[0] for word in words if re.fullmatch(r"\w+=\S*", word)]
    kinds = [word for word in words if word == "vae" or word in BASELINE_TITLES]
    trained = [key for key in keys if key in OF_TRAININGS and kinds not in ([], ["vae"])]
    twice = [key for key in dict.fromkeys(keys) if keys.count(key) > 1]
    if len(kinds) > 1 or twice or trained:
        why = f"only one of {', '.join(kinds)}"
        if twice:
            why = f"only one {twice[0]}"
        elif trained:
            why = f"no {trained[0]}, as {kinds[0]} has none that can be chosen"
        raise InputError(f'"{text}" is no group of runs: it can have {why}.', Refusal.CONFLICT)


def _value(key: str, value: str) -> str:
    if key not in VALUES:
        raise unknown_name("condition", key, VALUES)
    if key == "L" and not re.fullmatch(r"[0-9]{1,9}", value):
        raise wrong_value("L", "a whole number", value)
    if not VALUES[key]:
        return value if key == "L" else beta_number(_known_number(f"{key}={value}", value))
    if value not in VALUES[key]:
        raise unknown_name(key, value, VALUES[key])
    return value


def _number(text: str) -> float | None:
    matched = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)( ?%)?", text)
    return float(matched[1]) / (100 if matched[2] else 1) if matched else None


def _known_number(word: str, text: str) -> float:
    number = _number(text)
    if number is None:
        raise InputError(f'"{word}" needs a number, got "{text}".', Refusal.VALUE)
    return number


def _need(word: str) -> str:
    if re.fullmatch(r"passes>=\d+(\.\d+)?|source=\w+", word):
        return word
    if word.startswith("features="):
        return f"features={_value(*word.split('=', 1))}"
    raise unknown_name("need", word, ["passes>=…", "source=…", "features=…"])
