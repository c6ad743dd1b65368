"""Choices: a run and a starting code, and the runs to picture."""

import streamlit as st
import torch

from betavae_core import choice as choice_of
from betavae_core.addresses import STARTS, TRAINED, keys_of
from betavae_core.models.browser import SliderRow
from betavae_core.rng import generator
from betavae_core.scoring.elbo import active_latents, latents_by_kl, latest_elbo
from betavae_core.store import Run
from betavae_core.store.labels import state_title
from betavae_core.store.snapshots import list_snapshots
from betavae_core.traversal.pictures import Start, image_start
from pages._ui.address import answered, cannot_follow, harmless, note, say, visit, want, wish
from pages._ui.choose_dataset import choose_dataset_of
from pages._ui.choose_length import choose_length
from pages._ui.encoded import aggregate_densities
from pages._ui.factors import factor_sliders, value_text
from pages._ui.followed import followed
from pages._ui.linked import number, one_of, put, taken
from pages._ui.runs import all_runs, dataset_of, state_of, title
from pages._ui.style import plain
from pages._ui.weights import WITHOUT_WEIGHTS, show_command

REACH = 3.0  # prior standard deviations to either side on the live sliders


def choose_run(runs: list[Run], cannot: str, help: str | None = None, *, key: str = "run") -> Run:
    """One of the runs, by default the visitor's choice if it is among them; cannot: the reason if
    it is not, as the rest of a sentence after its name."""
    now, everything = visit(), all_runs(baselines=True)[0]
    choice = followed()
    names = [run.name for run in runs]
    if (picked := taken(key)) in names:
        choice = now.choice = choice_of.choose_run(choice, runs[names.index(picked)])
    shown = choice_of.shown_run(choice, runs)
    asked = next((run for run in everything if run.name == choice.run), None)
    follows = choice.dataset in (None, shown.config.dataset)
    reason, unmade = "", None
    seeded = choice.seed in (None, choice_of.seed_of(shown)) or choice_of.seed_of(shown) is None
    if asked is not None and asked.name not in names:
        answered(key)
        if follows:
            unmade = None if asked.has_weights else asked
            reason = f"{plain(asked.name)} {WITHOUT_WEIGHTS if unmade else cannot}"
    elif follows and choice.run is None and not seeded:
        reason = _without_seed(choice.seed, shown.config.dataset)
    elif follows:
        now.choice = choice_of.choose_run(choice, shown)
    if not follows and not any(row.choice == "dataset" for row in keys_of(now.page)):
        reason = f"No model here was trained on {plain(title(choice.dataset or ''))}"
    if reason:
        cannot_follow(f"{reason}; showing {plain(shown.name)} instead.")
    if unmade is not None:
        show_command(unmade)
    put(key, shown.name)
    note(key, [shown.name], usual=shown.name == names[0])
    st.selectbox("Model", names, key=key, help=help)
    return shown


def _without_seed(seed: int | None, dataset: str) -> str:
    """The reason why a page has no runs of the chosen seed."""
    there = [
        run
        for run in all_runs(baselines=True)[0]
        if run.config.dataset == dataset and choice_of.seed_of(run) == seed
    ]
    if there and not any(run.has_weights for run in there):
        return f"Every model of the random seed {seed} {WITHOUT_WEIGHTS}"
    return f"No model here was trained on {plain(title(dataset))} from the random seed {seed}"


def choose_state(run: Run) -> Run:
    """The run itself, or one of its snapshots if there are any."""
    kept = list_snapshots(run.path)
    if not kept:
        return run
    names = {state_title(images): images for images in kept}
    if kept[-1] == run.images_seen:
        names.popitem()
    picked = one_of(
        st.select_slider,
        "State of training",
        [*names, TRAINED],
        default=TRAINED,
        key=f"after-{run.name}",
        help="Snapshots: weights that were kept during training, by the number of images seen.",
    )
    return run if picked == TRAINED else state_of(run, names[picked])


def choose_start(run: Run) -> Start:
    dataset = dataset_of(run)
    choices = [key for key in STARTS if dataset is not None or key != "image"]
    chosen = one_of(
        st.segmented_control,
        "Start from",
        choices,
        required=True,
        format_func=STARTS.__getitem__,
        key="start",
    )
    if chosen == "image" and dataset is not None:
        space = dataset.space
        if space is None:
            last = len(dataset) - 1
            index = number(st.number_input, "Image number", 0, last, 0, key="image")
            label = f"image {index:,}"
        else:
            with st.expander("Choose the image by its factors", expanded=False):
                base = factor_sliders(dataset.name, space)
            index = int(space.index(base[None])[0])
            values = (value_text(space, i, int(v)) for i, v in enumerate(base))
            label = ", ".join(f"{n} {v}" for n, v in zip(space.names, values, strict=True))
        return image_start(run, dataset, index, label)
    if chosen == "prior":
        seed = number(st.number_input, "Prior sample number", 0, 9999, 0, key="sample")
        z = torch.randn(run.config.latents, generator=generator(seed, "start"))
        return Start(z, None, f"prior sample {seed}")
    return Start(torch.zeros(run.config.latents), None, "zero code (the prior's mean)")


