"""Pictures from arrays: grids, files, and the colours that mean the same everywhere."""
