"""Is my new checkpoint sane?"""

import streamlit as st

from pages._ui.address import addressed, end_page
from pages._ui.checkpoint.examination import examine
from pages._ui.checkpoint.example import example
from pages._ui.checkpoint.picker import choose_path, known_layouts, uploaded
from pages._ui.followed import followed
from pages._ui.linked import one_of
from pages._ui.mode import ONLY_LOOKING, read_only
from pages._ui.style import plain_errors

WAYS = {"here": "from this server", "upload": "upload"}

st.title("Is my new checkpoint sane?")
with addressed("checkpoint"), plain_errors():
    followed()  # a run or dataset in the address follows the visitor to the next page
    st.markdown(
        "This page examines a checkpoint within seconds: its weights, reconstructions, KL, "
        "traversals, quick disentanglement scores and the β that the weights reveal. It opens "
        "checkpoints of this project and of others, and never executes anything in a file."
    )
    way = "here"
    if read_only():
        st.caption(ONLY_LOOKING)
    else:
        way = one_of(
            st.segmented_control,
            "Checkpoint",
            list(WAYS),
            required=True,
            format_func=WAYS.__getitem__,
            key="from",
            label_visibility="collapsed",
        )
    if way == "upload":
        with uploaded() as given:
            without = st.empty()
            if given is not None:
                examine(*given, uploaded=True)
    else:
        given = choose_path()
        without = st.empty()  # the example disappears at once, not when the examination is done
        if given is not None:
            examine(*given)
    if given is None:
        with without.container():
            example()
            known_layouts()
        end_page()  # what a link requests of the examination holds until a checkpoint is open
