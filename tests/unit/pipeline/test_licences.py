"""What a scan uses is known before it works: what is missing is named, and licences are written down."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builders import a_run
from crossid.archive import ArchiveSettings, open_archive, paint
from crossid.cli import app
from crossid.errors import ModelError
from crossid.inference import weights
from crossid.pipeline.licences import as_record, check_weights, used, why_not
from crossid.settings import PACKS, Settings, load, with_pack


@pytest.fixture(autouse=True)
def _nothing_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSID_MODELS", str(tmp_path / "models"))


@pytest.mark.parametrize("pack", weights.PACKS)
def test_the_settings_mean_by_a_pack_what_the_catalogue_does(pack: str) -> None:
    assert PACKS.keys() == weights.PACKS.keys()
    settings = load(given={"pack": pack}, environment={})
    assert sorted(one.model for one in used(settings)) == sorted(weights.PACKS[pack])


def test_the_pack_that_comes_with_crossid_lacks_nothing() -> None:
    check_weights(Settings())


def test_the_pack_that_comes_with_crossid_can_recognise_people_and_others_say_why_not() -> None:
    assert why_not(Settings()) == ""
    for pack in ("clean", "insightface", "ensemble"):
        reason = why_not(with_pack(Settings(), pack))
        assert "lacks" in reason
        assert f"crossid models fetch {pack}" in reason


def test_weights_without_a_calibration_recognise_nobody_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossid.pipeline.licences.lacking", lambda _: [])
    reason = why_not(with_pack(Settings(), "insightface"))
    assert "has no calibration" in reason
    assert "crossid calibrate" in reason


@pytest.mark.parametrize("pack", ["clean", "insightface", "ensemble"])
def test_what_a_pack_lacks_is_named_at_once_with_what_brings_it(pack: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["scan", str(tmp_path), "--archive", str(tmp_path / "a"), "--pack", pack, "--json"])
    assert done.exit_code == ModelError.exit_code
    told = json.loads(done.stdout)
    lacking = [model for model in weights.PACKS[pack] if model != "mtcnn"]
    assert all(model in told["error"] for model in lacking)
    assert f"crossid models fetch {pack}" in told["remedy"]
    assert not (tmp_path / "a").exists()


def test_single_parts_that_lack_weights_are_named() -> None:
    with pytest.raises(ModelError, match="yunet") as refusal:
        check_weights(load(given={"pack": "custom", "faces.detectors": "mtcnn,yunet"}, environment={}))
    assert "crossid models fetch yunet" in refusal.value.remedy


def test_an_archive_tells_the_licences_of_all_it_was_made_with(tmp_path: Path) -> None:
    first, second = (as_record(load(given={"pack": pack}, environment={})) for pack in ("insightface", "builtin"))
    with closing(open_archive(tmp_path / "a", ArchiveSettings(), create=True)) as store:
        store.begin_run(a_run("run-1", settings=first))
        store.begin_run(a_run("run-2", settings=second))
        paint(store)
    label = json.loads((tmp_path / "a" / "archive.json").read_text(encoding="utf-8"))
    assert {one["model"]: one["commercial"] for one in label["licences"]} == {
        "scrfd_10g": False,
        "arcface_r50": False,
        "mtcnn": True,
        "dlib_resnet": True,
    }
    run = json.loads((tmp_path / "a" / "runs" / "run-1.json").read_text(encoding="utf-8"))
    assert "non-commercial" in run["settings"]["licences"][0]["licence"]
    said = CliRunner().invoke(app, ["people", "--archive", str(tmp_path / "a")])
    assert "non-commercial use only: scrfd_10g, arcface_r50" in said.stderr


def test_an_archive_of_free_models_says_nothing_of_it(tmp_path: Path) -> None:
    with closing(open_archive(tmp_path / "a", ArchiveSettings(), create=True)) as store:
        store.begin_run(a_run("run-1", settings=as_record(Settings())))
        paint(store)
    assert "commercial" not in CliRunner().invoke(app, ["people", "--archive", str(tmp_path / "a")]).stderr


def test_where_no_pack_can_be_used_the_wizard_says_so_and_asks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from crossid.wizard import models
    from crossid.wizard.console import results

    monkeypatch.setattr(models, "why_not", lambda _: "It lacks its weights.")
    settings = Settings()
    assert models.ask_pack(settings, results()) is settings
    said = capsys.readouterr().out
    assert "Not builtin: It lacks its weights." in said
    assert "no others to choose from" in said
