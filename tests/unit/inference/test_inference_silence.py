"""Nothing leaves the machine, and nothing is prepared to."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_runtime_reports_nothing_to_its_maker(tmp_path: Path) -> None:
    """ONNX Runtime would make an id of the machine under the user's cache, with a database of what to report."""
    homes = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "USERPROFILE")}
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    loading = [sys.executable, "-c", "import crossid.inference.session"]
    subprocess.run(loading, env=environment | homes, check=True)
    assert not list(tmp_path.rglob("deviceid"))
