"""Links to one of several settings of distances, in the present spelling and in former ones."""

import json
from pathlib import Path

import numpy as np
import pytest

from betavae_core.addresses import link
from betavae_core.store import load_run
from tests.pages.links.taken import follow

OLD = "bilinear 200, x"  # a preprocessing of before


@pytest.fixture
def two_settings(runs: Path) -> Path:
    """The stored distances, and the same ones as if measured with another preprocessing."""
    for path in (path for path in runs.iterdir() if path.is_dir()):
        records = load_run(path).scores
        for record in [r for r in records if r["score"] == "frechet"]:
            records.append(record | {"settings": record["settings"] | {"preprocessing": OLD}})
        (path / "scores.json").write_text(json.dumps(records))
    return runs


@pytest.mark.parametrize(
    ("former", "old"),
    [
        ("FD (EfficientNet-Lite0), 8 images against 20 (own)", False),
        (f"FD (EfficientNet-Lite0), 8 images against 20 (own), other preprocessing ({OLD})", True),
        (
            f"FD (EfficientNet-Lite0), 8 images against 20 (own), preprocessed otherwise ({OLD})",
            True,
        ),
    ],
)
def test_former_labels_in_links_open_what_they_named(
    two_settings: Path, former: str, old: bool
) -> None:
    app = follow(link("reconstruction", {"measured": former}))
    box = app.selectbox(key="measured")
    assert len(box.options) == 2
    assert ("other preprocessing" in box.options[box.value]) == old
    assert "There is no" not in "".join(warning.value for warning in app.warning)


def test_a_link_does_not_depend_on_the_wording_of_labels(two_settings: Path) -> None:
    app = follow("reconstruction")
    box = app.selectbox(key="measured")
    app = box.set_value(1 - box.value).run()
    (spelled,) = np.atleast_1d(app.query_params["measured"])
    assert "features lite0" in spelled
    assert not any(label in spelled for label in box.options)
    again = follow(link("reconstruction", {"measured": spelled}))
    assert again.selectbox(key="measured").value == app.selectbox(key="measured").value
    assert "There is no" not in "".join(warning.value for warning in again.warning)
