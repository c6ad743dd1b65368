"""The settings of a run as one frozen record, and its readable id."""

import dataclasses
import json
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from typing import Any

from .beta import beta_number, beta_text
from .config_checks import check_absent, check_name, check_types, check_values
from .config_file import settings_of
from .errors import InputError, Refusal, unknown_name, wrong_value
from .penalties import BETA_VAE, COMPARED, OBJECTIVES
from .presets import IMAGE_SHAPES, PRESET_SETTINGS

FORMAT = 1  # raise when config.json changes in a way that older code would misread

# the names in the table of models/, which needs torch; a test keeps both the same
MODELS = ("conv", "mlp", "conv-multirate", "layers")
MULTIRATE_RANGE = (0.05, 20.0)  # β of conv-multirate, unless stated
MULTIRATE_LIMITS = (1e-6, 1e6)  # of its range, which a slider can still resolve
CAPACITY = 25.0  # nats, of the objective capacity, unless stated (disentangling-vae, dSprites)
NOT_IN_RUN_ID = (
    *("dataset", "model", "beta", "beta_low", "beta_high", "seed"),  # already part of the id
    *("objective", "strength"),
    *("origin", "precision", "order_seed", "steered", "format"),
)
# follow from others
NOT_SET_BY_OPTIONS = ("channels", "image_size", "origin", "fit", "steered", "forked", "format")
BASELINES = ("pca", "ica", "oracle", "rotated", "noise")  # models without a β
BASELINE_KINDS = (*BASELINES, "untrained")  # the last: a VAE with its initial weights


def setting(default: Any, about: str) -> Any:
    """A field with its explanation, shown in the help of `train`."""
    return dataclasses.field(default=default, metadata={"about": about})


