"""The command line in process: what it prints, and the one sentence for bad input."""

import json
from typing import Any

import pytest

from betavae_core.__main__ import main

SMALL = ["--device", "cpu", "--images", "320", "--batch-size", "32", "--latents", "3"]
Output = pytest.CaptureFixture[str]


def result(capsys: Output, *arguments: str) -> Any:
    """What a verb prints with --json, on its own line of stdout."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: Output, *arguments: str) -> str:
    """The one sentence on stderr."""
    assert main(list(arguments)) == 2
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert line.endswith(".")
    return line
