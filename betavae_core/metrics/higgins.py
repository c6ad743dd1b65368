"""Higgins' disentanglement metric. Higgins et al. (2017), β-VAE, Algorithm 1 of the paper that this
project reproduces."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from ..errors import InputError, Refusal, not_one_of, unknown_name
from ..factors import Factors, FactorSpace
from ..rng import generator
from .base import Codes, Record, check_codes, check_count, pair_indices, ready
from .classifiers import CLASSIFIERS, fit_predict
from .metric import ChanceMetric, Settings, Tell

COUNTS = {"paper": (1_000, 500), "corrected": (10_000, 5_000)}  # points, test points
CHUNK = 2_000_000  # codes gathered at once


def higgins(
    codes: Codes,
    space: Factors,
    *,
    seed: int = 0,
    L: int = 64,
    points: int | None = None,
    test_points: int | None = None,
    classifier: str = "logistic",
    factors: str | Sequence[str] = "all",
    draws: int = 1,
    mode: str = "corrected",
) -> Record:
    """Accuracy of a classifier that recognises the fixed factor from how little the latents moved.

    For each point a factor y is drawn uniformly from `factors` ("all" that vary, "no-shape", or
    names), with L pairs of images that agree on y and are uniform in all other factors; the point
    is the mean over the pairs of |z₁ − z₂|, its label y. codes: (space.size, D) posterior means.
    The score, in [0, 1], higher is better, is the accuracy on held-out points, averaged over
    `draws` of points and classifier seeds; `details` has the chance level 1 / (number of factors),
    the standard error over draws (None for one), each draw's accuracy, and the confusion matrix
    (true factor × guess, as shares). classifier: linear, mlp, logistic or forest. mode: "paper"
    (1,000 + 500 points, the original classifiers' settings) or "corrected" (10,000 + 5,000 points,
    standardised points); in both the test points are new. Raises `InputError` for settings or
    codes that do not fit, fewer points than factors, or fewer than two factors. Higgins et al.
    (2017), section 3.
    """
    asked = Setting(L, points, test_points, classifier, factors, draws, mode, seed)
    return next(iter(higgins_batch([(codes, space)], [asked])))[1]


def score_with_points(
    codes: np.ndarray, space: FactorSpace, shown: int, **settings: Any
) -> tuple[Record, np.ndarray, np.ndarray, float]:
    """`higgins` with these settings; and `shown` points (shown, D) of its first draw with their
    labels, as the classifier sees them before standardisation; and the seconds it took."""
    started = time.monotonic()
    record = higgins(codes, space, **settings)
    took = time.monotonic() - started
    chosen = choose_factors(space, settings.get("factors", "all"))
    L, seed = record.settings["L"], record.settings["seed"]
    z, y = difference_points(codes, space, shown, L, chosen, seed, "higgins/0")
    return record, z, y, took


@dataclass(frozen=True)
class Setting:
    """The settings of one measurement; raises `InputError` for invalid ones."""

    L: int = 64
    points: int | None = None  # None: the numbers of the mode
    test_points: int | None = None
    classifier: str = "logistic"
    factors: str | Sequence[str] = "all"
    draws: int = 1
    mode: str = "corrected"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.mode not in COUNTS:
            raise not_one_of("mode", ("paper", "corrected"), self.mode)
        for name, usual in zip(("points", "test_points"), COUNTS[self.mode], strict=True):
            if getattr(self, name) is None:
                object.__setattr__(self, name, usual)
            check_count(name, getattr(self, name))
        if self.classifier not in CLASSIFIERS:
            raise unknown_name("classifier", self.classifier, CLASSIFIERS)
        check_count("L", self.L)
        check_count("draws", self.draws)

    @property
    def images(self) -> int:
        """The number of images used, repeats counted."""
        assert self.points is not None, "set in __post_init__"
        assert self.test_points is not None, "set in __post_init__"
        return 2 * self.L * self.draws * (self.points + self.test_points)


class HigginsMetric(ChanceMetric):
    """Fits the classifiers of several settings together, by kind; its line states chance and the
    settings."""

    def images(self, settings: Settings) -> float:
        return float(Setting(**settings).images)

    def measure_each(
        self,
        codes: Codes,
        space: Factors,
        settings: Sequence[Settings],
        tell: Tell,
        device: str | torch.device = "cpu",
    ) -> Iterator[tuple[int, Record]]:
        by_classifier: dict[str, list[int]] = {}
        asked = [Setting(**each) for each in settings]
        for number, each in enumerate(asked):
            by_classifier.setdefault(each.classifier, []).append(number)
        for numbers in by_classifier.values():  # so that a kill loses at most one kind
            tables = [(codes, space)] * len(numbers)
            for place, record in higgins_batch(tables, [asked[n] for n in numbers], tell, device):
                yield numbers[place], record

    def text(self, record: Mapping[str, Any]) -> str:
        settings, details = record["settings"], record["details"]
        error = details["standard_error"]
        return (
            super().text(record)
            + (f" ± {error:.4f}" if error is not None else "")
            + f"  (chance {details['chance']:.2f}, L {settings['L']}, {settings['classifier']}, "
            f"{len(settings['factors'])} factors, {settings['points']:,} points)"
        )


def higgins_batch(
    tables: Sequence[tuple[Codes, Factors]],
    settings: Sequence[Setting],
    progress: Tell = lambda what, done, total: None,
    device: str | torch.device = "cpu",
) -> Iterator[tuple[int, Record]]:
    """The records of `higgins` for tables[i] with settings[i], each with its i, in any order.

    Classifiers of the same kind whose points have the same shape are fitted at once. progress
    receives the current activity, and the numbers of fitted and of all classifiers. device: trains
    the linear classifier and the MLP.
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    held = []
    for number, ((codes, factors), asked) in enumerate(zip(tables, settings, strict=True)):
        table, space = check_codes(codes, factors, "Higgins' metric")
        chosen = choose_factors(space, asked.factors)
        assert asked.points is not None, "set in __post_init__"
        check_count("points", asked.points, len(chosen))
        shape = (asked.points, asked.test_points, table.shape[1], len(chosen))
        groups.setdefault((asked.classifier, asked.mode, *shape), []).append(number)
        held.append((table, space, chosen))
    done, total = 0, sum(asked.draws for asked in settings)
    for (classifier, mode, points, test_points, _, classes), members in groups.items():
        progress(f"drawing points for {classifier}", done, total)
        drawn = [
            difference_points(
                *held[i][:2],
                points + test_points,
                settings[i].L,
                held[i][2],
                settings[i].seed,
                f"higgins/{draw}",
            )
            for i in members
            for draw in range(settings[i].draws)
        ]
        progress(f"fitting {classifier}", done, total)
        z, y = np.stack([each[0] for each in drawn]), np.stack([each[1] for each in drawn])
        guess = fit_predict(
            classifier,
            z[:, :points],
            y[:, :points],
            z[:, points:],
            classes,
            paper=mode == "paper",
            seeds=[
                settings[i].seed * 1_000 + draw  # so that the draws of nearby seeds do not overlap
                for i in members
                for draw in range(settings[i].draws)
            ],
            device=device,
        )
        done += len(drawn)
        first = 0
        for i in members:
            mine = slice(first, first + settings[i].draws)
            first = mine.stop
            names = [held[i][1].names[k] for k in held[i][2]]
            yield i, _record(settings[i], names, y[mine, points:], guess[mine])
    progress("done", total, total)


