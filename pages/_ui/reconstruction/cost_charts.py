"""Charts of the cost of β: distances, reconstruction losses, and both during training."""

import pandas as pd
import streamlit as st

from betavae_core import plots, sentences
from betavae_core.datasets import dataset_title
from betavae_core.fid import FEATURES
from betavae_core.scoring.distances import few_images
from betavae_core.scoring.rate_distortion import measured_rate_distortion
from betavae_core.store import Run
from betavae_core.tables import paper
from betavae_core.tables.distances import SETTING, correlation, loss_rows
from betavae_core.tables.every_beta import losses_over_beta
from betavae_core.tables.training import comparable_training, training_rows
from pages._ui.address import page_link
from pages._ui.charts import chart, commented, download, drawn
from pages._ui.every_beta import curve_name, every_beta
from pages._ui.kept import kept
from pages._ui.linked import flag, one_of


def is_current(first: pd.Series) -> bool:
    """Whether a row of `distance_rows` was measured with the present preprocessing."""
    return bool(first["preprocessing"] == FEATURES[first["features"]].preprocessing)


def choose_setting(groups: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of one setting: distances with different settings cannot be compared."""
    if len(groups) == 1:
        return groups[0]

    def name(number: int, wording: str = "other preprocessing ({})", *, of: bool = True) -> str:
        first = groups[number].iloc[0]
        return (
            f"{FEATURES[first['features']].distance}, {first['images']:,} images against "
            f"{first['reference_images']:,} ({first['source']}"
            + (f", {first['part']}" if first["part"] else "")
            + (f", draw {first['draw']}" if first["draw"] else "")
            + ")"
            + ("" if is_current(first) or not wording else f", {wording}").format(
                first["preprocessing"]
            )
            + (f", images {first['of']}" if of and several_of(first) else "")
        )

    def spelled(number: int) -> str:
        first = groups[number].iloc[0]
        return ", ".join(f"{column} {first[column]}" for column in SETTING if first[column] != "")

    def several_of(first: pd.Series) -> bool:
        return len({g.iloc[0]["of"] for g in groups if g.iloc[0]["source"] == first["source"]}) > 1

    former: dict[str, int] = {}  # labels were the spelling once; the present ones take precedence
    for of in (True, False):
        for wording in ("other preprocessing ({})", "preprocessed otherwise ({})", ""):
            for number in range(len(groups)):
                former.setdefault(name(number, wording, of=of), number)
    chosen = one_of(
        st.selectbox,
        "Distances to show",
        range(len(groups)),
        format_func=name,
        spell=spelled,
        former=former,
        key="measured",
    )
    return groups[chosen]


DISTANCES = (
    "Both compare the features that a network finds in the model's images with those of the "
    "dataset's images; 0: no difference. **FD**, the Fréchet distance, compares their means and "
    "covariances (FID, if the network is Inception); **KD**, the kernel distance, is the squared "
    "maximum mean discrepancy (KID). **Prior samples** are decoded from random codes of the prior "
    "N(0, I)."
)
LOSS = (
    "−log p(x|z), summed over the pixels of an image, for a code z drawn from its posterior: what "
    "the ELBO weighs against β · KL. A **nat** is 1/log 2 ≈ 1.44 bits."
)


def distances(rows: pd.DataFrame, dataset: str, *, grey: bool) -> None:
    """Fréchet and kernel distance over β, separately for reconstructions and samples; grey: whether
    the images have one channel."""
    first = rows.iloc[0]
    entry = FEATURES[first["features"]]
    charts, below = st.container(), st.container()  # what matters first on a small screen
    limit = flag(
        below.toggle,
        "Extrapolate to infinitely many images",
        key="limit",
        help="At any finite number of images N the Fréchet distance is too large, by about c/N, "
        "where c differs between models. A straight line over 1/N, extended to N = ∞, removes this "
        "bias (Chong & Forsyth 2020). The kernel distance has no such bias.",
    )
    ghosts, label = None, ""
    if first["features"] == "inception" and dataset in paper.TABLE_3 and not limit:
        ghosts = {b: v for b, v in paper.TABLE_3[dataset].items() if isinstance(b, float)}
        label = "paper, reconstructions"
    part = f", {first['part']}" if first["part"] else ""
    caption = (
        f"{first['images']:,} images of each model against {first['reference_images']:,} of "
        f"{dataset_title(dataset)} ({first['source']}{part}); features: {entry.title}. Each dot is "
        "one "
        "model; the lines join the medians of the seeds. "
        + (
            "Bars of the Fréchet distance: standard error of the straight line's end. "
            if limit
            else "Compare Fréchet distances only at the same number of images. "
        )
        + "Bars of the kernel distance: standard error over subsets of the same images; another "
        "random selection may differ by more. "
        + f"{sentences.HOW_JUDGED} "
        + "Grey images are repeated to RGB for a network that was trained on colour photographs; "
        "its features mean little on them. "
        * grey
        + f"Measured with {'; '.join(sorted(rows['versions'].unique()))}."
    )
    column = "limit" if limit else "frechet"
    left, right = charts.columns(2, gap="large")
    with left:
        chart(
            drawn(
                plots.value_over_beta,
                rows,
                column,
                title=f"{entry.distance}, lower is better",
                error="limit_standard_error" if limit else None,
                ghosts=ghosts,
                ghost_label=label,
            ),
            "frechet-chart",
            caption,
            says=kept(sentences.distance_over_beta, rows, column, entry.distance),
        )
    with right:
        chart(
            drawn(
                plots.value_over_beta,
                rows,
                "kernel",
                title=f"{entry.kernel}, lower is better",
                error="kernel_standard_error",
            ),
            "kernel-chart",
            caption,
            says=kept(sentences.distance_over_beta, rows, "kernel", entry.kernel),
        )
    if warning := few_images(int(first["images"]), int(first["reference_images"])):
        st.warning(warning)
    with st.expander("Effect of the number of images", icon=":material/stacked_line_chart:"):
        chart(
            drawn(plots.distance_over_count, rows, title=entry.distance),
            "count-chart",
            f"{caption} Fréchet distance for increasing numbers of each model's images, and the "
            "value of its straight line at infinitely many images (open marks). The slopes differ, "
            "so a ranking at few images may differ from the ranking at many; an order counts as "
            "reversed if the extrapolated values differ by more than two standard errors.",
            says=kept(sentences.extrapolated, rows),
        )
    with st.expander("Table of the numbers", icon=":material/table_rows:"):
        number = st.column_config.NumberColumn
        columns = ["run", "kind", "frechet", "limit", "kernel", "kernel_standard_error", "nll"]
        st.dataframe(
            rows[columns],
            hide_index=True,
            alt="The distances of each model",
            column_config={
                "run": "Model",
                "kind": "Kind of images",
                "frechet": number(entry.distance, format="%.2f"),
                "limit": number(f"{entry.distance}, extrapolated", format="%.2f"),
                "kernel": number(entry.kernel, format="%.4f"),
                "kernel_standard_error": number(f"Standard error of {entry.kernel}", format="%.4f"),
                "nll": number("Reconstruction loss", format="%.1f"),
            },
        )
        table = commented(rows, [caption, f"link: {page_link()}"])
        download("Table as CSV", table, f"distances-{dataset}.csv", "text/csv")


def losses(runs: list[Run], rows: pd.DataFrame | None, dataset: str) -> None:
    """Reconstruction loss over β, and against the distance of reconstructions."""
    loss = kept(loss_rows, runs)
    if loss.empty:
        st.info("The reconstruction loss is not computed yet for these models.")
        return
    left, right = st.columns(2, gap="large")
    about = (
        f"Reconstruction loss of one posterior sample per image of {dataset_title(dataset)}, means "
        "over "
        f"{' or '.join(sorted(loss['measured'].unique()))}"
    )
    of_all = every_beta(dataset, runs[0].config.shape)
    record = None if of_all is None else measured_rate_distortion(of_all)
    curve, name, of_curve = None, "", ""
    if of_all is not None and record is not None:
        curve = losses_over_beta(of_all, loss["beta"].dropna().unique())
        name = curve_name(of_all, runs)
        of_curve = (
            f" The dotted line is one model for every β, {of_all.name}, trained on "
            f"{of_all.config.images:,} images; means over {record['settings']['images']:,} images."
        )
    with left:
        chart(
            drawn(
                plots.value_over_beta,
                loss,
                "nll",
                title="reconstruction loss, nats per image",
                curve=curve,
                curve_label=name,
            ),
            "loss-chart",
            f"{about}. Each dot is one model; the line joins the medians of the seeds.{of_curve} "
            f"{sentences.HOW_JUDGED}",
            says=kept(sentences.loss_over_beta, loss),
        )
    with st.expander("Table of the numbers", icon=":material/table_rows:"):
        number = st.column_config.NumberColumn
        st.dataframe(
            loss,
            hide_index=True,
            alt="The loss of each model",
            column_config={
                "run": "Model",
                "source": "Source of the data",
                "measured": "Measured on",
                "model": "Architecture",
                "likelihood": "Likelihood",
                "seed": "Random seed",
                "nll": number("Reconstruction loss, nats per image", format="%.1f"),
                "bits": number("Bits per dimension", format="%.3f"),
                "kl": number("KL, nats per image", format="%.1f"),
                "beta": number("β", format="%g"),
            },
        )
        st.caption(
            "One posterior sample per image. Bits per dimension: nats divided by (number of "
            "pixels · log 2); for a Gaussian likelihood, which is a density over [0, 1], plus 8 "
            "for the 256 grey levels. The Bernoulli likelihood of grey pixels is not a density: "
            "use its bits only to compare models with each other."
        )
    made = rows[rows["kind"] == "reconstructions"] if rows is not None else None
    if made is None or made.empty:
        right.info("The distance of reconstructions is not computed yet for these models.")
        return
    distance = FEATURES[made["features"].iloc[0]].distance
    with right:
        chart(
            drawn(plots.against_loss, made, "frechet", title=f"{distance} of reconstructions"),
            "against-chart",
            f"{distance} of reconstructions against the reconstruction loss. {about}. Whether the "
            "two rise together is judged by Kendall's rank test at 95 %.",
            says=kept(sentences.against_loss, made, "frechet", distance),
        )
    made = made[made["nll"].notna() & made["frechet"].notna()]
    found = correlation(list(made["nll"]), list(made["frechet"]))
    if found:
        st.markdown(
            f"Correlation of the reconstruction loss and {distance} of reconstructions over "
            f"{len(made)} models: Pearson **r = {found[0]:.3f}**, Spearman **ρ = {found[1]:.3f}**. "
            "The paper reports that the two rise and fall together."
        )


def during_training(runs: list[Run], measured: pd.DataFrame | None, dataset: str) -> None:
    """Loss and distance over the images seen; measured: the distances at the end of training."""
    rows = kept(training_rows, runs)
    if rows.empty:
        st.info("These models have no recorded training history.")
        return
    seen = comparable_training(rows, None if measured is None else measured["features"].iloc[0])
    part = (
        f", {measured['part'].iloc[0]}" if measured is not None and measured["part"].any() else ""
    )
    images = f"{dataset_title(dataset)} ({runs[0].config.source}{part})"
    left, right = st.columns(2, gap="large")
    about_loss = f"means over the training images of {images} since the previous point"
    with left:
        chart(
            drawn(plots.over_training, rows, "nll", title="reconstruction loss, nats per image"),
            "training-loss",
            f"Each line is one model; reconstruction loss: {about_loss}. The last tenth of the "
            "images is compared with the tenth before; a change counts beyond two standard errors "
            "of these means.",
            says=kept(sentences.trained_loss, rows),
        )
    if seen.empty:
        right.info(
            "No distances were measured while these models were trained; the option `train "
            "--distances 2048` measures them."
        )
        return
    first = seen.iloc[0]
    entry = FEATURES[first["features"]]
    above = None if measured is None else measured.iloc[0]
    fewer = bool(
        above is not None
        and above["features"] == first["features"]
        and above["reference_images"] == first["reference_images"]
        and above["images"] > first["made_images"]
    )
    measured_on = (
        f"Each line is one model. {int(first['made_images']):,} reconstructions against "
        f"{int(first['reference_images']):,} images of {images}"
        + "; these are fewer images than in the chart above, so the Fréchet distances are higher"
        * fewer
        + ". The number of images does not bias the kernel distance. A distance has risen again if "
        "it ends more than 2 % above its lowest value."
    )

    def over_training(column: str, name: str, key: str) -> None:
        title = f"{name} of reconstructions"
        figure = drawn(plots.over_training, seen, column, title=title, markers=True)
        says = kept(sentences.trained_distance, seen, column, name)
        chart(figure, key, measured_on, says=says)

    with right:
        over_training("frechet", entry.distance, "training-distance")
    with st.columns(2, gap="large")[0]:
        over_training("kernel", entry.kernel, "training-kernel")
