"""The default texts, held language by language: nothing missing, nothing English, nothing that only looks right."""

import re
import unicodedata
from collections.abc import Iterator

import pytest

from askfirst.core.languages import direction
from askfirst.core.page_texts import EmbedTexts
from askfirst.core.texts import placeholders
from askfirst.texts import declaration_texts, default_draft, default_texts, embed_texts, languages, unreviewed
from askfirst.texts.catalogue import Section, catalogue
from askfirst_sdk.plurals import plural_category
from core.examples import SITE
from core.test_default_texts import ADDRESS, CONTROLLER
from core.test_site_script import config
from texts.writing import LATIN, NAMES, OTHER_SCRIPTS, QUOTES, SHARED_WITH_ENGLISH

EU = (
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "it",
    "lt",
    "lv",
    "mt",
    "nl",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
)
BESIDE_THE_EU = ("ar", "az", "is", "nb", "tr", "uk")
OTHERS = [language for language in languages() if language != "en"]
EVERY_MARK = frozenset("\"'`´‘‚“”„«»‹›")
LONGEST_DURATION = 9999


def flat(members: dict[str, object], at: str = "") -> Iterator[tuple[str, str]]:
    for key, value in members.items():
        if isinstance(value, dict):
            yield from flat(value, f"{at}{key}.")
        else:
            yield f"{at}{key}", str(value)


def said(language: str) -> dict[str, str]:
    """Every text of a language by its place in the file, `texts.durations.day.one`."""
    return dict(flat(catalogue(language).model_dump(by_alias=True, exclude={"direction", "unreviewed"})))


def without_forms(language: str) -> dict[str, str]:
    """The texts that stand alone; the plural forms differ in number from language to language."""
    return {
        key: text for key, text in said(language).items() if not re.search(r"\.durations\.(?!session|persistent)", key)
    }


def test_every_language_is_there():
    """The 24 official languages of the European Union, and six beside."""
    assert sorted(EU + BESIDE_THE_EU) == list(languages())


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_key(language):
    """The same things can be said in all of them."""
    assert without_forms("en").keys() == without_forms(language).keys()


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_english_ones(language):
    """No fact is lost in a translation."""
    english = without_forms("en")

    assert {key: placeholders(text) for key, text in english.items()} == {
        key: placeholders(text) for key, text in without_forms(language).items()
    }


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_text_falls_through(language):
    """What is the very same as in English is a word that the language shares with it."""
    english, other = said("en"), said(language)
    same = {other[key] for key in english.keys() & other.keys() if other[key] == english[key]}

    assert {text for text, shared in SHARED_WITH_ENGLISH.items() if language in shared} == same


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_of_another_language_falls_through(language):
    """A sentence that is the same in two languages was put into the wrong file."""
    own = {text for text in without_forms(language).values() if len(text) > 40}

    for another in languages():
        if another != language:
            assert set() == own & set(without_forms(another).values())


@pytest.mark.parametrize("language", OTHERS)
def test_lengths_are_sane(language):
    """A text says about as much as the English one: a sentence within a factor, a label without becoming one."""
    for key, english in without_forms("en").items():
        length = len(without_forms(language)[key])
        if len(english) >= 40:
            assert 0.55 <= length / len(english) <= 1.75, key
        else:
            assert 2 <= length <= 2.2 * len(english) + 12, key


@pytest.mark.parametrize("language", languages())
def test_no_sentence_is_said_twice(language):
    """Two places with one sentence are a slip of the pen; a label may serve two places, as title and button."""
    sentences = [text for text in without_forms(language).values() if text.endswith(".")]

    assert len(sentences) == len(set(sentences))


