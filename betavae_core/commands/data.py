"""data: the datasets, their sources, and whether they are available and complete."""

import argparse
import json
import time
from pathlib import Path

from ..cache_limit import VARIABLE, Entry, clear, entries, limit_bytes
from ..datasets import DATASETS, Dataset, load_dataset, own_datasets
from ..datasets.downloads import DOWNLOADS, checksum_problem, fetch
from ..errors import InputError, Refusal, missing, unknown_name
from ..paths import cache_root, data_root
from .progress import shown_progress


def list_data(options: argparse.Namespace) -> int:
    root = data_root(options.root)
    rows = []
    for name, entry in DATASETS.items():
        download = DOWNLOADS.get(name)
        found = next((root / n for n in entry.names if (root / n).exists()), None)
        rows.append(
            {
                "name": name,
                "rendered": entry.rendered is not None,
                "excerpt": entry.excerpt is not None,
                "official": str(found) if found else None,
                "file": download and download.file,
                "url": download and download.url,
                "bytes": download and download.size,
                "md5": download and download.md5,
                "licence": download and download.licence,
                "homepage": entry.homepage,
            }
        )
    own = [{"name": n, "path": str(path)} for n, path in own_datasets(options.root).items()]
    if options.json:
        print(json.dumps({"datasets": rows, "own": own}, indent=1))
        return 0
    print(f"Official files and your own images are expected in {root}.\n")
    for row in rows:
        sources = ["rendered"] if row["rendered"] else []
        sources += ["excerpt"] if row["excerpt"] else []
        sources += [f"official ({row['official']})"] if row["official"] else []
        size = f"{row['bytes']:,} bytes" if row["bytes"] else "unknown size"
        here = " and ".join(sources) or "missing: fetch it, or put it there"
        here += ": fetch the rest" if sources == ["excerpt"] else ""
        print(f"{row['name']:16} {here}")
        if row["url"] is None:
            print(f"{'':16} {row['homepage']}")
            continue
        print(f"{'':16} {row['url']}")
        print(f"{'':16} {size}, MD5 {row['md5'] or 'unknown'}, licence: {row['licence']}")
    for each in own:
        print(f"{each['name']:16} your own: {each['path']}")
    return 0


def fetch_data(options: argparse.Namespace) -> int:
    if options.name not in DOWNLOADS:
        raise unknown_name("official file for", options.name, DOWNLOADS)
    show = shown_progress(options)
    path = fetch(
        DOWNLOADS[options.name],
        data_root(options.root),
        lambda done, total: show(DOWNLOADS[options.name].file, done, total or done),
    )
    print(json.dumps({"file": str(path)}) if options.json else path)
    return 0


def check_data(options: argparse.Namespace) -> int:
    show = shown_progress(options)
    dataset = load_dataset(options.name, options.source, options.root, progress=show)
    return _describe(options, dataset, checksum=None)


def cache_data(options: argparse.Namespace) -> int:
    removed: list[Entry] = []
    here = entries()
    if options.clear:
        removed, here = clear()
    total = sum(entry.bytes for entry in here)
    if options.json:
        listed = [
            {"name": entry.path.name, "bytes": entry.bytes, "used": entry.used} for entry in here
        ]
        about = {"folder": str(cache_root()), "bytes": total, "limit": limit_bytes()}
        print(json.dumps(about | {"arrays": listed, "removed": len(removed)}, indent=1))
        return 0
    for entry in here:
        used = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.used))
        print(f"{entry.bytes / 1e6:9,.1f} MB  {used}  {entry.path.name}")
    if options.clear:
        print(f"Removed: {len(removed)} arrays, {sum(e.bytes for e in removed) / 1e6:,.0f} MB.")
    print(
        f"{cache_root()}: {len(here)} arrays, {total / 1e6:,.0f} MB of at most "
        f"{limit_bytes() / 1e6:,.0f} MB ({VARIABLE}, in gigabytes)."
    )
    return 0


def verify_data(options: argparse.Namespace) -> int:
    path = Path(options.path).expanduser()
    if not path.exists():
        raise missing(path)
    name = next((n for n, entry in DATASETS.items() if path.name in entry.names), None)
    checksum = "not known"
    if name is not None and path.is_file() and path.name == DOWNLOADS[name].file:
        if problem := checksum_problem(path, DOWNLOADS[name]):
            raise InputError(
                f"{path} {problem}: it is not the published file of {DATASETS[name].title}, or it "
                "is "
                f"damaged; fetch it again or download it from {DOWNLOADS[name].homepage}.",
                Refusal.CONTENT,
                path=str(path),
                reason=problem,
            )
        checksum = "as published"
    source = "official" if name else None
    dataset = load_dataset(name or "folder", source, path, progress=shown_progress(options))
    return _describe(options, dataset, checksum)


def _describe(options: argparse.Namespace, dataset: Dataset, checksum: str | None) -> int:
    """A description of the opened dataset, after reading its first, middle and last images."""
    count = len(dataset)
    dataset.images([0, count // 2, count - 1])
    space = dataset.space
    about = {
        "name": dataset.name,
        "title": dataset.title,
        "source": dataset.source,
        "images": count,
        "shape": list(dataset.shape),
        "factors": dict(zip(space.names, space.sizes, strict=True)) if space else None,
        "skipped": list(dataset.skipped),
        "reasons": list(dataset.reasons),
        "note": dataset.note,
        "checksum": checksum,
    }
    if options.json:
        print(json.dumps(about, indent=1))
        return 0
    channels, height, width = dataset.shape
    factors = (
        ", ".join(f"{n} {s}" for n, s in zip(space.names, space.sizes, strict=True))
        if space
        else "not known"
    )
    print(f"{dataset.title} ({dataset.source}): {count:,} images of {width}×{height}×{channels}")
    print(f"factors: {factors}")
    if dataset.note:
        print(f"note: {dataset.note}")
    if checksum:
        print(f"checksum: {checksum}")
    if dataset.skipped:
        print(dataset.left_out())
    return 0
