"""The layouts nearest to an unknown file of tensors, and the first difference from each."""

from collections.abc import Mapping

from ..errors import InputError, Refusal
from .layouts import (
    USUAL,
    Shapes,
    StateLayout,
    difference,
    expected,
    may_be_its_own,
    shapes_of,
)
from .names import shown
from .tensors import TensorFile

LISTED = 8  # tensors named in the refusal
NEAREST = 2  # layouts named in it
LEAST = 0.05  # share of names above which a layout is near
NORMALISED = ("running_mean", "running_var", "num_batches_tracked")


def unknown(label: str, file: TensorFile, layouts: Mapping[str, StateLayout]) -> InputError:
    """The refusal of a file that fits no layout: its first tensors, the nearest layouts by shared
    names (and, among equals, by shared shapes), and the first difference from each. Tensors keep
    their names in the file."""
    shapes, under = shapes_of(file.tensors), f"{file.path}." if file.path else ""

    def called(some: Shapes) -> Shapes:
        return {file.names.get(name, under + name): shape for name, shape in some.items()}

    ranked = []
    for layout in layouts.values():
        wanted = _wanted(layout, shapes)
        names = len(wanted.keys() & shapes.keys()) / len(wanted.keys() | shapes.keys())
        same = sum(shapes.get(name) == shape for name, shape in wanted.items()) / len(wanted)
        its = {n: s for n, s in shapes.items() if n in wanted or may_be_its_own(n, wanted)}
        differs = difference(called(its), called(wanted))
        ranked.append((names, same, layout.title, differs))
    ranked.sort(key=lambda entry: (-entry[0], -entry[1], entry[2]))
    inside = f' under "{shown(file.path, 60)}"' if under else ""
    near = [
        f"{title} ({names:.0%} of the names{inside} shared; the file "
        f"{differs.says if differs else 'has further tensors'})"
        for names, _, title, differs in ranked[:NEAREST]
        if names >= LEAST
    ]
    whole = file.whole or called(shapes)
    first = [f"{shown(name, 48)} {_short(shape)}" for name, shape in list(whole.items())[:LISTED]]
    more = f" and {len(whole) - LISTED:,} more" if len(whole) > LISTED else ""
    known = ", ".join(dict.fromkeys(layout.project for layout in layouts.values()))
    what = f"nearest are {', '.join(near)}" if near else ""
    if not near:
        few = "more than a few names" if ranked[0][0] > 0 else "a name"
        what = f"no known layout shares {few} with it; known are {known}"
    if any(name.rsplit(".", 1)[-1] in NORMALISED for name in whole):
        what += "; it has batch normalisation, unlike any of them"
    facts = {}
    if near:
        names, _, title, differs = ranked[0]
        kind = None if differs is None else differs.kind
        facts = {"project": title, "percent": round(100 * names), "differs": kind}
    return InputError(
        f"{label} has tensors that match no known layout: {', '.join(first)}{more}; {what}.",
        Refusal.UNKNOWN,
        **facts,
    )


def _wanted(layout: StateLayout, shapes: Shapes) -> Shapes:
    try:
        return expected(layout, layout.sizes(shapes) or USUAL)
    except InputError:  # sizes that this architecture cannot have
        return expected(layout, USUAL)


def _short(shape: tuple[int, ...]) -> str:
    return shown("×".join(map(str, shape)) or "()", 24)
