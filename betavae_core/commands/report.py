"""report: claims and their verdicts, from stored runs."""

import argparse
from pathlib import Path

from ..errors import InputError, Refusal, cannot_write
from ..paths import home, runs_root
from ..report.claims import read_claims, read_file
from ..report.markdown import markdown
from ..report.the_paper import THE_PAPER
from ..report.verdict import VERDICTS
from ..report.web import web_page
from ..report.whole import report
from ..report.words import counts_text
from ..store import Run, list_runs
from ..store.files import write_atomically
from .progress import shown_progress
from .results import show_result

NAME = "reproduction"


def run(options: argparse.Namespace) -> int:
    root, show = runs_root(options.runs_folder), shown_progress(options)
    if options.claims:
        claims = read_file(Path(options.claims))
    else:
        claims = read_claims(THE_PAPER, "the paper's claims")
    found = list_runs(root)
    runs = [each for each in found if isinstance(each, Run)]
    for each in found:
        if not isinstance(each, Run):
            show.say(f"Left out: {each.reason}")
    if not runs:
        raise InputError(
            f"{root} has no runs; give another folder with --runs.", Refusal.MISSING, path=str(root)
        )
    made = report(runs, claims, of_the_paper=not options.claims)
    folder = Path(options.out or home() / "docs").resolve()
    texts = {f"{NAME}.md": markdown(made, folder), f"{NAME}.html": web_page(made)}
    texts |= {f"{each.name}.svg": each.svg for each in made.drawings}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            write_atomically(folder / name, text.encode())
    except OSError as error:
        raise cannot_write(folder, error, "the report to") from error
    files = [str(folder / name) for name in texts]
    result = {
        "files": files,
        "runs": len(runs),
        "verdicts": {v: sum(each.verdict == v for each in made.judged) for v in VERDICTS},
        "claims": [
            {"claim": e.claim.line, "verdict": e.verdict, "why": e.why} for e in made.judged
        ],
    }
    show_result(options, result, "\n".join([counts_text(made.judged), *files]))
    return 0
