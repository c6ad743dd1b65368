"""The checkup: every question in order, each answer as soon as it is ready."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path

import torch

from ..config import RunConfig
from ..datasets import Dataset
from ..disk_cache import Progress
from ..errors import InputError, Refusal
from ..paths import runs_root
from ..scoring.elbo import ACTIVE_KL
from .agreement import check_agreement
from .available import Available, make_ready, needed, only_claimed, opened_dataset, ready_datasets
from .behaviour import failing
from .beta import check_beta
from .choice import best_fit, only_dataset
from .effort import Budget, TooDear
from .faults import TITLES, check_faults
from .finding import Finding, Verdict, share
from .fit import Fit, Scale, check_reconstruction, fit, none_ready, scale_of
from .others import own_runs
from .pictures import check_outputs, check_samples, check_traversals
from .scores import check_scores
from .standing import at_most_look, guess
from .subject import Checkpoint, Subject, at_rest
from .terms import Measured, check_latents, check_terms, measure
from .weights import check_architecture, check_units, check_weights

PROBES = 128  # images for finding the units that fire
QUICK = {  # key → title of every question, in order; all of them are always answered
    "architecture": "Architecture",
    "weights": "Weights",
    "outputs": "Output range",
    "reconstruction": "Reconstructions",
    "orientation": TITLES["orientation"],
    "channels": TITLES["channels"],  # for colour images
    "reading": TITLES["reading"],
}
LONG = {
    "units": "ReLU units",
    "terms": "NLL and KL",
    "latents": "Active latents",
    "traversals": "Traversals",
    "samples": "Prior samples",
    "scores": "Disentanglement",
    "agreement": "Agreement with our runs (UDR)",
    "beta": "β",
}
OTHERS = {"sigmoid": TITLES["sigmoid"]}  # asked if it is suspected
TITLE = QUICK | LONG | OTHERS
ITS_OWN = (Refusal.OUTPUT, Refusal.NOT_FINITE, Refusal.SETTINGS)  # faults of the checkpoint itself


def checkup(
    model: Checkpoint,
    config: RunConfig,
    *,
    dataset: str | Dataset | None = None,
    root: str | Path | None = None,
    compare: str | Path | None = None,
    seed: int = 0,
    quick: bool = False,
    prepare: bool = True,
    progress: Progress | None = None,
    budget: Budget | None = None,
) -> Iterator[Finding]:
    """Check a checkpoint; yields one `Finding` per question, the quick ones first. Every question
    gets an answer, if necessary "not computed" with the reason.

    model: anything that encodes, see `Checkpoint`; config: its claims (dataset, image shape,
    latents, likelihood, β or None). dataset: the only one to try, prepared if necessary; by
    default all with the image shape that are ready (`root`: the official files), and others if
    `make_ready` has time for them. compare: folder of our runs for comparison (default: the usual
    one). seed: for every random selection. quick: stop after the reconstructions. prepare: whether
    one-time work on datasets is allowed; the prior samples come before it. budget: the time limit.
    Raises `InputError` for a dataset that is missing or has other images; an exception of the
    checkpoint itself becomes a finding.
    """
    with at_rest(model) as resting:
        subject = Subject(resting, config, budget or Budget())
        examination = _Checkup(subject, dataset, root, compare, seed, prepare, progress)
        yield from examination.findings(quick)


class _Checkup:
    """The questions' shared parts: the datasets, the one that fits, a thousand encoded images."""

    def __init__(
        self,
        subject: Subject,
        dataset: str | Dataset | None,
        root: str | Path | None,
        compare: str | Path | None,
        seed: int,
        prepare: bool,
        progress: Progress | None,
    ) -> None:
        self.subject, self.root, self.compare = subject, root, compare
        self.seed, self.prepare, self.progress = seed, prepare, progress
        self.asked = dataset if isinstance(dataset, str) else None
        self.given = None if isinstance(dataset, str | None) else dataset
        self.one = None if dataset is None else only_dataset(subject.config, dataset, root)
        self.fits: dict[int, Fit] = {}  # by the identity of datasets
        self.scale: Scale | None = None
        self.why = ""  # there is no scale
        self.measured: Measured | None = None
        self.sampled = False

    def findings(self, quick: bool) -> Iterator[Finding]:
        subject = self.subject
        yield from self.ask("architecture", lambda: [check_architecture(subject)])
        weights = self.ask("weights", lambda: [check_weights(subject, self.fails)])
        yield from weights
        rest = self.quick_rest() if quick else self.all_rest()
        if any(finding.numbers.get("not_finite") for finding in weights):
            keys = [key for key in QUICK | ({} if quick else LONG) if self.asks(key)]
            says = "Some weights are NaN or infinite, so all further results would be, too."
            rest = iter(_left_out(keys[2:], says))
        yield from rest

    def asks(self, key: str) -> bool:
        return key != "channels" or self.subject.config.shape[0] == 3

    def all_rest(self) -> Iterator[Finding]:
        yield from self.quick_rest()
        yield from self.long()

    def quick_rest(self) -> Iterator[Finding]:
        """The findings within seconds: the decoder's output, and a few images of each dataset."""
        subject = self.subject
        yield from self.ask("outputs", lambda: [check_outputs(subject, self.seed)])
        if self.prepare and (self.asked_waits() or needed(self.here, subject.config)):
            yield from self.samples()  # a picture in the meantime
            self.prepare_datasets()
        if self.one is None:
            self.here = only_claimed(self.here, subject.config)
        yield from self.ask("reconstruction", self.reconstruct)
        kinds = [key for key in ("orientation", "channels", "reading") if self.asks(key)]
        if self.scale is None or not subject.decodes:
            says = (
                self.why
                if self.scale is None
                else "The checkpoint has no decode, so nothing can be reconstructed."
            )
            yield from _left_out(kinds, says)
            return
        scale = self.scale
        why = self.guess(scale.dataset)
        yield from self.ask(kinds, lambda: check_faults(subject, scale, self.seed, why))

    def asked_waits(self) -> bool:
        """Whether the requested dataset must be prepared first."""
        return self.asked is not None and not (self.one and self.one.open)

    @cached_property
    def here(self) -> Available:
        """The findings on the datasets that are ready."""
        if self.asked_waits() and self.asked is not None:
            return Available(unprepared=[self.asked])
        return self.one or ready_datasets(self.subject.config, self.root)

    def guess(self, dataset: Dataset) -> str:
        """The reason why images of this dataset are a guess; "" if the checkpoint claims them."""
        if dataset is self.given and dataset.name == self.subject.config.dataset:
            return ""  # from any source: the user chose it
        return guess(self.subject.config, dataset)

    def about(self, dataset: Dataset, findings: list[Finding]) -> list[Finding]:
        """Findings on images of this dataset: a model that may never have seen them is only broken
        if it fails with any image."""
        why = self.guess(dataset)
        return (
            [at_most_look(each, why) for each in findings] if why and not self.fails() else findings
        )

    def fails(self) -> str:
        """The evidence that the model cannot work, as a clause; "" if there is none."""
        return self.failing_anywhere or self.failing_on_claimed

    @cached_property
    def failing_anywhere(self) -> str:
        with suppress(Exception):  # the following questions report its exceptions
            return failing(self.subject, self.seed)
        return ""

    @cached_property
    def failing_on_claimed(self) -> str:
        with suppress(Exception):
            for each in self.here.open:
                if not self.guess(each) and not (found := self.fit(each)).works:
                    return (
                        f"it explains {share(found.explained)} of {each.title}, the dataset that "
                        "it claims"
                    )
        return ""

    def fit(self, dataset: Dataset) -> Fit:
        """The quality of a dataset's reconstructions, computed once."""
        if id(dataset) not in self.fits:
            self.fits[id(dataset)] = fit(self.subject, dataset, self.seed)
        return self.fits[id(dataset)]

    def prepare_datasets(self) -> None:
        """Prepare the necessary datasets within a time limit, or the requested one without a
        limit."""
        config, root, progress = self.subject.config, self.root, self.progress
        if self.asked is not None:
            found = opened_dataset(self.asked, config, root, seconds=math.inf, progress=progress)
            self.here = Available([found])
        else:
            self.subject.budget.left -= make_ready(self.here, config, root, progress)

    def samples(self) -> list[Finding]:
        self.sampled = True
        return self.ask("samples", lambda: [check_samples(self.subject, self.seed)])

    def reconstruct(self) -> list[Finding]:
        subject, here = self.subject, self.here
        self.why = none_ready(subject, here)
        if not subject.decodes:
            if here.open:
                self.scale = scale_of(subject, here.open[0], self.seed)
            says = "The checkpoint has no decode, so nothing can be reconstructed."
            return [Finding("reconstruction", TITLE["reconstruction"], Verdict.NOT_COMPUTED, says)]
        if here.open:
            self.why = "No image could be reconstructed; see Reconstructions."
        fits = [self.fit(each) for each in here.open]
        chosen = best_fit(subject, fits)
        self.scale = None if chosen is None else chosen.scale
        found = [check_reconstruction(subject, fits, here)]
        claimed = any(not self.guess(each.dataset) for each in fits)
        return found if claimed or chosen is None else self.about(chosen.dataset, found)

    def long(self) -> Iterator[Finding]:
        """The longer findings: a thousand images, scores, β."""
        subject, seed, scale = self.subject, self.seed, self.scale
        if scale is None:
            yield from _left_out(["units", "terms", "latents"], self.why)
        else:
            yield from self.ask(["units", "terms", "latents"], lambda: self.encode(scale))
        measured = self.measured
        if measured is not None:
            about = partial(self.about, measured.scale.dataset)
            runs = own_runs(runs_root(self.compare), subject, measured.scale.dataset)
            units = measured.x[:PROBES]
            yield from self.ask("units", lambda: about([check_units(subject, units)]))
            yield from self.ask("terms", lambda: about([check_terms(subject, measured, runs)]))
            yield from self.ask("latents", lambda: about([check_latents(subject, measured)]))
        kl = measured.kl if measured else None
        start = _typical(measured.mean) if measured else None
        yield from self.ask(
            "traversals", lambda: [check_traversals(subject, kl, start, 5 * ACTIVE_KL)]
        )
        if not self.sampled:
            yield from self.samples()
        dataset = scale.dataset if scale is not None else next(iter(self.here.open), None)
        if dataset is None:
            yield from _left_out(["scores"], self.why)
        else:
            yield from self.ask(
                "scores", lambda: self.about(dataset, [check_scores(subject, dataset, seed)])
            )
        if measured is None:
            says = self.why if scale is None else "The images could not be encoded."
            yield from _left_out(["agreement"], says)
            claimed = {"claimed": self.subject.config.beta}
            yield Finding("beta", TITLE["beta"], Verdict.NOT_COMPUTED, says, "", claimed)
        else:
            root = runs_root(self.compare)
            yield from self.ask("agreement", lambda: [check_agreement(subject, measured, root)])
            yield from self.ask("beta", lambda: about([check_beta(subject, measured, seed)]))

    def encode(self, scale: Scale) -> list[Finding]:
        """Encode the thousand images that several questions share; a finding only if that fails."""
        self.measured = measure(self.subject, scale, self.seed)
        return []

    def ask(self, keys: str | Sequence[str], check: Callable[[], list[Finding]]) -> list[Finding]:
        """The findings of one or several questions, or the checkpoint's exception instead: code
        from a notebook can raise anything, and that is a result rather than a reason to end the
        checkup."""
        keys = [keys] if isinstance(keys, str) else list(keys)
        try:
            with self.subject.budget.question():
                return check()
        except TooDear as error:
            return _left_out(keys, str(error))
        except InputError as error:
            if error.kind not in ITS_OWN:  # about the images, or an output path
                return _left_out(keys, str(error))
            says, cause = str(error), "Its inputs or outputs differ from its config."
        except Exception as error:
            if isinstance(error, MemoryError) or "can't allocate" in str(error):
                return _left_out(keys, "This question needs more memory than is available.")
            lines = str(error).splitlines()
            says = (
                f"The checkpoint raised {type(error).__name__}: {lines[0][:200] if lines else ''}"
            )
            says = says.rstrip(": .") + "."
            cause = "Its inputs or outputs differ from the description in `Checkpoint`."
        first = Finding(keys[0], TITLE[keys[0]], Verdict.BROKEN, says, cause)
        return [first, *_left_out(keys[1:], f"See {TITLE[keys[0]]}.")]


def _left_out(keys: Sequence[str], says: str) -> list[Finding]:
    return [Finding(key, TITLE[key], Verdict.NOT_COMPUTED, says) for key in keys]


def _typical(mean: torch.Tensor) -> torch.Tensor:
    """The code (D,) nearest to the middle of all codes, as an ordinary image's."""
    return mean[(mean - mean.mean(0)).square().sum(1).argmin()]
