"""The cookie: which names count where, whatever the header holds, and what is written."""

import time
import tracemalloc
from http.cookies import SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst_sdk.cookie import MAX_COPIES, cookie_name, cookie_values, is_loopback, set_cookie
from askfirst_sdk.errors import ConfigurationError
from sdk.examples import NOON, SITE, grant, signed

HOST = f"__Host-askfirst-{SITE}"
TOKEN = signed(grant())


def test_each_place_has_its_name() -> None:
    """formats.md, 4."""
    assert HOST == cookie_name(SITE)
    assert f"__Secure-askfirst-{SITE}" == cookie_name(SITE, shared=True)
    assert f"askfirst-{SITE}" == cookie_name(SITE, loopback=True) == cookie_name(SITE, shared=True, loopback=True)


@pytest.mark.parametrize("site", ["", "abc", "A" * 8, "a;b=c", "a\r\nb", None])
def test_what_is_no_site_key_names_no_cookie(site: str) -> None:
    """A site key from a configuration can not break out of a header."""
    with pytest.raises(ConfigurationError):
        cookie_name(site)


HERE = [
    "localhost",
    "LOCALHOST",
    "localhost:8000",
    "a.localhost",
    "a.b.localhost:80",
    "127.0.0.1",
    "127.1.2.3:80",
    "127.255.255.255",
    "[::1]",
    "[::1]:8000",
]
ELSEWHERE = [
    "example.com",
    "localhost.example.com",
    "notlocalhost",
    "xn--localhost",
    "localhost:80:80",
    "localhost:x",
    "user@localhost",
    "127.0.0.1.nip.io",
    "127.0.0.256",
    "127.1",
    "127.0.0.01",
    "128.0.0.1",
    "1270.0.0.1",
    "[::2]",
    "::1",
    "[::1].com",
]


@pytest.mark.parametrize("host", HERE)
def test_a_host_of_this_machine_is_loopback(host: str) -> None:
    """formats.md, 4: the plain name counts there."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", [*ELSEWHERE, "", "localhost\n", "127.0.0.1\n", "a b.localhost", b"localhost", None])
def test_no_other_host_is_loopback(host: str) -> None:
    """A name that only looks like it could be anybody's."""
    assert not is_loopback(host)


def test_bytes_and_text_read_the_same() -> None:
    """ASGI hands bytes over, WSGI text."""
    header = f"a=b; {HOST}={TOKEN}; c=\u00e9"

    assert [TOKEN] == cookie_values(header, SITE) == cookie_values(header.encode("latin-1"), SITE)


@pytest.mark.parametrize("header", [None, 5, [], {"a": "b"}, object()])
def test_what_is_no_header_holds_no_cookie(header: object) -> None:
    """Wrong types are no answer."""
    assert [] == cookie_values(header, SITE)  # type: ignore[arg-type]


def plain_split(header: str, loopback: bool) -> list[str]:
    """The rule in its slowest and plainest words."""
    names = {HOST, f"__Secure-askfirst-{SITE}"} | ({f"askfirst-{SITE}"} if loopback else set())
    values: list[str] = []
    for pair in header.split(";"):
        name, equals, value = pair.partition("=")
        value = value.strip(" \t")
        value = value[1:-1] if len(value) > 1 and value.startswith('"') and value.endswith('"') else value
        if name.lstrip(" \t") in names and equals and value not in values:
            values.append(value)
    return values[: MAX_COPIES + 1]


NAMES = ["__Host-", "__Secure-", f"askfirst-{SITE}"]
PIECES = st.sampled_from([*NAMES, "=", ";", "; ", " ", "\t", '"', "x", "y", TOKEN, "a=b", "\u00e9", "==", ";;"])


@given(st.lists(PIECES, max_size=40).map("".join), st.booleans())
def test_the_fast_way_finds_what_the_plain_way_finds(header: str, loopback: bool) -> None:
    """Splitting by hand gives what splitting at every semicolon would give."""
    assert plain_split(header, loopback) == cookie_values(header, SITE, loopback=loopback)


