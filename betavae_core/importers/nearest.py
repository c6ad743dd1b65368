"""What an unknown file of tensors is nearest to, and where it first differs."""

from collections.abc import Mapping

from ..errors import InputError, Refusal
from .layouts import USUAL, Shapes, StateLayout, difference, expected
from .names import shown

LISTED = 8  # tensors named in the sentence
NEAREST = 2  # layouts named in it
NORMALISED = ("running_mean", "running_var", "num_batches_tracked")


def unknown(label: str, shapes: Shapes, layouts: Mapping[str, StateLayout]) -> InputError:
    """The refusal of a file that fits no layout: its first tensors, the nearest layouts by shared
    names (and, among equals, by shared shapes), and the first difference from each."""
    ranked = []
    for layout in layouts.values():
        wanted = _wanted(layout, shapes)
        names = len(wanted.keys() & shapes.keys()) / len(wanted.keys() | shapes.keys())
        same = sum(shapes.get(name) == shape for name, shape in wanted.items()) / len(wanted)
        ranked.append((names, same, layout.project, difference(shapes, wanted)))
    ranked.sort(key=lambda entry: (-entry[0], -entry[1], entry[2]))
    near = [
        f"{project} ({names:.0%} of the names shared; the file {differs.says if differs else ''})"
        for names, _, project, differs in ranked[:NEAREST]
        if names > 0
    ]
    first = [f"{shown(name, 32)} {_short(shape)}" for name, shape in list(shapes.items())[:LISTED]]
    more = f" and {len(shapes) - LISTED:,} more" if len(shapes) > LISTED else ""
    known = ", ".join(dict.fromkeys(layout.project.split(" (")[0] for layout in layouts.values()))
    what = f"nearest are {', '.join(near)}" if near else ""
    if not near:
        what = f"no known layout shares a name with it, so that none is nearest; known are {known}"
    if any(name.rsplit(".", 1)[-1] in NORMALISED for name in shapes):
        what += "; it has batch normalisation, which none of them has"
    facts = {}
    if near:
        names, _, project, differs = ranked[0]
        kind = None if differs is None else differs.kind
        facts = {"project": project, "percent": round(100 * names), "differs": kind}
    return InputError(
        f"{label} has tensors of no layout known here: {', '.join(first)}{more}; {what}.",
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
