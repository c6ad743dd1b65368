"""The decoder's output without an image: its range, prior samples, and traversals."""

import time

import torch
from torch.nn import functional as F

from ..pictures.grids import grid
from ..rng import generator
from ..scoring.elbo import ACTIVE_KL
from ..traversal.codes import decode_grid, prior_quantiles, traversal_codes
from .effort import AT_ONCE
from .finding import Finding, Verdict, short
from .subject import Subject

SAMPLES, STEPS, MOST_ROWS = 16, 7, 10
TWICE = (0.5, 0.7311)  # sigmoid of 0 and of 1: the range of a sigmoid of a sigmoid
SAME = 0.004  # one grey level, on average over pixels: below it, samples do not differ
LARGEST = 128  # pixels per side of one image in a picture
MOVES = 0.03  # of the range of grey, in the pixel that changes most: a small object may move


def prior_codes(subject: Subject, count: int, seed: int) -> torch.Tensor:
    return torch.randn(count, subject.latents, generator=generator(seed, "prior"))


def small(images: torch.Tensor) -> torch.Tensor:
    """Images (…, C, H, W) for pictures: above 128 pixels a side, local means."""
    *lead, channels, height, width = images.shape
    factor = -(-max(height, width) // LARGEST)
    if factor == 1:
        return images
    flat = F.avg_pool2d(images.reshape(-1, channels, height, width), factor)
    return flat.reshape(*lead, *flat.shape[1:])


def sigmoid_twice(logits: torch.Tensor) -> bool:
    """Whether logits are already probabilities: all in [0, 1] and using much of it."""
    low, high = float(logits.min()), float(logits.max())
    return low >= -1e-4 and high <= 1 + 1e-4 and high - low > 0.3


def check_outputs(subject: Subject, seed: int) -> Finding:
    """The range of the decoder's images for prior samples."""
    key, title = "outputs", "Output range"
    if not subject.decodes:
        says = "The checkpoint has no decode, so it can be scored but not shown."
        return Finding(key, title, Verdict.NOT_COMPUTED, says)
    z = prior_codes(subject, subject.images(SAMPLES), seed)
    logits = subject.logits(z)
    if not logits.isfinite().all():
        says = (
            f"{int((~logits.isfinite()).sum()):,} of {logits.numel():,} output values are NaN or "
        )
        cause = "NaN weights, or weights so large that the sums overflow."
        return Finding(key, title, Verdict.BROKEN, says + "infinite.", cause)
    images = logits.sigmoid()
    low, high = float(images.min()), float(images.max())
    numbers = {"samples": len(z), "min": low, "max": high, "logit_min": float(logits.min()),
               "logit_max": float(logits.max())}  # fmt: skip
    says = f"Pixels of decoded prior samples range from {low:.3f} to {high:.3f}"
    if sigmoid_twice(logits):
        says += (
            f", all within {TWICE[0]} to {TWICE[1]:.2f}, as after a sigmoid of values in [0, 1]."
        )
        cause = "Sigmoid applied twice: the decoder ends in a sigmoid, but its output is read "
        cause += "as logits."
        return Finding(key, title, Verdict.BROKEN, says, cause, numbers)
    if float(logits.abs().max()) > 1e4:
        says += f"; logits reach {float(logits.abs().max()):.2g}."
        cause = (
            "Overconfident pixels: a long training, a capacity-controlled objective, or exploding "
        )
        cause += "weights. The pictures show whether the model works."
        return Finding(key, title, Verdict.LOOK, says, cause, numbers)
    if hasattr(subject.model, "decode") and hasattr(subject.model, "decode_logits"):
        with torch.no_grad():
            shown = torch.cat([subject.model.decode(part).float() for part in subject.parts(z)])
        if shown.shape != images.shape or float((shown - images).abs().max()) > 0.01:
            says += "; but decode does not give the sigmoid of decode_logits."
            cause = "A sigmoid too many or too few in one of the two."
            return Finding(key, title, Verdict.BROKEN, says, cause, numbers)
    if high - low < 0.1:
        cause = "An untrained or half-loaded decoder: a trained one uses most of the range."
        return Finding(
            key, title, Verdict.LOOK, says + ": the images are nearly flat.", cause, numbers
        )
    return Finding(key, title, Verdict.FINE, says + ".", "", numbers)


def check_samples(subject: Subject, seed: int) -> Finding:
    """Sixteen prior samples, and whether they differ at all."""
    key, title = "samples", "Prior samples"
    if not subject.decodes:
        return Finding(key, title, Verdict.NOT_COMPUTED, "The checkpoint has no decode.")
    count = subject.images(SAMPLES) // 2 * 2
    images = subject.logits(prior_codes(subject, count, seed)).sigmoid()
    if not images.isfinite().all():
        says = "The samples contain NaN, so there is nothing to show."
        return Finding(key, title, Verdict.BROKEN, says, "See the weights.")
    spread = float(images.std(0).mean())
    picture = grid(small(images).unflatten(0, (2, -1)))
    numbers = {"samples": count, "spread": spread}
    says = f"{count} prior samples differ by {spread:.3f} of the grey range per pixel (standard "
    says += "deviation)"
    shown = {f"{count} prior samples": picture}
    if spread < SAME:
        cause = "Posterior collapse, or a decoder that was not loaded: it ignores the latents."
        return Finding(
            key, title, Verdict.LOOK, says + ": they are all alike.", cause, numbers, shown
        )
    return Finding(key, title, Verdict.FINE, says + ".", "", numbers, shown)


def check_traversals(
    subject: Subject, kl: torch.Tensor | None, start: torch.Tensor | None, least: float
) -> Finding:
    """Each latent through the central 95 % of the prior, the most informative first.

    kl: (D,), nats, or None: then the latents that change the picture most come first; start: code
    (D,) of an image, or None for the prior's mean; least: KL above which a latent should change the
    picture.
    """
    key, title = "traversals", "Traversals"
    if not subject.decodes:
        return Finding(key, title, Verdict.NOT_COMPUTED, "The checkpoint has no decode.")
    z = torch.zeros(subject.latents) if start is None else start
    weight = _reach(subject, z) if kl is None else kl
    order = torch.argsort(weight, descending=True).tolist()
    rows = order[: max(1, subject.images(MOST_ROWS * STEPS) // STEPS)]
    codes = traversal_codes(z, rows, prior_quantiles(STEPS))
    images = decode_grid(lambda part: subject.logits(part).sigmoid(), codes)
    if not images.isfinite().all():
        says = "The traversals contain NaN, so there is nothing to show."
        return Finding(key, title, Verdict.BROKEN, says, "See the weights.")
    moved = (images.amax(1) - images.amin(1)).amax((1, 2, 3)).tolist()
    numbers = {"latents": rows, "moved": moved, "steps": STEPS}
    listed = ", ".join(f"z{d}" for d in rows)
    shown = {f"Each latent from −1.96 to 1.96; rows from the top: {listed}": grid(small(images))}
    moving = sum(change > MOVES for change in moved)
    says = f"{moving} of {len(rows)} traversed latents change the picture"
    if kl is not None:
        says = by_information(dict(zip(rows, moved, strict=True)), kl)
    still = [
        f"z{d}"
        for d, change in zip(rows, moved, strict=True)
        if kl is not None and kl[d] > least and change <= MOVES
    ]
    if still:
        cause = (
            "The decoder does not use what the encoder encodes: half-loaded weights, or latents "
        )
        cause += "in a different order."
        says += f"; {short(still)} carry information but change nothing."
        return Finding(key, title, Verdict.LOOK, says, cause, numbers, shown)
    if not moving:
        cause = "Posterior collapse or an unloaded decoder."
        return Finding(key, title, Verdict.LOOK, says + ".", cause, numbers, shown)
    return Finding(key, title, Verdict.FINE, says + ".", "", numbers, shown)


def by_information(moved: dict[int, float], kl: torch.Tensor) -> str:
    """The numbers of active and of other latents that change the picture: a decoder may respond to
    a latent in which the encoder stores nothing.

    moved: latent → the change of the pixel that changes most, as a share of the range of grey.
    """
    active = [change for d, change in moved.items() if kl[d] > ACTIVE_KL]
    others = [change for d, change in moved.items() if not kl[d] > ACTIVE_KL]
    parts = []
    if active:
        most = sum(change > MOVES for change in active)
        parts.append(f"{most} of {len(active)} active latents change the picture")
    if others and (most := sum(change > MOVES for change in others)):
        parts.append(
            f"{most} of {len(others)} latents that carry no information change it too, by at most "
            f"{100 * max(others):.0f} % of the grey range in one pixel: the decoder responds to "
            "latents in which the encoder stores nothing"
        )
    elif others:
        parts.append(f"none of {len(others)} latents that carry no information changes it")
    return "; ".join(parts)


def _reach(subject: Subject, z: torch.Tensor) -> torch.Tensor:
    """The change of the picture by each latent (D,) between the ends of its traversal; a few at a
    time, since a code may have thousands of latents."""
    ends = prior_quantiles(2)
    most = max(1, min(AT_ONCE // (4 * subject.config.pixels), AT_ONCE // (4 * len(z))) // 2)
    parts: list[torch.Tensor] = []
    began = time.thread_time()
    for latents in torch.arange(len(z)).split(most):
        codes = traversal_codes(z, latents.tolist(), ends)
        images = decode_grid(lambda part: subject.logits(part).sigmoid(), codes)
        parts.append((images[:, 1] - images[:, 0]).abs().mean((1, 2, 3)).nan_to_num())
        subject.budget.reckon(began, int(latents[-1]) + 1, len(z))
    return torch.cat(parts)
