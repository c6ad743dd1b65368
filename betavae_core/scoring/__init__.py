"""Measurements of a model: codes, the ELBO, scores and distances; and the baselines."""
