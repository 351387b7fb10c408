"""What anybody may read: scripts, policies, builds, keys, checkpoints, descriptors, schema and problem pages."""

import base64
import gzip
import hashlib
import json
import re
from datetime import date

import brotli
import jsonschema
import pytest

from askfirst.core.checkpoint import open_checkpoint
from askfirst.pinned_line import pinned_line
from askfirst.snippet_files import read_snippet
from askfirst.storage import tables as t
from askfirst.usecases.keys import CHECKPOINT, RECEIPT, rotate_key
from askfirst.usecases.rows import Build
from askfirst_sdk.descriptor import parse_descriptor
from askfirst_sdk.keys import KeyRing, VerifierKey
from askfirst_sdk.regions import RegionRule
from askfirst_sdk.token import DESCRIPTOR_SALT, TokenVerifier, claimed_payload
from support.places import current_digest, publish
from support.running_service import RunningService
from support.time_and_ids import DAY, HOUR

SHORT = "public, max-age=60"
BY_SITE = "public, max-age=300, stale-while-revalidate=86400"
BY_DIGEST = "public, max-age=31536000, immutable"
LOG = "consent.example.net/log/example"


def raw_get(service: RunningService, path: str, accept_encoding: str | None) -> tuple[dict[str, str], bytes]:
    """Return headers and the body as it went over the wire."""
    headers = {} if accept_encoding is None else {"accept-encoding": accept_encoding}
    answer = service.wire("GET", path, headers)
    return answer.headers, answer.body


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip, deflate, br, zstd", "br"),
        ("BR", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("br;q=0.000, gzip ; q = 0.5", "gzip"),
        ("br; q=0, gzip;q=0", None),
        ("*", "br"),
        ("gzip;q=0, *", "br"),
        ("gzip;q=0, br;q=0, *", None),
        ("*;q=0", None),
        ("deflate, zstd", None),
        ("x" * 4000, None),
        (",;q=,", None),
    ],
)
def test_a_script_comes_in_the_smallest_encoding_that_is_accepted(
    shared_service: RunningService, accept: str | None, expected: str | None
) -> None:
    """Brotli before gzip before none, and never one that a weight of zero refuses (RFC 9110, 12.5.3)."""
    headers, body = raw_get(shared_service, "/s/demo0001.js", accept)
    plain = {None: bytes, "br": brotli.decompress, "gzip": gzip.decompress}[headers.get("content-encoding")](body)

    assert expected == headers.get("content-encoding")
    assert raw_get(shared_service, "/s/demo0001.js", "identity")[1] == plain
    assert str(len(body)) == headers["content-length"]
    assert "Accept-Encoding" == headers["vary"]


def test_each_encoding_has_its_own_entity_tag(shared_service: RunningService) -> None:
    """A cache that holds one encoding is never told that another one is unchanged."""
    tags = {name: raw_get(shared_service, "/s/demo0001.js", name)[0]["etag"] for name in ("br", "gzip", "identity")}

    assert 3 == len(set(tags.values()))
    for name, tag in tags.items():
        for other in tags:
            answer = shared_service.wire("GET", "/s/demo0001.js", {"accept-encoding": other, "if-none-match": tag})
            assert (304 if name == other else 200) == answer.status


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"other", {tag}', " {tag} ", "*"])
def test_an_unchanged_script_is_304_with_the_headers_of_200(shared_service: RunningService, form: str) -> None:
    """Whatever of the cache rules 200 said is said again, and no body comes (RFC 9110, 15.4.5)."""
    whole = shared_service.wire("GET", "/s/demo0001.js", {})
    answer = shared_service.wire("GET", "/s/demo0001.js", {"if-none-match": form.format(tag=whole.headers["etag"])})
    kept = {name: text for name, text in whole.headers.items() if name not in ("content-length", "content-type")}

    assert (304, b"", kept) == (answer.status, answer.body, answer.headers)


def test_head_says_what_get_says_without_the_body(shared_service: RunningService) -> None:
    """HEAD has the headers of GET, everywhere."""
    for path in ("/s/demo0001.js", "/s/demo0001/de.js", "/p/demo0001.json", "/log/example/keys", "/healthz"):
        get, head = shared_service.wire("GET", path, {}), shared_service.wire("HEAD", path, {})
        assert (200, b"", get.headers) == (head.status, head.body, head.headers)