@dataclass(frozen=True)
class RunConfig:
    """All settings that determine a run; written to config.json before training starts.

    The usual objective is the β-ELBO of Higgins et al. (2017), as a loss in nats per image:
    ``NLL(x | z) summed over pixels + beta · KL(q(z|x) ‖ N(0, I)) summed over latents``, both
    averaged over the batch. `beta` therefore does not depend on the image size; the normalised
    β that some papers quote is `beta_normalised`. The other objectives (`penalties.OBJECTIVES`)
    have a `strength` and no `beta`. Raises `InputError` for impossible values.
    """

    dataset: str = setting("2dshapes", "a dataset of the paper, or the name of your own images")
    source: str = setting(
        "rendered", "source of the data: rendered or official (for datasets of the paper), or own"
    )
    model: str = setting(
        "conv", "conv, mlp, conv-multirate (for a range of β) or layers (see the setting layers)"
    )
    beta: float | None = setting(
        4.0,
        "weight of the KL term, at least 0; unknown (None) for an import that does not state it, "
        "for conv-multirate, which has beta-low and beta-high, and for objectives with a strength",
    )
    beta_low: float | None = setting(None, "lowest β of the model conv-multirate (default: 0.05)")
    beta_high: float | None = setting(None, "highest β of the model conv-multirate (default: 20)")
    seed: int = setting(
        123, "random seed for the initial weights, the noise and the order of images"
    )
    latents: int = setting(10, "number of latents")
    objective: str = setting(
        "beta-vae", "beta-vae, beta-tcvae, capacity, factor-vae, dip-vae-i or dip-vae-ii"
    )
    strength: float | None = setting(
        None,
        "weight of the penalty of an objective other than beta-vae, at least 0: β of beta-tcvae "
        "(default: 6.4), γ of capacity (100) and factor-vae (6.4), λ of dip-vae (10)",
    )
    capacity: float | None = setting(
        None,
        "nats to which the objective capacity draws the KL (default: 25), rising during kl-warmup",
    )
    likelihood: str = setting("bernoulli", "bernoulli, gaussian or sigma-vae")
    sigma: float = setting(
        1.0, "standard deviation of the Gaussian likelihood, for pixels between 0 and 1"
    )
    optimizer: str = setting("adam", "adam or adagrad")
    learning_rate: float = setting(5e-4, "learning rate, divided by 5 for the last quarter")
    batch_size: int = setting(64, "images per step")
    images: int = setting(737_280, "total number of images seen, repeats counted; 0: untrained")
    kl_warmup: int = setting(
        0,
        "images during which the weight of the KL, or of another objective's penalty, rises from 0 "
        "(objective capacity: the capacity); 0 (as in the paper): none",
    )
    precision: str = setting(
        "float32", "precision of a step: float32, bfloat16, or auto (the fastest on this machine)"
    )
    order_seed: int | None = setting(
        None, "random seed for the order of images (default: the seed); a stack shares one"
    )
    channels: int | None = setting(None, "1 or 3 (default: the dataset's)")
    image_size: int | None = setting(None, "pixels per side (default: the dataset's)")
    origin: str = setting("", "origin of an imported run; empty for a run of this lab")
    fit: str = setting(
        "", 'non-default settings of a baseline, "fun=cube max_iter=500" or "missing=shape"'
    )
    steered: str = setting(
        "", "changes of β and of the learning rate while it trained, and after how many images"
    )
    forked: str = setting("", "run and images seen of the weights that the training began from")
    layers: str = setting("", "architecture of the model layers, in the form of models/layers.py")
    format: int = setting(FORMAT, "format version of this file")

    def __post_init__(self) -> None:
        shape = IMAGE_SHAPES.get(self.dataset) if isinstance(self.dataset, str) else None
        for name, usual in zip(("channels", "image_size"), shape or (), strict=False):
            if getattr(self, name) is None:
                object.__setattr__(self, name, usual)
        if isinstance(self.dataset, str) and None in (self.channels, self.image_size):
            raise unknown_name(
                "dataset",
                self.dataset,
                IMAGE_SHAPES,
                " (another one needs its channels and image_size)",
            )
        check_types(self)
        if self.order_seed == self.seed:  # one way to say it
            object.__setattr__(self, "order_seed", None)
        for name in ("beta", "strength", "capacity"):
            if getattr(self, name) == 0:  # also −0
                object.__setattr__(self, name, 0.0)
        self._settle_range()
        self._settle_objective()
        check_values(self)

    def _settle_range(self) -> None:
        """conv-multirate has a range of β, every other model has one β or none."""
        if not self.multirate:
            if (self.beta_low, self.beta_high) != (None, None):
                raise InputError(
                    'The settings beta_low and beta_high belong to the model "conv-multirate", got '
                    f'model "{self.model}".',
                    Refusal.CONFLICT,
                )
            return
        if self.beta not in (None, RunConfig.beta):
            raise _has_no_beta(self.beta)
        low = MULTIRATE_RANGE[0] if self.beta_low is None else self.beta_low
        high = MULTIRATE_RANGE[1] if self.beta_high is None else self.beta_high
        least, most = MULTIRATE_LIMITS
        if not least <= low < high <= most:
            wanted = "above 0 and the low one below the high one, from 1e-6 to 1e6"
            raise wrong_value("beta_low and beta_high", wanted, (low, high))
        for name, value in (("beta", None), ("beta_low", low), ("beta_high", high)):
            object.__setattr__(self, name, value)

    def _settle_objective(self) -> None:
        """An objective other than the β-ELBO has a strength instead of β, and capacity a capacity;
        no other has them."""
        check_name("objective", self.objective, tuple(OBJECTIVES))
        if self.objective == BETA_VAE:
            check_absent(self, "an objective other than beta-vae", "strength")
        else:
            if self.multirate:
                raise InputError(
                    f'A model for a range of β has the objective beta-vae, got "{self.objective}".',
                    Refusal.CONFLICT,
                )
            if self.beta not in (None, RunConfig.beta):
                raise _has_no_beta(self.beta, self.objective)
            object.__setattr__(self, "beta", None)
            if self.strength is None:
                object.__setattr__(self, "strength", OBJECTIVES[self.objective].usual)
        if self.objective != "capacity":
            check_absent(self, "the objective capacity", "capacity")
        elif self.capacity is None:
            object.__setattr__(self, "capacity", CAPACITY)

    @property
    def multirate(self) -> bool:
        """Whether the model is one for a range of β."""
        return self.model == "conv-multirate"

    @property
    def beta_words(self) -> str:
        """ "β = 4", the range of a multi-rate run, "β = 0.05 to 20", or another objective:
        "FactorVAE, γ = 6.4"."""
        if self.multirate:
            return f"{beta_text(self.beta_low)} to {beta_number(self.beta_high)}"
        return beta_text(self.beta) if self.objective == BETA_VAE else self.objective_words

    @property
    def objective_words(self) -> str:
        """The objective with its settings: "FactorVAE, γ = 6.4"."""
        about = OBJECTIVES[self.objective]
        if self.objective == BETA_VAE:
            return about.title
        rising = f", C = {self.capacity:g} nats" if self.capacity is not None else ""
        return f"{about.title}, {about.symbol} = {self.strength:g}{rising}"

    @property
    def trainable(self) -> bool:
        """Whether the settings state everything that a training needs: an import may lack its
        β."""
        return self.beta is not None or self.multirate or self.objective != BETA_VAE

    @property
    def images_order(self) -> int:
        """The seed for the order of images."""
        return self.seed if self.order_seed is None else self.order_seed

    @property
    def pixels(self) -> int:
        """Values per image: channels · height · width."""
        return self.shape[0] * self.shape[1] * self.shape[2]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        assert self.channels is not None, "set in __post_init__"
        assert self.image_size is not None, "set in __post_init__"
        return self.channels, self.image_size, self.image_size

    @property
    def beta_normalised(self) -> float | None:
        """β · latents / pixels, the weight of the KL in an objective that averages over pixels and
        latents: comparable between image sizes (Higgins et al. 2017, section 4.2)."""
        return None if self.beta is None else self.beta * self.latents / self.pixels

    @property
    def by_hand(self) -> bool:
        """Whether its β or learning rate was changed while it trained, or it began from another
        run's weights: no chart compares it with runs that kept their β."""
        return bool(self.steered or self.forked)

    @property
    def baseline(self) -> str:
        """The kind of baseline: a name of `BASELINES`, "untrained", or "" for a trained VAE."""
        if self.model in BASELINES:
            return self.model
        untrained = self.images == 0 and not self.origin  # an import may not state its length
        return "untrained" if untrained else ""

    @property
    def run_id(self) -> str:
        """Readable and unique per config: the four fields that a sweep varies, then every other
        field that differs from the laptop preset of the same dataset and model. The precision and
        the seed for the order of images are left out: they depend on the machine, and on whether
        the run is trained alone or in a stack."""
        beta = "betaunknown" if self.beta is None else f"beta{_short(self.beta)}"
        if self.multirate:
            beta = f"beta{_short(self.beta_low)}to{_short(self.beta_high)}"
        if self.objective != BETA_VAE:
            beta = f"{self.objective.replace('-', '')}{_short(self.strength)}"
        parts = [self.dataset, self.model, beta, f"seed{self.seed}"]
        like = "conv" if self.multirate else self.model
        usual = usual_preset(self.dataset, like)
        if self.model in BASELINES:
            parts.remove(beta)
            usual = PRESETS.get(f"{self.dataset}-conv-laptop", usual)
            if self.model in ("oracle", "rotated"):  # as many as there are factors
                usual = replace(usual, latents=self.latents)
            if self.images == 0:
                usual = replace(usual, images=0)
        elif self.baseline:
            parts[2] = "untrained"
            usual = replace(usual, images=0)
        if self.source == "own":
            usual = replace(usual, source="own", channels=3)
        for field in fields(self):
            if field.name in NOT_IN_RUN_ID:
                continue
            value = getattr(self, field.name)
            if value != getattr(usual, field.name):
                if field.name in ("layers", "forked"):  # too long or too odd for a folder's name
                    value = sha256(value.encode()).hexdigest()[:8]
                text = _short(value).replace(" ", "-")
                parts.append(f"{field.name.replace('_', '')}{text}")
        return "-".join(parts)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "RunConfig":
        """Read a config.json; raises `InputError` if this version does not know it."""
        config = cls(**settings_of(text, fields(cls), FORMAT))
        # only for files: a model from a notebook may have any name
        check_name("model", config.model, (*MODELS, *BASELINES))
        return config


