"""Factors of variation and the index arithmetic of a full grid of them."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import torch

from .errors import InputError, Refusal, not_finite, outside, wrong_value

Array = TypeVar("Array", np.ndarray, torch.Tensor)


class FactorSpace:
    """K named factors with `sizes` values each: index and factor values, without pixels.

    The last factor varies fastest, as in the official dSprites, 3Dshapes and MPI3D files:
    ``index = Σ_k factor_k · Π_{j>k} size_j``. `values` (one sequence per factor, optional) are the
    meanings of the grid positions, e.g. radians; they are for people and not used in arithmetic.
    """

    def __init__(
        self,
        names: Sequence[str],
        sizes: Sequence[int],
        values: Sequence[Iterable[object]] | None = None,
    ) -> None:
        self.names = tuple(names)
        self.sizes = tuple(int(size) for size in sizes)
        if len(self.names) != len(self.sizes) or not self.names:
            raise InputError(
                f"A factor space needs one size per name, got {len(self.names)} names "
                f"and {len(self.sizes)} sizes.",
                Refusal.VALUE,
                name="sizes",
                expected="one per name",
            )
        if len(set(self.names)) != len(self.names):
            raise InputError(
                f"Factor names must differ, got {', '.join(self.names)}.",
                Refusal.VALUE,
                name="names",
                expected="different",
                got=[*self.names],
            )
        if min(self.sizes) < 1:
            raise InputError(
                f"Every factor needs at least one value, got sizes {self.sizes}.",
                Refusal.VALUE,
                name="sizes",
                expected="at least 1",
                got=[*self.sizes],
            )
        named: Sequence[Iterable[object]] = values or [range(size) for size in self.sizes]
        self.values = tuple(tuple(each) for each in named)
        if tuple(len(v) for v in self.values) != self.sizes:
            raise InputError(
                "Each factor needs as many values as its size.",
                Refusal.VALUE,
                name="values",
                expected="as many as the size of each factor",
            )
        strides = np.cumprod((1,) + self.sizes[:0:-1])[::-1]
        self.strides = tuple(int(stride) for stride in strides)

    def __repr__(self) -> str:
        inside = ", ".join(f"{n}={s}" for n, s in zip(self.names, self.sizes, strict=True))
        return f"FactorSpace({inside})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FactorSpace):
            return NotImplemented
        return (self.names, self.sizes) == (other.names, other.sizes)

    def __hash__(self) -> int:
        return hash((self.names, self.sizes))

    @property
    def size(self) -> int:
        """The number of combinations: the product of the sizes."""
        return self.strides[0] * self.sizes[0]

    def index(self, factors: Array) -> Array:
        """Factor values (N, K) to grid indices (N,), int64, in [0, size).

        NumPy in, NumPy out; a tensor in, a tensor on the same device out. Raises `InputError` for a
        wrong number of columns or a value outside its factor.
        """
        table = _integers(factors)
        if table.shape[-1:] != (len(self.sizes),):
            raise InputError(
                f"Factors must have {len(self.sizes)} columns ({', '.join(self.names)}), "
                f"got shape {tuple(table.shape)}.",
                Refusal.VALUE,
                name="factors",
                expected=f"{len(self.sizes)} columns",
                got=list(table.shape),
            )
        if (table < 0).any() or (table >= _like(self.sizes, table)).any():
            raise InputError(
                f"A factor value is outside its range; the sizes are {self.sizes}.",
                Refusal.VALUE,
                name="factors",
                expected=f"below {self.sizes}",
            )
        return (table * _like(self.strides, table)).sum(-1)

    def factors(self, index: Array) -> Array:
        """Grid indices (N,) to factor values (N, K), int64; the inverse of `index`."""
        flat = _integers(index)
        if (flat < 0).any() or (flat >= self.size).any():
            raise outside(self.size - 1)
        return flat[..., None] // _like(self.strides, flat) % _like(self.sizes, flat)

    def sample(self, n: int, generator: torch.Generator) -> torch.Tensor:
        """n grid indices (n,), uniform with replacement."""
        return torch.randint(self.size, (n,), generator=generator, device=generator.device)

    def agreeing(
        self,
        rows: torch.Tensor,
        like: torch.Tensor,
        factor: torch.Tensor,
        random: torch.Generator,
    ) -> torch.Tensor:
        """Uniform random rows (n, m), each with one factor changed so that it agrees with `like`,
        (n, m) or (n, 1), in the factor of number `factor` (n,); uniform in all others."""
        stride = torch.tensor(self.strides)[factor][:, None]
        size = torch.tensor(self.sizes)[factor][:, None]
        return rows + (like // stride % size - rows // stride % size) * stride

    def median(self) -> np.ndarray:
        """The factor values (K,) in the middle of every factor: where traversals start."""
        return np.array([size // 2 for size in self.sizes])

    def sweep(self, base: np.ndarray, factor: int) -> np.ndarray:
        """Indices (size of `factor`,) of the images that differ from `base` (K,) in one factor."""
        rows = np.repeat(np.asarray(base, dtype=np.int64)[None], self.sizes[factor], axis=0)
        rows[:, factor] = np.arange(self.sizes[factor])
        return self.index(rows)

    def sweeps(self, rows: np.ndarray, factor: int) -> list[np.ndarray]:
        """For each row (N,) the rows that agree with it in all factors but one, itself among them;
        left out where that factor then has only one value."""
        size, stride = self.sizes[factor], self.strides[factor]
        first = rows - rows // stride % size * stride
        return list(first[:, None] + np.arange(size) * stride) if size > 1 else []


class FactorTable(FactorSpace):
    """Known factors of images that are not a full grid: the values of each image.

    table: (N, K) whole numbers, floats or texts, a row per image; the distinct values of a column
    are numbered in order. `size` is N, `factors` looks up, and there is no `index`.
    """

    def __init__(self, table: np.ndarray, names: Sequence[str] | None = None) -> None:
        table = np.asarray(table)
        if table.ndim != 2 or not all(table.shape):
            raise wrong_value("Factor values", "a table (N, K), a row per image", table.shape)
        if table.dtype.kind == "f" and not np.isfinite(table).all():
            raise not_finite("The factor values")
        found = [np.unique(column, return_inverse=True) for column in table.T]
        names = names or [f"factor {k}" for k in range(table.shape[1])]
        super().__init__(names, [len(v) for v, _ in found], [v.tolist() for v, _ in found])
        self.positions = np.stack([numbers for _, numbers in found], 1).astype(np.int64)
        # per factor the rows by value, and the beginning of each value, for `agreeing`
        self._order = torch.from_numpy(np.argsort(self.positions, 0, kind="stable").T.copy())
        self._place = self._order.argsort(1)  # of each row in that order
        counts = [np.bincount(column, minlength=max(self.sizes)) for column in self.positions.T]
        self._count = torch.from_numpy(np.stack(counts))
        self._start = self._count.cumsum(1) - self._count

    @property
    def size(self) -> int:
        return len(self.positions)

    def index(self, factors: Array) -> Array:
        raise InputError(
            "Images that are not a full grid have no index by their factor values.",
            Refusal.UNSUITABLE,
        )

    def factors(self, index: Array) -> Array:
        flat = _integers(index)
        if (flat < 0).any() or (flat >= self.size).any():
            raise outside(self.size - 1)
        if isinstance(flat, torch.Tensor):
            return torch.from_numpy(self.positions).to(flat.device)[flat]
        return self.positions[flat]

    def agreeing(
        self,
        rows: torch.Tensor,
        like: torch.Tensor,
        factor: torch.Tensor,
        random: torch.Generator,
    ) -> torch.Tensor:
        """Rows (n, m) drawn uniformly among the others that agree with `like` in the factor: with
        few images, pairs of an image with itself would be frequent. Where no other agrees, the row
        itself."""
        like, column = like.expand(rows.shape), factor[:, None].expand(rows.shape)
        value = torch.from_numpy(self.positions)[like, column]
        count, start = self._count[column, value], self._start[column, value]
        others = (count - 1).clamp(min=1)
        step = (torch.rand(rows.shape, generator=random, dtype=torch.float64) * others).long() + 1
        place = (self._place[column, like] - start + step) % count
        return self._order[column, start + place]

    def sweeps(self, rows: np.ndarray, factor: int) -> list[np.ndarray]:
        others = np.delete(self.positions, factor, axis=1)
        group = np.unique(others, axis=0, return_inverse=True)[1].ravel()
        order = np.argsort(group, kind="stable")
        ends = np.cumsum(np.bincount(group))
        members = np.split(order, ends[:-1])
        found = [members[g] for g in group[rows]]
        return [each for each in found if len(np.unique(self.positions[each, factor])) > 1]


Factors = FactorSpace | np.ndarray  # a full grid in its order, or values (N, K) of N images


def space_of(factors: Factors) -> FactorSpace:
    """The space for a metric's computation."""
    return factors if isinstance(factors, FactorSpace) else FactorTable(factors)


