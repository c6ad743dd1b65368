"""Find the model among the tensors of a file: those whose names match a layout.

Training loops save a tree, made of nested dictionaries ({"model": {…}, "epoch": 3}) and of dots in
names ("module.encoder.0.weight"), and both mean the same. So each tensor is named by its path in
the tree, and the model is the branch below which the names match a layout. A branch may also have
tensors that are not layers of the model (counters, a prior, a discriminator, another branch); they
are left out with a note.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from ..errors import InputError, Refusal
from .layouts import StateLayout, fits_by_name, names_of, shapes_of
from .names import half_of, shown
from .tensors import MAX_TENSORS, TensorFile, floats, no_tensors, read_saved, too_many

MAX_NAME = 1_000  # characters of a path
MAX_BRANCH = 12  # parts of a path before a layout's names
MOST = 200  # branches that are compared with every layout if none fits
CLOSE = 0.5  # share of names; above it an inner branch that fits no layout may be meant
ROOT = "."  # chooses the file itself as the entry
WRAPPERS = {"module", "_orig_mod", "_forward_module", "_fsdp_wrapped_module"}  # inside of names
PROGRESS = ("epoch", "global_step", "step", "iteration")  # of a training, shown in the note

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Tree:
    """All tensors of a file by their path, and their dictionaries."""

    tensors: Tensors
    entries: dict[str, int] = field(default_factory=dict)  # path of a dictionary → values in it
    plain: dict[str, int] = field(default_factory=dict)  # values in it that are not tensors

    def entry_of(self, branch: str) -> str:
        """The dictionary that contains a branch: the one with the longest path that leads there."""
        found = [e for e in self.entries if e == branch or branch.startswith(f"{e}.")]
        return max(found, key=len, default="")


@dataclass(frozen=True)
class Branch:
    """Tensors under one path, by the rest of their names."""

    path: str
    tensors: Tensors
    layout: str = ""  # whose names match
    beside: list[str] = field(default_factory=list)  # names of tensors that are not part of it
    names: dict[str, str] = field(default_factory=dict)  # renamed ones: names in the file

    @property
    def weights(self) -> Tensors:
        """The tensors of the model."""
        return {name: each for name, each in self.tensors.items() if name not in self.beside}

    def same(self, other: "Branch") -> bool:
        """Whether `other` has the same numbers under another path."""
        mine, theirs = self.weights, other.weights
        return mine.keys() == theirs.keys() and all(_equal(mine[n], theirs[n]) for n in mine)

    def own_name(self, name: str) -> str:
        """A tensor's name in the file."""
        return self.names.get(name, f"{self.path}.{name}" if self.path else name)


def read_weights(
    path: Path, name: str, layouts: Mapping[str, StateLayout], entry: str = ""
) -> TensorFile:
    """The tensors of the model in a file, which messages call `name`; `entry` chooses among several
    that fit (`ROOT`: the file itself). If none fits, the nearest match.

    Raises `InputError`: as `read_saved` and `floats` do, if there are no tensors, and if several
    different sets fit."""
    saved = read_saved(path, name)
    tree = tree_of(saved.value, name)
    found, notes = _chosen(tree, name, layouts, entry)
    facts = dict(saved.facts)
    if isinstance(saved.value, dict):
        facts |= {k: saved.value[k] for k in PROGRESS if type(saved.value.get(k)) is int}
    notes += _notes(tree, found)
    if found.layout:
        tensors = floats(found.weights, name, notes, facts)
        facts |= {"beside": len(found.beside)} if found.beside else {}
        return TensorFile(tensors, notes, facts, found.layout)
    asked = found if entry else Branch("", tree.tensors)
    whole = {asked.own_name(each): shape for each, shape in shapes_of(asked.tensors).items()}
    return TensorFile(found.tensors, notes, facts, path=found.path, names=found.names, whole=whole)


def tree_of(value: Any, name: str) -> Tree:
    """The tensors under names that are texts; an optimiser's are under numbers."""
    tree = Tree({})
    if isinstance(value, dict):
        _grow(tree, "", value, name)
    if not tree.tensors:
        raise no_tensors(name)
    if len(tree.tensors) > MAX_TENSORS:
        raise too_many(name, len(tree.tensors))
    return tree


