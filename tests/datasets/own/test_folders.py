"""What is decided from all pictures of a folder or zip, and what is said of it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from betavae_core.datasets import config_dataset, load_dataset
from betavae_core.datasets.base import Dataset
from tests.datasets.own.images import class_folder, picture, zipped
from tests.oracles import one_sentence, small_config

RAMP = np.tile(np.linspace(20, 200, 64).astype(np.uint8), (64, 1))


def folder(root: Path, **pictures: np.ndarray | Image.Image | bytes) -> Path:
    """a__png=…: a.png."""
    root.mkdir(parents=True, exist_ok=True)
    for name, each in pictures.items():
        path = root / name.replace("__", ".")
        if isinstance(each, bytes):
            path.write_bytes(each)
        else:
            (Image.fromarray(each) if isinstance(each, np.ndarray) else each).save(path)
    return root


def opened(root: Path, **pictures: np.ndarray | Image.Image | bytes) -> Dataset:
    return load_dataset("folder", root=folder(root, **pictures))


def test_one_in_colour_makes_all_of_them_colour(tmp_path: Path) -> None:
    grey, red = Image.new("L", (32, 32), 9), Image.new("RGB", (32, 32), (255, 0, 0))
    dataset = opened(tmp_path / "a", a__png=grey, b__png=red)
    assert dataset.shape == (3, 32, 32)
    assert dataset.images([0, 1])[:, :, 3, 3].tolist() == [[9, 9, 9], [255, 0, 0]]
    assert dataset.note == ""


def test_a_run_in_grey_says_that_colours_are_dropped(tmp_path: Path) -> None:
    """Such runs come from when the first picture decided."""
    root = folder(
        tmp_path / "mixed", a__png=Image.new("L", (32, 32), 9), b__png=Image.new("RGB", (32, 32))
    )
    config = small_config(dataset="mixed", source="own", channels=1, image_size=32)
    dataset = config_dataset(config, root)
    assert dataset.shape == (1, 32, 32)
    assert dataset.note == "in grey (pictures that have colours: 1)"


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ([16, 64, 64, 64], 64),
        ([500, 32, 32, 32], 32),
        ([32, 64], 64),
        ([48, 48], 32),
        ([49, 49], 64),
    ],
)
def test_the_size_is_that_of_most_pictures(sides: list[int], expected: int, tmp_path: Path) -> None:
    root = tmp_path / "sizes"
    for number, side in enumerate(sides):
        picture(root / f"{number}.png", 99, (side + 40, side))
    assert load_dataset("folder", root=root).shape == (3, expected, expected)


@pytest.mark.parametrize(
    ("dtype", "white"),
    [(dtype, white) for dtype in ("uint16", "int32", "float32") for white in (255, 65_535)]
    + [("float32", 1)],
)
def test_deep_pictures_keep_their_values(dtype: str, white: int, tmp_path: Path) -> None:
    """And a dark one beside a bright one stays dark."""
    bright, dark = (values / 255 * white for values in (RAMP, RAMP // 10))
    kind = "png" if dtype == "uint16" else "tif"
    dataset = opened(
        tmp_path / "deep",
        **{f"a__{kind}": dark.round(5).astype(dtype), f"b__{kind}": bright.astype(dtype)},
        c__png=RAMP,
    )
    assert dataset.shape == (1, 64, 64)
    images = dataset.images([0, 1, 2])[:, 0].numpy().astype(int)
    assert np.abs(images - [RAMP // 10, RAMP, RAMP]).max() <= 1
    assert f"{white:,} is white, the largest value" in dataset.note


def test_what_has_no_scale_is_left_out_and_said(tmp_path: Path) -> None:
    unit = (RAMP / 255).astype(np.float32)
    nan = unit.copy()
    nan[3, 3] = np.nan
    dataset = opened(
        tmp_path / "floats",
        good__tif=unit,
        hdr__tif=unit * 3,
        nan__tif=nan,
        tanh__tif=unit * 2 - 1,
        wide__tif=(RAMP.astype(np.int32) * 1000),
    )
    assert dataset.skipped == ("hdr.tif", "nan.tif", "tanh.tif", "wide.tif")
    assert np.abs(dataset.images([0])[0, 0].numpy().astype(int) - RAMP).max() == 0
    said = dataset.left_out()
    assert "hdr.tif (values from 0.235294 to 2.35294, expected 0 to 1, 0 to 255" in said
    assert "nan.tif (NaN or infinite values)" in said
    assert "tanh.tif (values from -0.84" in said
    assert "wide.tif (values from 20,000 to 200,000, expected 0 to 255 or 0 to 65,535)" in said
    with one_sentence("2 pictures", "hdr.tif: values", "nan.tif: NaN"):
        opened(tmp_path / "none", hdr__tif=unit * 3, nan__tif=nan)


def test_kinds_that_are_not_read_are_named(tmp_path: Path) -> None:
    unread = {f"{n}__{e}": b"x" for n, e in enumerate(["heic", "jxl", "svg", "CR2", "avif", "jp2"])}
    root = folder(tmp_path / "many", good__png=RAMP, notes__txt=b"no picture", **unread)
    for place in (root, zipped(root, tmp_path / "many.zip")):
        dataset = load_dataset("folder", root=place)
        assert len(dataset) == 1
        assert dataset.skipped == ("0.heic", "1.jxl", "2.svg", "3.CR2", "4.avif", "5.jp2")
        assert len(dataset.reasons) == 6
        assert dataset.left_out().startswith("6 images were left out: 0.heic (")
        assert "0.heic (an unsupported format" in dataset.left_out()
        assert "4.avif (damaged" in dataset.left_out()
        assert "1.jxl (an unsupported format: save it as PNG or JPEG)" in dataset.left_out()
        assert dataset.left_out().endswith("; …")
    with one_sentence("a.svg", "save it as PNG"):
        opened(tmp_path / "svg", a__svg=b"<svg/>")


def test_links_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    root = folder(tmp_path / "many", good__png=RAMP, notes__txt=b"no picture")
    (root / "x.png").symlink_to(tmp_path / "gone.png")
    (root / "circle.jpg").symlink_to(root / "circle.jpg")
    (root / "also good.png").symlink_to(root / "good.png")
    (root / "notes").symlink_to(tmp_path / "gone.txt")
    dataset = load_dataset("folder", root=root)
    assert len(dataset) == 2
    assert dataset.skipped == ("circle.jpg", "x.png")
    assert "x.png (a link to a missing file)" in dataset.left_out()


def test_splits_within_classes_are_told(tmp_path: Path) -> None:
    root = tmp_path / "animals"
    for animal in ("cats", "dogs"):
        for split in ("train", "test", "val"):
            (root / animal / split).mkdir(parents=True)
            Image.fromarray(RAMP).save(root / animal / split / "1.png")
    dataset = load_dataset("folder", root=root)
    assert len(dataset) == 2
    assert "only the training pictures (others, not used: 4)" in dataset.note
    assert list(dataset.classes) == ["cats", "dogs"]


def test_few_bright_pictures_among_dark_ones_are_named(tmp_path: Path) -> None:
    unit = (RAMP / 255).astype(np.float32)
    dataset = opened(tmp_path, **{f"{n}__tif": unit for n in "abc"}, d__tif=unit * 25)
    assert "255 is white, the largest value" in dataset.note
    assert "1 of 4 reach above 1, which would be white without them, such as d.tif" in dataset.note


def test_avif_and_jpeg_2000_are_read(tmp_path: Path) -> None:
    blue = Image.new("RGB", (32, 32), (0, 0, 255))
    dataset = opened(tmp_path / "new", a__avif=blue, b__jp2=blue, c__jfif=blue)
    assert dataset.skipped == ()
    assert (dataset.images([0, 1, 2])[:, 2] > 245).all()


def test_an_ending_that_is_wrong_is_no_obstacle(tmp_path: Path) -> None:
    """As in every viewer, which goes by the contents."""
    Image.fromarray(RAMP).save(tmp_path / "a.png")
    dataset = opened(tmp_path / "odd", a__heic=(tmp_path / "a.png").read_bytes())
    assert dataset.images([0])[0, 0].tolist() == RAMP.tolist()


def test_a_new_plugin_of_pillow_is_given_its_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder(tmp_path / "photos", a__png=RAMP, b__heic=b"x")
    before = load_dataset("folder", root=root)
    monkeypatch.setitem(Image.EXTENSION, ".heic", "HEIF")
    after = load_dataset("folder", root=root)
    assert after.key != before.key
    assert "damaged" in after.left_out()


def test_files_of_several_pictures_are_said(tmp_path: Path) -> None:
    root = folder(tmp_path / "films", a__png=RAMP)
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    frames[0].save(root / "b.gif", save_all=True, append_images=frames[1:])
    dataset = load_dataset("folder", root=root)
    assert dataset.note == "the first picture of each file (files with several: 1)"
    assert dataset.images([1])[0, :, 9, 9].tolist() == [255, 0, 0]


def test_pictures_left_aside_as_tests_are_said(tmp_path: Path) -> None:
    root = class_folder(tmp_path / "set" / "Train").parent
    picture(root / "Test" / "x.png", 255)
    dataset = load_dataset("folder", root=root)
    assert (len(dataset), dataset.note) == (6, "only the training pictures (others, not used: 1)")
    assert dataset.classes == ("class0", "class1")


def test_cifar_as_a_folder_whose_split_has_a_capital(tmp_path: Path) -> None:
    class_folder(tmp_path / "mine" / "Train")
    picture(tmp_path / "mine" / "Test" / "x.png", 255)
    dataset = load_dataset("cifar10", "official", tmp_path / "mine")
    assert (len(dataset), dataset.note) == (6, "6 of 50,000 training images")


def test_names_that_are_no_text(tmp_path: Path) -> None:
    root = folder(tmp_path / "odd", a__png=RAMP)
    odd = bytes(root / "caf") + b"\xe9.png"
    with open(odd, "wb") as file:
        file.write(b"damaged")
    assert load_dataset("folder", root=root).skipped == ("caf\ufffd.png",)


# ---- which images these are


def test_the_mark_is_of_the_images_and_not_of_their_files(tmp_path: Path) -> None:
    root = class_folder(tmp_path / "photos")
    before = load_dataset("folder", root=root)
    for path in root.rglob("*.png"):
        path.touch()
    touched = load_dataset("folder", root=root)
    assert touched.key != before.key
    assert touched.mark() == before.mark()
    assert load_dataset("folder", root=zipped(root, tmp_path / "z.zip")).mark() == before.mark()
    (root / "class0" / "broken.png").write_bytes(b"")  # left out: the images are the same
    assert load_dataset("folder", root=root).mark() == before.mark()
    picture(root / "class0" / "0.png", 1)
    changed = load_dataset("folder", root=root)
    assert len(changed) == len(before)
    assert changed.mark() != before.mark()
    assert load_dataset("folder", root=root, size=64).mark() != changed.mark()
