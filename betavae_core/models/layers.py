"""A VAE from a short text: architectures of other projects, one phrase per layer.

``conv 32 4 2 1, relu, flatten, linear 20 -> linear 512, relu, unflatten 32 4 4, upconv 1 4 2 1``
describes an encoder and, after the arrow, a decoder. The sizes of inputs follow from the image
shape and the number of latents; the encoder ends in 2 · latents values (all means, then all
log-variances), the decoder in logits of the image's shape.

The layers: ``conv OUT KERNEL STRIDE PADDING``, ``upconv`` the same for a transposed convolution,
``linear OUT``, ``unflatten C H W``, ``flatten``, ``relu``, ``leaky N`` (a ReLU with slope N / 1,000
below 0), ``tanh``, ``sigmoid``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from ..errors import InputError, Refusal, printable, wrong_value
from .vae import VAE

# limits, since anyone may write such a text, and a short one can describe a huge model
MAX_LAYERS = 64  # of encoder or decoder
MAX_PARAMETERS = 50_000_000  # of the whole model: 200 MB of float32
MAX_SIDE = 256  # pixels
MAX_LATENTS = 1_000
MAX_VALUES = 1_000_000  # values of one image at any layer: 16 channels of 256×256
MAX_MULTIPLY_ADDS = 500_000_000  # per image through both halves; our conv model: 15 million

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One layer with its numbers and its effect on the input; counted before it is built."""

    word: str
    inputs: Shape
    outputs: Shape
    parameters: int
    positions: int  # positions at which its weights are used
    build: Callable[[], nn.Module]


@dataclass(frozen=True)
class Cost:
    """The cost of one image in a model's encoder and decoder."""

    parameters: int
    values: int  # of the largest layer
    multiply_adds: int


def cost(shape: tuple[int, int, int], latents: int, text: str) -> Cost:
    """The cost of one image in the model that `text` describes, from the text alone; raises
    `InputError` as `layers_vae` does."""
    layers = [layer for half in _halves(shape, latents, text) for layer in half]
    return _cost(layers)


def _cost(layers: list[Layer]) -> Cost:
    return Cost(
        sum(layer.parameters for layer in layers),
        max(max(math.prod(layer.inputs), math.prod(layer.outputs)) for layer in layers),
        sum(layer.parameters * layer.positions for layer in layers),
    )


def layers_vae(shape: tuple[int, int, int], latents: int, text: str = "") -> VAE:
    """The VAE that `text` describes, for images (C, H, W) = `shape`, freshly initialised.

    Raises `InputError` for an unknown layer, numbers that do not fit, sizes that do not match the
    image or the latents, and anything beyond the limits above; all of this is checked before
    anything is allocated.
    """
    encoder, decoder = _halves(shape, latents, text)
    return VAE(
        nn.Sequential(*(layer.build() for layer in encoder)),
        nn.Sequential(*(layer.build() for layer in decoder)),
        latents,
        shape,
    )


def _halves(shape: tuple[int, int, int], latents: int, text: str) -> tuple[list[Layer], ...]:
    """The layers of encoder and decoder, if they fit the images and are within the limits."""
    if max(shape[1:]) > MAX_SIDE or latents > MAX_LATENTS:
        raise InputError(
            f"Images of {_sizes(shape)} with {latents:,} latents are too large for such a model: "
            f"at most {MAX_SIDE} pixels a side and {MAX_LATENTS:,} latents are allowed.",
            Refusal.VALUE,
            name="images",
            got=[*shape],
            latents=latents,
        )
    halves = text.split("->")
    if len(halves) != 2:
        raise InputError(
            'The layers of a model need an encoder, "->" and a decoder, as in "flatten, linear 20 '
            '-> linear 4096, unflatten 1 64 64".',
            Refusal.VALUE,
            name="layers",
            expected="an encoder, -> and a decoder",
        )
    encoder = _walk(halves[0], shape, "encoder")
    decoder = _walk(halves[1], (latents,), "decoder")
    for layers, name, wanted in ((encoder, "encoder", (2 * latents,)), (decoder, "decoder", shape)):
        if layers[-1].outputs != tuple(wanted):
            raise InputError(
                f"The {name} of these layers ends in {_sizes(layers[-1].outputs)} values, expected "
                f"{_sizes(wanted)} for {latents} latents and images {_sizes(shape)}.",
                Refusal.VALUE,
                name=name,
                expected=[*wanted],
                got=[*layers[-1].outputs],
            )
    found = _cost(encoder + decoder)
    if found.parameters > MAX_PARAMETERS or found.multiply_adds > MAX_MULTIPLY_ADDS:
        raise InputError(
            f"These layers have {found.parameters:,} parameters and take {found.multiply_adds:,} "
            f"multiplications an image; at most {MAX_PARAMETERS:,} and {MAX_MULTIPLY_ADDS:,} are "
            "allowed.",
            Refusal.VALUE,
            name="layers",
            parameters=found.parameters,
            multiplications=found.multiply_adds,
        )
    return encoder, decoder


