"""One service over two databases: each organisation's log is its own, and one that is away is nobody else's trouble."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from askfirst.app import PUBLIC
from askfirst.core.errors import ConfigurationFault
from askfirst.several import SeveralDatabases
from askfirst.usecases.set_up import add_site
from askfirst.usecases.staff import invite_again
from askfirst.usecases.succeed import succeed
from askfirst.usecases.tokens import issue_token
from support.cluster import POSTGRES_BIN_PATH, Cluster
from support.places import PAGE, found, publish
from support.running_service import RunningService
from support.staff import COOKIE, ORIGIN, PASSWORD, entries, member
from support.table_rows import row_counts
from support.time_and_ids import HandClock
from support.two_databases import NORTH, SOUTH, Two, two_databases, write_directory

KINDS = [("sqlite", "sqlite"), ("postgresql", "postgresql"), ("sqlite", "postgresql")]


@pytest.fixture
def two(request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path, clock: HandClock) -> Iterator[Two]:
    """Give both databases, of the kinds that the test asks for; mixed ones where it asks for none."""
    with two_databases(tmp_path, getattr(request, "param", KINDS[2]), cluster, clock) as made:
        yield made


def decide(caller: RunningService, site: str) -> Any:
    """Send a decision for a site, and return the answer."""
    return caller.post(caller.decision(site), site)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds: the service looks for its databases every two seconds."""
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("two", KINDS, indirect=True)
def test_each_answer_goes_into_the_log_of_its_organisation(two: Two) -> None:
    """Of two logs that both have the number 1, each grows by its own decisions, under its own key and name."""
    with two.run() as callers:
        north, south = callers["north"], callers["south"]
        before = {name: row_counts(home.place.engine)["record"] for name, home in two.homes.items()}
        assert [201, 201, 201] == [
            decide(north, NORTH).status_code,
            decide(south, SOUTH).status_code,
            decide(south, SOUTH).status_code,
        ]
        for caller in callers.values():
            caller.settle()
        notes = [north.get(f"/log/{slug}/checkpoint").text for slug in ("north", "south")]
        keys = [north.get(f"/log/{slug}/keys").text for slug in ("north", "south")]

        assert {"north": 1, "south": 2} == {
            name: row_counts(home.place.engine)["record"] - before[name] for name, home in two.homes.items()
        }
        assert ["consent.example.net/log/north", "consent.example.net/log/south"] == [n.split("\n")[0] for n in notes]
        assert not set(keys[0].split()) & set(keys[1].split())


def test_public_addresses_are_those_of_the_site(two: Two) -> None:
    """Script, policy, descriptor and region come from whichever database has the site; another key is unknown."""
    with two.run() as callers:
        caller = callers["north"]
        for site in (NORTH, SOUTH):
            assert site in caller.get(f"/s/{site}.js").text
            assert 200 == caller.get(f"/s/{site}/de.js").status_code
            assert 200 == caller.get(f"/descriptor/{site}").status_code
            assert 1 == caller.get(f"/p/{site}.json").json()["number"]
            assert {"rule": "default"} == caller.get(f"/r/{site}").json()
        assert "unknown-site" in caller.post(b"{}", "nobody01").text
        assert 404 == caller.get("/log/nobody/checkpoint").status_code
        assert 404 == caller.get("/nothing/here").status_code
        assert 200 == caller.get("/api/v1/openapi.json").status_code
        assert 200 == caller.get("/healthz").status_code


def test_a_log_that_took_over_is_found_in_its_database(two: Two) -> None:
    """Its name stands in no directory file: whichever database has the log answers."""
    with two.run() as callers:
        decide(callers["south"], SOUTH)
        callers["south"].settle()
        place = two.south.place
        succeed(
            place.catalogue,
            place.ledger,
            place.keys,
            two.south.organisation("south"),
            origin="consent.example.net/log/south-2",
            kept=None,
            reason="The newest backup was older.",
            by=place.by,
        )
        callers["south"].node.refresh()
        callers["south"].settle()

        assert 200 == callers["north"].get("/log/south-2/tile/0/000.p/1").status_code
        assert 404 == callers["north"].get("/log/south/tile/0/000.p/1").status_code
        keys = {callers["north"].get(f"/log/{name}/keys").text for name in ("south", "south-2")}
        assert 1 == len(keys)


