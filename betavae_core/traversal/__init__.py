"""Latent traversals: which codes, pictures of them, and which latents of two runs match."""
