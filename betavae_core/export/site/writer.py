"""The pages of a site as they are written."""

import base64
from pathlib import Path
from urllib.parse import quote

import numpy as np

from ...beta import beta_text
from ...browser.component import handout_script, lesson_script
from ...browser.files import deflated
from ...browser.model import packed
from ...datasets import Dataset
from ...disk_cache import Progress
from ...errors import cannot_write
from ...lessons import Lesson, list_lessons
from ...pictures.reconstructions import random_images
from ...store import Run, write_atomically
from ...story.cards import story_cards
from ...traversal.pictures import Codes, dataset_codes
from ..handout.content import Handout, handout
from ..handout.images import images_of
from ..handout.page import Beside, handout_html, run_file, starts_file
from .lessons import lesson_page
from .lessons.shown import Shared
from .measured import charts_of
from .pages import card_for_page, index_page, run_for_page, scores_page
from .plan import SameImages, cannot_be_live

SCRIPT, LESSON_SCRIPT = "files/handout.js", "files/lesson.js"
EXPLORED = 8  # images of the slider of β in a lesson


class Writer:
    """Writes the pages of runs into a folder, each file once."""

    def __init__(
        self,
        out: Path,
        groups: list[SameImages],
        data_root: str | Path | None,
        progress: Progress,
    ) -> None:
        self.out, self.groups, self.data_root, self.tell = out, groups, data_root, progress
        self.charts = {group.key: charts_of(group) for group in groups}
        self.datasets: dict[str, Dataset | None] = {}
        self.done = 0
        runs = [run for group in groups for run in group.runs]
        self.possible = [
            lesson
            for lesson in list_lessons()
            if isinstance(lesson, Lesson) and all(lesson.facts(runs).runs.values())
        ]
        self.total = sum(len(group.live) + len(group.comparisons) + 1 for group in groups)
        self.total += len(self.possible)

    def write(self) -> Path:
        """All pages; returns the folder."""
        self.keep(SCRIPT, _alone(handout_script()))
        shown = [self.group(group) for group in self.groups]
        self.keep("index.html", index_page(shown, self.lessons(), []).encode())
        return self.out

    def group(self, group: SameImages) -> dict[str, object]:
        """All pages of the runs of the same images; returns what the first page says of them."""
        dataset, missing = images_of(group.runs[0].config, self.data_root, self.tell)
        self.datasets[group.key] = dataset
        addresses = {run.name: quote(f"runs/{run.name}.html") for run in group.live}
        codes = None if dataset is None else _once(dataset_codes(dataset))
        pages: list[dict[str, object]] = []
        for run in group.live:
            self.step()
            others = group.runs if run.config.multirate else ()
            contents = handout([run], dataset, missing=missing, codes=codes, others=others)
            self.handout(f"runs/{run.name}.html", group, contents)
            if run.config.multirate:
                text = f"One model for {run.config.beta_words}"
                pages.append({"text": text, "address": addresses[run.name], "each": []})
        comparisons = group.comparisons
        for number, family in enumerate(comparisons):
            self.step()
            page = f"side-by-side/{group.key}-{number + 1}.html"
            contents = handout(family.runs, dataset, missing=missing, codes=codes)
            self.handout(page, group, contents)
            text = f"{len(family.runs)} models side by side ({family.title})"
            each = [(beta_text(run.config.beta), addresses[run.name]) for run in family.runs]
            pages.append({"text": text, "address": quote(page), "each": each})
        self.step()
        if charts := self.charts[group.key]:
            page = scores_page(group.title, charts, self.links(group, "../")[:2])
            self.keep(f"scores/{group.key}.html", page.encode())
            address = quote(f"scores/{group.key}.html")
            pages.append({"text": "What was measured, over β", "address": address, "each": []})
        cards = []
        if dataset is not None and comparisons:
            cards = [card_for_page(card) for card in story_cards(comparisons[0].runs, dataset)]
        return {
            "key": group.key,
            "title": group.title,
            "missing": missing,
            "cards": cards,
            "pages": pages,
            "runs": [
                run_for_page(run, addresses.get(run.name, ""), cannot_be_live(run))
                for run in group.runs
            ],
        }

    def lessons(self) -> list[tuple[Lesson, str]]:
        """The pages of the lessons whose runs are all here, each with its address."""
        shared, found = Shelf(self).shared(), []
        for lesson in self.possible:
            self.step()
            self.keep(LESSON_SCRIPT, _alone(lesson_script()))
            links = [("All models", "../index.html"), ("Lessons", "../index.html#lessons")]
            page = lesson_page(lesson, shared, f"../{LESSON_SCRIPT}", links)
            self.keep(f"lessons/{lesson.key}.html", page.encode())
            found.append((lesson, quote(f"lessons/{lesson.key}.html")))
        return found

    def handout(self, path: str, group: SameImages, contents: Handout) -> None:
        """A page with live models; what pages share is kept once."""
        up = "../" * path.count("/")
        starts, sprite = f"files/{group.key}-starts.bin", f"files/{group.key}-map.png"
        if contents.starts is not None:
            self.keep(starts, starts_file(contents.starts))
        if contents.maps:
            _, picture = contents.maps[0].data["sprite"].split(",", 1)
            self.keep(sprite, base64.b64decode(picture))
        addresses = []
        for each in contents.runs:
            file = f"files/{each.run.name}.bin"
            if each.model is not None:
                self.keep(file, run_file(each))
            addresses.append("" if each.model is None else up + quote(file))
        beside = Beside(
            script=up + SCRIPT,
            runs=addresses,
            starts=up + quote(starts),
            sprite=up + quote(sprite),
            links=self.links(group, up),
        )
        self.keep(path, handout_html(contents, beside).encode())

    def links(self, group: SameImages, up: str) -> list[tuple[str, str]]:
        """The navigation of a page of these runs."""
        found = [("All models", f"{up}index.html")]
        found.append((group.title, f"{up}index.html#{quote(group.key)}"))
        if self.charts[group.key]:
            found.append(("What was measured", f"{up}scores/{quote(group.key)}.html"))
        return found

    def keep(self, path: str, data: bytes) -> None:
        """Write a file, unless it is there: what several pages share is the same for all."""
        file = self.out / path
        if file.exists():
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, data)
        except OSError as error:
            raise cannot_write(file, error) from error

    def step(self) -> None:
        self.tell("Site", self.done, self.total)
        self.done += 1


