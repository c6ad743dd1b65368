"""The table of a PyTorch file: the result of its pickle, determined without running it.

A pickle is a program, and even one that may call nothing can be a bomb: a tuple of two references
to a tuple of two references to … takes a few bytes per level, but the time and memory for hashing
or printing it double with each level. So its instructions are simulated here on stand-ins, and only
those of a table of plain tensors pass: keys are texts or whole numbers and occur once, the few
functions get the same arguments as from ``torch.save``, only ``_metadata`` is bound to an object,
sizes stay within the bytes of the file, and everything written out in full has a sane length.

`torch.save` under Python 2 and in PyTorch 0.1 to 1.5 wrote the same things differently: texts as
byte strings, an ordered dictionary as a call with a list of pairs, tensors without hooks.
"""

import math
import pickletools
from dataclasses import dataclass, field
from typing import IO, Any

from ..errors import InputError, Refusal
from .names import shown

MAX_TABLE = 8 * 2**20  # bytes
MAX_STEPS = 300_000  # instructions; a tensor takes 40
MAX_PARTS = 200_000  # values in any result, shared ones counted at every occurrence
MAX_DEPTH = 32
MAX_WHOLE = 2**63
MAX_SIDES = 8  # of a tensor

REBUILD, PARAMETER = "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter"
REBUILD_OLD = "torch._utils _rebuild_tensor"  # before PyTorch 0.4
ORDERED = "collections OrderedDict"
STORAGES = {  # permitted storages → bytes of one value
    **{f"torch {kind}Storage": 1 for kind in ("Bool", "Byte", "Char")},
    **{f"torch {kind}Storage": 2 for kind in ("Half", "BFloat16", "Short")},
    **{f"torch {kind}Storage": 4 for kind in ("Float", "Int")},
    **{f"torch {kind}Storage": 8 for kind in ("Double", "Long", "ComplexFloat")},
    "torch ComplexDoubleStorage": 16,
}
# PyTorch's own list is longer, and some of its entries allocate any requested size
GLOBALS = {ORDERED, REBUILD, REBUILD_OLD, PARAMETER, *STORAGES}
OTHER_NUMBERS = {  # other functions that build tensors
    "torch._utils _rebuild_tensor_v3": "such as floats of 8 bits",
    "torch._utils _rebuild_qtensor": "quantised ones",
}
CONSTANTS: dict[str, tuple[str, Any]] = {
    "NONE": ("none", None),
    "NEWTRUE": ("bool", True),
    "NEWFALSE": ("bool", False),
    "BINFLOAT": ("float", None),  # None: the instruction's own value
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG1"), ("int", None)),
    "BINUNICODE": ("text", None),
    "SHORT_BINSTRING": ("text", None),  # Python 2's; PyTorch does not read longer ones
}
PROTOCOL = 2
EMPTY = {"EMPTY_DICT": "dict", "EMPTY_LIST": "list", "EMPTY_TUPLE": "tuple"}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


@dataclass(eq=False, slots=True)
class Part:
    """A stand-in for one value: its kind, its value (for a constant, global or storage), and its
    contents."""

    kind: str  # none bool int float text global storage tensor | tuple list dict ordered
    value: Any = None
    parts: list["Part"] = field(default_factory=list)
    keys: set[Any] | None = None  # of a dict
    size: int = 0  # number of parts when written out in full; -1 during the count
    depth: int = 0


