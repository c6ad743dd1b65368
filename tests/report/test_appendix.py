"""The appendix against the records themselves."""

from statistics import median

from betavae_core.report.appendix import WITHOUT_SHAPE, all_distances, all_scores
from betavae_core.report.numbers import numbers
from betavae_core.store import Run, list_runs
from betavae_core.store.protocol import the_record
from tests.doctor.damage import RUNS


def shipped(start: str) -> list[Run]:
    return [r for r in list_runs(RUNS) if isinstance(r, Run) and r.name.startswith(start)]


def test_medians_over_the_seeds_of_one_recipe() -> None:
    runs = shipped("2dshapes-conv-beta0.1-") + shipped("2dshapes-pca-")
    (table,) = all_scores(numbers(runs))
    rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    one_pass = [r for r in runs if r.config.images == 737_280]
    (row,) = [row for name, row in rows.items() if name.startswith("Conv VAE, 1 pass,")]
    assert row["runs"] == str(len(one_pass)) == "4"
    for score, title in (("mig", "MIG"), ("sap", "SAP")):
        values = [the_record(r.valid_scores, score, r.config, {})["value"] for r in one_pass]
        assert row[title] == f"{median(values):.3f}"
    settings = {"classifier": "linear", "L": 64}
    for subset, title in (("all", "Higgins' metric"), ("no-shape", WITHOUT_SHAPE)):
        asked = settings | {"factors": subset}
        values = [the_record(r.valid_scores, "higgins", r.config, asked)["value"] for r in one_pass]
        assert row[title] == f"{median(values):.3f}"
    assert row["SNC"] == "not computed"
    assert rows["PCA"]["runs"] == "3"  # fitted as in the paper; the one with more images is not


def test_the_distances_of_each_run() -> None:
    runs = shipped("3dshapes-conv-beta4-seed123")
    three, one_pass = all_distances(runs)
    assert [len(table.rows) for table in (one_pass, three)] == [2, 2]
    assert "3 passes, KL warm-up" in three.title
    run = next(r for r in runs if r.config.images > 480_000)
    record = next(
        r
        for r in run.valid_scores
        if r["score"] == "frechet" and r["settings"]["kind"] == "samples"
    )
    (samples,) = [row for row in three.rows if row[2] == "prior samples"]
    assert samples[3] == f"{record['value']:.1f}"
    assert "2,048 images of each run against 10,000" in three.caption


def test_nothing_measured_gives_no_table() -> None:
    assert all_scores([]) == all_distances([]) == []
