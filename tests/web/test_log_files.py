"""What anybody may read of a log, and check with it: tiles, leaves, proofs."""

import base64
import gzip
import json
from typing import Any

import pytest

from askfirst.core.bundle import open_bundle
from askfirst.core.checkpoint import open_checkpoint
from askfirst.core.leaf import parse_leaf
from askfirst.core.tiles import split_bundle, tile_hashes
from askfirst.core.tree import leaf_hash, root
from askfirst.core.tree_proofs import verify_consistency, verify_inclusion
from askfirst.usecases.erase import erase_record
from askfirst.usecases.sequence import sequence_all
from askfirst.usecases.set_up import begin_organisation
from askfirst_sdk.keys import VerifierKey
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.token import claimed_payload
from support.altered_log import change
from support.running_service import RunningService
from support.staff import desk
from support.writing import looked, open_batches
from web.test_audit_api import token

pytestmark = pytest.mark.each_database
LOG = "/log/example"


@pytest.fixture
def grown(service: RunningService) -> RunningService:
    """Give a service whose log has 600 entries and more, under two checkpoints, the first after 300."""
    service.accept()
    for _ in range(2):
        batches = open_batches(service.home.settings)
        batches.commit([looked(service.home) for _ in range(300)])
        batches.close()
        service.settle()
    return service


def keys(service: RunningService) -> list[VerifierKey]:
    return [VerifierKey.parse(line) for line in service.get(f"{LOG}/keys").text.split()]


def signed(service: RunningService) -> Any:
    origin = service.home.organisation().origin
    return open_checkpoint(service.get(f"{LOG}/checkpoint").content, origin, keys(service))


def hashes(body: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(one, validate=True) for one in body["hashes"]]


def leaf_and_record(answer: dict[str, Any]) -> tuple[bytes, str, str]:
    receipt = parse_receipt(claimed_payload(answer["receipt"]))
    assert receipt.leaf is not None
    text = base64.urlsafe_b64encode(receipt.leaf).decode().rstrip("=")
    return receipt.leaf, text, f"record={receipt.record}&leaf={text}"


def test_the_whole_tree_can_be_rebuilt_from_the_files(grown: RunningService) -> None:
    """Leaves from the entry bundles give the hashes of the tiles, and these the signed root."""
    last = signed(grown)
    full, rest = divmod(last.size, 256)
    widths = [*((index, "") for index in range(full)), (full, f".p/{rest}")]
    leaves = [
        leaf
        for index, part in widths
        for leaf in split_bundle(grown.get(f"{LOG}/tile/entries/{index:03d}{part}").content)
    ]
    level0 = [
        one for index, part in widths for one in tile_hashes(grown.get(f"{LOG}/tile/0/{index:03d}{part}").content)
    ]
    level1 = tile_hashes(grown.get(f"{LOG}/tile/1/000.p/{full}").content)

    assert last.size == len(leaves)
    assert level0 == [leaf_hash(leaf) for leaf in leaves]
    assert last.root == root(level0)
    assert level1 == [root(level0[index * 256 : index * 256 + 256]) for index in range(full)]
    assert all(parse_leaf(leaf) for leaf in leaves)


def test_files_are_cacheable_for_ever_and_readable_by_any_page(grown: RunningService) -> None:
    """A tile of a certain width never changes."""
    answer = grown.get(f"{LOG}/tile/0/000")

    assert "application/octet-stream" == answer.headers["content-type"]
    assert "immutable" in answer.headers["cache-control"]
    assert "*" == answer.headers["access-control-allow-origin"]


