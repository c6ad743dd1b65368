"""The site: its pages, its links, its size, and what is refused."""

import json
import shutil
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from betavae_core.__main__ import main
from betavae_core.export.site import export_site
from betavae_core.export.site.charts import Dot, over_beta
from betavae_core.export.site.measured import charts_of
from betavae_core.export.site.pages import scores_page
from betavae_core.export.site.plan import cannot_be_live, groups_of
from betavae_core.store import Run, list_runs, load_run
from tests.export.handouts import Parsed
from tests.oracles import one_sentence, small_config, train_small

SHIPPED = Path(__file__).parents[3] / "trained_models"
RECORDED = "2dshapes-conv-beta1-seed427"


def shipped() -> list[Run]:
    return [run for run in list_runs(SHIPPED) if isinstance(run, Run)]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """Two β, one of them with a strange name, a recorded run and a baseline."""
    root = tmp_path_factory.mktemp("runs")
    for beta in (1.0, 4.0):
        train_small(root, small_config(beta=beta))
    (root / small_config(beta=1.0).run_id).rename(root / "50 % <b>β&1#?")
    shutil.copytree(SHIPPED / RECORDED, root / RECORDED)
    shutil.copytree(SHIPPED / "2dshapes-noise-seed123", root / "noise")
    return [run for run in list_runs(root) if isinstance(run, Run)]


