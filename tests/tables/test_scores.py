"""Tables of many runs: which of them are empty."""

from pathlib import Path

from betavae_core.store import add_score, load_run
from betavae_core.tables.scores import collapsed
from tests.oracles import small_config, train_small


def test_a_run_without_active_latents_is_collapsed(tmp_path: Path) -> None:
    found = []
    for beta, kl in ((1.0, [2.0, 0.0, 0.0]), (4.0, [0.09, 0.05, 0.0])):
        config = small_config(beta=beta, images=16)
        train_small(tmp_path, config)
        path = tmp_path / config.run_id
        add_score(path, {"score": "elbo", "nll": 50.0, "kl": kl, "settings": {}})
        found.append(load_run(path))
    assert collapsed(found) == [found[1]]
    assert collapsed([]) == []
