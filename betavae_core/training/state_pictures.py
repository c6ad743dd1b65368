"""Pictures of a model in training: fixed images and their reconstructions, traversals, and the
paths of the ground-truth traversals in latent space."""

import base64
from typing import Any

import numpy as np
import torch

from ..datasets import Dataset
from ..datasets.base import to_float
from ..datasets.telling import telling_images
from ..embedding.paths import FactorPath, star
from ..embedding.projections import fit_pca
from ..models import VAE
from ..objective import kl_per_latent
from ..pictures.files import png
from ..pictures.grids import grid

COLUMNS, ROWS, STEPS, REACH = 10, 10, 9, 2.0  # images; latents, their values, and the outer ones
MOST_ON_PATHS = 400  # images that are encoded for the star


class StatePictures:
    """Pictures of one state after another, of the same images of a dataset; the images must be
    ready."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset, self.rows = dataset, fixed_images(dataset)
        self.x = to_float(dataset.images(self.rows))
        self.paths = _paths(dataset)
        self.axes: np.ndarray | None = None  # of the last projection, which the next one follows

    @torch.no_grad()
    def of(self, model: VAE) -> dict[str, Any]:
        """What a page shows of a model, as JSON: the dataset, the numbers of its images, PNGs in
        base64 (originals above reconstructions; traversals of `latents`), and the star, None
        without known factors."""
        mean, log_var = model.encode(self.x)
        kl = kl_per_latent(mean, log_var).mean(0)
        latents = sorted(kl.topk(min(ROWS, len(kl))).indices.tolist())
        return {
            "dataset": {"name": self.dataset.name, "source": self.dataset.source_and_part},
            "rows": self.rows,
            "reconstructions": _picture(torch.stack([self.x, model.decode(mean)])),
            "latents": latents,
            "traversals": _picture(_traversed(model, mean[0], latents)),
            "star": self._star(model),
        }

    @torch.no_grad()
    def row(self, model: VAE | None) -> str:
        """The reconstructions alone, or without a model the originals, as a PNG in base64."""
        return _picture((self.x if model is None else model.decode(model.encode(self.x)[0]))[None])

    def _star(self, model: VAE) -> dict[str, Any] | None:
        """The codes along every factor, on their two principal axes, turned towards the axes of the
        last time so that the picture moves and does not jump; None without known factors."""
        space = self.dataset.space
        if space is None or not self.paths:
            return None
        rows = np.concatenate([path.rows for path in self.paths])
        codes = model.encode(to_float(self.dataset.images(rows)))[0].double().cpu().numpy()
        if not np.isfinite(codes).all():
            return None
        pca = fit_pca(codes)
        axes = np.pad(pca.axes, ((0, 2 - len(pca.axes)), (0, 0)))
        if self.axes is not None:
            u, _, v = np.linalg.svd(axes @ self.axes.T)  # orthogonal Procrustes (Schönemann 1966)
            axes = (u @ v).T @ axes
        self.axes = axes
        ends = np.cumsum([len(path.rows) for path in self.paths])[:-1]
        points = np.split(np.round(codes @ axes.T, 4), ends)
        return {
            "factors": [space.names[path.factor] for path in self.paths],
            "points": [each.tolist() for each in points],
            "explained": float(pca.explained.sum()),
        }


def fixed_images(dataset: Dataset) -> list[int]:
    """The numbers of the images that every state reconstructs."""
    return telling_images(dataset, min(COLUMNS, len(dataset))).tolist()


def needed_images(dataset: Dataset) -> np.ndarray:
    """The numbers of all images that the pictures of a state are made of."""
    return np.concatenate([fixed_images(dataset), *(path.rows for path in _paths(dataset))])


def _paths(dataset: Dataset) -> list[FactorPath]:
    """The ground-truth traversals of the star; none without known factors, or if they are long."""
    paths = [] if dataset.space is None else star(dataset.space)
    on_paths = sum(len(path.rows) for path in paths)
    return paths if 0 < on_paths <= MOST_ON_PATHS else []


def _traversed(model: VAE, start: torch.Tensor, latents: list[int]) -> torch.Tensor:
    """Images (R, STEPS, C, H, W): each of the latents through −REACH…REACH standard deviations of
    the prior, from the code `start` (D,)."""
    z = start.repeat(len(latents), STEPS, 1)
    values = torch.linspace(-REACH, REACH, STEPS, device=start.device)
    for row, latent in enumerate(latents):
        z[row, :, latent] = values
    return model.decode(z.flatten(0, 1)).unflatten(0, z.shape[:2])


def _picture(images: torch.Tensor) -> str:
    """Images (R, S, C, H, W) as a PNG in base64."""
    return base64.b64encode(png(grid(images, gap=1))).decode()
