"""Quick scores for the verbs."""

from functools import partial

import pytest

from betavae_core.commands import runs as runs_verbs
from betavae_core.commands import train as train_verb
from betavae_core.scoring.elbo import score_elbo


@pytest.fixture(autouse=True)
def quick_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verbs measure the ELBO on 1,000 images instead of 10,000."""
    for module in (train_verb, runs_verbs):
        monkeypatch.setattr(module, "score_elbo", partial(score_elbo, images=1000))
