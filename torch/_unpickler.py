"""A reader of pickles that runs no code: it makes plain data, and calls only what a table names.

Pickle is a small language for a machine with a stack. The standard library's machine imports and calls whatever a file names;
this one has a method for each instruction that data needs and refuses all others. Every length is held against what is left.
"""

from __future__ import annotations

import struct

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


class UnpicklingError(RuntimeError):
    """A pickle that is damaged, or asks for more than plain data."""


class Allowed:
    """Something that a file may name, and what it may do with it."""

    __slots__ = ("call", "new", "value")

    def __init__(self, value: Any, *, call: Callable[..., Any] | None = None, new: Callable[..., Any] | None = None) -> None:
        self.value = value  # what stands for the name where it is a value
        self.call = call  # what REDUCE calls
        self.new = new  # what NEWOBJ calls, without the class


_MARK = object()
_KEYS = (str, int, float, complex, bytes, type(None), _C.dtype, _C.device, _C.Tensor)


class SafeUnpickler:
    """Reads one pickle from `file`, from where it stands to the pickle's end.

    allowed: by (module, name). persistent: what an identifier of the file's own stands for. build: sets the state of an object
    and says whether it knows how.
    """

    def __init__(
        self,
        file: Any,
        allowed: Callable[[str, str], Allowed | None],
        persistent: Callable[[Any], Any],
        build: Callable[[Any, Any], bool],
    ) -> None:
        self._file, self._allowed, self._persistent, self._build = file, allowed, persistent, build
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def load(self) -> Any:
        while True:
            code = self._file.read(1)
            if not code:
                raise UnpicklingError("the pickle ends before its last instruction")
            if code == b".":
                break
            action = _ACTIONS.get(code)
            if action is None:
                raise UnpicklingError(f"the pickle's instruction {_name(code)} is not one of plain data")
            action(self)
        value = self._pop()
        if isinstance(value, Allowed):
            return value.value
        return value

    # --- reading ---------------------------------------------------------------------------------------------------------

    def _bytes(self, count: int) -> bytes:
        absurd = count < 0 or (count > 1 << 16 and count > _left(self._file))  # before memory is taken for it
        data: bytes = b"" if absurd else self._file.read(count)
        if len(data) != count:
            raise UnpicklingError(f"the pickle ends within {count} bytes")
        return data

    def _number(self, form: str) -> int:
        number: int = struct.unpack(form, self._bytes(struct.calcsize(form)))[0]
        return number

    def _line(self) -> bytes:
        line: bytes = self._file.readline(1 << 16)
        if not line.endswith(b"\n"):
            raise UnpicklingError("the pickle ends within a line")
        return line[:-1]

    def _pop(self) -> Any:
        if not self._stack or self._stack[-1] is _MARK:
            raise UnpicklingError("the pickle takes more from its stack than there is")
        return self._stack.pop()

    def _top(self, kind: type) -> Any:
        if not self._stack or not isinstance(self._stack[-1], kind):
            raise UnpicklingError(f"the pickle adds items to something that is no {kind.__name__}")
        return self._stack[-1]

    def _value(self) -> Any:
        """The top as a value: a name stands for what it names."""
        value = self._pop()
        return value.value if isinstance(value, Allowed) else value

    def _marked(self) -> list[Any]:
        """All above the last mark, as values."""
        for at in range(len(self._stack) - 1, -1, -1):
            if self._stack[at] is _MARK:
                items = [item.value if isinstance(item, Allowed) else item for item in self._stack[at + 1 :]]
                del self._stack[at:]
                return items
        raise UnpicklingError("the pickle closes a list that it never opened")

    # --- instructions that are more than one line --------------------------------------------------------------------------

    def _get(self, index: int) -> None:
        if index not in self._memo:
            raise UnpicklingError(f"the pickle refers to object {index}, which it never stored")
        self._stack.append(self._memo[index])

    def _put(self, index: int) -> None:
        if not self._stack or self._stack[-1] is _MARK:
            raise UnpicklingError("the pickle stores an object that is not there")
        self._memo[index] = self._stack[-1]

    def _global(self, module: Any, name: Any) -> None:
        found = self._allowed(module, name) if isinstance(module, str) and isinstance(name, str) else None
        if found is None:
            raise UnpicklingError(f"the file names {module}.{name}, which is not plain data")
        self._stack.append(found)

    def _stack_global(self) -> None:
        name, module = self._pop(), self._pop()
        self._global(module, name)

    def _reduce(self) -> None:
        arguments, function = self._value(), self._pop()
        if not isinstance(function, Allowed) or function.call is None or not isinstance(arguments, tuple):
            raise UnpicklingError("the pickle calls something that is not a maker of plain data")
        self._made(function.call, arguments)

    def _newobj(self) -> None:
        arguments, kind = self._value(), self._pop()
        if not isinstance(kind, Allowed) or kind.new is None or not isinstance(arguments, tuple):
            raise UnpicklingError("the pickle makes an object of something that is not a class of plain data")
        self._made(kind.new, arguments)

    def _made(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        try:
            self._stack.append(function(*arguments))
        except (TypeError, ValueError, AttributeError, RuntimeError, IndexError, OverflowError, MemoryError) as error:
            raise UnpicklingError(f"the pickle makes an object that cannot be: {error}") from error

    def _set_state(self) -> None:
        state = self._value()
        target = self._top(object)
        if target is _MARK or isinstance(target, Allowed) or not self._build(target, state):
            raise UnpicklingError(f"the pickle sets the state of a {type(target).__name__}, which plain data has no need for")

    def _setitems(self, items: list[Any]) -> None:
        target = self._top(dict)
        if len(items) % 2:
            raise UnpicklingError("the pickle has a key without a value")
        _check_keys(items[::2])
        target.update(zip(items[::2], items[1::2], strict=True))

    def _additems(self, items: list[Any]) -> None:
        _check_keys(items)
        self._top(set).update(items)

    def _frozenset(self) -> None:
        items = self._marked()
        _check_keys(items)
        self._stack.append(frozenset(items))

    def _dict(self) -> None:
        items = self._marked()
        self._stack.append({})
        self._setitems(items)

    def _append(self) -> None:
        value = self._value()
        self._top(list).append(value)

    def _setitem(self) -> None:
        value = self._value()
        self._setitems([self._value(), value])

    def _drop(self) -> None:
        self._pop()

    def _skip_frame(self) -> None:
        self._bytes(8)  # a hint for reading ahead

    def _pop_mark(self) -> None:
        self._marked()

    def _duplicate(self) -> None:
        value = self._pop()
        self._stack += [value, value]

    def _long(self, count: int) -> None:
        self._stack.append(int.from_bytes(self._bytes(count), "little", signed=True))

    def _persist(self, identifier: Any) -> None:
        self._stack.append(self._persistent(identifier))

    def _tuple_of(self, count: int) -> None:
        items = [self._value() for _ in range(count)]
        self._stack.append(tuple(reversed(items)))

    def _decimal(self) -> None:
        line = self._line()
        self._stack.append({b"00": False, b"01": True}.get(line, _parsed(int, line)))

    def _ignore_protocol(self) -> None:
        if self._bytes(1)[0] > 5:
            raise UnpicklingError("the pickle is of a protocol later than 5")


def _check_keys(keys: Any, depth: int = 0) -> None:
    """Keys of plain data: numbers, text, dtypes, tuples of these. Hashing a tuple nested a million times would overflow."""
    for key in keys:
        if isinstance(key, (tuple, frozenset)) and depth < 10:
            _check_keys(key, depth + 1)
        elif not isinstance(key, _KEYS):
            raise UnpicklingError(f"the pickle has a {type(key).__name__} as a key, or as a member of a set")


def _parsed(kind: Any, line: bytes) -> Any:
    try:
        return kind(line)
    except ValueError as error:
        raise UnpicklingError(f"the pickle holds a number that is none: {line[:40]!r}") from error


def _left(file: Any) -> int:
    """Bytes left of a file that can say so; else a length that no sound pickle of a checkpoint has in one piece."""
    try:
        here = file.tell()
        end = file.seek(0, 2)
        file.seek(here)
    except (OSError, AttributeError):
        return 1 << 28
    return int(end) - int(here)


def _name(code: bytes) -> str:
    import pickletools

    found = [opcode.name for opcode in pickletools.opcodes if opcode.code.encode("latin-1") == code]
    return found[0] if found else repr(code)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise UnpicklingError("the pickle holds text that is none") from error


def _pushes(make: Callable[[SafeUnpickler], Any]) -> Callable[[SafeUnpickler], None]:
    def action(machine: SafeUnpickler) -> None:
        machine._stack.append(make(machine))

    return action


# By instruction of protocols 0 to 5. What is absent runs code (OBJ, INST, EXT), or carries memory from outside (NEXT_BUFFER).
_ACTIONS: Mapping[bytes, Callable[[SafeUnpickler], None]] = {
    b"\x80": SafeUnpickler._ignore_protocol,
    b"\x95": SafeUnpickler._skip_frame,
    b"(": _pushes(lambda m: _MARK),
    b"0": SafeUnpickler._drop,
    b"1": SafeUnpickler._pop_mark,
    b"2": SafeUnpickler._duplicate,
    b"N": _pushes(lambda m: None),
    b"\x88": _pushes(lambda m: True),
    b"\x89": _pushes(lambda m: False),
    b"I": SafeUnpickler._decimal,
    b"J": _pushes(lambda m: m._number("<i")),
    b"K": _pushes(lambda m: m._number("<B")),
    b"M": _pushes(lambda m: m._number("<H")),
    b"L": _pushes(lambda m: _parsed(int, m._line().removesuffix(b"L"))),
    b"\x8a": lambda m: m._long(m._number("<B")),
    b"\x8b": lambda m: m._long(m._number("<i")),
    b"F": _pushes(lambda m: _parsed(float, m._line())),
    b"G": _pushes(lambda m: m._number(">d")),
    b"X": _pushes(lambda m: _text(m._bytes(m._number("<I")))),
    b"\x8c": _pushes(lambda m: _text(m._bytes(m._number("<B")))),
    b"\x8d": _pushes(lambda m: _text(m._bytes(m._number("<Q")))),
    b"V": _pushes(lambda m: m._line().decode("raw-unicode-escape", "replace")),
    b"T": _pushes(lambda m: m._bytes(m._number("<i")).decode("latin-1")),  # text of Python 2
    b"U": _pushes(lambda m: m._bytes(m._number("<B")).decode("latin-1")),
    b"B": _pushes(lambda m: m._bytes(m._number("<I"))),
    b"C": _pushes(lambda m: m._bytes(m._number("<B"))),
    b"\x8e": _pushes(lambda m: m._bytes(m._number("<Q"))),
    b"\x96": _pushes(lambda m: bytearray(m._bytes(m._number("<Q")))),
    b")": _pushes(lambda m: ()),
    b"t": _pushes(lambda m: tuple(m._marked())),
    b"\x85": lambda m: m._tuple_of(1),
    b"\x86": lambda m: m._tuple_of(2),
    b"\x87": lambda m: m._tuple_of(3),
    b"]": _pushes(lambda m: []),
    b"l": _pushes(lambda m: m._marked()),
    b"a": SafeUnpickler._append,
    b"e": lambda m: (lambda items: m._top(list).extend(items))(m._marked()),
    b"}": _pushes(lambda m: {}),
    b"d": SafeUnpickler._dict,
    b"s": SafeUnpickler._setitem,
    b"u": lambda m: m._setitems(m._marked()),
    b"\x8f": _pushes(lambda m: set()),
    b"\x90": lambda m: m._additems(m._marked()),
    b"\x91": SafeUnpickler._frozenset,
    b"q": lambda m: m._put(m._number("<B")),
    b"r": lambda m: m._put(m._number("<I")),
    b"p": lambda m: m._put(_parsed(int, m._line())),
    b"\x94": lambda m: m._put(len(m._memo)),
    b"h": lambda m: m._get(m._number("<B")),
    b"j": lambda m: m._get(m._number("<I")),
    b"g": lambda m: m._get(_parsed(int, m._line())),
    b"c": lambda m: m._global(m._line().decode("utf-8", "replace"), m._line().decode("utf-8", "replace")),
    b"\x93": SafeUnpickler._stack_global,
    b"R": SafeUnpickler._reduce,
    b"\x81": SafeUnpickler._newobj,
    b"b": SafeUnpickler._set_state,
    b"Q": lambda m: m._persist(m._value()),
    b"P": lambda m: m._persist(m._line().decode("utf-8", "replace")),
}
