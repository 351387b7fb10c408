"""GET /r/KEY tells a page its rule, by the operator's own proxy or database, and never by the visitor's word."""

import ipaddress
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from askfirst.core.errors import ConfigurationFault
from askfirst.place_database import open_whereabouts
from askfirst.web.whereabouts import PEER, PeerKept, Whereabouts
from support.places import publish, settings_of
from support.running_service import RunningService
from support.served import Served, serve

CALIFORNIA = {
    "id": "us-ca",
    "places": ["US-CA"],
    "modes": {"measurement": "opt_out"},
    "lifetime_days": 365,
    "since": "2023-01-01",
    "source": "Cal. Civ. Code 1798.135",
}
OPT_OUT: dict[str, Any] = {
    "gpc": ["measurement"],
    "regions": {"default": "default", "rules": [CALIFORNIA]},
    "opt_out_link": {"en": "Do not sell or share my data", "de": "Meine Daten nicht verkaufen oder weitergeben"},
}
LOCAL = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
BEHIND = Whereabouts(proxies=LOCAL, country_header="CF-IPCountry", part_header="X-State")


def scope(*headers: tuple[str, str], peer: str = "127.0.0.1", client: str = "203.0.113.9") -> dict[str, Any]:
    return {
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": (client, 1234),
        PEER: (peer, 1234),
    }


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("CF-IPCountry", "DE")], "DE"),
        ([("cf-ipcountry", " us "), ("X-State", "ca")], "US-CA"),
        ([("CF-IPCountry", "US"), ("X-State", "US-CA")], "US-CA"),
        ([("CF-IPCountry", "US"), ("X-State", "California")], "US"),
        ([("CF-IPCountry", "US"), ("X-State", "")], "US"),
        ([("X-State", "CA")], None),
        ([("CF-IPCountry", "XX")], None),
        ([("CF-IPCountry", "T1")], None),
        ([("CF-IPCountry", "Germany")], None),
        ([("CF-IPCountry", "D\xc9")], None),
        ([("CF-IPCountry", "DE"), ("CF-IPCountry", "US")], None),
        ([("CF-IPCountry", "US"), ("X-State", "CA"), ("X-State", "TX")], "US"),
        ([("X-Country", "DE"), ("Geo", "DE"), ("X-Forwarded-For", "203.0.113.1")], None),
        ([], None),
    ],
    ids=str,
)
def test_a_trusted_proxy_says_where_a_visitor_is(headers: list[tuple[str, str]], expected: str | None) -> None:
    """Nonsense, a code for nowhere, or two values: not known."""
    assert expected == BEHIND.place(scope(*headers))


@pytest.mark.parametrize("peer", ["203.0.113.9", "::2", "", "unix", "::ffff:203.0.113.9"])
def test_nobody_else_is_believed(peer: str) -> None:
    """A visitor who comes by another way can write any header."""
    assert BEHIND.place(scope(("CF-IPCountry", "US"), peer=peer)) is None


def test_a_proxy_in_mapped_form_is_the_same_proxy() -> None:
    """A socket for both families shows IPv4 addresses so."""
    assert "DE" == BEHIND.place(scope(("CF-IPCountry", "DE"), peer="::ffff:127.0.0.1"))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database in the MaxMind format with three networks."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test", description="Three networks")
    for network, known in (
        ("203.0.113.0/24", {"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "CA"}]}),
        ("198.51.100.0/24", {"country": {"iso_code": "DE"}}),
        ("2001:db8::/32", {"country": {"iso_code": "GB"}, "subdivisions": []}),
        ("192.0.2.0/24", {"country": "nowhere", "subdivisions": "none"}),
    ):
        writer.insert_network(IPSet([network]), known)
    file = tmp_path_factory.mktemp("places") / "places.mmdb"
    writer.to_db_file(str(file))
    return file


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("203.0.113.9", "US-CA"),
        ("198.51.100.1", "DE"),
        ("2001:db8::1", "GB"),
        ("192.0.2.1", None),
        ("10.1.2.3", None),
        ("testclient", None),
    ],
)
def test_a_database_says_where_an_address_is(database: Path, tmp_path: Path, client: str, expected: str | None) -> None:
    """Country, and state where it is known; an address that it does not have is nowhere."""
    tells = open_whereabouts(settings_of(tmp_path, place_database=database))

    assert expected == tells.place(scope(client=client))