class Table:
    """The consecutive pickles of a file, simulated on stand-ins."""

    def __init__(self, file: IO[bytes], name: str, room: int) -> None:
        """name: the file's, for messages; room: the maximum number of bytes of all its storages."""
        self.file, self.name, self.left = file, name, room
        self.storages: dict[str, tuple[str, int]] = {}  # key → type, numbers

    def read(self) -> Part:
        """The result of the next pickle; raises `InputError` if it does anything except build plain
        values and tensors, and passes on the errors of `pickletools` and lists on damaged bytes."""
        self.stack: list[Part] = []
        self.below: list[list[Part]] = []
        self.memo: dict[int, Part] = {}
        self.made: list[Part] = []
        start = self.file.tell()
        for step, (code, value, place) in enumerate(pickletools.genops(self.file)):
            if step > MAX_STEPS or (place or 0) - start > MAX_TABLE:
                raise InputError(
                    f"{self.name} has a table of tensors that is too large.", Refusal.TOO_LARGE
                )
            if code.name != "STOP":
                self._follow(code.name, value)
        (result,) = self.stack
        for part in self.made:
            self._measure(part)
        return result

    def _follow(self, code: str, value: Any) -> None:
        stack = self.stack
        if code in CONSTANTS:
            kind, constant = CONSTANTS[code]
            # readers differ on a byte string that is not ASCII
            self._expect(code != "SHORT_BINSTRING" or value.isascii(), "a text that is not ASCII")
            self._constant(kind, value if constant is None else constant)
        elif code in ("BINGET", "LONG_BINGET"):
            stack.append(self.memo[value])
        elif code in ("BINPUT", "LONG_BINPUT"):
            self.memo[value] = stack[-1]
        elif code == "GLOBAL":
            stack.append(self._global(value))
        elif code in EMPTY:
            stack.append(self._made(EMPTY[code]))
        elif code in TUPLES:
            items = [stack.pop() for _ in range(TUPLES[code])][::-1]
            stack.append(self._made("tuple", parts=items))
        elif code == "MARK":
            self.below.append(stack)
            self.stack = []
        elif code == "TUPLE":
            items = self._since_mark()
            self.stack.append(self._made("tuple", parts=items))
        elif code in ("SETITEM", "SETITEMS"):
            items = [stack.pop(), stack.pop()][::-1] if code == "SETITEM" else self._since_mark()
            self._set(items)
        elif code in ("APPEND", "APPENDS"):
            items = [stack.pop()] if code == "APPEND" else self._since_mark()
            self._expect(self.stack[-1].kind == "list", code)
            self.stack[-1].parts += items
        elif code == "BINPERSID":
            stack.append(self._storage(stack.pop()))
        elif code == "REDUCE":
            arguments, function = stack.pop(), stack.pop()
            stack.append(self._call(function, arguments))
        elif code == "BUILD":
            state, target = stack.pop(), stack[-1]
            known = target.kind == "ordered" and state.kind == "dict"
            self._expect(known and state.keys == {"_metadata"}, code)
            target.parts += state.parts
        elif code == "PROTO":
            if value != PROTOCOL:
                raise other_protocol(self.name, value)
        else:
            self._expect(False, code)

    def _expect(self, plain: bool, what: str) -> None:
        if not plain:
            raise InputError(
                f"{self.name} contains more than plain tensors{self._where()} ({what}) and is not "
                "opened; save only the tensors: torch.save(model.state_dict(), …).",
                Refusal.OBJECT,
            )

    def _where(self) -> str:
        """The current entry of the dictionaries, for a message; "" if it is unknown."""
        keys: list[str] = []
        levels = [*self.below, self.stack]
        for place, level in enumerate(levels):
            inner = place + 1 < len(levels)  # the next level fills the last item
            items, ends = (level[:-1] if inner else level), []
            while len(items) > 1 and items[-1].kind == "text" and _opened(items[-2]):
                ends.append(str(items[-1].value))  # of a dictionary with one entry
                items = items[:-2]
            above = levels[place - 1][-1:] if place else []
            if above and above[0].keys is not None and len(items) % 2:
                ends.append(str(items[-1].value))
            keys += reversed(ends)
        return f' at the entry "{shown(".".join(keys))}"' if keys else ""

    def _constant(self, kind: str, value: Any) -> None:
        if kind == "int" and not -MAX_WHOLE <= value < MAX_WHOLE:
            raise InputError(
                f"{self.name} has a whole number beyond 64 bits; it is damaged.", Refusal.DAMAGED
            )
        self.stack.append(Part(kind, value))

    def _made(self, kind: str, value: Any = None, parts: list[Part] | None = None) -> Part:
        part = Part(kind, value, parts or [], set() if kind in ("dict", "ordered") else None)
        self.made.append(part)
        return part

    def _since_mark(self) -> list[Part]:
        items, self.stack = self.stack, self.below.pop()
        return items

    def _global(self, name: str) -> Part:
        if name in GLOBALS:
            return Part("global", name)
        whose = shown(name.replace(" ", "."))
        if name.startswith("numpy"):
            raise InputError(
                f"{self.name} contains a number or array of numpy{self._where()} ({whose}); only "
                "plain numbers and tensors are read: save it again without it, or as float(…) or "
                "torch.as_tensor(…).",
                Refusal.NUMPY,
            )
        if name in OTHER_NUMBERS:
            raise InputError(
                f"{self.name} contains a tensor{self._where()} of an unsupported type of numbers "
                f"({OTHER_NUMBERS[name]}); save it as float32.",
                Refusal.TYPE,
            )
        raise InputError(
            f"{self.name} contains an object{self._where()} that could only be made by running "
            f'"{whose}", and nothing is ever run; save only the tensors: '
            "torch.save(model.state_dict(), …).",
            Refusal.OBJECT,
        )

    def _set(self, items: list[Part], target: Part | None = None) -> None:
        target, keys = target or self.stack[-1], items[0::2]
        self._expect(target.keys is not None and len(items) % 2 == 0, "SETITEM")
        assert target.keys is not None
        for key in keys:
            self._expect(key.kind in ("text", "int"), f"a {key.kind} as a key")
            if key.value in target.keys:
                raise InputError(
                    f'{self.name} has two entries named "{shown(str(key.value))}"; only one of '
                    "them could be read.",
                    Refusal.DAMAGED,
                )
            target.keys.add(key.value)
        target.parts += items

    def _storage(self, given: Part) -> Part:
        """``("storage", type, key, location, numbers)``; the older format has one more, None."""
        kinds = [part.kind for part in given.parts] if given.kind == "tuple" else []
        usual = kinds in (["text", "global", "text", "text", "int"] + end for end in ([], ["none"]))
        self._expect(usual and given.parts[0].value == "storage", "BINPERSID")
        kind, key, numbers = (given.parts[place].value for place in (1, 2, 4))
        self._expect(kind in STORAGES, "BINPERSID")
        if key not in self.storages:
            self.left -= numbers * STORAGES[kind]
        if (
            numbers < 0
            or self.left < 0
            or self.storages.get(key, (kind, numbers))
            != (
                kind,
                numbers,
            )
        ):
            raise InputError(
                f"{self.name} declares more numbers than it has bytes; it is damaged.",
                Refusal.DAMAGED,
            )
        self.storages[key] = (kind, numbers)
        return Part("storage", numbers)

    def _call(self, function: Part, arguments: Part) -> Part:
        self._expect(function.kind == "global", "REDUCE")
        given = arguments.parts if arguments.kind == "tuple" else [arguments]
        kinds = [part.kind for part in given]
        if function.value == ORDERED:
            return self._ordered(given)
        if kinds and kinds[-1] == "ordered" and not given[-1].parts:
            kinds[-1] = "none"  # no hooks, in the form of PyTorch 0.4
        if function.value == PARAMETER:
            self._expect(kinds == ["tensor", "bool", "none"], "REDUCE")
            return given[0]
        usual = ["storage", "int", "tuple", "tuple"]
        known = {REBUILD: [*usual, "bool", "none"], REBUILD_OLD: usual}
        self._expect(kinds == known.get(function.value), "REDUCE")
        numbers, offset, shape, strides = given[:4]
        self._expect({p.kind for p in shape.parts + strides.parts} <= {"int"}, "REDUCE")
        sizes, steps = ([part.value for part in each.parts] for each in (shape, strides))
        # the product of many sizes could have millions of digits
        self._expect(max(len(sizes), len(steps)) <= MAX_SIDES, "REDUCE")
        last = offset.value + sum((n - 1) * step for n, step in zip(sizes, steps, strict=True))
        if min([offset.value, *sizes, *steps]) < 0 or (math.prod(sizes) and last >= numbers.value):
            raise InputError(
                f"{self.name} has a tensor of shape {shown(str(tuple(sizes)), 60)} with fewer "
                "numbers; it is damaged.",
                Refusal.DAMAGED,
            )
        return Part("tensor")

    def _ordered(self, given: list[Part]) -> Part:
        """``OrderedDict()`` or, in Python 2, ``OrderedDict([[key, value], …])``."""
        made = self._made("ordered")
        if given:
            pairs = given[0].parts
            plain = len(given) == 1 and given[0].kind == "list"
            plain = plain and all(p.kind == "list" and len(p.parts) == 2 for p in pairs)
            self._expect(plain, "REDUCE")
            self._set([part for pair in pairs for part in pair.parts], made)
        return made

    def _measure(self, part: Part, level: int = 0) -> None:
        """Count the parts of a value, shared ones at every occurrence; each is visited once."""
        if part.size > 0:
            return
        if part.size < 0 or level > MAX_DEPTH:
            raise self._too_deep()
        part.size = -1
        size, depth = 1, 0
        for inner in part.parts:
            self._measure(inner, level + 1)
            size, depth = size + inner.size, max(depth, inner.depth + 1)
        if size > MAX_PARTS or depth > MAX_DEPTH:
            raise self._too_deep()
        part.size, part.depth = size, depth

    def _too_deep(self) -> InputError:
        return InputError(
            f"{self.name} has values nested too deeply for a checkpoint.", Refusal.TOO_LARGE
        )


def _opened(part: Part) -> bool:
    """Whether this is a dictionary that is still empty."""
    return part.keys is not None and not part.parts


def other_protocol(name: str, protocol: int) -> InputError:
    """The refusal of tensors that were saved with another pickle protocol."""
    return InputError(
        f"{name} was saved with pickle protocol {protocol}; only protocol {PROTOCOL}, the default "
        "of "
        "torch.save, is read: open it where it was made and save it again with "
        "torch.save(state_dict, …) without pickle_protocol, or as safetensors.",
        Refusal.PROTOCOL,
    )
