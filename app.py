"""The dashboard: page config, the navigation table, run."""

from pathlib import Path

import streamlit as st

from pages._ui.collector import keep_collections_short
from pages._ui.style import apply_style

PAGES = [
    st.Page("pages/overview.py", title="Overview", icon=":material/home:", default=True),
    st.Page("pages/lessons.py", title="Lessons", icon=":material/school:"),
    st.Page("pages/traversals.py", title="Traversals", icon=":material/tune:"),
    st.Page("pages/latent_space.py", title="Latent space", icon=":material/scatter_plot:"),
    st.Page("pages/disentanglement.py", title="Disentanglement", icon=":material/call_split:"),
    st.Page("pages/sensitivity.py", title="Sensitivity", icon=":material/balance:"),
    st.Page("pages/reconstruction.py", title="Reconstruction", icon=":material/compare:"),
    st.Page("pages/findings.py", title="Findings", icon=":material/fact_check:"),
    st.Page("pages/checkpoint.py", title="Checkpoint", icon=":material/stethoscope:"),
    st.Page("pages/datasets.py", title="Datasets", icon=":material/category:"),
    st.Page("pages/training.py", title="Training", icon=":material/model_training:"),
]

# our own icon: Streamlit loads its icons from the internet, which a classroom may not have
ICON = Path(__file__).parent / "docs" / "icon.png"
st.set_page_config(page_title="β-VAE lab", page_icon=str(ICON), layout="wide")
apply_style()
keep_collections_short()
st.navigation(PAGES, position="top").run()
