"""State dicts are read in both of PyTorch's layouts; nothing in them can call anything."""

import collections
import io
import os
import pickle
import random
import struct
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from crossid.errors import ModelError
from crossid.inference.tensors import MAGIC, PROTOCOL, state_dict

ARRAYS = {
    "conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
    "bn.num_batches_tracked": np.array(7, np.int64),
    "half": np.linspace(0, 1, 5).astype(np.float16),
}
KINDS = {"f4": "FloatStorage", "i8": "LongStorage", "f2": "HalfStorage"}


class Tensor:
    """Pickles as a tensor does, over a storage of its own."""

    def __init__(self, key: str, array: np.ndarray, **change: object) -> None:
        strides = tuple(step // array.itemsize for step in array.strides)
        self.layout = {"offset": 0, "shape": array.shape, "strides": strides, "count": array.size} | change
        self.key, self.array = key, array


class Writer(pickle.Pickler):
    """Writes what `torch.save` writes, byte for byte in all that matters."""

    def __init__(self, file: io.BytesIO, *, legacy: bool) -> None:
        super().__init__(file, protocol=2)
        self.legacy = legacy

    def reducer_override(self, value: object) -> object:
        if not isinstance(value, Tensor):
            return NotImplemented
        layout = value.layout
        hooks = collections.OrderedDict()
        place = Storage(value.key, KINDS[value.array.dtype.str[1:]], layout["count"])
        return REBUILD, (place, layout["offset"], layout["shape"], layout["strides"], False, hooks)

    def persistent_id(self, value: object) -> object:
        if not isinstance(value, Storage):
            return None
        view = (None,) if self.legacy else ()
        return ("storage", getattr(sys.modules["torch"], value.kind), value.key, "cpu", value.count, *view)


class Storage:
    def __init__(self, key: str, kind: str, count: int) -> None:
        self.key, self.kind, self.count = key, kind, count


def REBUILD() -> None:  # noqa: N802 - renamed below to what PyTorch calls it
    pass


@pytest.fixture(autouse=True)
def _names_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules that have PyTorch's names, so that pickle writes them down."""
    torch, inner = ModuleType("torch"), ModuleType("torch._utils")
    for kind in KINDS.values():
        setattr(torch, kind, type(kind, (), {"__module__": "torch"}))
    REBUILD.__module__, REBUILD.__qualname__, REBUILD.__name__ = (
        "torch._utils",
        "_rebuild_tensor_v2",
        "_rebuild_tensor_v2",
    )
    inner._rebuild_tensor_v2 = REBUILD
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", inner)


def pickled(value: object, *, legacy: bool) -> bytes:
    file = io.BytesIO()
    Writer(file, legacy=legacy).dump(value)
    return file.getvalue()


def written(value: object, arrays: dict[str, np.ndarray], *, legacy: bool) -> bytes:
    """A file of PyTorch's with `value` in it and `arrays` as storages."""
    body = pickled(value, legacy=legacy)
    if legacy:
        information = {"protocol_version": PROTOCOL, "little_endian": True, "type_sizes": {"short": 2}}
        heads = b"".join(pickle.dumps(part, 2) for part in (MAGIC, PROTOCOL, information))
        storages = b"".join(struct.pack("<q", array.size) + array.tobytes() for array in arrays.values())
        return heads + body + pickle.dumps(list(arrays), 2) + storages
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", body)
        archive.writestr("archive/byteorder", "little")
        for key, array in arrays.items():
            archive.writestr(f"archive/data/{key}", array.tobytes())
    return file.getvalue()


def saved(arrays: dict[str, np.ndarray], *, legacy: bool, **change: object) -> bytes:
    storages = {str(number): array for number, array in enumerate(arrays.values())}
    tensors = zip(arrays, storages.items(), strict=True)
    value = collections.OrderedDict((name, Tensor(key, array, **change)) for name, (key, array) in tensors)
    value._metadata = collections.OrderedDict([("", {"version": 1})])
    return written(value, storages, legacy=legacy)


both_layouts = pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])


@both_layouts
def test_tensors_come_back_with_names_shapes_types_and_order(legacy: bool, tmp_path: Path) -> None:
    file = tmp_path / "toy.pt"
    file.write_bytes(saved(ARRAYS, legacy=legacy))
    read = state_dict(file.read_bytes())
    assert list(read) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype == array.dtype


