"""Does a KL warm-up help at the same number of images? A table of runs with and without it.

    python -m benchmarks.recipe FOLDER

FOLDER has the runs (trained with `--kl-warmup N`, otherwise alike). Loss, reconstruction and KL are
measured on 10,000 random images, one posterior sample each; a factor is shown if reconstructions
make at least half of its change to the images (`betavae_core.scoring.shown_factors`).
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import torch

from betavae_core.datasets import config_dataset
from betavae_core.models import VAE
from betavae_core.scoring.elbo import active_latents
from betavae_core.scoring.shown_factors import SHOWN, explained_changes
from betavae_core.store import Run, list_runs
from betavae_core.tables.lengths import Length


def reconstructions(model: VAE) -> Callable[[torch.Tensor], torch.Tensor]:
    """Images to their reconstructions at the posterior mean."""
    return lambda x: model.decode(model.encode(x)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--pairs", type=int, default=1_000)
    options = parser.parse_args()
    runs = [run for folder in options.folder for run in list_runs(folder)]
    print(
        "| β | seed | length | precision | loss | reconstruction | KL | active | factors shown | "
        "explained share of each factor's change |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for run in sorted(
        (each for each in runs if isinstance(each, Run) and not each.config.baseline),
        key=lambda each: (each.config.images, each.config.beta, each.config.kl_warmup),
    ):
        config, elbo = run.config, run.score("elbo")
        if elbo is None or config.beta is None or not run.has_weights:
            continue
        dataset = config_dataset(config)
        shares = explained_changes(reconstructions(run.vae), dataset, options.pairs)
        kl = sum(elbo["kl"])
        print(
            f"| {config.beta:g} | {config.seed} "
            f"| {Length(config.images, config.kl_warmup).title(len(dataset))} "
            f"| {config.precision} | {elbo['nll'] + config.beta * kl:.1f} | {elbo['nll']:.1f} "
            f"| {kl:.1f} | {sum(active_latents(elbo))} "
            f"| {sum(share >= SHOWN for share in shares.values())} of {len(shares)} "
            f"| {', '.join(f'{name} {share:.2f}' for name, share in shares.items())} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
