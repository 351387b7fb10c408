"""Tell webhooks side by side: one that is slow holds up no other."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from askfirst.usecases.ports import Clock, Ledger, WebhookRoom
from askfirst.usecases.rows import Webhook
from askfirst.usecases.webhooks import Sender, deliver, due_webhooks

log = logging.getLogger("askfirst")

_MOST: Final = 8  # that are told at the same time


class Deliveries:
    """The webhooks that this process tells right now."""

    def __init__(
        self,
        room: WebhookRoom,
        ledger: Ledger,
        sender: Sender,
        secret: bytes,
        clock: Clock,
        going_on: Callable[[], bool],
    ) -> None:
        """Take what `usecases.webhooks.deliver` takes; `going_on`: whether a next message may be sent."""
        self._room, self._ledger, self._sender = room, ledger, sender
        self._secret, self._clock, self._going_on = secret, clock, going_on
        self._hands = ThreadPoolExecutor(_MOST, "askfirst-webhook")
        # Owned by whoever holds the lock: a webhook's turn may end while the next round begins.
        self._lock = threading.Lock()
        self._told: set[bytes] = set()

    def begin(self, log_id: int) -> None:
        """Begin to tell every webhook of an organisation that is due and not being told; wait for none."""
        size = self._ledger.head(log_id).size
        for webhook in due_webhooks(self._room, log_id, size, self._clock()):
            with self._lock:
                if webhook.webhook_id in self._told:
                    continue
                self._told.add(webhook.webhook_id)
            self._hands.submit(self._tell, webhook, size)

    def close(self) -> None:
        """Begin nothing any more; what is being sent is not waited for."""
        self._hands.shutdown(wait=False, cancel_futures=True)

    def _tell(self, webhook: Webhook, size: int) -> None:
        try:
            deliver(self._room, self._sender, webhook, self._secret, self._clock, size, self._going_on)
        except Exception:
            log.exception("a webhook could not be told; what waits is kept")
        finally:
            with self._lock:
                self._told.discard(webhook.webhook_id)
