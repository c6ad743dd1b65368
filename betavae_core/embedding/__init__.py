"""Ground-truth traversals in latent space: paths, projections, numbers and drawings."""
