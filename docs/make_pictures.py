"""Makes the pictures of README and docs out of the demo: `python docs/make_pictures.py`.

Faces are pixelated, but for the astronaut, whose picture is in the public domain. Pages are drawn by
Chromium; without it those pictures stay as they are.
"""

import csv
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont
from rich.console import Console

from crossid.archive import ArchiveSettings, open_archive
from crossid.exports import render_report
from crossid.pipeline import events
from crossid.pipeline.reporting import findings
from crossid.types import LogRow
from crossid.wizard.pictures import row_of, side_by_side
from crossid.wizard.progress import bars
from crossid.wizard.roster import most_seen_first, roster
from crossid.wizard.tables import people_table
from crossid.wizard.tally import Tally

SIDE, GAP, LEFT, ACROSS = 120, 10, 250, 4
COARSE = 7
"""Pixels that are left of a face."""
ASTRONAUT = ("square.mp4", 2.3, 4.3)
"""Film and stretch of time in which nobody but the astronaut is seen."""
PICTURES = Path(__file__).parent / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Run the demo and draw what it shows."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, "-m", "crossid", "demo", scratch], check=True, capture_output=True)
        archive = Path(scratch) / "archive"
        people = sorted((archive / "people").iterdir())
        sheet = Image.new("RGB", (LEFT + ACROSS * (SIDE + GAP), GAP + len(people) * (SIDE + GAP)), "white")
        for row, person in enumerate(people):
            draw_person(sheet, person, GAP + row * (SIDE + GAP))
        sheet.quantize(192).save(PICTURES / "demo.png", optimize=True)
        browser = next((one for one in BROWSERS if shutil.which(one)), "")
        if browser:
            draw_report(archive, Path(scratch) / "report.html", browser)
            draw_terminal(archive, Path(scratch) / "terminal.html", browser)


def draw_person(sheet: Image.Image, person: Path, top: int) -> None:
    """One row: id, where they are seen, their best faces."""
    with (person / "appearances.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, top), person.name, "black", ImageFont.load_default(20))
    for line, seen in enumerate(rows[:ACROSS]):
        where = f"{seen['video']}  {seen['start'][3:8]}-{seen['end'][3:8]}"
        pen.text((GAP, top + 30 + 20 * line), where, "dimgrey", ImageFont.load_default(14))
    known = any(is_astronaut(seen["video"], float(seen["start_s"])) for seen in rows)
    for place, seen in enumerate(rows[:ACROSS]):
        jpeg = (person.parent.parent / seen["face"]).read_bytes()
        with Image.open(BytesIO(jpeg if known else coarse(jpeg))) as face:
            sheet.paste(face.resize((SIDE, SIDE)), (LEFT + place * (SIDE + GAP), top))


def draw_report(archive: Path, page: Path, browser: str) -> None:
    """The upper part of the report."""
    with closing(open_archive(archive, ArchiveSettings())) as store:
        found = findings(store)
        known = astronauts(found.rows)

        def portrait(face: str) -> bytes:
            jpeg = store.portrait(face)
            return jpeg if face in known else coarse(jpeg)

        html = render_report(replace(found, archive="harbour", portrait=portrait), linked=False)
    page.write_text(html, encoding="utf-8")
    photograph(browser, page, PICTURES / "report.png", 1180, 1640)


def draw_terminal(archive: Path, page: Path, browser: str) -> None:
    """A scan on a terminal, and a question that the wizard asks."""
    console = Console(
        record=True, width=80, file=StringIO(), force_terminal=True, color_system="truecolor", highlight=False
    )
    with closing(open_archive(archive, ArchiveSettings())) as store:
        rows = [row for row in store.log() if row.person_id]
        known = astronauts(rows)
        best = sorted(rows, key=lambda row: (row.face not in known, -row.quality))
        jpegs = [(row, store.portrait(row.face)) for row in best]
        faces = [jpeg if row.face in known else coarse(jpeg) for row, jpeg in jpegs]
        console.print(bars(half_way(store.videos()), 80))
        console.print()
        console.print(row_of(faces, 80))
        console.print(people_table(most_seen_first(roster(store))))
        theirs = [(jpeg, row.video) for row, jpeg in jpegs if row.face in known][:2]
        console.print(side_by_side(theirs, 24))
        console.print(f"Is this {best[0].person_id}?  » Yes   No   I cannot tell", style="bold")
    svg = console.export_svg(title="crossid")
    page.write_text(f'<meta charset="utf-8"><body style="margin:0;background:#fff">{svg}', encoding="utf-8")
    photograph(browser, page, PICTURES / "wizard.png", 1000, 1400)


def half_way(videos: list) -> Tally:
    """A scan of which about a half is over."""
    tally = Tally(now=iter([0.0, *[30.0] * 99]).__next__)
    tally.hear(events.WorkPlanned(videos=tuple(videos), seconds=sum(one.duration_s for one in videos), workers=2))
    for number, video in enumerate(videos[:4]):
        tally.hear(events.VideoOpened(video=video))
        share = 1.0 if number < 2 else 0.4 * number - 0.4
        tally.hear(events.Advanced(video=video, seconds=video.duration_s * share, faces=61, tracks=4))
        if number < 2:
            tally.hear(events.VideoWatched(video=video, appearances=4))
    return tally


def photograph(browser: str, page: Path, out: Path, width: int, height: int) -> None:
    """A page as a browser draws it, without the empty part below, in few colours."""
    with tempfile.TemporaryDirectory() as profile:
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}"]
        size = [f"--window-size={width},{height}", f"--screenshot={out}"]
        subprocess.run([browser, *flags, *size, page.as_uri()], check=True, capture_output=True, timeout=120)
    with Image.open(out) as drawn:
        whole = drawn.convert("RGB")
    paper = Image.new("RGB", whole.size, whole.getpixel((0, whole.height - 1)))
    bottom = (ImageChops.difference(whole, paper).getbbox() or (0, 0, width, height))[3]
    whole.crop((0, 0, width, min(height, bottom + 24))).quantize(192).save(out, optimize=True)


def astronauts(rows: list[LogRow]) -> set[str]:
    """Faces of the person who is seen where nobody but the astronaut is."""
    people = {row.person_id for row in rows if is_astronaut(row.video, row.start_s)}
    return {row.face for row in rows if row.person_id in people}


def is_astronaut(video: str, start_s: float) -> bool:
    """Whether an appearance can only be the astronaut's."""
    return video == ASTRONAUT[0] and ASTRONAUT[1] < start_s < ASTRONAUT[2]


def coarse(jpeg: bytes) -> bytes:
    """A picture of which a few pixels are left."""
    with Image.open(BytesIO(jpeg)) as face:
        small = face.convert("RGB").resize((COARSE, COARSE), Image.Resampling.BOX)
    out = BytesIO()
    small.resize((SIDE, SIDE), Image.Resampling.NEAREST).save(out, "JPEG", quality=95)
    return out.getvalue()


if __name__ == "__main__":
    main()