def test_a_site_script_can_be_cached_by_any_network(shared_service: RunningService) -> None:
    """Named by the site it lives five minutes, may be used stale for a day, and is readable from every page."""
    for path in ("/s/demo0001.js", "/s/demo0001/en.js", "/s/demo0001/de.js"):
        headers = shared_service.wire("GET", path, {}).headers
        assert (BY_SITE, "*", "cross-origin", "nosniff", "text/javascript; charset=utf-8") == (
            headers["cache-control"],
            headers["access-control-allow-origin"],
            headers["cross-origin-resource-policy"],
            headers["x-content-type-options"],
            headers["content-type"],
        )


def test_a_script_speaks_the_language_that_was_asked_for(shared_service: RunningService) -> None:
    """Without a language it is the policy's first."""
    scripts = {name: shared_service.get(f"/s/demo0001{name}.js").text for name in ("", "/en", "/de")}

    assert scripts[""] == scripts["/en"] != scripts["/de"]
    assert "text in English" in scripts["/en"]
    assert "text für Leser" in scripts["/de"]


def test_the_host_says_that_it_heeds_global_privacy_control(shared_service: RunningService) -> None:
    """As the specification spells it, and nothing more."""
    answer = shared_service.get("/.well-known/gpc.json")

    assert ("application/json", {"gpc", "lastUpdate"}) == (answer.headers["content-type"], set(answer.json()))
    assert answer.json()["gpc"] is True
    assert date.fromisoformat(answer.json()["lastUpdate"])


def test_what_few_pages_load_is_named_by_its_content(shared_service: RunningService) -> None:
    """Kept for ever under its own name; under that of another release it is what this one has, for a while."""
    (name,) = (file for file in read_snippet().later if file.startswith("declaration"))
    current, other = (shared_service.get(f"/f/{file}.js") for file in (name, "declaration-000000000000"))

    assert (BY_DIGEST, BY_SITE) == (current.headers["cache-control"], other.headers["cache-control"])
    assert current.content == other.content
    assert name == f"declaration-{hashlib.sha256(current.content).hexdigest()[:12]}"


def test_the_list_for_a_privacy_page_is_there_in_each_language(shared_service: RunningService) -> None:
    """Small, cacheable like the site script, and open to pages of any origin: it says what everybody may know."""
    headers, body = raw_get(shared_service, "/declaration/demo0001/de.json", "br")
    told = json.loads(brotli.decompress(body))

    assert ("application/json", "br", "*", BY_SITE) == (
        headers["content-type"],
        headers["content-encoding"],
        headers["access-control-allow-origin"],
        headers["cache-control"],
    )
    assert ("de", "demo0001") == (told["language"], told["site"])
    assert "Cookies und Dienste auf dieser Website" == told["texts"]["title"]
    again = {"if-none-match": headers["etag"], "accept-encoding": "br"}
    assert 304 == shared_service.wire("GET", "/declaration/demo0001/de.json", again).status


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/s/nobody01.js", "unknown-site"),
        ("/s/nobody01/de.js", "unknown-site"),
        ("/s/demo0001/fr.js", "not-found"),
        ("/s/demo0001", "not-found"),
        ("/s/demo0001/de/x.js", "not-found"),
        ("/s/", "not-found"),
        ("/s/../demo0001.js", "not-found"),
        ("/b/" + "0" * 64 + ".js", "not-found"),
        ("/b/x", "not-found"),
        ("/f/nothing-000000000000.js", "not-found"),
        ("/f/../demo0001.js", "not-found"),
        ("/declaration/nobody01/en.json", "unknown-site"),
        ("/declaration/demo0001/fr.json", "not-found"),
        ("/declaration/demo0001/en", "not-found"),
        ("/p/nobody01.json", "unknown-site"),
        ("/p/demo0001/" + "0" * 64 + ".json", "not-found"),
        ("/descriptor/nobody01", "unknown-site"),
        ("/log/nobody/keys", "not-found"),
        ("/log/nobody/jwks.json", "not-found"),
        ("/log/nobody/checkpoint", "not-found"),
        ("/schema/policy/2", "not-found"),
        ("/problems/nothing", "not-found"),
        ("/problems/internal", "not-found"),
        ("/nothing", "not-found"),
        ("/d/", "not-found"),
        ("/d/demo0001/x", "not-found"),
        ("/d/demo0001/", "not-found"),
        ("/log/example/checkpoint%0a", "not-found"),
        ("/r/demo0001/", "not-found"),
        ("/descriptor/demo0001/", "not-found"),
    ],
)
def test_what_is_not_there_is_a_404_that_says_what_is_missing(
    shared_service: RunningService, path: str, code: str
) -> None:
    """An unknown site is called so; an unknown language, digest or path of a known one is not found."""
    answer = shared_service.get(path)

    assert (404, "application/problem+json", f"/problems/{code}", "no-store") == (
        answer.status_code,
        answer.headers["content-type"],
        answer.json()["type"],
        answer.headers["cache-control"],
    )


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/s/demo0001.js", {"GET", "HEAD"}),
        ("/p/demo0001.json", {"GET", "HEAD"}),
        ("/declaration/demo0001/en.json", {"GET", "HEAD"}),
        ("/log/example/checkpoint", {"GET", "HEAD"}),
        ("/descriptor/demo0001", {"GET", "HEAD"}),
        ("/api/v1/records", {"GET", "HEAD"}),
        ("/d/demo0001", {"POST", "OPTIONS"}),
    ],
)
@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
def test_a_wrong_method_is_405_and_says_the_right_ones(
    shared_service: RunningService, path: str, allowed: set[str], method: str
) -> None:
    """Also without an origin or a credential: the method is wrong whoever asks."""
    answer = shared_service.request(method, path)

    assert (405, "/problems/method-not-allowed") == (answer.status_code, answer.json()["type"])
    assert allowed == set(answer.headers["allow"].split(", "))


