"""`audit proof`, `ledger verify --bundle` and `ledger export-tiles`: proofs that leave the machine."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, update

from askfirst.core.proof_document import STATEMENT_SALT, read_document, signed_statement, write_document
from askfirst.core.tiles import split_bundle, tile_hashes
from askfirst.core.tree import leaf_hash, root
from askfirst.storage import tables as t
from askfirst.usecases.erase import erase_record
from askfirst.usecases.proof_documents import document_in
from askfirst_sdk.keys import VerifierKey
from askfirst_sdk.signing import SigningKey, TokenSigner
from core.document_vectors import document
from support.altered_log import change
from support.command_line import CommandLine
from support.places import Home
from support.running_service import RunningService, run_service
from support.served import serve
from support.writing import looked, open_batches

ORGANISATION = ("--organisation", "example")


@pytest.fixture
def signed(home: Home) -> Iterator[tuple[RunningService, dict[str, Any]]]:
    """Give a running service and the answer to a decision that is under a checkpoint."""
    with run_service(home) as service:
        answer = service.accept()
        service.settle()
        yield service, answer


def grow(service: RunningService, count: int) -> None:
    batches = open_batches(service.home.settings)
    batches.commit([looked(service.home) for _ in range(count)])
    batches.close()
    service.settle()


def test_a_bundle_is_checked_where_there_is_nothing_else(
    furnished_askfirst: CommandLine, signed: tuple[RunningService, dict[str, Any]], tmp_path: Path
) -> None:
    """No home, no database, no service: the file and the public keys say what was decided."""
    service, answer = signed
    file, keys = tmp_path / "proof.txt", tmp_path / "keys.txt"
    furnished_askfirst.does("audit", "proof", answer["record"], "--out", str(file), *ORGANISATION)
    printed = furnished_askfirst.does("audit", "proof", answer["record"], *ORGANISATION)
    keys.write_text(service.get("/log/example/keys").text, encoding="utf-8")
    key = next(line for line in keys.read_text(encoding="utf-8").split() if "/receipts+" not in line)
    nowhere = {"HOME": str(tmp_path / "nothing")}
    by_file = furnished_askfirst.does("ledger", "verify", "--bundle", str(file), "--keys", str(keys), **nowhere)
    by_key = furnished_askfirst.does("ledger", "verify", "--bundle", str(file), "--key", key, **nowhere)

    assert file.read_text(encoding="utf-8") == printed
    assert by_file == by_key
    assert re.search(
        r"Genuine: this is entry \d+ of the \d+ that the log consent\.example\.net/log/example signed", by_key
    )
    assert answer["record"] in by_key
    assert "'measurement': True" in by_key
    assert not (tmp_path / "nothing").exists()


def test_an_edited_bundle_is_told_from_a_genuine_one(
    furnished_askfirst: CommandLine, signed: tuple[RunningService, dict[str, Any]], tmp_path: Path
) -> None:
    """Exit code 2 and why; another log's key, no key and no bundle are refused with a sentence."""
    service, answer = signed
    file = tmp_path / "proof.txt"
    text = furnished_askfirst.does("audit", "proof", answer["record"], *ORGANISATION)
    key = service.get("/log/example/keys").text.split()[0]
    other = service.get("/log/other/keys").text.split()[0]
    file.write_text(re.sub(r"index (\d+)", lambda found: f"index {int(found[1]) - 1}", text), encoding="utf-8")
    edited = furnished_askfirst("ledger", "verify", "--bundle", str(file), "--key", key)
    file.write_text(text, encoding="utf-8")
    foreign = furnished_askfirst("ledger", "verify", "--bundle", str(file), "--key", other)
    file.write_bytes(b"\xff" * 5_000_000)
    nonsense = furnished_askfirst("ledger", "verify", "--bundle", str(file), "--key", key)

    for said in (edited, foreign, nonsense):
        assert 2 == said.code
        assert said.out.startswith("NOT genuine: ")
    file.write_text(text, encoding="utf-8")
    verify = ("ledger", "verify", "--bundle", str(file))
    assert "must be given for a bundle in the text form" in furnished_askfirst.refuses(*verify)
    assert "Genuine: " in furnished_askfirst.does(*verify, "--key", other, "--key", key)
    assert "is no verifier key" in furnished_askfirst.refuses(*verify, "--key", "nonsense")
    assert "together with --bundle" in furnished_askfirst.refuses("ledger", "verify", "--key", key)
    assert "No such file" in furnished_askfirst.refuses("ledger", "verify", "--bundle", "nowhere", "--key", key)
    assert "No record with this id" in furnished_askfirst.refuses("audit", "proof", "nothing", *ORGANISATION)
    keys = tmp_path / "keys"
    keys.write_bytes(b"\xff\xfe")
    assert "is no verifier key" in furnished_askfirst.refuses(*verify, "--keys", str(keys))


