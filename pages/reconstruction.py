"""What does β cost in image quality?"""

import pandas as pd
import streamlit as st

from betavae_core import paper, plots
from betavae_core.distances import FEW, few_images
from betavae_core.fid import FEATURES, default_features
from betavae_core.reconstruction import (
    comparable,
    comparable_training,
    correlation,
    distance_rows,
    family,
    loss_rows,
    training_rows,
)
from betavae_core.store import Run
from pages._ui.background import background
from pages._ui.choose import choose_runs
from pages._ui.runs import (
    all_runs,
    dataset_of,
    left_out,
    same_images,
    show_broken,
    show_no_runs,
    title,
)
from pages._ui.side_by_side import side_by_side
from pages._ui.sigma_panel import sigma_panel
from pages._ui.style import chart_config, plain_errors

LAPTOP = {"images": FEW, "reference_images": 10_000}  # of the button, where nothing is there yet


def choose_setting(groups: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of one setting: distances under different ones can't be compared."""
    if len(groups) == 1:
        return groups[0]

    def name(number: int) -> str:
        first = groups[number].iloc[0]
        return (
            f"{FEATURES[first['features']].distance}, {first['images']:,} images against "
            f"{first['reference_images']:,} ({first['source']}"
            + (f", {first['part']}" if first["part"] else "")
            + (f", draw {first['draw']}" if first["draw"] else "")
            + ")"
        )

    chosen = st.selectbox(
        "Measured as", range(len(groups)), format_func=name, key="measured", bind="query-params"
    )
    return groups[chosen]


def distances(rows: pd.DataFrame, dataset: str) -> None:
    """Fréchet and kernel distance over β, apart for reconstructions and samples."""
    first = rows.iloc[0]
    entry = FEATURES[first["features"]]
    limit = st.toggle(
        "Extrapolated to infinitely many images",
        key="limit",
        bind="query-params",
        help="The Fréchet distance is too large at any finite number of images, by about c/N, with "
        "another c for every model; the line through it against 1/N ends at N = ∞ (Chong & "
        "Forsyth 2020). The kernel distance has no such bias.",
    )
    ghosts, label = None, ""
    if first["features"] == "inception" and dataset in paper.TABLE_3:
        ghosts = {b: v for b, v in paper.TABLE_3[dataset].items() if isinstance(b, float)}
        label = "paper, reconstructions"
    left, right = st.columns(2, gap="large")
    left.plotly_chart(
        plots.value_over_beta(
            rows,
            "limit" if limit else "frechet",
            title=f"{entry.distance}, lower is better",
            error="limit_standard_error" if limit else None,
            ghosts=ghosts,
            ghost_label=label,
        ),
        key="frechet-chart",
        config=chart_config("frechet-chart"),
    )
    right.plotly_chart(
        plots.value_over_beta(
            rows,
            "kernel",
            title=f"{entry.kernel}, lower is better",
            error="kernel_standard_error",
        ),
        key="kernel-chart",
        config=chart_config("kernel-chart"),
    )
    part = f", {first['part']}" if first["part"] else ""
    st.caption(
        f"{first['images']:,} images of each run against {first['reference_images']:,} of "
        f"{title(dataset)} ({first['source']}{part}); features: {entry.title}; dots: one run each, "
        "lines through the medians of the seeds"
        + (
            "; bars: of the straight line's fit"
            if limit
            else "; a Fréchet distance depends on the number of images: compare only at the same"
        )
        + "; bars of the kernel distance: over subsets of the same images, so another draw may "
        "differ by more" + f". Measured with {'; '.join(sorted(rows['versions'].unique()))}."
    )
    if warning := few_images(int(first["images"]), int(first["reference_images"])):
        st.warning(warning)
    if not limit:
        best = {
            kind: found[found == found.min()].index[0]
            for kind, found in (
                (kind, here.groupby("beta")["frechet"].median())
                for kind, here in rows.groupby("kind")
            )
        }
        st.markdown(
            "Lowest median: "
            + ", ".join(
                f"**β = {beta:g}** for {plots.NAMES[str(kind)]}" for kind, beta in best.items()
            )
            + "."
        )
    with st.expander("What the number of images does", icon=":material/stacked_line_chart:"):
        st.plotly_chart(
            plots.distance_over_count(rows, title=entry.distance),
            key="count-chart",
            config=chart_config("count-chart"),
        )
        st.caption(
            "The Fréchet distance of ever more of each run's images, and where the straight line "
            "through it ends (open marks). The lines fall differently, so a ranking at few images "
            "need not be the ranking at many."
        )
    with st.expander("The numbers", icon=":material/table_rows:"):
        number = st.column_config.NumberColumn
        columns = ["run", "kind", "frechet", "limit", "kernel", "kernel_standard_error", "nll"]
        st.dataframe(
            rows[columns],
            hide_index=True,
            column_config={
                "frechet": number(entry.distance, format="%.2f"),
                "limit": number("extrapolated", format="%.2f"),
                "kernel": number(entry.kernel, format="%.4f"),
                "kernel_standard_error": number("its standard error", format="%.4f"),
                "nll": number("reconstruction loss", format="%.1f"),
            },
        )
        st.download_button(
            "As CSV",
            rows.to_csv(index=False),
            f"distances-{dataset}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def losses(runs: list[Run], rows: pd.DataFrame | None) -> None:
    """Reconstruction loss over β, and against the distance of reconstructions."""
    loss = loss_rows(runs)
    if loss.empty:
        st.info("The reconstruction loss is not computed yet for these runs.")
        return
    left, right = st.columns(2, gap="large")
    left.plotly_chart(
        plots.value_over_beta(loss, "nll", title="reconstruction loss, nats per image"),
        key="loss-chart",
        config=chart_config("loss-chart"),
    )
    with st.expander("The numbers", icon=":material/table_rows:"):
        number = st.column_config.NumberColumn
        st.dataframe(
            loss,
            hide_index=True,
            column_config={
                "nll": number("reconstruction, nats per image", format="%.1f"),
                "bits": number("bits per dimension", format="%.3f"),
                "kl": number("KL, nats per image", format="%.1f"),
                "beta": number("β", format="%g"),
            },
        )
        st.caption(
            "Of one posterior sample per image. Bits per dimension: the same divided by pixels · "
            "log 2. The Bernoulli likelihood of grey pixels is no density: its bits compare runs "
            "with each other only."
        )
    made = rows[rows["kind"] == "reconstructions"] if rows is not None else None
    if made is None or made.empty:
        right.info("The distance of reconstructions is not computed yet for these runs.")
        return
    distance = FEATURES[made["features"].iloc[0]].distance
    right.plotly_chart(
        plots.against_loss(made, "frechet", title=f"{distance} of reconstructions"),
        key="against-chart",
        config=chart_config("against-chart"),
    )
    found = correlation(list(made["nll"]), list(made["frechet"]))
    if found:
        st.markdown(
            f"Reconstruction loss and {distance} of reconstructions over {len(made)} runs: "
            f"Pearson **r = {found[0]:.2f}**, Spearman **ρ = {found[1]:.2f}**. The paper says that "
            "the two move together."
        )


def during_training(runs: list[Run], measured: pd.DataFrame | None, dataset: str) -> None:
    """Loss and distance over the images seen; measured: what was measured at the end."""
    rows = training_rows(runs)
    if rows.empty:
        st.info("These runs came without a training history.")
        return
    seen = comparable_training(rows, None if measured is None else measured["features"].iloc[0])
    left, right = st.columns(2, gap="large")
    left.plotly_chart(
        plots.over_training(rows, "nll", title="reconstruction loss, nats per image"),
        key="training-loss",
        config=chart_config("training-loss"),
    )
    if seen.empty:
        right.info(
            "No distances were measured while these runs were trained; `train --distances 2048` "
            "does."
        )
        return
    first = seen.iloc[0]
    entry = FEATURES[first["features"]]
    right.plotly_chart(
        plots.over_training(
            seen, "frechet", title=f"{entry.distance} of reconstructions", markers=True
        ),
        key="training-distance",
        config=chart_config("training-distance"),
    )
    above = None if measured is None else measured.iloc[0]
    fewer = bool(
        above is not None
        and above["features"] == first["features"]
        and above["reference_images"] == first["reference_images"]
        and above["images"] > first["made_images"]
    )
    st.caption(
        f"A line per run. Left: means over the training images since the point before. Right: "
        f"{int(first['made_images']):,} reconstructions against "
        f"{int(first['reference_images']):,} images of {title(dataset)}"
        + "; fewer than in the chart above, so these values lie higher" * fewer
        + "."
    )


def compute_missing(runs: list[Run], rows: pd.DataFrame | None) -> None:
    """The button for what has no distance under the setting that is shown."""
    features = default_features() if rows is None else str(rows["features"].iloc[0])
    setting = (
        LAPTOP
        if rows is None
        else {key: int(rows[key].iloc[0]) for key in ("images", "reference_images")}
    )
    there = set() if rows is None else set(zip(rows["run"], rows["kind"], strict=True))
    missing = [
        run
        for run in runs
        if (found := dataset_of(run)) is not None
        and found.source == run.config.source  # the verb takes no other
        and any((run.name, kind) not in there for kind in ("reconstructions", "samples"))
    ]
    if not missing:
        return
    background(
        f"fid-{runs[0].config.dataset}",
        f"Compute the missing distances of {len(missing)} runs",
        [
            "fid",
            *(str(run.path) for run in missing),
            *("--features", features),
            *("--images", str(setting["images"])),
            *("--reference-images", str(setting["reference_images"])),
        ],
        f"{FEATURES[features].distance} of {setting['images']:,} reconstructions and as many prior "
        "samples of each run; first, once, the features of the dataset's images. What is finished "
        "stays, whenever it stops.",
    )


st.title("What does β cost in image quality?")
with plain_errors():
    everything, broken = all_runs()
    show_broken(broken)
    if not everything:
        show_no_runs()
    shown = choose_runs(everything)
    name = shown[0].config.dataset
    runs = [run for run in everything if run.config.dataset == name]
    shown, others = same_images(shown)
    dataset = dataset_of(shown[0])
    side_by_side(shown, dataset)
    left_out(others, "images of another size or source")

    known, others = family(runs)
    if not known:
        st.info("None of these runs states its β: there is nothing to draw over β.")
        st.stop()
    left_out(others, "another model, likelihood, number of latents or budget, or an unknown β")
    st.subheader("Distance between what is made and what is real")
    groups = comparable(distance_rows(known))
    rows = choose_setting(groups) if groups else None
    if rows is None:
        st.info(f"No distances are computed yet for the runs on {title(name)}.")
    else:
        distances(rows, name)
    compute_missing(known, rows)
    missing = FEATURES["inception"].missing()
    if missing:
        st.caption(f"Features in use: EfficientNet-Lite0, so nothing here is called FID. {missing}")

    st.subheader("Reconstruction loss")
    losses(known, rows)
    st.subheader("As training went")
    during_training(known, rows, name)
    compared = [run for run in shown if run.config.beta is not None]
    if dataset is not None and compared:
        st.subheader("σ² is a β")
        sigma_panel(compared, dataset)
