"""Hardware decodes where it is there and asked for; else all is as it was."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from media import watched, write_film

from crossid.errors import SettingsError
from crossid.footage import FootageSettings
from crossid.footage.hardware import DEVICES, accelerator, check, devices, failing
from crossid.settings import load


@pytest.mark.parametrize("asked", ["none", "auto", *DEVICES])
def test_pictures_are_the_same_whatever_decodes(tmp_path: Path, asked: str) -> None:
    """Also where what is asked for does not work here: a worker then lets the processor do it."""
    path, usual = write_film(tmp_path / "a.mp4", frames=40), FootageSettings()
    before, after = watched(path, usual), watched(path, replace(usual, hardware=asked))
    assert [one.moment for one in after] == [one.moment for one in before]
    assert np.array_equal([one.luma for one in after], [one.luma for one in before])


def test_nothing_is_taken_unless_it_is_asked_for() -> None:
    assert accelerator("none") is None
    assert check("none") == ""


def test_auto_takes_what_works_here_and_is_no_error_where_nothing_does() -> None:
    assert check("auto") == (devices() or [""])[0]


@pytest.mark.parametrize("device", DEVICES)
def test_a_device_that_is_asked_for_and_does_not_work_is_refused_with_a_reason(device: str) -> None:
    if not failing(device):
        pytest.skip("it works here")
    with pytest.raises(SettingsError, match=device) as refusal:
        check(device)
    assert refusal.value.remedy


def test_a_device_that_does_not_exist_is_refused_with_a_guess() -> None:
    with pytest.raises(SettingsError, match="cudda") as refusal:
        check("cudda")
    assert "cuda" in refusal.value.remedy


def test_what_decodes_is_no_reason_to_watch_again() -> None:
    usual = load(environment={})
    assert load(given={"footage.hardware": "auto"}, environment={}).watch_digest() == usual.watch_digest()
