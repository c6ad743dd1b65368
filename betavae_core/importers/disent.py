"""State dicts of the VAEs of github.com/nmichlo/disent: EncoderConv64 with DecoderConv64, and
EncoderFC with DecoderFC, in an `AutoEncoder` (names `_encoder.model.0.weight`, …).

Checked against disent 0.8.0: the head gives all means first, the decoder gives logits.
"""

from .layouts import Shapes, Sizes, StateLayout, dim, square
from .own import MLP_LAYERS

PROJECT = "nmichlo/disent"
CONV_LAYERS = [f"encoder.{i}" for i in (0, 2, 4, 6, 9, 11)]
CONV_LAYERS += [f"decoder.{i}" for i in (0, 2, 5, 7, 9, 11)]


def _names(layers: list[str]) -> dict[str, str | tuple[str, str]]:
    """`encoder.0` → `_encoder.model.0`: their sequences have the same positions as ours."""
    return {our: "_{}.model.{}".format(*our.split(".")) for our in layers}


def _conv_sizes(shapes: Shapes) -> Sizes | None:
    channels = dim(shapes, "_encoder.model.0.weight", 1)
    latents = dim(shapes, "_decoder.model.0.weight", 1)
    return Sizes(channels, 64, latents) if channels and latents else None


def _fc_sizes(shapes: Shapes) -> Sizes | None:
    latents = dim(shapes, "_decoder.model.0.weight", 1)
    return square(dim(shapes, "_encoder.model.1.weight", 1), latents or 1)


def _conv_layers(sizes: Sizes) -> str:
    return (
        "conv 32 4 2 2, relu, conv 32 4 2 2, relu, conv 64 4 2 2, relu, conv 64 4 2 2, relu, "
        f"flatten, linear 256, relu, linear {2 * sizes.latents} -> "
        "linear 256, relu, linear 1024, relu, unflatten 64 4 4, upconv 64 4 2 1, relu, "
        f"upconv 32 4 2 1, relu, upconv 32 4 2 1, relu, upconv {sizes.channels} 4 2 1"
    )


CONV = StateLayout(
    PROJECT,
    "layers",
    _conv_sizes,
    lambda sizes: _names(CONV_LAYERS),
    _conv_layers,
    variant="EncoderConv64, DecoderConv64",
)
FC = StateLayout(
    PROJECT,
    "mlp",
    _fc_sizes,
    lambda sizes: _names(MLP_LAYERS),
    variant="EncoderFC, DecoderFC",
)
