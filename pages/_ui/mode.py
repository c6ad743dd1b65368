"""The permissions of visitors: everything, or read-only (a public classroom)."""

import os

from streamlit import config

VARIABLE = "BETAVAE_READ_ONLY"
ONLY_LOOKING = (
    "This dashboard is read-only: models and datasets can be viewed and examined; uploads, long "
    "computations and keeping checkpoints are switched off."
)


def read_only() -> bool:
    """Whether $BETAVAE_READ_ONLY asks for a read-only dashboard."""
    return os.environ.get(VARIABLE, "").strip().lower() not in ("", "0", "no", "false", "off")


def close_uploads() -> None:
    """Make the server refuse all uploads in read-only mode, whether or not a page offers them: it
    compares each with this limit. `st.set_option` would only work at the start."""
    if read_only() and config.get_option("server.maxUploadSize") != 0:
        config.set_option("server.maxUploadSize", 0)
