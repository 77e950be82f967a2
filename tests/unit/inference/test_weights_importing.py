"""What was carried in is known by its content, lands under its own name, and is whole or not there."""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from onnx import TensorProto

from crossid.errors import ModelError, UnknownNameError
from crossid.inference import importing, weights
from crossid.inference.convert.chain import Chain
from crossid.inference.fetching import fetch, missing, named, remove
from crossid.inference.importing import Find, Refusal, install, recognise
from crossid.inference.licences import accept, unaccepted
from crossid.inference.weights import MODELS_VARIABLE, Download, Weights, file_of, models_folder, of_model
from publisher import Publisher, publishing


def graph(factor: str = "Add") -> bytes:
    chain = Chain()
    return chain.finish(("x", TensorProto.FLOAT, ("N", 2)), {"y": (chain.add(factor, "x", "x"), ("N", 2))})


KNOWN = os.urandom(50_000)
TWIN = os.urandom(40_000)
BASE = Weights(
    model="known",
    role="detector",
    file="known.onnx",
    size_bytes=len(KNOWN),
    sha256=hashlib.sha256(KNOWN).hexdigest(),
    licence="MIT",
    source="https://example.org",
    archive="pair",
)
ROWS = (
    BASE,
    replace(BASE, model="twin", file="twin.pt", size_bytes=len(TWIN), sha256=hashlib.sha256(TWIN).hexdigest()),
    replace(BASE, model="first", file="first.onnx", size_bytes=0, sha256="", archive="", licence="non-commercial"),
)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as one:
        yield one


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder and a catalogue of their own."""
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path / "models"))
    monkeypatch.setattr(weights, "CATALOGUE", ROWS)
    monkeypatch.setattr(weights, "PACKS", {"both": ("known", "twin")})
    monkeypatch.setattr("crossid.inference.fetching.PACKS", {"both": ("known", "twin")})
    return tmp_path / "models"


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def publish_pair(publisher: Publisher, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    url = publisher.put("pair.zip", content)
    pair = Download(name="pair.zip", urls=(url,), size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setitem(weights.ARCHIVES, "pair", pair)


def test_a_file_is_known_by_its_content_under_any_name_and_depth(tmp_path: Path) -> None:
    place = tmp_path / "stick" / "a" / "b" / "renamed.bin"
    place.parent.mkdir(parents=True)
    place.write_bytes(KNOWN)
    (place.parent / "holiday.jpg").write_bytes(b"no model")
    (find,) = recognise(tmp_path / "stick")
    assert find == Find(weights=BASE, path=place)
    assert install(find).vouched
    assert file_of("known").read_bytes() == KNOWN
    assert [path.name for path in models_folder().iterdir()] == ["known.onnx"]


@pytest.mark.parametrize("name", ["../../../evil.onnx", "/etc/evil.onnx", "C:\\evil.onnx", "../known.onnx", "a/b.onnx"])
def test_a_zip_cannot_choose_where_its_files_land(tmp_path: Path, name: str) -> None:
    stick = tmp_path / "stick" / "deep"
    stick.mkdir(parents=True)
    (find,) = recognise(zipped(stick / "models.zip", **{name: KNOWN}))
    assert install(find).file == models_folder() / "known.onnx"
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == {
        "stick/deep/models.zip",
        "models/known.onnx",
    }


def test_the_right_name_with_another_content_is_refused(tmp_path: Path) -> None:
    (tmp_path / "known.onnx").write_bytes(TWIN + b"!")
    (refusal,) = recognise(tmp_path / "known.onnx")
    assert isinstance(refusal, Refusal)
    assert "not the published file" in refusal.why


def test_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not there"):
        list(recognise(tmp_path / "nowhere"))


def test_a_zip_that_unpacks_to_more_than_all_models_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_UNPACKED_BYTES", 1 << 20)
    bomb = zipped(tmp_path / "bomb.zip", **{f"{number}/first.onnx": bytes(300_000) for number in range(9)})
    seen = list(recognise(bomb))
    assert len(seen) == 4
    assert isinstance(seen[-1], Refusal)
    assert "unpacks to more" in seen[-1].why


def test_a_member_larger_than_any_model_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MAX_BYTES", 1 << 20)
    assert list(recognise(zipped(tmp_path / "bomb.zip", **{"first.onnx": bytes(2 << 20)}))) == []


def test_a_member_that_lies_about_its_size_is_damaged(tmp_path: Path) -> None:
    path = zipped(tmp_path / "liar.zip", **{"known.onnx": bytes(10 << 20)})
    content = path.read_bytes().replace((10 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(content)
    (refusal,) = recognise(path)
    assert isinstance(refusal, Refusal)
    assert "damaged" in refusal.why


def test_a_member_behind_a_password_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "locked.zip", **{"known.onnx": KNOWN})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    (refusal,) = recognise(path)
    assert isinstance(refusal, Refusal)
    assert "password" in refusal.why


def test_a_zip_that_is_cut_off_holds_nothing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "cut.zip", **{"known.onnx": KNOWN})
    path.write_bytes(path.read_bytes()[:20_000])
    assert list(recognise(path)) == []


def test_a_file_that_changes_after_it_was_recognised_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(KNOWN)
    (find,) = recognise(tmp_path / "x.onnx")
    (tmp_path / "x.onnx").write_bytes(KNOWN[:-1])
    with pytest.raises(ModelError, match="not the published file"):
        install(find)
    assert list(models_folder().iterdir()) == []


def test_where_no_hash_is_published_the_first_one_counts_ever_after(tmp_path: Path) -> None:
    source = tmp_path / "first.onnx"
    source.write_bytes(graph())
    (find,) = recognise(source)
    arrival = install(find)
    assert not arrival.vouched
    assert of_model("first")[0].digest() == hashlib.sha256(graph()).hexdigest() == arrival.sha256
    source.write_bytes(graph("Mul"))
    with pytest.raises(ModelError, match="came first") as refusal:
        install(find)
    assert "crossid models remove first" in refusal.value.remedy
    assert file_of("first").read_bytes() == graph()
    remove(["first"])
    assert install(find).sha256 == hashlib.sha256(graph("Mul")).hexdigest()


def test_a_file_changed_on_disk_is_refused_whatever_its_hash_comes_from(tmp_path: Path) -> None:
    for name, content in (("known.onnx", KNOWN), ("first.onnx", graph())):
        (tmp_path / name).write_bytes(content)
        (find,) = recognise(tmp_path / name)
        install(find).file.write_bytes(content + b"!")
        with pytest.raises(ModelError, match="not those that crossid knows") as refusal:
            file_of(find.weights.model)
        assert f"crossid models fetch {find.weights.model}" in refusal.value.remedy


def test_a_file_put_there_by_hand_is_not_trusted_where_no_hash_is_published(folder: Path) -> None:
    folder.mkdir()
    (folder / "first.onnx").write_bytes(graph())
    with pytest.raises(ModelError, match="did not come"):
        file_of("first")


@pytest.mark.parametrize("content", [b"<html>We are sorry</html>", b'{"error": 1}', graph()[:50], bytes(9), b""])
def test_what_is_no_network_never_becomes_the_trusted_file(folder: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "first.onnx").write_bytes(content)
    with pytest.raises(ModelError):
        install(Find(weights=ROWS[2], path=tmp_path / "first.onnx"))
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.onnx").write_bytes(KNOWN)
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path / "x.onnx" / "models"))
    with pytest.raises(ModelError) as refusal:
        install(Find(weights=BASE, path=tmp_path / "x.onnx"))
    assert MODELS_VARIABLE in refusal.value.remedy


def test_an_archive_is_fetched_once_for_all_that_is_in_it(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = zipped(tmp_path / "x.zip", **{"pack/known.onnx": KNOWN, "pack/twin.pt": TWIN}).read_bytes()
    publish_pair(publisher, monkeypatch, content)
    assert missing(["known"]) == missing(["both"]) == ["known", "twin"]
    accept(["known", "twin"])
    arrivals = list(fetch(missing(["known"]), lambda _: None))
    assert [arrival.model for arrival in arrivals] == ["known", "twin"]
    assert len(publisher.asked) == 1
    assert missing(["both"]) == []
    assert {path.name for path in models_folder().iterdir()} == {"known.onnx", "twin.pt", "licences.json"}


def test_an_archive_without_the_member_is_refused_and_leaves_nothing(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_pair(publisher, monkeypatch, zipped(tmp_path / "x.zip", **{"known.onnx": KNOWN}).read_bytes())
    accept(["known", "twin"])
    with pytest.raises(ModelError, match=r"twin\.pt is not in pair\.zip"):
        list(fetch(["known", "twin"], lambda _: None))
    assert [path.name for path in models_folder().iterdir()] == ["licences.json"]


def test_nothing_is_fetched_before_its_licence_was_accepted(publisher: Publisher, folder: Path) -> None:
    with pytest.raises(ModelError, match="not accepted") as refusal:
        list(fetch(["known"], lambda _: None))
    assert "--accept-licence" in refusal.value.remedy
    assert not publisher.asked
    assert not folder.exists()


def test_a_licence_is_asked_for_once_and_again_when_it_changes(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    accept(["known"])
    assert unaccepted(["known", "first"]) == ["first"]
    monkeypatch.setattr(weights, "CATALOGUE", (replace(BASE, licence="other"), *ROWS[1:]))
    assert unaccepted(["known"]) == ["known"]
    (folder / "licences.json").write_text("damaged")
    assert unaccepted(["known", "first"]) == ["known", "first"]


def test_names_of_models_and_packs_are_known_and_others_guessed() -> None:
    assert named(["twin", "both"]) == ["known", "twin"]
    with pytest.raises(UnknownNameError) as refusal:
        named(["knwon"])
    assert "known" in refusal.value.remedy


def test_what_is_removed_is_gone_and_what_comes_with_a_package_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    models_folder().mkdir()
    (models_folder() / "known.onnx").write_bytes(KNOWN)
    assert remove(["both"]) == [models_folder() / "known.onnx"]
    assert remove(["both"]) == []
    monkeypatch.setattr(weights, "CATALOGUE", (replace(BASE, package="mtcnn", file="x"),))
    with pytest.raises(ModelError, match="comes with a package"):
        remove(["known"])
