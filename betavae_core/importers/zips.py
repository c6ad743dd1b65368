"""The directory of a zip archive, checked before ``zipfile`` creates an object for every entry.

A directory entry of 46 bytes takes twenty times as much memory once it is read, and an archive may
have more entries than it states. So the end of the archive is found as ``zipfile`` finds it, its
record must agree with the actual positions, and the entries are counted one by one up to the limit.
"""

import struct

from ..errors import InputError, Refusal

LOCAL, ENTRY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
END64, LOCATOR64 = b"PK\x06\x06", b"PK\x06\x07"
MAX_DIRECTORY = 8 * 2**20  # bytes
MAX_COMMENT = 2**16  # bytes between the end's record and the end of the file


def entry_names(data: bytes, most: int, label: str) -> list[bytes]:
    """The names of an archive's entries as stored, at most `most` of them; messages call the
    archive `label`. Raises `InputError` for more entries, and if the directory is damaged,
    inconsistent or not at the end of the file."""
    damaged = InputError(f"{label} is a damaged zip archive.", Refusal.DAMAGED)
    place = data.rfind(END, max(0, len(data) - MAX_COMMENT - 22))
    if place < 0 or len(data) < place + 22:
        raise damaged
    count, size, start, comment = struct.unpack("<H2IH", data[place + 10 : place + 22])
    end = place
    if data[max(0, place - 20) : place].startswith(LOCATOR64):
        end = place - 76
        if end < 0 or not data.startswith(END64, end):
            raise damaged
        count, size, start = struct.unpack("<3Q", data[end + 32 : end + 56])
    if count > most:
        raise InputError(
            f"{label} has {count:,} entries; at most {most:,} are allowed.", Refusal.TOO_LARGE
        )
    if size > MAX_DIRECTORY:
        raise InputError(
            f"{label} has a directory of {size:,} bytes, too many for its entries.",
            Refusal.DAMAGED,
        )
    if start + size != end or place + 22 + comment != len(data):
        raise damaged
    names: list[bytes] = []
    while start < end:
        if len(names) == count or not data.startswith(ENTRY, start) or start + 46 > end:
            raise damaged
        name, extra, remark = struct.unpack("<3H", data[start + 28 : start + 34])
        names.append(data[start + 46 : start + 46 + name])
        start += 46 + name + extra + remark
    if start != end or len(names) != count or any(b"\0" in name for name in names):
        raise damaged
    return names


def first_name(data: bytes) -> bytes | None:
    """The name of the first entry, if the bytes begin like a zip archive; nothing else is read."""
    if not data.startswith(LOCAL) or len(data) < 30:
        return None
    (length,) = struct.unpack("<H", data[26:28])
    return data[30 : 30 + length]
