"""Rules about who asks and what for: both are told where the question is asked."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from askfirst.core.addresses import is_loopback
from askfirst.core.policy import PolicyDraft
from askfirst.core.rules.banner_words import joined_script, plain, purpose_texts, words
from askfirst.core.rules.rule import Background, Fault, Path, Rule

_FILLERS: Final = frozenset({
    "company", "your company", "your name", "company name", "controller", "name", "todo", "tbd", "xxx", "n.n.", "n. n.",
    "n/a", "none", "unknown", "we", "us", "operator", "website owner", "firma", "ihre firma", "firmenname",
    "name der firma", "betreiber", "verantwortlicher", "unternehmen", "muster", "wir",
})  # fmt: skip
_FEWEST_WORDS: Final = 2
_FEWEST_CHARACTERS: Final = 12
_FEWEST_JOINED: Final = 6  # characters, where a script puts no space between words


def _controller(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    name = plain(draft.controller.name)
    if name in _FILLERS or not words(name):
        yield Fault(("controller", "name"), f"“{draft.controller.name}” names nobody")


def _contact(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    contact = draft.controller.contact
    before, at, after = contact.rpartition("@")
    if not (at and before and "." in after) and not contact.startswith(("https://", "mailto:", "tel:", "+")):
        yield Fault(
            ("controller", "contact"), f"“{contact}” is neither an e-mail address, a web address nor a phone number"
        )


def _purpose_names(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for language in draft.languages:
        seen: dict[str, str] = {}
        for number, purpose in enumerate(draft.purposes):
            name = plain(purpose.name.get(language, ""))
            path: Path = ("purposes", number, "name", language)
            if not words(name):
                yield Fault(path, "has no letter that can be seen")
            elif name in seen:
                yield Fault(path, f"is the name of “{seen[name]}” too, so that the first layer names only one of them")
            seen.setdefault(name, purpose.id)


def _described(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, language, text in purpose_texts(draft):
        purpose = draft.purposes[int(path[1])]
        if says_little(text) or plain(text) == plain(purpose.name[language]):
            yield Fault(path, f"“{text}” does not describe what is done")


def says_little(text: str) -> bool:
    """Return whether a text is too short to describe anything."""
    if joined_script(text):
        return len(plain(text)) < _FEWEST_JOINED
    return len(words(text)) < _FEWEST_WORDS or len(plain(text)) < _FEWEST_CHARACTERS


def _twice_described(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for language in draft.languages:
        seen: dict[str, str] = {}
        for number, purpose in enumerate(draft.purposes):
            said = plain(purpose.description.get(language, ""))
            if said in seen:
                yield Fault(("purposes", number, "description", language), f"says the same as that of “{seen[said]}”")
            seen.setdefault(said, purpose.id)


def _privacy_policy(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for language, address in draft.privacy_policy.items():
        if not _public(address):
            yield Fault(("privacy_policy", language), f"{address} can be opened on this machine only")
    for number, service in enumerate(draft.services):
        address = service.provider.privacy_policy or ""
        if address and not _public(address):
            path: Path = ("services", number, "provider", "privacy_policy")
            yield Fault(path, f"{address} can be opened on this machine only")


def _public(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    return not is_loopback(host) and not host.endswith((".local", ".internal", ".localdomain", ".lan"))


RULES: Final = (
    Rule(
        id="ASK-13.controller",
        severity="error",
        title="The first layer names who is responsible",
        source="GDPR 13(1)(a); EDPB 05/2020, 64-65 and footnote 42",
        mend="Write the full name of the company, association or person.",
        check=_controller,
    ),
    Rule(
        id="ASK-13.purposes",
        severity="error",
        title="The first layer names each purpose by a name of its own",
        source="EDPB 05/2020, 55-61, 64-65 and footnote 42",
        mend="Give each purpose a name that no other one has.",
        check=_purpose_names,
    ),
    Rule(
        id="ASK-6.purpose",
        severity="error",
        title="Every purpose is described",
        source="GDPR 13(1)(c); EDPB 05/2020, 64-65",
        mend="Say in a sentence what is done, and what for.",
        check=_described,
    ),
    Rule(
        id="ASK-5.same",
        severity="error",
        title="No two purposes have the same description",
        source="GDPR 4(11), 7(2); EDPB 05/2020, 42-45",
        mend="Describe what each of them does, or make them one purpose.",
        check=_twice_described,
    ),
    Rule(
        id="ASK-6.contact",
        severity="warning",
        title="The controller can be written to",
        source="GDPR 13(1)(a)-(b)",
        mend="Give an e-mail address, a web address or a phone number.",
        check=_contact,
    ),
    Rule(
        id="ASK-6.reachable",
        severity="warning",
        title="Privacy policies are where visitors can open them",
        source="GDPR 12(1), 13",
        mend="Give the public address; on a website that is only being built, this can wait.",
        check=_privacy_policy,
    ),
)
