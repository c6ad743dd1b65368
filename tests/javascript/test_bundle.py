"""JavaScript modules become one text: each once, in order, and nothing that is not understood."""

import shutil
import subprocess
from pathlib import Path

import pytest

from betavae_core.browser.bundle import BundleError, bundle
from betavae_core.browser.component import BETA_EXPLORER, EMBEDDING_MAP, LIVE_DECODER, Component

COMPONENTS = [LIVE_DECODER, EMBEDDING_MAP, BETA_EXPLORER]


def write(folder: Path, **modules: str) -> Path:
    """Modules by their names without .js; returns the last."""
    for name, text in modules.items():
        path = folder / f"{name}.js"
        path.write_text(text)
    return path


def test_each_module_comes_once_and_before_those_that_need_it(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        one="/** One. */\nexport const one = 1;\n",
        two='import { one } from "./one.js";\nexport function two() {\n  return one + one;\n}\n',
        entry='import { one } from "./one.js";\nimport {\n  two,\n} from "./two.js";\n\n'
        "class Sum {}\nexport default () => one + two();\n",
    )
    assert bundle(entry) == (
        "// one.js\n/** One. */\nconst one = 1;\n\n"
        "// two.js\nfunction two() {\n  return one + one;\n}\n\n"
        "// entry.js\nclass Sum {}\nexport default () => one + two();\n"
    )


def test_folders_are_followed_from_the_module_that_imports(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "page").mkdir()
    write(tmp_path / "shared", a='import { b } from "./b.js";\nexport const a = b;', b="")
    write(tmp_path / "shared", b="export let b = 2;")
    entry = write(tmp_path / "page", entry='import { a } from "../shared/a.js";\na;')
    assert [line for line in bundle(entry).splitlines() if line.startswith("//")] == [
        "// b.js",
        "// a.js",
        "// entry.js",
    ]


def test_comments_may_speak_of_imports(tmp_path: Path) -> None:
    text = '/** @import { A } from "./a.js" */\n/**\n * import (of goods) and\n * export\n */\n'
    text += "// import(x)\nconst x = 1;\n"
    assert bundle(write(tmp_path, entry=text)) == f"// entry.js\n{text}"


@pytest.mark.parametrize(
    "text",
    [
        'import * as all from "./a.js";',
        'import a from "./a.js";',
        'import "./a.js";',
        "import { a } from './a.js';",
        'import { a } from "a";',
        'import { a as b } from "./a.js";',
        'import { missing } from "./a.js";',
        'import { a } from "./nowhere.js";',
        'const later = await import("./a.js");',
        "  const here = import.meta.url;",
        "export { a };",
        'export * from "./a.js";',
        "export const { c, d } = a;",
        "const [c, d] = a;",
        "var c = 1;",
        "export default 1;\nexport default 2;",
    ],
)
def test_other_forms_are_refused(text: str, tmp_path: Path) -> None:
    write(tmp_path, a="export const a = 1;\nconst hidden = 2;\n")
    with pytest.raises(BundleError, match=r"entry\.js"):
        bundle(write(tmp_path, entry=text))


def test_what_is_not_exported_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, a="export const a = 1;\nconst hidden = 2;\n")
    with pytest.raises(BundleError, match=r"entry\.js: a\.js does not export hidden"):
        bundle(write(tmp_path, entry='import { a, hidden } from "./a.js";'))


@pytest.mark.parametrize("again", ["const side = 2;", "async function side() {}", "class side {}"])
def test_a_name_of_two_modules_is_refused(again: str, tmp_path: Path) -> None:
    write(tmp_path, a="const side = 1;\nexport const a = side;")
    with pytest.raises(BundleError, match=r"entry\.js and a\.js both declare side"):
        bundle(write(tmp_path, entry=f'import {{ a }} from "./a.js";\n{again}'))


def test_modules_that_import_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path, a='import { b } from "./b.js";\nexport const a = 1;')
    with pytest.raises(BundleError, match=r"b\.js → a\.js → b\.js"):
        bundle(write(tmp_path, b='import { a } from "./a.js";\nexport const b = 1;'))


def test_only_the_entry_has_a_default_export(tmp_path: Path) -> None:
    write(tmp_path, a="export const a = 1;\nexport default a;")
    with pytest.raises(BundleError, match=r"a\.js has a default export"):
        bundle(write(tmp_path, entry='import { a } from "./a.js";\nexport default a;'))


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
def test_a_component_is_a_module_of_one_export(component: Component, tmp_path: Path) -> None:
    text = component.script
    lines = text.splitlines()
    assert [line for line in lines if line.startswith("import ")] == []
    assert len([line for line in lines if line.startswith("export ")]) == 1
    node = shutil.which("node")
    if node is None:
        pytest.skip("left out: Node is not installed, which would parse the bundle")
    (tmp_path / "bundle.mjs").write_text(text)
    subprocess.run([node, "--check", tmp_path / "bundle.mjs"], check=True)