@pytest.mark.parametrize("address", sorted(path for path in PUBLIC if "{site}" in path))
def test_every_address_of_a_site_leads_to_its_database(two: Two, address: str) -> None:
    """Also one that is added later: none may say that a site is unknown which is in the other database."""
    path = address.format(site=SOUTH, digest="0" * 64, language="en")
    with two.run() as callers:
        assert "unknown-site" not in callers["north"].request("POST", path, content=b"{}").text
        assert "unknown-site" not in callers["north"].get(path).text


def test_a_token_opens_its_own_organisation_only(two: Two) -> None:
    """The API asks each database once whose a token is; nobody's token, and none, are refused."""
    tokens = {
        name: issue_token(home.place.staff, 1, name="reader", role="auditor", sites=None, days=1, by=home.place.by)
        for name, home in two.homes.items()
    }
    with two.run() as callers:
        caller = callers["north"]
        records = {name: decide(callers[name], f"{name}0001").json()["record"] for name in tokens}

        for name, token in tokens.items():
            other = "south" if name == "north" else "north"
            sent = {"authorization": f"Bearer {token}"}
            assert 200 == caller.get(f"/api/v1/records/{records[name]}", **sent).status_code
            assert 404 == caller.get(f"/api/v1/records/{records[other]}", **sent).status_code
        assert 401 == caller.get("/api/v1/records", authorization="Bearer askfirst_0000").status_code
        assert 401 == caller.get("/api/v1/records", authorization="Basic x").status_code
        assert 401 == caller.get("/api/v1/records").status_code


def test_staff_say_once_which_organisation_is_theirs(two: Two) -> None:
    """Two people of one name, in two organisations: each signs in to their own, and sees that one's staff."""
    for home, slug, words in ((two.north, "north", PASSWORD), (two.south, "south", f"{PASSWORD} too")):
        member(home, "ann@example.org", slug=slug, password=words)
    with two.run() as callers:
        caller = callers["north"]
        form = {"login": "ann@example.org", "password": f"{PASSWORD} too"}
        sent = {"sec-fetch-site": "same-origin", "origin": ORIGIN}

        asked = caller.get("/console")
        page = caller.get("/console/sign-in")
        unknown = caller.get("/console/sign-in?organisation=nobody")
        chosen = caller.get("/console/sign-in?organisation=south&next=%2Fconsole%2Fstaff")
        theirs = chosen.headers["set-cookie"].partition(";")[0]
        signed_in = caller.request("POST", "/console/sign-in", data=form, headers={**sent, "cookie": theirs})
        session = signed_in.headers["set-cookie"].partition(";")[0]
        refused = caller.request(
            "POST", "/console/sign-in", data=form, headers={**sent, "cookie": "askfirst_organisation=north"}
        )
        home = caller.get("/console", cookie=f"{theirs}; {session}")
        strange = caller.get("/console", cookie=f"askfirst_organisation=north; {session}")

        assert (303, "/console/sign-in") == (asked.status_code, asked.headers["location"])
        assert "Your organisation" in page.text
        assert "north" not in page.text
        assert (404, True) == (unknown.status_code, "There is no organisation nobody here." in unknown.text)
        assert (303, "/console/sign-in?next=%2Fconsole%2Fstaff") == (chosen.status_code, chosen.headers["location"])
        assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/console"} <= set(chosen.headers["set-cookie"].split("; "))
        assert 303 == signed_in.status_code
        assert session.startswith(COOKIE)
        assert 403 == refused.status_code
        assert "The south organisation" in home.text
        assert (303, True) == (strange.status_code, "/console/sign-in" in strange.headers["location"])
        assert "Another organisation" in caller.get("/console/sign-in", cookie=theirs).text


