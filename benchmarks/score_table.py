"""The scores of the existing runs as one table per dataset, medians over seeds of one length.

    python -m benchmarks.score_table [--runs DIR]

Stored scores are only read; `python -m betavae_core evaluate RUN… --score standard` computes them.
"""

import argparse
from statistics import median

from betavae_core.paths import runs_root
from betavae_core.presets import ONE_PASS
from betavae_core.store import Run, list_runs
from betavae_core.tables.lengths import Length, length_of
from betavae_core.tables.scores import BASELINE_TITLES, SHOWN_SCORES, score_rows, usual


def _title(length: Length | None, dataset: str) -> str:
    return "imported" if length is None else length.title(ONE_PASS.get(dataset))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", help="folder of runs")
    found = list_runs(runs_root(parser.parse_args().runs))
    opened = [run for run in found if isinstance(run, Run)]
    rows, trained = score_rows(opened), {run.name: length_of(run) for run in opened}
    without = rows[(rows["subset"] == "no-shape") & (rows["classifier"] == "linear")]
    without = without[without["L"] == 64].assign(score="higgins_no_shape")
    table = usual(rows)
    shown = ["higgins", "higgins_no_shape", *(name for name in SHOWN_SCORES if name != "higgins")]
    for dataset, all_rows in table.groupby("dataset"):
        here = [all_rows, without[without["dataset"] == dataset]]
        names = {
            name: SHOWN_SCORES[name][0] if name in SHOWN_SCORES else "the same without shape"
            for name in shown
        }
        print(f"\n{dataset}\n\n| | runs | {' | '.join(names.values())} |")
        print("|" + "---|" * (len(shown) + 2))
        labels = {
            run: BASELINE_TITLES[kind] + (f" ({variant})" if variant else "")
            if kind
            else f"{model}, β = {beta:g}, {_title(trained[run], str(dataset))}"
            for run, kind, variant, model, beta in zip(
                *(all_rows[column] for column in ("run", "baseline", "variant", "model", "beta")),
                strict=True,
            )
        }
        lines = dict.fromkeys(labels.values())
        for line in lines:
            runs = {run for run, label in labels.items() if label == line}
            cells = []
            for name in shown:
                values = [
                    value
                    for part in here
                    for value in part[part["run"].isin(runs) & (part["score"] == name)]["value"]
                ]
                cells.append(f"{median(values):.3f}" if values else "not computed")
            print(f"| {line} | {len(runs)} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
