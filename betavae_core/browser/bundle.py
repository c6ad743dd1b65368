"""JavaScript modules as one text, as Streamlit and self-contained files need.

Modules are small files that import one another by relative paths. Their top-level names share one
scope in the bundle, so the same name may not be declared twice.
"""

import re
from pathlib import Path

NAME = r"[A-Za-z_$][\w$]*"
# supported forms: at the beginning of a line, not in a comment
IMPORT = re.compile(r'^import \{([\w$,\s]+)\} from "(\.{1,2}/[\w./-]+\.js)";$', re.MULTILINE)
DECLARED = re.compile(
    rf"^(export )?(default )?((?:async )?(?:const|let|class|function\*?) ({NAME})\b)", re.MULTILINE
)
DEFAULT = re.compile(r"^export default ", re.MULTILINE)
# unsupported forms
OTHER = re.compile(
    r"^(?:import|export)\b(?! default ).*|^(?!\s*(?:/?\*|//)).*\bimport\s*[(.].*", re.MULTILINE
)
HIDDEN = re.compile(r"^(?:export )?(?:const|let) [\[{].*|^(?:export )?var .*", re.MULTILINE)


class BundleError(ValueError):
    """A module that cannot become part of one text, with its name and the reason."""


def bundle(entry: Path) -> str:
    """Return the module and all its imports, in order, as one module.

    Allowed are ``import { a, b } from "./other.js";``, ``export`` before a declaration and, in the
    entry, one ``export default``, the only export that remains.

    Raises:
        BundleError: for another form of import or export, a name that the imported module does not
            export, modules that import each other, or a name that two modules declare.
    """
    parts: dict[Path, _Module] = {}
    _collect(entry.resolve(), (), parts)
    declared: dict[str, Path] = {}
    for path, module in parts.items():
        for name in module.names:
            if name in declared:
                raise BundleError(f"{path.name} and {declared[name].name} both declare {name}.")
            declared[name] = path
        if path != entry.resolve() and DEFAULT.search(module.text):
            raise BundleError(
                f"{path.name} has a default export, which is only allowed in the entry."
            )
    return "\n".join(f"// {path.name}\n{module.text}" for path, module in parts.items())


class _Module:
    """One file, without its supported imports and exports."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        self.imports = [
            (path.parent / source, [name.strip() for name in names.split(",") if name.strip()])
            for names, source in IMPORT.findall(text)
        ]
        declared = DECLARED.findall(text)
        self.names = [name for *_, name in declared]
        self.exports = {name for export, default, _, name in declared if export and not default}
        text = DECLARED.sub(lambda match: match[0] if match[2] else match[3], IMPORT.sub("", text))
        self.text = text.strip() + "\n"
        for pattern in (OTHER, HIDDEN):
            if found := pattern.search(self.text):
                raise BundleError(f"{path.name}: a bundle cannot contain {found[0].strip()!r}.")
        if len(DEFAULT.findall(text)) > 1:
            raise BundleError(f"{path.name} has more than one default export.")


def _collect(path: Path, importing: tuple[Path, ...], parts: dict[Path, _Module]) -> None:
    """Add a module after its imports, each once."""
    if path in importing:
        circle = " → ".join(each.name for each in (*importing[importing.index(path) :], path))
        raise BundleError(f"Modules import each other: {circle}.")
    if path in parts:
        return
    if not path.is_file():
        raise BundleError(f"{importing[-1].name if importing else 'The bundle'} needs {path}.")
    module = _Module(path)
    for source, names in module.imports:
        other = source.resolve()
        _collect(other, (*importing, path), parts)
        if lacking := [name for name in names if name not in parts[other].exports]:
            raise BundleError(f"{path.name}: {other.name} does not export {', '.join(lacking)}.")
    parts[path] = module
