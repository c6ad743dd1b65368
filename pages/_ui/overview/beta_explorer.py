"""One model for every β, in the browser: its reconstructions, the KL of its latents and its
rate–distortion curve follow the slider of β."""

from collections.abc import Sequence

import torch

from betavae_core.browser.model import packed
from betavae_core.store import Run
from betavae_core.tables.beta_explorer import explorer_settings
from pages._ui.browser_models import ready_model

IMAGES = 8


def explorer_data(run: Run, runs: Sequence[Run], images: torch.Tensor) -> bytes:
    """All that the component needs, as one file. runs: the separate models, of which those with the
    same images and as many of them are dots beside the curve; images: (N, C, H, W) uint8 to
    reconstruct. Raises `UnsupportedLayer` if the model cannot run in a browser."""
    settings, _ = explorer_settings(run, runs)
    return packed(ready_model(run.multirate), settings, images=images[:IMAGES].contiguous())
