"""What visitors may do: everything, or only look (a public classroom)."""

import os

VARIABLE = "BETAVAE_READ_ONLY"
ONLY_LOOKING = "This dashboard is read-only: nothing is uploaded, computed or stored here."


def read_only() -> bool:
    """Whether $BETAVAE_READ_ONLY asks for a dashboard that only shows what is there."""
    return os.environ.get(VARIABLE, "").strip().lower() not in ("", "0", "no", "false", "off")
