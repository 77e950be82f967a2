"""`crossid models`: what is asked, said and left behind when models come and go."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest
from onnx import TensorProto
from typer.testing import CliRunner, Result

from crossid.cli import app
from crossid.inference import weights
from crossid.inference.convert.chain import Chain
from crossid.inference.weights import CATALOGUE, MODELS_VARIABLE, Weights, models_folder
from publisher import Publisher, publishing

KNOWN = os.urandom(400_000)


def graph() -> bytes:
    chain = Chain()
    return chain.finish(("x", TensorProto.FLOAT, ("N", 2)), {"y": (chain.add("Add", "x", "x"), ("N", 2))})


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """A publisher of two models, and a catalogue that knows no others."""
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path / "models"))
    with publishing() as one:
        known = Weights(
            model="known",
            role="detector",
            file="known.onnx",
            urls=(one.put("known.onnx", KNOWN),),
            size_bytes=len(KNOWN),
            sha256=hashlib.sha256(KNOWN).hexdigest(),
            licence="non-commercial research only",
            commercial=False,
            source="https://example.org",
        )
        first = replace(
            known, model="first", file="first.onnx", urls=(one.put("first.onnx", graph()),), size_bytes=0, sha256=""
        )
        monkeypatch.setattr(weights, "CATALOGUE", (known, first))
        yield one


def said(*words: object, code: int = 0) -> Result:
    answer = CliRunner().invoke(app, ["models", *map(str, words)])
    assert answer.exit_code == code, answer.output
    return answer


def test_every_model_states_its_licence_and_every_one_not_for_companies_says_so_first() -> None:
    for model in json.loads(said("list", "--json").stdout):
        assert model["licence"]
        assert model["source"].startswith("https://")
        assert model["licence"].startswith("non-commercial") is not model["commercial"]


def test_every_pack_names_models_of_the_catalogue_and_every_model_can_be_had() -> None:
    assert {model for members in weights.PACKS.values() for model in members} <= set(weights.models())
    for entry in CATALOGUE:
        assert entry.package or entry.download().urls
        assert all(url.startswith("https://") for url in entry.download().urls if not entry.package)
        assert len(entry.sha256) in {0, 64}


def test_a_model_is_fetched_checked_and_listed(publisher: Publisher) -> None:
    (arrival,) = json.loads(said("fetch", "known", "--accept-licence", "--json").stdout)
    assert (arrival["model"], arrival["vouched"]) == ("known", True)
    assert Path(arrival["file"]).read_bytes() == KNOWN
    states = {model["name"]: model["state"] for model in json.loads(said("list", "--json").stdout)}
    assert states == {"known": "present", "first": "missing"}
    assert "already" in said("fetch", "known").stderr
    assert len(publisher.asked) == 1


def test_without_a_terminal_a_licence_must_be_accepted_in_words(publisher: Publisher) -> None:
    answer = said("fetch", "known", code=4)
    assert "non-commercial research only" in answer.stderr
    assert "--accept-licence" in answer.stderr
    assert not publisher.asked


def test_a_first_file_without_published_hash_is_said_to_be_one(publisher: Publisher) -> None:
    answer = said("fetch", "first", "--accept-licence")
    assert "no hash is published" in answer.stderr
    assert hashlib.sha256(graph()).hexdigest() in answer.stderr


def test_what_is_damaged_is_found_and_fetched_again(publisher: Publisher) -> None:
    said("fetch", "known", "--accept-licence")
    said("verify")
    (models_folder() / "known.onnx").write_bytes(b"damaged")
    answer = said("verify", code=7)
    assert "crossid models fetch known" in answer.stderr
    assert "damaged" in answer.stdout
    said("fetch", "known")
    assert (models_folder() / "known.onnx").read_bytes() == KNOWN


def test_a_false_file_is_refused_and_nothing_is_left(publisher: Publisher) -> None:
    publisher.put("known.onnx", os.urandom(len(KNOWN)))
    answer = said("fetch", "known", "--accept-licence", "--json", code=4)
    assert "not the published one" in json.loads(answer.stdout)["error"]
    assert [path.name for path in models_folder().iterdir()] == ["licences.json"]


def test_what_was_carried_in_is_imported_and_what_is_false_is_named(publisher: Publisher, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "renamed").write_bytes(KNOWN)
    said("import", stick, "--accept-licence")
    assert (models_folder() / "known.onnx").read_bytes() == KNOWN
    (stick / "known.onnx").write_bytes(b"false")
    assert "not the published file" in said("import", stick, code=6).stderr
    (stick / "renamed").unlink()
    assert "not the published file" in said("import", stick, code=4).stderr
    (stick / "known.onnx").unlink()
    assert "no model there" in said("import", stick, code=4).stderr
    assert not publisher.asked


def test_a_removed_model_is_gone(publisher: Publisher) -> None:
    said("fetch", "known", "first", "--accept-licence")
    assert len(json.loads(said("remove", "known", "first", "--json").stdout)) == 2
    assert [path.name for path in models_folder().iterdir()] == ["licences.json"]
    assert "Nothing of that" in said("remove", "known").stderr


def test_a_name_that_is_none_is_met_with_a_guess(publisher: Publisher) -> None:
    assert "known" in said("fetch", "knwon", code=2).stderr


@pytest.mark.parametrize(("answer", "code", "ending"), [("y", 4, "cannot be reached"), ("n", 4, "not accepted")])
def test_on_a_terminal_the_licence_is_asked_for(tmp_path: Path, answer: str, code: int, ending: str) -> None:
    """The real catalogue, through a proxy where nobody listens: nothing leaves this machine."""
    environment = os.environ | {MODELS_VARIABLE: str(tmp_path), "HTTPS_PROXY": "http://127.0.0.1:9", "NO_COLOR": "1"}
    terminal = pexpect.spawn(
        sys.executable, ["-m", "crossid", "models", "fetch", "yunet"], env=environment, timeout=60, encoding="utf-8"
    )
    terminal.expect("Do you accept these licences")
    terminal.sendline(answer)
    terminal.expect(ending)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == code
    assert (tmp_path / "licences.json").exists() == (answer == "y")
