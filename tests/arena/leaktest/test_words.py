"""What is asked and answered: the same words from both kinds, and the whole corpus of echoes."""

from importlib import resources

from arena.leaktest.model import newest
from arena.leaktest.words import echo_request, echo_strings, question, reply_to
from tests.kit.paths import DATA


def test_an_echo_is_the_string_itself() -> None:
    for text in echo_strings():
        assert reply_to(echo_request(text)) == text


def test_the_answer_is_a_function_of_the_question() -> None:
    assert reply_to(question(3)) == reply_to(question(3)) != reply_to(question(4))


def test_the_package_has_the_corpus_of_the_tests() -> None:
    own = resources.files("arena.leaktest").joinpath("echo_strings.txt").read_text("utf-8")
    assert own == (DATA / "echo/strings.tsv").read_text("utf-8")
    assert len(echo_strings()) >= 300


def test_the_model_reads_the_newest_message_of_a_prompt() -> None:
    said = "[Mon 23 Nov, 14:05] first\n[Mon 23 Nov, 14:06] two\n> lines"
    messages = [{"role": "system", "content": "x"}, {"role": "user", "content": said}]
    assert newest({"messages": messages}) == "two\nlines"
    told = "[Mon 23 Nov, 14:07] (The interrogator has written nothing new.)"
    assert newest({"messages": [*messages, {"role": "user", "content": told}]}) is None
