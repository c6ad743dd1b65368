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
from betavae_core.datasets import load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.pictures.files import gif, has_mp4
from betavae_core.store import load_run
from betavae_core.store.snapshots import save_snapshot
from betavae_core.traversal.pictures import Picture
from pages._ui.traversals import views as traversal_views
from tests.pages.driving import captions, open_page, save_run


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.get("download_button")]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("every latent", "each row moves one latent"),
        ("two latents", "from top to bottom"),
        ("from image to image", "at constant angular speed"),
        ("factor sweep", "Latents whose posterior mean moves most"),
        ("same latent in other models", "best-matching latents"),
    ],
)
def test_every_view_draws(runs: Path, view: str, expected: str) -> None:
    app = open_page("traversals", view=view)
    assert expected in captions(app)
    assert labels(app) == ["PNG", "Animated GIF", *["MP4"] * has_mp4()]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("aggregate-posterior quantiles", "one sample of q(z|x) for each of 1,000 images"),
        ("around the posterior mean", "posterior mean ± 2"),
        ("posterior quantiles", "of its posterior"),
    ],
)
def test_every_mode_in_the_comparison(runs: Path, mode: str, expected: str) -> None:
    app = open_page("traversals", view="same latent in other models", mode=mode)
    assert expected in captions(app)


def test_a_mirrored_copy_is_matched_and_shown_the_same_way_round(
    runs: Path,
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
    drawn: list[Picture] = []
    monkeypatch.setattr(traversal_views, "show", lambda shown, *_: drawn.append(shown[0]))
    for mode in ("prior quantiles", "around the posterior mean", "posterior quantiles"):
        app = open_page("traversals", view="same latent in other models", mode=mode, run=run.name)
        (chosen,) = app.multiselect
        chosen.set_value([config.run_id]).run()
        assert not app.exception
        images, names = drawn[-1].images, drawn[-1].labels
        assert images.shape[0] == 2
        assert "|r| 1.00" in names[1]
        torch.testing.assert_close(images[0], images[1], atol=1e-3, rtol=0)


def test_a_sweep_says_how_many_of_its_values_are_drawn(runs: Path) -> None:
    """What moves most is asked of all values, also of those between the drawn ones."""
    app = open_page("traversals", view="factor sweep")
    assert "shape through its 3 values, the other" in captions(app)
    app.selectbox(key="factor-2dshapes").select("orientation").run()
    assert "orientation through its 40 values (20 of them shown), the other" in captions(app)
    run = load_run(runs / RunConfig(beta=1.0).run_id)
    dataset = load_dataset("2dshapes", "rendered")
    assert dataset.space is not None
    images = dataset.images(dataset.space.sweep(dataset.space.median(), 2))
    with torch.no_grad():
        mean, _ = run.vae.encode(to_float(images))
    moved = mean.max(0).values - mean.min(0).values
    latent = int(moved.argmax())
    assert f"most: z{latent} by {moved[latent]:.2f}" in captions(app)


def test_the_others_of_a_comparison_are_as_young_as_the_first(
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a run whose state after so many images is shown, others show theirs, if they kept it."""
    first, second = (RunConfig(beta=beta).run_id for beta in (1.0, 4.0))
    third = save_run(runs, RunConfig(beta=8.0), score=False).name
    for name in (first, second):
        for images in (0, RunConfig().images):
            save_snapshot(runs / name, load_run(runs / name).vae, images)
    drawn: list[Picture] = []
    monkeypatch.setattr(traversal_views, "show", lambda shown, *_: drawn.append(shown[0]))
    link = {f"after-{first}": "untrained", f"with-{first}": second}
    open_page("traversals", run=first, view="same latent in other models", **link)
    assert [label.split(":")[0] for label in drawn[-1].labels] == [
        "β = 1, 0 images",
        "β = 4, 0 images",
    ]
    assert "without a snapshot" not in drawn[-1].caption
    link[f"with-{first}"] = third
    open_page("traversals", run=first, view="same latent in other models", **link)
    assert drawn[-1].labels[1].startswith("β = 8: ")
    assert (
        "without a snapshot after as many images, shown at the end of training: 1"
        in drawn[-1].caption
    )


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
