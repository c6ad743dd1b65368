"""The runs that differ only in β and seed, which one line may join."""

from collections.abc import Sequence

from ..store import Run, unsteered


def family(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """The largest group of trained runs that differ only in β and seed, and the other runs: a line
    over β must not join different models, latents, budgets, warm-ups or likelihoods, nor runs that
    were steered while they trained. The precision may differ, since it depends on the machine."""
    trained = [run for run in runs if not run.config.baseline]

    def kind(run: Run) -> tuple[object, ...]:
        config = run.config
        return (
            bool(config.origin),
            *(config.model, config.latents, config.likelihood, config.sigma, config.images),
            *(config.source, config.shape, config.optimizer, config.learning_rate),
            *(config.batch_size, config.kl_warmup),
        )

    usable = [run for run in unsteered(trained) if run.config.beta is not None]
    if not usable:
        return [], trained
    kinds = [kind(run) for run in usable]
    largest = max(kinds, key=kinds.count)
    inside = [run for run, each in zip(usable, kinds, strict=True) if each == largest]
    return inside, [run for run in trained if not any(run is each for each in inside)]
