"""Presenter mode: one figure fills the screen, in letters for the back row; and the keys."""

import streamlit as st
from streamlit import config

from betavae_core.browser.component import STEP_KEYS
from pages._ui.component import shown
from pages._ui.lessons.progress import Progress

LEAST = 24  # pixels of any letter at 1280×720
PANEL = 238  # the side of a panel of the map there, if there are more than
BESIDE = 2  # panels, whose texts stand beside them: these have the side
LARGE_PANEL = 366
IMAGES = 480  # the width of a row of images above the charts of the slider of β there
PICTURE = 356  # the height of a still picture there
ALONE = 396  # if no question is below it


def _ground(theme: str) -> str:
    """The colour of the page in a theme."""
    return str(config.get_option(f"theme.{theme}.backgroundColor"))


# html's size scales every length in rem, of the components as well; --least-text is the smallest
# size of their letters, --least-height what they reserve while they come, --above-panel what the
# map leaves to all else, --above-beside if its texts are beside the panels; --captions: whether
# those of its panels may break; --images-width and --remark: of the slider of β, whose bars and
# curve stand below its images
CSS = f"""
<style>
html {{ font-size: {LEAST}px !important; --least-text: {LEAST}px; --least-height: 0;
  --above-panel: {720 - PANEL}px; --above-beside: {720 - LARGE_PANEL}px; --captions: nowrap;
  --images-width: {IMAGES}px; --remark: none; }}
[data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stSidebar"],
.st-key-large-text, [data-testid="stExpander"], [data-testid="stDownloadButton"],
[data-testid="stCaptionContainer"]
  {{ display: none !important; }}
[data-testid="stMainBlockContainer"] {{ max-width: none; padding: 0.5rem 1.2rem 3.2rem; }}
[data-testid="stMainBlockContainer"] h1 {{ font-size: 1.5rem !important; padding: 0; }}
[data-testid="stVerticalBlock"] {{ gap: 0.4rem; }}
[data-testid="stMainBlockContainer"] :is(p, li, label, button, input, a),
[data-testid="stSliderThumbValue"], [data-testid="stSliderTickBar"],
[data-testid="stAlertContainer"]
  {{ font-size: {LEAST}px !important; line-height: 1.3; }}
[data-testid="stAlertContainer"] {{ padding: 0.2rem 0.6rem; }}
[class*="st-key-labelled"] img
  {{ max-height: {PICTURE}px; width: auto !important; max-width: 100%; }}
[data-testid="stMainBlockContainer"]:not(:has(.st-key-prediction)) [class*="st-key-labelled"] img
  {{ max-height: {ALONE}px; }}
/* a class guesses between the ends of a scale, which Streamlit shows only to a mouse */
[data-testid="stSlider"] {{ padding-top: 0.6rem; }}
[data-testid="stSliderTickBar"] {{ opacity: 1 !important; }}
.st-key-turning {{ position: fixed; z-index: 9; right: 0; bottom: 0; left: 0;
  padding: 0.2rem 1.2rem; background: light-dark({_ground("light")}, {_ground("dark")}); }}
</style>
"""


def present() -> None:
    """The style of presenter mode."""
    st.html(CSS)


def step_keys(progress: Progress) -> None:
    """Arrow keys, and Page Up and Page Down of presenter remotes, press Back and Next, arrow down
    the reason; a new step is shown from its beginning, and of a new answer the gap."""
    names = ("next", "back", "why")
    buttons = {name: f".st-key-go-{name} button:not(:disabled)" for name in names}
    place = {"place": progress.place, "told": progress.is_told}
    shown(STEP_KEYS)(key="step-keys", data=buttons | place)
