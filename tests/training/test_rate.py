"""The measured rate of a training."""

import torch

from betavae_core.training.rate import measured_rate
from tests.oracles import one_sentence, small_config


def test_the_rate_is_measured_on_real_steps() -> None:
    before = torch.get_num_threads()
    try:
        assert 0 < measured_rate(small_config(), seconds=0.1) < 1e6
        assert 0 < measured_rate(small_config(model="conv-multirate", beta=None), seconds=0.1) < 1e6
        with one_sentence("official file"):
            measured_rate(small_config(dataset="mpi3d-real", source="official", channels=None))
    finally:
        torch.set_num_threads(before)