def _walk(text: str, shape: Shape, name: str) -> list[Layer]:
    """The layers of one half with all their sizes, in order."""
    words = text.split(",")
    if len(words) > MAX_LAYERS:
        raise InputError(
            f"The {name} has {len(words)} layers; at most {MAX_LAYERS} are allowed.",
            Refusal.VALUE,
            name=name,
            expected=f"at most {MAX_LAYERS} layers",
            got=len(words),
        )
    layers: list[Layer] = []
    for phrase in words:
        layer = _layer(phrase, shape, name)
        if min(layer.outputs) < 1 or math.prod(layer.outputs) > MAX_VALUES:
            raise InputError(
                f'The {name}\'s layer "{phrase.strip()[:60]}" makes {_sizes(layer.outputs)} values '
                f"of {_sizes(shape)}; it must be at least 1 and at most {MAX_VALUES:,} in all.",
                Refusal.VALUE,
                name=name,
                expected=f"at most {MAX_VALUES} values",
                got=[*layer.outputs],
            )
        layers.append(layer)
        shape = layer.outputs
    return layers


def _layer(phrase: str, shape: Shape, name: str) -> Layer:
    """One layer on an input of `shape`."""
    word, *rest = phrase.split() or [""]
    where = f'"{" ".join(phrase.split())[:60]}" of the {name}'
    if word not in WORDS:
        raise InputError(
            f"{where} is not a known layer; the known ones are: {', '.join(WORDS)}.",
            Refusal.UNKNOWN_NAME,
            what="layer",
            name=printable(word, 60),
            choices=[*WORDS],
        )
    count, dimensions, make = WORDS[word]
    if len(rest) != count or not all(_whole(number) for number in rest):
        raise InputError(
            f"{where} needs {count} whole numbers of at most 9 digits after {word}.",
            Refusal.VALUE,
            name=word,
            expected=f"{count} whole numbers",
        )
    if dimensions and len(shape) != dimensions:
        raise InputError(
            f"{where} cannot take an input of {_sizes(shape)}.",
            Refusal.VALUE,
            name=word,
            got=[*shape],
        )
    outputs, parameters, build = make(shape, *(int(number) for number in rest))
    places = shape if word == "upconv" else outputs  # upconv multiplies at each input position
    return Layer(word, shape, outputs, parameters, math.prod(places[1:]), build)


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _sizes(shape: Shape) -> str:
    return "×".join(f"{size}" for size in shape)


Made = tuple[Shape, int, Callable[[], nn.Module]]


def _linear(shape: Shape, out: int) -> Made:
    return (out,), (shape[0] + 1) * out, lambda: nn.Linear(shape[0], out)


def _convolution(transposed: bool) -> Callable[..., Made]:
    def make(shape: Shape, out: int, kernel: int, stride: int, padding: int) -> Made:
        channels, *sides = shape
        kind = nn.ConvTranspose2d if transposed else nn.Conv2d
        if min(out, kernel, stride) < 1 or padding >= kernel:
            raise InputError(
                f"A convolution needs channels, kernel and stride of at least 1 and padding below "
                f"the kernel, got {out} {kernel} {stride} {padding}.",
                Refusal.VALUE,
                name="convolution",
                got=[out, kernel, stride, padding],
            )
        if transposed:
            made = [(side - 1) * stride - 2 * padding + kernel for side in sides]
        else:
            made = [(side + 2 * padding - kernel) // stride + 1 for side in sides]
        weights = channels * out * kernel**2 + out
        return (out, *made), weights, lambda: kind(channels, out, kernel, stride, padding)

    return make


def _unflatten(shape: Shape, *sizes: int) -> Made:
    if math.prod(sizes) != shape[0]:
        raise InputError(
            f"{shape[0]} values cannot be unflattened to {_sizes(sizes)}.",
            Refusal.VALUE,
            name="unflatten",
            expected=shape[0],
            got=[*sizes],
        )
    return sizes, 0, lambda: nn.Unflatten(1, sizes)


def _same(kind: Callable[[], nn.Module]) -> Callable[..., Made]:
    return lambda shape: (shape, 0, kind)


def _leaky(shape: Shape, thousandths: int) -> Made:
    if not 1 <= thousandths <= 1000:
        raise wrong_value("A leaky ReLU's slope", "1 to 1000 thousandths", thousandths)
    return shape, 0, lambda: nn.LeakyReLU(thousandths / 1000)


# word → count of its numbers, dimensions of its input (0: any), function that makes it
WORDS: dict[str, tuple[int, int, Callable[..., Made]]] = {
    "conv": (4, 3, _convolution(transposed=False)),
    "upconv": (4, 3, _convolution(transposed=True)),
    "linear": (1, 1, _linear),
    "flatten": (0, 0, lambda shape: ((math.prod(shape),), 0, nn.Flatten)),
    "unflatten": (3, 1, _unflatten),
    "relu": (0, 0, _same(nn.ReLU)),
    "leaky": (1, 0, _leaky),
    "tanh": (0, 0, _same(nn.Tanh)),
    "sigmoid": (0, 0, _same(nn.Sigmoid)),
}
