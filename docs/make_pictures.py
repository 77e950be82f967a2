"""Makes the pictures of README and docs out of the demo: `python docs/make_pictures.py`.

Faces are pixelated, but for the astronaut, whose picture is in the public domain.
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIDE, GAP, LEFT, ACROSS = 120, 10, 250, 4
ASTRONAUT = ("square.mp4", 2.3, 4.3)
"""Film and stretch of time in which nobody but the astronaut is seen."""


def main() -> None:
    """Run the demo and draw who was found."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, "-m", "crossid", "demo", scratch], check=True, capture_output=True)
        people = sorted((Path(scratch) / "archive" / "people").iterdir())
        sheet = Image.new("RGB", (LEFT + ACROSS * (SIDE + GAP), GAP + len(people) * (SIDE + GAP)), "white")
        for row, person in enumerate(people):
            draw_person(sheet, person, GAP + row * (SIDE + GAP))
        sheet.save(Path(__file__).parent / "pictures" / "demo.png", optimize=True)


def draw_person(sheet: Image.Image, person: Path, top: int) -> None:
    """One row: id, where they are seen, their best faces."""
    with (person / "appearances.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, top), person.name, "black", ImageFont.load_default(20))
    for line, seen in enumerate(rows[:ACROSS]):
        where = f"{seen['video']}  {seen['start'][3:8]}-{seen['end'][3:8]}"
        pen.text((GAP, top + 30 + 20 * line), where, "dimgrey", ImageFont.load_default(14))
    known = any(seen["video"] == ASTRONAUT[0] and ASTRONAUT[1] < float(seen["start_s"]) < ASTRONAUT[2] for seen in rows)
    for place, seen in enumerate(rows[:ACROSS]):
        with Image.open(person.parent.parent / seen["face"]) as face:
            small = face.convert("RGB").resize((SIDE, SIDE) if known else (7, 7), Image.Resampling.BOX)
        sheet.paste(small.resize((SIDE, SIDE), Image.Resampling.NEAREST), (LEFT + place * (SIDE + GAP), top))


if __name__ == "__main__":
    main()