def test_a_header_comes_before_the_database(database: Path, tmp_path: Path) -> None:
    """The database answers where the proxy says nothing."""
    settings = settings_of(
        tmp_path, place_database=database, trusted_proxies="127.0.0.0/8", country_header="CF-IPCountry"
    )
    tells = open_whereabouts(settings)

    assert "FR" == tells.place(scope(("CF-IPCountry", "FR")))
    assert "US-CA" == tells.place(scope(("CF-IPCountry", "XX")))
    assert "US-CA" == tells.place(scope(("CF-IPCountry", "FR"), peer="203.0.113.9"))


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_a_database_that_can_not_be_read_stops_the_service(tmp_path: Path, content: bytes | None) -> None:
    """Named by its setting, before the first request."""
    file = tmp_path / "places.mmdb"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationFault, match="ASKFIRST_PLACE_DATABASE can not be read as a place database"):
        open_whereabouts(settings_of(tmp_path, place_database=file))


def test_an_unknown_place_follows_the_rule_for_unknown_places(service: RunningService) -> None:
    """Without headers and database no place is known; the answer is for nobody else and never kept."""
    publish(service.home.place, "demo0001", **OPT_OUT)
    service.settle()
    answer = service.get("/r/demo0001", cf_ipcountry="US", x_state="CA", x_forwarded_for="203.0.113.9")

    assert (200, {"rule": "default"}) == (answer.status_code, answer.json())
    assert ("no-store", "*") == (answer.headers["cache-control"], answer.headers["access-control-allow-origin"])
    assert "set-cookie" not in answer.headers


def test_of_no_site_and_no_policy_there_is_no_rule(shared_service: RunningService) -> None:
    """A problem document, as everywhere."""
    assert (404, "unknown-site") == _refused(shared_service, "/r/nobody00")
    assert (404, "unknown-site") == _refused(shared_service, "/r/%00")
    assert 405 == shared_service.request("POST", "/r/demo0001").status_code


def _refused(service: RunningService, path: str) -> tuple[int, str]:
    answer = service.get(path)
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


class _Seen:
    """An application that keeps the scope that it was called with."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope


async def _nothing(*_given: Any) -> Any:
    return None


def test_the_proxy_is_known_behind_its_forwarded_address(service: RunningService) -> None:
    """Limits go by the visitor's address, and trust by the address that the request really came from."""
    seen = _Seen()
    app: Any = PeerKept(ProxyHeadersMiddleware(seen, trusted_hosts="127.0.0.1"))  # type: ignore[arg-type]
    given = {"type": "http", "headers": [(b"x-forwarded-for", b"203.0.113.9")], "client": ("127.0.0.1", 5)}
    service.call(app, given, _nothing, _nothing)

    assert ("127.0.0.1", "203.0.113.9") == (seen.scope[PEER][0], seen.scope["client"][0])


@pytest.fixture
def behind_a_proxy(home: Any) -> Any:
    """Give a service on a socket that believes the headers of loopback."""
    publish(home.place, "demo0001", **OPT_OUT)
    changed = home.settings.model_copy(
        update={"trusted_proxies": "127.0.0.0/8", "country_header": "CF-IPCountry", "state_header": "X-State"}
    )
    place = type(home.place)(**{**_fields(home.place), "settings": changed})
    with serve(type(home)(**{**_fields(home), "place": place})) as running:
        yield running


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_on_a_socket_a_californian_gets_the_rule_of_california(
    behind_a_proxy: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """With the server that the command runs; and neither place nor address is in what is logged."""
    import httpx

    with caplog.at_level(logging.DEBUG, logger="askfirst"):
        headers = {"CF-IPCountry": "US", "X-State": "CA", "X-Forwarded-For": "203.0.113.9"}
        told = httpx.get(f"{behind_a_proxy.url}/r/demo0001", headers=headers)
        unknown = httpx.get(f"{behind_a_proxy.url}/r/demo0001", headers={"X-State": "CA"})

    assert ({"rule": "us-ca"}, {"rule": "default"}) == (told.json(), unknown.json())
    assert b'{"rule":"us-ca"}' == told.content
    assert "203.0.113.9" not in caplog.text + json.dumps(dict(told.headers))
