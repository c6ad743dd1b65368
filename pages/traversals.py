"""What does each latent do?"""

import json

import numpy as np
import streamlit as st
import torch

from betavae_core.beta import beta_text
from betavae_core.datasets import dataset_title
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import grid
from pages._ui.address import addressed, answered, note, say, want, wished
from pages._ui.choose_run import choose_run, choose_state
from pages._ui.runs import all_runs, dataset_of, prepare, show_broken, show_no_runs
from pages._ui.style import plain, plain_errors
from pages._ui.traversals.choose_start import choose_start
from pages._ui.traversals.latent_rows import REACH, densities_are_ready, latent_rows
from pages._ui.traversals.live_decoder import live_sliders
from pages._ui.traversals.views import traversal_views
from pages._ui.weights import with_weights

DRAGGED = "_dragged"  # in the session: the start of the sliders, their positions, as a link


def linked_code(start: np.ndarray) -> np.ndarray | None:
    """The slider positions in a link, (D,), used once; positions beyond a slider's end move to its
    end, and unsuitable ones give None, with a sentence."""
    asked, text = answered("z"), wished("z")
    own = asked is None and text == st.session_state.get(DRAGGED, (None, None, None))[2]
    if text is None or own:
        return None
    try:
        z = np.array(json.loads(f"[{text}]"), dtype=np.float32)
    except (ValueError, TypeError, OverflowError, RecursionError):
        z = np.array([])
    if z.shape != start.shape or not np.isfinite(z).all():
        got = f"{z.size} numbers" if z.ndim == 1 and z.size else "something else"
        say(
            f"The latent code z in the link does not fit this model: {start.size} numbers are "
            f"expected, one for each latent, got {got}. The sliders stay at the start."
        )
        return None
    rounded = start.round(4)  # in the spelling of the link
    ends = np.minimum(-REACH, rounded), np.maximum(REACH, rounded)
    beyond = np.flatnonzero((z < ends[0]) | (z > ends[1]))
    if len(beyond):
        named = ", ".join(f"z{d} = {z[d]:.4g}" for d in beyond[:4])
        more = f" and {len(beyond) - 4} more" if len(beyond) > 4 else ""
        say(f"The link asks for {named}{more}, beyond the slider's end; it shows the end instead.")
    return z.clip(*ends).astype(np.float32)


st.title("What does each latent do?")
with addressed("traversals"), plain_errors():
    runs, broken = all_runs()
    show_broken(broken)
    if not runs:
        show_no_runs()
    runs = with_weights(runs)
    run_at, start_at = st.columns([3, 4], gap="large")
    with run_at:
        about = "β is the weight of the KL term. Every model is a folder in trained_models/."
        cannot = "is a baseline, which has no latents to traverse on this page"
        run = choose_state(choose_run(runs, cannot, about))
    with start_at:
        start = choose_start(run)
    if start.image is not None:
        run_at.image(
            png(grid(start.image[None, None], scale=2, gap=1)),
            caption="starting image",
            width=132,
            output_format="PNG",
        )
    rows = latent_rows(run)
    start_id = f"{run.weights_hash}/{start.label}"
    linked = linked_code(start.z.numpy())
    left_from, left, _ = st.session_state.get(DRAGGED, (None, None, None))
    left = left if left_from == start_id and wished("z") is not None else None
    state = live_sliders(
        run.vae.decoder,
        rows=rows,
        start=start.z.numpy(),
        start_id=start_id,
        initial=left if linked is None else linked,
        anew=linked is not None,
        image_shape=run.config.shape,
        key="live-sliders",
    )
    moved = not np.allclose(state.z, start.z.numpy(), atol=1e-6)
    written = ",".join(f"{value:g}" for value in state.z.astype(float).round(4))
    st.session_state[DRAGGED] = start_id, state.z, written
    want("z", [written] if moved else None)
    if moved:
        note("z", [written], usual=False)
    st.caption(
        f"{plain(run.label)}: {beta_text(run.config.beta)}, trained on "
        f"{plain(dataset_title(run.config.dataset))} "
        f"({run.config.source}). Start: {plain(start.label)}. Drag a slider to change its "
        "latent; double-click returns it to the start."
        + " Blue: where the images of this dataset are encoded (the aggregate posterior); outside "
        "of it the decoder was never trained." * ("density" in rows[0])
    )
    traversal_views(run, runs, start, torch.from_numpy(state.z), rows)
    dataset = dataset_of(run)
    if dataset is not None and not densities_are_ready(dataset):
        st.caption("As soon as all images are prepared, the sliders show where they are encoded.")
        prepare(dataset)
        st.rerun()
