"""A change of model keeps ids, names and rulings, watches nothing again, and goes on where it was stopped."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossid import archive as archives
from crossid import pipeline
from crossid.archive import ArchiveSettings
from crossid.archive.acts import Act
from crossid.settings import Settings, load
from e2e.test_own_model import CALIBRATION, settings_for
from running import content, log_of, run, scan

MEMBER = {"member_slope": 1.0, "member_bias": -3.5}


@pytest.fixture
def own(shared_data: Path, tmp_path: Path) -> Path:
    """A `crossid.toml` that names a model of the user's."""
    model = shared_data / "models" / "mobilefacenet_kennethwang.onnx"
    return settings_for(model, tmp_path, CALIBRATION | MEMBER)


@pytest.fixture
def named(archive: Path, tmp_path: Path) -> Path:
    """A copy of the demo's archive in which a reviewer named somebody."""
    copy = shutil.copytree(archive, tmp_path / "archive")
    with closing(archives.open_archive(copy, ArchiveSettings(), write=True)) as store:
        store.act(Act(kind="name", by="ann", at=datetime.now(UTC), people=("P-000003",), name="Jane"))
        archives.paint(store)
    return copy


def who_is_where(folder: Path) -> set[tuple[str, ...]]:
    return {(row["person_id"], row["name"], row["video"], row["start_s"], row["status"]) for row in log_of(folder)}


@pytest.mark.shared
@pytest.mark.slow
def test_ids_names_and_rulings_outlive_a_change_of_model_there_and_back(
    named: Path, own: Path, footage: Path, tmp_path: Path
) -> None:
    before = who_is_where(named)
    refused = run("scan", footage, "--archive", named, "--config", own)
    assert refused.returncode == 4
    assert "--reembed" in refused.stderr

    told = scan("--reembed", "--archive", named, "--config", own)
    assert (told["watched"], told["people"]) == (0, 7)
    kept = who_is_where(named)
    assert kept <= before  # whom the better model joins are one; nobody is anybody else
    assert {name for _, name, *_ in kept} == {"", "Jane"}
    assert {row["evidence"] for row in log_of(named)} == {"1/1 own"}
    label = json.loads((named / "archive.json").read_text(encoding="utf-8"))
    assert [space["name"] for space in label["spaces"]] == ["own"]

    again = scan(footage, "--archive", named, "--config", own)
    assert again["watched"] == 0
    assert "other settings" not in run("scan", footage, "--archive", named, "--config", own).stderr

    scan("--reembed", "--archive", named)
    assert kept <= who_is_where(named)
    assert {row["evidence"] for row in log_of(named)} == {"1/1 dlib_resnet"}


@pytest.mark.shared
def test_it_goes_on_where_it_was_stopped(named: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossid.pipeline.reembedding.TRACKS_AT_ONCE", 4)
    settings, before = load(own, {}, {}), who_is_where(named)

    def interrupt(done: int, _total: int) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.reembed(named, settings, interrupt)
    with closing(archives.open_archive(named, ArchiveSettings())) as store:
        assert [space.name for space in store.spaces()] == ["dlib_resnet", "own"]
    assert who_is_where(named) == before

    heard = list[int]()
    pipeline.reembed(named, settings, lambda done, _total: heard.append(done))
    assert heard[0] == 8
    assert who_is_where(named) <= before


def test_described_again_by_the_same_model_nothing_changes(named: Path) -> None:
    before = content(named)
    told = pipeline.reembed(named, Settings(), lambda _done, _total: None)
    assert (told.diff.new, told.diff.merged, told.diff.split) == ((), (), ())
    assert content(named) == before


def test_without_an_archive_there_is_nothing_to_describe(tmp_path: Path) -> None:
    done = run("scan", "--reembed", "--archive", tmp_path / "nowhere")
    assert done.returncode == 5
    assert not (tmp_path / "nowhere").exists()
