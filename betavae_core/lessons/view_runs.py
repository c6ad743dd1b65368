"""The runs that a view of a lesson shows."""

from ..store import Run
from .predictions import Facts
from .selection import narrowed
from .views import View


class ViewRuns:
    """What a page and a site have in common when they draw a view: its runs, by the facts of its
    lesson."""

    view: View
    facts: Facts

    @property
    def every(self) -> list[Run]:
        """All runs of the view's selection."""
        return list(self.facts.runs.get(self.view.of, []))

    @property
    def runs(self) -> list[Run]:
        """Those of the β and seeds that the view names."""
        settings = self.view.settings
        return narrowed(self.every, settings.get("beta", ()), settings.get("seed", ()))

    @property
    def with_weights(self) -> list[Run]:
        return [run for run in self.runs if run.has_weights]