def test_a_build_is_served_under_its_own_hash_for_ever(service: RunningService) -> None:
    """The text of `/b/<digest>.js` has the SHA-256 that names it, and a record's build can always be read."""
    build = service.build()
    answer = service.get(f"/b/{build}.js")

    assert build == hashlib.sha256(answer.content).hexdigest()
    assert BY_DIGEST == answer.headers["cache-control"]


def test_a_build_of_an_earlier_release_is_served_still(service: RunningService) -> None:
    """What pages have pinned, and what records name, does not end with an update."""
    text = b"(()=>{})(null,[]);"
    digest = hashlib.sha256(text).digest()
    with service.home.place.catalogue.transaction() as transaction:
        transaction.add_build(Build(1, digest, text, service.home.clock()))
    service.node.refresh()
    answer = service.get(f"/b/{digest.hex()}.js")

    assert (200, text) == (answer.status_code, answer.content)
    assert 201 == service.post(service.decision(build=digest.hex())).status_code


def test_a_policy_is_immutable_under_its_digest(service: RunningService) -> None:
    """The bytes have the SHA-256 that names them, also after a newer policy took its place."""
    first = current_digest(service.home.place, "demo0001")
    publish(service.home.place, "demo0001", lifetime_days=90)
    service.node.refresh()
    second = current_digest(service.home.place, "demo0001")
    answers = [service.get(f"/p/demo0001/{digest}.json") for digest in (first, second)]

    assert [first, second] == [hashlib.sha256(answer.content).hexdigest() for answer in answers]
    assert {(BY_DIGEST, "application/json", "*")} == {
        (one.headers["cache-control"], one.headers["content-type"], one.headers["access-control-allow-origin"])
        for one in answers
    }
    pointer = service.get("/p/demo0001.json")
    assert ({"policy": second, "number": 2, "revision": 1}, SHORT) == (pointer.json(), pointer.headers["cache-control"])


def test_a_policy_comes_ready_compressed_and_once(service: RunningService) -> None:
    """As scripts do: each encoding has an entity tag of its own, and who has it gets no second copy."""
    digest = current_digest(service.home.place, "demo0001")
    for path in ("/p/demo0001.json", f"/p/demo0001/{digest}.json"):
        answers = [service.get(path, **{"accept-encoding": one}) for one in ("br", "gzip", "identity")]
        tags = [one.headers["etag"] for one in answers]
        assert 3 == len(set(tags)), path
        assert 1 == len({one.content for one in answers})
        assert ["br", "gzip", None] == [one.headers.get("content-encoding") for one in answers]
        assert {"Accept-Encoding"} == {one.headers["vary"] for one in answers}
        again = service.get(path, **{"accept-encoding": "br", "if-none-match": tags[0]})
        assert (304, b"", tags[0]) == (again.status_code, again.content, again.headers["etag"])
        assert 200 == service.get(path, **{"accept-encoding": "gzip", "if-none-match": tags[0]}).status_code
    before = service.get("/p/demo0001.json").headers["etag"]
    publish(service.home.place, "demo0001", lifetime_days=90)
    service.node.refresh()
    newer = service.get("/p/demo0001.json", **{"if-none-match": before})
    assert (200, 2) == (newer.status_code, newer.json()["number"])


@pytest.mark.parametrize(
    "path", ["/p/", "/p/demo0001", "/p/demo0001/", "/p/demo0001/a/b.json", "/p/.json", "/p//x.json"]
)
def test_what_names_no_policy_is_a_problem(shared_service: RunningService, path: str) -> None:
    """Whatever stands below `/p/`."""
    answer = shared_service.get(path)

    assert (404, "application/problem+json") == (answer.status_code, answer.headers["content-type"])