def latent_rows(run: Run) -> list[SliderRow]:
    """One slider per latent, the most informative first; for foreign datasets the KL and the
    aggregate posterior are unknown."""
    score = latest_elbo(run)
    latents = latents_by_kl(score, run.config.latents)
    kl = score["kl"] if score else [None] * run.config.latents
    active = active_latents(score) if score else [True] * run.config.latents
    rows: list[SliderRow] = [
        {"latent": d, "kl": kl[d], "active": active[d], "min": -REACH, "max": REACH}
        for d in latents
    ]
    dataset = dataset_of(run)
    if dataset is not None:
        densities = aggregate_densities(run, dataset, -REACH, REACH)
        for row in rows:
            row["density"] = densities[row["latent"]]
    return rows


def choose_latent(rows: list[SliderRow], label: str, key: str) -> int:
    """One of the latents, by default the most informative."""
    latents = [row["latent"] for row in rows]
    return one_of(st.selectbox, label, latents, format_func="z{}".format, key=key, width=240)


def choose_runs(runs: list[Run]) -> list[Run]:
    """The runs to picture: of one dataset and, if β was repeated, one seed; if a link names runs,
    only these."""
    now, everything = visit(), all_runs(baselines=True)[0]
    choice = followed()
    _without_gone_runs({run.name for run in runs})
    datasets = list(dict.fromkeys(run.config.dataset for run in runs))
    row = st.container(horizontal=True, gap="large")
    dataset = choose_dataset_of(datasets, "Dataset", "No model here was trained on {}", row)
    choice = now.choice
    runs = choose_length([run for run in runs if run.config.dataset == dataset], row)
    seeds = sorted({seed for run in runs if (seed := choice_of.seed_of(run)) is not None})
    seed, key = choice_of.usual_seed(runs), f"seed-{dataset}"
    if len(seeds) > 1:
        usual = seed
        if (picked := taken(key)) in seeds:
            choice = now.choice = choice_of.choose_seed(choice, dataset, picked, everything)
        if choice.seed in seeds and choice.dataset == dataset:
            seed = choice.seed
        _follow_seed(choice, dataset, seeds, seed, everything)
        put(key, seed)
        row.segmented_control("Random seed", seeds, required=True, key=key)
        note(key, [str(seed)], usual=seed == usual)
        runs = [run for run in runs if choice_of.seed_of(run) in (None, seed)]
    elif seed is not None:
        _follow_seed(choice, dataset, seeds, seed, everything)
        note(key, [str(seed)], usual=True)
    if choice.dataset == dataset and choice.seed in (None, *seeds):
        now.choice = choice_of.settled(
            choice, dataset, seed if len(seeds) > 1 else None, everything
        )
    return _linked_runs(runs)


def _follow_seed(
    choice: choice_of.Choice, dataset: str, seeds: list[int], shown: int | None, runs: list[Run]
) -> None:
    """A sentence if the chosen seed is not offered here, although other pages have it; it stays
    chosen."""
    if choice.dataset != dataset or choice.seed in (None, *seeds):
        return
    if any(choice_of.seed_of(run) == choice.seed for run in runs if run.config.dataset == dataset):
        answered(f"seed-{dataset}")
        reason = _without_seed(choice.seed, dataset)
        cannot_follow(f"{reason}; showing the random seed {shown} instead.")


def _without_gone_runs(names: set[str]) -> None:
    """A sentence, shown once, if the link names missing runs."""
    asked = wish("runs") or []
    gone = [name for name in asked if name not in names]
    if gone:
        shown = ", ".join(harmless(name) for name in gone[:4]) + ", …" * (len(gone) > 4)
        say(f"The link names models that are not here: {shown}.")
        want("runs", [name for name in asked if name in names] or None)


def _linked_runs(runs: list[Run]) -> list[Run]:
    """The runs that the link names, with a button for all of them; all runs if it names none."""
    asked = wish("runs") or []
    found = [run for run in runs if run.name in asked] or runs
    elsewhere = [name for name in asked if name not in {run.name for run in runs}]
    if answered("runs") is not None and elsewhere:
        named = ", ".join(harmless(name) for name in elsewhere[:4]) + ", …" * (len(elsewhere) > 4)
        say(
            f"The link names models of another dataset, random seed or training length than is "
            f"shown: {named}."
        )
    if len(found) < len(runs):
        says, button = st.columns([5, 1], vertical_alignment="center")
        says.caption(f"Showing {len(found)} of {len(runs)} models: only those that the link names.")
        if button.button("Show all", width="stretch"):
            want("runs", None)
            st.rerun()
    note("runs", [run.name for run in found], usual=len(found) == len(runs))
    return found


def choose_subset(sizes: dict[str, int]) -> str:
    """ "all" or "no-shape", if they have scores; addresses have the number of factors."""
    labels = {f"{count}": subset for subset, count in sorted(sizes.items(), key=lambda i: -i[1])}
    if len(labels) < 2:
        return next(iter(sizes), "all")
    picked = one_of(
        st.segmented_control,
        "Factors",
        list(labels),
        required=True,
        format_func=lambda count: (
            f"All {count} factors" if labels[count] == "all" else "without shape"
        ),
        spell=str,
        key="factors-" + "-".join(labels),
        help="Higgins et al. (2017) left out shape without saying so.",
    )
    return labels[picked]
