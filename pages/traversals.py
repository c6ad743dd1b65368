"""What does each latent do?"""

import json

import numpy as np
import streamlit as st
import torch

from betavae_core import traversals
from betavae_core.evaluation import versions
from betavae_core.figures import grid, labelled_grid, png
from betavae_core.store import Run
from pages._ui.choose import Start, choose_run, choose_start, latent_rows
from pages._ui.live_blob import SliderRow
from pages._ui.live_decoder import live_sliders
from pages._ui.runs import all_runs, beta_text, show_broken, show_no_runs
from pages._ui.style import plain, plain_errors

MODES = {
    "prior": "prior quantiles",
    "around": "around the posterior mean",
    "posterior": "posterior quantiles",
}
MOST_ROWS = 24  # of the classic grid


def linked_code(latents: int) -> np.ndarray | None:
    """The slider positions that a link carries, once per session."""
    text = st.query_params.get("z")
    if text is None:
        return None
    try:
        z = np.array(json.loads(f"[{text}]"), dtype=np.float32)
    except (ValueError, TypeError, OverflowError, RecursionError):
        z = np.array([])
    return z if z.shape == (latents,) and np.isfinite(z).all() else None


def classic_grid(run: Run, start: Start, z: torch.Tensor, rows: list[SliderRow]) -> None:
    """Every active latent a row, its values the columns."""
    st.subheader("Every latent at once")
    mode_at, range_at, steps_at = st.columns([3, 2, 2])
    modes = [key for key in MODES if start.log_var is not None or key == "prior"]
    mode = mode_at.selectbox(
        "Columns",
        modes,
        format_func=MODES.__getitem__,
        key="mode",
        bind="query-params",
        help="Prior quantiles: the same values for every image. Around the posterior mean: from "
        "where this image lies. Posterior quantiles: only as far as the encoder is unsure.",
    )
    steps = steps_at.slider("Steps", 3, 15, 9, 2, key="steps", bind="query-params")
    if mode == "around":
        reach = range_at.slider(
            "± prior standard deviations", 0.5, 4.0, 2.0, 0.5, key="reach", bind="query-params"
        )
        values = traversals.around_mean(start.z, steps, reach)
        span = f"posterior mean ± {reach:g}"
    else:
        mass = range_at.slider(
            "Central probability", 0.5, 0.99, 0.95, 0.01, key="mass", bind="query-params"
        )
        if mode == "posterior" and start.log_var is not None:
            values = traversals.posterior_quantiles(start.z, start.log_var, steps, mass)
            span = f"central {mass:.0%} of its posterior"
        else:
            values = traversals.prior_quantiles(steps, mass)
            span = f"central {mass:.0%} of the prior, {values[0]:.2f} … {values[-1]:.2f}"
    active = [row for row in rows if row["active"]] or rows
    shown = active[:MOST_ROWS]
    latents = [row["latent"] for row in shown]
    codes = traversals.traversal_codes(z, latents, values)
    images = traversals.decode_grid(run.vae.decode, codes)
    labels = [
        f"z{row['latent']}" + ("" if row["kl"] is None else f"  {row['kl']:.2f}") for row in shown
    ]
    picture = labelled_grid(images, labels, scale=2)
    st.image(png(picture), output_format="PNG", width=90 * (steps + 1))
    hidden, more = len(rows) - len(active), len(active) - len(shown)
    st.caption(
        f"{plain(run.name)}: each row moves one latent through the {span}; the rest stay where the "
        f"sliders are. Left: the latent and its KL in nats. "
        + (f"{hidden} collapsed latents are left out. " if hidden else "")
        + (f"{more} latents of less KL are left out. " if more else "")
        + f"Start: {start.label}."
    )
    about = {
        "run": run.name,
        "weights": run.weights_hash,
        "start": start.label,
        "columns": span,
        "latents": latents,
        "z": [round(v, 4) for v in z.tolist()],
        "versions": versions(),
    }
    st.download_button(
        "Download as PNG",
        png(picture, about),
        f"traversal-{run.name}.png",
        "image/png",
        icon=":material/download:",
        on_click="ignore",
    )


st.title("What does each latent do?")
with plain_errors():
    runs, broken = all_runs()
    show_broken(broken)
    if not runs:
        show_no_runs()
    run_at, start_at = st.columns([3, 4], gap="large")
    with run_at:
        run = choose_run(runs)
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
        initial=linked_code(run.config.latents),
        image_shape=run.config.shape,
        key="live",
    )
    moved = not np.allclose(state.z, start.z.numpy(), atol=1e-6)
    link = ",".join(f"{value:.4g}" for value in state.z) if moved else None
    if link:
        st.query_params["z"] = link
    elif "z" in st.query_params:
        del st.query_params["z"]
    st.caption(
        f"{plain(run.name)}: β = {beta_text(run.config)}, trained on {run.config.dataset} "
        f"({run.config.source}). Start: {start.label}. Drag a latent; double-click puts it back."
    )
    classic_grid(run, start, torch.from_numpy(state.z), rows)
