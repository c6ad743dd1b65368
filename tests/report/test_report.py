"""The report is made from stored runs alone, is the same every time, and is not older than the runs
that come with the lab."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from betavae_core.__main__ import main
from betavae_core.report.claims import read_claims
from betavae_core.report.markdown import markdown
from betavae_core.report.numbers import numbers
from betavae_core.report.the_paper import THE_PAPER
from betavae_core.report.whole import report
from betavae_core.store import Run, list_runs
from betavae_core.tables import paper
from tests.commands.running import Output, refused, result
from tests.report.folder import FD, MLP, fill, star_record

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    fill(root)
    return root


def cells(text: str, title: str) -> list[list[str]]:
    """The rows of the table under a heading."""
    part = text[text.index(f"### {title}") :]
    lines = part[part.index("| ---") :].splitlines()[1:]
    ends = next((n for n, line in enumerate(lines) if not line.startswith("|")), len(lines))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[:ends]]


def test_every_file_again_is_the_same(runs: Path, tmp_path: Path, capsys: Output) -> None:
    first = result(capsys, "report", "--runs", str(runs), "--out", str(tmp_path / "one"))
    result(capsys, "report", "--runs", str(runs), "--out", str(tmp_path / "two"))
    names = ["reproduction.md", "reproduction.html", "figure-5-2dshapes.svg"]
    assert [Path(file).name for file in first["files"]] == names
    for file in first["files"]:
        again = tmp_path / "two" / Path(file).name
        assert again.read_bytes() == Path(file).read_bytes()
    assert first["runs"] == 16
    verdicts = {each["claim"]: each["verdict"] for each in first["claims"]}
    said = "mean higgins with model=mlp factors=no-shape of beta=4 > other betas on 2dshapes"
    assert verdicts[said] == "reproduced"
    assert verdicts["mean distance of beta=1 < other betas on cifar10"] == "partly reproduced"
    assert sum(first["verdicts"].values()) == len(verdicts)


def test_the_numbers_are_those_of_the_records(runs: Path, tmp_path: Path, capsys: Output) -> None:
    result(capsys, "report", "--runs", str(runs), "--out", str(tmp_path))
    text = (tmp_path / "reproduction.md").read_text()
    title = next(line[4:] for line in text.splitlines() if line.startswith("### Table 1"))
    table = {(row[0], row[1]): row for row in cells(text, title)}
    for beta, values in MLP.items():
        mean, deviation, median = paper.TABLE_1["no-shape"][beta]
        row = table[f"β = {beta:g}", "4 factors"]
        assert row[2:4] == [f"{mean:.2f} ± {deviation:.2f}", f"{median:.2f}"]
        ours = 100 * np.array(values)
        assert row[5] == f"{ours.mean():.2f} ± {ours.std(ddof=1):.2f}"
        assert row[8:] == ["2 (0, 1)", "not computed"]
    assert table["PCA", "4 factors"][5] == "not computed"
    distances = {row[1]: row for row in cells(text, "Table 3") if row[0] == "CIFAR10"}
    assert distances["β = 0.1"][4] == f"{np.mean(FD[0.1]):.1f} ± {np.std(FD[0.1], ddof=1):.1f}"
    assert distances["β = 0.1"][3] == "not computed"  # FID
    page = (tmp_path / "reproduction.html").read_text()
    assert row[5] in page
    assert 'id="evidence-7"' in page


def test_a_score_on_other_points_does_not_count(runs: Path) -> None:
    """One number for each run and setting: by the standard points, of the record that has the most
    draws."""
    plain = [run for run in list_runs(runs) if isinstance(run, Run)]
    usual = [n for n in numbers(plain) if n.score == "higgins"]

    def again(record: dict[str, Any], **other: Any) -> dict[str, Any]:
        both = {part: record[part] | other for part in ("asked", "settings")}
        return record | both | {"details": record["details"] | {"per_draw": [0.1, 0.1]}}

    scored = [each for each in plain[0].scores if each["score"] == "higgins"]
    others = [{"points": 10_000}, {"test_points": 500}, {"seed": 7}]
    more = [again(record, **other) for record in scored for other in others]
    first = replace(plain[0], scores=[*more, *plain[0].scores, *more])
    assert [n for n in numbers([first, *plain[1:]]) if n.score == "higgins"] == usual
    twice = [again(record, draws=10) for record in scored]
    longer = [r | {"details": r["details"] | {"per_draw": [0.2] * 10}} for r in twice]
    first = replace(plain[0], scores=[*plain[0].scores, *longer])
    mine = [n.draws for n in numbers([first]) if n.score == "higgins"]
    assert mine == [(0.2,) * 10] * len(mine)
    assert mine


def test_figure_5(runs: Path, tmp_path: Path, capsys: Output) -> None:
    result(capsys, "report", "--runs", str(runs), "--out", str(tmp_path))
    text = (tmp_path / "reproduction.md").read_text()
    rows = cells(text, "Figure 5")
    assert [row[:2] for row in rows] == [["2Dshapes", f"β = {beta:g}"] for beta in MLP]
    assert [row[5] for row in rows] == ["18.7", "10.5", "4.5", "2.32"]  # medians of two seeds
    assert {tuple(row[2:5]) + tuple(row[6:8]) for row in rows} == {
        ("0.8", "0.4", "0.2", "75 %", "2 (0, 1)")
    }
    assert "![Figure 5: 2Dshapes](figure-5-2dshapes.svg)" in text
    drawn = ElementTree.parse(tmp_path / "figure-5-2dshapes.svg").getroot()
    words = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert [word for word in words if word and "β" in word] == [f"β = {beta:g}" for beta in MLP]
    assert "data:image/svg+xml;base64," in (tmp_path / "reproduction.html").read_text()


def test_codes_that_are_all_the_same_have_no_distance(runs: Path) -> None:
    plain = [run for run in list_runs(runs) if isinstance(run, Run)]
    (line,) = read_claims("mean separation with model=mlp of beta=0.1 > beta=10 on 2dshapes", "a")
    (judged,) = report(plain, [line]).judged
    assert judged.verdict == "reproduced"
    same = [replace(run, scores=[*run.scores, star_record(None)]) for run in plain]
    made = report(same, [line])
    assert made.judged[0].verdict == "not computed"
    (table,) = [table for table in made.paper if table.name == "figure-5"]
    assert {row[5] for row in table.rows} == {"not computed"}


@pytest.mark.parametrize("how", [{"steered": "β = 9 after 1,000 images"}, {"forked": "a after 5"}])
def test_a_steered_run_counts_for_no_claim_and_no_figure(
    how: dict[str, str], runs: Path, tmp_path: Path
) -> None:
    plain = [run for run in list_runs(runs) if isinstance(run, Run)]
    steered = []
    for run in plain:
        path = tmp_path / run.name
        shutil.copytree(run.path, path)
        (path / "strip.png").write_bytes(b"")
        config = replace(run.config, **how)
        steered.append(replace(run, path=path, config=config))
    claims = read_claims(THE_PAPER, "the paper's claims")
    found, usual = report([*plain, *steered], claims), report(plain, claims)
    assert found == usual
    assert usual.numbers
    made = report(steered, claims)
    assert made.drawings == made.pictures == made.numbers == []
    whole = [replace(run, config=old.config) for run, old in zip(steered, plain, strict=True)]
    assert len(report(whole, claims).pictures) == 2


def test_claims_of_others(runs: Path, tmp_path: Path, capsys: Output) -> None:
    mine = tmp_path / "mine.claims"
    mine.write_text("mean mig of beta=4 > beta=1 on 2dshapes | | Mine.\n")
    options = ["--runs", str(runs), "--out", str(tmp_path), "--claims", str(mine)]
    (claim,) = result(capsys, "report", *options)["claims"]
    assert claim["verdict"] == "cannot tell"  # the same MIG for all
    text = (tmp_path / "reproduction.md").read_text()
    assert "Table 1" not in text
    assert "### Seeds that would tell" in text


def test_bad_input_is_one_sentence(runs: Path, tmp_path: Path, capsys: Output) -> None:
    assert "has no runs" in refused(capsys, "report", "--runs", str(tmp_path))
    claims = tmp_path / "bad.claims"
    claims.write_text("β is good")
    says = refused(capsys, "report", "--runs", str(runs), "--claims", str(claims))
    assert says.startswith('bad.claims, line 1: "β is good" is not a claim')
    claims.write_text("mean mig of vae > 0 on 3dshape")
    says = refused(capsys, "report", "--runs", str(runs), "--claims", str(claims))
    assert 'no dataset "3dshape"' in says
    (tmp_path / "file").write_text("")
    says = refused(capsys, "report", "--runs", str(runs), "--out", str(tmp_path / "file"))
    assert says.startswith("Cannot write the report")


def test_a_broken_run_is_named(runs: Path, tmp_path: Path, capsys: Output) -> None:
    root = tmp_path / "runs"
    shutil.copytree(runs, root)
    broken = sorted(root.iterdir())[0]
    (broken / "scores.json").write_text("{")
    arguments = ["report", "--runs", str(root), "--out", str(tmp_path), "--json"]
    assert main(arguments) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)["runs"] == 15
    assert f"Left out: {broken.name}: scores.json is damaged" in output.err


def test_the_checked_in_report_is_not_older_than_the_runs() -> None:
    """`make report` writes it again."""
    found = list_runs(ROOT / "trained_models")
    runs = [run for run in found if isinstance(run, Run)]
    assert len(runs) == len(found)
    made = report(runs, read_claims(THE_PAPER, "the paper"))
    texts = {"reproduction.md": markdown(made, ROOT / "docs")}
    texts |= {f"{drawing.name}.svg": drawing.svg for drawing in made.drawings}
    for name, text in texts.items():
        there = (ROOT / "docs" / name).read_text()
        assert text == there, f"docs/{name} is older than the runs: make report writes it again"
