"""An entry of the table of metrics: its function, and everything that differs between metrics, so
that no caller needs to check its name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial, update_wrapper
from inspect import signature
from typing import Any

import numpy as np
import torch

from ..errors import no_setting
from ..factors import Factors
from .base import Codes, Record

Settings = Mapping[str, Any]
Tell = Callable[[str, int, int], None]  # activity, amount done, total
NOT_SETTINGS = ("codes", "space", "jobs", "progress")


class Metric:
    """A metric, called like its function: ``score(codes, space, **settings) -> Record``."""

    def __init__(self, measure: Callable[..., Record]) -> None:
        update_wrapper(self, measure)
        self.measure = measure
        self.name = measure.__name__

    def __call__(self, codes: Codes, space: Factors, **settings: Any) -> Record:
        return self.measure(codes, space, **settings)

    @cached_property
    def usual(self) -> dict[str, Any]:
        """The default settings."""
        parameters = signature(self.measure).parameters
        return {name: each.default for name, each in parameters.items() if name not in NOT_SETTINGS}

    def full_settings(self, settings: Settings) -> dict[str, Any]:
        """All settings, completed with the defaults; raises `InputError` for an unknown one."""
        usual = self.usual
        if unknown := sorted(set(settings) - set(usual)):
            raise no_setting(self.name, unknown[0])
        return usual | dict(settings)

    def images(self, settings: Settings) -> float:
        """The number of images used, repeats counted; infinity for the whole grid."""
        full = self.full_settings(settings)
        if full["points"] is None:
            return float("inf")
        return float(full["points"] + full.get("test_points", 0))

    def measure_each(
        self,
        codes: Codes,
        space: Factors,
        settings: Sequence[Settings],
        tell: Tell,
        device: str | torch.device = "cpu",
    ) -> Iterator[tuple[int, Record]]:
        """The records with settings[i], each with its i, in any order, as soon as they are ready.

        device: trains the classifiers that can use a GPU.
        """
        told = "progress" in signature(self.measure).parameters
        for number, each in enumerate(settings):
            tell(self.name, number, len(settings))
            more = {"progress": partial(tell, self.name)} if told else {}
            yield number, self.measure(codes, space, **each, **more)

    def parts(self, record: Mapping[str, Any]) -> dict[str, float]:
        """The values of a stored record that tables show, by their names there."""
        return {self.name: record["value"]}

    def text(self, record: Mapping[str, Any]) -> str:
        """A stored record in one line."""
        return f"{self.name} {record['value']:.4f}"


class ChanceMetric(Metric):
    """A score of guesses whose records state the accuracy of chance: it is also shown as a share of
    what lies beyond chance."""

    def parts(self, record: Mapping[str, Any]) -> dict[str, float]:
        value, chance = record["value"], record["details"].get("chance")
        scaled = {} if chance is None else {f"{self.name}_scaled": beyond_chance(value, chance)}
        return {self.name: value} | scaled


def beyond_chance(value: float, chance: float) -> float:
    """An accuracy scaled so that chance is 0 and perfect is 1; less than chance is 0."""
    return max(0.0, (value - chance) / (1 - chance))


class MatrixMetric(Metric):
    """A metric whose details say how much each latent tells about each factor."""

    def matrix(self, details: Mapping[str, Any]) -> np.ndarray:
        """Latent × varying factor (D, K) in [0, 1]; the factors are details["factors"]."""
        raise NotImplementedError


class WholeGridMetric(ChanceMetric):
    """A score of guesses that uses every image of the grid."""

    def images(self, settings: Settings) -> float:
        return float("inf")
