"""The card carries what it must, harmlessly, and can be read."""

import io
from datetime import date

import numpy as np
import pytest
from PIL import Image

from betavae_core.doctor import Finding, Label, Verdict, card_html, card_png

SHA = "0123456789abcdef" * 4


@pytest.fixture
def findings() -> list[Finding]:
    picture = np.zeros((70, 500, 3), np.uint8)
    evil = "<script>alert(1)</script>"
    return [
        Finding("file", "File", Verdict.FINE, f"It opens: {evil}."),
        Finding("weights", "Weights", Verdict.BROKEN, "They are NaN.", f"Diverged {evil}."),
        Finding("samples", "Samples", Verdict.FINE, "Good.", "", {}, {f"caption {evil}": picture}),
        Finding("terms", "NLL and KL", Verdict.FINE, "Good.", "",
                {"dataset": "2dshapes", "source": "rendered", "images": 1000}),
        Finding("scores", "Scores", Verdict.LOOK, "β 4 × σ.", "",
                {"higgins": {"L": 64, "points": 1000, "seeds": 5}}),
    ]  # fmt: skip


def test_html_stands_alone_and_escapes(findings: list[Finding]) -> None:
    label = Label('/srv/secret/"><img onerror=x>.pt', SHA, date(2026, 1, 2))
    page = card_html(findings, label)
    assert "<script" not in page
    assert "<img onerror" not in page
    assert "/srv/secret" not in page
    assert "http" not in page
    assert page.count("data:image/png;base64,") == 1
    numbers = ["2Dshapes (rendered)", "1,000 images", "L = 64", "5 draws"]
    style = ["prefers-color-scheme", "size: A4"]
    for text in [SHA[:12], *numbers, "torch", "2026-01-02", "This checkpoint is broken", *style]:
        assert text in page


def test_png_is_readable(findings: list[Finding]) -> None:
    label = Label("日本 " + "x" * 300 + ".pt", SHA)
    picture = Image.open(io.BytesIO(card_png(findings, label)))
    assert picture.width == 1240
    assert 300 < picture.height < 1754
    pixels = np.asarray(picture.convert("L"))
    assert (pixels[:, :40] == 255).all(), "the margins are free"
    assert (pixels[:, -40:] == 255).all()
    assert (pixels < 60).any(), "there is text"
