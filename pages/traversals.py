"""What does each latent do?"""

import json

import numpy as np
import streamlit as st
import torch

from betavae_core.figures import grid, png
from pages._ui.choose import REACH, choose_run, choose_start, choose_state, latent_rows
from pages._ui.live_decoder import live_sliders
from pages._ui.runs import all_runs, beta_text, show_broken, show_no_runs
from pages._ui.style import plain, plain_errors
from pages._ui.traversal_views import traversal_views


def linked_code(start: np.ndarray) -> np.ndarray | None:
    """The slider positions that a link carries, (D,), once per session; those beyond the end of
    their slider at its end, with a sentence."""
    text = st.query_params.get("z")
    if text is None:
        return None
    try:
        z = np.array(json.loads(f"[{text}]"), dtype=np.float32)
    except (ValueError, TypeError, OverflowError, RecursionError):
        z = np.array([])
    if z.shape != start.shape or not np.isfinite(z).all():
        return None
    rounded = start.round(4)  # as the link writes it
    ends = np.minimum(-REACH, rounded), np.maximum(REACH, rounded)
    beyond = np.flatnonzero((z < ends[0]) | (z > ends[1]))
    if len(beyond) and "live" not in st.session_state:
        named = ", ".join(f"z{d} = {z[d]:.4g}" for d in beyond[:4])
        more = f" and {len(beyond) - 4} more" if len(beyond) > 4 else ""
        st.warning(
            f"The link asks for {named}{more}, beyond the end of the slider; it stands there.",
            icon=":material/link:",
        )
    return z.clip(*ends).astype(np.float32)


st.title("What does each latent do?")
with plain_errors():
    runs, broken = all_runs()
    show_broken(broken)
    if not runs:
        show_no_runs()
    run_at, start_at = st.columns([3, 4], gap="large")
    with run_at:
        about = "β weights the KL term; every run is a folder in trained_models/"
        run = choose_state(choose_run(runs, about))
    with start_at:
        start = choose_start(run)
    if start.image is not None:
        run_at.image(
            png(grid(start.image[None, None], scale=2, gap=1)),
            caption="the original",
            width=132,
            output_format="PNG",
        )
    rows = latent_rows(run)
    state = live_sliders(
        run.vae.decoder,
        rows=rows,
        start=start.z.numpy(),
        start_id=f"{run.weights_hash}/{start.label}",
        initial=linked_code(start.z.numpy()),
        image_shape=run.config.shape,
        key="live",
    )
    moved = not np.allclose(state.z, start.z.numpy(), atol=1e-6)
    link = ",".join(f"{value:g}" for value in state.z.astype(float).round(4)) if moved else None
    if link:
        st.query_params["z"] = link
    elif "z" in st.query_params:
        del st.query_params["z"]
    st.caption(
        f"{plain(run.label)}: β = {beta_text(run.config)}, trained on {plain(run.config.dataset)} "
        f"({run.config.source}). Start: {plain(start.label)}. Drag a latent; double-click puts it "
        "back. The hills: where the codes of the dataset lie (the aggregate posterior); beyond "
        "them the decoder was never trained."
    )
    traversal_views(run, runs, start, torch.from_numpy(state.z), rows)
