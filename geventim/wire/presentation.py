"""The presentation language of MLS (RFC 9420 §2.1): structures to bytes and back.

A structure is a frozen dataclass that inherits :class:`Struct`; the annotations of its fields are
its layout, in the order of the RFC, so that reading and writing cannot disagree::

    @dataclass(frozen=True, slots=True)
    class Extension(Struct):
        extension_type: Uint16
        extension_data: Opaque

==========================  ============================================
annotation                  presentation language
==========================  ============================================
``Uint8`` … ``Uint64``      ``uint8`` … ``uint64``
``Limited(n, most)``        ``uint8`` … ``uint64``, of which not all are valid
``Opaque``                  ``opaque x<V>``
``Annotated[.., Bytes(n)]`` ``opaque x[n]``
``tuple[X, ...]``           ``X x<V>``
``X | None``                ``optional<X>``
a :class:`Struct`           that structure
``Annotated[.., Select()]`` ``select`` with the tag in front
==========================  ============================================

Reading raises :class:`PeerError` for anything but the one encoding that writing gives.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Protocol, Self, TypeVar, get_args, get_type_hints

from geventim.errors import MisuseError, PeerError

T = TypeVar("T")

MAX_LENGTH: Final = (1 << 30) - 1
"""The longest vector in bytes that a length can announce (RFC 9420 §2.1.2)."""


def write_length(out: bytearray, length: int) -> None:
    """Append a vector's ``length`` in 1, 2 or 4 bytes. Raises :class:`MisuseError` above 2^30."""
    if length < 0x40:
        out.append(length)
    elif length < 0x4000:
        out += (length | 0x4000).to_bytes(2, "big")
    elif length <= MAX_LENGTH:
        out += (length | 0x8000_0000).to_bytes(4, "big")
    else:
        raise MisuseError("a vector holds less than 2^30 bytes")


def write_opaque(out: bytearray, value: bytes) -> None:
    """Append ``opaque value<V>``."""
    write_length(out, len(value))
    out += value


def opaque(value: bytes) -> bytes:
    """``opaque value<V>``: the length, then the bytes."""
    out = bytearray()
    write_opaque(out, value)
    return bytes(out)


