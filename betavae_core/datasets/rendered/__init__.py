"""The datasets that need no download: their images are drawn here."""