def _grow(tree: Tree, path: str, values: dict[Any, Any], name: str) -> None:
    tree.entries[path] = tree.entries.get(path, 0) + len(values)
    if plain := sum(not isinstance(each, dict | torch.Tensor) for each in values.values()):
        tree.plain[path] = tree.plain.get(path, 0) + plain
    for key, value in values.items():
        if not isinstance(key, str) or not isinstance(value, dict | torch.Tensor):
            continue
        if not key and isinstance(value, dict):  # without a name it adds none to the path
            _grow(tree, path, value, name)
            continue
        where = f"{path}.{key}" if path else key
        if len(where) > MAX_NAME:
            raise InputError(
                f"{name} has the entry {shown(where)} with a name of {len(where):,} characters; at "
                f"most {MAX_NAME:,} are allowed.",
                Refusal.TOO_LARGE,
            )
        if where in tree.tensors or (where and where in tree.entries):
            raise InputError(
                f'{name} has two entries named "{shown(where)}"; only one of them could be read.',
                Refusal.DAMAGED,
            )
        if isinstance(value, dict):
            _grow(tree, where, value, name)
        else:
            tree.tensors[where] = value


def branches(tensors: Tensors) -> dict[str, Branch]:
    """Every path that names begin with, including "", with the tensors under it."""
    found: dict[str, Tensors] = {"": {}}
    for name, tensor in tensors.items():
        path, rest = "", name
        found[path][rest] = tensor
        for _ in range(MAX_BRANCH):
            part, dot, rest = rest.partition(".")
            if not dot:
                break
            path = f"{path}.{part}" if path else part
            found.setdefault(path, {})[rest] = tensor
    return {path: Branch(path, inside) for path, inside in found.items()}


def fitting(branch: Branch, layouts: Mapping[str, StateLayout]) -> Branch | None:
    """The branch with the first layout that matches its names, if no other tensor there could be a
    layer of that layout."""
    counters = {name for name, tensor in branch.tensors.items() if _counts(tensor)}
    shapes = shapes_of(branch.tensors)
    for key, layout in layouts.items():
        beside = fits_by_name(layout, shapes, counters)
        if beside is not None:
            return replace(branch, layout=key, beside=beside)
    return None


def _counts(tensor: torch.Tensor) -> bool:
    """Whether this can be a counter (of steps, of averaged models, …) rather than weights."""
    return tensor.numel() == 1 and (tensor.ndim == 0 or not tensor.is_floating_point())


def _chosen(
    tree: Tree, name: str, layouts: Mapping[str, StateLayout], entry: str
) -> tuple[Branch, list[str]]:
    every = branches(tree.tensors)
    notes: list[str] = []
    fits = _fitting(every, layouts)
    for rename, note in RENAMED:
        if not fits and (renamed := rename(tree)):
            fits, notes = _fitting(branches(renamed), layouts), [note]
    path = "" if entry == ROOT else entry
    meant = fits
    if entry:
        inside = [each for each in fits if path and each.path.startswith(f"{path}.")]
        meant = [each for each in fits if each.path == path] or inside
    if meant and all(each.same(meant[0]) for each in meant[1:]):
        return meant[0], notes
    if meant:
        raise InputError(
            f"{name} has several sets of weights that fit, {_listed(meant)}: choose one entry "
            "(in a shell: --entry NAME).",
            Refusal.AMBIGUOUS,
            entries=[each.path or ROOT for each in meant],
        )
    if entry and path not in every:
        raise _no_entry(name, entry, fits)
    return (every[path] if entry else _nearest(tree, every, layouts)), []


def _fitting(every: dict[str, Branch], layouts: Mapping[str, StateLayout]) -> list[Branch]:
    return [found for each in every.values() if (found := fitting(each, layouts))]


def _no_entry(name: str, entry: str, fits: list[Branch]) -> InputError:
    says = "no tensors of the file fit a known layout"
    if [each.path for each in fits] == [""]:
        says = "its weights are the file itself, so no entry needs to be named"
    elif fits:
        says = f"those that fit are {_listed(fits)}"
    return InputError(
        f'{name} has no entry "{shown(entry)}" with tensors in it: {says}.',
        Refusal.NO_ENTRY,
        entries=[each.path or ROOT for each in fits],
    )


