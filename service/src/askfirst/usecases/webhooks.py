"""Tell other programs of new entries: signed, in the ledger's order, again until they have it (Standard Webhooks)."""

import base64
import hmac
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol
from uuid import UUID

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.audit import Listed
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.mandates import mandate_faults
from askfirst.usecases.ports import Acting, Clock, Ledger, WebhookRoom
from askfirst.usecases.rows import News, Webhook

# What receivers can be told of, and the kinds of entries that it stands for.
EVENTS: Final = {
    "decision.recorded": EntryKind.DECISION_RECORDED,
    "record.erased": EntryKind.RECORD_ERASED,
    "record.retained": EntryKind.RECORD_RETAINED,
    "policy.published": EntryKind.POLICY_PUBLISHED,
    "alert.raised": EntryKind.ALERT_RAISED,
    "alert.ended": EntryKind.ALERT_ENDED,
}
_BY_KIND: Final = {kind.value: event for event, kind in EVENTS.items()}
TESTED: Final = "webhook.tested"
URL: Final = r"https?://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?(/[!-~]{0,1500})?"
_URL: Final = re.compile(URL)
_LEASE_MS: Final = 120_000
_STEP_MS: Final = 30_000
_PAGE: Final = 200
_FIRST_PAUSE_MS: Final = 5_000
_LONGEST_PAUSE_MS: Final = 3_600_000
_NO_WEBHOOK: Final = "No webhook with this id is among those that you may see."
_HEAD: Final = frozenset({"v", "kind", "entry", "time"})


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one attempt: whether the receiver has it, and a sentence."""

    arrived: bool
    said: str


class Sender(Protocol):
    """Sends one message, once, to where it may."""

    def send(self, url: str, headers: dict[str, str], body: bytes) -> Sent:
        """Send a message. Never raises for anything that a receiver or the network does."""
        ...


def webhook_key(secret: bytes, webhook_id: bytes) -> bytes:
    """Return the 32 bytes that sign a webhook's messages: made of the nodes' own secret, so that none is stored."""
    return hmac.digest(secret, b"webhook\0" + webhook_id, "sha256")


def shown_key(secret: bytes, webhook_id: bytes) -> str:
    """Return the key as receivers write it into their settings."""
    return "whsec_" + base64.b64encode(webhook_key(secret, webhook_id)).decode()


def add_webhook(
    room: WebhookRoom,
    ledger: Ledger,
    log_id: int,
    *,
    url: str,
    events: tuple[str, ...],
    sites: tuple[str, ...] | None,
    known_sites: tuple[str, ...],
    by: Acting,
) -> Webhook:
    """Tell `url` of what happens from now on, and return the webhook. Raises InvalidQuery naming all that is wrong."""
    faults = []
    if not _URL.fullmatch(url):
        faults.append(("url", "must be an address like https://example.org/hook, without a user name"))
    if not events or set(events) - EVENTS.keys() or len(set(events)) != len(events):
        faults.append(("events", f"must be some of {', '.join(EVENTS)}, each once"))
    if sites is not None:
        faults += [(name, said) for name, said in mandate_faults("auditor", sites, known_sites) if name == "sites"]
    if faults:
        raise InvalidQuery(faults)
    now = by.clock()
    webhook = Webhook(log_id, by.random.entry_id(now), url, events, sites, now, ledger.head(log_id).size)
    members = {
        "webhook": str(UUID(bytes=webhook.webhook_id)),
        "url": url,
        "events": list(events),
        "sites": None if sites is None else list(sites),
    }
    room.add(webhook, staff_entry(log_id, EntryKind.WEBHOOK_ADDED, members, now=now, by=by))
    return webhook


def find_webhook(room: WebhookRoom, log_id: int, webhook: str, sites: tuple[str, ...] | None) -> Webhook:
    """Return one webhook. Raises NotFound, also where it tells of sites outside `sites`."""
    for one in room.webhooks(log_id):
        if str(UUID(bytes=one.webhook_id)) == webhook.lower() and may_see(one, sites):
            return one
    raise NotFound(_NO_WEBHOOK)


def may_see(webhook: Webhook, sites: tuple[str, ...] | None) -> bool:
    """Say whether somebody with these sites may see a webhook."""
    return sites is None or (webhook.sites is not None and set(webhook.sites) <= set(sites))


def remove_webhook(room: WebhookRoom, webhook: Webhook, *, by: Acting) -> None:
    """Tell it of nothing any more. Raises NotFound where somebody else was faster."""
    members = {"webhook": str(UUID(bytes=webhook.webhook_id))}
    entry = staff_entry(webhook.log_id, EntryKind.WEBHOOK_REMOVED, members, now=by.clock(), by=by)
    if not room.remove(webhook.log_id, webhook.webhook_id, entry):
        raise NotFound(_NO_WEBHOOK)


def pause_webhook(room: WebhookRoom, webhook: Webhook, *, by: Acting) -> Webhook:
    """Tell it of nothing until it goes on, and return it. What happens meanwhile waits in the ledger, and is told then.

    What is sent at this moment still arrives. One that is paused stays so since when it was. Raises NotFound where
    somebody removed it.
    """
    since = by.clock() if webhook.paused_at is None else webhook.paused_at
    return _paused(room, webhook, since, EntryKind.WEBHOOK_PAUSED, by)


def resume_webhook(room: WebhookRoom, webhook: Webhook, *, by: Acting) -> Webhook:
    """Let it go on at once where it was, and return it: one that is paused, and one that waits after failures.

    Raises NotFound where somebody removed it.
    """
    return _paused(room, webhook, None, EntryKind.WEBHOOK_RESUMED, by)


def _paused(room: WebhookRoom, webhook: Webhook, at: int | None, kind: EntryKind, by: Acting) -> Webhook:
    members = {"webhook": str(UUID(bytes=webhook.webhook_id))}
    entry = staff_entry(webhook.log_id, kind, members, now=by.clock(), by=by)
    if not room.paused(webhook, at, entry):
        raise NotFound(_NO_WEBHOOK)
    return find_webhook(room, webhook.log_id, str(UUID(bytes=webhook.webhook_id)), None)


def try_webhook(webhook: Webhook, sender: Sender, secret: bytes, *, by: Acting) -> Sent:
    """Send a message that says nothing, once, and return what came of it."""
    now = by.clock()
    name = str(UUID(bytes=by.random.entry_id(now)))
    return _send(webhook, sender, secret, name, TESTED, now, {"webhook": str(UUID(bytes=webhook.webhook_id))}, now)


def told(webhook: Webhook, size: int) -> dict[str, object]:
    """Return a webhook as the API gives it; `size`: of the ledger."""
    return {
        "webhook": str(UUID(bytes=webhook.webhook_id)),
        "url": webhook.url,
        "events": list(webhook.events),
        "sites": None if webhook.sites is None else list(webhook.sites),
        "created": webhook.created_at,
        "behind": max(0, size - webhook.position),
        "failures": webhook.failures,
        "next": webhook.next_at if webhook.failures else None,
        "said": webhook.said,
        "paused": webhook.paused_at,
    }


def due_webhooks(room: WebhookRoom, log_id: int, size: int, now: int) -> list[Webhook]:
    """Return the webhooks of an organisation that do not know all of the ledger's `size` entries and may be told."""
    return [
        one for one in room.webhooks(log_id) if one.position < size and one.next_at <= now and one.paused_at is None
    ]


