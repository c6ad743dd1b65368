"""Where runs, downloads and caches live; each can be moved by an option or a variable."""

import os
from pathlib import Path

APP = "betavae-lab"


def home() -> Path:
    """The checkout that this package is in; where it is installed, the current folder."""
    above = Path(__file__).resolve().parent.parent
    return above if (above / "app.py").exists() else Path.cwd()


def runs_root(root: str | Path | None = None) -> Path:
    """The folder of runs: `root`, else $BETAVAE_RUNS, else trained_models/ in `home`."""
    return Path(root or os.environ.get("BETAVAE_RUNS") or home() / "trained_models").expanduser()


def data_root(root: str | Path | None = None) -> Path:
    """Official dataset files: `root`, else $BETAVAE_DATA, else data/ in the user's cache folder."""
    chosen = root or os.environ.get("BETAVAE_DATA")
    return Path(chosen).expanduser() if chosen else cache_root() / "data"


def checkpoint_roots() -> list[Path]:
    """The folders whose checkpoints the dashboard may open: that of the runs, and those that
    $BETAVAE_CHECKPOINTS names (several with ":" between, ";" on Windows)."""
    named = os.environ.get("BETAVAE_CHECKPOINTS", "").split(os.pathsep)
    return [runs_root(), *(Path(name).expanduser() for name in named if name)]


def cache_root() -> Path:
    """Converted files and code tables: $BETAVAE_CACHE, else the user's cache folder."""
    return Path(os.environ.get("BETAVAE_CACHE") or _user_cache()).expanduser()


def _user_cache() -> Path:
    """The user's cache folder by the system's custom; on a machine that only trains and lacks
    platformdirs, Linux's."""
    try:
        from platformdirs import user_cache_dir
    except ModuleNotFoundError:
        return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / APP
    return Path(user_cache_dir(APP))
