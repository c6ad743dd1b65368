"""A checkup spends no more memory and time than it may, and changes nothing of the model."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from betavae_core.config import RunConfig
from betavae_core.doctor import checkup
from betavae_core.doctor.checkup import LONG, QUICK
from betavae_core.doctor.effort import AT_ONCE, Budget, Effort, TooDear, effort_of
from betavae_core.doctor.pictures import check_traversals
from betavae_core.doctor.subject import Subject
from betavae_core.models import VAE
from tests.doctor import damage

ROOT = Path(__file__).resolve().parents[2]
GREY_KEYS = [key for key in QUICK | LONG if key != "channels"]
LARGE = """
import resource, sys
import torch
from torch import nn
from betavae_core.config import RunConfig
from betavae_core.doctor.subject import Subject
from betavae_core.models import VAE
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[1]),) * 2)
wide = nn.Sequential(nn.Conv2d(1, 250, 1), nn.Conv2d(250, 1, 1), nn.Flatten(), nn.Linear(4096, 8))
back = nn.Sequential(nn.Linear(4, 4096), nn.Unflatten(1, (1, 64, 64)), nn.Conv2d(1, 250, 1),
                     nn.Conv2d(250, 1, 1))
subject = Subject(VAE(wide, back, 4, (1, 64, 64)).eval(), RunConfig(latents=4))
mean, _ = subject.encode(torch.zeros(256, 1, 64, 64))
print(len(subject.logits(mean)))
"""


def test_the_conv_model_costs_what_its_shapes_say() -> None:
    """Encoder: 4×4 kernels over 1, 32, 32, 32 channels to 32, on inputs of 64, 32, 16, 8 pixels a
    side at most (a bound), then three dense layers."""
    model, config = damage.good()
    found = effort_of(model, config.shape, config.latents)
    assert found.values == 32 * 32 * 32
    convolutions = (16 * 32 + 32) * 64**2 + (16 * 32 * 32 + 32) * (32**2 + 16**2 + 8**2)
    dense = 513 * 256 + 257 * 256 + 257 * 20
    assert found.multiplications >= convolutions + dense
    assert found.batch() == 128


def test_batches_shrink_with_the_largest_layer() -> None:
    assert Effort(4_000_000, 10**9).batch() == AT_ONCE // 12_000_000
    assert Effort(100, 10**10).batch() == 2
    for effort in (Effort(10, 10**11), Effort(10**8, 10)):
        with pytest.raises(TooDear, match="at most"):
            effort.batch()


@pytest.mark.slow
def test_large_layers_stay_within_memory() -> None:
    """A million values a layer: 256 images at once would take 1 GB a layer."""
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(2 * 2**30)],
        capture_output=True, text=True, cwd=ROOT, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.split() == ["256"]


def test_what_takes_too_long_is_said_and_everything_is_answered() -> None:
    model, config = damage.good()
    found = list(checkup(model, config, budget=Budget(item=0.0)))
    assert [finding.key for finding in found] == GREY_KEYS
    said = {finding.key: finding for finding in found}
    assert said["reconstruction"].verdict == "not computed"
    assert "processor time" in said["reconstruction"].says
    left = list(checkup(model, config, budget=Budget(whole=0.0)))
    assert [finding.key for finding in left] == GREY_KEYS
    assert {finding.verdict for finding in left} == {"not computed"}


def test_an_image_that_takes_billions_is_not_even_tried() -> None:
    class Endless(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            assert x.device.type == "meta", "never with numbers"
            return x

    # a weight of 10⁷ numbers at each of 4,096 places
    dear = nn.Conv2d(1, 10**7, 1, device="meta")
    model = VAE(nn.Sequential(Endless(), dear), nn.Sequential(nn.Linear(2, 4096)), 2, (1, 64, 64))
    subject = Subject(model, RunConfig(latents=2))
    with pytest.raises(TooDear, match="billion"):
        subject.encode(torch.zeros(1, 1, 64, 64))


def test_thousands_of_latents_are_traversed_a_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    latents, seen = 3_000, []
    model, _ = damage.good()

    class Many:
        @staticmethod
        def decode_logits(z: torch.Tensor) -> torch.Tensor:
            seen.append(z.numel())
            return model.decode_logits(z[:, :10])

    monkeypatch.setattr("betavae_core.doctor.pictures.AT_ONCE", 2**20)
    found = check_traversals(Subject(Many(), RunConfig(latents=latents)), None, None, 0.5)
    assert found.verdict == "fine"
    assert set(found.numbers["latents"]) == set(range(10))
    assert max(seen) <= 2**20


class Normed(nn.Module):
    """With batch statistics, as it is while it is trained; and a state that is not only tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(4096), nn.Linear(4096, 4))
        self.tail = nn.Linear(2, 4096)

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        assert not self.head.training, "batch statistics must not be used"
        mean, log_var = self.head(x).chunk(2, 1)
        return mean, log_var

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return self.tail(z).sigmoid().reshape(-1, 1, 64, 64)


@pytest.mark.parametrize("inside", [False, True])
def test_a_model_in_training_is_left_as_it_was(inside: bool) -> None:
    module = Normed().train()

    class Holder:
        def __init__(self) -> None:
            self.net = module

        def encode(self, x: torch.Tensor) -> Any:
            return self.net.encode(x)

    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    config = RunConfig(model="mine", beta=None, latents=2)
    found = list(checkup(Holder() if inside else module, config, dataset="2dshapes"))
    assert not any("batch statistics" in finding.says for finding in found)
    assert "AssertionError" not in " ".join(finding.says for finding in found)
    assert all(each.training for each in module.modules())
    after = module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_one_that_cannot_be_copied_gets_its_mode_back() -> None:
    module = Normed().train()
    module.open_file = open(__file__)  # type: ignore[assignment]  # noqa: SIM115
    list(checkup(module, RunConfig(model="mine", latents=2), dataset="2dshapes", quick=True))
    module.open_file.close()  # type: ignore[operator]
    assert all(each.training for each in module.modules())


def test_a_state_with_other_things_than_tensors_is_one_finding() -> None:
    class Odd(Normed):
        def state_dict(self, *arguments: Any, **options: Any) -> Any:
            return {**super().state_dict(*arguments, **options), "epoch": 3, "name": "mine"}

    found = {f.key: f for f in checkup(Odd().eval(), RunConfig(model="mine", latents=2), quick=True,
                                       dataset="2dshapes")}  # fmt: skip
    assert found["weights"].verdict == "look"
    assert "epoch, name" in found["weights"].says
    assert found["architecture"].verdict == "fine"
