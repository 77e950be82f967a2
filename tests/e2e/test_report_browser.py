"""The report in a real browser, where there is one: nothing sticks out on any screen, and it prints."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from running import run

BROWSER = next((one for one in ("chromium", "chromium-browser", "google-chrome") if shutil.which(one)), "")
MEASURE = "<script>document.title = document.documentElement.scrollWidth + ' of ' + innerWidth</script>"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not BROWSER, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def page(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the staged footage."""
    out = tmp_path_factory.mktemp("report") / "report.html"
    assert run("report", "--archive", archive, "--out", out).returncode == 0
    return out


def browse(page: Path, *flags: str) -> str:
    """What Chromium says of a page."""
    command = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={page.parent}/profile"]
    done = subprocess.run([*command, *flags, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@pytest.mark.parametrize("width", [500, 800, 1280])
def test_nothing_sticks_out_of_the_window(page: Path, width: int) -> None:
    html = page.read_text(encoding="utf-8")
    assert MEASURE not in html
    free = re.sub(r"<meta http-equiv=.Content-Security-Policy.*?>", "", html).replace("</body>", f"{MEASURE}</body>")
    measured = page.with_name("measured.html")
    measured.write_text(free, encoding="utf-8")
    title = re.search(r"<title>(\d+) of (\d+)</title>", browse(measured, f"--window-size={width},900", "--dump-dom"))
    assert title is not None
    assert int(title[1]) <= int(title[2])


def test_the_policy_keeps_a_script_from_running(page: Path) -> None:
    """Were a name ever to get through unescaped, it could do nothing."""
    evil = page.with_name("evil.html")
    evil.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    assert not re.search(r"<title>\d+ of \d+</title>", browse(evil, "--dump-dom"))


def test_it_prints(page: Path) -> None:
    out = page.with_name("report.pdf")
    browse(page, f"--print-to-pdf={out}")
    assert out.read_bytes().startswith(b"%PDF")
