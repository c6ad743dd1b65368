"""The distances and losses that are stored with the runs, as the tables of RESULTS.md.

python -m benchmarks.distance_table [--runs DIR]
"""

import argparse

from betavae_core.fid import FEATURES
from betavae_core.paths import runs_root
from betavae_core.presets import ONE_PASS
from betavae_core.store import Run, list_runs
from betavae_core.tables.distances import comparable, correlation, distance_rows
from betavae_core.tables.families import family
from betavae_core.tables.lengths import Length, lengths, of_length


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", help="folder of runs")
    options = parser.parse_args()
    runs = [run for run in list_runs(runs_root(options.runs)) if isinstance(run, Run)]
    for dataset in dict.fromkeys(run.config.dataset for run in runs):
        its = [run for run in runs if run.config.dataset == dataset]
        for length in lengths(its):
            _print_tables(family(of_length(its, length)[0])[0], length)


def _print_tables(runs: list[Run], length: Length) -> None:
    """A table for every setting of the distances of runs of one length."""
    for group in comparable(distance_rows(runs)):
        first, dataset = group.iloc[0], runs[0].config.dataset
        entry = FEATURES[first["features"]]
        print(
            f"\n{dataset}, {length.title(ONE_PASS.get(dataset))} ({first['source']}"
            f"{', ' * bool(first['part'])}{first['part']}): "
            f"{entry.distance}, {first['images']:,} images against "
            f"{first['reference_images']:,}\n"
        )
        print("| β | seed | kind | Fréchet | at N = ∞ | kernel | reconstruction, nats |")
        print("|---|---|---|---|---|---|---|")
        for _, row in group.sort_values(["beta", "seed", "kind"]).iterrows():
            print(
                f"| {row['beta']:g} | {row['seed']} | {row['kind']} | {row['frechet']:.1f} | "
                f"{row['limit']:.1f} | {row['kernel']:.4f} | {row['nll']:.1f} |"
            )
        made = group[group["kind"] == "reconstructions"]
        found = correlation(list(made["nll"]), list(made["frechet"]))
        if found:
            print(
                f"\nReconstruction loss against the distance of reconstructions, {len(made)} "
                f"runs: Pearson {found[0]:.3f}, Spearman {found[1]:.3f}."
            )


if __name__ == "__main__":
    main()