def test_another_sites_policy_is_not_this_sites(shared_service: RunningService) -> None:
    """A digest is looked up within its site."""
    digest = current_digest(shared_service.home.place, "shop0001")

    assert 404 == shared_service.get(f"/p/demo0001/{digest}.json").status_code


def test_a_published_policy_fits_the_published_schema(shared_service: RunningService) -> None:
    """An independent reader of JSON Schema takes the served policy by the served schema."""
    schema = shared_service.get("/schema/policy/1").json()
    digest = current_digest(shared_service.home.place, "demo0001")
    policy = shared_service.get(f"/p/demo0001/{digest}.json").json()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(policy, schema)

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**policy, "format": "askfirst/policy/2"}, schema)


def test_keys_are_published_alike_as_lines_and_as_a_jwk_set(service: RunningService) -> None:
    """One table, two forms; retired keys stay, since what they signed stays; revoked receipt keys go."""
    place = service.home.place
    for use in (RECEIPT, CHECKPOINT):
        rotate_key(place.catalogue, place.keys, service.home.organisation(), use, by=place.by)
    service.node.refresh()
    lines = service.get("/log/example/keys").text.splitlines()
    jwks = service.get("/log/example/jwks.json")
    read = [VerifierKey.from_jwk(one) for one in jwks.json()["keys"]]

    assert lines == [key.text for key in read]
    assert {LOG: 2, f"{LOG}/receipts": 2} == {
        name: len([key for key in read if key.name == name]) for name in (LOG, f"{LOG}/receipts")
    }
    assert "application/jwk-set+json" == jwks.headers["content-type"]

    key = next(key for key in place.catalogue.snapshot().keys if key.log_id == 1 and key.state == "retired")
    with place.catalogue.transaction() as transaction:
        for one in transaction.keys(1):
            if one.use == RECEIPT and one.state == "retired":
                key = one
                transaction.change_key(type(one)(**{**_fields(one), "state": "revoked"}))
    service.node.refresh()
    assert key.verifier not in service.get("/log/example/keys").text


def _fields(key: object) -> dict[str, object]:
    return {name: getattr(key, name) for name in type(key).__dataclass_fields__}  # type: ignore[attr-defined]


def test_the_checkpoint_is_signed_by_the_logs_key(service: RunningService) -> None:
    """Before the first there is none; then it is the head of the log, signed, and never cached unasked."""
    before = service.get("/log/example/checkpoint")
    service.settle()
    service.accept()
    service.settle()
    answer = service.get("/log/example/checkpoint")
    keys = [VerifierKey.parse(line) for line in service.get("/log/example/keys").text.splitlines()]
    read = open_checkpoint(answer.content, LOG, keys)

    assert (404, "/problems/not-found") == (before.status_code, before.json()["type"])
    assert "no-cache" == answer.headers["cache-control"]
    head = service.home.place.ledger.head(1)
    assert (head.size, head.root) == (read.size, read.root)


