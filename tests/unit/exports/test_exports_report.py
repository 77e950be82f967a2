"""The report: whole in one file, harmless whatever names hold, and of a sensible size for one person or thousands."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pages import Page

from builders import NOON, a_membership, a_ruling, a_run, a_video, a_watched, an_act, an_appearance, fill
from crossid import pipeline
from crossid.archive import PLOTS, REPORT, ArchiveSettings, paint
from crossid.archive.sqlite import SqliteStore
from crossid.archive.trust import repair, verify
from crossid.exports import Findings, draw_plots, render_report
from crossid.exports.report.company import graph, pairs
from crossid.exports.report.wallclock import MAX_STRETCHES, wall_clock
from crossid.pipeline.reporting import findings
from crossid.settings import Settings
from crossid.types import Diff, LogRow, Mishap, Question

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossid.archive import Store

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "quotes": "\"'><svg onload=alert(1)>",
    "rtl": "نور \u202eexe.4pm \u2066x",
    "long": "ב" * 300,
    "control": "a\x1b[2Jb\x00\nc",
    "template": "{{ 7 * 7 }}{% raw %}",
    "no text": "ab\udcff.mp4",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The archive of `builders.fill`, painted."""
    store = SqliteStore.open(tmp_path / "archive", create=True)
    fill(store)
    paint(store)
    yield store
    store.close()


def a_row(number: int, person: int, video: int = 0, start_s: float = 1.0, **changes: object) -> LogRow:
    """An appearance of one second; person 0 is nobody."""
    given: dict[str, object] = {
        "person_id": f"P-{person:06d}" if person else "",
        "name": "",
        "video": f"clip-{video}.mp4",
        "video_sha256": a_video(f"clip-{video}.mp4").id,
        "appearance_id": f"{number:016x}",
        "start_s": start_s,
        "end_s": start_s + 1,
        "recorded_at": "",
        "clock": "none",
        "faces": 3,
        "face": f"{number:016x}",
        "box": (1.0, 2.0, 30.0, 40.0),
        "probability": 0.97,
        "evidence": "1/1 toy",
        "status": "proposed",
        "quality": 0.5,
        "tracks": (f"{number:016x}",),
        "face_s": start_s,
        "source_id": f"{number:016x}",
    }
    return LogRow(**(given | changes))  # type: ignore[arg-type]


def some(rows: list[LogRow], **changes: object) -> Findings:
    """Findings of rows, with a video for each that they name and a small grey picture for each face."""
    names = dict.fromkeys(row.video for row in rows)
    given: dict[str, object] = {
        "archive": "archive",
        "rows": rows,
        "claims": {},
        "videos": [a_video(name, recorded_at=None, clock="none") for name in names],
        "coverage": [],
        "mishaps": [],
        "runs": [],
        "questions": [],
        "models": [],
        "pictures": {},
        "portrait": lambda _: GREY,
    }
    return Findings(**(given | changes))  # type: ignore[arg-type]


def grey() -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.effect_noise((320, 320), 60).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


GREY = grey()


