"""Choosing: a run and a code to start from, the runs to picture, a dataset."""

import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from betavae_core import choice as choice_of
from betavae_core.addresses import STARTS, key_of, keys_of, state_title
from betavae_core.choice import Choice
from betavae_core.datasets import DATASETS, Dataset, own_datasets
from betavae_core.errors import InputError
from betavae_core.evaluation import active_latents, latents_by_kl, latest_elbo
from betavae_core.paths import data_root
from betavae_core.rng import generator
from betavae_core.snapshots import list_snapshots
from betavae_core.store import Run
from betavae_core.traversal_pictures import Start, image_start
from pages._ui.address import (
    answered,
    cannot_follow,
    end_page,
    harmless,
    note,
    say,
    visit,
    want,
    wish,
)
from pages._ui.encoded import aggregate_densities
from pages._ui.factors import factor_sliders, value_text
from pages._ui.linked import number, one_of, put, taken
from pages._ui.live_blob import SliderRow
from pages._ui.runs import all_runs, dataset_of, open_dataset, state_of, title
from pages._ui.style import plain, without_paths

REACH = 3.0  # prior standard deviations to either side on the live sliders


def choose_run(runs: list[Run], cannot: str, help: str | None = None, *, key: str = "run") -> Run:
    """One of the runs, the one that goes with the visitor where it is among them; cannot: why it
    is not, after its name."""
    now, everything = visit(), all_runs(baselines=True)[0]
    choice = followed()
    names = [run.name for run in runs]
    if (picked := taken(key)) in names:
        choice = now.choice = choice_of.choose_run(choice, runs[names.index(picked)])
    shown = choice_of.shown_run(choice, runs)
    asked = next((run for run in everything if run.name == choice.run), None)
    here = {run.config.dataset for run in runs}
    if asked is not None and asked.name not in names and asked.config.dataset in here:
        answered(key)
        cannot_follow(f"{plain(asked.name)} {cannot}; showing {plain(shown.name)} instead.")
    elif choice.dataset in (None, shown.config.dataset):
        now.choice = choice_of.choose_run(choice, shown)
    elif choice.dataset not in here and len(here) > 1:
        answered(key)
        cannot_follow(
            f"No run here was trained on {plain(title(choice.dataset))}; showing "
            f"{plain(shown.name)} instead."
        )
    put(key, shown.name)
    note(key, [shown.name], usual=shown.name == names[0])
    st.selectbox("Run" if key == "run" else "Codes of", names, key=key, help=help)
    return shown


def choose_state(run: Run) -> Run:
    """The run itself or, where its training kept them, an earlier state of its weights."""
    kept = list_snapshots(run.path)
    if not kept:
        return run
    last = "trained"
    names = {state_title(images): images for images in kept}
    if kept[-1] == run.images_seen:
        names.popitem()
    picked = one_of(
        st.select_slider,
        "State of training",
        [*names, last],
        default=last,
        key=f"after-{run.name}",
        help="The weights after so many images, as the training kept them.",
    )
    return run if picked == last else state_of(run, names[picked])


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
            index = number(st.number_input, "image", 0, last, 0, key="image")
            label = f"image {index:,}"
        else:
            with st.expander("Choose the image by its factors", expanded=False):
                base = factor_sliders(dataset.name, space)
            index = int(space.index(base[None])[0])
            values = (value_text(space, i, int(v)) for i, v in enumerate(base))
            label = ", ".join(f"{n} {v}" for n, v in zip(space.names, values, strict=True))
        return image_start(run, dataset, index, label)
    if chosen == "prior":
        seed = number(st.number_input, "Sample number", 0, 9999, 0, key="sample")
        z = torch.randn(run.config.latents, generator=generator(seed, "start"))
        return Start(z, None, f"prior sample {seed}")
    return Start(torch.zeros(run.config.latents), None, "zero, the prior's mean")


def latent_rows(run: Run) -> list[SliderRow]:
    """One slider per latent, the most informative first; KL is unknown for foreign datasets, and
    where the aggregate posterior lies is, too."""
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
    """One of the latents, at first the most informative."""
    latents = [row["latent"] for row in rows]
    return one_of(st.selectbox, label, latents, format_func="z{}".format, key=key, width=240)


