"""The form of the page Training: what starts, and what is refused with a sentence."""

from dataclasses import replace
from pathlib import Path

import pytest

from betavae_core import store
from betavae_core.config import RunConfig, preset
from betavae_core.models import build_vae
from betavae_core.queue.entries import FOLDER, add_entry, entries
from betavae_core.store import create_run
from pages._ui.training import starting
from tests.pages.driving import as_read, buttons, open_page


def test_a_first_visitor_starts_the_small_world(root: Path, served: list[Path]) -> None:
    app = open_page("training")
    command = "python -m betavae_core train --preset sprites-mini --snapshots 9"
    assert app.code[0].value == command
    assert "About **5 min** at 1,000 images/s" in "\n".join(m.value for m in app.markdown)
    assert not (root / FOLDER).exists()
    app.button(key="start-training").click().run()
    assert not app.exception
    (entry,) = entries(root)
    assert (entry.config.run_id, entry.snapshots) == ("sprites-mini-conv-beta4-seed123", 9)
    assert served == [root]


def test_a_race_is_several_betas_from_one_seed(root: Path) -> None:
    app = open_page("training")
    app.text_input(key="train-beta").set_value("0.5, 4").run()
    app.button(key="start-training").click().run()
    assert [entry.config.beta for entry in entries(root)] == [0.5, 4.0]
    assert len({entry.config.images_order for entry in entries(root)}) == 1


@pytest.mark.parametrize("text", ["", "four", "1,2,3,4,5", "-1", "nan"])
def test_a_beta_without_sense_is_one_sentence(text: str, root: Path) -> None:
    app = open_page("training")
    app.text_input(key="train-beta").set_value(text).run()
    assert not app.exception
    assert len(app.error) == 1
    if text in ("", "four", "1,2,3,4,5"):
        assert f'got "{text}".' in app.error[0].value
    assert "start-training" not in buttons(app)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("train-images-sprites-mini", 0),
        ("train-images-sprites-mini", 10**9),
        ("train-latents-10", 0),
        ("train-latents-10", 257),
        ("train-seed", -1),
        ("train-rate-sprites-mini-conv", 0.0),
        ("train-rate-sprites-mini-conv", 2.0),
    ],
)
def test_a_number_out_of_range_is_refused_and_not_replaced(
    key: str, value: float, root: Path
) -> None:
    """A limit of the field would mark it, and Start would take the number before it."""
    app = open_page("training")
    field = app.number_input(key=key)
    assert (field.proto.has_min, field.proto.has_max) == (False, False)
    field.set_value(value).run()
    assert not app.exception
    (told,) = [each.value for each in app.error]
    assert told.startswith(f"{field.label} must be from ")
    assert "start-training" not in buttons(app)


def test_a_full_queue_takes_no_more(root: Path) -> None:
    for seed in range(starting.MOST_OPEN):
        add_entry(root, RunConfig(seed=seed))
    app = open_page("training")
    assert "at most" in app.error[0].value
    assert "start-training" not in buttons(app)


def test_a_setting_whose_run_was_steered_is_not_started(root: Path) -> None:
    config = preset("sprites-mini")
    create_run(root / config.run_id, replace(config, steered="β = 9 after 1,000 images"))
    app = open_page("training")
    assert "β = 9 after 1,000 images" in as_read(app.error[0].value)
    assert "start-training" not in buttons(app)


def test_another_objective_has_its_own_weight(root: Path) -> None:
    app = open_page("training")
    app.selectbox(key="train-objective").set_value("factor-vae").run()
    weight = app.text_input(key="train-strength-factor-vae")
    assert (weight.label.split()[0], weight.value) == ("γ", "6.4")
    weight.set_value("10, 35").run()
    commands = app.code[0].value.splitlines()
    assert [line.split("--strength ")[1].split()[0] for line in commands] == ["10", "35"]
    assert all("--objective factor-vae" in line and "--beta" not in line for line in commands)
    app.selectbox(key="train-objective").set_value("capacity").run()
    assert "--kl-warmup" in app.code[0].value


def test_a_model_comes_with_its_optimizer(root: Path, served: list[Path]) -> None:
    app = open_page("training")
    app.selectbox(key="train-model-sprites-mini").set_value("mlp").run()
    assert "--preset 2dshapes-mlp-laptop --dataset sprites-mini" in app.code[0].value
    rate = app.number_input(key="train-rate-sprites-mini-mlp")
    assert rate.value == preset("2dshapes-mlp-laptop").learning_rate
    rate.set_value(0.02).run()
    assert "--learning-rate 0.02" in app.code[0].value
    app.button(key="start-training").click().run()
    (entry,) = entries(root)
    config = entry.config
    assert (config.model, config.optimizer, config.learning_rate) == ("mlp", "adagrad", 0.02)


@pytest.mark.parametrize(
    ("text", "range_"), [("0.1, 10", (0.1, 10.0)), ("10, 0.1", None), ("4", None), ("a, b", None)]
)
def test_a_model_for_a_range_of_betas(
    text: str, range_: tuple[float, float] | None, root: Path
) -> None:
    app = open_page("training")
    app.selectbox(key="train-model-sprites-mini").set_value("conv-multirate").run()
    assert not app.exception
    assert [each.value for each in app.text_input] == ["0.05, 20"]
    assert app.selectbox(key="train-objective-multirate").options == ["β-VAE"]
    app.text_input(key="train-range").set_value(text).run()
    assert not app.exception
    if range_ is None:
        assert len(app.error) == 1
        assert "start-training" not in buttons(app)
        return
    app.button(key="start-training").click().run()
    (entry,) = entries(root)
    assert (entry.config.beta_low, entry.config.beta_high) == range_
    assert entry.config.beta is None


def test_what_is_trained_already_is_told_calmly(root: Path) -> None:
    """A lecturer who comes back did nothing wrong."""
    config = preset("sprites-mini")
    store.create_run(root / config.run_id, config)
    terms = {"images": config.images, "seconds": 1.0, "nll": 9.0, "kl": [1.0] * config.latents}
    store.append_history(root / config.run_id, terms | {"loss": 19.0, "learning_rate": 1e-3})
    store.save_weights(root / config.run_id, build_vae(config), config.images)
    app = open_page("training")
    assert not app.error
    assert any("is trained already" in each.value for each in app.info)
    assert "start-training" not in buttons(app)
    app.number_input(key="train-seed").set_value(5).run()
    assert "start-training" in buttons(app)
