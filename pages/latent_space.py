"""Where do the factors lie in latent space?"""

from dataclasses import replace

import streamlit as st

from betavae_core import sentences
from betavae_core.beta import beta_number
from betavae_core.datasets import dataset_title
from betavae_core.embedding.numbers import in_short
from betavae_core.embedding.panels import where_the_prior_is
from betavae_core.embedding.shown import THINNING_SEED, thinned
from betavae_core.store.frozen import at_beta
from betavae_core.store.labels import run_words
from betavae_core.tables.every_beta import separate_betas
from pages._ui.address import addressed, end_page, visit, want, wish
from pages._ui.charts import said
from pages._ui.choose_runs import choose_runs, steered_alone
from pages._ui.encodings import codes
from pages._ui.every_beta import every_beta
from pages._ui.kept import kept_few
from pages._ui.latent_space.deep import in_three_dimensions
from pages._ui.latent_space.details import (
    downloads,
    linked_image,
    measured,
    numbers,
    opened,
)
from pages._ui.latent_space.embedding_map import embedding_map, sprite_of
from pages._ui.latent_space.over_beta import how_it_is_mapped, morph_of
from pages._ui.latent_space.panels import MAPS, MOST_NEIGHBOURS, choose_map, panels_of
from pages._ui.latent_space.shown_images import choose_images
from pages._ui.latent_space.states import choose_states, held_axes, how_it_is_held
from pages._ui.runs import (
    all_runs,
    dataset_of,
    left_out,
    left_out_steered,
    prepare,
    same_images,
    show_broken,
    show_no_runs,
)
from pages._ui.style import plain_errors
from pages._ui.weights import with_weights

FLAT = "Point at a dot to see its image in every panel; click to open it below."
DEEP = (
    "Axes: standard deviations (σ) of the prior. Point at a dot to read the factors of its image; "
    "images are shown and opened in the 2-D view only."
)

top = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
top.title("Where do the factors lie in latent space?", width="content")
with addressed("latent_space"), plain_errors():
    everything, broken = all_runs()
    show_broken(broken)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    alone = steered_alone()
    if not everything and not alone:
        show_no_runs()
    runs, others = same_images(alone or choose_runs(with_weights(everything), row))
    dataset = dataset_of(runs[0])
    if dataset is None:
        st.info(
            f"The images of {dataset_title(runs[0].config.dataset)} are not on this machine, so "
            "there is "
            "nothing to encode. The page Datasets explains how to get them.",
            icon=":material/image_not_supported:",
        )
        end_page()
    left_out(others, "images of another size or source")
    if not alone:
        left_out_steered(dataset.name)
    folded = row.popover("Images, map and axes", icon=":material/tune:")
    with folded:
        visited = choose_images(dataset)
    prepare(dataset, visited.rows)
    of_all = None if alone else every_beta(dataset.name, dataset.shape)
    morph = fixed = None
    if of_all is not None and visit().choice.run == of_all.name and wish("every") is None:
        want("every", ["true"])  # a link, or the page before, shows this model
    choice = choose_map(min(run.config.latents for run in runs), folded, top if of_all else None)
    if of_all is not None and choice.moving:
        marks = separate_betas(of_all, everything) or [of_all.multirate.low, of_all.multirate.high]
        morph, fixed = morph_of(of_all, dataset, visited.rows, choice, marks)
        runs = [kept_few(at_beta, of_all, beta) for beta in marks]
    whole = runs
    if not choice.moving and not choice.neighbours:
        whole, runs = choose_states(runs, folded)
    encoded = [codes(run.weights_hash, dataset.key, visited.rows, run, dataset) for run in runs]
    found = measured(runs, dataset, visited, encoded)
    measured_on, joined = len(visited.rows), visited.joined
    if choice.neighbours:
        visited, kept = thinned(visited, MOST_NEIGHBOURS)
        encoded = [(mean[kept], log_var[kept]) for mean, log_var in encoded]
    below = [in_short(each) for each in found]
    mapped = how_it_is_mapped(choice) if choice.moving else MAPS[choice.method]
    axes = None
    if runs is not whole:
        axes = held_axes(whole, dataset, visited.rows, choice)
        mapped = how_it_is_held(choice, runs[0])
    panels = panels_of(runs, dataset, visited, choice, encoded, below, fixed, axes)
    about = (
        f"{visited.about} of {dataset_title(dataset.name)} ({dataset.source_and_part}), "
        "posterior means of "
        f"{measured_on:,} images; {mapped}."
    )
    if of_all is not None and choice.moving:
        shown = ", ".join(beta_number(run.config.beta) for run in runs)
        about = (
            f"{run_words(of_all).capitalize()}: {about} The numbers and files are of β = {shown}."
        )
    if len(visited.rows) < measured_on:
        about += (
            f" The panels show {len(visited.rows):,} of these images, chosen at random (random "
            f"seed {THINNING_SEED}), because {MAPS[choice.method]} of all would take minutes. The "
            "numbers are measured on all images."
        )
    prior = where_the_prior_is(panels, shared=choice.shared) if choice.crossed else ""
    by_title = {panel.title: each for panel, each in zip(panels, found, strict=True)}
    says = sentences.codes_apart(by_title, one_model=choice.moving)
    said(says, f"{about}{prior} {sentences.HOW_APART}", "latent-space")
    if choice.deep:
        in_three_dimensions(panels, runs, visited, shared=choice.shared, about=about)
        clicked = None
    else:
        one = [replace(panels[0], title="one model for every β", note="", numbers="")]
        clicked = embedding_map(
            panels if morph is None else one,
            visited.groups,
            visited.drawn,
            sprite_of(dataset.key, visited.rows, dataset),
            visited.labels,
            shared=choice.shared,
            key="latent-map",
            start=linked_image(visited, dataset),
            morph=morph,
        )
    st.caption(DEEP if choice.deep else FLAT)
    files = st.container()  # written last: the link in the files names the opened image
    if clicked is not None:
        opened(clicked, visited, runs, dataset, encoded)
    if not choice.deep:
        with files:
            downloads(runs, dataset, visited, panels, encoded, shared=choice.shared, about=about)
    st.header("The numbers behind the panels")
    labels = [panel.title for panel in panels]
    numbers(labels, found, runs, joined=joined, about=about)
