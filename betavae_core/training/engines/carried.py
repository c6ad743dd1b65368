"""A run's folder as files in memory: sent to a machine that does not see the folder of runs, and
sent back in parts while it is trained there.

Files are read checkpoint first and written checkpoint last. At any moment, the disk on either side
is then in a state that a kill could have left: a checkpoint, and a history and weights that are at
least as new; `train` can continue from it.
"""

from pathlib import Path

from ...store import CONFIG, WEIGHTS, write_atomically
from ..resume import CHECKPOINT
from ..watching import WATCH

Files = dict[str, bytes | None]  # path inside the folder → content; None: removed
Stamps = dict[str, tuple[int, int]]  # path inside the folder → time and size of the file

ORDER = (CHECKPOINT, WEIGHTS)  # order of reading; all others follow these, the config last


def stamps(path: Path) -> Stamps:
    """The folder's present files, with what its training shows of itself; partly written files do
    not count."""
    found = {}
    for file in path.rglob("*"):
        if file.is_file() and (file.name == WATCH or not file.name.startswith(".")):
            stat = file.stat()
            found[str(file.relative_to(path))] = stat.st_mtime_ns, stat.st_size
    return found


def read_folder(path: Path, known: Stamps | None = None) -> Files:
    """The files that differ from `known`, in the order of reading."""
    known, now = known or {}, stamps(path)
    files: Files = {}
    for name in sorted(now, key=_place):
        if known.get(name) != now[name]:
            files[name] = (path / name).read_bytes()
    return files | {name: None for name in known if name not in now}


def write_folder(path: Path, files: Files) -> None:
    """Write the output of `read_folder`, each file completely or not at all, and delete removed
    files."""
    for name in sorted(files, key=_place, reverse=True):
        data = files[name]
        if data is not None:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            if name != CONFIG or not (path / name).exists():  # a lock must stay with its file
                write_atomically(path / name, data)
    for name, data in files.items():
        if data is None:
            (path / name).unlink(missing_ok=True)


def _place(name: str) -> tuple[int, str]:
    """A file's position in the order of reading."""
    if name == CONFIG:
        return len(ORDER) + 1, name
    return (ORDER.index(name) if name in ORDER else len(ORDER)), name
