"""Where ground-truth traversals land in latent space: paths, projections, numbers and drawings."""
