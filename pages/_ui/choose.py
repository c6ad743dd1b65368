"""Choosing: a run and a code to start from, the runs to picture, a dataset."""

import streamlit as st
import torch

from betavae_core.datasets import DATASETS, Dataset, own_datasets
from betavae_core.errors import InputError
from betavae_core.evaluation import active_latents, latents_by_kl, latest_elbo
from betavae_core.links import STARTS, run_choices, state_title
from betavae_core.paths import data_root
from betavae_core.rng import generator
from betavae_core.snapshots import list_snapshots
from betavae_core.store import Run
from betavae_core.traversal_pictures import Start, image_start
from pages._ui.encoded import aggregate_densities
from pages._ui.factors import factor_sliders, value_text
from pages._ui.links import settled
from pages._ui.live_blob import SliderRow
from pages._ui.runs import dataset_of, open_dataset, state_of, title
from pages._ui.style import without_paths

REACH = 3.0  # prior standard deviations to either side on the live sliders


def choose_run(runs: list[Run], help: str | None = None) -> Run:
    """One of the runs; a name in the link that is not here gets a sentence, not silently another
    run."""
    names = [run.name for run in runs]
    asked = st.query_params.get("run")
    if asked and asked not in names and "run" not in st.session_state:
        st.warning(f'There is no run "{_harmless(asked)}" here; showing {names[0]} instead.')
        del st.query_params["run"]
    name = st.selectbox("Run", names, key="run", bind="query-params", help=help)
    return runs[names.index(name)]


def choose_state(run: Run) -> Run:
    """The run itself or, where its training kept them, an earlier state of its weights."""
    kept = list_snapshots(run.path)
    if not kept:
        return run
    last = "trained"
    names = {state_title(images): images for images in kept}
    if kept[-1] == run.images_seen:
        names.popitem()
    picked = st.select_slider(
        "State of training",
        [*names, last],
        last,
        key=f"after-{run.name}",
        bind="query-params",
        help="The weights after so many images, as the training kept them.",
    )
    return run if picked == last else state_of(run, names[picked])


def choose_start(run: Run) -> Start:
    dataset = dataset_of(run)
    choices = [key for key in STARTS if dataset is not None or key != "image"]
    chosen = st.segmented_control(
        "Start from",
        choices,
        default=choices[0],
        required=True,
        format_func=STARTS.__getitem__,
        key="start",
        bind="query-params",
    )
    if chosen == "image" and dataset is not None:
        space = dataset.space
        if space is None:
            last = len(dataset) - 1
            index = int(st.number_input("image", 0, last, key="image", bind="query-params"))
            label = f"image {index:,}"
        else:
            with st.expander("Choose the image by its factors", expanded=False):
                base = factor_sliders(dataset.name, space)
            index = int(space.index(base[None])[0])
            values = (value_text(space, i, int(v)) for i, v in enumerate(base))
            label = ", ".join(f"{n} {v}" for n, v in zip(space.names, values, strict=True))
        return image_start(run, dataset, index, label)
    if chosen == "prior":
        seed = int(st.number_input("Sample number", 0, 9999, key="sample", bind="query-params"))
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


def choose_latent(rows: list[SliderRow], label: str) -> int:
    """One of the latents, at first the most informative; bound to the link."""
    return st.selectbox(
        label,
        [row["latent"] for row in rows],
        format_func="z{}".format,
        key=label.lower(),
        bind="query-params",
        width=240,
    )


def choose_runs(runs: list[Run]) -> list[Run]:
    """The runs whose pictures are shown: of one dataset and, where β was repeated, one seed; of
    these only the ones that a link names, where it names any."""
    _without_gone_runs({run.name for run in runs})
    datasets = list(dict.fromkeys(run.config.dataset for run in runs))
    row = st.container(horizontal=True, gap="large")
    dataset = datasets[0]
    if len(datasets) > 1:
        dataset = row.segmented_control(
            "Pictures of the runs on",
            datasets,
            default=dataset,
            required=True,
            format_func=title,
            key="dataset",
            bind="query-params",
        )
    runs = [run for run in runs if run.config.dataset == dataset]
    ours = [run for run in runs if not run.config.origin]
    seeds = sorted({run.config.seed for run in ours})
    if len(seeds) < 2:
        return _linked_runs(runs)
    usual = max(seeds, key=lambda seed: (sum(run.config.seed == seed for run in ours), -seed))
    seed = row.segmented_control(
        "trained from the seed",
        seeds,
        default=usual,
        required=True,
        key=f"seed-{dataset}",
        bind="query-params",
    )
    return _linked_runs([run for run in runs if run.config.origin or run.config.seed == seed])


def _without_gone_runs(names: set[str]) -> None:
    """A sentence where the link names runs that are not here, once."""
    asked = st.query_params.get_all("runs")
    gone = [name for name in asked if name not in names]
    if gone:
        shown = ", ".join(_harmless(name) for name in gone[:4]) + ", …" * (len(gone) > 4)
        st.warning(f"The link names runs that are not here: {shown}.")
        st.query_params["runs"] = [name for name in asked if name in names]
        if len(gone) == len(asked):
            del st.query_params["runs"]


def _harmless(name: str) -> str:
    """Of a link: no markdown, which could fetch a picture from anywhere."""
    return "".join(c if c.isalnum() or c in "-_. " else "?" for c in name)[:80]


def _linked_runs(runs: list[Run]) -> list[Run]:
    """Those of the runs that the link names, and a way to all of them; all where it names none of
    them."""
    asked = st.query_params.get_all("runs")
    found = [run for run in runs if run.name in asked] or runs
    if len(found) < len(runs):
        says, button = st.columns([5, 1], vertical_alignment="center")
        says.caption(f"Of the {len(runs)} runs here only the {len(found)} that the link names.")
        if button.button("Show all", width="stretch"):
            del st.query_params["runs"]
            st.rerun()
    ours = next((run for run in found if not run.config.origin), found[0])
    settled(run_choices(ours) | {"runs": [run.name for run in found]})
    return found


def choose_dataset() -> Dataset:
    """The dataset and, where there are several, its source; ends the page where it is not here."""
    own = own_datasets()
    names = [*DATASETS, *own]
    picker, sources = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    name = picker.selectbox(
        "Dataset",
        names,
        format_func=lambda n: DATASETS[n].title if n in DATASETS else f"{n} (your own)",
        key="data",
        bind="query-params",
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
        st.stop()
    if found.source == "official" and entry.rendered is not None:
        source = sources.segmented_control(
            "Source",
            ["official", "rendered"],
            default="official",
            required=True,
            key="source",
            bind="query-params",
        )
        return open_dataset(name, source)
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
        st.stop()
    settled({"dataset": title(datasets[0])})
    return st.segmented_control(
        "Dataset",
        datasets,
        default=datasets[0],
        required=True,
        format_func=title,
        key="dataset",
        bind="query-params",
    )


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
    picked = st.segmented_control(
        "Factors",
        list(labels),
        default=next(iter(labels)),
        required=True,
        key="factors-" + "-".join(labels),
        bind="query-params",
        help="All, or without shape, as Higgins et al. (2017) did without saying so.",
    )
    return labels[picked]
