"""The form that starts trainings: settings, their cost, and the command that does the same."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.command_line import command_for
from betavae_core.config import PRESETS, RunConfig, for_model, preset
from betavae_core.datasets import dataset_title, load_dataset, own_datasets
from betavae_core.errors import InputError, Refusal, printable, wrong_value
from betavae_core.models import MODELS
from betavae_core.penalties import BETA_VAE, OBJECTIVES
from betavae_core.presets import SMALL_WORLDS
from betavae_core.queue.asking import ask_for, check_askable
from betavae_core.queue.entries import OPEN, check_alone, entries, sole_arrival
from betavae_core.queue.gpus import usual_number
from betavae_core.queue.room_left import check_room
from betavae_core.queue.supervisor import ensure_served
from betavae_core.training.rate import measured_rate
from pages._ui.address import want
from pages._ui.background import duration
from pages._ui.elsewhere import elsewhere
from pages._ui.style import EXPECTED, plain, tell

SNAPSHOTS = 9
TRAINED = ("conv", "mlp", "conv-multirate")  # the models of the form
MOST_AT_ONCE = 4  # values of β that one press starts
MOST_OPEN = 8  # trainings in the queue that are not finished
RISING = 2 / 3  # of the images, during which the capacity rises
IMAGES, LATENTS, SEEDS, RATES = (1_000, 10**8), (1, 256), (0, 2**31), (1e-6, 1.0)  # taken
OWN_PASSES = 20  # over a visitor's own images, as in the verb train


def start_form(root: Path) -> Callable[[], None]:
    """Settings from a preset; what makes no sense is refused with a sentence before it starts.
    Returns what says how long it will take, to be called when the rest of the page is drawn: that
    is measured, which takes seconds."""
    try:
        configs = _settings()
        for config in configs:
            check_askable(root, config, SNAPSHOTS, None)
        check_room(configs, root, SNAPSHOTS, usual_number())
        check_room_in_queue(root, len(configs))
    except EXPECTED as error:
        if isinstance(error, InputError) and error.kind is Refusal.EXISTS:  # nothing is wrong
            st.info(plain(str(error)), icon=":material/info:")
        else:
            tell(error)
        return lambda: None
    cost = st.container()
    if st.button("Start", key="start-training", icon=":material/play_arrow:"):
        try:
            _start(root, configs)
        except EXPECTED as error:  # such as another visitor who was faster
            tell(error)
    st.caption("The same from the command line:")
    lines = [f"{command_for(config)} --snapshots {SNAPSHOTS}" for config in configs]
    st.code("\n".join(lines), language=None, wrap_lines=True)
    return lambda: _cost(configs, cost)


def _start(root: Path, configs: list[RunConfig]) -> None:
    """All of them or none, and never more than the queue takes, however many press at once."""
    with sole_arrival(root):
        check_room_in_queue(root, len(configs))
        for config in configs:
            check_askable(root, config, SNAPSHOTS, None)
            check_alone(root, config)
        check_room(configs, root, SNAPSHOTS, usual_number())
        for config in configs:
            ask_for(root, config, snapshots=SNAPSHOTS)
    ensure_served(root)
    want("watched", [config.run_id for config in configs])
    st.rerun()


def _settings() -> list[RunConfig]:
    """A config for each chosen β, or strength of another objective; raises `InputError` for values
    without sense."""
    own = list(own_datasets())
    laptops = [name for name in PRESETS if name.endswith("-laptop")]
    row = st.container(horizontal=True, vertical_alignment="bottom")
    name = row.selectbox(
        "Preset",
        [*SMALL_WORLDS, *laptops, *own],
        format_func=lambda each: f"{each} (your own)" if each in own else _titled(each),
        key="train-preset",
        width=250,
    )
    usual = _usual(name, name in own)
    model = row.selectbox(
        "Model",
        TRAINED,
        TRAINED.index(usual.model),
        format_func=lambda each: MODELS[each].title,
        key=f"train-model-{name}",
        width=180,
        help="\n".join(f"- {MODELS[each].title}: {MODELS[each].source}" for each in TRAINED),
    )
    usual = for_model(usual, model)
    objective = row.selectbox(
        "Objective",
        [BETA_VAE] if usual.multirate else list(OBJECTIVES),
        format_func=lambda each: OBJECTIVES[each].title,
        width=190,
        key="train-objective-multirate" if usual.multirate else "train-objective",
        help="What is minimised:\n"
        + "\n".join(f"- {each.title}: {each.loss} ({each.source})" for each in OBJECTIVES.values()),
    )
    about = OBJECTIVES[objective]
    if usual.multirate:
        texts = row.text_input(
            "Lowest, highest β",
            f"{usual.beta_low:g}, {usual.beta_high:g}",
            key="train-range",
            width=170,
            help="One model learns every β between them.",
        )
    else:
        texts = row.text_input(
            f"{about.symbol} (several: 0.5, 4)",
            f"{about.usual:g}",
            width=170,
            key="train-beta" if objective == BETA_VAE else f"train-strength-{objective}",
            help=f"Up to {MOST_AT_ONCE} values, separated by commas: they train side by side, from "
            "the same seed and with the same order of images. SpritesMini has a quarter of the "
            "pixels of 2Dshapes, so that the weight counts four times as much.",
        )
    images = row.number_input(
        "Images to see",
        value=usual.images,
        step=10_000,
        key=f"train-images-{name}",
        width=170,
    )
    changed = _more(row, name, usual)
    _check_range("Images to see", images, *IMAGES)
    config = replace(changed, images=int(images), precision="auto")
    if config.multirate:
        return [_ranged(config, texts)]
    weights = _weights(texts, about.symbol)
    if objective == BETA_VAE:
        return [replace(config, beta=beta) for beta in weights]
    if objective == "capacity":
        config = replace(config, kl_warmup=int(RISING * config.images))
    return [replace(config, objective=objective, strength=weight) for weight in weights]


def _more(place: DeltaGenerator, name: str, usual: RunConfig) -> RunConfig:
    """The settings that are changed less often, folded."""
    with place.popover("More settings"):
        seed = st.number_input("Random seed", value=usual.seed, key="train-seed")
        latents = st.number_input(
            "Latents", value=usual.latents, key=f"train-latents-{usual.latents}"
        )
        rate = st.number_input(
            "Learning rate",
            value=usual.learning_rate,
            step=usual.learning_rate / 5,
            format="%g",
            key=f"train-rate-{name}-{usual.model}",
            help=f"Of {usual.optimizer.capitalize()}; it is divided by 5 for the last quarter of "
            "the images.",
        )
    _check_range("Random seed", seed, *SEEDS)
    _check_range("Latents", latents, *LATENTS)
    _check_range("Learning rate", rate, *RATES)
    return replace(usual, seed=int(seed), latents=int(latents), learning_rate=float(rate))


def _check_range(label: str, value: float, low: float, high: float) -> None:
    """Raise `InputError` for a number that the form does not take. The fields themselves set no
    limits: they would mark such a number and start the training with the one before it."""
    if not low <= value <= high:
        raise wrong_value(label, f"from {low:,} to {high:,}", value)


def _ranged(config: RunConfig, text: str) -> RunConfig:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            "The lowest and the highest β must be two numbers separated by a comma, such as "
            f'0.05, 20; got "{printable(text)}".',
            Refusal.VALUE,
            name="beta",
        ) from error
    return replace(config, beta_low=low, beta_high=high)


def _titled(name: str) -> str:
    title = dataset_title(PRESETS[name].dataset)
    return f"{title}: a small world" if name in SMALL_WORLDS else f"{title} ({name})"


def _usual(name: str, own: bool) -> RunConfig:
    if not own:
        return preset(name)
    dataset = load_dataset(name)
    channels, side, _ = dataset.shape
    return preset(
        "2dshapes-conv-laptop",
        dataset=dataset.name,
        source=dataset.source,
        channels=channels,
        image_size=side,
        images=OWN_PASSES * len(dataset),
    )


def _weights(text: str, symbol: str) -> list[float]:
    try:
        found = list(dict.fromkeys(float(part) for part in text.split(",")))
    except ValueError:
        found = []
    if not 0 < len(found) <= MOST_AT_ONCE:
        raise InputError(
            f"{symbol} must be one to {MOST_AT_ONCE} numbers separated by commas, such as 0.5, 4; "
            f'got "{printable(text)}".',
            Refusal.VALUE,
            name="beta",
        )
    return found


def check_room_in_queue(root: Path, more: int) -> None:
    """Raise `InputError` if a visitor cannot add so many trainings, or let them wait again."""
    there = sum(entry.state.status in OPEN for entry in entries(root))
    if there + more > MOST_OPEN:
        raise InputError(
            f"The queue has {there} trainings that are not finished, and takes at most "
            f"{MOST_OPEN}: wait for one of them, or stop it.",
            Refusal.BUSY,
        )


def _cost(configs: list[RunConfig], place: DeltaGenerator) -> None:
    """The time that the trainings will take at the rate that is measured now."""
    config, at_once = configs[0], min(len(configs), usual_number())
    key = f"rate-{config.dataset}-{config.source}-{config.model}-{config.latents}-"
    key += f"{config.batch_size}-{config.objective}"
    threads = max(1, (os.cpu_count() or 1) // usual_number())
    with place:
        rate = elsewhere(key, "Measuring the rate", 6, measured_rate, config, threads)
    if rate is None:
        return
    rounds = -(-len(configs) // at_once)
    place.markdown(
        f"About **{duration(rounds * config.images / rate)}** at {rate:,.0f} images/s"
        f" :gray[(measured on this machine on a few steps with {threads} "
        f"thread{'s' * (threads > 1)}; "
        f"{usual_number()} trainings at a time, others wait)]"
    )
