"""Components: parts of a page that are written in JavaScript."""

from dataclasses import dataclass
from pathlib import Path

from betavae_core.browser.bundle import bundle

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Component:
    """The component in the folder `name`: its entry is `entry.js`, and its style `name.css`."""

    name: str

    @property
    def root(self) -> str:
        """The HTML of its root element, whose class is its name with hyphens."""
        return f'<div class="component {self.name.replace("_", "-")}"></div>'

    @property
    def script(self) -> str:
        """Its entry and all that it imports, as one text."""
        return bundle(HERE / self.name / "entry.js")

    @property
    def style(self) -> str:
        """Its style sheet, those of the shared controls first."""
        shared = sorted((HERE / "controls").glob("*.css"))
        own = HERE / self.name / f"{self.name}.css"
        return "\n".join(path.read_text(encoding="utf-8") for path in (*shared, own))


def handout_script() -> str:
    """The script of a page that stands alone, which brings its components to life."""
    return bundle(HERE / "handout" / "entry.js")


def lesson_script() -> str:
    """The script of a lesson that stands alone."""
    return bundle(HERE / "lesson" / "entry.js")


LIVE_DECODER = Component("live_decoder")
EMBEDDING_MAP = Component("embedding_map")
BETA_EXPLORER = Component("beta_explorer")
STEP_KEYS = Component("step_keys")
