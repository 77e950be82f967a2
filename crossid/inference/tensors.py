"""Reads a PyTorch state dict without PyTorch, and without ever running what is written in it.

A state dict is a pickle, and a pickle can call any function. Here it may call two: the one that
makes an `OrderedDict` and the one that lays a tensor over a storage. The layouts are those of
`torch/serialization.py`: a zip file with `data.pkl` and one member per storage, or (before 1.6)
pickles one after the other, followed by the storages.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from crossid.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
STORAGES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "?",
}
OPCODES = frozenset(
    (
        *("PROTO", "STOP", "MARK", "GLOBAL", "REDUCE", "BUILD", "BINPERSID"),
        *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE"),
        *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_LIST", "APPEND", "APPENDS"),
        *("EMPTY_DICT", "SETITEM", "SETITEMS", "BINGET", "LONG_BINGET", "BINPUT", "LONG_BINPUT"),
    )
)
"""All that PyTorch writes into a state dict."""


class _Storage(NamedTuple):
    key: str
    dtype: str
    elements: int


class _View(NamedTuple):
    """A tensor before its storage was read; counts are elements."""

    storage: _Storage
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def state_dict(content: bytes) -> dict[str, NDArray[Any]]:
    """The tensors of a state dict by name, in its order, each an array of its own in PyTorch's shape.

    Args:
        content: The bytes of a `.pt` or `.pth` file, either layout.

    Raises:
        ModelError: if it is damaged, or holds anything but named tensors.
    """
    try:
        views, storages = _from_zip(content) if content.startswith(b"PK") else _from_pickles(content)
        return {name: _array(view, storages) for name, view in views.items()}
    except ModelError:
        raise
    except Exception as error:  # pickle's manual: damaged data may raise any exception
        raise _refusal(f"it is damaged ({error})") from error


def _refusal(why: str) -> ModelError:
    return ModelError(
        f"The state dict cannot be used: {why}.",
        remedy="Use the file as its authors publish it: a dictionary of names and tensors.",
    )


class _TensorsOnly(pickle.Unpickler):
    """An unpickler that knows an ordered dictionary, a tensor and the kinds of storage, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self._rebuild
        if module == "torch" and name in STORAGES:
            return name
        raise _refusal(f"it wants to call {module}.{name}, which could be anything")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, storage, key, _device, count, *view = pid
        if kind != "storage" or any(part is not None for part in view):
            raise _refusal("it refers to something that is not a storage")
        return _Storage(str(key), STORAGES[storage], int(count))

    def _rebuild(self, storage: _Storage, start: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> Any:
        return _View(storage, start, tuple(shape), tuple(strides))


def _unpickle(stream: io.BytesIO) -> Any:
    """The next pickle of a stream, after a look at every instruction in it."""
    start, size = stream.tell(), stream.getbuffer().nbytes
    for opcode, argument, _ in pickletools.genops(stream):
        # The unpickler makes room for as many memos as the largest number says: a number can be a bomb.
        if opcode.name not in OPCODES or (opcode.name == "LONG_BINPUT" and (argument or 0) > size):
            raise _refusal(f"it contains {opcode.name} {argument or ''}".rstrip())
    stream.seek(start)
    return _TensorsOnly(stream).load()


def _views(loaded: Any) -> dict[str, _View]:
    if not isinstance(loaded, dict):
        raise _refusal("it is not a dictionary")
    views = dict(dict.items(loaded))
    if not all(isinstance(name, str) and isinstance(view, _View) for name, view in views.items()):
        raise _refusal("it holds something that is not a named tensor")
    return views


def _from_zip(content: bytes) -> tuple[dict[str, _View], dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {member.filename.partition("/")[2]: member for member in archive.infolist()}
        if any(member.compress_type != zipfile.ZIP_STORED for member in members.values()):
            raise _refusal("it is compressed, as PyTorch never does")
        if "byteorder" in members and archive.read(members["byteorder"]) != b"little":
            raise _refusal("its numbers are written with the highest byte first")
        views = _views(_unpickle(io.BytesIO(archive.read(members["data.pkl"]))))
        keys = {view.storage.key for view in views.values()}
        return views, {key: archive.read(members[f"data/{key}"]) for key in keys}


def _from_pickles(content: bytes) -> tuple[dict[str, _View], dict[str, bytes]]:
    stream = io.BytesIO(content)
    if _unpickle(stream) != MAGIC or _unpickle(stream) != PROTOCOL or not _unpickle(stream)["little_endian"]:
        raise _refusal("it is not a file that PyTorch wrote on a common machine")
    views = _views(_unpickle(stream))
    sizes = {view.storage.key: np.dtype(view.storage.dtype).itemsize for view in views.values()}
    storages = {}
    for key in _unpickle(stream):
        count = int.from_bytes(stream.read(8), "little")
        storages[key] = stream.read(count * sizes[key])
    return views, storages


def _array(view: _View, storages: dict[str, bytes]) -> NDArray[Any]:
    """Lay a tensor over its storage; `as_strided` checks nothing, so all is checked here."""
    storage, start, shape, strides = view
    values = np.frombuffer(storages[storage.key], storage.dtype, storage.elements)
    numbers = (start, *shape, *strides)
    if len(shape) != len(strides) or not all(type(number) is int and number >= 0 for number in numbers):
        raise _refusal("the shape of a tensor makes no sense")
    last = start + sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True))
    elements = math.prod(length for length in shape)
    if elements > len(values) or (elements and last >= len(values)):
        raise _refusal("a tensor is larger than its storage")
    steps = [stride * values.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(values[start:], shape, steps, writeable=False).copy()
