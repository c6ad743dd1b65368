"""Random damage to the bytes of a file, whatever is in it."""

import random
import struct

NUMBERS = (0, 1, -1, 2**31 - 1, 2**31, 2**32, 2**63 - 1, -(2**63), 2**64, 10**30)


def flip(data: bytes, chance: random.Random) -> bytes:
    """Some bits flipped, mostly in the first kilobytes, where the tables are."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        reach = len(changed) if chance.random() < 0.4 else min(len(changed), 4096)
        changed[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def flip_end(data: bytes, chance: random.Random) -> bytes:
    """Bits flipped at the end, where a zip keeps its directory."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 8))):
        changed[-chance.randrange(1, min(len(changed), 2048) + 1)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def splice(data: bytes, chance: random.Random) -> bytes:
    """A piece of the file copied over, or into, another place."""
    begin, place = chance.randrange(len(data)), chance.randrange(len(data))
    piece = data[begin : begin + chance.choice((1, 4, 16, 256, 4096))]
    return data[:place] + piece + data[place + chance.choice((0, len(piece))) :]


def number(data: bytes, chance: random.Random) -> bytes:
    """A number at a limit written over four or eight bytes."""
    place = chance.randrange(min(len(data), chance.choice((16, 512, 1 << 30))))
    width, kind = chance.choice(((4, "<I"), (8, "<Q")))
    value = chance.choice(NUMBERS) % 2 ** (8 * width)
    return data[:place] + struct.pack(kind, value) + data[place + width :]


def noise(data: bytes, chance: random.Random) -> bytes:
    start = chance.choice(
        (b"", data[:4], data[:64], b"PK\x03\x04", b"\x80\x02", b"\x00" * 8 + b"{")
    )
    return start + chance.randbytes(chance.choice((0, 1, 100, 5000)))