def test_a_link_leads_to_the_organisation_that_made_it(two: Two) -> None:
    """Whoever follows it need not know a short name."""
    made = member(two.south, "new@example.org", slug="south", password=None)
    link = invite_again(two.south.place.staff, 1, made.staff_id, by=two.south.place.by).address(ORIGIN)
    with two.run() as callers:
        page = callers["north"].get(link.removeprefix(ORIGIN))
        spent = callers["north"].get("/console/link/nothing")

        assert (200, True) == (page.status_code, "The south organisation" in page.text)
        assert "askfirst_organisation=south" in page.headers["set-cookie"]
        assert (404, False) == (spent.status_code, "set-cookie" in spent.headers)


def test_a_database_that_is_away_stops_no_other(two: Two, cluster: Cluster) -> None:
    """South's answers are refused with 503 at once and can be sent again; north's are stored as ever; both hold at the
    end."""
    token = issue_token(
        two.south.place.staff, 1, name="reader", role="auditor", sites=None, days=1, by=two.south.place.by
    )
    with two.run() as callers:
        north, south = callers["north"], callers["south"]
        lost = south.decision(SOUTH)
        assert {"databases": {"north": "ready", "south": "ready"}} == north.get("/readyz").json()
        with cluster.away(two.databases[0]):
            assert {"databases": {"north": "ready", "south": "away"}} == north.get("/readyz").json()
            refused = south.post(lost, SOUTH)
            assert [201] * 5 == [decide(north, NORTH).status_code for _ in range(5)]
            north.settle()
            assert 200 == north.get("/log/north/checkpoint").status_code
            assert 200 == north.get(f"/s/{SOUTH}.js").status_code
            assert 503 == north.get("/api/v1/records", authorization=f"Bearer {token}").status_code
            assert 200 == north.get("/readyz").status_code
            metrics = north.request("GET", "/metrics").status_code, _metrics(two)
        assert (503, True) == (refused.status_code, "retry-after" in refused.headers)
        assert (403, {"north": 1.0, "south": 0.0}) == metrics
        eventually(lambda: south.post(lost, SOUTH).status_code == 201)
        eventually(lambda: south.get("/api/v1/records", authorization=f"Bearer {token}").status_code == 200)
        assert {"north": "ready", "south": "ready"} == north.get("/readyz").json()["databases"]


def test_a_service_starts_without_a_database_that_is_away_and_takes_it_up_later(two: Two, cluster: Cluster) -> None:
    """Until then nobody is told that a site of it is unknown: the answer would be thrown away."""
    with cluster.away(two.databases[0]):
        app = two.run()
        callers = app.__enter__()
        north = callers["north"]
        try:
            assert 201 == decide(north, NORTH).status_code
            refused = north.post(b"{}", SOUTH)
            assert (503, True) == (refused.status_code, "retry-after" in refused.headers)
            assert 503 == north.get("/log/south/checkpoint").status_code
            assert 503 == north.get(f"/s/{SOUTH}.js").status_code
            assert 503 == north.get("/api/v1/records", authorization="Bearer askfirst_00").status_code
            cookie = "askfirst_organisation=south"
            assert 503 == north.get("/console/sign-in", cookie=cookie).status_code
        except BaseException:
            app.__exit__(None, None, None)
            raise
    try:
        eventually(lambda: north.get(f"/s/{SOUTH}.js").status_code == 200)
        assert 201 == decide(callers["south"], SOUTH).status_code
        assert {"north": "ready", "south": "ready"} == north.get("/readyz").json()["databases"]
    finally:
        app.__exit__(None, None, None)


def test_an_organisation_where_the_directory_does_not_put_it_is_refused(two: Two) -> None:
    """A copy that was restored under another name, say: which of two logs is the right one, nobody could tell."""
    found(two.north.place, "stranger")

    with pytest.raises(ConfigurationFault) as refused:
        SeveralDatabases(two.read(), two.open_node, two.settings)

    assert "stranger is in a database for which the directory does not name it" in str(refused.value)


def test_an_organisation_that_is_not_made_yet_is_named(tmp_path: Path, two: Two) -> None:
    """With the command that makes it."""
    text = two.settings.directory.read_text() if two.settings.directory else ""
    (tmp_path / "directory.toml").write_text(text.replace('["north"]', '["north", "west"]'))

    with pytest.raises(ConfigurationFault) as refused:
        SeveralDatabases(two.read(), two.open_node, two.settings)

    assert "west is not in its database yet; make it with: askfirst init --slug west" in str(refused.value)


