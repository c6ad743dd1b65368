"""Names at the ends of paths: inside the panel, apart from one another, near what they name."""

import numpy as np
import pytest

from betavae_core.embedding.labels import Name, place_names

RNG = np.random.default_rng(0)
NAMES = ["object color", "object shape", "object size", "camera height", "background color",
         "horizontal axis", "vertical axis"]  # fmt: skip


def overlap(one: Name, two: Name) -> bool:
    a, b = one.box, two.box
    return bool((a[:2] < b[2:]).all() and (b[:2] < a[2:]).all())


def spokes(count: int, length: float = 0.4, points: int = 20) -> dict[str, list[np.ndarray]]:
    """Straight paths from the middle outwards."""
    turn = 2 * np.pi * np.arange(count) / count + 0.3
    along = np.linspace(0, length, points)[:, None]
    directions = np.stack([np.cos(turn), np.sin(turn)], 1)
    return {NAMES[n]: [0.5 + along * directions[n]] for n in range(count)}


def check(names: list[Name]) -> None:
    for number, name in enumerate(names):
        assert (name.box >= 0).all()
        assert (name.box <= 1).all()
        assert not any(overlap(name, other) for other in names[:number])


@pytest.mark.parametrize("count", [1, 2, 5, 7])
def test_a_star_is_named_at_its_tips(count: int) -> None:
    paths = spokes(count)
    names = place_names(paths)
    check(names)
    assert [name.group for name in names] == list(paths)
    for name in names:
        (path,) = paths[name.group]
        assert name.of == pytest.approx(path[-1])
        left, upper, right, lower = name.box
        gap = path[-1] - path[-1].clip([left, upper], [right, lower])
        assert np.linalg.norm(gap) < 0.15


@pytest.mark.parametrize("spread", [0.0, 1e-3, 0.05])
def test_names_of_what_lies_in_one_place_do_not_cover_each_other(spread: float) -> None:
    paths = {name: [0.5 + spread * RNG.normal(size=(9, 2))] for name in NAMES}
    check(place_names(paths))


@pytest.mark.parametrize("seed", range(20))
def test_names_of_random_walks(seed: int) -> None:
    source = np.random.default_rng(seed)
    steps = {name: source.normal(size=(40, 2)).cumsum(0) for name in NAMES}
    low = np.min([walk.min(0) for walk in steps.values()], 0)
    high = np.max([walk.max(0) for walk in steps.values()], 0)
    check(place_names({k: [0.05 + 0.9 * (w - low) / (high - low)] for k, w in steps.items()}))


def test_a_group_of_many_paths_has_one_name() -> None:
    rows = [np.stack([np.linspace(0.1, 0.9, 32), np.full(32, y)], 1) for y in np.linspace(0, 1, 40)]
    names = place_names({"across": rows, "up": [row[:, ::-1] for row in rows]})
    check(names)
    assert [name.group for name in names] == ["across", "up"]


def test_a_name_wider_than_the_panel_begins_inside_it() -> None:
    (name,) = place_names({"x" * 80: [np.full((2, 2), 0.9)]})
    assert 0 <= name.x < 0.1


def test_the_same_paths_have_the_same_names() -> None:
    assert place_names(spokes(5)) == place_names(spokes(5))