@pytest.fixture(scope="module")
def site(few: list[Run], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_site(few, tmp_path_factory.mktemp("site") / "new")


def addresses(page: Path) -> set[str]:
    """Everything that a page asks for or links to."""
    parsed = Parsed(page.read_text())
    found = {
        attributes[name]
        for _, attributes in parsed.elements
        for name in ("href", "src", "data-src")
        if attributes.get(name)
    }
    if "data" in parsed.files:
        found |= {json.loads(parsed.files["data"]).get("sprite", "")} - {""}
    return {address for address in found if not address.startswith("data:")}


def test_every_address_is_relative_and_leads_to_a_file(site: Path) -> None:
    reached = {"index.html"}
    waiting = [site / "index.html"]
    while waiting:
        page = waiting.pop()
        for address in addresses(page):
            assert "//" not in address, address
            assert not address.startswith("/"), address
            path, part = urldefrag(address)
            target = (page.parent / unquote(path)).resolve() if path else page.resolve()
            assert target.is_file(), f"{page.name}: {address}"
            if part:
                assert f'id="{unquote(part)}"' in target.read_text()
            name = str(target.relative_to(site.resolve()))
            if name not in reached and target.suffix == ".html":
                waiting.append(target)
            reached.add(name)
    assert reached == {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}


def test_what_the_pages_share_is_there_once(site: Path, few: list[Run]) -> None:
    live = [run.name for run in few if not cannot_be_live(run)]
    assert len(live) == 2
    assert {path.stem for path in (site / "runs").iterdir()} == set(live)
    files = {path.name for path in (site / "files").iterdir()}
    shared = {"handout.js", "lesson.js", "2dshapes-map.png", "2dshapes-starts.bin"}
    assert files == {f"{name}.bin" for name in live} | shared
    for page in site.rglob("*.html"):
        parsed = Parsed(page.read_text())
        assert [text for name, text in parsed.files.items() if name.startswith("run-")] == []
        assert len(page.read_bytes()) < 300_000


def test_the_first_page_names_every_run(site: Path, few: list[Run]) -> None:
    text = Parsed((site / "index.html").read_text()).text
    for run in few:
        assert run.name in text
    assert "kept without its weights" in text
    assert "a baseline" in text
    assert "2 models side by side" in text


def test_progress_ends_before_the_whole(tmp_path: Path) -> None:
    """Pages of runs, of comparisons, of scores and of lessons: all of them are in the total."""
    lesson = {"2dshapes-conv-beta4-seed123-images7372800-klwarmup640000"}
    lesson |= {name.replace("beta4", "beta1") for name in lesson}
    told: list[tuple[int, int]] = []

    def tell(what: str, done: int, total: int) -> None:
        if what == "Site":
            told.append((done, total))

    site = export_site([run for run in shipped() if run.name in lesson], tmp_path, progress=tell)
    assert [path.stem for path in (site / "lessons").iterdir()] == ["what-a-latent-does"]
    total = 2 + 1 + 1 + 1
    assert told == [(done, total) for done in range(total)]


def test_the_shipped_runs_are_grouped_by_what_may_be_compared() -> None:
    groups = {group.key: group for group in groups_of(shipped())}
    assert set(groups) == {"2dshapes", "3dshapes", "mpi3d-toy", "cifar10", "cifar100"}
    for group in groups.values():
        for family in group.families:
            recipes = Counter(
                (run.config.model, run.config.images, run.config.kl_warmup) for run in family.runs
            )
            assert len(recipes) == 1, family.title
        for family in group.comparisons:
            betas = [run.config.beta for run in family.runs]
            assert betas == sorted(set(betas))
            assert all(run.has_weights for run in family.runs)


def test_the_charts_are_of_the_stored_scores() -> None:
    (group,) = groups_of([run for run in shipped() if run.config.dataset == "2dshapes"])
    families = {each.title: each for each in charts_of(group)}
    assert next(iter(families)) == "Conv VAE, 10 passes, KL warm-up"  # the longest training
    charts = {chart.quantity.title: chart for chart in families["Conv VAE, 1 pass"].charts}
    assert len({"MIG", "Higgins' metric", "Reconstruction loss"} & set(charts)) == 3
    values = dict(charts["MIG"].values)
    run = load_run(SHIPPED / "2dshapes-conv-beta4-seed427")
    record = run.score("mig")
    assert record is not None
    assert values[run.name] == f"{record['value']:.3f}"
    assert f"<title>{run.name}: {record['value']:.4g}</title>" in charts["MIG"].svg
    assert ">PCA " in charts["MIG"].svg
    assert "all 737,280 images of 2Dshapes (rendered)" in charts["MIG"].quantity.how[0]
    assert ">PCA " not in charts["Reconstruction loss"].svg
    assert charts["Reconstruction loss"].says.startswith("The reconstruction loss rises with β")
    assert charts["KL"].says.startswith("KL falls with β, from a median of")
    assert "is highest at β = 0.1" in charts["Used latents"].says  # neither good nor bad
    page = scores_page("2Dshapes", list(families.values()), [])
    assert page.count("<figure>") == sum(len(each.charts) for each in families.values())
    assert page.count("<p><b>") == page.count("<figure>")
    assert page.count('href="#chart-') == page.count("<figure>")


def test_a_chart_places_its_dots_by_their_values() -> None:
    dots = [Dot(0.1, 0.2, "a"), Dot(4.0, 0.8, "b"), Dot(4.0, 0.6, "<c>")]
    svg = over_beta(dots, {"PCA": 0.4}, "MIG")
    heights = [float(part.split('"')[0]) for part in svg.split(' cy="')[1:]]
    assert heights[0] > heights[1] > heights[2]  # a, <c>, b: in each β by name
    assert "&lt;c&gt;: 0.6" in svg
    assert "PCA 0.40" in svg


def test_refusals(few: list[Run], site: Path, tmp_path: Path) -> None:
    with one_sentence("has files", "choose a new folder"):
        export_site(few, site)
    with one_sentence("there is nothing to show"):
        export_site([run for run in few if cannot_be_live(run)], tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_the_verb(few: list[Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = few[0].path.parent
    options = ["--runs", str(root), "--progress", "none"]
    assert main(["export", "site", "--out", str(tmp_path / "all"), "--json", *options]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["runs"] == [run.name for run in few]
    assert (tmp_path / "all" / "index.html").is_file()
    one = next(run.name for run in few if not cannot_be_live(run))
    assert main(["export", "site", one, "--out", str(tmp_path / "one"), *options]) == 0
    assert [path.stem for path in (tmp_path / "one" / "runs").iterdir()] == [one]
    capsys.readouterr()
    assert main(["export", "site", "--beta", "3", *options]) == 2
    assert "does not have the option --beta" in capsys.readouterr().err
    assert main(["export", "traversal", *options]) == 2
    assert "The export traversal needs a run" in capsys.readouterr().err


@pytest.mark.slow
def test_the_shipped_runs_fit_on_any_web_host(tmp_path: Path) -> None:
    folder = export_site(shipped(), tmp_path / "site")
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 40e6
    live = [run for run in shipped() if not cannot_be_live(run)]
    assert len(list((folder / "runs").iterdir())) == len(live) > 15
