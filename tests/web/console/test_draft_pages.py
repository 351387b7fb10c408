"""The editor in the console: forms that save and check, two editors, nonsense, and what only some may do."""

import json
import re
from html import unescape
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.examples import draft, purpose, texts, whole
from support.drafts import ANOTHER, as_file, begin, draft_of, fields, post, stored
from support.places import members, publish
from support.running_service import RunningService
from support.staff import Desk, desk, entries

PARTS = ("who", "languages", "words", "purposes", "services", "looks", "answers", "regions")
BOTH = ("en", "de")


def page(who: Desk, path: str = "", status: int = 200) -> str:
    answer = who.get(f"/console/policies/demo0001/draft{path}")
    assert status == answer.status_code, answer.text
    return unescape(answer.text)


def value_of(text: str, name: str) -> str:
    found = re.search(rf'<input id="{re.escape(name)}"[^>]* value="([^"]*)"', text)
    assert found is not None, name
    return found[1]


def test_what_is_written_is_kept_and_shown_again(service: RunningService) -> None:
    """The first save makes the draft; visitors are asked what they were asked before."""
    who = desk(service, "editor")
    where = post(who, "/who", draft_of(service.home), controller__name="Another & Söhne GmbH", controller__country="DE")
    made = stored(service)

    assert "/console/policies/demo0001/draft/who?done=saved" == where
    assert (1, "Another & Söhne GmbH", "DE") == (
        made.version,
        made.members["controller"]["name"],
        made.members["controller"]["country"],
    )
    assert "1 High Street, Exampleton" == made.members["controller"]["address"]
    assert "Another & Söhne GmbH" == value_of(page(who, "/who"), "controller.name")
    assert "Saved." in page(who, "/who?done=saved")
    assert "Example Ltd" in service.get("/s/demo0001.js").text


def test_a_field_that_is_wrong_says_so_beside_it(service: RunningService) -> None:
    """With its rule, source and mend; the draft is kept as it was written."""
    who = desk(service)
    post(who, "/who", draft_of(service.home), controller__contact="")
    text = page(who, "/who")
    beside = text.partition('<input id="controller.contact"')[2].partition("</div>\n</div>")[0]

    assert 'aria-invalid="true"' in beside.partition(">")[0]
    assert "finding error" in beside[:600]
    post(who, "/words?language=en", stored(service), texts__en__reject="Maybe later")
    post(who, "/who", stored(service), controller__contact="privacy@example.org")
    assert re.search(r"finding error.*ASK-[34]", page(who, "/words?language=en"), re.DOTALL)
    assert "ASK-" in page(who)


def test_the_second_editor_is_told_and_loses_nothing(service: RunningService) -> None:
    """What they wrote stands in the form, with what the first one saved below; saving again puts it in its place."""
    ann, bob = desk(service, "editor"), desk(service, "owner")
    opened = draft_of(service.home)
    post(ann, "/who", opened, controller__name="Ann's Ltd", controller__address="1 Ann Street")
    text = unescape(post(bob, "/who", opened, status=409, controller__name="Bob's Ltd"))

    assert "Somebody else changed this draft meanwhile" in text
    assert "Bob's Ltd" == value_of(text, "controller.name")
    assert "Ann's Ltd" in text.partition("Saved now:")[2].partition("</p>")[0]
    assert "1 Ann Street" == value_of(text, "controller.address")
    assert "Ann's Ltd" == stored(service).members["controller"]["name"]
    post(bob, "/who", stored(service), controller__name="Bob's Ltd")
    assert ("Bob's Ltd", "1 Ann Street") == tuple(
        stored(service).members["controller"][one] for one in ("name", "address")
    )


def test_a_policy_that_was_published_meanwhile_is_told(service: RunningService) -> None:
    """The draft goes on, or begins anew; either is decided by somebody."""
    who = desk(service)
    begin(service.home, controller=ANOTHER)
    publish(service.home.place, "demo0001", lifetime_days=90)
    service.settle()
    assert "Policy 2 was published since this draft was begun" in page(who)
    refused = post(who, "/publish", stored(service), status=409, reason="A reason.")
    assert "Somebody published another policy meanwhile." in refused
    post(who, "/base", stored(service), do="keep")
    assert (2, "Another Ltd", 182) == (
        stored(service).based_on,
        stored(service).members["controller"]["name"],
        stored(service).members["lifetime_days"],
    )
    post(who, "/base", stored(service), do="anew")
    assert ("Example Ltd", 90) == (
        stored(service).members["controller"]["name"],
        stored(service).members["lifetime_days"],
    )


