"""Settings come from defaults, a file, the environment and the command line, in rising rank."""

from pathlib import Path

import pytest

from crossid.errors import SettingsError, UnknownNameError
from crossid.settings import SPEEDS, Settings, keys, load, with_speed


def from_file(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "crossid.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, environment={})


def test_without_anything_there_are_defaults() -> None:
    assert load(environment={}) == Settings()


def test_each_source_outranks_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "crossid.toml"
    file.write_text("[faces]\nmin_face_px = 20\n[frames]\nevery_s = 0.5\nstill_every_s = 9", encoding="utf-8")
    environment = {"CROSSID_FRAMES_EVERY_S": "0.4", "CROSSID_FRAMES_STILL_EVERY_S": "8", "CROSSID_CACHE": "elsewhere"}
    settings = load(file, {"frames.every_s": "0.3"}, environment)
    assert (settings.faces.min_face_px, settings.frames.still_every_s, settings.frames.every_s) == (20, 8.0, 0.3)


def test_every_key_can_be_set() -> None:
    for key, value in keys().items():
        assert load(given={key: value}, environment={}) == Settings()


def test_lists_are_told_with_commas_or_as_lists(tmp_path: Path) -> None:
    assert load(given={"faces.detectors": "a,b"}, environment={}).faces.detectors == ("a", "b")
    assert from_file(tmp_path, '[faces]\ndetectors = ["a", "b"]').faces.detectors == ("a", "b")


def test_a_misspelt_key_is_named_with_the_likely_one() -> None:
    with pytest.raises(UnknownNameError) as caught:
        load(given={"faces.min_face": 3}, environment={})
    assert caught.value.remedy == "Did you mean 'faces.min_face_px'?"


def test_an_unknown_pack_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no pack named 'bultin'") as caught:
        load(given={"pack": "bultin"}, environment={})
    assert "builtin" in caught.value.remedy


@pytest.mark.parametrize("value", ["much", "", "nan", "inf", "-1", None, "1e999", []])
def test_values_that_make_no_sense_are_refused(value: object) -> None:
    with pytest.raises(SettingsError, match=r"frames\.every_s"):
        load(given={"frames.every_s": value}, environment={})


@pytest.mark.parametrize(
    "text", ["[faces", "a = ", "\x00", "[nonsense]\nx = 1", "faces = 3", "[faces.min_face_px]\nx = 1"]
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError):
        from_file(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "none.toml", environment={})


def test_the_digest_changes_with_what_is_seen_and_with_nothing_else() -> None:
    digest = Settings().watch_digest()
    assert load(given={"frames.every_s": 1}, environment={}).watch_digest() != digest
    assert (
        load(given={"embeddings.batch": 1, "workers": 7, "people.min_quality": 0.9}, environment={}).watch_digest()
        == digest
    )


def test_each_speed_sees_something_else() -> None:
    digests = {load(given={"speed": speed}, environment={}).watch_digest() for speed in SPEEDS}
    assert len(digests) == len(SPEEDS) == 3


def test_what_a_speed_decides_can_be_set_all_the_same() -> None:
    settings = load(given={"frames.every_s": 3, "speed": "quick"}, environment={"CROSSID_SPEED": "thorough"})
    assert (settings.speed, settings.frames.every_s, settings.footage.decode) == ("quick", 3.0, "changes")


def test_another_speed_leaves_nothing_of_the_one_before() -> None:
    assert with_speed(with_speed(Settings(), "quick"), "balanced") == Settings()


def test_an_unknown_speed_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no speed named 'quik'") as caught:
        load(given={"speed": "quik"}, environment={})
    assert "quick" in caught.value.remedy
