"""The map of the page Latent space as the browser is given it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import torch
from streamlit.testing.v1 import AppTest

from betavae_core.config import RunConfig
from betavae_core.embedding.panel import Place
from betavae_core.embedding.panels import Panel, windows
from betavae_core.models import build_model
from betavae_core.store import save_weights


def the_map(app: AppTest) -> dict[str, Any]:
    """What the component was given."""
    (component,) = app.get("bidi_component")
    return json.loads(component.proto.json)


@dataclass(frozen=True)
class Route:
    """Points of a group as a panel shows them."""

    group: str
    places: np.ndarray  # (n, 2) in the drawing's units
    joined: bool


def inside(panel: dict[str, Any], tag: str, kind: str = "") -> list[ElementTree.Element]:
    """Elements of a panel's drawing, of a class."""
    root = ElementTree.fromstring(f"<svg>{panel['drawing']}</svg>")
    return [node for node in root.iter(tag) if node.get("class", "") == kind]


def drawn_paths(panel: dict[str, Any]) -> list[Route]:
    return [
        Route(
            node.get("data-group", ""),
            np.array(
                [[float(dot.get(at, "")) for at in ("cx", "cy")] for dot in node.iter("circle")]
            ),
            node.find("polyline") is not None,
        )
        for node in inside(panel, "g", "points")
    ]


def which(panel: dict[str, Any], place: np.ndarray) -> list[int]:
    """The images at a place."""
    return np.flatnonzero((np.array(panel["places"]) == place).all(1)).tolist()


def places_of(points: np.ndarray, side: float) -> np.ndarray:
    """Where a panel of these points (N, 2) alone shows them."""
    (window,) = windows([Panel("", "", points)], shared=False)
    return Place(window, side)(points)


def scaled_codes(path: Path, config: RunConfig, factor: float) -> None:
    """Make a run's codes so many times as large."""
    model = build_model(config)
    with torch.no_grad():
        model.encoder[-1].weight *= factor
    save_weights(path, model, config.images)
