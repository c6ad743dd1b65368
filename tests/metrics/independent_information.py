"""The part of `independent` for scores from mutual information: MIG, modularity, MIG-sup, InfoM and
InfoC; again with nothing of `betavae_core`."""

import numpy as np


def information(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """In nats (D, K): Σ p(a, b) log p(a, b) / p(a) p(b), a one of 20 bins of equal width."""
    found = np.zeros((z.shape[1], y.shape[1]))
    for d, k in np.ndindex(*found.shape):
        bins = np.digitize(z[:, d], np.histogram_bin_edges(z[:, d], 20)[:-1])
        pairs, count = np.unique(np.stack([bins, y[:, k]]), axis=1, return_counts=True)
        of_bin, of_value = np.bincount(bins)[pairs[0]], np.bincount(y[:, k])[pairs[1]]
        found[d, k] = (count / len(z) * np.log(count * len(z) / (of_bin * of_value))).sum()
    return found


def mig(z: np.ndarray, y: np.ndarray) -> float:
    """Chen et al. (2018), equation 6."""
    gaps = []
    for k, column in enumerate(information(z, y).T):
        p = np.unique(y[:, k], return_counts=True)[1] / len(y)
        best, second = sorted(column, reverse=True)[:2]
        gaps.append((best - second) / -(p @ np.log(p)))
    return float(np.mean(gaps))


def modularity(z: np.ndarray, y: np.ndarray) -> float:
    """Ridgeway & Mozer (2018), section 3: how far each latent is from telling of one factor alone,
    as its squared deviation from that template; 0 for one that tells of none."""
    each = []
    for row in information(z, y):
        template = np.where(np.arange(len(row)) == row.argmax(), row, 0)
        scale = row.max() ** 2 * (len(row) - 1)
        each.append(1 - ((row - template) ** 2).sum() / scale if scale > 0 else 0)
    return float(np.mean(each))


def shares(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The information as a share of the factor's entropy (D, K)."""
    p = [np.unique(column, return_counts=True)[1] / len(y) for column in y.T]
    return information(z, y) / [-(each @ np.log(each)) for each in p]


def mig_sup(z: np.ndarray, y: np.ndarray) -> float:
    """Li et al. (2020): MIG of latents instead of factors."""
    return float(np.mean([row[-1] - row[-2] for row in np.sort(shares(z, y), axis=1)]))


def awake(z: np.ndarray) -> np.ndarray:
    """Which latents reach a twentieth of the widest one's range."""
    return np.ptp(z, axis=0) >= np.ptp(z, axis=0).max() / 20


def purity(n: np.ndarray) -> float:
    """Mean over rows of the largest share of the row's sum, 0 at chance: Hsu et al. (2023)."""
    x = np.mean([row.max() / row.sum() for row in n])
    chance = 1 / n.shape[1]
    return float((x - chance) / (1 - chance))
