"""The console speaks several languages: each says everything, and a reader gets the one that they want."""

import re
from html import unescape
from importlib.resources import files
from string import Formatter
from typing import Any

import pytest

from askfirst.core.kinds import EntryKind
from askfirst.core.roles import Role
from askfirst.usecases.record_filters import METHODS
from askfirst.web.console.language import Message, choose, languages
from askfirst.web.console.words import FOR_SCRIPTS, words_of
from support.running_service import RunningService
from support.staff import Desk, desk, entries

TEMPLATES = {
    file.name: file.read_text(encoding="utf-8")
    for file in (files("askfirst") / "web" / "console" / "templates").iterdir()
    if file.name.endswith(".html")
}
SCRIPTS = {
    file.name: file.read_text(encoding="utf-8")
    for file in (files("askfirst") / "static" / "console").iterdir()
    if file.name.endswith(".js")
}
# What is the same in all languages: the product's name, commands and examples, and marks.
UNTRANSLATED = {"Askfirst", "English", "Deutsch"}
TAG = re.compile(r"</?[a-z]+>")


def messages(tag: str) -> dict[str, Message]:
    found = languages()[tag].messages
    return {f"{section}.{name}": text for section, named in found.items() for name, text in named.items()}


def forms(message: Message) -> list[str]:
    return [message] if isinstance(message, str) else list(message.values())


def places(text: str) -> set[str]:
    return {name for _text, name, _form, _conversion in Formatter().parse(text) if name is not None}


def test_every_language_says_everything() -> None:
    """The same messages, with the same values, that count where the others count."""
    english = messages("en")
    for tag in languages():
        spoken = messages(tag)
        assert set(english) == set(spoken), tag
        for key, message in spoken.items():
            assert isinstance(english[key], str) == isinstance(message, str), (tag, key)
            wanted = {name for form in forms(english[key]) for name in places(form)}
            assert all(wanted - {"count"} == places(form) - {"count"} for form in forms(message)), (tag, key)
            assert "other" in message if isinstance(message, dict) else True, (tag, key)


def test_every_language_has_words_for_all_kinds_methods_and_roles() -> None:
    """Nothing is shown by its code."""
    for tag in languages():
        words = words_of(tag)
        assert [] == [kind for kind in EntryKind if not words.has(f"kind.{kind}")]
        assert [] == [method for method in METHODS if not words.has(f"method.{method}")]
        assert [] == [role for role in Role if not words.has(f"role.{role}")]


def test_messages_hold_no_markup_but_emphasis_and_code() -> None:
    """They are put into pages as they are: no attribute, no quote that would end one, nothing to escape."""
    for tag in languages():
        for key, message in messages(tag).items():
            for form in forms(message):
                rest = re.sub(r"</?(strong|code)>|</a>", "", form)
                assert not re.search(r'[<>&"]', rest), (tag, key)


