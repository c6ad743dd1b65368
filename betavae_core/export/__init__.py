"""Pictures and tables of runs as files, each with a description and a link: the contents of the
dashboard's downloads, without a browser."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .embedding import export_embedding
from .numbers import export_numbers
from .reconstructions import export_reconstructions
from .rising import export_rising
from .traversals import (
    export_comparison,
    export_interpolation,
    export_pair,
    export_sweep,
    export_traversal,
)


@dataclass(frozen=True)
class Export:
    """One row of the table of exports."""

    write: Callable[..., Path]  # of a run (or runs), its dataset, a folder and options
    usual: bool = False  # whether "all" includes it
    factors: bool = False  # whether it needs known factors
    together: bool = False  # whether it takes all runs at once
    states: bool = False  # whether it takes snapshots
    multirate: bool = False  # whether it takes models for every β, and only these
    one_beta: bool = True  # whether it takes a model for every β at one β, otherwise as stored


EXPORTS: dict[str, Export] = {
    "traversal": Export(export_traversal, usual=True, states=True),
    "embedding": Export(export_embedding, usual=True, factors=True),
    "reconstructions": Export(export_reconstructions, usual=True),
    "numbers": Export(export_numbers, usual=True, one_beta=False),
    "pair": Export(export_pair, states=True),
    "interpolation": Export(export_interpolation, states=True),
    "sweep": Export(export_sweep, factors=True, states=True),
    "comparison": Export(export_comparison, together=True, states=True),
    "rising-beta": Export(export_rising, multirate=True),
}
