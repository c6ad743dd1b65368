"""Which of the tensors in a file are the model: those whose names are a layout's.

What training loops save is a tree, of dictionaries in dictionaries ({"model": {…}, "epoch": 3}) and
of dots in names ("module.encoder.0.weight"), and both mean the same. So all tensors are named by
their path in it, and the model is the branch in which the rest of the names is exactly that of a
layout, wherever it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from ..errors import InputError, Refusal
from .layouts import StateLayout, fits_by_name, names_of, shapes_of
from .names import shown
from .tensors import MAX_TENSORS, TensorFile, floats, no_tensors, read_saved, too_many

MAX_NAME = 1_000  # characters of a path
MAX_BRANCH = 12  # parts of a path that may stand before a layout's names
MOST = 200  # branches that are compared with every layout, where none fits
WRAPPERS = {"module", "_orig_mod", "_forward_module", "_fsdp_wrapped_module"}  # inside of names
PROGRESS = ("epoch", "global_step", "step", "iteration")  # of a training, told as they are

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Tree:
    """All tensors of a file by their path, and the dictionaries that they were in."""

    tensors: Tensors
    entries: dict[str, int] = field(default_factory=dict)  # path of a dictionary → values in it
    plain: dict[str, int] = field(default_factory=dict)  # of these, values that are no tensors

    def entry_of(self, branch: str) -> str:
        """The dictionary in which a branch lies: the longest path of one that leads there."""
        found = [e for e in self.entries if e == branch or branch.startswith(f"{e}.")]
        return max(found, key=len, default="")


@dataclass(frozen=True)
class Branch:
    """Tensors under one path, by the rest of their names."""

    path: str
    tensors: Tensors
    layout: str = ""  # whose names these are
    counters: list[str] = field(default_factory=list)  # that stand beside them

    def same(self, other: "Branch") -> bool:
        """Whether these are the same numbers under another path."""
        mine, theirs = self.tensors, other.tensors
        return mine.keys() == theirs.keys() and all(_equal(mine[n], theirs[n]) for n in mine)


def read_weights(
    path: Path, name: str, layouts: Mapping[str, StateLayout], entry: str = ""
) -> TensorFile:
    """The tensors of the model in a file, called `name` in sentences; `entry` says which, where
    several fit. Of a file without any that fits, those that come nearest to one.

    Raises `InputError`: as `read_saved` and `floats` do, where there are no tensors, and where
    several different sets fit."""
    saved = read_saved(path, name)
    tree = tree_of(saved.value, name)
    found, notes = _chosen(tree, name, layouts, entry)
    facts = dict(saved.facts)
    if isinstance(saved.value, dict):
        facts |= {k: saved.value[k] for k in PROGRESS if type(saved.value.get(k)) is int}
    notes += _notes(tree, found)
    tensors = found.tensors
    if found.layout:
        weights = {key: each for key, each in tensors.items() if key not in found.counters}
        tensors = floats(weights, name, notes, facts)
    return TensorFile(tensors, notes, facts, found.layout)


def tree_of(value: Any, name: str) -> Tree:
    """The tensors under names that are texts; an optimiser's, under numbers, are no model's."""
    tree = Tree({})
    if isinstance(value, dict):
        _grow(tree, "", value, name)
    if not tree.tensors:
        raise no_tensors(name)
    if len(tree.tensors) > MAX_TENSORS:
        raise too_many(name, len(tree.tensors))
    return tree


def _grow(tree: Tree, path: str, values: dict[Any, Any], name: str) -> None:
    tree.entries[path] = len(values)
    if plain := sum(not isinstance(each, dict | torch.Tensor) for each in values.values()):
        tree.plain[path] = plain
    for key, value in values.items():
        if not isinstance(key, str) or not isinstance(value, dict | torch.Tensor):
            continue
        where = f"{path}.{key}" if path else key
        if len(where) > MAX_NAME:
            raise InputError(
                f"{name} has the entry {shown(where)} of {len(where):,} characters; names of at "
                f"most {MAX_NAME:,} are read.",
                Refusal.TOO_LARGE,
            )
        if where in tree.tensors or where in tree.entries:
            raise InputError(
                f'{name} has two entries named "{shown(where)}"; only one of them could be read.',
                Refusal.DAMAGED,
            )
        if isinstance(value, dict):
            _grow(tree, where, value, name)
        else:
            tree.tensors[where] = value


def branches(tensors: Tensors) -> dict[str, Branch]:
    """Every path that names begin with, "" among them, with what is under it."""
    found: dict[str, Tensors] = {}
    for name, tensor in tensors.items():
        path, rest = "", name
        found.setdefault(path, {})[rest] = tensor
        for _ in range(MAX_BRANCH):
            part, dot, rest = rest.partition(".")
            if not dot:
                break
            path = f"{path}.{part}" if path else part
            found.setdefault(path, {})[rest] = tensor
    return {path: Branch(path, inside) for path, inside in found.items()}


def fitting(branch: Branch, layouts: Mapping[str, StateLayout]) -> Branch | None:
    """The branch with the first layout whose names it has, and nothing else but counters."""
    counters = [name for name, tensor in branch.tensors.items() if _counts(tensor)]
    shapes = shapes_of(branch.tensors)
    for key, layout in layouts.items():
        spare = [name for name in counters if name not in names_of(layout, shapes)]
        if fits_by_name(layout, {n: shape for n, shape in shapes.items() if n not in spare}):
            return replace(branch, layout=key, counters=spare)
    return None


def _counts(tensor: torch.Tensor) -> bool:
    """Whether this can be a counter (of steps, of averaged models, …) and no weights."""
    return tensor.numel() == 1 and (tensor.ndim == 0 or not tensor.is_floating_point())


def _chosen(
    tree: Tree, name: str, layouts: Mapping[str, StateLayout], entry: str
) -> tuple[Branch, list[str]]:
    every = branches(tree.tensors)
    notes: list[str] = []
    fits = [found for each in every.values() if (found := fitting(each, layouts))]
    if not fits and (renamed := _unwrapped(tree.tensors)):
        inner = branches(renamed)
        if fits := [found for each in inner.values() if (found := fitting(each, layouts))]:
            notes = ["What wrappers of layers put into names was left out of them."]
    meant = [each for each in fits if f"{each.path}.".startswith(f"{entry}.")] if entry else fits
    if entry and not meant and entry not in every:
        raise _ambiguous(name, f'has no entry "{shown(entry)}" with tensors in it', fits)
    if meant and all(each.same(meant[0]) for each in meant[1:]):
        return meant[0], notes
    if meant:
        raise _ambiguous(name, "has several sets of weights that fit", meant)
    return (every[entry] if entry else _nearest(tree, every, layouts)), notes


def _ambiguous(name: str, says: str, fits: list[Branch]) -> InputError:
    paths = [each.path for each in fits]
    known = ", ".join(f'"{shown(path, 60)}"' for path in paths[:8]) or "none that fits"
    return InputError(
        f"{name} {says} ({known}): say which entry is meant (in a shell: --entry NAME).",
        Refusal.AMBIGUOUS,
        entries=paths,
    )


def _nearest(tree: Tree, every: dict[str, Branch], layouts: Mapping[str, StateLayout]) -> Branch:
    """The branch that shares most names with a layout; of those that share none the dictionary
    with most tensors of its own."""

    def shared(branch: Branch) -> float:
        shapes = shapes_of(branch.tensors)
        wanted = [names_of(layout, shapes) for layout in layouts.values()]
        return max((len(w & shapes.keys()) / len(w | shapes.keys()) for w in wanted), default=0.0)

    large = sorted(every.values(), key=lambda each: -len(each.tensors))[:MOST]
    best = max(large, key=shared)
    if shared(best) > 0:
        return best
    owned = dict.fromkeys((entry for entry in tree.entries if entry in every), 0)
    for name in tree.tensors:
        if (entry := tree.entry_of(name)) in owned:
            owned[entry] += 1
    return every[max(owned, key=lambda entry: owned[entry])]


def _unwrapped(tensors: Tensors) -> Tensors | None:
    """The same names without what wrappers put inside of them, if that leaves them different."""
    renamed: Tensors = {}
    for name, tensor in tensors.items():
        renamed[".".join(part for part in name.split(".") if part not in WRAPPERS)] = tensor
    whole = len(renamed) == len(tensors) and renamed.keys() != tensors.keys()
    return renamed if whole else None


def _notes(tree: Tree, found: Branch) -> list[str]:
    """Which entry it is and what was left out, sentences for people."""
    notes = []
    entry = tree.entry_of(found.path)
    if entry:
        others = sum(
            values - 1
            for each, values in tree.entries.items()
            if each == "" or (each != entry and f"{entry}.".startswith(f"{each}."))
        )
        left = f", {others} other entries were left out" if others else ""
        notes.append(f'The weights are the entry "{shown(entry)}" of the file{left}.')
    if prefix := found.path.removeprefix(entry).removeprefix("."):
        notes.append(f'The names began with "{shown(prefix)}.", which was left out.')
        beside = sum(tree.entry_of(name) == entry for name in tree.tensors) - len(found.tensors)
        if beside:
            notes.append(f"{beside} other tensors beside these were left out.")
    if plain := tree.plain.get(entry, 0):
        notes.append(f"Values beside the tensors were left out ({plain}).")
    if found.counters:
        counters = ", ".join(shown(name, 32) for name in found.counters[:4])
        notes.append(f"What is no weight beside them was left out: {counters}.")
    return notes


def _equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors are the same; none that declares more numbers than it has is compared."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if any(each.numel() > each.untyped_storage().nbytes() for each in (one, other)):
        return False
    return torch.equal(one, other)
