"""What visitors may do: everything, or only look (a public classroom)."""

import os

from streamlit import config

VARIABLE = "BETAVAE_READ_ONLY"
ONLY_LOOKING = (
    "This dashboard is read-only: models and datasets can be viewed and examined; uploads, long "
    "computations and keeping checkpoints are switched off."
)


def read_only() -> bool:
    """Whether $BETAVAE_READ_ONLY asks for a dashboard that only shows what is there."""
    return os.environ.get(VARIABLE, "").strip().lower() not in ("", "0", "no", "false", "off")


def close_uploads() -> None:
    """The server takes no uploads where visitors may only look, with or without a page that offers
    them: it compares each with this limit. Not `st.set_option`, which leaves it to the start."""
    if read_only() and config.get_option("server.maxUploadSize") != 0:
        config.set_option("server.maxUploadSize", 0)
