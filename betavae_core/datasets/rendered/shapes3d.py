"""3Dshapes: one object in a room, six factors, 480,000 RGB images of 64×64 pixels.

Burgess & Kim (2018), https://github.com/google-deepmind/3d-shapes. The rendered source is a
lookalike: camera, sizes, light and texture were fitted to 50 real images. Colours are independent
of geometry: for each of the 480 views of shape, scale and orientation, five maps give the share of
each pixel that is floor, wall, object (each times its brightness), sky and white highlight; an
image is their sum times the colours, clipped at 255 in overexposed parts, as in the real images.
"""

import colorsys

import numpy as np
import torch

from ...factors import FactorSpace
from ..titles import TITLES
from .composed import Composed

HUES = np.arange(10) / 10
SCALES = np.linspace(0.75, 1.25, 8)
SHAPES = ("cube", "cylinder", "sphere", "capsule")
ORIENTATIONS = np.linspace(-30.0, 30.0, 15)  # degrees
SPACE = FactorSpace(
    ("floor hue", "wall hue", "object hue", "scale", "shape", "orientation"),
    (10, 10, 10, 8, 4, 15),
    (HUES, HUES, HUES, SCALES, SHAPES, ORIENTATIONS),
)
VIEWS = FactorSpace(SPACE.names[3:], SPACE.sizes[3:])
VERSION = 2  # raise when the maps change: part of their file's name in the cache

SIDE, SAMPLES = 64, 4  # pixels per side; rays per pixel side
# Fitted to the pixels of the real images; lengths in units of the camera's distance to the axis
# through the object, around which the camera turns. x right, y up, z towards the camera.
FOCAL, HEIGHT = (
    32 / np.tan(np.radians(25)),
    0.3007,
)  # of the horizontal camera, 50° wide
ROOM, WALL = 1.412, 0.803  # half the side of the room, height of its walls
CUBE = 0.28  # edge, at scale 1
CYLINDER = (0.15, 0.30)  # radius, height
SPHERE = 0.17  # radius
CAPSULE = (0.13, 0.52)  # radius, height
# Fitted to the brightness of the pixels: light from everywhere, from the camera and from a lamp
AMBIENT, HEADLIGHT, LAMPLIGHT = 0.345, 0.60, 0.73
LAMP = np.array([-1.05, 4.83, -0.40])  # its position
HIGHLIGHT = 0.1156  # of white, on the side of the object that faces the lamp
TILE = 0.81  # side of the texture, which repeats
SKY = (153, 226, 249)

FLOOR, WALLS, OBJECT, SKIES, WHITE = range(5)  # the maps
Hit = tuple[np.ndarray, np.ndarray]  # distances (…), normals (…, 3)


def render_maps(scale: int, shape: int, orientation: int) -> np.ndarray:
    """The maps (5, 64, 64) float16 of one view: coverage × brightness of floor, walls and object,
    coverage of sky, and white highlight; 255 for all of a pixel, more where it is overexposed."""
    origin, ray, ahead = _rays(np.radians(ORIENTATIONS[orientation]))
    far, kind, room_normal = _room(origin, ray)
    near, normal = _object(shape, SCALES[scale], origin, ray)
    hit = near < far
    point = origin + np.where(hit, near, far)[..., None] * ray
    maps = np.zeros((5, *hit.shape))
    maps[OBJECT][hit], maps[WHITE][hit] = _object_light(shape, point[hit], normal[hit], ahead)
    floor = ~hit & (kind == FLOOR)
    shadowed = np.isfinite(_object(shape, SCALES[scale], point[floor], LAMP - point[floor])[0])
    maps[FLOOR][floor] = _floor_light(point[floor], shadowed)
    walls = ~hit & (kind == WALLS)
    maps[WALLS][walls] = _wall_light(point[walls], room_normal[walls], ahead)
    maps[SKIES] = ~hit & (kind == SKIES)
    pixels = maps.reshape(5, SIDE, SAMPLES, SIDE, SAMPLES).mean((2, 4))
    return (255 * pixels).astype(np.float16)


