"""What a node does for its webhooks each second, one after the other."""

from askfirst.usecases.ports import Clock
from askfirst.usecases.webhooks import Sender, deliver, due_webhooks
from askfirst.web.live import Live


def deliver_all(live: Live, sender: Sender, clock: Clock | None = None) -> int:
    """Tell every webhook of the first organisation what it does not know yet, and return how many messages arrived."""
    clock = clock or live.clock
    size = live.ledger.head(1).size
    return sum(
        deliver(live.webhooks, sender, one, live.webhook_secret, clock, size)
        for one in due_webhooks(live.webhooks, 1, size, clock())
    )