class Reader:
    """Takes values from the front of ``data``. Every method raises :class:`PeerError`."""

    __slots__ = ("_data", "_end", "position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._end = len(data)
        self.position = 0

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        start = self.position
        stop = start + count
        if stop > self._end:
            raise PeerError("a structure ends too early")
        self.position = stop
        return self._data[start:stop]

    def uint(self, size: int) -> int:
        """An unsigned big-endian integer of ``size`` bytes."""
        return int.from_bytes(self.take(size), "big")

    def length(self) -> int:
        """A vector's length in bytes, which must be in its shortest form (RFC 9420 §2.1.2)."""
        position = self.position
        if position >= self._end:
            raise PeerError("a structure ends too early")
        first = self._data[position]
        self.position = position + 1
        # Most are short; reading happens for each field of each member of a group that one joins.
        if first < 0x40:
            return first
        prefix = first >> 6
        if prefix == 3:
            raise PeerError("a length has an invalid prefix")
        size = 1 << prefix
        length = ((first & 0x3F) << 8 * (size - 1)) | self.uint(size - 1)
        if length < (0x40 if prefix == 1 else 0x4000):
            raise PeerError("a length is not in its shortest form")
        return length

    def opaque(self) -> bytes:
        """``opaque x<V>``."""
        return self.take(self.length())

    def vector(self, element: Callable[["Reader"], T]) -> tuple[T, ...]:
        """As many of ``element`` as fill exactly the announced length."""
        length = self.length()
        stop = self.position + length
        if stop > self._end:
            raise PeerError("a vector is longer than what holds it")
        outer, self._end = self._end, stop
        elements = []
        while self.position < stop:
            elements.append(element(self))
        self._end = outer
        return tuple(elements)

    def rest(self) -> bytes:
        """Everything that is left."""
        return self.take(self._end - self.position)

    def finish(self) -> None:
        """Raise :class:`PeerError` if anything is left."""
        if self.position != self._end:
            raise PeerError("bytes follow the end of a structure")


class Codec(Protocol):
    """How one kind of value is written and read."""

    def write(self, out: bytearray, value: Any) -> None:
        """Append ``value``. Raises :class:`MisuseError` if it has no encoding."""

    def read(self, reader: Reader) -> Any:
        """The next value. Raises :class:`PeerError`."""


@dataclass(frozen=True, slots=True)
class Uint:
    """An unsigned integer of ``size`` bytes."""

    size: int

    def write(self, out: bytearray, value: int) -> None:
        """Append ``value``, most significant byte first."""
        try:
            out += value.to_bytes(self.size, "big")
        except OverflowError:
            raise MisuseError(f"{value} does not fit {self.size} bytes") from None

    def read(self, reader: Reader) -> int:
        """The next ``size`` bytes as a number."""
        return reader.uint(self.size)


@dataclass(frozen=True, slots=True)
class Limited(Uint):
    """An unsigned integer of ``size`` bytes, of which only those up to ``most`` are read."""

    most: int

    def read(self, reader: Reader) -> int:
        """The next ``size`` bytes as a number."""
        value = reader.uint(self.size)
        if value > self.most:
            raise PeerError("a number beyond its range")
        return value


@dataclass(frozen=True, slots=True)
class Bytes:
    """``opaque x[size]``."""

    size: int

    def write(self, out: bytearray, value: bytes) -> None:
        """Append ``value`` without a length."""
        if len(value) != self.size:
            raise MisuseError(f"{self.size} bytes are written here")
        out += value

    def read(self, reader: Reader) -> bytes:
        """The next ``size`` bytes."""
        return reader.take(self.size)


class _Opaque:
    """``opaque x<V>``."""

    def write(self, out: bytearray, value: bytes) -> None:
        write_opaque(out, value)

    def read(self, reader: Reader) -> bytes:
        return reader.opaque()


@dataclass(frozen=True, slots=True)
class _Vector:
    """``X x<V>``."""

    element: Codec

    def write(self, out: bytearray, value: tuple[Any, ...]) -> None:
        content = bytearray()
        write = self.element.write
        for element in value:
            write(content, element)
        write_length(out, len(content))
        out += content

    def read(self, reader: Reader) -> tuple[Any, ...]:
        return reader.vector(self.element.read)


@dataclass(frozen=True, slots=True)
class _Optional:
    """``optional<X>``: a byte 0, or a byte 1 and the value (RFC 9420 §2.1.1)."""

    present: Codec

    def write(self, out: bytearray, value: Any) -> None:
        out.append(value is not None)
        if value is not None:
            self.present.write(out, value)

    def read(self, reader: Reader) -> Any:
        presence = reader.uint(1)
        if presence > 1:
            raise PeerError("an optional value is neither present nor absent")
        return self.present.read(reader) if presence else None


@dataclass(frozen=True, slots=True)
class _Structure:
    """A :class:`Struct` of one type."""

    kind: "type[Struct]"

    def write(self, out: bytearray, value: "Struct") -> None:
        value.write(out)

    def read(self, reader: Reader) -> "Struct":
        return self.kind.read(reader)


class Select:
    """``select``: a tag of ``size`` bytes, then the structure that belongs to it.

    ``cases`` gives the structure of each tag; a case that is itself a :class:`Select` stands for
    all of its structures.
    """

    __slots__ = ("_cases", "_size", "_tags")

    def __init__(self, size: int, cases: "Mapping[int, type[Struct] | Select]") -> None:
        self._size = size
        self._cases: dict[int, Codec] = {}
        self._tags: dict[type[Struct], int] = {}
        for tag, case in cases.items():
            if isinstance(case, Select):
                self._cases[tag] = case
                self._tags |= dict.fromkeys(case.kinds(), tag)
            else:
                self._cases[tag] = _Structure(case)
                self._tags[case] = tag

    def kinds(self) -> "Iterator[type[Struct]]":
        """Every structure that can stand here."""
        return iter(self._tags)

    def tag(self, value: "Struct") -> int:
        """The tag in front of ``value``. Raises :class:`MisuseError` if it has no place here."""
        for kind in type(value).__mro__:
            if kind in self._tags:
                return self._tags[kind]
        raise MisuseError(f"no {type(value).__name__} belongs here")

    def write(self, out: bytearray, value: "Struct") -> None:
        """Append the tag and ``value``."""
        tag = self.tag(value)
        out += tag.to_bytes(self._size, "big")
        self._cases[tag].write(out, value)

    def read(self, reader: Reader) -> Any:
        """The next tag's structure; an unknown tag is malformed."""
        case = self._cases.get(reader.uint(self._size))
        if case is None:
            raise PeerError("a structure of an unknown type")
        return case.read(reader)

    def encode(self, value: "Struct") -> bytes:
        """Tag and ``value`` alone."""
        out = bytearray()
        self.write(out, value)
        return bytes(out)

    def decode(self, data: bytes) -> Any:
        """The value that ``data`` is, all of it. Raises :class:`PeerError`."""
        reader = Reader(data)
        value = self.read(reader)
        reader.finish()
        return value


Uint8 = Annotated[int, Uint(1)]
Uint16 = Annotated[int, Uint(2)]
Uint32 = Annotated[int, Uint(4)]
Uint64 = Annotated[int, Uint(8)]
Opaque = Annotated[bytes, _Opaque()]


class Struct:
    """A structure whose layout is its annotations.

    A structure whose layout depends on its values overrides :meth:`write` and :meth:`read`.
    """

    __slots__ = ()

    def write(self, out: bytearray) -> None:
        """Append this value. Raises :class:`MisuseError` if a field has no encoding."""
        for name, codec in _layout(type(self)):
            codec.write(out, getattr(self, name))

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """The next value of this type. Raises :class:`PeerError`."""
        return cls(*[codec.read(reader) for _, codec in _layout(cls)])

    def encode(self) -> bytes:
        """The value in bytes."""
        out = bytearray()
        self.write(out)
        return bytes(out)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The value that ``data`` is, all of it. Raises :class:`PeerError`."""
        reader = Reader(data)
        value = cls.read(reader)
        reader.finish()
        return value


_LAYOUTS: dict[type, tuple[tuple[str, Codec], ...]] = {}


def _layout(kind: type[Any]) -> tuple[tuple[str, Codec], ...]:
    """Names and codecs of the fields of ``kind``, in their order."""
    layout = _LAYOUTS.get(kind)
    if layout is None:
        hints = get_type_hints(kind, include_extras=True)
        layout = tuple((field.name, codec(hints[field.name])) for field in fields(kind))
        _LAYOUTS[kind] = layout
    return layout


def codec(annotation: Any) -> Codec:
    """The codec that ``annotation`` stands for. Raises :class:`MisuseError` if it is none."""
    parts = get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        marked: Codec = annotation.__metadata__[0]
        return marked
    if isinstance(annotation, UnionType) or NoneType in parts:
        (present,) = (part for part in parts if part is not NoneType)
        return _Optional(codec(present))
    if parts:
        return _Vector(codec(parts[0]))
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return _Structure(annotation)
    raise MisuseError(f"{annotation} has no place in a structure")


def encode_vector(values: tuple[Any, ...], element: Any) -> bytes:
    """``X x<V>`` alone, where ``element`` is the annotation of X."""
    out = bytearray()
    _Vector(codec(element)).write(out, values)
    return bytes(out)


def decode_vector(data: bytes, element: Any) -> tuple[Any, ...]:
    """The inverse of :func:`encode_vector`. Raises :class:`PeerError`."""
    reader = Reader(data)
    values = reader.vector(codec(element).read)
    reader.finish()
    return values
