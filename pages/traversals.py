"""What does each latent do?"""

import json

import numpy as np
import streamlit as st
import torch
from torch import nn

from betavae_core.datasets import dataset_title
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import grid
from betavae_core.scoring.elbo import ACTIVE_KL
from betavae_core.store.frozen import at_beta
from betavae_core.store.labels import run_words
from betavae_core.tables.every_beta import separate_betas
from betavae_core.traversal.latent_rows import REACH
from betavae_core.traversal.starts import sprite_of
from pages._ui.address import addressed, answered, note, say, want, wished
from pages._ui.choose_run import choose_run, choose_state
from pages._ui.kept import kept_few
from pages._ui.live_decoder import encodes_in_browser, live_sliders
from pages._ui.runs import all_runs, dataset_of, prepare, show_broken, show_no_runs
from pages._ui.style import plain, plain_errors
from pages._ui.take_home import take_home
from pages._ui.traversals.choose_beta import choose_beta, refuse_beta
from pages._ui.traversals.choose_start import choose_start
from pages._ui.traversals.latent_rows import densities_are_ready, latent_rows
from pages._ui.traversals.views import traversal_views
from pages._ui.weights import with_weights

LIVE = "live-sliders"
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
    runs, broken = all_runs(multirate=True, steered=True)
    show_broken(broken)
    if not runs:
        show_no_runs()
    runs = with_weights(runs)
    chosen_at = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
    cannot = "is a baseline, which has no latents to traverse on this page"
    run = choose_state(choose_run(runs, cannot, place=chosen_at), chosen_at)
    whole = run
    ordinary = [each for each in runs if not each.config.multirate]
    model: nn.Module = run.multirate if run.config.multirate else run.vae
    beta, turned, start_of = None, False, run.weights_hash
    if run.config.multirate:
        beta, turned = choose_beta(run, LIVE, separate_betas(run, ordinary))
        run = kept_few(at_beta, run, beta["value"])
    else:
        refuse_beta()
    start = choose_start(run, chosen_at)
    if start.image is not None and not encodes_in_browser(model):
        st.image(
            png(grid(start.image[None, None], scale=2, gap=1)),
            caption="starting image",
            alt="starting image",
            width=132,
            output_format="PNG",
        )
    rows = latent_rows(run, beta and beta["measured"])
    start_id = f"{start_of}/{start.label}"
    linked = linked_code(start.z.numpy())
    left_from, left, _ = st.session_state.get(DRAGGED, (None, None, None))
    left = left if left_from == start_id and wished("z") is not None else None
    state = live_sliders(
        model,
        rows=rows,
        start=start.z.numpy(),
        start_id=start_id,
        initial=left if linked is None else linked,
        anew=linked is not None or turned,
        image_shape=run.config.shape,
        input_image=start.image,
        sprite=sprite_of(run.config.dataset, start.index),
        beta=beta,
        key=LIVE,
    )
    exact = 1e-6 if beta is None else 2e-3  # at another β the browser's encoder found the start
    moved = not np.allclose(state.z, start.z.numpy(), atol=exact)
    written = ",".join(f"{value:g}" for value in state.z.astype(float).round(4))
    st.session_state[DRAGGED] = start_id, state.z, written
    want("z", [written] if moved else None)
    if moved:
        note("z", [written], usual=False)
    st.caption(
        f"{plain(run_words(run))}, trained on {plain(dataset_title(run.config.dataset))} "
        f"({run.config.source}). Start: {plain(start.label)}. Drag a slider to change its "
        "latent; a double click or the Delete key returns it to the start. KL: the information "
        f"that a latent carries about an image, in nats; above {ACTIVE_KL:g} it counts as used."
        + " Orange: the posterior of the input image, from one standard deviation below its mean "
        "to one above."
        * (start.image is not None and encodes_in_browser(model))
        + " The bars show the KL of each latent at this β, interpolated between the values of β at "
        "which it was measured."
        * (beta is not None and beta["measured"] is not None)
        + " Blue: where the images of this dataset are encoded (the aggregate posterior); outside "
        "of it the decoder was never trained." * ("density" in rows[0])
    )
    compared = traversal_views(run, ordinary, start, torch.from_numpy(state.z), rows)
    take_home([whole, *compared])
    dataset = dataset_of(run)
    if dataset is not None and not densities_are_ready(dataset):
        st.caption("As soon as all images are prepared, the sliders show where they are encoded.")
        prepare(dataset)
        st.rerun()