@both_layouts
def test_views_share_a_storage_and_may_be_transposed(legacy: bool) -> None:
    base = np.arange(12, dtype=np.float32)
    value = {
        "tail": Tensor("0", base, offset=8, shape=(4,), strides=(1,), count=12),
        "turned": Tensor("0", base, shape=(4, 3), strides=(1, 4), count=12),
    }
    read = state_dict(written(value, {"0": base}, legacy=legacy))
    np.testing.assert_array_equal(read["tail"], base[8:])
    np.testing.assert_array_equal(read["turned"], base.reshape(3, 4).T)


@both_layouts
@pytest.mark.parametrize(
    "change",
    [
        {"count": 100},
        {"shape": (100,), "strides": (1,)},
        {"shape": (1 << 40,), "strides": (0,)},
        {"shape": (100,), "strides": (0,)},
        {"offset": 30},
        {"offset": -4, "shape": (4,), "strides": (1,)},
        {"shape": (4,), "strides": (-1,)},
        {"shape": (2, 2), "strides": (1,)},
        {"shape": ("2",), "strides": (1,)},
    ],
    ids=str,
)
def test_a_tensor_cannot_reach_beyond_its_storage(legacy: bool, change: dict[str, object]) -> None:
    arrays = {"x": np.arange(24, dtype=np.float32)}
    with pytest.raises(ModelError):
        state_dict(saved(arrays, legacy=legacy, **change))


class Calls:
    """Pickles as the call of a function."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> object:
        return self.call


@both_layouts
@pytest.mark.parametrize(
    "value",
    [
        lambda trap: {"x": Calls(os.system, f"touch {trap}")},
        lambda trap: Calls(eval, f"open({str(trap)!r}, 'w')"),
        lambda trap: {"x": Calls(open, str(trap), "w")},
        lambda _: {"x": Calls(getattr, collections.OrderedDict, "__init__")},
        lambda trap: {Calls(open, str(trap), "w"): 1},
        lambda _: {"x": b"bytes are written as a call"},
        lambda _: {"x": {"nested": 1}},
        lambda _: ["no dictionary"],
        lambda _: {"x": 7},
    ],
)
def test_a_malicious_or_strange_pickle_is_refused_and_runs_nothing(legacy: bool, value: object, tmp_path: Path) -> None:
    trap = tmp_path / "it ran"
    with pytest.raises(ModelError) as refusal:
        state_dict(written(value(trap), {}, legacy=legacy))
    assert not trap.exists()
    assert refusal.value.remedy


@pytest.mark.parametrize(
    "body",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
        b"(S'true'\nios\nsystem\n.",
        b"\x80\x02}r\xff\xff\xff\x7f.",
        b"\x80\x02ccollections\nOrderedDict\n)\x81.",
        b"\x80\x02ctorch\nload\nX\x01\x00\x00\x00x\x85R.",
        b"",
    ],
    ids=["old call", "stack global", "instance", "memo bomb", "new object", "torch.load", "empty"],
)
def test_instructions_that_pytorch_does_not_write_are_refused(body: bytes) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", body)
    with pytest.raises(ModelError):
        state_dict(file.getvalue())


def test_a_compressed_file_is_refused_before_it_is_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(1 << 20))
    with pytest.raises(ModelError, match="compressed"):
        state_dict(file.getvalue())


@both_layouts
def test_damage_anywhere_is_refused_or_another_number_and_never_a_bug(legacy: bool) -> None:
    content = saved(ARRAYS, legacy=legacy)
    chance = random.Random(1)
    for _ in range(400):
        damaged = bytearray(content)
        damaged[chance.randrange(len(content))] = chance.randrange(256)
        cut = bytes(damaged[: chance.choice([len(content), chance.randrange(len(content))])])
        with suppress(ModelError):
            state_dict(cut)


def test_the_published_retinaface_is_read(shared_data: Path) -> None:
    read = state_dict((shared_data / "models" / "biubug6_retinaface_mobilenet0.25_Final.pth").read_bytes())
    assert len(read) == 300
    assert read["body.stage1.0.0.weight"].shape == (8, 3, 3, 3)
    assert all(np.isfinite(array).all() for array in read.values())