def fork_text(run: str, images: int) -> str:
    """The setting `forked` of a run that began from the weights of `run` after `images` images."""
    return f"{run} after {images}"


def _has_no_beta(beta: float | str | None, objective: str = BETA_VAE) -> InputError:
    if objective != BETA_VAE:
        return InputError(
            f"The objective {objective} has no beta (got {beta}): its weight is called strength.",
            Refusal.CONFLICT,
        )
    return InputError(
        "The model conv-multirate is trained for a range of β: set beta_low and beta_high, not "
        f"beta (got {beta}).",
        Refusal.CONFLICT,
    )


def _short(value: Any) -> str:
    """The shortest text that reads back as the same value: 4.0 → 4, 0.0005 → 0.0005."""
    text = repr(value) if isinstance(value, float) else str(value)
    return text.removesuffix(".0")


PRESETS: dict[str, RunConfig] = {}
PRESETS.update({name: RunConfig(**settings) for name, settings in PRESET_SETTINGS.items()})


def usual_preset(dataset: str, model: str) -> RunConfig:
    """The settings from which a run's differ by what its name says: those of the laptop preset of
    its dataset and model, or of the preset of its small world."""
    return PRESETS.get(f"{dataset}-{model}-laptop") or PRESETS.get(dataset) or RunConfig()


def preset(name: str, **overrides: Any) -> RunConfig:
    """A preset by name with some fields replaced; raises `InputError` listing the names."""
    if name not in PRESETS:
        raise unknown_name("preset", name, PRESETS)
    beta, objective = overrides.get("beta"), overrides.get("objective", BETA_VAE)
    ranged = overrides.get("model", PRESETS[name].model) == "conv-multirate"
    if beta is not None and (ranged or objective in COMPARED):
        raise _has_no_beta(beta, objective)
    return replace(PRESETS[name], **overrides)


def for_model(config: RunConfig, model: str) -> RunConfig:
    """The settings for another model: "conv-multirate" with its usual range of β, or one with a
    preset, with the optimizer and the learning rate that Table 4 of the paper gives it. Raises
    `InputError` for any other model."""
    if model == config.model:
        return config
    if model == "conv-multirate":
        return replace(config, model=model, beta=None)
    like = preset(f"2dshapes-{model}-laptop")
    return replace(config, model=model, optimizer=like.optimizer, learning_rate=like.learning_rate)
