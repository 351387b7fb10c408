"""HTML goes into the head of pages of those who allow it, at the right place, and nothing else changes."""

import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst_sdk.errors import ConfigurationError
from askfirst_sdk.head_end import HeadEnd
from askfirst_sdk.inject import Injection, Snippets
from askfirst_sdk.lazy import LazyConsent
from askfirst_sdk.testing import granted, no_answer, refused

TAG = '<script src="/m.js"></script>'
SNIPPETS = Snippets({"measurement": TAG})
PAGE = b"<!doctype html><html><head><title>T</title></head><body>B</body></html>"
DONE = PAGE.replace(b"</head>", TAG.encode() + b"</head>")
HTML = (b"content-type", b"text/html; charset=utf-8")


def out(pieces: list[bytes]) -> bytes:
    """Return what the scanner makes of pieces, `[!]` standing where the head ends."""
    head = HeadEnd()
    sent = b""
    for piece in pieces:
        found = head.found
        before, after = head.feed(piece)
        sent += before + (b"[!]" if head.found and not found else b"") + after
    return sent + head.end()


PLACES = [
    (PAGE, PAGE.replace(b"</head>", b"[!]</head>")),
    (b"<HEAD></HEAD><p></head>", b"<HEAD>[!]</HEAD><p></head>"),
    (b"<head></head\n ><body>", b"<head>[!]</head\n ><body>"),
    (b"<head></head/>x", b"<head>[!]</head/>x"),
    (b"<head></header></headless><title></title></head>", b"<head></header></headless><title></title>[!]</head>"),
    (b"<head><!-- </head> --></head>", b"<head><!-- </head> -->[!]</head>"),
    (b"<head><!--></head>", b"<head><!-->[!]</head>"),
    (b"<head><!---></head>", b"<head><!--->[!]</head>"),
    (b"<head><!-- a --!></head>", b"<head><!-- a --!>[!]</head>"),
    (b"<head><!- </head>-></head>", b"<head><!- </head>->[!]</head>"),
    (b"<head><script>'</head>'</script></head>", b"<head><script>'</head>'</script>[!]</head>"),
    (b"<head><SCRIPT>'</head>'</SCRIPT ></head>", b"<head><SCRIPT>'</head>'</SCRIPT >[!]</head>"),
    (b"<head><script><!-- </head> </script></head>", b"<head><script><!-- </head> </script>[!]</head>"),
    (
        b"<head><script><!-- <script> </script></head> --></script></head>",
        b"<head><script><!-- <script> </script></head> --></script>[!]</head>",
    ),
    (
        b"<head><script><!-- <script> --> </script></head>",
        b"<head><script><!-- <script> --> </script>[!]</head>",
    ),
    (b"<head><script><!--></script></head>", b"<head><script><!--></script>[!]</head>"),
    (b"<head><style>/*</head>*/</style></head>", b"<head><style>/*</head>*/</style>[!]</head>"),
    (b"<head><title></head></title></head>", b"<head><title></head></title>[!]</head>"),
    (b"<head><noscript></head></noscript></head>", b"<head><noscript></head></noscript>[!]</head>"),
    (b'<head><meta content="</head>"></head>', b'<head><meta content="</head>">[!]</head>'),
    (b"<head><meta content = '</head>'></head>", b"<head><meta content = '</head>'>[!]</head>"),
    (b'<head><meta content=a"></head>"></head>', b'<head><meta content=a">[!]</head>"></head>'),
    (b"<head><template></head></template></head>", b"<head><template></head></template>[!]</head>"),
    (b"<head><?php </head> ?></head>", b"<head><?php </head> ?>[!]</head>"),
    (b"<head>a < b </head>", b"<head>a < b [!]</head>"),
    (b"<p>no head</p>", b"<p>no head</p>"),
    (b"<head><title>T</title><body></head>", b"<head><title>T</title><body></head>"),
    (b"<html><head></html></head>", b"<html><head></html></head>"),
    (b"<head></head", b"<head></head"),
    (b"<head><script></head>", b"<head><script></head>"),
    ("<head></head>".encode("utf-16"), "<head></head>".encode("utf-16")),
    (b"", b""),
]


