"""The images of an embedding: fewer of them, in order."""

import numpy as np

from betavae_core.embedding.shown import Numbered, ShownImages, thinned


def test_thinned_paths_keep_their_order() -> None:
    lines = [Numbered(0, np.array([0, 2, 4, 6, 8])), Numbered(1, np.array([9, 7, 5, 3, 1]))]
    labels = [f"image {10 * n}" for n in range(10)]
    full = ShownImages(tuple(range(0, 100, 10)), lines, ["a", "b"], True, labels, "")
    few, kept = thinned(full, 6)
    assert len(few.rows) == len(kept) == 6
    assert few.rows == tuple(10 * n for n in kept)
    assert few.labels == [f"image {row}" for row in few.rows]
    for line, before in zip(few.lines, lines, strict=True):
        still = [n for n in before.points if n in kept]
        assert [int(kept[n]) for n in line.points] == still
    assert thinned(full, 6)[0].rows == few.rows
    assert thinned(full, 10)[0] is full