@pytest.mark.parametrize(
    "piece",
    [
        *(";", " ", "a=b; ", "\u00e9", '"'),
        *(f"{HOST}=", f"{HOST}=;", f"{HOST}=x; ", f"x{HOST}=y", f"askfirst-{SITE}=", f";{' ' * 50}{HOST}x=1"),
    ],
)
def test_a_megabyte_is_read_in_one_pass_and_little_memory(piece: str) -> None:
    """A hostile header costs no more than its own length, and at most nine values."""
    header = piece * (1_000_000 // len(piece))
    tracemalloc.start()
    began = time.process_time()
    values = cookie_values(header, SITE, loopback=True)
    spent = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(values) <= MAX_COPIES + 1
    assert peak < 4_500_000
    assert spent < 2.0


@pytest.mark.parametrize(
    "piece", [f"x{HOST}=y", f"askfirst-{SITE}=", f"a=x{HOST}=y; ", f"\t x__Secure-askfirst-{SITE}="]
)
def test_near_misses_are_looked_at_once(piece: str) -> None:
    """What lies behind is never gone over again for the next one: no piece of the header is copied at length."""
    header = "x" + piece * (1_000_000 // len(piece))
    tracemalloc.start()
    values = cookie_values(header, SITE, loopback=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [] == values
    assert peak < 400_000


def test_a_browser_keeps_the_receipt_as_long_as_it_counts() -> None:
    """Max-Age is the receipt's end less now, so that no clock but the service's matters."""
    assert f"{HOST}={TOKEN}; Path=/; Max-Age=100; Secure; SameSite=Lax" == set_cookie(
        SITE, TOKEN, expires_at=NOON + 100, now=NOON
    )
    assert "Max-Age=0" in set_cookie(SITE, TOKEN, expires_at=NOON, now=NOON + 5)


def test_a_shared_answer_names_its_domain() -> None:
    """`__Secure-` with a Domain, and for frames of other sites where the policy says so."""
    written = set_cookie(
        SITE, TOKEN, expires_at=NOON + 100, now=NOON, shared=True, domain="example.com", partitioned=True
    )

    assert (
        f"__Secure-askfirst-{SITE}={TOKEN}; Path=/; Domain=example.com; Max-Age=100; Secure; SameSite=None; Partitioned"
        == written
    )


def test_on_loopback_the_cookie_is_plain() -> None:
    """No Secure over plain http, and a browser keeps no Domain for localhost."""
    written = set_cookie(
        SITE, TOKEN, expires_at=NOON + 100, now=NOON, shared=True, domain="a.test", partitioned=True, loopback=True
    )

    assert f"askfirst-{SITE}={TOKEN}; Path=/; Max-Age=100; SameSite=Lax" == written


def test_what_is_written_reads_back() -> None:
    """Python's own cookie parser finds the same token."""
    written = SimpleCookie(set_cookie(SITE, TOKEN, expires_at=NOON + 100, now=NOON))

    assert [TOKEN] == cookie_values(f"{HOST}={written[HOST].value}", SITE)


@pytest.mark.parametrize("token", ["", "a", "a.b; Domain=evil.test", "a.b\r\nSet-Cookie: x=y", "a.b\n", "a b.c", None])
def test_only_a_token_is_written(token: str) -> None:
    """Nothing can add an attribute or a header."""
    with pytest.raises(ConfigurationError):
        set_cookie(SITE, token, expires_at=1, now=0)


@pytest.mark.parametrize("domain", [None, "", "com", "a.test; Path=/x", "a.test\n", ".a.test", "A.test"])
def test_a_domain_that_is_none_is_refused(domain: str) -> None:
    """A shared answer without a real domain would be written nowhere, or everywhere."""
    with pytest.raises(ConfigurationError):
        set_cookie(SITE, TOKEN, expires_at=1, now=0, shared=True, domain=domain)