def deliver(
    room: WebhookRoom,
    sender: Sender,
    webhook: Webhook,
    secret: bytes,
    clock: Clock,
    size: int,
    going_on: Callable[[], bool] = lambda: True,
) -> int:
    """Tell one webhook what it does not know yet, for half a minute at most; return how many messages arrived.

    One node at a time for each webhook. A message that does not arrive is sent again after a pause that doubles, from
    5 seconds to an hour, and what comes after it waits: the ledger keeps it, so that nothing piles up and nothing is
    lost. A message may arrive twice where a node was stopped at the wrong moment; its id is the same.
    """
    now = clock()
    if not going_on() or not room.lease(webhook, now, now + _LEASE_MS):
        return 0
    at, arrived = webhook, 0
    try:
        for step in _messages(room, sender, webhook, secret, clock, size):
            at, done = step
            arrived += done
            if clock() - now > _STEP_MS or not going_on():
                break
    finally:
        room.moved(replace(at, leased_until=0))
    return arrived


def tell_at_once(
    room: WebhookRoom,
    sender: Sender,
    log_id: int,
    secret: bytes,
    clock: Clock,
    *,
    entry_id: bytes,
    kind: EntryKind,
    data: dict[str, object],
) -> None:
    """Tell whoever is told of all sites of an entry now, once: it comes again, with the same id, when its turn is."""
    event = _BY_KIND[kind]
    for webhook in room.webhooks(log_id):
        if event in webhook.events and webhook.sites is None and webhook.paused_at is None:
            happened = int.from_bytes(entry_id[:6], "big")
            _send(webhook, sender, secret, str(UUID(bytes=entry_id)), event, happened, data, clock())


