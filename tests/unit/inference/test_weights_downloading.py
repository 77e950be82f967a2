"""Fetching from a real server: what is cut goes on, what is false is refused, nothing is left half-done."""

import hashlib
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request

import pytest

from crossid.errors import ModelError
from crossid.inference import downloading
from crossid.inference.downloading import Progress, download
from crossid.inference.weights import Download
from publisher import Publisher, publishing

CONTENT = os.urandom(3 << 20)
PAUSES_S = (0.0, 0.0, 0.0)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as one:
        yield one


def wanted(*urls: str, content: bytes = CONTENT, known: bool = True) -> Download:
    sha256 = hashlib.sha256(content).hexdigest() if known else ""
    return Download(name="toy.onnx", urls=urls, size_bytes=len(content) if known else 0, sha256=sha256)


def fetched(what: Download, folder: Path, **options: object) -> Path:
    return download(what, folder, lambda _: None, **{"pauses_s": PAUSES_S, **options})


def test_a_file_comes_whole_and_says_how_far_it_is(publisher: Publisher, tmp_path: Path) -> None:
    heard: list[Progress] = []
    part = download(wanted(publisher.put("a", CONTENT)), tmp_path / "models", heard.append)
    assert part.read_bytes() == CONTENT
    assert [progress.done_bytes for progress in heard] == sorted(progress.done_bytes for progress in heard)
    assert heard[-1] == Progress(name="toy.onnx", done_bytes=len(CONTENT), total_bytes=len(CONTENT))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(publisher: Publisher, tmp_path: Path, status: int) -> None:
    publisher.put("b", CONTENT)
    url = publisher.put("a", status=status, location="/b")
    assert fetched(wanted(url), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("place", ["file:///etc/hostname", "ftp://127.0.0.1/x", "http://example.org/x", "data:,x"])
def test_redirects_to_other_kinds_of_places_are_refused(publisher: Publisher, tmp_path: Path, place: str) -> None:
    url = publisher.put("a", status=302, location=place)
    with pytest.raises(ModelError):
        fetched(wanted(url), tmp_path)
    assert not list(tmp_path.iterdir())
    assert len(publisher.asked) == 1


@pytest.mark.parametrize(
    ("asked", "sent_to"), [("http://localhost/a", "http://example.org/x"), ("https://a", "http://localhost")]
)
def test_a_redirect_never_leaves_encryption(asked: str, sent_to: str) -> None:
    with pytest.raises(downloading._AddressError, match=r"not.* https"):
        downloading._CarefulRedirects().redirect_request(Request(asked), None, 302, "", {}, sent_to)


def test_a_server_that_sends_without_end_is_stopped(publisher: Publisher, tmp_path: Path) -> None:
    url = publisher.put("a", b"x" * (2 * len(CONTENT)), measured=False)
    with pytest.raises(ModelError, match="sends more than it should"):
        fetched(wanted(url), tmp_path)


def test_an_address_without_encryption_is_not_even_asked(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not by https"):
        fetched(wanted("http://example.org/toy.onnx"), tmp_path)


@pytest.mark.parametrize("known", [True, False])
def test_what_was_cut_goes_on_where_it_stopped(publisher: Publisher, tmp_path: Path, known: bool) -> None:
    url = publisher.put("a", CONTENT, cuts=[1_000_000, 2_000_000])
    assert fetched(wanted(url, known=known), tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in publisher.asked] == ["", "bytes=1000000-", "bytes=2000000-"]


def test_the_next_command_goes_on_where_the_last_one_gave_up(publisher: Publisher, tmp_path: Path) -> None:
    url = publisher.put("a", CONTENT, cuts=[1_000_000])
    with pytest.raises(ModelError, match="broke off after 1,000,000 of 3,145,728 bytes"):
        fetched(wanted(url), tmp_path, pauses_s=())
    assert fetched(wanted(url), tmp_path).read_bytes() == CONTENT
    assert publisher.asked[-1] == ("/a", "bytes=1000000-")


@pytest.mark.parametrize("tagged", [True, False])
def test_two_versions_of_a_file_are_never_mixed(publisher: Publisher, tmp_path: Path, tagged: bool) -> None:
    url = publisher.put("a", b"x" * 3_000_000, cuts=[1_000_000], tagged=tagged)
    with pytest.raises(ModelError):
        fetched(wanted(url, known=False), tmp_path, pauses_s=())
    publisher.put("a", CONTENT, tagged=tagged)
    assert fetched(wanted(url, known=False), tmp_path).read_bytes() == CONTENT


def test_a_damaged_beginning_is_noticed_and_fetched_again(publisher: Publisher, tmp_path: Path) -> None:
    url = publisher.put("a", CONTENT, cuts=[1_000_000])
    with pytest.raises(ModelError):
        fetched(wanted(url), tmp_path, pauses_s=())
    (tmp_path / "toy.onnx.part").write_bytes(b"damaged!" * 125_000)
    assert fetched(wanted(url), tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in publisher.asked] == ["", "bytes=1000000-", ""]


def test_a_server_that_is_busy_is_asked_again(publisher: Publisher, tmp_path: Path) -> None:
    url = publisher.put("a", CONTENT, failures=3)
    assert fetched(wanted(url), tmp_path).read_bytes() == CONTENT
    assert len(publisher.asked) == 4


def test_a_server_that_stays_busy_is_given_up(publisher: Publisher, tmp_path: Path) -> None:
    url = publisher.put("a", CONTENT, failures=9)
    with pytest.raises(ModelError, match="503"):
        fetched(wanted(url), tmp_path)
    assert len(publisher.asked) == 4
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "page",
    [
        {"status": 404},
        {"status": 403, "content": b"sign in"},
        {"content": b"<html>We are sorry</html>", "kind": "text/html; charset=utf-8"},
        {"content": b'{"error": "rate limit"}', "kind": "application/json"},
        {"content": os.urandom(len(CONTENT))},
        {"content": b"of another size"},
        {"content": CONTENT + b"!", "measured": False},
        {"content": b"x" * (2 * len(CONTENT)), "measured": False},
    ],
    ids=["gone", "forbidden", "page", "json", "false", "short", "one byte too many", "endless"],
)
def test_what_is_not_the_file_is_refused_and_the_mirror_is_asked(
    publisher: Publisher, tmp_path: Path, page: dict[str, object]
) -> None:
    first = publisher.put("a", **page)
    with pytest.raises(ModelError, match=r"toy\.onnx could not be fetched: 127\.0\.0\.1") as refusal:
        fetched(wanted(first), tmp_path)
    assert "crossid models import" in refusal.value.remedy
    assert not list(tmp_path.glob("toy.onnx")) + [
        part for part in tmp_path.glob("*.part") if part.stat().st_size > len(CONTENT)
    ]
    assert fetched(wanted(first, publisher.put("b", CONTENT)), tmp_path).read_bytes() == CONTENT


def test_an_error_page_is_refused_where_no_hash_is_published(publisher: Publisher, tmp_path: Path) -> None:
    url = publisher.put("a", b"<html>We are sorry</html>", kind="text/html")
    with pytest.raises(ModelError, match="a page in place of the file"):
        fetched(wanted(url, known=False), tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_network_one_sentence_says_so(publisher: Publisher, tmp_path: Path) -> None:
    closed = "http://127.0.0.1:9/toy.onnx"
    with pytest.raises(ModelError, match="cannot be reached") as refusal:
        fetched(wanted(closed), tmp_path)
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


def test_two_processes_do_not_write_one_file(publisher: Publisher, tmp_path: Path) -> None:
    with downloading._claimed(tmp_path, "toy.onnx"), pytest.raises(ModelError, match="Another crossid"):
        fetched(wanted(publisher.put("a", CONTENT)), tmp_path)


def test_a_disk_that_is_too_small_is_not_begun_on(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="are needed"):
        downloading._check_room(tmp_path, 1 << 60)


def test_a_disk_that_fills_up_gives_the_room_back(publisher: Publisher, tmp_path: Path) -> None:
    url = publisher.put("a", CONTENT)
    script = f"""
from pathlib import Path
from crossid.errors import ModelError
from crossid.inference.downloading import download
from crossid.inference.weights import Download
try:
    download(Download(name="toy.onnx", urls=({url!r},), size_bytes={len(CONTENT)}, sha256="0" * 64),
             Path({str(tmp_path)!r}), lambda _: None)
except ModelError as error:
    print(error, "|", error.remedy)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)),
    )
    assert "Nothing can be written" in done.stdout
    assert "Free some space" in done.stdout
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 1000
