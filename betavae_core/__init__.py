"""Train, evaluate and look at β-VAEs. See README.md for the rooms of this package."""

__version__ = "0.1.0"
