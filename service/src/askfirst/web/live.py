"""What the handlers of one process share: the directory and what is made from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from askfirst.core.errors import Unavailable
from askfirst.usecases.alerts import AlertRoom
from askfirst.usecases.banner_frame import SnippetBuild
from askfirst.usecases.directory import Directory
from askfirst.usecases.drafts import Drafts
from askfirst.usecases.export import Exports
from askfirst.usecases.openid import IdentityProvider, Vouching
from askfirst.usecases.ports import (
    Acting,
    Catalogue,
    Clock,
    Forgetting,
    Ledger,
    Lookups,
    Overview,
    Passwords,
    Randomness,
    Records,
    StaffRoom,
    WebhookRoom,
    Writer,
)
from askfirst.usecases.record_decision import Recorder
from askfirst.usecases.renderings import Renderer, Renderings
from askfirst.usecases.sessions import SessionRule
from askfirst.usecases.webhooks import Sender
from askfirst.web.scripts import Script
from askfirst.web.whereabouts import Whereabouts
from askfirst_sdk.signing import TokenSigner


@dataclass(frozen=True, slots=True)
class OpenId:
    """Sign-in with an identity provider: the provider, what its claims mean, and whose staff come in with it."""

    provider: IdentityProvider
    vouching: Vouching
    organisation: str

    def log_id(self, directory: Directory) -> int:
        """Return the log of the organisation whose staff come in; without a name, the only one's."""
        found = [one for one in directory.organisations.values() if self.organisation in ("", one.slug)]
        if len(found) != 1:
            raise Unavailable(60, "the setting does not say whose staff come in with the identity provider")
        return found[0].log_id


@dataclass(frozen=True, slots=True)
class Current:
    """One version of everything, swapped as a whole: a request never sees half of a change."""

    directory: Directory
    recorders: Mapping[int, Recorder]
    scripts: Mapping[str, Script]
    descriptor_signers: Mapping[int, TokenSigner]
    statement_signers: Mapping[int, TokenSigner]


@dataclass(slots=True)
class Live:
    """What handlers get. Only the node's `refresh` sets `current`: its loop calls it, and whoever changed something."""

    current: Current
    refresh: Callable[[], None]
    snippet: SnippetBuild
    renderer: Renderer
    renderings: Renderings
    catalogue: Catalogue
    drafts: Drafts
    ledger: Ledger
    records: Records
    records_now: Records  # of the database itself, for what must not be a moment behind
    lookups: Lookups
    overview: Overview
    exports: Exports
    staff: StaffRoom
    forgetting: Forgetting
    passwords: Passwords
    writer: Writer
    clock: Clock
    random: Randomness
    public_url: str
    session_rule: SessionRule
    whereabouts: Whereabouts
    retention_days: int  # of sites where neither they nor their policies say it; 0: for ever
    zone: ZoneInfo
    alerts: AlertRoom
    webhooks: WebhookRoom
    sender: Sender
    webhook_secret: bytes = field(repr=False)
    database_errors: tuple[type[Exception], ...]
    openid: OpenId | None = None
    local_sign_in: bool = True
    several: bool = False  # organisations in several databases, so that staff say which is theirs

    def acting(self, staff: str | None) -> Acting:
        """Return what somebody does something with, by the name that entries give them; None: the service itself."""
        return Acting(staff, self.clock, self.random)

    @property
    def directory(self) -> Directory:
        """The directory of now."""
        return self.current.directory
