"""Lessons as visitors go through them."""

from typing import Any

from streamlit.testing.v1 import AppTest

from betavae_core.lessons import InOrder, Lesson, OneOf, OnScale, Prediction, WhichLatent
from tests.pages.driving import APP, as_read


def open_lesson(lesson: str, **link: str) -> AppTest:
    """The page Lessons at an address."""
    app = AppTest.from_file(APP, default_timeout=120)
    app.switch_page("pages/lessons.py")
    for name, value in {"lesson": lesson, **link}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def button(app: AppTest, name: str) -> Any:
    return next(each for each in app.button if each.key == f"go-{name}")


def press(app: AppTest, name: str) -> AppTest:
    button(app, name).click().run()
    assert not app.exception, app.exception
    return app


def said(app: AppTest) -> str:
    """All texts of the page."""
    kinds = (app.title, app.header, app.markdown, app.info, app.warning, app.error, app.caption)
    return as_read("\n".join(each.value for kind in kinds for each in kind))


def address(app: AppTest, name: str) -> list[str]:
    """The texts of a name in the address."""
    found: str | list[str] = app.query_params.get(name, [])
    return [found] if isinstance(found, str) else list(found)


def guess(app: AppTest, lesson: Lesson, step: int, text: str) -> AppTest:
    """Make a guess with the controls of the step."""
    key, asked = f"said-{lesson.key}-{step}", lesson.steps[step - 1].predict
    assert asked is not None
    if isinstance(asked, OnScale):
        app.slider(key=key).set_value(float(text)).run()
    elif isinstance(asked, OneOf):
        app.segmented_control(key=key).set_value(text).run()
    elif isinstance(asked, InOrder):
        app.pills(key=key).set_value(text.split(",")).run()
    else:
        for n, latent in enumerate(text.split(","), 1):
            app.segmented_control(key=f"{key}-{n}").set_value(latent).run()
    assert not app.exception, app.exception
    return app


def wrong(asked: Prediction, true: str) -> str:
    """A guess that can be made and is not right."""
    if isinstance(asked, OnScale):
        return f"{asked.high if float(true) < asked.high else asked.low:g}"
    if isinstance(asked, OneOf):
        return "B" if true == "A" else "A"
    parts = true.split(",")
    turned = [*parts[1:], parts[0]]
    assert isinstance(asked, InOrder | WhichLatent)
    return ",".join(turned)
