"""The best-fitting dataset: a few images of each one of the right shape, encoded and decoded."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ..datasets import Dataset, dataset_title
from ..datasets.base import to_float
from ..objective import likelihood_nll
from ..pictures.grids import grid
from ..rng import generator, random_rows
from .available import UNKNOWN, Available, contradiction
from .finding import Finding, Verdict, nats, share, short
from .pictures import small
from .subject import EDGE, Subject

SHOWN, MEAN_OF = 16, 128  # images shown; images averaged in the mean image
SIGMA = 0.1  # replaces the σ that a σ-VAE fits to each batch
BARELY = 0.02  # share explained: below it, the pictures are the mean image
WEAK = 0.2
# an NLL this far above the mean image's shows a decoder that was not trained for this likelihood or
# is overconfident; its pictures may still be right (good models with logits a thousand times as
# large: 0.72 of the variance or more; swaps of active latents: mostly below 0.5)
FAR, SURE = -0.5, 0.5


def come_back(explained: float, pictured: float) -> bool:
    """Whether images are reconstructed, by the NLL or by the pixels' variance; if the NLL is far
    worse than the mean image's, most of the variance must be explained."""
    return max(explained, pictured) >= (WEAK if explained > FAR else SURE)


@dataclass(frozen=True)
class Scale:
    """The scale of an NLL on a dataset, and its computation."""

    dataset: Dataset
    nll_of: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    mean_logits: torch.Tensor  # (1, C, H, W), of the mean image

    def mean_image(self, x: torch.Tensor) -> torch.Tensor:
        """NLL (N,) of predicting the dataset's mean image for every image."""
        return self.nll_of(self.mean_logits.expand(len(x), -1, -1, -1), x)

    def floor(self, x: torch.Tensor) -> torch.Tensor:
        """NLL (N,) of a perfect copy: above 0 for grey pixels under the Bernoulli likelihood."""
        return self.nll_of(torch.logit(x.clamp(EDGE, 1 - EDGE)), x)

    def pictured(self, made: torch.Tensor, x: torch.Tensor) -> float:
        """Share of the pixels' variance around the mean image that decoded images (N, C, H, W)
        explain: 1 perfect, 0 no better than the mean image. Unlike an NLL it tolerates a wrong
        pixel with great confidence."""
        spread = (x - self.mean_logits.sigmoid()).square().mean().clamp(min=1e-12)
        return float(1 - (x - made).square().mean() / spread)

    def explained(self, nll: torch.Tensor, x: torch.Tensor) -> float:
        """(mean image − NLL) / (mean image − perfect copy) over images: 1 perfect, 0 no better than
        the mean image, below 0 worse. Unlike an NLL it is comparable between datasets."""
        mean, floor = self.mean_image(x).mean(), self.floor(x).mean()
        return float((mean - nll.mean()) / (mean - floor).clamp(min=1e-6))


@dataclass(frozen=True)
class Fit:
    """The quality of one dataset's reconstructions."""

    scale: Scale
    x: torch.Tensor  # (16, C, H, W) in [0, 1]
    made: torch.Tensor  # the same, decoded posterior means
    nll: float  # nats per image, at the posterior mean
    mean_image: float  # NLL of the mean image
    explained: float  # of the NLL
    pictured: float  # of the pixels' variance

    @property
    def works(self) -> bool:
        return come_back(self.explained, self.pictured)

    @property
    def dataset(self) -> Dataset:
        return self.scale.dataset


def scale_of(subject: Subject, dataset: Dataset, seed: int) -> Scale:
    """The NLL's scale on a dataset, from its mean image."""
    count = subject.images(MEAN_OF)
    rows = random_rows(len(dataset), count, generator(seed, "mean image"))
    mean = to_float(dataset.images(rows)).mean(0, keepdim=True)
    # a σ-VAE has a σ for every batch; images can only be compared at the same σ
    like, sigma = subject.config.likelihood, subject.config.sigma
    nll_of = likelihood_nll("gaussian", SIGMA) if like == "sigma-vae" else subject.nll_of
    if like == "gaussian":
        nll_of = likelihood_nll(like, sigma)
    return Scale(dataset, nll_of, torch.logit(mean.clamp(1e-3, 1 - 1e-3)))