def test_an_address_that_is_no_log_is_refused_with_a_sentence(
    furnished_askfirst: CommandLine,
    signed: tuple[RunningService, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever answers there: a page in the place of keys, or of what became of the record."""
    service, answer = signed
    file = tmp_path / "proof.txt"
    furnished_askfirst.does("audit", "proof", answer["record"], "--out", str(file), *ORGANISATION)
    key = service.get("/log/example/keys").text.split()[0]
    page = httpx.Response(200, text="<p>Hello", request=httpx.Request("GET", "https://www.example.org"))
    monkeypatch.setattr(httpx, "get", lambda *_args, **_given: page)
    verify = ("ledger", "verify", "--bundle", str(file), "--online", "https://www.example.org")

    assert "--online: what is at https://www.example.org/log/example/keys is no verifier key" in (
        furnished_askfirst.refuses(*verify)
    )
    told = furnished_askfirst(*verify, "--key", key)
    assert told.out.startswith("Genuine: ")
    assert (1, 1) == (told.code, told.err.count("\n"))
    assert "--online is no log of Askfirst: what is at https://www.example.org/log/example/proof" in told.err


def rebuilt(folder: Path) -> tuple[int, bytes]:
    """Return size and root that the leaves in an exported folder give, after holding them against its tiles."""

    def files(level: str) -> list[Path]:
        found = {path for path in (folder / "tile" / level).rglob("*") if path.is_file()}
        full = sorted(path for path in found if ".p" not in str(path.relative_to(folder)))
        last = max((path for path in found if path not in full), key=_width_in(len(full)), default=None)
        return [*full, *([last] if last else [])]

    leaves = [leaf for path in files("entries") for leaf in split_bundle(path.read_bytes())]
    hashes = [one for path in files("0") for one in tile_hashes(path.read_bytes())]
    assert hashes == [leaf_hash(leaf) for leaf in leaves]
    return len(leaves), root(hashes)


def _width_in(index: int) -> Any:
    # Partial files of earlier exports may still be there: the widest one of the last tile counts.
    return lambda path: (path.parent.name == f"{index:03d}.p", int(path.name))


def test_an_exported_log_is_whole_and_goes_on(
    furnished_askfirst: CommandLine, signed: tuple[RunningService, dict[str, Any]], tmp_path: Path
) -> None:
    """The files alone give the signed root; a later export adds what is new and keeps what is there."""
    service, _ = signed
    folder = tmp_path / "mirror"
    export = ("ledger", "export-tiles", str(folder), *ORGANISATION)
    first = furnished_askfirst.does(*export)
    size, tree = rebuilt(folder)
    ledger = service.home.place.ledger
    assert (ledger.head(1).size, ledger.head(1).root) == (size, tree)
    assert f"The log's first {size:,} entries are in" in first
    grow(service, 600)
    kept = folder / "tile" / "0" / "000.p" / str(size)
    before = kept.stat().st_mtime_ns
    furnished_askfirst.does(*export)
    again = furnished_askfirst.does(*export)

    assert (ledger.head(1).size, ledger.head(1).root) == rebuilt(folder)
    assert before == kept.stat().st_mtime_ns
    assert ledger.last_checkpoint(1).note == (folder / "checkpoint").read_text(encoding="utf-8")  # type: ignore[union-attr]
    assert not list(folder.rglob("*.new"))
    # Partial files and the checkpoint are written anew, full ones are left.
    assert "4 files were written" in again


def test_a_folder_that_contradicts_the_log_is_not_touched(
    furnished_askfirst: CommandLine, signed: tuple[RunningService, dict[str, Any]], tmp_path: Path
) -> None:
    """Another organisation's mirror, a newer one, an altered file, a file in the way: each is a sentence."""
    service, _ = signed
    grow(service, 300)
    folder = tmp_path / "mirror"
    export = ("ledger", "export-tiles", str(folder), *ORGANISATION)
    furnished_askfirst.does(*export)
    other = furnished_askfirst.refuses("ledger", "export-tiles", str(folder), "--organisation", "other")
    full = folder / "tile" / "0" / "000"
    good = full.read_bytes()
    full.write_bytes(bytes(32) + good[32:])
    altered = furnished_askfirst(*export)
    full.write_bytes(good)
    last = service.home.place.ledger.last_checkpoint(1)
    assert last is not None
    change(service.home, delete(t.checkpoint).where(t.checkpoint.c.log_id == 1, t.checkpoint.c.size == last.size))
    newer = furnished_askfirst.refuses(*export)
    (tmp_path / "file").write_text("x", encoding="utf-8")

    assert "The folder's checkpoint is none of this log" in other
    assert "Name another folder" in other
    assert "is not what the log has there" in altered.err
    assert 1 == altered.code
    assert "entries that were signed for are missing" in newer
    in_a_file = furnished_askfirst.refuses("ledger", "export-tiles", str(tmp_path / "file"), *ORGANISATION)
    assert "Something else is there already: name another place" in in_a_file


def test_a_log_that_does_not_hold_together_is_not_exported(
    furnished_askfirst: CommandLine, signed: tuple[RunningService, dict[str, Any]], tmp_path: Path
) -> None:
    """Half a tile is no tile, and without a checkpoint there is nothing to promise."""
    service, _ = signed
    change(service.home, update(t.tile).where(t.tile.c.log_id == 1).values(hashes=b"short"))
    said = furnished_askfirst("ledger", "export-tiles", str(tmp_path / "mirror"), *ORGANISATION)

    assert 1 == said.code
    assert "is too short; see: askfirst ledger verify" in said.err
    assert not (tmp_path / "mirror" / "checkpoint").exists()


def test_a_bundle_of_a_log_that_is_named_as_receipt_keys_are_is_not_believed(
    furnished_askfirst: CommandLine, signed: tuple[RunningService, dict[str, Any]], tmp_path: Path
) -> None:
    """Receipt keys are on every node, and sign for no log: who has one can not make a log of its name."""
    service, _ = signed
    published = service.get("/log/example/keys").text.split()
    receipts = service.home.place.keys.find(VerifierKey.parse(published[1]))
    assert receipts is not None
    file = tmp_path / "proof"
    for data in (write_document(document(key=receipts, receipt_key=receipts)), document(key=receipts).proof):
        file.write_bytes(data)
        given = ("--key", published[0], "--key", published[1])
        said = furnished_askfirst("ledger", "verify", "--bundle", str(file), *given)
        assert 2 == said.code
        assert said.out.startswith("NOT genuine: ")


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_document_is_checked_with_its_own_keys_or_with_given_ones(
    furnished_askfirst: CommandLine, signed: tuple[RunningService, dict[str, Any]], tmp_path: Path, form: str
) -> None:
    """Its own are believed and shown, so that they can be compared; an altered one and another log's are told."""
    service, answer = signed
    file = tmp_path / f"proof.{form}"
    furnished_askfirst.does("audit", "proof", answer["record"], "--format", form, "--out", str(file), *ORGANISATION)
    verify = ("ledger", "verify", "--bundle", str(file))
    keys = service.get("/log/example/keys").text.split()
    own, given = furnished_askfirst.does(*verify), furnished_askfirst.does(*verify, "--key", keys[0], "--key", keys[1])
    half = furnished_askfirst(*verify, "--key", keys[0])
    other = furnished_askfirst(*verify, "--key", service.get("/log/other/keys").text.split()[0])
    file.write_bytes(file.read_bytes().replace(b"Example Ltd asks", b"Example Inc asks"))
    file.write_bytes(file.read_bytes().replace(b"Example Ltd", b"Example Inc"))
    altered = furnished_askfirst(*verify)

    assert own.startswith("Genuine: this is entry ")
    assert f"The keys are the bundle's own:\n  {keys[0]}\n  {keys[1]}\nCompare each with" in own
    assert "The keys are the bundle's own" not in given
    assert 2 == half.code
    assert "the organisation's receipt keys are needed beside the log's" in half.out
    assert (2, "NOT genuine: The bundle is signed with another key than those that you trust.\n") == (
        other.code,
        other.out,
    )
    assert (2, "NOT genuine: The policy in the bundle is not the one that was shown: the entry names another.\n") == (
        altered.code,
        altered.out,
    )


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_statement_signed_with_another_key_is_told(
    furnished_askfirst: CommandLine, signed: tuple[RunningService, dict[str, Any]], tmp_path: Path, form: str
) -> None:
    """In a genuine bundle, whose log, receipt and policy hold: with any published key it is told, without one shown."""
    service, answer = signed
    file = tmp_path / f"proof.{form}"
    furnished_askfirst.does("audit", "proof", answer["record"], "--format", form, "--out", str(file), *ORGANISATION)
    data = document_in(file.read_bytes())
    genuine = read_document(data)
    own = SigningKey.generate(genuine.receipt_keys[0].name)
    statement = {**genuine.statement, "language": ["xx"]}
    token = TokenSigner(own, STATEMENT_SALT).token(signed_statement(answer["record"], statement))
    keys = (*genuine.receipt_keys, own.verifier)
    forged = write_document(replace(genuine, statement=statement, signature=token, receipt_keys=keys))
    file.write_bytes(file.read_bytes().replace(data, forged))
    verify = ("ledger", "verify", "--bundle", str(file))
    published = service.get("/log/example/keys").text.split()

    for given in (published[:1], published):
        said = furnished_askfirst(*verify, *(part for key in given for part in ("--key", key)))
        assert 2 == said.code
        assert said.out.startswith("NOT genuine: The bundle's receipt or its statement is signed with another key")
    assert own.verifier.text in furnished_askfirst.does(*verify)


def test_a_statement_is_written(
    furnished_askfirst: CommandLine, signed: tuple[RunningService, dict[str, Any]], tmp_path: Path
) -> None:
    """On the screen or into a file, in either form; the look is an entry."""
    _service, answer = signed
    file = tmp_path / "statement.jsonld"
    shown = json.loads(furnished_askfirst.does("audit", "statement", answer["record"], *ORGANISATION))
    furnished_askfirst.does(
        "audit", "statement", answer["record"], "--form", "receipt", "--out", str(file), *ORGANISATION
    )

    assert [answer["record"]] == shown["identifier"]
    assert ["dpv:ConsentReceipt"] == json.loads(file.read_text(encoding="utf-8"))["type"]


def test_the_service_is_asked_whether_a_record_was_erased_since(
    furnished_askfirst: CommandLine, home: Home, tmp_path: Path
) -> None:
    """Online the keys come from the service, and it says what no file can know; a service that is away is told."""
    file = tmp_path / "proof.json"
    with run_service(home) as service:
        record = service.accept()["record"]
        service.settle()
    furnished_askfirst.does("audit", "proof", record, "--format", "json", "--out", str(file), *ORGANISATION)
    verify = ("ledger", "verify", "--bundle", str(file), "--online")
    with serve(home) as served:
        kept = furnished_askfirst.does(*verify, served.url)
        assert kept == furnished_askfirst.does(*verify, f"{served.url}/log/example/")
        assert "give its address, .../log/SLUG" in furnished_askfirst.refuses(*verify, f"{served.url}/log/nobody")
        erase_record(home.place.forgetting, 1, record, reason="The visitor asked.", by=home.place.by)
        erased = furnished_askfirst.does(*verify, served.url)

    assert "Still kept: the service has this record" in kept
    assert "The keys are the bundle's own" not in kept
    assert "Genuine: this is entry" in erased
    assert "Erased since: the service says that the content of this record was erased." in erased
    assert "could not be asked" in furnished_askfirst.refuses(*verify, served.url)
    assert "could not be asked" in furnished_askfirst.refuses(*verify, "nonsense")
