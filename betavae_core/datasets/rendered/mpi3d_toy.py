"""MPI3DToy: a robot arm with an object on its tip; seven factors, 1,036,800 RGB images of 64×64.

Gondal et al. (2019), https://github.com/rr-learning/disentanglement_dataset.
The rendered source is a lookalike made of convex solids; its camera, joints, sizes, colours and
light were fitted to 108 different real images. Colours are independent of geometry: there are 4,800
views of the arm and 57,600 of the object. They are rendered once, and images are composed from
them.
"""

from typing import NamedTuple

import numpy as np
import torch

from ...factors import FactorSpace
from ..titles import TITLES
from .composed import Composed
from .ray_caster import Ball, Camera, Solid, box, pooled, prism, pyramid, rays_of

COLORS = ("white", "green", "red", "blue", "brown", "olive")
SHAPES = ("cone", "cube", "cylinder", "hexagonal", "pyramid", "sphere")
SIZES = ("small", "large")
HEIGHTS = ("top", "center", "bottom")
RINGS = ("purple", "sea green", "salmon")
SPACE = FactorSpace(
    (
        "object color",
        "object shape",
        "object size",
        "camera height",
        "background color",
        "horizontal axis",
        "vertical axis",
    ),
    (6, 6, 2, 3, 3, 40, 40),
    (COLORS, SHAPES, SIZES, HEIGHTS, RINGS, range(40), range(40)),
)
VIEWS = FactorSpace(("camera height", "horizontal axis", "vertical axis"), (3, 40, 40))

# The scene. Unit of length: from the shoulder to the middle of the object, about 20 pixels. The
# pillar stands at the origin on the ground z = 0; x points right, y away from the camera, z up.
# Camera, joints, ring: least squares on the object's centre, the ring's edges and the pillar's foot
# in the real images, 0.3 px RMS. The other sizes: silhouettes and grey levels of the same images.
FOCAL = 90.0  # pixels
CAMERAS = (  # x, y, z, then pitch downwards and yaw to the left in radians
    (0.1410, -3.0496, 4.3551, 0.8702, 0.0185),
    (0.0546, -3.5342, 3.5969, 0.6645, 0.0348),
    (0.2586, -4.0088, 2.7115, 0.4023, 0.0291),
)
AZIMUTH = np.radians(164.66 - 180.87 * np.arange(40) / 39)  # of the arm, per vertical axis
ELEVATION = np.radians(181.81 - 183.16 * np.arange(40) / 39)  # per horizontal axis
SHOULDER = (0.1523, 0.9854)  # beside the pillar's axis, above the ground
RING = (2.4716, 3.0918)  # inner and outer radius
SECTOR = (27, 120)  # degrees: where the ring's first colour begins and how far each reaches
SMALL = 0.69  # size of small objects; large ones are 1

GROUND = 52
RING_RGB = ((92, 69, 131), (65, 90, 86), (97, 70, 78))
OBJECT_RGB = (
    (219, 219, 219),
    (38, 149, 38),
    (204, 0, 0),
    (39, 104, 200),
    (78, 49, 33),
    (117, 115, 48),
)

VERSION = 2  # of the rendered maps: raise it with any change of the images
PATCH = 26  # pixels per side of the window around an object
FULL = 128  # coverage of a whole pixel, and brightness 1 of an object
CHUNK = 64  # images composed at once, so that the intermediate values stay in the CPU's cache
SCENE = 2 * 64 * 64  # bytes of the arm in one view: coverage and grey levels
OBJECT = 2 * PATCH * PATCH  # bytes of an object in one view: coverage and brightness
OBJECT_COUNT = len(SHAPES) * len(SIZES)


EYES = [Camera(*numbers, focal=FOCAL) for numbers in CAMERAS]


def objects(size: float) -> tuple[Solid | Ball, ...]:
    """The shapes, centred, with the direction of the arm along z; large ones have size 1."""
    solids = (
        pyramid(24, 0.223, -0.216, 0.236),
        prism(4, 0.225, -0.230, 0.230),
        prism(24, 0.202, -0.224, 0.224),
        prism(6, 0.199, -0.245, 0.245),
        pyramid(4, 0.230, -0.213, 0.253),
    )
    return *(Solid(each.normals, each.offsets * size) for each in solids), Ball(0.219 * size)


OBJECTS = [each for pair in zip(objects(SMALL), objects(1), strict=True) for each in pair]