def test_a_site_in_two_databases_is_refused_at_the_start_and_answered_by_none(two: Two) -> None:
    """While the service runs, no answer for it is taken: it would be half of one log and half of another."""
    with two.run() as callers:
        caller = callers["north"]
        place = two.south.place
        add_site(
            place.catalogue, two.south.organisation("south"), site_key=NORTH, name="x", origins=(PAGE,), by=place.by
        )
        publish(place, NORTH)
        body = json.dumps(caller.decision(NORTH)).encode()
        callers["south"].settle()
        refused = caller.post(body, NORTH)

        assert (503, True) == (refused.status_code, "two databases have this site" in refused.text)
    with pytest.raises(ConfigurationFault) as stopped:
        SeveralDatabases(two.read(), two.open_node, two.settings)
    assert f"site {NORTH} is in the databases north and south" in str(stopped.value)


def test_commands_work_on_the_organisation_that_they_are_told(
    askfirst: Any, tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first start to a verified copy; what is about all databases goes over all, and names those away."""
    monkeypatch.setenv("PATH", f"{POSTGRES_BIN_PATH}{os.pathsep}{os.environ['PATH']}")
    with cluster.database() as database:
        folder = str(write_directory(tmp_path, north="", south=cluster.url(database)))
        monkeypatch.setenv("ASKFIRST_DIRECTORY", folder)
        site = ("--name", "A site", "--origin", PAGE)
        for slug in ("north", "south"):
            askfirst.does("init", "--name", slug, "--slug", slug)
        said = askfirst.does("migrate")
        assert "The database north has this version's schema.\nThe database south has this version's schema.\n" == said
        assert "must name one of the directory's: north, south" in askfirst.refuses("site", "add", "one00001", *site)
        assert "must name one of the directory's" in askfirst.refuses("init", "--name", "x", "--slug", "west")
        askfirst.does("site", "add", "one00001", *site, "--organisation", "north")
        said = askfirst.refuses("site", "add", "one00001", *site, "--organisation", "south")
        assert "the site one00001 is in the database north already" in said
        askfirst.does("site", "add", "two00001", *site, ORGANISATION="south")
        assert "two00001" in askfirst.does("site", "embed", "two00001")
        assert "one00001" in askfirst.does("site", "list", "--organisation", "north")
        assert "No site has the key" in askfirst.refuses("site", "embed", "nobody01")
        verified = askfirst.does("ledger", "verify")
        assert ["north: All", "south: All"] == [
            " ".join(line.split()[:2]) for line in verified.splitlines() if "hold" in line
        ]
        copied = askfirst.does("backup", str(tmp_path / "copies"))
        assert "holds a copy of each of 2 databases" in copied
        assert ["north", "south"] == sorted(one.name for one in (tmp_path / "copies").iterdir())
        with cluster.away(database):
            for command in (("migrate",), ("backup", str(tmp_path / "more"))):
                said = askfirst(*command)
                assert 1 == said.code
                assert "the database south can not be used" in said.err
                assert "north" in said.out
            assert "can not be used" in askfirst("ledger", "verify").err
        for file in (askfirst.home / "north" / "data").iterdir():
            file.unlink()
        assert "The database is back in place." in askfirst.does(
            "restore", str(tmp_path / "copies" / "north"), "--organisation", "north"
        )
        assert "one00001" in askfirst.does("site", "list", "--organisation", "north")


def test_what_staff_do_is_in_their_own_log(two: Two) -> None:
    """A look through the API leaves its entry with the organisation whose token it was, and none with the other."""
    token = issue_token(
        two.south.place.staff, 1, name="reader", role="auditor", sites=None, days=1, by=two.south.place.by
    )
    with two.run() as callers:
        callers["north"].get("/api/v1/records", authorization=f"Bearer {token}")

        assert [0, 1] == [len(entries(home, "records:searched", name)) for name, home in two.homes.items()]


def _metrics(two: Two) -> dict[str, float]:
    from askfirst.web.metrics import REGISTRY

    return {name: REGISTRY.get_sample_value("askfirst_database_up", {"database": name}) or 0.0 for name in two.homes}
