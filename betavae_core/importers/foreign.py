"""What a file is that holds no tensors: told by its first bytes, with what to do about it."""

from collections.abc import Iterable

LEGACY_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # PyTorch's magic number, pickled
TABLE = b"/data.pkl"  # of a file of PyTorch, its first entry
UNPACK = "unpack it and give the checkpoint in it"
PICTURE = "a picture", "give the checkpoint's own file"
OBJECTS = "save the tensors alone with torch.save(model.state_dict(), …)"

Kind = tuple[str, str]  # what it is, and what to do
BEGINNINGS: tuple[tuple[bytes, Kind], ...] = (
    (b"version https://git-lfs.github.com/spec/",
     ("a Git LFS pointer, which stands for the file in its repository",
      "run git lfs pull there, or download the file itself")),
    (b"/annex/objects/",
     ("a git-annex pointer, which stands for the file in its repository",
      "run git annex get there, or download the file itself")),
    (b"\x89HDF\r\n\x1a\n",
     ("an HDF5 file, as Keras writes its weights",
      "Keras's models are not read here; export encoder and decoder to ONNX")),
    (b"\x93NUMPY", ("an array of numpy's", "save the model's tensors by name, as safetensors")),
    (b"GGUF", ("a GGUF file, whose numbers are quantised",
               "give the weights that it was made from")),
    *((start, ("a compressed archive", UNPACK))
      for start in (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"Rar!",
                    b"\x28\xb5\x2f\xfd")),
    *((start, PICTURE) for start in (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0")),
    (b"%PDF", ("a PDF document", "give the checkpoint's own file")),
)  # fmt: skip
PAGES = (b"<!doctype html", b"<html", b"<head")
JSON, TEXT = "a text that begins as JSON does", "a text"
PAGE = (
    "an HTML page",
    "the download gave a page about the file; follow its link to the file itself",
)
PROGRAMS = (  # the end of an entry's name → whose archive it is in
    (b"/constants.pkl", "a TorchScript program"),
    (b"/archive_format", "a program of torch.export"),
    (b"/.data/extern_modules", "a package of torch.package"),
)
UNKNOWN = (
    "of another format",
    "neither PyTorch's files nor safetensors begin like this; give the file of the weights",
)

UNTOLD = (JSON, TEXT, UNKNOWN[0])  # what says nothing of what a file is


def kind_of(data: bytes) -> Kind:
    """What bytes are that begin neither as PyTorch's files nor as safetensors do."""
    for start, kind in BEGINNINGS:
        if data.startswith(start):
            return kind
    if data[:1] == b"\x80" and data[1:2] in b"\x01\x02\x03\x04\x05":
        return "a pickle that torch.save did not write", f"it is not opened; {OBJECTS}"
    if data[257:262] == b"ustar":
        return "a tar archive (PyTorch's own before 0.1.10 are such)", UNPACK
    if data[4:8] == b"TFL3":
        return "a TensorFlow Lite model", "export encoder and decoder to ONNX"
    start = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:20].lower().startswith(PAGES):
        return PAGE
    if start.startswith(b"<?xml") or start.lower().startswith(b"<error"):
        if b"<error" in start.lower():
            return (
                "a storage's answer that it refuses the download (XML)",
                "its link has expired or is not allowed; fetch the file anew",
            )
        if b"<html" in start.lower():
            return PAGE
        return "an XML document", "give the file of the weights"
    if start[:1] in (b"{", b"["):
        return JSON, "give the file of the weights beside it"
    if _is_text(data[:2048]):
        return TEXT, "give the file of the weights"
    return UNKNOWN


def archive_of(entries: Iterable[bytes]) -> Kind | None:
    """What an archive with these entries is, where it is one of another program's files."""
    names = {each.rsplit(b"/", 1)[-1].lower() for each in entries}
    if b"model.weights.h5" in names:
        return (
            "a Keras model",
            "Keras's models are not read here; export encoder and decoder to ONNX",
        )
    if names and all(name.endswith(b".npy") for name in names):
        return "arrays of numpy's (.npz)", "save the model's tensors by name, as safetensors"
    return None


def program_of(entries: Iterable[bytes]) -> str:
    """What an archive with these entries is, where it is a program; "" where it is none."""
    names = [each.lower() for each in entries]
    return next((what for end, what in PROGRAMS if any(name.endswith(end) for name in names)), "")


def may_hold_tensors(start: bytes) -> bool:
    """Whether the first bytes of a file are those of PyTorch's files or of safetensors."""
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