@pytest.mark.parametrize("language", languages())
def test_texts_are_plain_and_composed(language):
    """One line without markup, controls, doubled spaces or exclamation, in Unicode's composed form."""
    for key, text in said(language).items():
        assert unicodedata.normalize("NFC", text) == text, key
        assert not re.search(r"[<>&!\t\n|\\]|  |https?:", text), key
        assert not any(unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn") for character in text), key
        assert text.strip() == text, key


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_end_where_the_english_ones_do(language):
    """A label has no full stop, a sentence has one."""
    for key, english in without_forms("en").items():
        assert english.endswith(".") == without_forms(language)[key].endswith("."), key


def letters(text: str) -> set[str]:
    """The letters of a text without what is named in Latin letters everywhere, or filled in."""
    text = re.sub(r"\{[a-z]+\}", "", text)
    for name in NAMES:
        text = re.sub(rf"(?<![^\W_]){name}(?![^\W_])", "", text, flags=re.I)
    return {character for character in text.lower() if character.isalpha() or unicodedata.combining(character)}


@pytest.mark.parametrize("language", LATIN)
def test_only_letters_of_the_language_are_used(language):
    """A letter of another alphabet, or one that only looks like the right one, was typed by mistake."""
    alphabet = set("abcdefghijklmnopqrstuvwxyz" + LATIN[language])

    assert {} == {key: letters(text) - alphabet for key, text in said(language).items() if letters(text) - alphabet}


@pytest.mark.parametrize("language", OTHER_SCRIPTS)
def test_the_script_is_the_one_of_the_language(language):
    """Bulgarian and Ukrainian are Cyrillic, Greek is Greek, Arabic is Arabic."""
    script = OTHER_SCRIPTS[language]
    for key, text in said(language).items():
        assert letters(text), key
        assert all(unicodedata.name(character).startswith(script) for character in letters(text)), key


def test_bulgarian_and_ukrainian_are_not_each_other():
    """Each uses the letters that the other does not have."""
    bulgarian, ukrainian = " ".join(said("bg").values()).lower(), " ".join(said("uk").values()).lower()

    assert not set("іїєґыэё") & set(bulgarian)
    assert not set("ъыэё") & set(ukrainian)
    assert set("ъ") <= set(bulgarian)
    assert set("іїє") <= set(ukrainian)


@pytest.mark.parametrize("language", languages())
def test_quotation_marks_are_those_of_the_language(language):
    """They come in pairs, and no typewriter's marks are among them; ’ is an apostrophe."""
    opening, closing = QUOTES[language]
    for key, text in said(language).items():
        assert set() == EVERY_MARK & set(text) - {opening.strip("\u00a0"), closing.strip("\u00a0")}, key
        quoted = re.sub(rf"{opening}[^{''.join(EVERY_MARK)}]+{closing}", "", text)
        assert set() == EVERY_MARK & set(quoted), key


@pytest.mark.parametrize("language", languages())
def test_what_is_quoted_is_what_is_there(language):
    """A text that tells somebody to press a control says its very words."""
    texts, embed = default_texts(language), embed_texts(language)
    opening, closing = QUOTES[language]

    assert f"{opening}{texts.reopen}{closing}" in texts.how_to_withdraw
    assert f"{opening}{embed.load_once}{closing}" in embed.means_once
    assert f"{opening}{embed.load_always}{closing}" in embed.means_always
    assert f"{opening}plausible_ignore{closing}" in catalogue(language).services["plausible"].description


@pytest.mark.parametrize("language", languages())
def test_accept_and_reject_weigh_the_same(language):
    """Neither button is longer by much, and they are not the same word (REQUIREMENTS ASK-4)."""
    words = default_texts(language)

    for accept, reject in [(words.accept, words.reject), (words.accept_all, words.reject_all)]:
        assert 0.6 <= len(accept) / len(reject) <= 1.7
        assert len(accept.split()) == len(reject.split())
        assert accept != reject


@pytest.mark.parametrize("language", languages())
def test_controls_can_be_told_apart(language):
    """No two controls of one layer have one name."""
    words, embed = default_texts(language), embed_texts(language)
    controls = [words.accept, words.reject, words.settings, words.save, words.accept_all, words.reject_all]
    controls += [words.close, words.withdraw, words.copy_, words.reopen, embed.load_once, embed.load_always]

    assert len(controls) == len(set(controls))
    assert words.on != words.off
    assert 3 == len({declaration_texts(language).model_dump()[key] for key in ("granted", "refused", "unanswered")})


@pytest.mark.parametrize("language", languages())
def test_every_number_of_a_unit_can_be_said(language):
    """Each plural that a duration can need is there, and no other; a form for several numbers says which."""
    numbers: dict[str, set[int]] = {"other": set()}
    for number in range(1, LONGEST_DURATION + 1):
        numbers.setdefault(plural_category(language, number), set()).add(number)
    forms = default_texts(language).durations.model_dump(exclude={"session", "persistent"})

    for unit, by_category in forms.items():
        assert numbers.keys() == by_category.keys(), unit
        for category, form in by_category.items():
            assert "{n}" in form or len(numbers[category]) == 1, f"{unit} {category}"


@pytest.mark.parametrize("language", languages())
def test_the_direction_is_marked(language):
    """The file and the code say the same; Arabic is the one that is written from right to left."""
    assert direction(language) == catalogue(language).direction
    assert (language == "ar") == (catalogue(language).direction == "rtl")


@pytest.mark.parametrize("language", languages())
def test_what_nobody_has_read_is_marked(language):
    """English is the original, German was read but for what is new; all the rest waits for a reader."""
    everything = ("texts", "declaration", "embed", "purposes", "services", "signal", "kept", "opt_out_link", "accounts")
    new = ("declaration", "embed", "signal", "kept", "opt_out_link", "accounts")

    assert {"en": (), "de": new}.get(language, everything) == unreviewed(language)
    assert set(everything) == set(Section.__args__)


@pytest.mark.parametrize("language", OTHERS)
def test_a_policy_in_every_language_is_published(language):
    """The default policy is whole in each language by itself, and its script says so in that language."""
    published = default_draft(CONTROLLER, ADDRESS, (language,)).published(SITE, 1, 1)
    shown = config(published, language)

    assert (language, direction(language)) == (shown["language"], shown["dir"])
    assert CONTROLLER.name in shown["texts"]["about"]
    assert catalogue(language).purposes["measurement"].name in shown["texts"]["about"]


def test_one_policy_speaks_all_languages():
    """Thirty languages fit into one policy."""
    assert languages() == default_draft(CONTROLLER, ADDRESS, languages()).published(SITE, 1, 1).languages


@pytest.mark.parametrize("change", [{"failed": "{service} failed"}, {"open_there": "Open"}, {"name": "{service} {x}"}])
def test_a_wrong_placeholder_is_refused(change):
    """A text that would show its braces to a visitor, or leave out whom it is about, is no text."""
    with pytest.raises(ValueError, match="wrong placeholders: wanted are"):
        EmbedTexts.model_validate({**embed_texts("en").model_dump(), **change})


def test_texts_beside_the_banner_are_no_members_of_a_policy():
    """The published format stands as it is: a policy holds both layers' words and nothing of these."""
    members = default_draft(CONTROLLER, ADDRESS).published(SITE, 1, 1).model_dump(mode="json")

    assert not {"declaration", "embed"} & (members.keys() | members["texts"]["en"].keys())