def test_the_descriptor_says_what_servers_check_by(service: RunningService) -> None:
    """Signed with the receipt key; a revision that was raised is accepted for another hour."""

    def read() -> tuple[int, ...]:
        token = service.get("/descriptor/demo0001").text
        keys = [line for line in service.get("/log/example/keys").text.splitlines() if "/receipts+" in line]
        described = parse_descriptor(TokenVerifier(KeyRing.parse(keys), DESCRIPTOR_SALT).payload(token))
        assert ("demo0001", {"measurement": "opt_in", "embeds": "opt_in"}) == (described.site, dict(described.purposes))
        assert (service.home.clock() // 1000, tuple(keys)) == (described.issued_at, described.keys)
        return described.revisions

    first = read()
    publish(service.home.place, "demo0001", ask_again=True)
    service.node.refresh()
    within = read()
    service.home.clock.forward(HOUR)
    after = read()

    assert ((1,), (1, 2), (2,)) == (first, within, after)


def test_the_descriptor_names_the_rules_of_regions(service: RunningService) -> None:
    """Version 2 with them, so that servers know what the law asks where the visitor is."""
    rule = {
        "id": "us-ca",
        "places": ["US-CA"],
        "modes": {"measurement": "opt_out"},
        "lifetime_days": 365,
        "since": "2026-01-01",
        "source": "A source.",
    }
    link = {"en": "Do not sell or share my data", "de": "Meine Daten nicht verkaufen oder weitergeben"}
    publish(service.home.place, "demo0001", regions={"rules": [rule]}, gpc=["measurement"], opt_out_link=link)
    service.node.refresh()

    described = parse_descriptor(claimed_payload(service.get("/descriptor/demo0001").text.strip(), DESCRIPTOR_SALT))

    assert {"us-ca": RegionRule(("US-CA",), {"measurement": "opt_out"}, "2026-01-01")} == dict(described.rules)


def test_a_descriptor_that_says_the_same_is_not_sent_again(service: RunningService) -> None:
    """By its entity tag, for at most an hour, so that nobody holds one until its end; any change is sent at once."""
    tag = service.get("/descriptor/demo0001").headers["etag"]
    service.home.clock.forward(HOUR - 1)
    same = service.get("/descriptor/demo0001", if_none_match=tag)
    service.home.clock.forward(1)
    later = service.get("/descriptor/demo0001", if_none_match=tag)
    publish(service.home.place, "demo0001", ask_again=True)
    service.node.refresh()
    changed = service.get("/descriptor/demo0001", if_none_match=later.headers["etag"])

    assert (304, b"", tag) == (same.status_code, same.content, same.headers["etag"])
    assert [200, 200] == [later.status_code, changed.status_code]


def test_a_site_without_a_policy_serves_none(service: RunningService) -> None:
    """A new site has no script, no descriptor and no policy yet, and says so."""
    from askfirst.usecases.set_up import add_site

    place = service.home.place
    organisation = service.home.organisation()
    add_site(
        place.catalogue, organisation, site_key="new00001", name="New", origins=("https://n.example",), by=place.by
    )
    service.node.refresh()

    assert [404] * 3 == [
        service.get(path).status_code for path in ("/s/new00001.js", "/p/new00001.json", "/descriptor/new00001")
    ]
    assert "/problems/not-found" == service.get("/descriptor/new00001").json()["type"]


def test_a_disabled_site_is_unknown_everywhere(service: RunningService) -> None:
    """Nothing of a site that was switched off is served or taken."""
    from support.table_rows import alter

    decision = service.decision()
    alter(service.home.place.engine, t.site, t.site.c.site_key == "demo0001", disabled_at=1)
    with service.home.place.catalogue.transaction():
        pass  # a change of the catalogue is what nodes notice
    service.node.refresh()
    answers = [service.get(path) for path in ("/s/demo0001.js", "/p/demo0001.json", "/descriptor/demo0001")]
    answers.append(service.post(decision))

    assert [(404, "/problems/unknown-site")] * 4 == [(one.status_code, one.json()["type"]) for one in answers]


def test_the_process_says_that_it_answers(shared_service: RunningService) -> None:
    """A health check is a plain line."""
    answer = shared_service.get("/healthz")

    assert ("ok\n", "no-store") == (answer.text, answer.headers["cache-control"])


def test_a_day_later_nothing_has_changed_but_the_time(service: RunningService) -> None:
    """Publications do not depend on when they are read, but for the descriptor's time."""
    paths = ("/s/demo0001.js", "/p/demo0001.json", "/log/example/keys", "/log/example/jwks.json")
    before = [service.get(path).content for path in paths]
    service.home.clock.forward(DAY)

    assert before == [service.get(path).content for path in paths]


def test_what_a_page_pins_is_what_the_service_answers(shared_service: RunningService) -> None:
    """Code and policy have the digests of the line, for ever; another build, policy or language is not there."""
    live = shared_service.node.live.directory.sites["demo0001"].current
    assert live is not None
    line = pinned_line(live.policy, live.digest, "de", read_snippet(), shared_service.node.settings.public_url)
    named = dict(re.findall(r'([a-z-]+)="([^"]*)"', line))
    build, policy, language = shared_service.build(), live.digest, "de"
    code = shared_service.get(f"/b/{build}.js")
    config = shared_service.get(f"/c/demo0001/{policy}/{build}/{language}.json")

    assert named["integrity"] == "sha384-" + base64.b64encode(hashlib.sha384(code.content).digest()).decode()
    assert named["data-check"] == "sha256-" + base64.b64encode(hashlib.sha256(config.content).digest()).decode()
    assert ("application/json", "public, max-age=31536000, immutable", "*") == tuple(
        config.headers[name] for name in ("content-type", "cache-control", "access-control-allow-origin")
    )
    for wrong in (
        f"/c/demo0001/{policy}/{'0' * 64}/de.json",
        f"/c/demo0001/{'0' * 64}/{build}/de.json",
        f"/c/demo0001/{policy}/{build}/tlh.json",
        f"/c/demo0001/{policy}/{build}/de.js",
        f"/c/nobody01/{policy}/{build}/de.json",
        "/c/",
        "/c/a/b/c/d/e/f.json",
    ):
        assert 404 == shared_service.get(wrong).status_code