@pytest.mark.parametrize(("page", "done"), PLACES)
def test_the_head_ends_where_a_parser_ends_it(page: bytes, done: bytes) -> None:
    """Whole, byte by byte, and cut in two at any place."""
    assert done == out([page])
    assert done == out([page[at : at + 1] for at in range(len(page))])
    for at in range(len(page)):
        assert done == out([page[:at], page[at:]])


@given(
    st.lists(
        st.sampled_from(
            [b"<", b"/", b"head", b">", b"!--", b"--", b"script", b"title", b'"', b"=", b" ", b"x", b"\xff"]
        )
    )
)
def test_nothing_is_lost_whatever_the_page_is(pieces: list[bytes]) -> None:
    """What goes in comes out, and the cuts make no difference."""
    page = b"".join(pieces)

    assert page == out(pieces).replace(b"[!]", b"")
    assert out([page]) == out(pieces)


def test_a_page_without_end_is_passed_on() -> None:
    """After a mebibyte nobody looks any more, and nothing is held."""
    head = HeadEnd()
    sent = sum(len(head.feed(b"<p>" * 10_000)[0]) for _ in range(60))

    assert (60 * 30_000, True, False) == (sent, head.over, head.found)


def through(
    pieces: list[bytes],
    headers: list[tuple[bytes, bytes]],
    consent: Any = None,
    *,
    method: str = "GET",
    status: int = 200,
    snippets: Snippets = SNIPPETS,
) -> tuple[dict[bytes, bytes], bytes, LazyConsent]:
    """Return the headers and the body that go out, and the consent that may have been asked."""
    lazy = LazyConsent(lambda: granted("measurement") if consent is None else consent)
    work = Injection(method, status, headers, snippets, lazy)
    body = b""
    for piece in pieces:
        sent = work.feed(piece)
        assert work.ready or sent == b""
        body += sent
    body += work.end()
    assert work.ready
    return dict(work.headers), body, lazy


def test_a_page_of_a_visitor_who_consented_gets_it_before_the_head_ends() -> None:
    """And the length that was announced is the length that comes."""
    headers, body, _ = through([PAGE], [HTML, (b"Content-Length", str(len(PAGE)).encode())])

    assert (DONE, str(len(DONE)).encode()) == (body, headers[b"Content-Length"])


@pytest.mark.parametrize("consent", [refused("measurement"), no_answer(), granted("marketing")])
def test_nobody_else_gets_it(consent: Any) -> None:
    """The page goes out as it is, with its own length."""
    headers, body, lazy = through([PAGE], [HTML, (b"content-length", str(len(PAGE)).encode())], consent)

    assert (PAGE, str(len(PAGE)).encode(), True) == (body, headers[b"content-length"], lazy.was_read)


def test_what_the_law_permits_goes_in_only_where_that_is_asked_for() -> None:
    """`by_law` is the site's own decision."""
    exempt = no_answer(measurement="exempt")

    assert PAGE == through([PAGE], [HTML], exempt)[1]
    assert DONE == through([PAGE], [HTML], exempt, snippets=Snippets({"measurement": TAG}, by_law=True))[1]


def test_a_streamed_page_waits_for_nothing() -> None:
    """Each piece goes on as it comes, but for the few bytes that may be the end of the head."""
    lazy = LazyConsent(lambda: granted("measurement"))
    work = Injection("GET", 200, [HTML], SNIPPETS, lazy)

    assert work.ready
    assert [b"<head><title>T</title>", TAG.encode() + b"</head>", b"<p>1", b"<p>2", b""] == [
        work.feed(b"<head><title>T</title></he"),
        work.feed(b"ad>"),
        work.feed(b"<p>1"),
        work.feed(b"<p>2"),
        work.end(),
    ]


