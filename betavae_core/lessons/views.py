"""The views that a step can show: their names and settings. The page Lessons draws them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..config import BASELINE_KINDS
from ..metrics.classifiers import CLASSIFIERS
from ..pictures.reconstructions import COLUMNS
from ..tables.scores import SHOWN_SCORES
from .header import Header, refusal
from .measures import HIGGINS

CONTROLS = ("missing", "L", "classifier")  # of the view "metric"
PICTURED = ("reconstructions", "errors", "both", "samples")
MOST_NUMBERS = 12
ASKED = "?"  # in place of a number in the view "numbers": a row without a bar


@dataclass(frozen=True)
class Named:
    """The names that a lesson's header gives: to selections of runs, and to numbers."""

    runs: Sequence[str]
    numbers: Sequence[str]


@dataclass(frozen=True)
class View:
    """One view with its settings, by name; `of`: the selection of runs that it shows."""

    name: str
    settings: Mapping[str, Any]

    @property
    def of(self) -> str:
        return str(self.settings.get("of", ""))


@dataclass(frozen=True)
class Kind:
    """A row of the table of views: what it shows, how its settings are read, and whether it is a
    picture that stands still, which a choice of pictures can offer."""

    about: str
    read: Callable[[Header, Named], dict[str, Any]]
    still: bool = False


def _runs(header: Header, named: Named) -> dict[str, Any]:
    return {
        "of": header.one_of("of", named.runs),
        "beta": header.numbers("beta"),
        "seed": header.numbers("seed"),
    }


def _latents(header: Header, named: Named) -> dict[str, Any]:
    """latents: those of these factors, or all, used or unused ones; image: position of each factor
    that is not at its median."""
    latents = header.texts("latents", ("used",))
    if len(latents) > 1 and {"all", "used", "unused"} & set(latents):
        raise refusal(
            header.where, '"latents" names factors, or is one of ["all"], ["used"], ["unused"]'
        )
    image = header.mapping("image")
    for factor, position in image.items():
        if isinstance(position, bool) or not isinstance(position, int) or position < 0:
            raise refusal(
                header.where, f'the factor "{factor}" of "image" needs a whole number from 0'
            )
    return {**_runs(header, named), "latents": latents, "image": image}


def _sliders(header: Header, named: Named) -> dict[str, Any]:
    """input: whether the image can be changed, too, and the sliders show its posterior."""
    return {**_latents(header, named), "input": header.flag("input")}


def _scores(header: Header, named: Named) -> dict[str, Any]:
    return {
        **_runs(header, named),
        "what": header.one_of("what", SHOWN_SCORES, "higgins"),
        "factors": header.one_of("factors", tuple(HIGGINS["factors"].choices), "all"),
        "baselines": header.any_of("baselines", BASELINE_KINDS, ()),
    }


def _numbers(header: Header, named: Named) -> dict[str, Any]:
    """show: names of numbers, or `ASKED` in the place of one that is yet to be guessed."""
    show = header.any_of("show", (*named.numbers, ASKED), ())
    labels = header.texts("labels")
    if set(show) == {ASKED}:
        raise refusal(header.where, f'"show" needs a number besides "{ASKED}"')
    if not 1 <= len(show) <= MOST_NUMBERS or len(show) != len(labels):
        raise refusal(
            header.where,
            f'"show" needs from 1 to {MOST_NUMBERS} numbers, and "labels" a text for each',
        )
    return {"show": show, "labels": labels}


def _metric(header: Header, named: Named) -> dict[str, Any]:
    """The codes of a run or, with `missing`, the true factors of its dataset without one."""
    pairs = header.whole("L", 64)
    if pairs < 1:
        raise refusal(header.where, '"L" must be at least 1')
    return {
        **_runs(header, named),
        "missing": header.text("missing", ""),
        "L": pairs,
        "classifier": header.one_of("classifier", CLASSIFIERS, "logistic"),
        "controls": header.any_of("controls", CONTROLS, ()),
    }


def _pictures(header: Header, named: Named) -> dict[str, Any]:
    """count: of images; draw: a random selection of them, by default images that show what is in
    the dataset."""
    count = header.whole("count", 8)
    if not 1 <= count <= COLUMNS:
        raise refusal(header.where, f'"count" must be from 1 to {COLUMNS}')
    return {
        **_runs(header, named),
        "show": header.one_of("show", PICTURED, "reconstructions"),
        "draw": header.whole("draw", None),
        "count": count,
    }


def _matrix(header: Header, named: Named) -> dict[str, Any]:
    return {**_runs(header, named), "what": header.one_of("what", ("mig", "dci"), "mig")}


def _distances(header: Header, named: Named) -> dict[str, Any]:
    kinds = ("reconstructions", "samples")
    return {**_runs(header, named), "images": header.any_of("images", kinds, kinds)}


VIEWS: dict[str, Kind] = {
    "sliders": Kind("one model's latents as sliders that redraw its image", _sliders),
    "beta slider": Kind("reconstructions of one model for every β, with a slider of β", _runs),
    "map": Kind("the codes along ground-truth traversals, one panel per model", _runs),
    "scores": Kind("a score over β, one dot per seed", _scores),
    "pairs": Kind("Higgins' metric over the number of pairs L", _runs),
    "numbers": Kind("some of the lesson's numbers as bars", _numbers),
    "metric": Kind("Higgins' metric, computed now, with the input of its classifier", _metric),
    "matrix": Kind("what each latent tells about each factor", _matrix),
    "distances": Kind("the Fréchet distance over β", _distances),
    "losses": Kind("the reconstruction loss over β", _runs),
    "traversal": Kind("a row of images for each latent", _latents, still=True),
    "reconstructions": Kind("images and what each model makes of them", _pictures, still=True),
}


def read_view(header: Header, named: Named, *, still: bool = False) -> View:
    """Read one view; still: only those that stand still are allowed. Raises `InputError`."""
    name = header.one_of("name", [name for name, kind in VIEWS.items() if kind.still or not still])
    settings = VIEWS[name].read(header, named)
    header.end()
    return View(name, settings)
