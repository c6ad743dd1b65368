"""Pictures from arrays: grids, files, and the colours with a fixed meaning."""