def _listed(fits: list[Branch]) -> str:
    names = [
        f'"{shown(each.path, 60)}"' if each.path else f'"{ROOT}" (the file itself)'
        for each in fits[:8]
    ]
    return ", ".join(names)


def _nearest(tree: Tree, every: dict[str, Branch], layouts: Mapping[str, StateLayout]) -> Branch:
    """The branch that has most names of a layout: the file, a dictionary in it, a branch with most
    of its tensors, or one whose names are nearly those of a layout. A block of a larger network
    shares names by chance ("conv1") and is not considered. If no name is shared, the dictionary
    with most tensors of its own."""

    def shared(branch: Branch) -> tuple[int, float]:
        shapes = shapes_of(branch.tensors)
        wanted = [names_of(layout, shapes) for layout in layouts.values()]
        counts = [(len(w & shapes.keys()), len(w | shapes.keys())) for w in wanted]
        return max(((both, both / either) for both, either in counts), default=(0, 0.0))

    large = sorted(every.values(), key=lambda each: -len(each.tensors))[:MOST]
    if halves := _halves(tree):
        own = dict(zip(halves, tree.tensors, strict=True))
        large.append(Branch("", halves, names=own))
    best, most = every[""], 0
    for each in large:
        both, close = shared(each)
        told = each.path in tree.entries or 2 * len(each.tensors) >= len(tree.tensors)
        if both > most and (told or close >= CLOSE):
            best, most = each, both
    if most:
        return best
    owned = dict.fromkeys((entry for entry in tree.entries if entry in every), 0)
    for name in tree.tensors:
        if (entry := tree.entry_of(name)) in owned:
            owned[entry] += 1
    return every[max(owned, key=lambda entry: owned[entry])]


def _unwrapped(tree: Tree) -> Tensors | None:
    """The same names without the parts that wrappers insert, if they remain distinct."""
    renamed: Tensors = {}
    for name, tensor in tree.tensors.items():
        renamed[".".join(part for part in name.split(".") if part not in WRAPPERS)] = tensor
    whole = len(renamed) == len(tree.tensors) and renamed.keys() != tree.tensors.keys()
    return renamed if whole else None


def _halves(tree: Tree) -> Tensors | None:
    """The same with entries such as "encoder_state_dict" and "vae_decoder" renamed to encoder and
    decoder, in the file's order; None if that changes nothing or makes two names equal."""
    called: dict[str, str] = {}
    for path in tree.entries:
        above, dot, key = path.rpartition(".")
        if half := half_of(key):
            called[f"{path}."] = f"{above}{dot}{half}."
    renamed: Tensors = {}
    for name, tensor in tree.tensors.items():
        path = next((path for path in called if name.startswith(path)), "")
        renamed[called.get(path, "") + name[len(path) :]] = tensor
    whole = len(renamed) == len(tree.tensors) and renamed.keys() != tree.tensors.keys()
    return renamed if whole else None


RENAMED: tuple[tuple[Callable[[Tree], Tensors | None], str], ...] = (
    (_unwrapped, "The parts of names that wrappers of layers insert were removed."),
    (_halves, "The entries of the encoder and of the decoder were combined."),
)


def _notes(tree: Tree, found: Branch) -> list[str]:
    """Notes on the chosen entry and on the parts left out, sentences for people."""
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
        notes.append(f'The names began with "{shown(prefix)}.", which was removed.')
        beside = sum(tree.entry_of(name) == entry for name in tree.tensors) - len(found.tensors)
        if beside:
            notes.append(f"{beside} other tensors were left out.")
    if plain := tree.plain.get(entry, 0):
        notes.append(f"Values that are not tensors were left out ({plain}).")
    if found.beside:
        names = ", ".join(shown(name, 32) for name in found.beside[:4])
        more = f" and {len(found.beside) - 4:,} more" if len(found.beside) > 4 else ""
        notes.append(f"Tensors that are not layers of the model were left out: {names}{more}.")
    return notes


def _equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors are equal; a tensor that declares more numbers than it has never is."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if any(each.numel() > each.untyped_storage().nbytes() for each in (one, other)):
        return False
    return torch.equal(one, other)
