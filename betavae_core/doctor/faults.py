"""Mistakes in the input and output of a checkpoint: each is undone to see whether that helps."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ..datasets.base import to_float
from ..objective import kl_per_latent, sample_posterior
from ..rng import generator, random_rows
from .finding import Finding, Verdict, share
from .fit import WEAK, Scale
from .pictures import sigmoid_twice
from .subject import EDGE, Subject

IMAGES = 32
BETTER = 0.02  # share of the explainable NLL: undoing a real mistake gains more
FEW = 0.004  # a smaller gain still counts if it holds image by image
GOOD = 0.6  # share explained that a guessed dataset must reach after the correction
SIGNIFICANT = 6.0  # standard errors of the difference, image by image

Codes = tuple[torch.Tensor, torch.Tensor]  # posterior mean and log-variance, (N, D) each
Change = Callable[[torch.Tensor], torch.Tensor]


def same(x: torch.Tensor) -> torch.Tensor:
    return x


def negative(x: torch.Tensor) -> torch.Tensor:
    """1 − x of images in [0, 1]."""
    return 1 - x


def opposite(logits: torch.Tensor) -> torch.Tensor:
    """Logits of 1 − p."""
    return -logits


def reversed_channels(x: torch.Tensor) -> torch.Tensor:
    """RGB ↔ BGR of images or logits (N, C, H, W)."""
    return x.flip(1)


def probabilities_to_logits(p: torch.Tensor) -> torch.Tensor:
    """Undo the first of two sigmoids."""
    return torch.logit(p.clamp(EDGE, 1 - EDGE))


def as_given(codes: Codes) -> Codes:
    return codes


def swapped(codes: Codes) -> Codes:
    """Mean and log-variance the other way round."""
    return codes[1], codes[0]


def interleaved(codes: Codes) -> Codes:
    """The head gives (μ₀, log σ²₀, μ₁, …) and was cut into halves: cut it correctly."""
    head = torch.cat(codes, 1)
    return head[:, 0::2], head[:, 1::2]


def halves(codes: Codes) -> Codes:
    """The head gives all means first and was read alternately: cut it into halves."""
    head = torch.stack(codes, 2).flatten(1)
    return head[:, : head.shape[1] // 2], head[:, head.shape[1] // 2 :]


@dataclass(frozen=True)
class Reading:
    """One way to use a checkpoint, which undoes one mistake."""

    kind: str  # "orientation" | "channels" | "reading" | "sigmoid"
    says: str  # description of the mistake, if undoing it helps
    before: Change = same  # images → encoded images
    codes: Callable[[Codes], Codes] = as_given
    after: Change = same  # decoded logits → logits of the image


READINGS = (
    Reading("orientation", "takes and produces inverted images", negative, after=opposite),
    Reading("orientation", "takes inverted images", negative),
    Reading("orientation", "produces inverted images", after=opposite),
    Reading(
        "channels", "takes and produces BGR images", reversed_channels, after=reversed_channels
    ),
    Reading("channels", "takes BGR images", reversed_channels),
    Reading("channels", "produces BGR images", after=reversed_channels),
    Reading("reading", "has mean and log-variance swapped", codes=swapped),
    Reading(
        "reading",
        "has mean and log-variance interleaved, but they are read as halves",
        codes=interleaved,
    ),
    Reading(
        "reading",
        "has mean and log-variance as halves, but they are read interleaved",
        codes=halves,
    ),
    Reading(
        "reading",
        "has log-variance and mean interleaved, but they are read as halves",
        codes=lambda codes: swapped(interleaved(codes)),
    ),
    Reading(
        "reading",
        "has log-variance and mean as halves, but they are read interleaved",
        codes=lambda codes: swapped(halves(codes)),
    ),
    Reading("sigmoid", "applies one sigmoid too many", after=probabilities_to_logits),
)
TITLES = {
    "orientation": "Image polarity",
    "channels": "Channel order",
    "reading": "Mean and log-variance",
    "sigmoid": "Number of sigmoids",
}
CAUSES = {
    "orientation": "Inverted images: black and white were exchanged in the training data.",
    "channels": "Wrong channel order: training data read with OpenCV is BGR, not RGB.",
    "reading": "Wrong mean/log-variance layout: projects order the 2·D outputs of the encoder's "
    "head differently.",
    "sigmoid": "Sigmoid applied twice: the decoder ends in a sigmoid, but its output is read "
    "as logits.",
}
FINE = {
    "orientation": "Inverting images",
    "channels": "Reversing the channels",
    "reading": "Reading the encoder's head in another order",
    "sigmoid": "Removing one sigmoid",
}


Decoded = dict[tuple[Change, Callable[[Codes], Codes]], tuple[torch.Tensor, torch.Tensor]]


def cost(
    subject: Subject,
    scale: Scale,
    x: torch.Tensor,
    reading: Reading,
    noise: torch.Tensor,
    done: Decoded | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """NLL of a posterior sample (N,), and NLL + KL (N,), under one reading; infinite if the numbers
    overflow, as with a wrong reading. done: caches the results that readings share."""
    done = {} if done is None else done
    key = reading.before, reading.codes
    if key not in done:
        mean, log_var = reading.codes(subject.encode(reading.before(x)))
        kl = kl_per_latent(mean.double(), log_var.double()).sum(1)
        done[key] = subject.logits(sample_posterior(mean, log_var, noise)), kl
    logits, kl = done[key]
    nll = scale.nll_of(reading.after(logits), x).double().nan_to_num(torch.inf, torch.inf)
    return nll, nll + kl.nan_to_num(torch.inf, torch.inf)


def check_faults(subject: Subject, scale: Scale, seed: int, guess: str = "") -> list[Finding]:
    """One finding per kind of mistake; only the one whose correction helps most is reported, since
    a second cannot be judged before the first is corrected.

    guess: the reason why the dataset is a guess, if it is: then a finding is made only if the model
    is good on it, with or without the correction."""
    count = subject.images(IMAGES)
    rows = random_rows(len(scale.dataset), count, generator(seed, "faults"))
    x = to_float(scale.dataset.images(rows))
    noise = torch.randn(count, subject.latents, generator=generator(seed, "posterior"))
    done: Decoded = {}
    plain_nll, plain = cost(subject, scale, x, Reading("", ""), noise, done)
    range_ = float((scale.mean_image(x) - scale.floor(x)).mean().clamp(min=1e-6))
    best: dict[str, tuple[float, float, Reading]] = {}  # kind → gain, explained, reading
    sure: dict[str, bool] = {}
    lowest: dict[str, float] = {}  # by the cost: the gain has a limit, so that several can share it
    for reading in READINGS:
        if reading.kind == "channels" and x.shape[1] != 3:
            continue
        if reading.kind == "sigmoid" and not sigmoid_twice(subject.logits(noise)):
            continue
        nll, total = cost(subject, scale, x, reading, noise, done)
        explained = scale.explained(nll, x)
        if float(total.mean()) < lowest.get(reading.kind, torch.inf) or reading.kind not in best:
            lowest[reading.kind] = float(total.mean())
            best[reading.kind] = _gain(plain, total, range_), explained, reading
            sure[reading.kind] = _significant(plain, total, range_)
    before = scale.explained(plain_nll, x)
    # the correction must give pictures of the dataset, better than its mean image
    least = GOOD if guess else 0.0
    found = [k for k, (gain, good, _) in best.items() if sure[k] and gain > FEW and good > least]
    guilty = max(found, key=lambda kind: best[kind][0], default=None)
    findings = []
    for kind, (gain, explained, reading) in best.items():
        numbers = {
            "images": count,
            "dataset": scale.dataset.name,
            "gain": gain,
            "explained": explained,
            "explained_as_is": before,
            "reading": reading.says,
        }
        if kind == guilty:
            says = f"The checkpoint {reading.says}. Once that is corrected, it explains "
            says += f"{share(explained)} of {scale.dataset.title}; now it explains {share(before)}."
            verdict = Verdict.BROKEN if gain > BETTER else Verdict.LOOK
            findings.append(Finding(kind, TITLES[kind], verdict, says, CAUSES[kind], numbers))
        elif kind in found and guilty is not None:
            says = f"Not judged until this is corrected: the checkpoint {best[guilty][2].says}."
            findings.append(Finding(kind, TITLES[kind], Verdict.NOT_COMPUTED, says, "", numbers))
        elif guess and not found and not before > WEAK:
            says = f"Not judged: {guess}, and its images cannot be reconstructed under any reading."
            findings.append(Finding(kind, TITLES[kind], Verdict.NOT_COMPUTED, says, "", numbers))
        else:
            says = f"{FINE[kind]} does not improve the result on {count} images of "
            says += f"{scale.dataset.title}."
            findings.append(Finding(kind, TITLES[kind], Verdict.FINE, says, "", numbers))
    return findings


def _gain(plain: torch.Tensor, total: torch.Tensor, range_: float) -> float:
    """The reduction of NLL + KL, as a share of the explainable NLL; at most 100, which means
    infinite."""
    if not total.isfinite().all():
        return -100.0
    return min(float((plain - total).mean()) / range_, 100.0)


def _significant(plain: torch.Tensor, total: torch.Tensor, range_: float) -> bool:
    """Whether the difference is many times its standard error over images. One image counts at most
    as the explainable NLL: with a wrong reading some cost a thousand times as much, and their
    spread would hide a difference that every image shows."""
    if not plain.isfinite().all():
        return bool(total.isfinite().all())
    difference = (plain - total).clamp(-range_, range_)
    error = difference.std() / len(difference) ** 0.5
    return bool(difference.mean() > SIGNIFICANT * error)
