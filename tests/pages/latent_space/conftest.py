"""What the page Latent space would save."""

from typing import Any

import pytest

from pages._ui.latent_space import details as latent_details


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the page's downloads would save, by their labels."""
    files: dict[str, str] = {}

    def keep(label: str, data: Any, *rest: Any, **options: Any) -> None:
        files[label] = data() if callable(data) else data

    monkeypatch.setattr(latent_details, "download", keep)
    return files
