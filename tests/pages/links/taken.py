"""Links as they are taken and followed."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from betavae_core.__main__ import main
from betavae_core.config import RunConfig
from tests.pages.driving import APP

CONV = {beta: RunConfig(beta=beta) for beta in (1.0, 4.0)}
HUED = RunConfig(dataset="tiles", source="own", channels=3, image_size=32, beta=2.0, latents=4)


def follow(link: str) -> AppTest:
    """The page as somebody sees it who opens the link, without a visit to another page before."""
    parts = urlsplit(link)
    app = AppTest.from_file(APP, default_timeout=60)
    app.switch_page(f"pages/{parts.path}.py")
    for name, values in parse_qs(parts.query, keep_blank_values=True).items():
        app.query_params[name] = values
    app.run()
    assert not app.exception
    return app


def exported(kind: str, *arguments: str, out: Path) -> tuple[Path, dict[str, Any]]:
    assert main(["export", kind, *arguments, "--out", str(out)]) == 0
    (folder,) = out.iterdir()
    return folder, json.loads((folder / "caption.json").read_text())


def picture(data: bytes | Callable[[], bytes]) -> tuple[np.ndarray, dict[str, Any]]:
    """Pixels and description of a download, which may be made on demand."""
    opened = Image.open(io.BytesIO(data() if callable(data) else data))
    return np.asarray(opened), json.loads(opened.text["betavae"])  # type: ignore[attr-defined]