def _record(asked: Setting, names: list[str], labels: np.ndarray, guess: np.ndarray) -> Record:
    """The confusion matrix of the labels and guesses (draws, test points)."""
    each = (guess == labels).mean(1)
    confusion = np.zeros((len(names), len(names)))
    np.add.at(confusion, (labels.ravel(), guess.ravel()), 1)
    confusion /= np.maximum(confusion.sum(1, keepdims=True), 1)
    details = {
        "chance": 1 / len(names),
        "standard_error": float(each.std(ddof=1) / len(each) ** 0.5) if len(each) > 1 else None,
        "per_draw": each.tolist(),
        "confusion": confusion.tolist(),
    }
    return Record("higgins", float(each.mean()), asdict(asked) | {"factors": names}, details)


def choose_factors(space: FactorSpace, factors: str | Sequence[str]) -> list[int]:
    """The numbers of the chosen factors; raises `InputError` for fewer than two, an unknown name
    or a factor that does not vary."""
    if factors == "all":
        names = [n for n, size in zip(space.names, space.sizes, strict=True) if size > 1]
    elif factors == "no-shape":
        names = [
            name
            for name, size in zip(space.names, space.sizes, strict=True)
            if size > 1 and not name.endswith("shape")
        ]
    else:
        names = [factors] if isinstance(factors, str) else list(factors)
    if unknown := [name for name in names if name not in space.names]:
        raise unknown_name("factor", unknown[0], space.names)
    chosen = [space.names.index(name) for name in names]
    if fixed := [space.names[k] for k in chosen if space.sizes[k] < 2]:
        raise InputError(
            f'The factor "{fixed[0]}" has only one value and cannot be recognised.',
            Refusal.UNSUITABLE,
            factor=fixed[0],
        )
    if len(set(chosen)) < 2:
        raise InputError("Higgins' metric needs two or more factors that vary.", Refusal.UNSUITABLE)
    return sorted(set(chosen))


def difference_points(
    codes: Codes,
    space: FactorSpace,
    count: int,
    L: int,
    factors: list[int],
    seed: int,
    stream: str,
) -> tuple[np.ndarray, np.ndarray]:
    """The classifier's points (count, D), mean |z₁ − z₂| over L pairs, and labels (count,), the
    number of the fixed factor among `factors`."""
    random = generator(seed, stream)
    points, labels = [], []
    step = max(1, CHUNK // L)
    for first in range(0, count, step):
        n = min(step, count - first)
        label, one, two = pair_indices(space, n, L, factors, random)
        table = torch.from_numpy(ready(codes, torch.stack([one, two]).flatten().numpy()))
        points.append((table[one].float() - table[two].float()).abs_().mean(1))
        labels.append(label)
    return torch.cat(points).double().numpy(), torch.cat(labels).numpy()