def _rays(angle: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The camera's position (3,), the directions (S, S, 3), S = SIDE · SAMPLES, of unit length, and
    the direction straight ahead (3,)."""
    c = ((np.arange(SIDE * SAMPLES) + 0.5) / SAMPLES - SIDE / 2) / FOCAL
    x, down = np.meshgrid(c, c)
    cos, sin = np.cos(angle), np.sin(angle)
    rays = np.stack([x * cos - sin, -down, -cos - x * sin], -1)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    return np.array([sin, HEIGHT, cos]), rays, np.array([-sin, 0.0, -cos])


# ---- the hits of rays: inf for a miss


def _room(origin: np.ndarray, ray: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distances, the surface hit (FLOOR, WALLS or SKIES), and normals, seen from inside."""
    with np.errstate(divide="ignore", invalid="ignore"):
        down = np.where(ray[..., 1] < 0, -origin[1] / ray[..., 1], np.inf)
        x, z = ((np.sign(ray[..., a]) * ROOM - origin[a]) / ray[..., a] for a in (0, 2))
    side = np.minimum(x, z)
    above = origin[1] + side * ray[..., 1] > WALL
    kind = np.where(down < side, FLOOR, np.where(above, SKIES, WALLS))
    normal = np.zeros_like(ray)
    normal[..., 0] = np.where(x < z, -np.sign(ray[..., 0]), 0)
    normal[..., 2] = np.where(x < z, 0, -np.sign(ray[..., 2]))
    return np.minimum(down, side), kind, normal


def _object(shape: int, scale: float, origin: np.ndarray, ray: np.ndarray) -> Hit:
    """The nearest surface of the object that stands on the floor in the middle of the room."""
    ray = np.broadcast_to(ray, np.broadcast_shapes(ray.shape, origin.shape))
    name = SHAPES[shape]
    if name == "cube":
        return _box(origin, ray, scale * CUBE)
    if name == "sphere":
        return _ball(origin, ray, scale * SPHERE, scale * SPHERE)
    if name == "cylinder":
        radius, height = scale * CYLINDER[0], scale * CYLINDER[1]
        parts = [_tube(origin, ray, radius, 0, height), _lid(origin, ray, radius, height)]
    else:
        radius, height = scale * CAPSULE[0], scale * CAPSULE[1]
        parts = [
            _tube(origin, ray, radius, radius, height - radius),
            _ball(origin, ray, radius, radius),
            _ball(origin, ray, radius, height - radius),
        ]
    distances = np.stack([distance for distance, _ in parts])
    first = distances.argmin(0)
    normals = np.stack([normal for _, normal in parts])
    return distances.min(0), np.take_along_axis(normals, first[None, ..., None], 0)[0]


def _box(origin: np.ndarray, ray: np.ndarray, edge: float) -> Hit:
    low, high = np.array([-edge / 2, 0, -edge / 2]), np.array([edge / 2, edge, edge / 2])
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (low - origin) / ray, (high - origin) / ray
    enter, leave = np.minimum(a, b), np.maximum(a, b)
    distance = enter.max(-1)
    meets = (distance <= leave.min(-1)) & (distance > 0)
    normal = -np.sign(ray) * (np.arange(3) == enter.argmax(-1)[..., None])
    return np.where(meets, distance, np.inf), normal


def _ball(origin: np.ndarray, ray: np.ndarray, radius: float, height: float) -> Hit:
    off = origin - np.array([0, height, 0])
    distance = _near_root((ray**2).sum(-1), (off * ray).sum(-1), (off**2).sum(-1) - radius**2)
    return distance, (off + _finite(distance)[..., None] * ray) / radius


def _tube(origin: np.ndarray, ray: np.ndarray, radius: float, low: float, high: float) -> Hit:
    flat = np.array([1, 0, 1])
    off, along = origin * flat, ray * flat
    distance = _near_root((along**2).sum(-1), (off * along).sum(-1), (off**2).sum(-1) - radius**2)
    y = origin[..., 1] + _finite(distance) * ray[..., 1]
    normal = (off + _finite(distance)[..., None] * along) / radius
    return np.where((low <= y) & (y <= high), distance, np.inf), normal


def _lid(origin: np.ndarray, ray: np.ndarray, radius: float, height: float) -> Hit:
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (height - origin[..., 1]) / ray[..., 1]
    point = origin + _finite(distance)[..., None] * ray
    meets = (distance > 0) & (point[..., 0] ** 2 + point[..., 2] ** 2 <= radius**2)
    return np.where(meets, distance, np.inf), np.broadcast_to([0.0, 1.0, 0.0], ray.shape)


def _near_root(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """The smaller solution t > 0 of a t² + 2 b t + c = 0."""
    inside = b * b - a * c
    with np.errstate(divide="ignore", invalid="ignore"):
        root = (-b - np.sqrt(np.maximum(inside, 0))) / a
    return np.where((inside >= 0) & (root > 0), root, np.inf)


def _finite(distance: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(distance), distance, 0)


# ---- brightness: 1 is the pure colour, more is overexposed


def _object_light(
    shape: int, point: np.ndarray, normal: np.ndarray, ahead: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Brightness of the object's colour, and the white on top of it."""
    lamp = LAMP - point
    lit = (normal * lamp).sum(-1) / np.linalg.norm(lamp, axis=-1)
    body = AMBIENT + HEADLIGHT * (-normal @ ahead).clip(0) + LAMPLIGHT * lit.clip(0)
    # not glossy: even over the lit side; the sphere's coarse mesh blurs its edge
    slope = 3.6 if SHAPES[shape] == "sphere" else 17
    return body, HIGHLIGHT * (0.5 + slope * (lit - 0.015)).clip(0, 1)


def _floor_light(point: np.ndarray, shadowed: np.ndarray) -> np.ndarray:
    x, z = point[..., 0], point[..., 2]
    light = 1.0917 - 0.1156 * z - 0.3973 * z**2 - 0.0719 * z**3 - 0.1807 * x**2 + 0.1516 * x**3
    light = light + x * (-0.4928 + 0.0425 * z + 0.2012 * z**2 - 0.0139 * x * z)
    return np.where(shadowed, AMBIENT, light) * _texture(z, x + 0.4035)


def _wall_light(point: np.ndarray, normal: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    x, y, z = point[..., 0], point[..., 1], point[..., 2]
    back = 0.503 - 0.080 * x - 0.007 * y - 0.034 * x**2 - 0.054 * y**2 + 0.029 * x**3
    left, right = 0.585 - 0.028 * y + 0.114 * z, 0.431 - 0.050 * y + 0.027 * z
    side = normal[..., 0]
    lamp = np.where(side > 0, left, np.where(side < 0, right, back))
    headlight = np.where(side == 0, 0.556, 0.593) * (-normal @ ahead)
    return (lamp + headlight) * _texture(np.where(side == 0, x, -side * z), y)


def _texture(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A mesh of hexagons and one stain per tile, the same on floor and walls."""
    turn = 2 * np.pi / TILE
    mesh = np.cos(10 * turn * u) + 2 * np.cos(5 * turn * u) * np.cos(8 * turn * v)
    u, v = ((a + TILE / 2) % TILE - TILE / 2 for a in (u - 0.072, v - 0.36))
    stain = np.maximum(
        _spot(u + 0.030, v - 0.066, 0.137, 0.078, -1.10),
        _spot(u - 0.088, v + 0.060, 0.056, 0.050, -1.05),
    )
    return 1 + 0.0082 * mesh - 0.057 * stain


def _spot(u: np.ndarray, v: np.ndarray, long: float, short: float, angle: float) -> np.ndarray:
    """1 inside an ellipse, 0 outside, with a soft edge."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.exp(-((((u * cos + v * sin) / long) ** 2 + ((v * cos - u * sin) / short) ** 2) ** 3))


# ---- the dataset


def _palette() -> torch.Tensor:
    """The ten hues at full saturation and value, (10, 3), in [0, 1]."""
    return torch.tensor([colorsys.hsv_to_rgb(float(hue), 1, 1) for hue in HUES])


class Rendered3DShapes(Composed):
    """Composed from the maps of 480 views (20 MB)."""

    name, title, source = "3dshapes", TITLES["3dshapes"], "rendered"
    key = f"3dshapes-rendered-{VERSION}"
    space, views, shape = SPACE, VIEWS, (3, SIDE, SIDE)
    row, few = ((5, SIDE, SIDE), np.float16), 120

    def __init__(self) -> None:
        super().__init__()
        self.palette = _palette()
        self.fixed = torch.tensor([[value / 255 for value in SKY], [1.0, 1.0, 1.0]])

    def render(self, view: tuple[int, ...]) -> np.ndarray:
        return render_maps(*view)

    def compose(
        self, maps: torch.Tensor, rows: torch.Tensor, factors: torch.Tensor
    ) -> torch.Tensor:
        colours = torch.cat(  # (N, 5, 3): of each map
            [self.palette[factors[:, :3]], self.fixed.expand(len(rows), 2, 3)], 1
        )
        images = colours.transpose(1, 2) @ maps[rows].float().flatten(2)
        return images.round_().clamp_(0, 255).to(torch.uint8).view(-1, *self.shape)

    def to(self, device: str | torch.device) -> "Rendered3DShapes":
        super().to(device)
        self.palette, self.fixed = self.palette.to(self.device), self.fixed.to(self.device)
        return self
