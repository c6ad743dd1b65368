"""The datasets that need no download: this lab draws their images."""
