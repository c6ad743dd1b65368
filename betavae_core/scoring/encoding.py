"""Images to posterior means and log-variances, a batch at a time."""

from typing import Any

import numpy as np
import torch


def encode_rows(
    encode: Any, images: Any, rows: np.ndarray, batch: int = 256
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means and log-variances, float64 (N, D) each, of the images at `rows`; encode: from
    a representation, images: from a dataset."""
    parts = []
    with torch.no_grad():
        for part in torch.from_numpy(np.asarray(rows)).split(batch):
            parts.append(encode(images(part).float() / 255))
    means, log_vars = zip(*parts, strict=True)
    return torch.cat(means).double().numpy(), torch.cat(log_vars).double().numpy()
