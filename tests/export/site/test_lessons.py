"""Lessons on a site: every guess has its gap, every view stands there, every link leads on."""

import json
from pathlib import Path
from urllib.parse import unquote

import pytest
from markupsafe import escape

from betavae_core.export.site import export_site
from betavae_core.export.site.lessons.predictions import asked_of
from betavae_core.lessons import Lesson, OnScale, list_lessons
from betavae_core.store import Run, list_runs
from tests.export.handouts import Parsed

SHIPPED = Path(__file__).parents[3] / "trained_models"
LESSONS = [each for each in list_lessons() if isinstance(each, Lesson)]
OWN = """# A lesson of one's own

```toml
minutes = 5
order = 9

[runs]
model = {dataset = "2dshapes", model = "conv", beta = 4}

[numbers]
used = {what = "used latents", of = "model"}
```

Two steps, <b>one</b> with *sliders*.

## Sliders

```toml
[view]
name = "sliders"
of = "model"
latents = ["used"]
input = true

[predict]
kind = "number"
ask = "How many latents are used?"
low = 0
high = 10
truth = "used"

[answer]
name = "map"
of = "model"
```

Drag them.

### Answer

There are {used}.

### Why?

See [the page Traversals](traversals).

## A picture

```toml
[view]
name = "traversal"
of = "model"
```

Look.
"""


def everything() -> list[Run]:
    return [run for run in list_runs(SHIPPED) if isinstance(run, Run)]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_each_guess_has_the_gap_that_the_lesson_tells(lesson: Lesson) -> None:
    facts = lesson.facts(everything())
    for step in lesson.steps:
        asked = step.predict
        assert asked is not None
        found = asked_of(asked, facts, escape)
        true = asked.answer(facts)
        assert true is not None
        assert found.gaps, step.title
        if isinstance(asked, OnScale):  # the truth may lie between two steps
            (slider,) = found.fields
            opening = escape(asked.gap(f"{asked.opening(facts):g}", facts))
            assert found.gaps[str(slider.opening)] == opening
            assert found.gaps["0"] == escape(asked.gap(f"{asked.low:g}", facts))
            assert list(found.gaps.values())[-1] == escape(asked.gap(f"{asked.high:g}", facts))
        else:
            assert escape(asked.gap(true, facts)) in found.gaps.values()
        for chosen in found.gaps:
            numbers = [int(n) for n in chosen.split(",")]
            assert len(numbers) == len(found.fields)
            for number, field in zip(numbers, found.fields, strict=True):
                assert 0 <= number < len(field.options)
        assert "You said" not in found.truth
        assert found.truth.endswith(".")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a lesson of one's own, whose run is here, unlike those of the lab's lessons."""
    folder = tmp_path_factory.mktemp("lessons")
    (folder / "own.md").write_text(OWN)
    opening = "2dshapes-conv-beta4-seed123-images7372800-klwarmup640000"
    runs = [run for run in everything() if run.name == opening]
    assert len(runs) == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BETAVAE_LESSONS", str(folder))
        return export_site(runs, tmp_path_factory.mktemp("site") / "new")


def test_only_lessons_whose_runs_are_here_have_a_page(site: Path) -> None:
    assert [path.name for path in (site / "lessons").iterdir()] == ["own.html"]
    assert "A lesson of one&#39;s own" in (site / "index.html").read_text()


def test_its_texts_views_and_files(site: Path) -> None:
    parsed = Parsed((site / "lessons" / "own.html").read_text())
    assert "Two steps, <b>one</b> with sliders ." in parsed.text
    assert "There are 5." in parsed.text
    data = json.loads(parsed.files["data"])
    sliders, latent_map = data["views"]
    assert (sliders["kind"], len(sliders["latents"]), len(sliders["start"])) == ("sliders", 5, 10)
    assert latent_map["kind"] == "map"
    assert (site / "lessons" / unquote(latent_map["map"]["sprite"])).is_file()
    for script in parsed.named("script"):
        for address in {script.get("src"), script.get("data-src")} - {None, ""}:
            assert (site / "lessons" / unquote(str(address))).is_file()
    assert len(parsed.named("img")) == 2  # the still of the sliders, and the picture
    hosts = [each for each in parsed.named("div") if each.get("data-part") == "view"]
    assert [each["data-view"] for each in hosts] == ["0", "1"]
    assert {"href": "../index.html"} in parsed.named("a")  # of the page Traversals
    assert data["gaps"][0]["5"] == "You said 5; it is <b>5</b>. As close as the scale allows."
