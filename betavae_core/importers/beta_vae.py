"""State dicts of github.com/Mandelbrot99/BetaVAE, the code of Fil et al. (2021).

Its `model.pt` is the bare state dict: it overwrites the settings, which were written to the same
path, so β and the data are lost. There are three architectures: the MLP of Higgins et al. (2017)
for 64×64 grey images, the convolutional VAE of Burgess et al. (2018) for 32 or 64 pixels, and a
variant of it with a wider encoder for 64 pixels. All heads alternate mean and log-variance.

The names, the order of the layers and the head follow its source (commit 2554f34); in the decoder
for 64 pixels `convd4` comes before `convd3`.
"""

from .layouts import Shapes, Sizes, StateLayout, dim, square

PROJECT = "Mandelbrot99/BetaVAE"
HEAD = "mu_logvar_gen"


def _mlp_sizes(shapes: Shapes) -> Sizes | None:
    if "conve1.weight" in shapes or "conv1.weight" in shapes:
        return None
    return square(dim(shapes, "line1.weight", 1), dim(shapes, "lind1.weight", 1) or 1)


def _mlp_names(sizes: Sizes) -> dict[str, str | tuple[str, str]]:
    return {
        "encoder.1": "line1",
        "encoder.3": "line2",
        "encoder.5": HEAD,
        **{f"decoder.{2 * i}": f"lind{i + 1}" for i in range(4)},
    }


def _burgess_sizes(shapes: Shapes) -> Sizes | None:
    channels, latents = dim(shapes, "conve1.weight", 1), dim(shapes, "lind1.weight", 1)
    side = 64 if "conve4.weight" in shapes else 32
    return Sizes(channels, side, latents) if channels and latents else None


def _burgess_names(sizes: Sizes) -> dict[str, str | tuple[str, str]]:
    large = sizes.side == 64
    encoder = ["conve1", "conve2", "conve3"] + ["conve4"] * large
    decoder = ["convd1", "convd2"] + ["convd4"] * large + ["convd3"]
    flat = 2 * len(encoder) + 1  # after the Flatten
    return {
        **{f"encoder.{2 * i}": name for i, name in enumerate(encoder)},
        **{f"encoder.{flat + 2 * i}": name for i, name in enumerate(("line1", "line2", HEAD))},
        **{f"decoder.{2 * i}": f"lind{i + 1}" for i in range(3)},
        **{f"decoder.{7 + 2 * i}": name for i, name in enumerate(decoder)},
    }


def _wide_sizes(shapes: Shapes) -> Sizes | None:
    channels, latents = dim(shapes, "conv1.weight", 1), dim(shapes, "lind1.weight", 1)
    return Sizes(channels, 64, latents) if channels and latents else None


def _wide_names(sizes: Sizes) -> dict[str, str | tuple[str, str]]:
    encoder, decoder = ("conv1", "conv2", "conv3", "conv_64"), ("convT_64", "convT1", "convT2")
    return {
        **{f"encoder.{2 * i}": name for i, name in enumerate(encoder)},
        "encoder.9": "line1",
        "encoder.11": HEAD,
        **{f"decoder.{2 * i}": f"lind{i + 1}" for i in range(3)},
        **{f"decoder.{7 + 2 * i}": name for i, name in enumerate((*decoder, "convT3"))},
    }


def _wide_layers(sizes: Sizes) -> str:
    return (
        "conv 32 4 2 1, relu, conv 32 4 2 1, relu, conv 64 4 2 1, relu, conv 64 4 2 1, relu, "
        f"flatten, linear 256, relu, linear {2 * sizes.latents} -> "
        "linear 256, relu, linear 256, relu, linear 512, relu, unflatten 32 4 4, "
        "upconv 32 4 2 1, relu, upconv 32 4 2 1, relu, upconv 32 4 2 1, relu, "
        f"upconv {sizes.channels} 4 2 1"
    )


HIGGINS = StateLayout(
    PROJECT, "mlp", _mlp_sizes, _mlp_names, variant="BetaVAEHiggins", interleaved=HEAD
)
BURGESS = StateLayout(
    PROJECT, "conv", _burgess_sizes, _burgess_names, variant="BetaVAEBurgess", interleaved=HEAD
)
WIDE = StateLayout(
    PROJECT,
    "layers",
    _wide_sizes,
    _wide_names,
    _wide_layers,
    variant="BetaVAEConv",
    interleaved=HEAD,
)