def test_a_long_page_without_the_end_of_a_head_keeps_its_length() -> None:
    """It is passed on once it is clear, or too long, and nothing of it is lost."""
    pieces = [b"<p>" * 100_000] * 6
    length = str(sum(map(len, pieces))).encode()

    headers, body, _ = through(pieces, [HTML, (b"content-length", length)])

    assert (b"".join(pieces), length) == (body, headers[b"content-length"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"content-type", b"application/json")], 200),
        ([(b"content-type", b"text/plain")], 200),
        ([(b"content-type", b"text/html-sandboxed")], 200),
        ([], 200),
        ([HTML, (b"content-encoding", b"gzip")], 200),
        ([HTML, (b"Content-Encoding", b"br")], 200),
        ([HTML, (b"content-disposition", b'attachment; filename="page.html"')], 200),
        ([(b"content-type", b"text/html; charset=utf-16")], 200),
        ([(b"content-type", b"text/html; charset=nonsense")], 200),
        ([HTML, (b"content-length", b"9"), (b"content-length", b"10")], 200),
        ([HTML, (b"content-length", b"many")], 200),
        ([HTML, (b"content-range", b"bytes 0-9/70")], 206),
        ([HTML], 304),
        ([HTML], 204),
        ([HTML], 101),
    ],
)
def test_what_is_no_whole_readable_page_is_left_alone(headers: list[tuple[bytes, bytes]], status: int) -> None:
    """Byte for byte, header for header, and without asking for consent, so that it stays cacheable."""
    headers = [*headers, (b"etag", b'"1"')]
    sent, body, lazy = through([PAGE], headers, status=status)

    assert (dict(headers), PAGE, False) == (sent, body, lazy.was_read)


def test_a_compressed_page_arrives_whole() -> None:
    """It is not opened."""
    packed = gzip.compress(PAGE)

    assert packed == through([packed[:10], packed[10:]], [HTML, (b"content-encoding", b"gzip")])[1]


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_an_error_page_is_a_page(status: int) -> None:
    """Whoever allows measurement allows it there too."""
    assert DONE == through([PAGE], [HTML], status=status)[1]


def test_an_answer_to_head_has_no_length_that_would_be_untrue() -> None:
    """The page would be longer by what is put in; nobody knows whether its head ends."""
    headers, body, _ = through([], [HTML, (b"content-length", b"70")], method="HEAD")

    assert (b"", False) == (body, b"content-length" in headers)


def test_no_validator_brings_an_old_page_back() -> None:
    """By an entity tag or a date, a browser would keep the page of before a withdrawal."""
    validators = [(b"ETag", b'"1"'), (b"Last-Modified", b"x"), (b"Accept-Ranges", b"bytes"), (b"Content-Digest", b"x")]
    for consent in (granted("measurement"), refused("measurement")):
        assert {HTML[0]: HTML[1]} == through([PAGE], [HTML, *validators], consent)[0]


@pytest.mark.parametrize(
    ("policies", "attribute"),
    [
        ([], ""),
        ([b"script-src 'self'"], ""),
        ([b"default-src 'none'; script-src 'nonce-abc+/=' 'strict-dynamic'"], ' nonce="abc+/="'),
        ([b"default-src 'nonce-d'"], ' nonce="d"'),
        ([b"Script-Src-Elem 'nonce-e'; script-src 'nonce-s'"], ' nonce="e"'),
        ([b"img-src x", b"script-src 'nonce-two'"], ' nonce="two"'),
        ([b"script-src 'nonce-\"><script>'"], ""),
        ([b"style-src 'nonce-s'"], ""),
    ],
)
def test_the_nonce_of_the_page_is_its_own(policies: list[bytes], attribute: str) -> None:
    """Taken from the response's own policy; where it has none the attribute goes."""
    snippets = Snippets({"measurement": '<script src="/m.js" nonce="{nonce}"></script>'})
    headers = [HTML, *((b"content-security-policy", policy) for policy in policies)]

    assert f'<script src="/m.js"{attribute}></script></head>'.encode() in through([PAGE], headers, snippets=snippets)[1]


def test_what_goes_in_speaks_the_pages_character_set() -> None:
    """A letter that it lacks becomes a reference."""
    snippets = Snippets({"measurement": "<!--ü→-->"})
    _, body, _ = through([PAGE], [(b"content-type", b'text/html; charset="iso-8859-1"')], snippets=snippets)

    assert b"<!--\xfc&#8594;--></head>" in body


@pytest.mark.parametrize("html", [{"Measurement": TAG}, {"": TAG}, {"measurement": "</HEAD>"}])
def test_what_can_not_be_put_in_is_refused_at_once(html: dict[str, str]) -> None:
    """At start, not at the first visitor."""
    with pytest.raises(ConfigurationError):
        Snippets(html)
