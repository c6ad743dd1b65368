"""The parts that identify a run, in the order in which people choose them: dataset, architecture,
training length, β, random seed and, if several runs share all of these, its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..beta import beta_number
from ..choice import opening_run, seed_of
from ..datasets import dataset_title
from ..models import BASELINE_MODELS, MODELS
from ..penalties import BETA_VAE, OBJECTIVES
from ..presets import ONE_PASS
from ..store import Run
from ..store.frozen import is_frozen
from .lengths import length_of

NOT_STATED = beta_number(None)


@dataclass(frozen=True)
class Part:
    """One part: its name, its label, its text for a run ("not stated" if the run has none), and
    whether people want to see it where only one text can be chosen."""

    name: str
    label: str
    of: Callable[[Run], str]
    alone: bool = True


def architecture_title(run: Run) -> str:
    """ "Conv VAE", "Conv VAE, untrained", "Conv VAE, FactorVAE", "Conv VAE, steered", "Conv VAE,
    frozen" (of a model for every β), "Other VAE, imported" or "PCA"."""
    config = run.config
    title = (MODELS | BASELINE_MODELS)[config.model].title
    if config.baseline == "untrained":
        return f"{title}, untrained"
    if config.objective != BETA_VAE:
        title += f", {OBJECTIVES[config.objective].title}"
    if config.origin:
        title += ", frozen" if is_frozen(config) else ", imported"
    return title + ", steered" * config.by_hand


def length_title(run: Run) -> str:
    """The training length in passes over the run's dataset."""
    length = length_of(run)
    return NOT_STATED if length is None else length.title(ONE_PASS.get(run.config.dataset))


def _beta(run: Run) -> str:
    config = run.config
    if config.objective != BETA_VAE:
        return f"{OBJECTIVES[config.objective].symbol} = {config.strength:g}"
    return NOT_STATED if config.baseline else beta_number(config.beta)


def _seed(run: Run) -> str:
    seed = run.config.seed if run.config.baseline else seed_of(run)
    return NOT_STATED if seed is None else str(seed)


PARTS = (
    Part("dataset", "Dataset", lambda run: dataset_title(run.config.dataset), alone=False),
    Part("model", "Model", architecture_title),
    Part("length", "Training length", length_title, alone=False),
    Part("beta", "β", _beta),
    Part("seed", "Random seed", _seed),
    Part("name", "Name", lambda run: run.name, alone=False),
)


def run_titles(runs: Sequence[Run], parts: Sequence[Part] = PARTS) -> list[str]:
    """The parts of each run in one line, "2Dshapes, Conv VAE, 10 passes, β = 4, seed 123"; its name
    instead of a line that would be another run's, too."""
    lines = [_line(run, parts) for run in runs]
    return [
        line if lines.count(line) == 1 else run.name for run, line in zip(runs, lines, strict=True)
    ]


def _line(run: Run, parts: Sequence[Part]) -> str:
    texts = {part.name: part.of(run) for part in parts if part.name != "name"}
    if run.config.objective == BETA_VAE and "beta" in texts:
        texts["beta"] = texts["beta"] if texts["beta"] == NOT_STATED else f"β = {texts['beta']}"
    if texts.get("seed", NOT_STATED) != NOT_STATED:
        texts["seed"] = f"seed {texts['seed']}"
    return ", ".join(text for text in texts.values() if text != NOT_STATED)


def alike(runs: Sequence[Run], run: Run, number: int) -> list[Run]:
    """The runs that share the parts before this one with a run."""
    return [r for r in runs if all(part.of(r) == part.of(run) for part in PARTS[:number])]


def offered(runs: Sequence[Run], run: Run, number: int) -> list[str]:
    """What this part can be while the parts before it stay as they are for `run`: training lengths
    from the longest to the shortest, all else in the order of the runs."""
    found = alike(runs, run, number)
    if PARTS[number].name == "length":
        found.sort(key=lambda each: -each.config.images)
    return list(dict.fromkeys(map(PARTS[number].of, found)))


def with_part(runs: Sequence[Run], run: Run, number: int, text: str) -> Run:
    """The run to show when one part of the shown run is changed: the parts before it stay; of those
    behind it as many as possible, the first ones first; then `opening_run` decides."""
    found = [each for each in alike(runs, run, number) if PARTS[number].of(each) == text]

    def kept(each: Run) -> list[bool]:
        return [part.of(each) == part.of(run) for part in PARTS[number + 1 :]]

    best = max(map(kept, found))
    return opening_run([each for each in found if kept(each) == best])
