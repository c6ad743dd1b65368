"""What the page Reconstruction says and draws."""

from streamlit.testing.v1 import AppTest


def texts(app: AppTest) -> str:
    shown = (*app.markdown, *app.caption, *app.info, *app.warning)
    return "\n".join(element.value for element in shown)


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))
