"""The part of `independent` for scores about single latents: SNC, NK and the axis ratio; again with
nothing of `betavae_core`."""

import warnings
from collections import defaultdict
from itertools import permutations

import numpy as np
from scipy.optimize import linprog
from scipy.stats import rankdata
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier


def equal_bins(known: np.ndarray, x: np.ndarray, bins: int) -> np.ndarray:
    """Bins of equal frequency among the known values; a value is where the mean of its ranks is."""
    grid, first = np.unique(known, return_index=True)
    middle = (rankdata(known)[first] - 0.5) / len(known)
    inside = np.searchsorted(grid, x)
    below = np.array([(known < value).mean() for value in x])
    hit = grid[np.minimum(inside, len(grid) - 1)] == x
    share = np.where(hit, middle[np.minimum(inside, len(grid) - 1)], below)
    return np.minimum((share * bins + 1e-9).astype(int), bins - 1)


def knowledge(x: np.ndarray, y: np.ndarray, bins: int) -> float:
    """I in nats of a latent in bins and a factor: the entropies H(a) + H(b) − H(a, b)."""
    parts = equal_bins(x, x, bins)

    def entropy(*columns: np.ndarray) -> float:
        p = np.unique(np.stack(columns), axis=1, return_counts=True)[1] / len(x)
        return float(-(p * np.log(p)).sum())

    return entropy(parts) + entropy(y) - entropy(parts, y)


def own_latents(z: np.ndarray, y: np.ndarray) -> tuple[int, ...]:
    """The best of all ways to give each factor a latent of its own."""
    found = np.array([[knowledge(x, f, len(np.unique(f))) for f in y.T] for x in z.T])
    every = permutations(range(z.shape[1]), y.shape[1])
    return max(every, key=lambda chosen: sum(found[d, k] for k, d in enumerate(chosen)))


def reading(x: np.ndarray, y: np.ndarray, x_test: np.ndarray, y_test: np.ndarray) -> float:
    """Accuracy of the best one-to-one map from bins to values: a linear programme, whose optimum is
    a permutation."""
    n = len(np.unique(y))
    bins = equal_bins(x, x, n)
    counts = np.array([[((bins == b) & (y == v)).sum() for v in range(n)] for b in range(n)])
    once = np.concatenate([np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))])
    best = linprog(-counts.ravel(), A_eq=once, b_eq=np.ones(2 * n), bounds=(0, 1)).x
    value = best.reshape(n, n).argmax(1)
    return float((value[equal_bins(x, x_test, n)] == y_test).mean())


def chance(y: np.ndarray, y_test: np.ndarray) -> float:
    values, counts = np.unique(y, return_counts=True)
    return float((y_test == values[counts.argmax()]).mean())


def snc(z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray) -> float:
    """Mahon et al. (2023), scaled so that chance is 0."""
    each = []
    for k, d in enumerate(own_latents(z, y)):
        right = reading(z[:, d], y[:, k], z_test[:, d], y_test[:, k])
        each.append(1 - (1 - right) / (1 - chance(y[:, k], y_test[:, k])))
    return float(np.mean(np.maximum(each, 0)))


def learned(z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray) -> float:
    """Accuracy of a network with one hidden layer of 256 units, on standardised latents."""
    scale = np.where(np.ptp(z, axis=0) > 0, z.std(0), 1)
    x, x_test = ((part - z.mean(0)) / scale for part in (z, z_test))
    network = MLPClassifier(
        256, alpha=0, batch_size=250, learning_rate_init=5e-3, max_iter=40, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 40 passes, as a convention
        return float(network.fit(x, y).score(x_test, y_test))


def nk(z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray) -> float:
    """Mahon et al. (2023), scaled so that the loss of all that can be known is 1."""
    lost = []
    for k, d in enumerate(own_latents(z, y)):
        whole = learned(z, y[:, k], z_test, y_test[:, k])
        less, less_test = np.delete(z, d, axis=1), np.delete(z_test, d, axis=1)
        without = learned(less, y[:, k], less_test, y_test[:, k])
        lost.append((whole - without) / (1 - chance(y[:, k], y_test[:, k])))
    return float(np.mean(np.clip(lost, 0, 1)))


def axis_parts(z: np.ndarray, y: np.ndarray, starts: range) -> tuple[float, float, float]:
    """Axis ratio, linear ratio and their quotient, of the images that differ from a start in one
    factor: the linear one by singular values."""
    factors = []
    for k in range(y.shape[1]):
        groups = defaultdict(list)
        for row, values in enumerate(np.delete(y, k, axis=1)):
            groups[tuple(values)].append(row)
        found = []
        for start in starts:
            rows = groups[tuple(np.delete(y[start], k))]
            if len(set(y[rows, k])) > 1:
                apart = z[rows] - z[rows].mean(0)
                along = (apart**2).sum(0)
                main = np.linalg.svd(apart, compute_uv=False) ** 2
                n = z.shape[1]
                axis, linear = ((v.max() / along.sum() * n - 1) / (n - 1) for v in (along, main))
                found.append((axis, linear, axis / linear))
        factors.append(np.mean(found, axis=0))
    axis, linear, quotient = np.mean(factors, axis=0)
    return float(axis), float(linear), float(quotient)
