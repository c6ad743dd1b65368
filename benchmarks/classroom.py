"""A class of many students on one dashboard: websocket clients that join, guess, and wait for the
answer.

python -m benchmarks.classroom --students 30

Starts a dashboard of its own (or takes the one at --url). A lecturer opens a class at a step that
asks for a number; all students join at once, each sends a guess, the lecturer shows the answer and
every student sees it. Prints the number of guesses that arrived, the median and the largest time
for joining, for guessing and for seeing the answer, and the errors.
"""

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import numpy as np

from .dashboard import dashboard, free_port
from .visitor import Rerun, Visitor

LESSON, STEP = "can-you-trust-one-seed", "1"
ANSWERED = "The class made {} guesses"  # above the histogram


@dataclass
class Taught:
    """What happened in a class."""

    guesses: str = ""  # what the lecturer reads of their number
    reruns: dict[str, list[Rerun]] = field(default_factory=dict)  # what → one for each student
    seen: list[bool] = field(default_factory=list)  # whether each student saw the histogram

    @property
    def errors(self) -> list[str]:
        return [error for each in self.reruns.values() for rerun in each for error in rerun.errors]


def named(visitor: Visitor, name: str) -> Any:
    """The control whose key ends with a name."""
    found = [each for each in visitor.controls() if str(each.id).endswith(name)]
    if not found:
        raise RuntimeError(f"The page has no control {name}.")
    return found[0]


async def teach(url: str, students: int) -> Taught:
    """One class from its opening to the answer."""
    taught, lecturer = Taught(), Visitor(url)
    await lecturer.enter("lessons", lesson=LESSON, step=STEP)
    await lecturer.choose(named(lecturer, "go-class"), True)
    code = parse_qs(lecturer.query)["class"][0]
    everyone = [Visitor(url) for _ in range(students)]

    async def at_once(what: str, each: Any) -> None:
        taught.reruns[what] = await asyncio.gather(*map(each, range(students)))

    await at_once("join", lambda n: everyone[n].enter("lessons", **{"class": code}))
    said = f"said-{LESSON}-{STEP}"
    await at_once("move", lambda n: everyone[n].choose(named(everyone[n], said), n % 30))
    await at_once("send", lambda n: everyone[n].choose(named(everyone[n], "go-send"), True))
    await lecturer.rerun()
    taught.guesses = next(line for line in lecturer.words().splitlines() if "guesses" in line)
    await lecturer.choose(named(lecturer, "go-tell"), True)
    await at_once("answer", lambda n: everyone[n].rerun())
    taught.seen = [ANSWERED.format(students) in each.words() for each in everyone]
    for each in (lecturer, *everyone):
        await each.leave()
    return taught


def summary(taught: Taught) -> dict[str, Any]:
    """Seconds for each thing that the students did, and what arrived."""
    rows = {}
    for what, reruns in taught.reruns.items():
        middle, most = np.quantile([each.seconds for each in reruns], [0.5, 1.0]).round(3).tolist()
        rows[what] = {"p50_s": middle, "max_s": most}
    return {
        "lecturer reads": taught.guesses,
        "students who saw the answer": sum(taught.seen),
        "seconds": rows,
        "errors": taught.errors,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--url", help="host:port of a dashboard that runs (default: start one)")
    options = parser.parse_args()
    began = time.monotonic()
    if options.url:
        taught = asyncio.run(teach(options.url, options.students))
    else:
        port = free_port()
        with dashboard(port):
            taught = asyncio.run(teach(f"localhost:{port}", options.students))
    print(json.dumps(summary(taught) | {"all": round(time.monotonic() - began, 1)}, indent=1))


if __name__ == "__main__":
    main()