def test_the_page_is_whole_in_itself_and_runs_nothing(store):
    page = Page(render_report(findings(store), linked=False))
    assert not page.all("script")
    assert not page.all("link")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    outside = [one for one in page.addresses if not one.startswith(("#", "data:image/webp;base64,"))]
    assert not outside
    policy = next(one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_every_link_inside_leads_somewhere_and_no_id_stands_twice(store):
    page = Page(render_report(findings(store), linked=False))
    assert len(page.ids) == len(set(page.ids))
    assert {one[1:] for one in page.addresses if one.startswith("#")} <= set(page.ids)
    assert {"P-000001", "P-000002"} <= set(page.ids)


def test_a_page_in_the_archive_links_to_files_that_are_there(store):
    store.act(an_act("name", "P-000001", name="Jane % Doe?", source="passport"))
    paint(store)
    from urllib.parse import unquote

    page = Page(render_report(findings(store), linked=True))
    links = [unquote(one) for one in page.addresses if not one.startswith(("#", "data:"))]
    assert "../people/#:~:text=P-000001" in links
    for name in ("Jane Doe", ""):  # folders take the names of people: the page was made before and stays as it is
        store.act(an_act("name", "P-000001", name=name or "J", source="passport"))
        paint(store)
        assert all((store.folder / "reports" / one.partition("#")[0]).exists() for one in links)


def test_a_card_says_how_well_a_person_is_set_apart(store):
    shown = findings(store)
    page = render_report(replace(shown, silhouettes={"P-000001": "0.62 (reasonable)"}), linked=False)
    assert page.count("silhouette 0.62 (reasonable)") == 1


@pytest.mark.parametrize("kind", HOSTILE)
def test_names_and_file_names_are_shown_and_never_obeyed(store, kind):
    name = HOSTILE[kind]
    evil = name.replace("\udcff", "?")  # only the name of a file may be no text
    video = a_video(name, device=evil, tags=(("comment", evil),))
    seen = an_appearance(video, 1, 2, direction=3)
    store.add_video(video, 7, "run-1")
    store.keep_span(a_watched(video, seen), 1, "settings-a", "run-1")
    store.rule([a_ruling(seen, "P-000001")], [a_membership(seen, "P-000001", evidence=evil)])
    store.act(an_act("name", "P-000001", name=evil[:100], by=evil[:20].strip(), source=evil))
    store.keep_mishap(video.id, Mishap(video=name, moment_s=1.0, room="footage", reason=evil, remedy=evil))
    shown = findings(store)
    before = Page(render_report(some([]), linked=False))
    page = Page(render_report(replace(shown, archive=evil), linked=False))
    assert not page.all("script")
    assert {name for name, _ in page.elements} <= {name for name, _ in before.elements} | KNOWN
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not {"\u202e", "\u2066", "\x1b", "\x00"} & set(page.text)
    assert {
        "markup": "<script>alert(1)",
        "rtl": "نور \\u202eexe",
        "template": "{{ 7 * 7 }}",
        "no text": "ab\\xff.mp4",
    }.get(kind, "") in page.text
    page_bytes = render_report(replace(shown, archive=evil), linked=True).encode()
    assert len(page_bytes) < 300_000


KNOWN = {
    *("article", "header", "h3", "ul", "li", "svg", "rect", "title", "img", "figure", "figcaption", "i", "b", "table"),
    *("thead", "tbody", "tr", "th", "td", "details", "summary", "code", "g", "a", "circle", "image", "text", "line"),
    *("defs", "clippath", "span", "div", "bdi", "p", "br", "dl", "dt", "dd"),
}
"""All that the page draws with."""


def test_an_empty_archive_has_a_report_that_says_so():
    page = Page(render_report(some([]), linked=False))
    assert "Nobody was recognised in 0 pieces of footage." in page.text
    assert "Nothing was scanned into this archive yet." in page.text


def test_who_could_not_be_told_is_shown_where_nobody_was_recognised():
    page = Page(render_report(some([a_row(1, 0)]), linked=False))
    assert "1 appearance in which a face was found but could not be told from others" in " ".join(page.text.split())


def test_what_a_reviewer_rejected_is_nobodys():
    rows = [a_row(1, 1), a_row(2, 1, video=1, status="rejected")]
    page = Page(render_report(some(rows), linked=False))
    assert "1 appearance in 1 video" in page.text
    assert "Reviewers rejected 1 appearance" in page.text


def test_a_page_on_a_scan_that_did_not_end_says_so(store):
    store.add_video(a_video("later.mp4", duration_s=26.0), 9, "run-1")
    page = Page(render_report(findings(store), linked=False))
    assert "26 s of this footage has not been watched yet" in page.text
    assert "26 s not watched yet" in page.text
    assert "could be read to its end" not in page.text


def test_photographs_and_moments_without_length_are_drawn():
    rows = [a_row(1, 1, start_s=0.0, end_s=0.0), a_row(2, 1, video=1, start_s=9.99, end_s=9.99)]
    videos = [
        a_video("clip-0.mp4", kind="still", duration_s=0.0, recorded_at=None),
        a_video("clip-1.mp4", recorded_at=None),
    ]
    page = Page(render_report(some(rows, videos=videos), linked=False))
    bars = [one for one in page.all("rect") if "bar" in str(one.get("class"))]
    assert len(bars) == 4
    for bar in bars:
        left, width = float(str(bar["x"])[:-1]), float(str(bar["width"])[:-1])
        assert 0 <= left <= left + width <= 100
        assert width > 0
    assert "photograph" in page.text


def test_a_face_without_a_picture_leaves_a_blank():
    def nothing(face: str) -> bytes:
        raise KeyError(face)

    for portrait in (nothing, lambda _: b"no JPEG"):
        page = Page(render_report(some([a_row(1, 1)], portrait=portrait), linked=False))
        assert not page.all("img")
        assert any(one.get("class") == "blank" for one in page.all("span"))


def test_two_thousand_people_are_all_there_and_the_page_stays_small():
    """50 people come back in ten videos, 1,950 are seen once: everybody has an id and a face, within 15 MB."""
    back = [
        a_row(100 * person + video, person, video=video, face="f") for person in range(1, 51) for video in range(10)
    ]
    once = [a_row(10**6 + person, person, video=person % 300, face="f") for person in range(51, 2001)]
    html = render_report(some(back + once), linked=False)
    page = Page(html)
    assert {f"P-{person:06d}" for person in range(1, 2001)} <= set(page.ids)
    assert len(html) < 15_000_000
    assert sum(one.get("class") == "person" for one in page.all("article")) == 50


def test_one_person_in_one_video_has_a_card():
    page = Page(render_report(some([a_row(1, 1)]), linked=False))
    assert sum(one.get("class") == "person" for one in page.all("article")) == 1
    assert "No two people are seen in the same video." in page.text


def test_the_least_probable_links_come_first_and_those_of_reviewers_not():
    rows = [
        a_row(1, 1),
        a_row(2, 1, video=1, probability=0.71),
        a_row(3, 1, video=2, probability=0.55),
        a_row(4, 1, video=3, probability=0.4, status="confirmed"),
    ]
    text = " ".join(Page(render_report(some(rows), linked=False)).text.split())
    doubts = text.partition("Links to look at first")[2].partition("Mishaps")[0]
    assert doubts.index("0.55") < doubts.index("0.71")
    assert "0.40" not in doubts


def test_questions_show_two_faces_and_vanish_with_whom_they_are_about():
    asked = Question(
        kind="same", people=("P-000001", "P-000002"), appearances=(), probability=0.6, settles=4, why="they look alike"
    )
    gone = replace(asked, people=("P-000008", "P-000009"), why="Who is that?")
    page = Page(render_report(some([a_row(1, 1), a_row(2, 2)], questions=[asked, gone]), linked=False))
    assert "Are P-000001 and P-000002 one person?" in page.text
    assert "they look alike" in page.text
    assert "Who is that?" not in page.text


def test_the_same_archive_makes_the_same_report(store):
    assert render_report(findings(store), linked=True) == render_report(findings(store), linked=True)
    assert draw_plots(findings(store)) == draw_plots(findings(store))


def test_plots_are_pictures_of_both_kinds(store):
    plots = draw_plots(findings(store))
    assert sorted(plots) == [
        f"{name}.{kind}" for name in ("cluster-sizes", "probabilities", "timeline") for kind in ("png", "svg")
    ]
    assert all(data.startswith(b"\x89PNG") for name, data in plots.items() if name.endswith("png"))
    assert all(b"<svg" in data for name, data in plots.items() if name.endswith("svg"))
    assert draw_plots(some([])) == {}


def test_a_report_is_in_the_manifest_and_stays_through_the_next_painting(store, tmp_path):
    folder = store.folder
    store.close()
    done = pipeline.report(folder, Settings())
    assert done.page == folder / REPORT
    assert len(done.plots) == 6
    for _ in range(2):
        checked = subprocess.run(
            ["sha256sum", "--quiet", "-c", "manifest-sha256.txt"], cwd=folder, capture_output=True, check=False
        )
        assert checked.returncode == 0, checked.stderr
        assert f"  {REPORT}\n" in (folder / "manifest-sha256.txt").read_text(encoding="utf-8")
        with_store = SqliteStore.open(folder, write=True)
        paint(with_store)
        with_store.close()


def test_the_page_that_is_written_says_how_well_people_are_set_apart(store):
    assert not findings(store).silhouettes  # other exports need no vectors
    several = [person for person in store.people() if len(person.appearances) > 1]
    folder = store.folder
    store.close()
    pipeline.report(folder, Settings())
    assert several
    assert "silhouette " in (folder / REPORT).read_text(encoding="utf-8")


def test_a_report_that_somebody_deleted_is_forgotten_and_an_old_plot_goes(store):
    folder = store.folder
    store.close()
    pipeline.report(folder, Settings())
    (folder / REPORT).unlink()
    again = SqliteStore.open(folder, write=True)
    paint(again)
    assert REPORT not in again.painted()
    from crossid.archive import put_report

    put_report(again, {REPORT: b"new"})
    assert not (folder / PLOTS).exists()
    again.close()


def test_verify_finds_nothing_wrong_with_a_report_and_repair_takes_a_forged_one_away(store):
    folder = store.folder
    store.close()
    pipeline.report(folder, Settings())
    assert verified(folder) == []
    (folder / REPORT).write_bytes(b"forged")
    assert verified(folder) == [("changed", REPORT)]
    repair(folder, ArchiveSettings(), verify(folder, ArchiveSettings()))
    assert not (folder / REPORT).exists()
    assert verified(folder) == []


def verified(folder: Path) -> list[tuple[str, str]]:
    """What `verify` finds in the archive's own files."""
    found = verify(folder, ArchiveSettings(), originals=False)
    return [(one.kind, one.path) for one in found.differences]


def test_a_page_to_pass_on_leaves_the_archive_alone(store, tmp_path):
    folder = store.folder
    store.close()
    before = hashlib.sha256((folder / "manifest-sha256.txt").read_bytes()).hexdigest()
    done = pipeline.report(folder, Settings(), tmp_path / "page.html")
    assert done.page.read_bytes().startswith(b"\n<!DOCTYPE html>") or done.page.read_bytes().startswith(
        b"<!DOCTYPE html>"
    )
    assert not (folder / REPORT).exists()
    assert hashlib.sha256((folder / "manifest-sha256.txt").read_bytes()).hexdigest() == before


def test_hours_without_footage_are_cut_out_of_the_clock():
    days = [datetime(2024, 5, 1, 12, tzinfo=UTC) + timedelta(days=9 * one) for one in range(20)]
    videos = [a_video(f"clip-{one}.mp4", recorded_at=at) for one, at in enumerate(days)]
    rows = [a_row(one, 1, video=one, recorded_at=at.isoformat()) for one, at in enumerate(days)]
    clock = wall_clock(rows, videos, ["P-000001"])
    assert clock is not None
    assert len(clock.stretches) == MAX_STRETCHES
    assert all(
        later.left > earlier.left + earlier.width
        for earlier, later in zip(clock.stretches, clock.stretches[1:], strict=False)
    )
    assert clock.stretches[-1].left + clock.stretches[-1].width == pytest.approx(100, abs=0.1)
    lefts = [bar.left for bar in clock.lanes[0].bars]
    assert lefts == sorted(lefts)


def test_clocks_with_and_without_a_zone_stand_on_one_axis_and_it_is_said():
    videos = [a_video("clip-0.mp4"), a_video("clip-1.mp4", recorded_at=datetime(2024, 5, 1, 13), clock="filename")]  # noqa: DTZ001
    rows = [a_row(1, 1, recorded_at="2024-05-01T12:00:01Z"), a_row(2, 1, video=1, recorded_at="2024-05-01T13:00:01")]
    clock = wall_clock(rows, videos, ["P-000001"])
    assert clock is not None
    assert clock.zoneless == 1
    assert "do not name a time zone" in render_report(some(rows, videos=videos), linked=False)


def test_who_is_seen_at_once_is_told_from_who_is_only_in_the_same_video():
    rows = [
        a_row(1, 1, start_s=0),
        a_row(2, 2, start_s=0.5),
        a_row(3, 3, start_s=5),
        a_row(4, 1, video=1),
        a_row(5, 2, video=1),
    ]
    found = pairs(rows, ["P-000001", "P-000002", "P-000003"])
    assert (found["P-000001", "P-000002"].videos, found["P-000001", "P-000002"].together_s) == (2, 1.5)
    assert (found["P-000001", "P-000003"].videos, found["P-000001", "P-000003"].together_s) == (1, 0.0)


def test_no_face_of_the_graph_covers_another():
    everybody = [f"P-{one:06d}" for one in range(1, 41)]
    rows = [
        a_row(100 * person + video, person, video=video)
        for person in range(1, 41)
        for video in (person % 2, 2 + person % 2)
    ]
    drawn = graph(pairs(rows, everybody), everybody)
    assert len(drawn.nodes) == 40
    for one in drawn.nodes:
        assert 0 < one.x < drawn.width
        assert 0 < one.y < drawn.height
        near = [
            other for other in drawn.nodes if other != one and (other.x - one.x) ** 2 + (other.y - one.y) ** 2 < 40**2
        ]
        assert not near


def test_models_stand_with_licence_and_hash_and_own_paths_do_not_leak(store):
    settings = {
        "pack": "custom",
        "faces": {"detectors": ["mtcnn"], "models": []},
        "embeddings": {"embedders": ["mine"], "models": [{"name": "mine", "path": "/media/ann/secret/mine.onnx"}]},
        "licences": [
            {"part": "mtcnn", "model": "mtcnn", "licence": "MIT", "commercial": True},
            {"part": "mine", "model": "mine", "licence": "own <b>", "commercial": None},
            {"part": "arcface", "model": "arcface_r50", "licence": "research only", "commercial": False},
        ],
    }
    store.begin_run(a_run("run-2", started=NOON + timedelta(days=3), settings=settings))
    html = render_report(findings(store), linked=True)
    text = Page(html).text
    assert "own <b>" in text
    assert "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3" in text
    assert text.count("not for every use") == 1
    assert "secret" not in html


def test_the_bar_of_the_last_scan_stands_with_the_strangers_it_lets_through(store):
    point = {"appearances": 2001, "evidence": 5.0, "least": 1001, "most": 10000}
    known = {"false_match_rate": 1e-4, "false_matches": 200.1}
    store.begin_run(a_run("run-2", started=NOON + timedelta(days=3)))
    store.end_run("run-2", Diff(), [], {"operating_point": point | known})
    store.begin_run(a_run("run-3", started=NOON + timedelta(days=4)))  # interrupted: it says nothing
    text = Page(render_report(findings(store), linked=True)).text
    assert "from a mean log-likelihood ratio of 5.0 on, the bar of all archives of 1,001 to 10,000 appearances" in text
    assert "Were all 2,001,000 pairs of tracks strangers, 200 would be expected to reach it by chance" in text