def light(normals: np.ndarray) -> np.ndarray:
    """Brightness (…) of an object's surface with normals (3, …): lit from above and a little from
    the front, and black from below."""
    even = 0.6 - 0.04 * normals[0] - 0.14 * normals[1] + 0.55 * normals[2]
    return np.clip(even, 0, 1.25) * np.clip((normals[2] + 0.55) / 0.45, 0, 1)


def metal(normals: np.ndarray) -> np.ndarray:
    """Brightness (…) of the arm's surface with normals (3, …)."""
    return 0.73 + 0.28 * normals[2]


def arm_axes(azimuth: float, elevation: float) -> np.ndarray:
    """Axes of the arm as columns (3, 3): its hinge, across, and its direction."""
    hinge = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    along = np.array([hinge[1], -hinge[0], 0.0]) * np.cos(elevation)
    along[2] = np.sin(elevation)
    return np.stack([hinge, np.cross(along, hinge), along], 1)


def shoulder(azimuth: float) -> np.ndarray:
    """The beginning of the arm (3,), beside the pillar's top."""
    return arm_axes(azimuth, 0)[:, 0] * SHOULDER[0] + np.array([0, 0, SHOULDER[1]])


def arm(azimuth: float, elevation: float) -> list[tuple[Solid, np.ndarray, np.ndarray, float]]:
    """The grey solids: each solid with its axes, its position and the grey level of its upper side.

    They are the foot with a hub and a motor, the pillar and its cap, and the arm's thick and thin
    parts."""
    upright, tilted = arm_axes(azimuth, np.pi / 2), arm_axes(azimuth, elevation)
    foot, joint = np.array([-0.009, 0.031, 0.0]), shoulder(azimuth)
    hinge = upright[:, 0]
    return [
        (prism(16, 0.234, 0, 0.031), upright, foot, 162),
        (prism(12, 0.111, 0, 0.051), upright, foot, 130),
        (box(0.045, 0.088, 0, 0.282), upright, foot - 0.109 * hinge, 153),
        (box(0.055, 0.122, 0, 0.922), upright, foot, 105),
        (box(0.076, 0.106, 0.922, 1.051), upright, foot, 149),
        (box(0.076, 0.068, -0.095, 0.219), tilted, joint - 0.090 * hinge, 166),
        (box(0.020, 0.020, 0.219, 0.95), tilted, joint, 151),
    ]


def render_view(height: int, horizontal: int, vertical: int) -> np.ndarray:
    """One view, (SCENE + OBJECT_COUNT · OBJECT,) uint8: the arm's maps, then those of each object.

    Coverage is FULL for a whole pixel; brightness is already multiplied with it, in grey levels for
    the arm and in parts of FULL for an object, whose coverage excludes the part hidden by the arm.
    """
    eye, azimuth, elevation = EYES[height], AZIMUTH[vertical], ELEVATION[horizontal]
    depth = np.zeros(eye.rays.shape[1:])
    grey = np.zeros_like(depth)
    for body, axes, place, level in arm(azimuth, elevation):
        part = eye.window(*body.surroundings(axes, place))
        near, brightness = body.cast(axes, place, eye, part, metal)
        front = near > depth[part]
        depth[part][front] = near[front]
        grey[part][front] = level * brightness[front]
    maps = [pooled(FULL * (depth > 0)), pooled(grey)]

    axes = arm_axes(azimuth, elevation)
    tip = shoulder(azimuth) + axes[:, 2]
    y, x = corner(height, horizontal, vertical)
    patch = rays_of(y, y + PATCH - 1), rays_of(x, x + PATCH - 1)
    for held in OBJECTS:
        near, brightness = held.cast(axes, tip, eye, patch, light)
        seen = near > depth[patch]
        maps += [pooled(FULL * seen), pooled(FULL * seen * brightness)]
    return np.concatenate([each.reshape(-1) for each in maps])


def corner(height: int, horizontal: int, vertical: int) -> tuple[int, int]:
    """Row and column of the first pixel of the object's window."""
    azimuth = AZIMUTH[vertical]
    tip = shoulder(azimuth) + arm_axes(azimuth, ELEVATION[horizontal])[:, 2]
    x, y = np.rint(EYES[height].pixel(tip) - PATCH / 2).clip(0, 64 - PATCH).astype(int)
    return int(y), int(x)


