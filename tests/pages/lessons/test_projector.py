"""Charts on a projector."""

import pytest

from pages._ui.lessons.projector import in_lines


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Higgins' metric (higher is better)", "Higgins' metric<br>(higher is better)"),
        ("reconstruction loss, nats per image", "reconstruction loss,<br>nats per image"),
        ("FD (EfficientNet-Lite0), lower is better", "FD (EfficientNet-Lite0),<br>lower is better"),
        ("MIG (higher is better)", "MIG (higher is better)"),
        ("a name that has no place to break it", "a name that has no place to break it"),
    ],
)
def test_a_long_title_has_two_lines(title: str, lines: str) -> None:
    assert in_lines(title, 27) == lines
