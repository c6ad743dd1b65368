"""Layouts of state dicts: which names a project gives its tensors, and which of ours they are.

A layout says what cannot be read off a file: the architecture and the order of mean and
log-variance. Image size, channels and latents are read off the shapes. From these the names and
shapes that a whole checkpoint has are derived by building our model without memory, so a file
either fits exactly or the first tensor that differs is named.
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
    """A checkpoint that opened: its model is in eval mode, float32, without gradients."""

    layout: str  # key of IMPORTERS
    config: RunConfig  # beta None where the file does not state it: it is never guessed
    model: VAE
    notes: list[str] = field(default_factory=list)  # what was found out, sentences for people
    facts: dict[str, Any] = field(default_factory=dict)  # JSON-able, for the card
    history: list[dict[str, Any]] = field(default_factory=list)  # of a run of ours
    scores: list[dict[str, Any]] = field(default_factory=list)  # measured on these weights
    images: int | None = None  # that the weights have seen, where that is not config.images


@dataclass(frozen=True)
class Sizes:
    """What the shapes of the tensors tell."""

    channels: int
    side: int  # pixels
    latents: int

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.channels, self.side, self.side

    @property
    def pixels(self) -> int:
        return self.channels * self.side**2


USUAL = Sizes(1, 64, 10)  # of layouts whose telling tensors are not in the file


@dataclass(frozen=True)
class StateLayout:
    """One project's names for the tensors of one architecture.

    sizes: the sizes that the shapes suggest, None where the tensors that tell are not there.
    names: our layer ("encoder.0") → theirs; a pair where mean and log-variance are two layers.
    """

    project: str  # for people
    model: str  # key of MODELS
    sizes: Callable[[Shapes], Sizes | None]
    names: Callable[[Sizes], dict[str, str | tuple[str, str]]]
    layers: Callable[[Sizes], str] = lambda sizes: ""  # of the model "layers"
    interleaved: str = ""  # their layer that gives (μ₀, log σ²₀, μ₁, …); ours all means first


def dim(shapes: Shapes, name: str, axis: int) -> int:
    """The size of one axis of a tensor; 0 where there is no such tensor or axis."""
    shape = shapes.get(name, ())
    return shape[axis] if axis < len(shape) else 0


def square(values: int, latents: int) -> Sizes | None:
    """The sizes of square images of so many values: grey s · s or RGB 3 · s · s."""
    for channels in (1, 3):
        side = isqrt(max(values, 0) // channels)
        if side and channels * side**2 == values:
            return Sizes(channels, side, latents)
    return None


def shapes_of(tensors: Mapping[str, torch.Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def config_of(layout: StateLayout, sizes: Sizes, **settings: Any) -> RunConfig:
    """A config of these sizes in which nothing is stated but what `settings` say."""
    unstated = {"dataset": "unknown", "source": "official", "beta": None, "images": 0}
    return RunConfig(
        **unstated
        | {"origin": layout.project}
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
    """The config, if its model is one that a lab needs: counted before it is built; `name` stands
    for the file in sentences."""
    sizes = f"images of {'×'.join(map(str, config.shape))} and {config.latents:,} latents"
    if config.image_size is None or config.image_size > MAX_SIDE or config.latents > MAX_LATENTS:
        raise InputError(
            f"{name} describes {sizes}; at most {MAX_SIDE} pixels a side and {MAX_LATENTS:,} "
            "latents are read.",
            Refusal.TOO_LARGE,
        )
    with torch.device("meta"):
        model = build_model(config)
    if isinstance(model, torch.nn.Module):
        count = sum(parameter.numel() for parameter in model.parameters())
        if count > MAX_PARAMETERS:
            raise InputError(
                f"{name} describes a model of {count:,} parameters for {sizes}; at most "
                f"{MAX_PARAMETERS:,} are read.",
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
    """The names of the tensors that a checkpoint of this layout has, of the sizes that the shapes
    suggest, else of the usual ones."""
    theirs = layout.names(layout.sizes(shapes) or USUAL).values()
    layers = [name for each in theirs for name in ((each,) if isinstance(each, str) else each)]
    return {f"{name}.{part}" for name in layers for part in ("weight", "bias")}


def fits_by_name(
    layout: StateLayout, shapes: Shapes, counters: Collection[str] = ()
) -> list[str] | None:
    """Where every tensor of the layout is there by its name, and no other that could be one of its
    layers: what lies beside them, the counters included. None where it is not. Shapes are for
    `open_state` to judge."""
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
    """Whether a tensor that the layout does not have may be one of the model's layers all the same:
    under one of its modules, or called like one but for numbers ("encoder2", "conv5"). Where the
    layers are not under modules, everything at their level may be one."""
    first = name.partition(".")[0]
    if _stem(first) in {_stem(each.partition(".")[0]) for each in wanted}:
        return True
    return name.count(".") == 1 and any(each.count(".") == 1 for each in wanted)


def _stem(word: str) -> str:
    return "".join(character for character in word.lower() if character.isalpha())


@dataclass(frozen=True)
class Difference:
    """Where a file's tensors first differ from a layout's: as the rest of a sentence, and which
    kind of refusal that is."""

    says: str
    kind: Refusal


def difference(shapes: Shapes, wanted: Shapes) -> Difference | None:
    """The first tensor that is missing, else of another shape (which the missing ones may have told
    wrongly), else too many."""
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
    """The model with the file's tensors in it; raises `InputError` naming the first that does not
    fit. `label`: the file, for sentences."""
    wanted = expected(layout, sizes)
    if differs := difference(shapes_of(file.tensors), wanted):
        raise InputError(
            f"{label} {differs.says} in the layout of {layout.project} for images of "
            f"{'×'.join(map(str, sizes.shape))} and {sizes.latents} latents.",
            differs.kind,
            project=layout.project,
        )
    model = build_vae(modest(config, label))
    model.load_state_dict(_translated(layout, file.tensors, sizes))
    model.eval().requires_grad_(False)
    kind = {1: "grey", 3: "RGB"}[sizes.channels]
    notes = [
        f"The tensors have the names of {layout.project}.",
        f"{sizes.side}×{sizes.side} {kind} and {sizes.latents} latents, from the shapes.",
        *(
            ["The head's mean and log-variance alternate; they were put apart."]
            * bool(layout.interleaved)
        ),
        *file.notes,
    ]
    facts = {"project": layout.project, "model": config.model, **file.facts}
    return Imported(key, config, model, notes, facts)


def open_bare(key: str, layout: StateLayout, file: TensorFile, label: str, origin: str) -> Imported:
    """A state dict alone, without anything beside it that states how it was trained; `origin`
    becomes part of the run's, `label` stands in sentences."""
    sizes = layout.sizes(shapes_of(file.tensors))
    assert sizes is not None, "recognised before"
    config = config_of(layout, sizes, origin=f"{layout.project}, {origin}")
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