def grounds() -> np.ndarray:
    """The ground and its ring, (3 heights, 3 colours, 3 channels, 64, 64) uint8.

    The ring has three sectors; the factor's colour is that of the visible one, and a few pixels of
    the next ones appear at the image's sides. The ring is brightest behind the pillar."""
    images = np.empty((3, 3, 3, 64, 64), np.uint8)
    for height, eye in enumerate(EYES):
        right, away, up = np.tensordot(eye.axes.T, eye.rays, 1)
        x, y = eye.place[:2, None, None] - eye.place[2] * np.stack([right, away]) / up
        radius = np.hypot(x, y)
        on = (up < 0) & (radius > RING[0]) & (radius < RING[1])
        bright = 1.45 - 0.145 * y - 0.06 * x * x
        sector = ((np.degrees(np.arctan2(y, x)) - SECTOR[0]) // SECTOR[1]).astype(int)
        for ring in range(3):
            rgb = np.array(RING_RGB)[(ring + sector) % 3]
            for channel in range(3):
                level = np.where(on, bright * rgb[..., channel], GROUND)
                images[height, ring, channel] = pooled(level)
    return images


class Surroundings(NamedTuple):
    """What images are composed from besides the maps of their views."""

    corners: torch.Tensor  # (3, 40, 40, 2) int64, of `corner`, for each view
    grounds: torch.Tensor  # (3, 3, 3, 64, 64) uint8, of `grounds`
    colors: torch.Tensor  # (6, 3) int32


def surroundings(views: FactorSpace = VIEWS) -> Surroundings:
    each = views.factors(np.arange(views.size)).tolist()
    return Surroundings(
        torch.tensor([corner(*view) for view in each]).view(*views.sizes, 2),
        torch.from_numpy(grounds()),
        torch.tensor(OBJECT_RGB, dtype=torch.int32),
    )


def compose(
    maps: torch.Tensor, around: Surroundings, rows: torch.Tensor, factors: torch.Tensor
) -> torch.Tensor:
    """Images (N, 3, 64, 64) uint8 of factor values (N, 7), from `rows` (N,) of maps (V, …), which
    `render_view` made; in whole numbers, so that all machines agree."""
    n = len(rows)
    color, shape, size, height, ring = factors[:, :5].unbind(1)
    cover, grey = maps[:, :SCENE][rows].view(n, 2, 1, 64, 64).short().unbind(1)
    images = _over(around.grounds[height, ring].short(), cover) + grey

    objects = maps[:, SCENE:].view(-1, OBJECT_COUNT, 2, 1, PATCH, PATCH)
    cover, brightness = objects[rows, shape * len(SIZES) + size].int().unbind(1)
    paint = brightness * around.colors[color][..., None, None] // FULL  # (N, 3, PATCH, PATCH)
    paint = paint.minimum(cover * 255 // FULL).short().flatten(2)
    step = torch.arange(PATCH, device=rows.device)
    y, x = (around.corners[height, factors[:, 5], factors[:, 6]][:, :, None] + step).unbind(1)
    place = (y[:, :, None] * 64 + x[:, None, :]).flatten(1)[:, None].expand(-1, 3, -1)
    flat = images.flatten(2)
    under = _over(flat.gather(2, place), cover.short().flatten(2))
    return flat.scatter_(2, place, under + paint).view(n, 3, 64, 64).to(torch.uint8)


def _over(image: torch.Tensor, cover: torch.Tensor) -> torch.Tensor:
    """The part of an image (int16) that a coverage leaves visible, rounded."""
    return (image * (FULL - cover) + FULL // 2) // FULL


class RenderedMPI3DToy(Composed):
    """Composed from 4,800 views of the arm and the objects (117 MB)."""

    name, title, source = "mpi3d-toy", TITLES["mpi3d-toy"], "rendered"
    key = f"mpi3d-toy-rendered-{VERSION}"
    space, views, shape = SPACE, VIEWS, (3, 64, 64)
    row, few = ((SCENE + OBJECT_COUNT * OBJECT,), np.uint8), 400

    def __init__(self) -> None:
        super().__init__()
        self.surroundings = surroundings(self.views)

    def render(self, view: tuple[int, ...]) -> np.ndarray:
        return render_view(*view)

    def compose(
        self, maps: torch.Tensor, rows: torch.Tensor, factors: torch.Tensor
    ) -> torch.Tensor:
        parts = zip(rows.split(CHUNK), factors.split(CHUNK), strict=True)
        return torch.cat([compose(maps, self.surroundings, *part) for part in parts])

    def to(self, device: str | torch.device) -> "RenderedMPI3DToy":
        super().to(device)
        self.surroundings = Surroundings(*(each.to(self.device) for each in self.surroundings))
        return self
