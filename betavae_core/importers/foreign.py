"""The type of a file without tensors, recognised by its first bytes, and a remedy."""

from collections.abc import Iterable
from typing import NamedTuple

LEGACY_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # PyTorch's magic number, pickled
TABLE = b"/data.pkl"  # of a file of PyTorch, its first entry
UNPACK = "unpack it and give the checkpoint inside"
PICTURE = "a picture", "give the checkpoint's own file"
OBJECTS = "save only the tensors with torch.save(model.state_dict(), …)"


class Kind(NamedTuple):
    """The type of a file, and the remedy; known: whether its beginning identifies it."""

    what: str
    remedy: str
    known: bool = True


BEGINNINGS: tuple[tuple[bytes, tuple[str, str]], ...] = (
    (b"version https://git-lfs.github.com/spec/",
     ("a Git LFS pointer, which stands for the file in its repository",
      "run git lfs pull there, or download the file itself")),
    (b"/annex/objects/",
     ("a git-annex pointer, which stands for the file in its repository",
      "run git annex get there, or download the file itself")),
    (b"\x89HDF\r\n\x1a\n",
     ("an HDF5 file, as Keras writes its weights",
      "Keras's models are not read here; export encoder and decoder to ONNX")),
    (b"\x93NUMPY", ("a numpy array", "save the model's tensors by name, as safetensors")),
    (b"GGUF", ("a GGUF file, whose numbers are quantised",
               "give the weights from which it was made")),
    *((start, ("a compressed archive", UNPACK))
      for start in (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"Rar!",
                    b"\x28\xb5\x2f\xfd")),
    *((start, PICTURE) for start in (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0")),
    (b"%PDF", ("a PDF document", "give the checkpoint's own file")),
)  # fmt: skip
PAGES = (b"<!doctype html", b"<html", b"<head")
JSON = Kind("a text that begins like JSON", "give the file of the weights beside it", known=False)
TEXT = Kind("a text", "give the file of the weights", known=False)
PAGE = Kind(
    "an HTML page",
    "the download gave a page about the file; follow its link to the file itself",
)
PROGRAMS = (  # the end of an entry's name → the type of its archive
    (b"/constants.pkl", "a TorchScript program"),
    (b"/archive_format", "a program of torch.export"),
    (b"/.data/extern_modules", "a package of torch.package"),
)
UNKNOWN = Kind(
    "of another format",
    "neither PyTorch's files nor safetensors begin like this; give the file of the weights",
    known=False,
)


def kind_of(data: bytes) -> Kind:
    """The type of bytes that begin like neither PyTorch's files nor safetensors."""
    for start, kind in BEGINNINGS:
        if data.startswith(start):
            return Kind(*kind)
    if data[:1] == b"\x80" and data[1:2] in b"\x01\x02\x03\x04\x05":
        return Kind("a pickle that torch.save did not write", f"it is not opened; {OBJECTS}")
    if data[257:262] == b"ustar":
        return Kind("a tar archive (the format of PyTorch before 0.1.10)", UNPACK)
    if data[4:8] == b"TFL3":
        return Kind("a TensorFlow Lite model", "export encoder and decoder to ONNX")
    start = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:20].lower().startswith(PAGES):
        return PAGE
    if start.startswith(b"<?xml") or start.lower().startswith(b"<error"):
        if b"<error" in start.lower():
            return Kind(
                "a storage server's refusal of the download (XML)",
                "its link has expired or is not allowed; download the file again",
            )
        if b"<html" in start.lower():
            return PAGE
        return Kind("an XML document", "give the file of the weights")
    if start[:1] in (b"{", b"["):
        return JSON
    if _is_text(data[:2048]):
        return TEXT
    return UNKNOWN


def archive_of(entries: Iterable[bytes]) -> Kind | None:
    """The type of an archive with these entries, if it is another program's file."""
    names = {each.rsplit(b"/", 1)[-1].lower() for each in entries}
    if b"model.weights.h5" in names:
        return Kind(
            "a Keras model",
            "Keras's models are not read here; export encoder and decoder to ONNX",
        )
    if names and all(name.endswith(b".npy") for name in names):
        return Kind("numpy arrays (.npz)", "save the model's tensors by name, as safetensors")
    return None


def program_of(entries: Iterable[bytes]) -> str:
    """The type of an archive with these entries, if it is a program, otherwise ""."""
    names = [each.lower() for each in entries]
    return next((what for end, what in PROGRAMS if any(name.endswith(end) for name in names)), "")


def may_hold_tensors(start: bytes) -> bool:
    """Whether a file begins like PyTorch's files or safetensors."""
    if LEGACY_START[2:] in start[:40]:
        return True
    if start.startswith(b"PK\x03\x04") and len(start) >= 30:
        length = int.from_bytes(start[26:28], "little")
        return start[30 : 30 + length].endswith(TABLE)
    return start[8:9] == b"{" and start[:1] not in (b"{", b"[")


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode()
    except UnicodeDecodeError as error:  # the last character may be cut
        if error.start < len(start) - 4:
            return False
        text = start[: error.start].decode()
    return bool(text) and all(c.isprintable() or c.isspace() for c in text)
