"""Options of import, runs, record and presets."""

from typing import Any

from .common import add_data_root, add_entry, add_runs_folder, add_verb


def add_parser(verbs: Any) -> None:
    about = "Turn another project's checkpoint into a run (README lists the projects)."
    importing = add_verb(verbs, "import", "runs:import_run", about)
    importing.add_argument("path", metavar="PATH", help="the checkpoint's file or folder")
    importing.add_argument("--name", help="name of the run's folder (default: the checkpoint's)")
    add_entry(importing)
    add_runs_folder(importing, "--out")

    listing = add_verb(
        verbs, "runs", "runs:show_runs", "List the runs, broken ones with the reason."
    )
    add_runs_folder(listing, "--out")

    about = (
        "Keep runs without their weights: copies with all numbers, a picture, and the command that "
        "makes them again."
    )
    recording = add_verb(verbs, "record", "runs:record_runs", about)
    recording.add_argument("names", nargs="+", metavar="RUN", help="a run's name or folder")
    recording.add_argument("--to", required=True, metavar="DIR", help="folder for the copies")
    add_data_root(recording)
    add_runs_folder(recording, "--out")

    add_verb(verbs, "presets", "runs:show_presets", "List the presets and their settings.")
