"""What a page costs when everything it shows is cached: processor time of the server, seconds until
the script ends, and bytes sent, per rerun.

python -m benchmarks.reruns --repeat 10

Every page is opened with each dataset first, so that all is cached; then it is left and entered
again (`page`), and run again where it stands, with nothing changed (`again`).
"""

import argparse
import asyncio
import json
import os
import statistics
from pathlib import Path
from typing import Any

from betavae_core.addresses import PAGES

from .dashboard import dashboard, free_port
from .visitor import Rerun, Visitor


def processor_seconds(pid: int) -> float:
    """Seconds that all threads of a process have used, as Linux counts them."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(url: str, pid: int, pages: list[str], repeat: int) -> dict[str, Any]:
    visitor = Visitor(url)
    elsewhere = "datasets" if pages == ["overview"] else "overview"
    await visitor.enter(elsewhere)
    table: dict[str, Any] = {}
    for page in pages:
        other = "datasets" if page == elsewhere else elsewhere
        for _ in range(3):  # caches fill
            await visitor.go(page)
            await visitor.rerun()
        each: dict[str, list[tuple[float, Rerun]]] = {"page": [], "again": []}
        for _ in range(repeat):
            await visitor.go(other)
            before = processor_seconds(pid)
            rerun = await visitor.go(page)
            middle = processor_seconds(pid)
            again = await visitor.rerun()
            each["page"].append((middle - before, rerun))
            each["again"].append((processor_seconds(pid) - middle, again))
        for name, seen in each.items():
            if errors := [error for _, rerun in seen for error in rerun.errors]:
                raise RuntimeError(f"{page}: {errors[0]}")
            table[f"{page}, {name}"] = {
                "processor_ms": round(1000 * statistics.median(used for used, _ in seen)),
                "until_end_ms": round(1000 * statistics.median(run.seconds for _, run in seen)),
                "kilobytes": round(statistics.median(run.received for _, run in seen) / 1000),
            }
    await visitor.leave()
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--pages", nargs="+", default=list(PAGES), choices=PAGES)
    options = parser.parse_args()
    port = free_port()
    with dashboard(port) as pid:
        found = asyncio.run(measure(f"localhost:{port}", pid, options.pages, options.repeat))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
