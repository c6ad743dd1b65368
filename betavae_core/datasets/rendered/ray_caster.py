"""Rays from a pinhole camera onto convex solids, several per pixel of a 64×64 image."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

SAMPLES = 4  # rays per pixel and direction

Window = tuple[slice, slice]  # rows and columns of rays
Shade = Callable[[np.ndarray], np.ndarray]  # brightness (…) of surfaces with normals (3, …)
Hits = tuple[np.ndarray, np.ndarray]  # inverse depth of rays (h, w), 0 where they miss; brightness


class Camera:
    """A pinhole camera: place (x, y, z), z upwards; pitch downwards and yaw to the left from the
    direction of y, in radians; focal length in pixels. Its own axes point right, down, forward."""

    def __init__(
        self, x: float, y: float, z: float, pitch: float, yaw: float, *, focal: float
    ) -> None:
        self.place, self.focal = np.array([x, y, z]), focal
        right = np.array([np.cos(yaw), np.sin(yaw), 0.0])
        level = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
        down = -level * np.sin(pitch) - np.array([0, 0, np.cos(pitch)])
        self.axes = np.stack([right, down, np.cross(right, down)])  # (3, 3), one a row

    @property
    def rays(self) -> np.ndarray:
        """Directions (3, 64·SAMPLES, 64·SAMPLES) of all rays in the camera's axes, forward = 1."""
        return _rays(self.focal)

    def pixel(self, point: np.ndarray) -> np.ndarray:
        """The position (2,) of a point (3,) in the image, x to the right and y downwards in
        pixels."""
        right, down, forward = self.axes @ (point - self.place)
        return 32 + self.focal * np.array([right, down]) / forward

    def window(self, centre: np.ndarray, radius: float) -> Window:
        """The rays that can meet a sphere."""
        distance = float(np.linalg.norm(centre - self.place))
        reach = self.focal * radius / (distance - radius) + 2  # it appears slightly oval
        x, y = self.pixel(centre)
        return rays_of(y - reach, y + reach), rays_of(x - reach, x + reach)


@cache
def _rays(focal: float) -> np.ndarray:
    across = ((np.arange(64 * SAMPLES) + 0.5) / SAMPLES - 32) / focal
    x, y = np.meshgrid(across, across)
    return np.stack([x, y, np.ones_like(x)])


def rays_of(first: float, last: float) -> slice:
    """The rays, along one side of the image, of the pixels from first to last."""
    return slice(int(max(0, first)) * SAMPLES, int(np.clip(last + 1, 0, 64)) * SAMPLES)


def pooled(samples: np.ndarray) -> np.ndarray:
    """Means over the rays of each pixel, rounded: (h·SAMPLES, w·SAMPLES) to (h, w) uint8."""
    h, w = samples.shape[0] // SAMPLES, samples.shape[1] // SAMPLES
    return np.rint(samples.reshape(h, SAMPLES, w, SAMPLES).mean((1, 3))).astype(np.uint8)


class Solid(NamedTuple):
    """A convex solid with flat faces: in its own frame the points p with `normals` · p ≤ `offsets`.

    For prisms the two ends come last, the upper one first."""

    normals: np.ndarray  # (P, 3)
    offsets: np.ndarray  # (P,)

    def cast(
        self, axes: np.ndarray, place: np.ndarray, eye: Camera, part: Window, shade: Shade
    ) -> Hits:
        """The hits of rays on the solid with these axes (columns of (3, 3)) at this position (3,).

        From the camera a plane n·p = c cuts the ray t·d at 1/t = n·d/c, which is linear in d. A ray
        is inside from the last of the planes that face the camera (c < 0) to the first of the rest.
        """
        normals = self.normals @ axes.T
        offsets = self.offsets + normals @ (place - eye.place)
        facing = offsets < 0
        planes = normals @ eye.axes.T / offsets[:, None]
        entries = np.tensordot(planes[facing], eye.rays[:, *part], 1)  # (P', h, w)
        face, near = entries.argmin(0), entries.min(0)
        far = np.tensordot(planes[~facing], eye.rays[:, *part], 1).max(0)
        return near * (near > far.clip(0)), shade(normals[facing].T)[face]

    def surroundings(self, axes: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, float]:
        """Centre (3,) and radius of a sphere around a prism of at least four sides."""
        upper, lower = self.offsets[-2:]
        reach = np.hypot((upper + lower) / 2, self.offsets[:-2].max() * 2**0.5)
        return place + axes[:, 2] * (upper - lower) / 2, float(reach)


class Ball(NamedTuple):
    """A sphere around the origin of its frame."""

    radius: float

    def cast(
        self, axes: np.ndarray, place: np.ndarray, eye: Camera, part: Window, shade: Shade
    ) -> Hits:
        """As `Solid.cast`: the nearer solution t of |t·d − centre| = radius."""
        centre, rays = eye.axes @ (place - eye.place), eye.rays[:, *part]
        ahead, length2 = np.tensordot(centre, rays, 1), (rays * rays).sum(0)
        inside = ahead**2 - length2 * (centre @ centre - self.radius**2)
        t = (ahead - np.sqrt(inside.clip(0))) / length2
        normals = (t * rays - centre[:, None, None]) / self.radius
        return (inside > 0) / t, shade(np.tensordot(eye.axes.T, normals, 1))


def _around(sides: int) -> np.ndarray:
    """Normals (sides, 3) of the sides of an upright prism."""
    turn = 2 * np.pi * np.arange(sides) / sides
    return np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1)


def prism(sides: int, radius: float, low: float, high: float) -> Solid:
    """A regular prism along z; radius: from its axis to the middle of a side."""
    normals = np.concatenate([_around(sides), [[0, 0, 1], [0, 0, -1]]])
    return Solid(normals, np.array([radius] * sides + [high, -low]))


def box(x: float, y: float, low: float, high: float) -> Solid:
    """A box along z; x, y: half its width."""
    return Solid(prism(4, 1, 0, 1).normals, np.array([x, y, x, y, high, -low]))


def pyramid(sides: int, radius: float, low: float, high: float) -> Solid:
    """A regular pyramid along z with its apex at `high`; radius: as in `prism`, at its base."""
    slope = np.array([high - low, high - low, radius]) / np.hypot(radius, high - low)
    normals = np.concatenate([(_around(sides) + [0, 0, 1]) * slope, [[0, 0, -1]]])
    return Solid(normals, np.array([slope[2] * high] * sides + [-low]))
