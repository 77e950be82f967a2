"""A scan of many known videos, and one new one among them: what does it cost that they are there?

    python -m benchmarks rerun [COUNT] [SECONDS] [-- scan options]

COUNT (1,000) copies of one clip of SECONDS (1), each with bytes of its own at the end, so that each is a video of its
own. Scanned once, once more as they are, and once more with another one beside them.
"""

import json
import resource
import tempfile
import time
from pathlib import Path

import av

from benchmarks import data


def main(words: list[str]) -> None:
    """Time and processor time of the three scans."""
    options = words[words.index("--") + 1 :] if "--" in words else []
    words = words[: words.index("--")] if "--" in words else words
    count = int(words[0]) if words else 1000
    seconds = float(words[1]) if len(words) > 1 else 1.0
    with tempfile.TemporaryDirectory() as scratch:
        footage, archive = Path(scratch) / "footage", Path(scratch) / "archive"
        footage.mkdir()
        clip = _clip(Path(scratch) / "clip.mp4", seconds)
        for number in range(count):
            _copy(clip, footage, number)
        data.row(f"{count} videos, first scan", _scan(footage, archive, options))
        data.row("the same again", _scan(footage, archive, options))
        _copy(clip, footage, count)
        data.row("one new one", _scan(footage, archive, options))
    print(data.machine())


def _clip(out: Path, seconds: float) -> Path:
    """The beginning of a staged video, small."""
    source = data.folder() / "footage" / "staged-dev" / "staged-000.mp4"
    with av.open(str(source)) as film, av.open(str(out), "w") as target:
        rate = film.streams.video[0].average_rate
        stream = target.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        for number, frame in enumerate(film.decode(video=0)):
            if number >= seconds * rate:
                break
            small = frame.reformat(width=480, height=270)
            small.pts, small.time_base, small.pict_type = number, 1 / rate, av.video.frame.PictureType.NONE
            target.mux(stream.encode(small))
        target.mux(stream.encode())
    return out


def _copy(clip: Path, footage: Path, number: int) -> None:
    """The clip with an empty box behind it that holds the number: other bytes, the same pictures."""
    box = (16).to_bytes(4, "big") + b"free" + number.to_bytes(8, "big")
    (footage / f"clip-{number:05}.mp4").write_bytes(clip.read_bytes() + box)


def _scan(footage: Path, archive: Path, options: list[str]) -> dict[str, object]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    outcome = json.loads(data.crossid("scan", footage, "--archive", archive, "--json", *options).stdout)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(took, 2),
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
        "watched": outcome["watched"],
        "videos": outcome["videos"],
        "appearances": outcome["appearances"],
    }
