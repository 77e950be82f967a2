"""What the wizard was told, as the command that says the same."""

from pathlib import Path

from crossid.settings import Settings, with_speed
from crossid.wizard.conversation import Conversation


def test_the_command_has_a_flag_for_each_answer_that_is_not_the_usual_one() -> None:
    talk = Conversation(Settings())
    assert talk._flags() == []
    talk.settings = with_speed(talk.settings, "quick")
    assert talk._flags() == ["--speed", "quick"]


def test_the_command_names_the_file_of_settings_and_says_only_what_differs_from_it() -> None:
    talk = Conversation(with_speed(Settings(), "quick"), Path("quick.toml"))
    assert talk._flags() == ["--config", "quick.toml"]
    talk.settings = with_speed(talk.settings, "thorough")
    assert talk._flags() == ["--config", "quick.toml", "--speed", "thorough"]
