"""The four classifiers that the paper uses for Higgins' metric (Table 2).

Each takes several problems of the same size at once: points (S, N, D), labels (S, N), and test
points (S, M, D), and returns predicted labels (S, M). The two in PyTorch train all problems in one
batch (a batched matrix product per layer; Adagrad works entry by entry, so no problem sees
another); the two in scikit-learn run in parallel processes.

`paper` mode has the settings of the original code. `corrected` mode standardises all points by the
mean and standard deviation of the training points, so that no score depends on a latent's scale,
and stops the MLP early, judged on a tenth of the training points.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from joblib import Parallel, delayed

from ..device import choose_device
from ..rng import generator

Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, int, bool, list[int], torch.device], np.ndarray]

PAPER_LINEAR_STEPS, PAPER_MLP_STEPS = 10_000, 5_000  # full batches
LINEAR_STEPS, MLP_STEPS, PATIENCE = 1_500, 3_000, 150
HIDDEN = 256
SMALL = 20_000  # total number of points up to which fits run one after the other


def fit_predict(
    name: str,
    train: np.ndarray,
    labels: np.ndarray,
    test: np.ndarray,
    classes: int,
    *,
    paper: bool,
    seeds: list[int],
    device: str | torch.device = "cpu",
) -> np.ndarray:
    """Predicted labels (S, M) of the named classifier; one seed per problem. device: trains the
    PyTorch classifiers; weights and dropout are drawn on the CPU, so that only rounding differs."""
    if not paper:
        mean, scale = train.mean(1, keepdims=True), train.std(1, keepdims=True)
        scale = np.where(scale > 1e-12 * np.maximum(np.abs(mean), 1e-300), scale, 1)
        train, test = (train - mean) / scale, (test - mean) / scale
    place = choose_device(str(device))
    return CLASSIFIERS[name](train, labels, test, classes, paper, seeds, place)


def _linear(train, labels, test, classes, paper, seeds, device):  # type: ignore[no-untyped-def]
    x, y, x_test = _tensors(train, labels, test, device)
    weights = _layers([x.shape[2], classes], seeds, device)
    if paper:
        optimizer: Any = torch.optim.Adagrad(weights, 1e-2)
        steps = PAPER_LINEAR_STEPS
    else:
        optimizer, steps = torch.optim.Adam(weights, 0.1), LINEAR_STEPS
    for step in range(steps):
        if not paper and step == steps // 2:
            optimizer.param_groups[0]["lr"] = 0.01
        optimizer.zero_grad()
        _loss(_forward(weights, x), y).backward()
        optimizer.step()
    with torch.no_grad():
        return _forward(weights, x_test).argmax(2).cpu().numpy()


def _mlp(train, labels, test, classes, paper, seeds, device):  # type: ignore[no-untyped-def]
    x, y, x_test = _tensors(train, labels, test, device)
    weights = _layers([x.shape[2], HIDDEN, HIDDEN, classes], seeds, device)
    optimizer: Any = torch.optim.Adagrad(weights, 1e-3 if paper else 1e-2)
    sources = [generator(seed, "mlp/dropout") for seed in seeds]
    if paper:
        for _ in range(PAPER_MLP_STEPS):
            optimizer.zero_grad()
            _loss(_forward(weights, x, sources), y).backward()
            optimizer.step()
        with torch.no_grad():  # as in the original, dropout stays on
            return _forward(weights, x_test, sources).argmax(2).cpu().numpy()
    held = max(1, x.shape[1] // 10)
    best = torch.full((len(seeds),), torch.inf, device=device)
    kept = [w.detach().clone() for w in weights]
    waited = torch.zeros(len(seeds), device=device)
    for step in range(MLP_STEPS):
        optimizer.zero_grad()
        _loss(_forward(weights, x[:, held:], sources), y[:, held:]).backward()
        optimizer.step()
        if step % 10 == 9:
            with torch.no_grad():
                scores = _forward(weights, x[:, :held])
                losses = F.cross_entropy(scores.mT, y[:, :held], reduction="none").mean(1)
            better = losses < best
            best = torch.where(better, losses, best)
            waited = torch.where(better, 0, waited + 10)
            for store, weight in zip(kept, weights, strict=True):
                store[better] = weight.detach()[better]
            if bool((waited >= PATIENCE).all()):
                break
    with torch.no_grad():
        return _forward(kept, x_test).argmax(2).cpu().numpy()


def _tensors(
    train: np.ndarray, labels: np.ndarray, test: np.ndarray, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Points and test points float32, labels int64, on the device."""
    x, y, x_test = (torch.from_numpy(np.ascontiguousarray(a)) for a in (train, labels, test))
    return x.float().to(device), y.to(device), x_test.float().to(device)


def _layers(widths: list[int], seeds: list[int], device: torch.device) -> list[torch.Tensor]:
    """Weights (S, in, out) and biases (S, 1, out) of each layer, drawn as `nn.Linear` draws them,
    each problem from its own seed."""
    made: list[list[torch.Tensor]] = []
    for seed in seeds:
        random = generator(seed, "classifier/weights")
        parts = []
        for inner, outer in pairwise(widths):
            bound = inner**-0.5
            for shape in ((inner, outer), (1, outer)):
                parts.append((2 * torch.rand(shape, generator=random) - 1) * bound)
        made.append(parts)
    return [torch.stack(each).to(device).requires_grad_() for each in zip(*made, strict=True)]


def _forward(
    weights: list[torch.Tensor], x: torch.Tensor, sources: list[torch.Generator] | None = None
) -> torch.Tensor:
    """Scores (S, N, classes); with sources, half of the hidden units are dropped."""
    for layer in range(0, len(weights), 2):
        x = torch.baddbmm(weights[layer + 1], x, weights[layer])
        if layer + 2 < len(weights):
            x = x.relu()
            if sources is not None:
                keep = torch.stack([torch.rand(x.shape[1:], generator=s) < 0.5 for s in sources])
                x = x * keep.to(x.device) * 2
    return x


def _loss(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross-entropy, a mean over points, a sum over problems: no problem scales another's steps."""
    return F.cross_entropy(scores.mT, labels, reduction="none").mean(1).sum()


def _logistic(train, labels, test, classes, paper, seeds, device):  # type: ignore[no-untyped-def]
    from sklearn.linear_model import LogisticRegression

    return _each(lambda seed: LogisticRegression(max_iter=500), train, labels, test, seeds)


def _forest(train, labels, test, classes, paper, seeds, device):  # type: ignore[no-untyped-def]
    from sklearn.ensemble import RandomForestClassifier

    return _each(
        lambda seed: RandomForestClassifier(150, random_state=seed % 2**32, n_jobs=-1),
        train,
        labels,
        test,
        seeds,
    )


def _each(make, train, labels, test, seeds):  # type: ignore[no-untyped-def]
    work = [(make(s), x, y, t) for s, x, y, t in zip(seeds, train, labels, test, strict=True)]
    # starting processes takes a second, longer than a small fit
    jobs = 1 if len(work) == 1 or train.shape[0] * train.shape[1] <= SMALL else -1
    return np.stack(Parallel(n_jobs=jobs)(delayed(_fit_one)(*each) for each in work))


def _fit_one(model, x, y, test):  # type: ignore[no-untyped-def]
    if len(np.unique(y)) < 2:
        return np.full(len(test), y[0])
    return model.fit(x, y).predict(test)


CLASSIFIERS: dict[str, Fit] = {
    "linear": _linear,
    "mlp": _mlp,
    "logistic": _logistic,
    "forest": _forest,
}
