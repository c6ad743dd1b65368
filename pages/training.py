"""When does a VAE learn what? Start, watch and steer trainings."""

from collections.abc import Callable

import streamlit as st

from betavae_core.paths import runs_root
from pages._ui.address import addressed
from pages._ui.followed import followed
from pages._ui.linked import several
from pages._ui.style import plain, plain_errors
from pages._ui.training.changing import only_watching
from pages._ui.training.listing import show_queue, watchable, work_left
from pages._ui.training.starting import start_form
from pages._ui.training.steering import steer_panel
from pages._ui.training.story import finished_runs, story
from pages._ui.training.watching import watch

MOST_SIDE_BY_SIDE = 4
BEGINNING = "In the queue: {}. What is learned appears here when it has begun."
NOTHING_HERE = "No training is under way or in the queue."
START_ONE = (
    " Start one above: the small world SpritesMini shows positions being learned within a minute."
)

st.title("When does a VAE learn what?")
with addressed("training"), plain_errors():
    followed()  # a run or dataset in the address follows the visitor to the next page
    root = runs_root()
    there = watchable(root)
    ended = [] if there else finished_runs()
    tell_cost: Callable[[], None] | None = None
    if locked := only_watching(root):
        st.caption(locked)
    else:
        folded = bool(there or ended)
        with st.expander("Start a training", icon=":material/play_arrow:", expanded=not folded):
            tell_cost = start_form(root)
    show_queue(root)
    if there:
        chosen = several(
            st.pills,
            "Trainings to watch, up to four side by side",
            there,
            there[:1],
            key="watched",
            selection_mode="multi",
        )[:MOST_SIDE_BY_SIDE]
        watch(root, chosen)
        for name in () if locked else chosen:
            steer_panel(root, name, len(chosen) == 1)
    elif waiting := work_left(root):
        st.info(BEGINNING.format(", ".join(map(plain, waiting))), icon=":material/hourglass_top:")
    elif ended:
        story(ended)
    else:
        st.info(NOTHING_HERE + ("" if locked else START_ONE), icon=":material/model_training:")
    if tell_cost:
        tell_cost()
