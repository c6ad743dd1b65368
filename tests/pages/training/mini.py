"""The small run that the tests of the page Training watch."""

from betavae_core.config import RunConfig

MINI = RunConfig(dataset="sprites-mini", images=2_048, batch_size=64, latents=3)