def followed() -> Choice:
    """What goes with the visitor from page to page, after the address that led here."""
    now, everything = visit(), all_runs(baselines=True)[0]
    came, now.came = now.came, None
    if came is None:
        return now.choice
    rows = {name: row.choice for name in came if (row := key_of(name)) and row.choice}
    here = {row.choice for row in keys_of(now.page)}
    choice = now.choice
    if now.back:  # what the address does not name is as usual
        choice = Choice(run=None if "run" in here else choice.run)
    run = next(
        (r for r in everything for n in rows if rows[n] == "run" and r.name in came[n]), None
    )
    known = {name for name in rows if rows[name] == "run" and run is not None}
    if run is not None:
        choice = choice_of.choose_run(choice, run)
    for name in [name for name in rows if rows[name] == "dataset"]:
        found = dataset_named(came[name][-1], everything)
        if run is not None and found != run.config.dataset:
            answered(name)
            say(
                f'The link names the dataset "{harmless(came[name][-1])}" and the run '
                f"{harmless(run.name)}, which is of {title(run.config.dataset)}; it shows the run."
            )
        elif found is not None:
            known.add(name)
            choice = choice_of.choose_dataset(choice, found)
    for name in [name for name in rows if rows[name] == "seed"]:
        dataset, text = name.removeprefix("seed-"), came[name][-1]
        seeds = {run.config.seed for run in everything if run.config.dataset == dataset}
        if run is not None or choice.dataset not in (None, dataset):
            answered(name)
        elif text.isdecimal() and int(text) in seeds:
            known.add(name)
            choice = choice_of.choose_seed(choice, dataset, int(text), everything)
    for name in known:
        row = key_of(name)
        if row is not None and now.page not in row.pages:
            answered(name)  # it is followed, though nothing here names it
    now.choice = choice
    return choice


def dataset_named(text: str, runs: list[Run]) -> str | None:
    """The dataset that an address means, by its title on the pages or by its name."""
    own = own_datasets()
    names = dict.fromkeys([*DATASETS, *(run.config.dataset for run in runs), *own])
    spelled = {f"{name} (your own)": name for name in own} | {name: name for name in names}
    return (spelled | {title(name): name for name in names}).get(text)


def choose_runs(runs: list[Run]) -> list[Run]:
    """The runs whose pictures are shown: of one dataset and, where β was repeated, one seed; of
    these only the ones that a link names, where it names any."""
    now, everything = visit(), all_runs(baselines=True)[0]
    choice = followed()
    _without_gone_runs({run.name for run in runs})
    datasets = list(dict.fromkeys(run.config.dataset for run in runs))
    row = st.container(horizontal=True, gap="large")
    dataset = _choose_dataset_of(
        datasets, "Pictures of the runs on", "No run here was trained on {}", row
    )
    choice = now.choice
    runs = [run for run in runs if run.config.dataset == dataset]
    seeds = sorted({seed for run in runs if (seed := choice_of.seed_of(run)) is not None})
    seed, key = choice_of.usual_seed(runs), f"seed-{dataset}"
    if len(seeds) > 1:
        usual = seed
        if (picked := taken(key)) in seeds:
            choice = now.choice = choice_of.choose_seed(choice, dataset, picked, everything)
        if choice.seed in seeds and choice.dataset == dataset:
            seed = choice.seed
        put(key, seed)
        row.segmented_control("trained from the seed", seeds, required=True, key=key)
        note(key, [str(seed)], usual=seed == usual)
        runs = [run for run in runs if choice_of.seed_of(run) in (None, seed)]
    elif seed is not None:
        note(key, [str(seed)], usual=True)
    if choice.dataset == dataset:
        now.choice = choice_of.settled(
            choice, dataset, seed if len(seeds) > 1 else None, everything
        )
    return _linked_runs(runs)


def _choose_dataset_of(
    datasets: list[str], label: str, cannot: str, place: DeltaGenerator | None = None
) -> str:
    """One of the datasets, the one that goes with the visitor where it is among them, else the
    first; cannot: why it is not, with {} for its title."""
    now = visit()
    choice = followed()
    if (picked := taken("dataset")) in datasets:
        choice = now.choice = choice_of.choose_dataset(choice, picked)
    dataset = choice.dataset if choice.dataset in datasets else datasets[0]
    if choice.dataset is None:
        now.choice = choice_of.choose_dataset(choice, dataset)
    elif choice.dataset != dataset:
        answered("dataset")
        reason = cannot.format(plain(title(choice.dataset)))
        cannot_follow(f"{reason}; showing {plain(title(dataset))} instead.")
    note("dataset", [title(dataset)], usual=dataset == datasets[0])
    if len(datasets) > 1 or place is None:
        put("dataset", dataset)
        (place or st).segmented_control(
            label, datasets, required=True, format_func=title, key="dataset"
        )
    return dataset


def _without_gone_runs(names: set[str]) -> None:
    """A sentence where the link names runs that are not here, once."""
    asked = wish("runs") or []
    gone = [name for name in asked if name not in names]
    if gone:
        shown = ", ".join(harmless(name) for name in gone[:4]) + ", …" * (len(gone) > 4)
        say(f"The link names runs that are not here: {shown}.")
        answered("runs")
        want("runs", [name for name in asked if name in names] or None)


