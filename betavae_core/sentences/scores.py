"""What the charts of disentanglement scores show."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..beta import beta_text
from .clear import clear_pairs
from .over_beta import OverBeta
from .words import counted, listed, sentence, spelled

OWN = 0.3  # of what is to know about a factor: a latent of its own tells at least that
MUCH = 0.2  # and this is the least that counts as telling something
SHARED = 0.5  # of a latent's best: what it may tell of other factors, or others of the factor
NOTICED = 0.75  # of a score: a metric that falls below it has noticed a change
TURN = 0.1  # share of all movement that goes backwards: above it, a latent turns


def score_over_beta(
    rows: pd.DataFrame, score: str, titles: Mapping[str, str], middle: str = "median"
) -> str:
    """One score of trained VAEs over β, for each architecture; rows: of `tables.scores.score_rows`;
    score: its name for people; titles: architecture → name for people."""
    models = list(rows["model"].value_counts().index)
    clauses: list[str] = []
    for model in models:
        here = rows[rows["model"] == model]
        by_beta = {float(beta): list(group) for beta, group in here.groupby("beta")["value"]}
        subject = score if not clauses else "that"
        if len(models) > 1:
            subject += f" of the {titles.get(model, model)}s"
        clauses.append(OverBeta(by_beta, middle, decimals=2).clause(subject))
    return sentence(*clauses)


def score_over_length(rows: pd.DataFrame, score: str, lengths: Mapping[int, str]) -> str:
    """How a score of each β changes from the shortest to the longest training, beyond what the
    seeds make. rows: of `tables.training_length.rows_by_length`; lengths: images seen → name for
    people."""
    first, last = min(rows["images"]), max(rows["images"])
    groups = {key: list(here) for key, here in rows.groupby(["beta", "images"])["value"]}
    betas = sorted(set(rows["beta"]))
    both = [beta for beta in betas if {(beta, first), (beta, last)} <= set(groups)]
    if not both:
        return ""
    medians = {key: float(np.median(values)) for key, values in groups.items()}
    clear, place = clear_pairs(list(groups.values())), {key: n for n, key in enumerate(groups)}
    ways: dict[str, list[str]] = {"rises": [], "falls": [], "does not clearly change": []}
    for beta in both:
        before, after = medians[beta, first], medians[beta, last]
        if clear is None or not clear[place[beta, first], place[beta, last]] or before == after:
            ways["does not clearly change"].append(beta_text(beta))
        else:
            one, other = spelled([before, after], 2)
            way = "rises" if after > before else "falls"
            ways[way].append(f"{beta_text(beta)} ({one} to {other})")
    between = f"from {lengths[first]} to {lengths[last]} of training {score}"
    if clear is None:
        changes = [medians[beta, last] - medians[beta, first] for beta in both]
        low, high = spelled([min(changes), max(changes)], 2)
        few = "with one model for each β and length: too few to compare"
        return sentence(f"{between} changes by {low} to {high}, {few}")
    told = [f"{way} at {listed(at)}" for way, at in ways.items() if at]
    return sentence(f"{between} {listed(told)}")


def mixing_noticed(pure: Mapping[str, float], mixed: Mapping[str, float]) -> str:
    """Which of two metrics notice that a rotation mixes all factors into every latent. pure, mixed:
    metric → score of the true factors, and of the true factors after the rotation."""
    falls = {name: mixed[name] < NOTICED * pure[name] for name in pure}
    blind = [name for name, fell in falls.items() if not fell]
    scores = listed([f"{mixed[name]:.2f} by {name} (before: {pure[name]:.2f})" for name in pure])
    code = "a perfect code whose factors are all mixed by a rotation scores"
    if not blind:
        return sentence(f"{code} {scores}: the metrics notice the mixing")
    if len(blind) == len(falls):
        return sentence(f"{code} {scores}: the metrics do not notice the mixing")
    return sentence(
        f"a high score by {listed(blind)} does not show disentangled latents: {code} {scores}"
    )


def profile_beside(
    values: Mapping[str, float | None],
    reaches: Mapping[str, Mapping[str, tuple[float, float]]],
) -> str:
    """The scores of one run beside those of baselines.

    values: score → its value, or None if it is not computed; reaches: baseline → score → the lowest
    and the highest of the baseline's seeds. A value between these two is neither higher nor lower.
    """
    clauses: list[str] = []
    for name, reach in reaches.items():
        here = [
            (value, *reach[s]) for s, value in values.items() if s in reach and value is not None
        ]
        if not here:
            continue
        higher = sum(value > high for value, _, high in here)
        lower = sum(value < low for value, low, _ in here)
        if higher == lower == 0:
            verdict = f"scores like {name} by {counted(len(here), len(here), 'metric')}"
        elif higher in (0, len(here)) and lower in (0, len(here)):
            word = "higher" if higher else "lower"
            verdict = f"scores {word} than {name} by {counted(len(here), len(here), 'metric')}"
        else:
            verdict = (
                f"scores higher than {name} by {higher} of {len(here)} metrics and lower by {lower}"
            )
        clauses.append(("this model " if not clauses else "it ") + verdict)
    return sentence(*clauses)


def latent_per_factor(matrix: np.ndarray, latents: Sequence[str], factors: Sequence[str]) -> str:
    """Which factors have a latent of their own, from a latent × factor matrix (D, K) in [0, 1]: one
    that tells at least `OWN` of the factor, while neither another latent tells the factor, nor the
    latent another factor, more than half as well."""
    own: dict[int, int] = {}
    for factor in range(matrix.shape[1]):
        latent = int(matrix[:, factor].argmax())
        value = float(matrix[latent, factor])
        rivals = [*np.delete(matrix[:, factor], latent), *np.delete(matrix[latent], factor)]
        if value >= OWN and max(rivals, default=0.0) <= SHARED * value:
            own[factor] = latent
    others = [name for factor, name in enumerate(factors) if factor not in own]
    if not own:
        return _none_of_its_own(matrix, latents, factors)
    if not others:
        return sentence(f"{counted(len(own), len(factors), 'factor')} have a latent of their own")
    stand = [f"{latents[latent]} stands for {factors[factor]}" for factor, latent in own.items()]
    have = "have no latent of their own" if len(others) > 1 else "has no latent of its own"
    return sentence(listed(stand), f"{listed(others)} {have}")


def _none_of_its_own(matrix: np.ndarray, latents: Sequence[str], factors: Sequence[str]) -> str:
    latent, factor = divmod(int(matrix.argmax()), matrix.shape[1])
    value = float(matrix[latent, factor])
    if value < MUCH:
        return f"No latent tells much about any factor: at most {value:.2f} of it."
    column = matrix[:, factor].copy()
    column[latent] = 0
    told = [
        name for k, name in enumerate(factors) if k != factor and matrix[latent, k] > SHARED * value
    ]
    why = []
    if told:
        why.append(f"also tells {listed(told)}")
    if column.max() > SHARED * value:
        why.append(f"shares it with {latents[int(column.argmax())]}")
    clearest = f"the clearest is {latents[latent]} for {factors[factor]} ({value:.2f}"
    clearest += f", but it {listed(why)}" * bool(why)
    return sentence("no factor has a latent of its own", f"{clearest})")


def latent_over_factor(
    values: np.ndarray, deviation: np.ndarray | None, latent: str, factor: str
) -> str:
    """How a latent's posterior mean (N,) follows the N values of a factor; deviation (N,): the
    posterior's standard deviations, if there are any."""
    reach = float(np.ptp(values))
    if deviation is not None and reach <= 2 * float(np.mean(deviation)):
        return (
            f"{latent} does not tell {factor}: over all its values it moves by {reach:.2f}, less "
            "than two posterior standard deviations."
        )
    steps = np.diff(values)
    whole = float(np.abs(steps).sum())
    if whole == 0:
        return f"{latent} stays the same over all values of {factor}."
    backwards = (whole - abs(float(steps.sum()))) / 2 / whole
    if backwards <= TURN:
        verb = "rises" if values[-1] > values[0] else "falls"
        first, last = spelled([values[0], values[-1]], 2)
        return f"{latent} {verb} with {factor}, from {first} to {last}."
    low, high = spelled([values.min(), values.max()], 2)
    return (
        f"{latent} turns along {factor}: it moves between {low} and {high}, and one code stands "
        f"for several values of {factor}."
    )