def fit(subject: Subject, dataset: Dataset, seed: int) -> Fit:
    """Sixteen uniform random images of a dataset, encoded and decoded at the posterior mean."""
    scale = scale_of(subject, dataset, seed)
    count = subject.images(SHOWN)
    rows = random_rows(len(dataset), count, generator(seed, "reconstructions"))
    x = to_float(dataset.images(rows))
    logits = subject.logits(subject.encode(x)[0])
    nll = scale.nll_of(logits, x)
    return Fit(
        scale,
        x,
        logits.sigmoid(),
        float(nll.mean()),
        float(scale.mean_image(x).mean()),
        scale.explained(nll, x),
        scale.pictured(logits.sigmoid(), x),
    )


def none_ready(subject: Subject, here: Available) -> str:
    """The reason why there is no dataset to judge a checkpoint on, one sentence."""
    claimed = subject.config.dataset
    if wrong := contradiction(subject.config):
        return f"{wrong[0].upper()}{wrong[1:]}; on other images it is not judged."
    if claimed != UNKNOWN and not here.unprepared:
        says = f"{dataset_title(claimed)} is not available. The checkpoint claims this dataset "
        return says + "and is not judged on images of others."
    size = "×".join(map(str, subject.config.shape))
    says = f"No dataset of {size} images is ready"
    if here.unprepared:
        says += (
            f". {short([dataset_title(name) for name in here.unprepared])} must be prepared first, "
        )
        return says + "only once, which may take minutes; to do so, choose one of them."
    return says + (
        f". {short(here.missing)} would fit, but is not available." if here.missing else "."
    )


def check_reconstruction(subject: Subject, fits: list[Fit], here: Available) -> Finding:
    """Originals above their reconstructions for each dataset, the best fitting first."""
    key, heading = "reconstruction", "Reconstructions"
    if not fits:
        return Finding(key, heading, Verdict.NOT_COMPUTED, none_ready(subject, here))
    ranked = sorted(fits, key=lambda each: -each.explained)
    best = ranked[0]
    shown = {
        f"{each.dataset.title} ({each.dataset.source_and_part}): NLL {nats(each.nll)} (mean "
        f"image: {nats(each.mean_image)})": grid(small(torch.stack([each.x, each.made])))
        for each in ranked
    }
    numbers = {
        "images": len(best.x),
        "missing": here.missing,
        "not_prepared": here.unprepared,
        "datasets": [
            {
                "dataset": each.dataset.name,
                "source": each.dataset.source,
                "nll_at_mean": each.nll,
                "nll_of_mean_image": each.mean_image,
                "explained": each.explained,
                "pictured": each.pictured,
            }
            for each in ranked
        ],
    }
    says = f"{best.dataset.title} fits best of {len(fits)} datasets. " if len(fits) > 1 else ""
    says += f"Explains {share(best.explained)} of {best.dataset.title} (NLL {nats(best.nll)} nats "
    says += f"on {len(best.x)} images; predicting the mean image gives {nats(best.mean_image)})"
    later = ""
    if here.unprepared:
        titles = short([dataset_title(name) for name in here.unprepared])
        later = f" Not tried, because not prepared yet: {titles}."
    claimed = next((f for f in fits if f.dataset.name == subject.config.dataset), None)
    if not best.explained >= -BARELY and best.works:
        says += f", although {share(best.pictured)} of the pixels' variance is reproduced.{later}"
        cause = (
            "Single pixels that are wrong with great confidence: a decoder with very large logits, "
        )
        cause += "or a likelihood other than stated."
        return Finding(key, heading, Verdict.LOOK, says, cause, numbers, shown)
    if not best.explained >= -BARELY:
        cause = "Training on other images, inverted or re-ordered input, a wrong layout of the "
        cause += "latents, or half-loaded weights: see the following findings."
        says += f"; {'no dataset fits' if len(fits) > 1 else 'this dataset does not fit'}.{later}"
        return Finding(key, heading, Verdict.BROKEN, says, cause, numbers, shown)
    if claimed is not None and claimed is not best and best.explained > claimed.explained + WEAK:
        says += (
            f"; the checkpoint claims {claimed.dataset.title}, of which it explains "
            f"{share(claimed.explained)}.{later}"
        )
        cause = "The config names another dataset than the one that the weights were trained on."
        return Finding(key, heading, Verdict.LOOK, says, cause, numbers, shown)
    if best.explained < BARELY:
        cause = "Posterior collapse: every picture is the mean image."
        return Finding(key, heading, Verdict.LOOK, f"{says}.{later}", cause, numbers, shown)
    if best.explained < WEAK:
        cause = "Little training, a high β, or training on other images."
        return Finding(key, heading, Verdict.LOOK, f"{says}.{later}", cause, numbers, shown)
    return Finding(key, heading, Verdict.FINE, f"{says}.{later}", "", numbers, shown)