def _messages(
    room: WebhookRoom, sender: Sender, webhook: Webhook, secret: bytes, clock: Clock, size: int
) -> Iterator[tuple[Webhook, int]]:
    at = webhook
    while at.position < size and (page := room.news(at.log_id, at.position, _PAGE)):
        for news in page:
            event = _BY_KIND.get(news.kind)
            data = None if event is None or event not in at.events else _data(news, at.sites)
            if data is None or event is None:
                at = replace(at, position=news.position + 1)
                continue
            name = str(UUID(bytes=news.entry_id))
            happened = int.from_bytes(news.entry_id[:6], "big")
            sent = _send(at, sender, secret, name, event, happened, data, clock())
            if not sent.arrived:
                pause = min(_FIRST_PAUSE_MS * 2 ** min(at.failures, 20), _LONGEST_PAUSE_MS)
                yield replace(at, failures=at.failures + 1, next_at=clock() + pause, said=sent.said), 0
                return
            at = replace(at, position=news.position + 1, failures=0, next_at=0, said=sent.said)
            yield at, 1
        yield at, 0


def _data(news: News, sites: tuple[str, ...] | None) -> dict[str, object] | None:
    """Return what a message says of an entry; None where the receiver is not told of its site."""
    if news.kind == EntryKind.DECISION_RECORDED:
        name = str(UUID(bytes=news.entry_id))
        if news.record is None:
            # Forgotten in the meantime: its site is not known any more, so only whoever is told of all is told.
            return {"record": name, "forgotten": True} if sites is None else None
        if sites is not None and news.record.site_key not in sites:
            return None
        return Listed(name, news.record).as_dict()
    said = read_part(news.what)
    if sites is not None and said.get("site") not in sites:
        return None
    return {name: value for name, value in said.items() if name not in _HEAD}


def _send(
    webhook: Webhook,
    sender: Sender,
    secret: bytes,
    name: str,
    event: str,
    happened: int,
    data: dict[str, object],
    now: int,
) -> Sent:
    moment = datetime.fromtimestamp(happened / 1000, UTC).isoformat(timespec="milliseconds")
    body = json.dumps({"type": event, "timestamp": moment, "data": data}, ensure_ascii=False).encode()
    seconds = str(now // 1000)
    signed = b".".join((name.encode(), seconds.encode(), body))
    signature = base64.b64encode(hmac.digest(webhook_key(secret, webhook.webhook_id), signed, "sha256")).decode()
    headers = {
        "content-type": "application/json",
        "user-agent": "askfirst",
        "webhook-id": name,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{signature}",
    }
    return sender.send(webhook.url, headers, body)