def _said(template: str) -> str:
    """Return what a template says by itself, without its code, its markup and what machines read."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)
    text = re.sub(r"<(pre|code)\b[^>]*>.*?</\1>", " ", text, flags=re.DOTALL)
    spoken = " ".join(re.findall(r'(?:aria-label|title|placeholder|alt|data-label|data-busy)="([^"]*)"', text))
    # A macro gives attributes alone.
    text = re.sub(r'[a-z-]+="[^"]*"', " ", re.sub(r"<[^>]*>", " ", text))
    return f"{spoken} {text}"


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_no_template_has_words_of_its_own(name: str) -> None:
    """What a page says is in the language files."""
    found = re.findall(r"[A-Za-zÄÖÜäöüß]{2,}", unescape(_said(TEMPLATES[name])))

    assert [] == [word for word in found if word not in UNTRANSLATED]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_message_that_a_template_names_is_there(name: str) -> None:
    """A key that is put together is looked at where it is used; all others here."""
    code = " ".join(re.findall(r"\{[{%].*?[%}]\}", TEMPLATES[name], flags=re.DOTALL))
    named = {key for key in re.findall(r"'([a-z_]+\.[a-z_]+)'", code) if not key.endswith((".css", ".js"))}

    assert named <= set(messages("en"))


def test_every_message_is_used() -> None:
    """What nothing says any more is not translated for ever."""
    sources = [*TEMPLATES.values(), *SCRIPTS.values()]
    folder = files("askfirst") / "web"
    for place in (folder, folder / "console", folder / "console" / "editor"):
        sources += [one.read_text(encoding="utf-8") for one in place.iterdir() if one.name.endswith(".py")]
    text = "\n".join(sources)
    # Keys of these sections are put together from what is shown.
    built = ("kind.", "method.", "role.", "problem.", "frame.", "account.done", "account.language_done", "member.done_")
    built += (
        "exports.csv",
        "exports.ndjson",
        "exports.parquet",
        "sign_in.",
        "sign_ins.",
        "policy.added",
        "policy.removed",
        "policy.changed",
        "event.",
        "fact.",
        "via.",
    )
    # The editor's, which tests/web/console/test_draft_parts.py looks up.
    built += ("part.", "text.", "mode.", "layout.", "colour.", "stored.", "basis.", "purpose.", "tool.", "draft_done.")
    built += (
        "draft_refused.",
        "alert_rule.",
        "draft.colours_",
        "draft.error",
        "draft.warning",
        "draft.note",
        "draft.up",
        "draft.down",
        "pictures.first",
        "pictures.second",
    )
    unused = [key for key in messages("en") if key not in text and not key.startswith(built)]

    assert [] == unused


def test_scripts_say_only_what_the_page_gives_them() -> None:
    """Every key of a script is handed over, and every one that is handed over is said."""
    named = {key for text in SCRIPTS.values() for key in re.findall(r'say\("([a-z_]+\.[a-z_]+)"', text)}
    assert set(FOR_SCRIPTS) == named


@pytest.mark.parametrize(
    ("setting", "asked", "chosen"),
    [
        (None, "", "en"),
        (None, "de", "de"),
        (None, "de-AT,en;q=0.5", "de"),
        (None, "fr, de;q=0.4, en;q=0.6", "en"),
        (None, "fr;q=1, xx", "en"),
        (None, "de;q=0, en;q=0.1", "en"),
        (None, "de;q=nonsense", "en"),
        (None, "\x00" * 5000, "en"),
        ("de", "en", "de"),
        ("en", "de", "en"),
        ("tlh", "de", "de"),
    ],
)
def test_the_readers_setting_comes_first_and_then_their_browser(setting: Any, asked: str, chosen: str) -> None:
    """A language that the console does not speak is passed over."""
    assert chosen == choose(setting, asked)


def page(who: Desk, path: str, **headers: str) -> str:
    answer = who.get(path, **headers)
    assert 200 == answer.status_code
    return unescape(answer.text)


def test_a_german_browser_reads_german(service: RunningService) -> None:
    """Texts, dates, numbers and what a refusal says; the markup tells which language it is."""
    record = service.accept()["record"]
    service.settle()
    who = desk(service)
    overview = page(who, "/console", accept_language="de")

    assert '<html lang="de">' in overview
    assert "1 Entscheidung heute, 100 % nahmen alles an" in overview
    assert "Echt: Dieser Nachweis ist Eintrag" in page(who, f"/console/records/{record}", accept_language="de-CH")
    refused = unescape(who.get("/console/records?method=x", accept_language="de").text)
    assert "muss eines von accept_all" in refused
    assert "Hier ist nichts" in who.get("/console/nothing", accept_language="de").text
    assert "Anmelden" in service.get("/console/sign-in", accept_language="de").text


def test_a_chosen_language_stays_and_is_an_entry(service: RunningService) -> None:
    """The switch leads back to where it was used, on this console only; another language is refused."""
    who = desk(service)
    answer = who.post("/console/account/language", {"language": "de", "next": "/console/records?limit=5"})

    assert (303, "/console/records?limit=5") == (answer.status_code, answer.headers["location"])
    assert "Nachweise" in page(who, "/console/records", accept_language="en")
    assert {"language": "de"} == entries(service.home, "staff:changed")[-1]["changes"]
    away = who.post("/console/account/language", {"language": "en", "next": "https://evil.example/console"})
    assert "/console" == away.headers["location"]
    assert 400 == who.post("/console/account/language", {"language": "tlh"}).status_code
    assert '<html lang="en">' in page(who, "/console")
