"""The page Latent space: what is measured of the codes, and that it is to scale."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.embedding.paths import star
from betavae_core.embedding.projections import fit_pca
from betavae_core.scoring.encoding import encode_rows
from betavae_core.store import load_run
from pages._ui import charts
from tests.pages.driving import captions, open_page, save_run
from tests.pages.latent_space.drawn import (
    places_of,
    scaled_codes,
    the_map,
)


def test_a_collapsed_run_is_drawn_to_its_own_scale_and_says_so(
    own_folders: dict[str, Path],
) -> None:
    """No two images fall together because their codes are close, and the bar tells how close."""
    config = RunConfig(beta=10.0)
    path = save_run(own_folders["RUNS"], config)
    scaled_codes(path, config, 1e-5)
    panel = the_map(open_page("latent_space"))["panels"][0]
    dataset = load_dataset("2dshapes", "rendered")
    assert dataset.space is not None
    rows = np.unique(np.concatenate([path.rows for path in star(dataset.space)]))
    mean, _ = encode_rows(load_run(path).vae, dataset, rows)
    codes = mean @ fit_pca(mean).axes.T
    assert np.array(panel["places"]) == pytest.approx(places_of(codes, 456), abs=0.1)
    assert np.ptp(panel["places"], axis=0).max() == pytest.approx(0.9 * 456, abs=0.2)
    assert panel["bar"]["text"].endswith(" σ")
    assert float(panel["bar"]["text"].split()[0]) < 0.003


def test_three_dimensions_share_their_axes_and_name_factors(
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables: dict[str, str] = {}

    def keep(label: str, data: Any, file: str, *rest: Any, **options: Any) -> None:
        tables[file] = data()

    monkeypatch.setattr(charts, "download", keep)
    scaled_codes(runs / RunConfig(beta=4.0).run_id, RunConfig(beta=4.0), 3)
    app = open_page("latent_space", deep="true", shared="true")
    figures = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    scenes = [figure["layout"]["scene"] for figure in figures]
    for axis in ("xaxis", "yaxis", "zaxis"):
        low, high = scenes[0][axis]["range"]
        assert scenes[1][axis]["range"] == [low, high]
        for figure in figures:
            for trace in figure["data"]:
                values = plotly_array(trace[axis[0]])
                assert low <= values.min() <= values.max() <= high
    assert "<br>scale " in figures[0]["data"][0]["hovertext"][0]
    assert "shown and opened in the 2-D view" in captions(app)
    notes = [line for line in tables["latent-space-1.csv"].splitlines() if line.startswith("#")]
    assert any("2Dshapes (rendered)" in note and "2dshapes-conv-beta4" in note for note in notes)
    apart = open_page("latent_space", deep="true").get("plotly_chart")
    one, two = (json.loads(chart.proto.spec)["layout"]["scene"]["xaxis"] for chart in apart)
    assert one["range"] != two["range"]
    for scene in scenes:  # a step is as long along every axis
        lengths = [np.ptp(scene[axis]["range"]) for axis in ("xaxis", "yaxis", "zaxis")]
        assert lengths == pytest.approx([lengths[0]] * 3)


def plotly_array(values: Any) -> np.ndarray:
    """Plotly writes arrays as base64."""
    if isinstance(values, list):
        return np.array(values)
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])


def test_the_most_telling_numbers_stand_below_every_panel(
    runs: Path,
    saved: dict[str, str],
) -> None:
    for beta in (1.0, 4.0):
        scaled_codes(runs / RunConfig(beta=beta).run_id, RunConfig(beta=beta), 1000 * beta)
    app = open_page("latent_space")
    table = app.dataframe[0].value
    for panel in the_map(app)["panels"]:
        column = table[panel["title"]]
        assert f"spread {column['spread of the posterior means']:.2g} " in panel["numbers"]
        assert f"posterior σ {column['mean posterior σ']:.2g} " in panel["numbers"]
        away = f"{column['distance to the nearest code, in posterior σ']:.2g} posterior σ"
        assert panel["numbers"].endswith(away)
    text = saved["These numbers as CSV"]
    notes = [line for line in text.splitlines() if line.startswith("#")]
    for part in ("2Dshapes (rendered)", "# β = 4: 2dshapes-conv-beta4", "# link: ", "torch "):
        assert any(part in note for note in notes), part
    read = pd.read_csv(io.StringIO(text), comment="#", index_col="measured")
    assert read["β = 1"].to_numpy() == pytest.approx(table["β = 1"].to_numpy())


def test_numbers_of_a_collapsed_run_are_short(runs: Path) -> None:
    """Untrained codes lie as close."""
    for panel in the_map(open_page("latent_space"))["panels"]:
        assert panel["numbers"] == (
            "spread < 0.001 · posterior σ 1 · distance to nearest code < 0.001 posterior σ"
        )


def test_codes_that_are_all_the_same_are_said_to_be(own_folders: dict[str, Path]) -> None:
    config = RunConfig(beta=10.0)
    path = save_run(own_folders["RUNS"], config)
    scaled_codes(path, config, 0)
    (panel,) = the_map(open_page("latent_space"))["panels"]
    assert panel["numbers"].startswith("every image has the same code · posterior σ ")
    assert panel["bar"] is None