def test_publishing_says_what_differs_and_who_is_asked_again(service: RunningService) -> None:
    """The new policy is there at once, its entry names its editor, and the draft is gone."""
    who = desk(service, "editor")
    begin(service.home, controller=ANOTHER, lifetime_days=90)
    text = page(who, "/publish")
    assert "3 changes" not in text
    assert "need a new answer" in text
    assert "The controller is “Another Ltd” and no longer “Example Ltd”." in text
    where = post(who, "/publish", stored(service), reason="  We have\r\n another name. ")
    told = entries(service.home, "policy:published")[-1]

    assert "/console/policies/demo0001/2" == where
    assert 200 == who.get(where).status_code
    assert (2, 2, "We have another name.") == (told["number"], told["revision"], told["reason"])
    assert str(who.member.staff_id.hex()) == told["by"].replace("-", "")
    assert 0 == stored(service).version
    assert "Another Ltd" in service.get("/s/demo0001.js").text


def test_what_stands_against_publishing_is_told(service: RunningService) -> None:
    """No reason, an older version, a draft with a hole, the same as before: nothing is published."""
    who = desk(service)
    made = begin(service.home, controller=ANOTHER)
    assert "must be 1 to 1000 printable characters" in post(who, "/publish", made, status=422, reason="  ")
    begin(service.home, lifetime_days=90)
    assert "Somebody else changed the draft" in post(who, "/publish", made, status=409, reason="A reason.")
    begin(service.home, controller={**ANOTHER, "name": ""})
    assert "not whole yet" in post(who, "/publish", stored(service), status=422, reason="A reason.")
    begin(service.home)
    assert "Nothing differs" in page(who, "/publish")

    assert ["demo0001", "shop0001"] == sorted(one["site"] for one in entries(service.home, "policy:published"))


def test_only_an_owner_publishes_against_a_rule(service: RunningService) -> None:
    """With a reason, and by the rule's id; an editor is refused even with the form of an owner."""
    begin(service.home, texts={language: texts(language) | {"reject": "Maybe later"} for language in BOTH})
    editor, owner = desk(service, "editor"), desk(service, "owner")
    assert "ask an owner" in page(editor, "/publish")
    broken = re.findall(r'name="override" value="([^"]+)"', page(owner, "/publish"))
    assert broken
    assert "errors that nobody overrode" in post(owner, "/publish", stored(service), status=422, reason="A reason.")
    post(editor, "/publish", stored(service), status=403, reason="A reason.", override=broken)
    assert "can not be" in post(
        owner, "/publish", stored(service), status=422, reason="A.", override=["XX-1.x", *broken]
    )
    post(owner, "/publish", stored(service), reason="Our lawyers say so.", override=broken)

    assert sorted(broken) == entries(service.home, "policy:published")[-1]["overridden"]


def test_auditors_read_the_draft_and_change_nothing(service: RunningService) -> None:
    """No form works for them, and none is offered; somebody for another site finds nothing."""
    begin(service.home, controller=ANOTHER)
    auditor = desk(service, "auditor")
    for part in PARTS:
        text = page(auditor, f"/{part}")
        assert '<fieldset class="all" disabled>' in text
        assert 'value="save"' not in text
    assert "<form" not in page(auditor).partition("<main")[2]
    assert 'name="reason"' not in page(auditor, "/publish")
    page(desk(service, "editor", ("shop0001",)), "/who", 404)
    page(desk(service, "owner", slug="other"), "/who", 404)


