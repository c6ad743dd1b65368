"""The folders of runs, downloads and caches; an option or a variable can change each."""

import os
from pathlib import Path

APP = "betavae-lab"


def home() -> Path:
    """The checkout with this package; for an installed package, the current folder."""
    above = Path(__file__).resolve().parent.parent
    return above if (above / "app.py").exists() else Path.cwd()


def runs_root(root: str | Path | None = None) -> Path:
    """The folder of runs: `root`, or $BETAVAE_RUNS, or trained_models/ in `home`."""
    return Path(root or os.environ.get("BETAVAE_RUNS") or home() / "trained_models").expanduser()


def data_root(root: str | Path | None = None) -> Path:
    """Official dataset files: `root`, or $BETAVAE_DATA, or data/ in the user's cache folder."""
    chosen = root or os.environ.get("BETAVAE_DATA")
    return Path(chosen).expanduser() if chosen else cache_root() / "data"


def checkpoint_roots() -> list[Path]:
    """The folders whose checkpoints the dashboard may open: the folder of runs, and those in
    $BETAVAE_CHECKPOINTS (separated by ":", on Windows by ";")."""
    named = os.environ.get("BETAVAE_CHECKPOINTS", "").split(os.pathsep)
    return [runs_root(), *(Path(name).expanduser() for name in named if name)]


def cache_root() -> Path:
    """Converted files and code tables: $BETAVAE_CACHE, or the user's cache folder."""
    return Path(os.environ.get("BETAVAE_CACHE") or _user_cache()).expanduser()


def _user_cache() -> Path:
    """The operating system's usual cache folder of the user; without the package platformdirs (on a
    machine that only trains), Linux's."""
    try:
        from platformdirs import user_cache_dir
    except ModuleNotFoundError:
        return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / APP
    return Path(user_cache_dir(APP))
