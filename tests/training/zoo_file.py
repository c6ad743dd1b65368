"""A list of small runs for a zoo."""

from pathlib import Path

TINY = """
[[runs]]
title = "Two of 2Dshapes"
preset = "2dshapes-conv-laptop"
beta = [1, 4]
seed = [5]
images = 64
batch_size = 16
latents = 3
kl_warmup = 32
weights = [5]

[[runs]]
title = "One more"
preset = "2dshapes-conv-laptop"
beta = [10]
seed = [5]
images = 64
snapshots = 2
"""


def written(tmp_path: Path, text: str = TINY) -> Path:
    path = tmp_path / "list.toml"
    path.write_text(text)
    return path
