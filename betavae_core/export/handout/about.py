"""What a run of a handout is, for people."""

from ...beta import beta_number
from ...command_line import command_for
from ...datasets import dataset_title
from ...models import MODELS
from ...penalties import BETA_VAE
from ...provenance import versions
from ...store import Run
from ...tables.summary import LIKELIHOODS


def facts_for_people(run: Run, *, rounded: bool = False) -> list[tuple[str, str]]:
    """Name and value of each fact; rounded: whether the page has the weights in float16 and the run
    in float32."""
    config, seen = run.config, run.images_seen
    beta = config.beta_words.removeprefix("β = ")
    if config.beta_normalised is not None:
        beta += f" (normalised: {config.beta_normalised:.3g})"
    facts = [
        ("Run", run.label),
        ("Model", f"{MODELS[config.model].title} with {config.latents} latents"),
        (
            "β" if config.objective == BETA_VAE else "Objective",
            beta if run.at is None else f"{beta_number(run.at)}, of a model for every β",
        ),
        ("Likelihood", LIKELIHOODS[config.likelihood]),
        ("Random seed", str(config.seed)),
        ("Trained on", f"{dataset_title(config.dataset)} ({config.source})"),
        ("Images seen", "not stated" if seen is None else f"{seen:,}"),
        ("Weights", f"SHA-256 {run.weights_hash[:16]}" + ", rounded to float16 here" * rounded),
        ("Page made with", ", ".join(f"{name} {number}" for name, number in versions().items())),
    ]
    if config.origin:
        return [*facts, ("Origin", config.origin)]
    return [*facts, ("Command that makes it", command_for(config))]
