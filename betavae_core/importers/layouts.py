"""Layouts of state dicts: the names that a project gives its tensors, and our names for them.

A layout states the two facts that a file does not show: the architecture and the order of mean and
log-variance. Image size, channels and latents are read off the shapes. The names and shapes of a
complete checkpoint are then derived by building our model without memory, so a file either fits
exactly or the first tensor that differs is named.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isqrt
from typing import Any

import torch

from ..config import RunConfig
from ..errors import InputError, Refusal
from ..models import VAE, build_model, build_vae
from ..models.layers import MAX_LATENTS, MAX_PARAMETERS, MAX_SIDE
from .names import shown
from .tensors import TensorFile

Shapes = Mapping[str, tuple[int, ...]]
NOTHING_STATED = "The file does not state β, the training data or the length of the training."


@dataclass(frozen=True)
class Imported:
    """An opened checkpoint: its model is in eval mode, float32, without gradients."""

    layout: str  # key of IMPORTERS
    config: RunConfig  # beta is None if the file does not state it: it is never guessed
    model: VAE
    notes: list[str] = field(default_factory=list)  # findings about the file, sentences for people
    facts: dict[str, Any] = field(default_factory=dict)  # JSON-able, for the card
    history: list[dict[str, Any]] = field(default_factory=list)  # of a run of ours
    scores: list[dict[str, Any]] = field(default_factory=list)  # measured on these weights
    images: int | None = None  # images seen by the weights, if that is not config.images


@dataclass(frozen=True)
class Sizes:
    """The sizes that follow from the shapes of the tensors."""

    channels: int
    side: int  # pixels
    latents: int

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.channels, self.side, self.side

    @property
    def pixels(self) -> int:
        return self.channels * self.side**2


USUAL = Sizes(1, 64, 10)  # used if the tensors that show the sizes are not in the file


@dataclass(frozen=True)
class StateLayout:
    """One project's names for the tensors of one architecture.

    sizes: the sizes that the shapes suggest, None if the tensors that show them are missing.
    names: our layer ("encoder.0") → theirs; a pair if mean and log-variance are two layers.
    """

    project: str  # its name, for people
    model: str  # key of MODELS
    sizes: Callable[[Shapes], Sizes | None]
    names: Callable[[Sizes], dict[str, str | tuple[str, str]]]
    layers: Callable[[Sizes], str] = lambda sizes: ""  # of the model "layers"
    variant: str = ""  # which of the project's models, if it has several
    interleaved: str = ""  # their layer that gives (μ₀, log σ²₀, μ₁, …); ours all means first

    @property
    def title(self) -> str:
        """The project and the variant, for people."""
        return f"{self.project} ({self.variant})" if self.variant else self.project


def dim(shapes: Shapes, name: str, axis: int) -> int:
    """The size of one axis of a tensor; 0 if there is no such tensor or axis."""
    shape = shapes.get(name, ())
    return shape[axis] if axis < len(shape) else 0


def square(values: int, latents: int) -> Sizes | None:
    """The sizes of square images with this number of values: grey s · s or RGB 3 · s · s."""
    for channels in (1, 3):
        side = isqrt(max(values, 0) // channels)
        if side and channels * side**2 == values:
            return Sizes(channels, side, latents)
    return None


def shapes_of(tensors: Mapping[str, torch.Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def config_of(layout: StateLayout, sizes: Sizes, **settings: Any) -> RunConfig:
    """A config of these sizes that states only the `settings`."""
    unstated = {"dataset": "unknown", "source": "official", "beta": None, "images": 0}
    return RunConfig(
        **unstated
        | {"origin": layout.title}
        | settings
        | {
            "model": layout.model,
            "latents": sizes.latents,
            "channels": sizes.channels,
            "image_size": sizes.side,
            "layers": layout.layers(sizes),
        }
    )


def modest(config: RunConfig, name: str) -> RunConfig:
    """The config, if its model is within the limits, which is checked before it is built; messages
    call the file `name`."""
    sizes = f"images of {'×'.join(map(str, config.shape))} and {config.latents:,} latents"
    if config.image_size is None or config.image_size > MAX_SIDE or config.latents > MAX_LATENTS:
        raise InputError(
            f"{name} describes {sizes}; at most {MAX_SIDE} pixels a side and {MAX_LATENTS:,} "
            "latents are supported.",
            Refusal.TOO_LARGE,
        )
    with torch.device("meta"):
        model = build_model(config)
    if isinstance(model, torch.nn.Module):
        count = sum(parameter.numel() for parameter in model.parameters())
        if count > MAX_PARAMETERS:
            raise InputError(
                f"{name} describes a model of {count:,} parameters for {sizes}; at most "
                f"{MAX_PARAMETERS:,} are supported.",
                Refusal.TOO_LARGE,
            )
    return config


@lru_cache(maxsize=64)
def expected(layout: StateLayout, sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """Every tensor that a checkpoint of this layout and these sizes has, with its shape."""
    with torch.device("meta"):  # shapes without memory
        ours = shapes_of(build_vae(config_of(layout, sizes)).state_dict())
    found: dict[str, tuple[int, ...]] = {}
    for our, theirs in layout.names(sizes).items():
        for part in ("weight", "bias"):
            first, *rest = ours[f"{our}.{part}"]
            if isinstance(theirs, tuple):
                found |= {f"{half}.{part}": (first // 2, *rest) for half in theirs}
            else:
                found[f"{theirs}.{part}"] = (first, *rest)
    return found


def names_of(layout: StateLayout, shapes: Shapes) -> set[str]:
    """The names of the tensors of a checkpoint of this layout, in the sizes that the shapes
    suggest, otherwise in the usual ones."""
    theirs = layout.names(layout.sizes(shapes) or USUAL).values()
    layers = [name for each in theirs for name in ((each,) if isinstance(each, str) else each)]
    return {f"{name}.{part}" for name in layers for part in ("weight", "bias")}


def fits_by_name(
    layout: StateLayout, shapes: Shapes, counters: Collection[str] = ()
) -> list[str] | None:
    """The other tensors of the file (counters included), if every name of the layout is present and
    no other tensor could be one of its layers; otherwise None. `open_state` checks the shapes."""
    sizes, wanted = layout.sizes(shapes), names_of(layout, shapes)
    if sizes is None or not wanted <= shapes.keys():
        return None
    beside = [name for name in shapes if name not in wanted]
    if any(may_be_its_own(name, wanted) for name in beside if name not in counters):
        return None
    try:
        return beside if expected(layout, sizes).keys() == wanted else None
    except InputError:  # sizes that no model of ours has
        return None


def may_be_its_own(name: str, wanted: Collection[str]) -> bool:
    """Whether a tensor that the layout does not have may still be one of the model's layers: it is
    under one of the layout's modules, or its name differs from one only in numbers ("encoder2",
    "conv5"). If the layers are not under modules, any tensor at their level may be one."""
    first = name.partition(".")[0]
    if _stem(first) in {_stem(each.partition(".")[0]) for each in wanted}:
        return True
    return name.count(".") == 1 and any(each.count(".") == 1 for each in wanted)


def _stem(word: str) -> str:
    return "".join(character for character in word.lower() if character.isalpha())


@dataclass(frozen=True)
class Difference:
    """The first difference between a file's tensors and a layout's: the rest of a sentence, and its
    kind of refusal."""

    says: str
    kind: Refusal


def difference(shapes: Shapes, wanted: Shapes) -> Difference | None:
    """The first missing tensor, otherwise the first of another shape (missing ones may have led to
    wrong sizes), otherwise the first superfluous one."""
    for name, shape in wanted.items():
        if name not in shapes:
            return Difference(f'lacks the tensor "{shown(name)}" {shape}', Refusal.LACKS)
    for name, shape in wanted.items():
        if shapes[name] != shape:
            return Difference(
                f'has tensor "{shown(name)}" of shape {shapes[name]}, expected {shape}',
                Refusal.SHAPE,
            )
    extra = next((name for name in shapes if name not in wanted), None)
    if extra is None:
        return None
    says = f'has the tensor "{shown(extra)}", which is not part of it'
    return Difference(says, Refusal.EXTRA)


def open_state(
    key: str, layout: StateLayout, file: TensorFile, sizes: Sizes, config: RunConfig, label: str
) -> Imported:
    """The model with the file's tensors as weights; raises `InputError` naming the first that does
    not fit. `label`: the file's name in messages."""
    wanted = expected(layout, sizes)
    if differs := difference(shapes_of(file.tensors), wanted):
        raise InputError(
            f"{label} {differs.says} in the layout of {layout.title} for images of "
            f"{'×'.join(map(str, sizes.shape))} and {sizes.latents} latents.",
            differs.kind,
            project=layout.title,
        )
    model = build_vae(modest(config, label))
    model.load_state_dict(_translated(layout, file.tensors, sizes))
    model.eval().requires_grad_(False)
    kind = {1: "grey", 3: "RGB"}[sizes.channels]
    notes = [
        f"The tensors have the names of {layout.title}.",
        f"{sizes.side}×{sizes.side} {kind} and {sizes.latents} latents, from the shapes.",
        *(
            ["The head's mean and log-variance alternate; they were separated."]
            * bool(layout.interleaved)
        ),
        *file.notes,
    ]
    facts = {"project": layout.title, "model": config.model, **file.facts}
    return Imported(key, config, model, notes, facts)


def open_bare(key: str, layout: StateLayout, file: TensorFile, label: str, origin: str) -> Imported:
    """A state dict alone, without any file that states how it was trained; `origin` becomes part of
    the run's origin, messages call the file `label`."""
    sizes = layout.sizes(shapes_of(file.tensors))
    assert sizes is not None, "recognised before"
    config = config_of(layout, sizes, origin=f"{layout.title}, {origin}")
    found = open_state(key, layout, file, sizes, config, label)
    found.notes.append(NOTHING_STATED)
    return found


def _translated(
    layout: StateLayout, theirs: Mapping[str, torch.Tensor], sizes: Sizes
) -> dict[str, torch.Tensor]:
    """Their tensors under our names, the head's means first."""
    ours: dict[str, torch.Tensor] = {}
    for our, name in layout.names(sizes).items():
        for part in ("weight", "bias"):
            if isinstance(name, tuple):
                tensor = torch.cat([theirs[f"{half}.{part}"] for half in name])
            else:
                tensor = theirs[f"{name}.{part}"]
                if name == layout.interleaved:
                    tensor = torch.cat([tensor[0::2], tensor[1::2]])
            ours[f"{our}.{part}"] = tensor
    return ours