@pytest.mark.parametrize("accepted", ["gzip, identity", "br, *;q=0.1", "identity", "gzip;q=0", ""])
def test_leaves_are_sent_compressed_to_whoever_takes_that(grown: RunningService, accepted: str) -> None:
    """As tlog-tiles asks of logs: entry bundles, and not hashes, which do not compress."""
    path = f"{LOG}/tile/entries/000"
    plain = grown.wire("GET", path, {"Accept-Encoding": "identity"})
    answer = grown.wire("GET", path, {"Accept-Encoding": accepted})
    coded = "gzip" in accepted.replace("gzip;q=0", "") or "*" in accepted

    assert "Accept-Encoding" == answer.headers["vary"]
    assert ("gzip" if coded else None) == answer.headers.get("content-encoding")
    assert plain.body == (gzip.decompress(answer.body) if coded else answer.body)
    assert not coded or len(answer.body) < 0.6 * len(plain.body)
    assert "content-encoding" not in grown.wire("GET", f"{LOG}/tile/0/000", {"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize(
    "path",
    [
        "0/003",
        "0/001.p/300",
        "0/000.p/0",
        "0/000.p/256",
        "0/0",
        "0/x000/000",
        "0/000/",
        "00/000",
        "64/000",
        "2/000.p/1",
        "entries/003",
        "entries/002.p/255",
        "0/999999999999999999999",
        "",
        "0/000.p/-1",
        "0/%30%30%30x",
    ],
)
def test_what_the_log_does_not_have_is_not_found(grown: RunningService, path: str) -> None:
    """Also a second spelling of what it has; nobody keeps the refusal, and a page of any origin may read it."""
    answer = grown.get(f"{LOG}/tile/{path}")

    assert "*" == answer.headers["access-control-allow-origin"]
    assert (404, "no-store") == (answer.status_code, answer.headers["cache-control"])


def test_nothing_is_served_that_is_not_signed_for(service: RunningService) -> None:
    """A head may still be rolled back; what a checkpoint covers may not."""
    for path in ("tile/0/000.p/1", "proof/inclusion?index=0", "proof/consistency?first=1"):
        assert 503 == service.get(f"{LOG}/{path}").status_code
    service.settle()
    size = signed(service).size
    batches = open_batches(service.home.settings)
    batches.commit([looked(service.home)])
    batches.close()
    sequence_all(service.home.place.ledger, 1, clock=service.home.clock)

    assert 200 == service.get(f"{LOG}/tile/entries/000.p/{size}").status_code
    assert 404 == service.get(f"{LOG}/tile/entries/000.p/{size + 1}").status_code
    assert 400 == service.get(f"{LOG}/proof/inclusion?index={size}").status_code


def test_inclusion_and_consistency_hold_against_the_signed_root(grown: RunningService) -> None:
    """For every size that a checkpoint covers."""
    last = signed(grown)
    leaf = tile_hashes(grown.get(f"{LOG}/tile/0/000").content)[17]
    inclusion = grown.get(f"{LOG}/proof/inclusion?index=17").json()
    older = grown.get(f"{LOG}/proof/inclusion?index=17&size=300").json()
    consistency = grown.get(f"{LOG}/proof/consistency?first=300").json()
    head = root(
        tile_hashes(grown.get(f"{LOG}/tile/0/000").content) + tile_hashes(grown.get(f"{LOG}/tile/0/001").content)[:44]
    )

    assert (17, last.size) == (inclusion["index"], inclusion["size"])
    assert verify_inclusion(17, last.size, leaf, hashes(inclusion), last.root)
    assert verify_inclusion(17, 300, leaf, hashes(older), head)
    assert verify_consistency(300, last.size, head, last.root, hashes(consistency))
    same = grown.get(f"{LOG}/proof/consistency?first=300&second=300")
    assert [] == same.json()["hashes"]
    assert "immutable" in same.headers["cache-control"]


def test_who_holds_a_receipt_finds_its_place_and_nobody_else(service: RunningService) -> None:
    """Record and leaf together name an entry; one of them alone, or of two receipts, names nothing."""
    first, second = service.accept(), service.accept()
    service.settle()
    leaf, _, named = leaf_and_record(first)
    _, other_leaf, _ = leaf_and_record(second)
    found = service.get(f"{LOG}/proof/inclusion?{named}")
    body = found.json()
    last = signed(service)

    assert verify_inclusion(body["index"], last.size, leaf, hashes(body), last.root)
    assert None is body["forgotten"]
    assert "no-cache" == found.headers["cache-control"]
    wrong = named.partition("&leaf=")[0]
    assert 404 == service.get(f"{LOG}/proof/inclusion?{wrong}&leaf={other_leaf}").status_code
    assert 404 == service.get(f"/log/other/proof/inclusion?{named}").status_code
    assert 400 == service.get(f"{LOG}/proof/inclusion?{wrong}").status_code
    erase_record(service.home.place.forgetting, 1, first["record"], reason="x", by=service.home.place.by)
    assert "record:erased" == service.get(f"{LOG}/proof/inclusion?{named}").json()["forgotten"]


def test_a_record_that_waits_for_its_place_is_told_to_wait(service: RunningService) -> None:
    """503 with the time to come back, before it is sequenced and before it is signed for."""
    service.settle()
    _, _, named = leaf_and_record(service.accept())
    waits = service.get(f"{LOG}/proof/inclusion?{named}")
    service.node.sequence()
    unsigned = service.get(f"{LOG}/proof/inclusion?{named}")
    service.settle()

    assert [(503, "2")] * 2 == [(one.status_code, one.headers["retry-after"]) for one in (waits, unsigned)]
    assert 200 == service.get(f"{LOG}/proof/inclusion?{named}").status_code


@pytest.mark.parametrize(
    "query",
    [
        "inclusion",
        "inclusion?index=-1",
        "inclusion?index=00",
        "inclusion?index=1e3",
        "inclusion?index=1&index=2",
        "inclusion?index=99999",
        "inclusion?index=1&size=0",
        "inclusion?index=5&size=5",
        "inclusion?index=1&size=99999999999999999999",
        "inclusion?index=1&x=1",
        "inclusion?record=x&leaf=x",
        "inclusion?index=1&record=01a20aef-e208-7929-b951-6e85f1df37f6&leaf=" + "A" * 43,
        "inclusion?leaf=" + "A" * 43,
        "inclusion?record=01a20aef-e208-7929-b951-6e85f1df37f6&leaf=" + "A" * 42,
        "consistency",
        "consistency?first=0",
        "consistency?first=3&second=2",
        "consistency?first=1&second=99999",
        "consistency?second=1",
        "consistency?first=١",
    ],
)
def test_nonsense_is_named(grown: RunningService, query: str) -> None:
    """A problem document that says which parameter, and why."""
    answer = grown.get(f"{LOG}/proof/{query}")

    assert 400 == answer.status_code, answer.text
    assert answer.json()["errors"]


def test_a_log_is_found_as_its_organisation_and_as_its_origin_ends(service: RunningService) -> None:
    """Where the two are not the same, whoever has only the origin, from a bundle say, finds the log too."""
    place = service.home.place
    begin_organisation(
        place.catalogue, place.keys, slug="third", name="Third", origin="consent.example.net/log/of-2026", by=place.by
    )
    service.node.refresh()
    service.settle()

    for path in ("keys", "checkpoint", "tile/0/000.p/1"):
        assert service.get(f"/log/third/{path}").content == service.get(f"/log/of-2026/{path}").content
    assert 200 == service.get("/log/of-2026/tile/0/000.p/1").status_code


@pytest.mark.parametrize("path", ["tile/0/000", "proof/inclusion?index=0", "proof/consistency?first=1"])
def test_an_unknown_log_has_nothing(service: RunningService, path: str) -> None:
    """No difference between a log that is not there and an address that is not there."""
    assert 404 == service.get(f"/log/nobody/{path}").status_code


def test_one_record_is_proven_by_a_file(service: RunningService) -> None:
    """Over the API and from the record's page; it opens with the public key, and names what was answered."""
    answer = service.accept()
    early = service.get(f"/api/v1/records/{answer['record']}/proof", authorization=f"Bearer {token(service)}")
    service.settle()
    bearer = f"Bearer {token(service)}"
    by_api = service.get(f"/api/v1/records/{answer['record']}/proof", authorization=bearer)
    by_page = desk(service).get(f"/console/records/{answer['record']}/proof?format=text")
    proven = open_bundle(by_api.content, service.home.organisation().origin, keys(service))

    assert 503 == early.status_code
    assert by_api.content == by_page.content
    assert f'attachment; filename="{answer["record"]}.tlog-proof"' == by_api.headers["content-disposition"]
    assert (answer["record"], {"embeds": True, "measurement": True}) == (proven.what["record"], proven.what["purposes"])
    erase_record(service.home.place.forgetting, 1, answer["record"], reason="x", by=service.home.place.by)
    gone = service.get(f"/api/v1/records/{answer['record']}/proof", authorization=bearer)
    never = service.get("/api/v1/records/01a20aef-e208-7929-b951-6e85f1df37f6/proof", authorization=bearer)
    foreign = service.get(
        f"/api/v1/records/{answer['record']}/proof", authorization=f"Bearer {token(service, slug='other')}"
    )
    assert [404] * 3 == [one.status_code for one in (gone, never, foreign)]
    assert gone.content == never.content == foreign.content


def test_an_altered_tile_is_no_proof_and_no_crash(grown: RunningService) -> None:
    """What does not hold together is not handed out as if it did."""
    from sqlalchemy import update

    from askfirst.storage import tables as t

    change(grown.home, update(t.tile).where(t.tile.c.log_id == 1, t.tile.c.level == 0).values(hashes=b"short"))
    for path in ("tile/0/000", "proof/inclusion?index=3"):
        answer = grown.get(f"{LOG}/{path}")
        assert (500, "/problems/unforeseen") == (answer.status_code, answer.json()["type"])
    assert json.loads(answer.content)
