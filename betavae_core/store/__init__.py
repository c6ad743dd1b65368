"""Runs on disk: a folder each, with config.json, weights.safetensors, history.jsonl, scores.json;
record.json and strip.png replace weights that are not kept (`shipping/recorded.py`).

Config is written first, weights atomically, history appended. To share a run, copy its folder.
Nothing here is ever unpickled.
"""

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .files import (
        CONFIG,
        HISTORY,
        RECORD,
        SCORES,
        STRIP,
        WEIGHTS,
        BeingTrained,
        check_writable,
        sole_writer,
        write_atomically,
    )
    from .history import append_history, read_history, rewrite_history, rounded_history
    from .runs import (
        BrokenRun,
        Run,
        create_run,
        find_run,
        list_runs,
        load_run,
        read_config,
        run_name,
        unsteered,
    )
    from .scores import add_score, read_scores, scores_text
    from .weights import checked_state, load_weights, save_weights, weights_images

__all__ = [
    "CONFIG",
    "HISTORY",
    "RECORD",
    "SCORES",
    "STRIP",
    "WEIGHTS",
    "BeingTrained",
    "BrokenRun",
    "Run",
    "add_score",
    "append_history",
    "check_writable",
    "checked_state",
    "create_run",
    "find_run",
    "list_runs",
    "load_run",
    "load_weights",
    "read_config",
    "read_history",
    "read_scores",
    "rewrite_history",
    "rounded_history",
    "run_name",
    "save_weights",
    "scores_text",
    "sole_writer",
    "unsteered",
    "weights_images",
    "write_atomically",
]

PLACES = {
    "BeingTrained": "files",
    "BrokenRun": "runs",
    "CONFIG": "files",
    "HISTORY": "files",
    "RECORD": "files",
    "Run": "runs",
    "SCORES": "files",
    "STRIP": "files",
    "WEIGHTS": "files",
    "add_score": "scores",
    "append_history": "history",
    "check_writable": "files",
    "checked_state": "weights",
    "create_run": "runs",
    "find_run": "runs",
    "list_runs": "runs",
    "load_run": "runs",
    "load_weights": "weights",
    "read_config": "runs",
    "read_history": "history",
    "read_scores": "scores",
    "scores_text": "scores",
    "rewrite_history": "history",
    "rounded_history": "history",
    "run_name": "runs",
    "save_weights": "weights",
    "sole_writer": "files",
    "unsteered": "runs",
    "weights_images": "weights",
    "write_atomically": "files",
}
__getattr__ = lazy_names(__name__, PLACES)
