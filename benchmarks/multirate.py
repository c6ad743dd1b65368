"""A model for every β beside runs that were trained at one β: loss, reconstruction, KL and active
latents of the same random images, as a table.

    python -m benchmarks.multirate RUN [SEPARATE…] [--runs DIR] [--betas 0.1,1,4,10]
    python -m benchmarks.multirate RUN --scores

RUN: a run of conv-multirate; SEPARATE: ordinary runs, each compared at its own β, and with the same
dataset. The ratio is that of the losses, reconstruction + β · KL. With --scores: the stored scores
over β (`evaluate RUN --over-beta`) beside those of the separate runs that saw as many images.
"""

import argparse

import torch

from betavae_core.datasets import config_dataset
from betavae_core.paths import runs_root
from betavae_core.rng import generator
from betavae_core.scoring.elbo import active_latents, elbo_terms
from betavae_core.scoring.scores_over_beta import NAME
from betavae_core.store import Run, find_run, list_runs, load_run
from betavae_core.tables.every_beta import scores_beside

IMAGES = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("separate", nargs="*")
    parser.add_argument("--runs", help="folder of runs")
    parser.add_argument("--betas", default="0.05,0.1,0.3,1,4,10,20")
    parser.add_argument("--scores", action="store_true")
    options = parser.parse_args()
    root = runs_root(options.runs)
    run = load_run(find_run(options.run, root))
    if options.scores:
        _print_scores(run, [each for each in list_runs(root) if isinstance(each, Run)])
        return
    others = [load_run(find_run(name, root)) for name in options.separate]
    by_beta = {other.config.beta: other for other in others}
    dataset = config_dataset(run.config)
    rows = torch.randint(len(dataset), (IMAGES,), generator=generator(0, "evaluation"))
    print("| β | reconstruction | KL | active | loss | separate run's loss | ratio |")
    print("|" + "---|" * 7)
    for beta in map(float, options.betas.split(",")):
        terms = elbo_terms(run.multirate.at_beta(beta), dataset, rows, run.config.likelihood)
        loss, cells = terms["nll"] + beta * sum(terms["kl"]), ["not trained", ""]
        if (other := by_beta.get(beta)) is not None:
            theirs = elbo_terms(other.vae, dataset, rows, other.config.likelihood)
            separate = theirs["nll"] + beta * sum(theirs["kl"])
            cells = [f"{separate:.1f}", f"{loss / separate:.2f}"]
        numbers = [f"{terms['nll']:.1f}", f"{sum(terms['kl']):.1f}", sum(active_latents(terms))]
        print("|", " | ".join(map(str, [f"{beta:g}", *numbers, f"{loss:.1f}", *cells])), "|")


def _print_scores(run: Run, others: list[Run]) -> None:
    """A row for every stored curve, a column for every β: its value, and in brackets the median of
    the separate runs."""
    curves = [record for record in run.valid_scores if record["score"] == NAME]
    betas = sorted({beta for record in curves for beta in record["beta"]})
    print("| score | " + " | ".join(f"β = {beta:g}" for beta in betas) + " |")
    print("|" + "---|" * (1 + len(betas)))
    for record in curves:
        metric, factors = record["settings"]["metric"], record["asked"].get("factors")
        settings = {"factors": factors} if factors else {}
        beside = scores_beside(run, others, metric, settings)
        separate = dict(zip(beside["beta"], beside["separate"], strict=True))
        values = dict(zip(record["beta"], record["value"], strict=True))
        cells = [
            (f"{values[beta]:.3f}" if beta in values else "not computed")
            + (f" ({separate[beta]:.3f})" if beta in separate else "")
            for beta in betas
        ]
        name = metric + (f", {len(record['settings']['factors'])} factors" if factors else "")
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