def _integers(values: Array) -> Array:
    """As int64, refusing fractions: a factor value is a position in the grid."""
    if isinstance(values, torch.Tensor):
        if values.is_floating_point():
            raise wrong_value("Factor values and indices", "whole numbers", values.dtype, "are")
        return values.long()
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise wrong_value("Factor values and indices", "whole numbers", array.dtype, "are")
    return array.astype(np.int64)


def _like(numbers: tuple[int, ...], example: Array) -> Array:
    if isinstance(example, torch.Tensor):
        return torch.tensor(numbers, device=example.device)
    return np.array(numbers)


def value_text(space: FactorSpace, factor: int, position: int) -> str:
    """The meaning of a factor's position: "heart", "0.7"; angles in degrees."""
    value = space.values[factor][position]
    if isinstance(value, (str, int)):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    text = f"{number:.0f}°" if space.names[factor] == "orientation" else f"{number:.3g}"
    return text.replace("-", "−")


def values_text(space: FactorSpace, values: np.ndarray, joined: str = ", ") -> str:
    """Every factor of an image (K,) by name: "shape heart, scale 0.7"."""
    told = (value_text(space, factor, int(value)) for factor, value in enumerate(values))
    return joined.join(f"{name} {text}" for name, text in zip(space.names, told, strict=True))