class Shelf:
    """The files of a site for the pages of its lessons, which lie in a folder of their own."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.keys = {run.name: group.key for group in writer.groups for run in group.runs}

    def shared(self) -> Shared:
        runs = [run for group in self.writer.groups for run in group.runs]
        return Shared(
            everything=runs,
            dataset=lambda run: self.writer.datasets[self.keys[run.name]],
            file=lambda run: self.address(f"files/{run.name}.bin"),
            page=lambda run: self.address(f"runs/{run.name}.html"),
            sprite=lambda run: self.address(f"files/{self.keys[run.name]}-map.png"),
            images=self.images,
            measured=lambda run: self.address(f"scores/{self.keys[run.name]}.html"),
        )

    def address(self, path: str) -> str:
        """The address of a file from the folder of the lessons; "" if it is not there."""
        return f"../{quote(path)}" if (self.writer.out / path).is_file() else ""

    def images(self, run: Run) -> str:
        """The address of random images of a run's dataset."""
        path, dataset = (
            f"files/{self.keys[run.name]}-random.bin",
            self.writer.datasets[self.keys[run.name]],
        )
        assert dataset is not None, "asked of runs whose images are here"
        images = dataset.images(random_images(len(dataset), 0)[:EXPLORED])
        self.writer.keep(path, deflated(packed(None, {}, images=images.contiguous())))
        return self.address(path)


def _alone(script: str) -> bytes:
    """A script whose names stay inside."""
    return f'"use strict";\n{{\n{script}}}\n'.encode()


def _once(codes: Codes) -> Codes:
    """The codes of each run, computed once."""
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def remembered(run: Run) -> tuple[np.ndarray, np.ndarray]:
        if run.weights_hash not in found:
            found[run.weights_hash] = codes(run)
        return found[run.weights_hash]

    return remembered
