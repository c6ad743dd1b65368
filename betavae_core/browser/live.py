"""What the component `live_decoder` takes beside a model: its sliders, their start, and β."""

from typing import Any, Literal, NotRequired, TypedDict

Mode = Literal["browser", "server"]
ImageShape = tuple[int, int, int]


class SliderRow(TypedDict):
    """One slider: the latent that it moves, that latent's KL in nats, and the slider's range."""

    latent: int
    kl: float | None  # None: not computed
    active: bool
    min: float
    max: float
    density: NotRequired[list[float]]  # of the aggregate posterior, in even bins from min to max


class SpriteSettings(TypedDict):
    """The factors of one shape of 2Dshapes; orientation in radians, the position from 0 to 1."""

    shape: int
    scale: float
    orientation: float
    x: float
    y: float


class BetaSettings(TypedDict):
    """The slider of β: its value, the marks below it, and what was measured over β, if it was:
    beta (ascending), nll and, for each β, the kl of all latents."""

    value: float
    marks: list[float]
    measured: dict[str, Any] | None


class LiveSettings(TypedDict):
    """All but the model and the pictures."""

    rows: list[SliderRow]  # in display order
    start: list[float]  # (D,) where the sliders return to: the posterior mean of the input
    start_id: str  # a name of the start
    initial: list[float]  # (D,) where they are at first
    image_shape: list[int]  # (C, H, W)
    key: str  # of the component
    visit: int  # counts the starts: with another one, the positions begin anew
    mode: Mode  # who draws
    note: str  # why the server draws
    input: bool  # whether the image whose code is the start comes along
    sprite: SpriteSettings | None  # its factors, if it is one shape
    beta: BetaSettings | None  # of a multi-rate model
