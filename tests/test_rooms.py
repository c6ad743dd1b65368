"""The rooms of the package: who may import whom, as README's table of floors says."""

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FACE = "betavae_core"  # the package's own __init__ names rooms of every floor, lazily


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(folder: str) -> dict[str, Path]:
    return {module_name(path): path for path in sorted((ROOT / folder).rglob("*.py"))}


def for_types_only(node: ast.AST) -> bool:
    """Whether this is a block that only a type checker reads."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imported(path: Path, known: set[str], *, at_runtime: bool = False) -> Iterator[str]:
    """Every module that a file imports, at its top or in a function; the file itself for a name
    that is no module. at_runtime: without imports for types only."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path.parent / "x.py")
    package = package if path.name == "__init__.py" else package.rpartition(".")[0]
    tree = ast.parse(path.read_text())
    left_out: set[ast.AST] = set()
    if at_runtime:
        blocks = [node for node in ast.walk(tree) if for_types_only(node)]
        left_out = {n for block in blocks for inner in block.body for n in ast.walk(inner)}
    for node in ast.walk(tree):
        if node in left_out:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield whole if whole in known else base


CORE, PAGES = modules("betavae_core"), modules("pages")
KNOWN = {*CORE, *PAGES}


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else FACE


def floors() -> dict[str, int]:
    """README's table: room → floor, 0 below."""
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    return {name: int(floor) for floor, names in rows for name in re.findall(r"`(\w+)`", names)}


def test_every_room_is_on_one_floor() -> None:
    rows = re.findall(r"^\| \d+ \| (.+?) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    named = [name for names in rows for name in re.findall(r"`(\w+)`", names)]
    assert sorted(named) == sorted({room(name) for name in CORE} - {FACE})


@pytest.mark.parametrize("module", sorted(set(CORE) - {FACE}))
def test_imports_go_down(module: str) -> None:
    """A room imports rooms of lower floors only, so that there is no circle of rooms."""
    height = floors()
    for other in imported(CORE[module], KNOWN):
        assert other.split(".")[0] not in ("streamlit", "pages", "tests", "benchmarks"), other
        if other.startswith("betavae_core.") and room(other) != room(module):
            assert height[room(other)] < height[room(module)], f"{module} imports {other}"


def owner(module: str) -> str:
    """The page that a module of pages/ belongs to; "" for what pages share."""
    parts = module.split(".")
    if len(parts) == 2:
        return parts[1]
    return parts[2] if len(parts) > 3 or (ROOT / "pages/_ui" / parts[2]).is_dir() else ""


@pytest.mark.parametrize("module", [name for name in PAGES if name.count(".") > 0])
def test_no_page_imports_another(module: str) -> None:
    """Nor the parts of another, and what pages share imports no page's parts."""
    for other in imported(PAGES[module], KNOWN):
        if other.startswith("pages.") and owner(other):
            assert owner(other) == owner(module), f"{module} imports {other}"


def test_no_file_of_tests_is_long() -> None:
    """A file is about one concept; what several share lies in a helper or a conftest."""
    lines = {path: len(path.read_text().splitlines()) for path in (ROOT / "tests").rglob("*.py")}
    assert {path.name: n for path, n in lines.items() if n > 350} == {}


def test_no_module_imports_itself_through_others() -> None:
    """Within a room and within pages, too, and no import in a function hides a circle. A package
    counts as its own file: importing one of its modules is not importing the package."""
    files = {**CORE, **PAGES}
    graph = {
        module: {*imported(path, KNOWN, at_runtime=True)} & KNOWN - {module}
        for module, path in files.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_tests_and_benchmarks_import_no_file_of_tests() -> None:
    known = modules("tests")
    for module, path in {**known, **modules("benchmarks")}.items():
        for other in imported(path, set(known)):
            name = other.rpartition(".")[2]
            assert other not in known or not name.startswith("test_"), f"{module} imports {other}"
