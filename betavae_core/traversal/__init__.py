"""Latent traversals: codes, pictures, and the matching of two runs' latents."""