def test_a_site_file_goes_out_and_comes_in_again(service: RunningService) -> None:
    """What is wrong with one is told, all of it, with the text still there; nothing is changed then."""
    who = desk(service)
    begin(service.home, controller=ANOTHER)
    given = who.get("/console/policies/demo0001/draft/file.json")
    assert 'attachment; filename="demo0001.json"' == given.headers["content-disposition"]
    assert "Another Ltd" == json.loads(given.text)["controller"]["name"]
    wrong = (
        as_file(stored(service))
        .replace("Another Ltd", "<script>")
        .replace('"lifetime_days": 182', '"lifetime_days": 0')
    )
    text = post(who, "/file", stored(service), status=422, file=wrong)
    assert "controller.name" in text
    assert "lifetime_days" in text
    assert "&lt;script&gt;" in text
    assert "<script>" not in text.partition("<main")[2]
    assert 1 == stored(service).version
    short = """
    controller: {name: Short Ltd, address: 1 Short Street, contact: hello@example.org}
    privacy_policy: https://www.example.org/privacy
    languages: [en]
    purposes: [measurement]
    services: [matomo]
    """
    post(who, "/file", stored(service), file=short)
    assert "Short Ltd" == stored(service).members["controller"]["name"]
    post(who, "/file", stored(service), file=json.dumps(whole()))
    assert ["de", "en", "ar"] == stored(service).members["languages"]
    assert ["who", "file", "file"] == [one["part"] for one in entries(service.home, "policy:drafted")]


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/nothing", {}, 404),
        ("/who", {"do": "fly"}, 422),
        ("/who", {"do": "remove:0"}, 422),
        ("/purposes", {"do": "remove:0"}, 422),
        ("/purposes", {"do": "remove:99"}, 422),
        ("/purposes", {"do": "up:\u0661"}, 422),
        ("/purposes", {"do": "add", "id": "measurement"}, 422),
        ("/languages", {"do": "remove:xx"}, 422),
        ("/languages", {"do": "add", "tag": "a-language-that-is-none"}, 422),
        ("/services", {"do": "add"}, 422),
        ("/services", {"do": "add", "service": "nobody-knows"}, 422),
        ("/regions", {"do": "remove:0"}, 422),
        ("/words?language=xx", {}, 400),
        ("/services?item=7", {}, 400),
        ("/services?item=-1", {}, 400),
    ],
)
def test_a_button_that_is_none_changes_nothing(
    service: RunningService, path: str, given: dict[str, str], status: int
) -> None:
    """A page says so, and the draft stays."""
    post(desk(service), path, begin(service.home), status=status, **given)

    assert 1 == stored(service).version


def test_a_form_that_is_too_long_is_refused(service: RunningService) -> None:
    """Two megabytes at once, or a field too many; what is there stays there."""
    made = begin(service.home)
    who = desk(service)
    post(who, "/who", made, status=413, controller__name="x" * 2_000_000)
    many = {f"field{number}": "x" for number in range(5000)}
    post(who, "/who", made, status=400, **many)
    post(who, "/file", made, status=422, file="x" * 2_200_000)

    assert 1 == stored(service).version


def test_script_in_texts_is_text(service: RunningService) -> None:
    """On every page, in the frame too; the check refuses it."""
    who = desk(service)
    hostile = "</script><script>alert(1)</script>"
    post(who, "/words?language=en", draft_of(service.home), texts__en__text=hostile)
    for path in ("", "/words", "/publish", "/preview", "/frame"):
        text = who.get(f"/console/policies/demo0001/draft{path}").text
        assert "<script>alert" not in text
    assert "U+003C" in page(who, "/words")


def test_the_frame_shows_what_is_written(service: RunningService) -> None:
    """Saved or not: the very script of this release, with the texts of the draft."""
    who = desk(service)
    begin(service.home, controller=ANOTHER)
    frame = who.get("/console/policies/demo0001/draft/frame?language=de&layout=box&scheme=dark&layer=second")
    assert "Another Ltd" in frame.text
    assert '"layout":"box"' in frame.text
    assert "sandbox allow-scripts" in frame.headers["content-security-policy"]
    attempt = who.post(
        "/console/policies/demo0001/draft/who/try?layer=first",
        fields(stored(service), controller__name="Not saved Ltd"),
    )
    assert "Not saved Ltd" in attempt.text
    assert "Another Ltd" == stored(service).members["controller"]["name"]
    begin(service.home, controller={**ANOTHER, "name": ""})
    assert "the banner is seen here" in who.get("/console/policies/demo0001/draft/frame").text
    published = who.get("/console/policies/demo0001/1/frame?language=de")
    assert "Example Ltd" in published.text
    for query in ("?language=xx", "?layout=none", "?layer=third", "?scheme=blue", "?rule=nowhere", "?other=1"):
        assert 400 == who.get(f"/console/policies/demo0001/1/frame{query}").status_code


