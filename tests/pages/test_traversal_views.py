"""The still pictures of the page Traversals: every view, and what its download says."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from betavae_core import store
from betavae_core.config import RunConfig
from betavae_core.figures import gif, has_mp4
from betavae_core.store import load_run
from tests.pages.test_pages import captions, open_page, runs  # noqa: F401 (a fixture)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.get("download_button")]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("every latent", "each row moves one latent"),
        ("two latents", "from top to bottom"),
        ("from image to image", "at constant angular speed"),
        ("a factor's sweep", "The latents that move most"),
        ("the same latent in other runs", "that match it best"),
    ],
)
def test_every_view_draws(runs: Path, view: str, expected: str) -> None:  # noqa: F811
    app = open_page("traversals", view=view)
    assert expected in captions(app)
    assert labels(app) == ["PNG", "Moving GIF", *["MP4"] * has_mp4()]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("aggregate-posterior quantiles", "of the codes of 1,000 images"),
        ("around the posterior mean", "posterior mean ± 2"),
        ("posterior quantiles", "of its posterior"),
    ],
)
def test_every_mode_in_the_comparison(runs: Path, mode: str, expected: str) -> None:  # noqa: F811
    app = open_page("traversals", view="the same latent in other runs", mode=mode)
    assert expected in captions(app)


def test_a_mirrored_copy_is_matched_and_shown_the_same_way_round(
    runs: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A copy of a run whose latents are permuted and whose signs are flipped is the same run: its
    rows must be the same pictures."""
    path = runs / RunConfig(beta=1.0).run_id
    run = load_run(path)
    config = RunConfig(beta=1.0, seed=7)
    copy = load_run(path).vae
    order = torch.randperm(10, generator=torch.Generator().manual_seed(0))
    signs = torch.tensor([1.0, -1.0] * 5)
    last = [m for m in copy.encoder.modules() if isinstance(m, torch.nn.Linear)][-1]
    first = next(m for m in copy.decoder.modules() if isinstance(m, torch.nn.Linear))
    with torch.no_grad():
        for half, sign in ((slice(0, 10), signs), (slice(10, 20), torch.ones(10))):
            last.weight[half] = (last.weight[half] * sign[:, None])[order]
            last.bias[half] = (last.bias[half] * sign)[order]
        first.weight.copy_((first.weight * signs)[:, order])
    store.create_run(runs / config.run_id, config)
    store.save_weights(runs / config.run_id, copy, config.images)
    drawn: list[tuple[torch.Tensor, list[str]]] = []
    from pages._ui import matched_views

    def remember(images: torch.Tensor, names: list[str], *_: object, **__: object) -> None:
        drawn.append((images, names))

    monkeypatch.setattr(matched_views, "show", remember)
    for mode in ("prior quantiles", "around the posterior mean", "posterior quantiles"):
        app = open_page("traversals", view="the same latent in other runs", mode=mode, run=run.name)
        (chosen,) = app.multiselect
        chosen.set_value([config.run_id]).run()
        assert not app.exception
        images, names = drawn[-1]
        assert images.shape[0] == 2
        assert "|r| 1.00" in names[1]
        torch.testing.assert_close(images[0], images[1], atol=1e-3, rtol=0)


def test_a_gif_goes_there_and_back() -> None:
    frames = [np.full((8, 12, 3), value, np.uint8) for value in (0, 100, 200)]
    made = Image.open(io.BytesIO(gif(frames, {"run": "β"})))
    assert made.n_frames == 4  # 0, 100, 200, 100
    assert made.size == (12, 8)
    assert "β" in made.info["comment"].decode()
    shown = []
    for number in range(made.n_frames):
        made.seek(number)
        shown.append(int(np.asarray(made.convert("RGB"))[0, 0, 0]))
    assert shown == [0, 100, 200, 100]
    assert made.info["loop"] == 0