def _linked_runs(runs: list[Run]) -> list[Run]:
    """Those of the runs that the link names, and a way to all of them; all where it names none of
    them."""
    asked = wish("runs") or []
    answered("runs")
    found = [run for run in runs if run.name in asked] or runs
    if len(found) < len(runs):
        says, button = st.columns([5, 1], vertical_alignment="center")
        says.caption(f"Of the {len(runs)} runs here only the {len(found)} that the link names.")
        if button.button("Show all", width="stretch"):
            want("runs", None)
            st.rerun()
    note("runs", [run.name for run in found], usual=len(found) == len(runs))
    return found


def leading_to(page: str, runs: list[Run]) -> dict[str, str]:
    """What a link to another page names, so that it shows there what was chosen here."""
    choice, names = visit().choice, {row.name for row in keys_of(page)}
    if choice.dataset is None:
        return {}
    if "run" in names and "dataset" not in names:
        return {"run": choice_of.shown_run(choice, runs).name}
    seed = {f"seed-{choice.dataset}": str(choice.seed)} if choice.seed is not None else {}
    if "data" in names:
        return {"data": _offered(choice.dataset)}
    return {"dataset": title(choice.dataset)} | (seed if "seed-*" in names else {})


def _offered(dataset: str) -> str:
    """What the page Datasets calls it."""
    return DATASETS[dataset].title if dataset in DATASETS else f"{dataset} (your own)"


def choose_dataset() -> Dataset:
    """The dataset and, where there are several, its source; ends the page where it is not here."""
    own = own_datasets()
    names = [*DATASETS, *own]
    picker, sources = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    now, choice = visit(), followed()
    if (picked := taken("data")) in names:
        choice = now.choice = choice_of.choose_dataset(choice, picked)
    name = choice.dataset if choice.dataset in names else names[0]
    if choice.dataset is None:
        now.choice = choice_of.choose_dataset(choice, name)
    elif choice.dataset != name:
        answered("data")
        cannot_follow(
            f"The images of {plain(title(choice.dataset))} are not among the datasets here; "
            f"showing {plain(title(name))} instead."
        )
    put("data", name)
    note("data", [_offered(name)], usual=name == names[0])
    picker.selectbox(
        "Dataset",
        names,
        format_func=_offered,
        key="data",
        help=without_paths(
            f"Your own: put a folder or zip of images, an .npz or an .h5 file into {data_root()}"
        ),
    )
    if name in own:
        return open_dataset(name, "own")
    entry = DATASETS[name]
    try:
        found = open_dataset(name, None)
    except InputError as error:
        if entry.rendered is not None:
            raise
        st.info(
            f"{entry.about} The images of {entry.title} are not on this machine and it has no "
            "rendered source. With internet access, fetch the official file:",
            icon=":material/download:",
        )
        st.code(f"python -m betavae_core data fetch {name}", language="bash")
        st.caption(without_paths(str(error)))
        end_page()
    if found.source == "official" and entry.rendered is not None:
        source = one_of(
            sources.segmented_control,
            "Source",
            ["official", "rendered"],
            required=True,
            key="source",
        )
        return open_dataset(name, source)
    note("source", [found.source], usual=True)
    return found


def choose_factor_dataset(runs: list[Run]) -> str:
    """One of the datasets with known factors that runs were trained on; ends the page where there
    is none."""
    datasets = [
        name
        for name in dict.fromkeys(run.config.dataset for run in runs)
        if any(_has_factors(run) for run in runs if run.config.dataset == name)
    ]
    if not datasets:
        st.info(
            "None of the runs here was trained on a dataset with known factors of variation: "
            "there is nothing to score.",
            icon=":material/category:",
        )
        end_page()
    unknown = followed().dataset in {run.config.dataset for run in runs}
    cannot = (
        "The factors of variation of {} are not known here, so there is nothing to score"
        if unknown
        else "No run here was trained on {}"
    )
    return _choose_dataset_of(datasets, "Dataset", cannot)


def _has_factors(run: Run) -> bool:
    entry = DATASETS.get(run.config.dataset)
    if entry is not None and entry.rendered is not None:  # all of these have; opening takes time
        return True
    dataset = dataset_of(run)
    return dataset is not None and dataset.space is not None


def choose_subset(sizes: dict[str, int]) -> str:
    """ "all" or "no-shape", whichever have scores, shown by their number of factors."""
    labels = {f"{count}": subset for subset, count in sorted(sizes.items(), key=lambda i: -i[1])}
    if len(labels) < 2:
        return next(iter(sizes), "all")
    picked = one_of(
        st.segmented_control,
        "Factors",
        list(labels),
        required=True,
        key="factors-" + "-".join(labels),
        help="All, or without shape, as Higgins et al. (2017) did without saying so.",
    )
    return labels[picked]