def test_a_site_without_a_policy_has_a_draft_to_begin_with(service: RunningService) -> None:
    """Default words; the first policy comes out of the editor alone."""
    from askfirst.usecases.set_up import add_site

    home = service.home
    add_site(
        home.place.catalogue,
        home.organisation(),
        site_key="new00001",
        name="New",
        origins=("https://new.example",),
        by=home.place.by,
    )
    service.settle()
    who = desk(service)
    empty = draft_of(home, "new00001")
    given = {f"controller__{name}": value for name, value in ANOTHER.items()}
    post(who, "/who", empty, "new00001", **given, privacy_policy__en="https://new.example/privacy")
    where = post(who, "/publish", stored(service, "new00001"), "new00001", reason="The first one.")

    assert "/console/policies/new00001/1" == where
    assert "Another Ltd" in service.get("/s/new00001.js").text


NAMES = st.sampled_from(
    ["do", "version", "based_on", "controller.name", "purposes.0.name.en", "gpc", "item", "language"]
)
VALUES = st.one_of(
    st.text(max_size=30), st.sampled_from(["add", "save", "remove:0", "up:1", "first:de", "1", "0", "yes"])
)


@pytest.fixture(scope="module")
def nobody(shared_service: RunningService) -> Desk:
    """Give one editor to all examples."""
    return desk(shared_service, "editor", login="drafts@example.org")


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(part=st.sampled_from((*PARTS, "file", "base", "publish")), sent=st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_no_form_brings_a_page_down(nobody: Desk, part: str, sent: list[tuple[str, str]]) -> None:
    """A page, or the way to one; nothing of the inside is told."""
    given: dict[str, Any] = {}
    for name, value in sent:
        given[name] = value.encode("utf-8", "replace").decode()
    answer = nobody.post(f"/console/policies/shop0001/draft/{part}", given)

    assert answer.status_code in (303, 400, 409, 422)
    assert "Traceback" not in answer.text


def test_every_part_keeps_a_whole_policy_as_it_is(service: RunningService) -> None:
    """Saving each page as it was opened changes no member of a policy that uses them all."""
    who = desk(service)
    begin(service.home, **draft(whole()).model_dump(mode="json"))
    before = dict(stored(service).members)
    for part in PARTS:
        for query in ("", "?item=0", "?item=1") if part == "services" else ("",):
            text = who.get(f"/console/policies/demo0001/draft/{part}{query}").text
            sent = _as_a_browser_sends_it(text)
            answer = who.post(f"/console/policies/demo0001/draft/{part}{query}", sent)
            assert 303 == answer.status_code, answer.text
            assert before == stored(service).members, part


def _as_a_browser_sends_it(text: str) -> dict[str, Any]:
    form = text.partition('class="draft-form"')[2].partition("</form>")[0]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        named = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if named.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        if "name" in named and named["name"] != "word":
            sent.setdefault(named["name"], []).append(unescape(named.get("value", "")))
    for name, value in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        sent.setdefault(name, []).append(unescape(value))
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        if chosen:
            sent.setdefault(name, []).append(unescape(chosen[1]))
    return sent


def test_purposes_come_move_and_go(service: RunningService) -> None:
    """A common one with its default words in each language, an own one empty; the necessary one stays first."""
    who = desk(service)
    post(
        who,
        "/purposes",
        begin(service.home, purposes=[purpose(one, *BOTH) for one in ("necessary", "embeds")]),
        do="add",
        purpose="marketing",
    )
    post(who, "/purposes", stored(service), do="add", purpose="", id="research")
    post(who, "/purposes", stored(service), do="up:2")
    post(who, "/purposes", stored(service), do="remove:2")
    purposes = stored(service).members["purposes"]

    assert ["necessary", "marketing", "research"] == [one["id"] for one in purposes]
    assert {"en": "Marketing", "de": "Werbung"} == purposes[1]["name"]
    assert {"en": "", "de": ""} == purposes[2]["description"]


def test_a_language_comes_with_its_words_and_goes_with_all(service: RunningService) -> None:
    """The default words of French, nothing for a language that nobody here speaks, and no trace of a removed one."""
    who = desk(service)
    post(who, "/languages", begin(service.home), do="add", language="fr")
    post(who, "/languages", stored(service), do="add", tag="ja")
    made = stored(service).members
    assert ["en", "de", "fr", "ja"] == made["languages"]
    assert "Accepter" in made["texts"]["fr"]["accept"]
    assert "" == made["texts"]["ja"]["accept"]
    assert made["texts"]["fr"].keys() == made["texts"]["ja"].keys()
    post(who, "/languages", stored(service), do="remove:ja")
    post(who, "/languages", stored(service), do="remove:fr")
    post(who, "/languages", stored(service), do="first:de")
    assert ["de", "en"] == stored(service).members["languages"]
    assert {**members(), "languages": ["de", "en"]}["texts"] == stored(service).members["texts"]


def test_a_known_service_brings_its_table(service: RunningService) -> None:
    """What the catalogue knows is there; what nobody can know is asked for; what it keeps can be edited."""
    who = desk(service)
    where = post(who, "/services", begin(service.home), do="add", service="matomo", purpose="")
    assert where.startswith("/console/policies/demo0001/draft/services?language=en&item=0")
    made = stored(service).members["services"][0]
    assert ("matomo", "measurement", "InnoCraft Limited") == (made["id"], made["purpose"], made["provider"]["name"])
    assert {"name": "_pk_id.*", "duration": "P13M"}.items() <= made["cookies"][0].items()
    post(who, "/services?item=0", stored(service), do="keep")
    post(who, "/services?item=0&language=de", stored(service), services__0__cookies__0__duration="P6M", do="forget:1")
    changed = stored(service).members["services"][0]["cookies"]
    assert (len(made["cookies"]), "P6M") == (len(changed), changed[0]["duration"])
    text = page(who, "/services?item=0")
    assert 'id="services.0.cookies' in text
    post(who, "/services?item=0", stored(service), do="transfer")
    assert "choose" in page(who, "/services?item=0")
    post(who, "/services", stored(service), do="remove:0")
    assert [] == stored(service).members["services"]


def test_a_region_rule_can_be_written(service: RunningService) -> None:
    """From nothing to a rule that the check reads; removing the default one falls back to the purposes' own modes."""
    who = desk(service)
    post(who, "/regions", begin(service.home), do="add", id="us-ca")
    rule = {
        "regions.default": "us-ca",
        "regions.rules.0.places": " US-CA; US-CO ,",
        "regions.rules.0.modes.measurement": "opt_out",
        "regions.rules.0.lifetime_days": "365",
        "regions.rules.0.since": "2026-01-01",
        "regions.rules.0.source": "CCPA regs 7025",
    }
    post(who, "/regions", stored(service), **rule)
    regions = stored(service).members["regions"]
    assert ("us-ca", ["US-CA", "US-CO"], {"measurement": "opt_out"}, 365, None) == (
        regions["default"],
        *(regions["rules"][0][name] for name in ("places", "modes", "lifetime_days", "until")),
    )
    post(who, "/regions", stored(service), **{"regions.rules.0.modes.measurement": ""})
    assert {} == stored(service).members["regions"]["rules"][0]["modes"]
    post(who, "/regions", stored(service), do="remove:0")
    assert {"default": "default", "rules": []} == stored(service).members["regions"]


def test_words_about_accounts_are_written_and_taken_back(service: RunningService) -> None:
    """Both words in a language; without any the member is gone, and with it the language's part of it."""
    who = desk(service)
    post(
        who,
        "/words?language=en",
        begin(service.home),
        **{"accounts.en.told": "Your choice counts wherever you sign in.", "accounts.en.notice": "It began to count."},
    )
    told = {"told": "Your choice counts wherever you sign in.", "notice": "It began to count."}
    assert {"en": told} == stored(service).members["accounts"]
    post(who, "/words?language=en", stored(service), **{"accounts.en.told": "", "accounts.en.notice": ""})
    assert {} == stored(service).members["accounts"]
