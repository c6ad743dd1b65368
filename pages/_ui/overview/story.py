"""All of the page Overview below its first words: the slider of β, a row of reconstructions per
model, the story in four pictures, the paper's findings, and the table of the models."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.browser.model import UnsupportedLayer
from betavae_core.datasets import Dataset, dataset_title
from betavae_core.models import MODELS
from betavae_core.provenance import facts
from betavae_core.scoring.elbo import active_latents, latest_elbo
from betavae_core.shipping.strips import OTHERS, PRIOR, strip_source
from betavae_core.store import Run
from betavae_core.store.frozen import is_frozen
from betavae_core.story.card import Card
from betavae_core.story.cards import story_cards, story_images
from betavae_core.story.drawing import LETTER
from betavae_core.tables.beta_explorer import (
    TERMS,
    comparison,
    explorer_caption,
    explorer_table,
)
from betavae_core.tables.every_beta import separate_rows
from pages._ui.address import page_link
from pages._ui.charts import commented, download, picture_file, said, save_picture
from pages._ui.choose_runs import choose_runs
from pages._ui.every_beta import every_beta
from pages._ui.followed import leading_to
from pages._ui.kept import kept_few
from pages._ui.overview.beta_explorer import explorer_data
from pages._ui.overview.copied import (
    Rows,
    Shown,
    draw_cards,
    draw_explorer,
    draw_row,
    keep_copy,
)
from pages._ui.overview.findings import paper_findings
from pages._ui.overview.run_table import run_table
from pages._ui.overview.strips import all_strips, one_row, originals, shown_images, strip
from pages._ui.runs import dataset_of, left_out_steered, prepare, same_images
from pages._ui.text_size import letters

NEXT = [
    ("pages/sensitivity.py", "**Change the metric's settings** and watch the score"),
    ("pages/datasets.py", "**Explore the factors** that generate the images"),
    ("pages/checkpoint.py", "**Check a checkpoint** of your own"),
]


def story(
    runs: list[Run], chosen_at: DeltaGenerator, explorer_at: DeltaGenerator, copy: Shown
) -> None:
    """Draw it; the places are above all else; copy: what they show already."""
    with chosen_at:
        pictured = choose_runs(runs)
    explorer = show_explorer(pictured, runs, explorer_at, copy.explorer)
    pictured = [run for run in pictured if not is_frozen(run.config)] or pictured
    st.header("Models trained for one β each")
    rows = reconstructions(pictured)
    cards = copy.cards or story_of(pictured)
    keep_copy(Shown(explorer, rows, cards))
    draw_cards(cards)
    if cards:
        config, dataset = pictured[0].config, dataset_of(pictured[0])
        st.caption(
            f"{MODELS[config.model].title}, trained on {dataset_title(config.dataset)} "
            f"({config.source})"
            + (f"; the images are of {images_named(dataset)}." if dataset is not None else ".")
        )
    st.header("What the paper found, and what these models say")
    paper_findings()
    st.header("Trained models")
    run_table(runs)
    left_out_steered(pictured[0].config.dataset)
    st.header("Where to go next")
    places = st.container(horizontal=True)
    for page, text in NEXT:
        leads = leading_to(page.split("/")[-1].removesuffix(".py"), runs)
        places.page_link(page, label=text, width=350, query_params=leads)


def show_explorer(
    pictured: list[Run], runs: list[Run], place: DeltaGenerator, copied: bytes | None
) -> bytes | None:
    """The model for every β of the pictured dataset, if there is one; returns what was drawn.
    copied: what stands there already."""
    dataset, config = dataset_of(pictured[0]), pictured[0].config
    of_all = every_beta(config.dataset, config.shape)
    data = None
    if of_all is not None and dataset is not None:
        rows, how = shown_images(dataset, [])
        prepare(dataset, rows)
        images = originals(f"{dataset.key}/{dataset.shape}", rows, dataset)
        try:
            data = explorer_data(of_all, runs, images)
        except UnsupportedLayer as problem:
            place.info(f"{problem} The models of single β are below.")
    if copied is not None and copied != data:
        st.rerun()  # the copy was of another time: begin again without it
    if of_all is not None and dataset is not None and data is not None:
        if copied is None:
            draw_explorer(data, place)
        separate = separate_rows(of_all, runs)
        about = explorer_caption(of_all, separate)
        if dataset is not None:
            about += f" The images are of {images_named(dataset)}, {how}."
        with place:
            st.caption(f"{TERMS} {comparison(separate)}")
            row = said("", about, "beta-explorer")
        table, link = explorer_table(of_all, separate), page_link()
        download(
            "CSV",
            lambda: commented(table, [about, f"link: {link}"]),
            "beta-explorer.csv",
            "text/csv",
            place=row,
            help="Rate, distortion and the KL of each latent over β.",
        )
    return data


def reconstructions(pictured: list[Run]) -> Rows:
    """A row for each model below the originals, and all of them as a file; returns the rows."""
    shown, rows, how = None, Rows(), ""
    seen = set[str]()  # kinds of rows
    for run in pictured:
        dataset = dataset_of(run)
        key = images = None
        numbers: tuple[int, ...] = ()
        if dataset is not None:
            numbers, how = shown_images(dataset, pictured)
            prepare(dataset, numbers)
            key = f"{dataset.key}/{dataset.shape}"
            images = originals(key, numbers, dataset)
        if run.config.dataset != shown and images is not None:
            label = f"**original**  \n:gray[{dataset_title(run.config.dataset)}]"
            rows.append((label, picture_file(partial(one_row, images))))
            draw_row(*rows[-1])
        shown = run.config.dataset
        seen.add(strip_source(run, dataset))
        rows.append((row_label(run), strip(run.weights_hash, key, numbers, run, images)))
        draw_row(*rows[-1])
    alike, dataset = same_images(pictured)[0], dataset_of(pictured[0])
    numbers = () if dataset is None else shown_images(dataset, pictured)[0]
    caption = (
        "Each row shows one model's reconstructions of the originals above, decoded from the "
        f"posterior mean. The images are of {images_named(dataset)}, {how}. A latent is used if "
        "its KL is above 0.1 nats."
        + " A model whose dataset is not on this machine shows prior samples instead."
        * (PRIOR in seen)
        + " Where the row says so, the model is kept without its weights, and its reconstructions "
        "of other images, which were stored with it, are shown." * (OTHERS in seen)
        if dataset is not None
        else f"The images of {dataset_title(pictured[0].config.dataset)} are not on this machine, "
        "so nothing can be reconstructed: each row shows twelve prior samples"
        + (", or the reconstructions that were stored with it." if OTHERS in seen else ".")
    )
    says, save = st.columns([6, 1], vertical_alignment="center")
    says.caption(caption)
    about = {
        "runs": {run.name: facts(run, dataset) for run in alike},
        "images": list(numbers) or None,
        "caption": caption,
    }
    file = f"runs-{alike[0].config.dataset}.png"
    save_picture(partial(all_strips, alike, dataset, numbers), about, file, place=save)
    return rows


def images_named(dataset: Dataset) -> str:
    """A dataset with its source and part, for captions."""
    return f"{dataset.title} ({dataset.source_and_part})"


def row_label(run: Run) -> str:
    """What stands beside a row: β, the model, and how many of its latents are used."""
    elbo, config = latest_elbo(run), run.config
    what = strip_source(run, dataset_of(run))
    who = f"{MODELS[config.model].title}, seed {config.seed}"
    if config.origin:
        who = "one model for every β" if is_frozen(config) else "imported"
    used = f"{sum(active_latents(elbo))} of {config.latents}" if elbo else "not computed"
    return f"**{config.beta_words}** :gray[{what}  \n{who}]  \nlatents used: **{used}**"


def story_of(pictured: list[Run]) -> list[Card]:
    """The cards of the pictured dataset; none without its images."""
    alike, dataset = same_images(pictured)[0], dataset_of(pictured[0])
    if dataset is None:
        return []
    prepare(dataset, story_images(dataset))
    return kept_few(story_cards, alike, dataset, letters(LETTER))
