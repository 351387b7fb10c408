"""One node at work: what it holds in memory, and the loops that sequence, sign and read again."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.exc import SQLAlchemyError

from askfirst.anchor_place import open_anchors
from askfirst.core.errors import AskfirstError, LedgerFault
from askfirst.core.proof_document import STATEMENT_SALT
from askfirst.daily_exports import in_spare_time, run_daily_exports
from askfirst.deliveries import Deliveries
from askfirst.export_place import open_export_place
from askfirst.guarded_sender import GuardedSender
from askfirst.metered import measure, watching
from askfirst.painting import renderer_of
from askfirst.place_database import open_whereabouts
from askfirst.publishing import Publisher
from askfirst.retaining import forget_what_is_over
from askfirst.served_builds import keep_builds
from askfirst.settings import Settings
from askfirst.site_scripts import SiteScripts
from askfirst.snippet_files import read_snippet
from askfirst.storage.alerts import SqlAlerts
from askfirst.storage.anchor_files import AnchorFiles
from askfirst.storage.batches import batches_of, reads_of
from askfirst.storage.catalogue import SqlCatalogue
from askfirst.storage.daily_exports import SqlDailyExports
from askfirst.storage.drafts import SqlDrafts
from askfirst.storage.durability import durability_faults
from askfirst.storage.engine import open_engine
from askfirst.storage.exports import SqlExports
from askfirst.storage.forgetting import SqlForgetting
from askfirst.storage.key_files import KeyFiles
from askfirst.storage.ledger import SqlLedger
from askfirst.storage.limits import SqlLimits
from askfirst.storage.lookups import LookupReader
from askfirst.storage.overview import SqlOverview
from askfirst.storage.partitions import keep_partitions
from askfirst.storage.records import SqlRecords
from askfirst.storage.renderings import SqlRenderings
from askfirst.storage.schema import require_schema
from askfirst.storage.showings import SqlShowings
from askfirst.storage.staff import SqlStaffRoom
from askfirst.storage.staff_passwords import Argon2Passwords
from askfirst.storage.webhooks import SqlWebhookRoom
from askfirst.storage.writer import GroupWriter
from askfirst.tracing import tracer_of
from askfirst.usecases.daily_export import Daily
from askfirst.usecases.directory import Directory, index, require_named
from askfirst.usecases.keys import RECEIPT, active_key, due_keys, take_over
from askfirst.usecases.ports import Acting, Clock, Randomness
from askfirst.usecases.record_decision import Recorder
from askfirst.usecases.sequence import LIMIT, sequence
from askfirst.usecases.showings import Showings
from askfirst.vouching import open_id
from askfirst.watching import Watch
from askfirst.web.limits import AddressLimit
from askfirst.web.live import Current, Live
from askfirst.web.scripts import Script
from askfirst_sdk.signing import SigningKey, TokenSigner
from askfirst_sdk.token import DESCRIPTOR_SALT, RECEIPT_SALT, TokenVerifier

log = logging.getLogger("askfirst")

REFRESH_MS = 1000
SHARE_MS = 1000
RETAIN_MS = 3_600_000
OVERWRITE_MS = 10_000
DELIVER_MS = 1000
MEASURE_MS = 5000
WATCH_MS = 15_000
SHOWINGS_MS = 10_000
EXPORT_MS = 60_000
CLOSE_S = 6.0  # twice as long as anybody waits for a commit
_LOOPS = 10
_MADE_ANEW = (
    "keys/service.secret was not there and was made anew: answers that were sent before are taken for others when they "
    "are repeated, and receivers of webhooks know another key. Put the file of the other nodes, or of a backup of the "
    "keys, in its place, and start again"
)
_LOOKUPS_S = 1.0  # nobody waits for these any more


class Node:
    """A running service process. `open` before the first request, `close` after the last."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        random: Randomness,
        name: str = "main",
        organisations: frozenset[str] | None = None,
    ) -> None:
        """Open the database (which must have this version's schema), the keys and the snippet.

        Where a directory names several databases, this is the one of that `name`, and only its `organisations` may be
        in it.
        """
        self.settings = settings
        self._clock, self._random = clock, random
        self._name, self._organisations = name, organisations
        # Its own threads: a database that answers nothing holds up no other node of this process.
        self._hands = ThreadPoolExecutor(_LOOPS, "askfirst-node")
        self.engine = open_engine(settings.database)
        require_schema(self.engine)
        # What staff read may come from a replica; what visitors cause never waits for one.
        self._reading = open_engine(settings.replica) if settings.replica else self.engine
        for fault in durability_faults(self.engine):
            log.critical("%s", fault)
        self.catalogue, self.ledger = SqlCatalogue(self.engine), SqlLedger(self.engine)
        self.keys = KeyFiles(settings.keys_folder)
        had_secret = self.keys.has_secret()
        self._mac_key = self.keys.secret()
        self._snippet = read_snippet()
        self._scripts: Mapping[str, Script] = {}
        self.writer = GroupWriter(
            batches_of(settings.database), queue_limit=settings.queue_limit, told=watching(tracer_of(settings))
        )
        self.lookups = LookupReader(
            reads_of(settings.database),
            reads_of(settings.replica) if settings.replica else None,
            queue_limit=settings.queue_limit,
        )
        self._closing = threading.Event()
        self.live = Live(
            current=self._read(None),
            refresh=self.refresh,
            snippet=self._snippet,
            renderer=renderer_of(settings, self._snippet),
            renderings=SqlRenderings(self.engine),
            catalogue=self.catalogue,
            drafts=SqlDrafts(self.engine),
            ledger=self.ledger,
            records=SqlRecords(self._reading),
            records_now=SqlRecords(self.engine),
            exports=SqlExports(self._reading),
            lookups=self.lookups,
            overview=SqlOverview(self._reading),
            staff=SqlStaffRoom(self.engine),
            forgetting=SqlForgetting(self.engine),
            passwords=Argon2Passwords(),
            writer=self.writer,
            clock=clock,
            random=random,
            public_url=settings.public_url,
            session_rule=settings.session_rule,
            whereabouts=open_whereabouts(settings),
            retention_days=settings.retention_days,
            zone=settings.zone,
            alerts=SqlAlerts(self.engine),
            webhooks=SqlWebhookRoom(self.engine),
            sender=GuardedSender(inside=settings.webhooks_inside),
            webhook_secret=self._mac_key,
            database_errors=(SQLAlchemyError,),
            openid=open_id(settings),
            local_sign_in=settings.local_sign_in,
            several=organisations is not None,
        )
        if not had_secret and any(self.ledger.head(log_id).size for log_id in self.live.directory.organisations):
            log.critical("%s", _MADE_ANEW)  # a database that was served before had a node with another one
        self._tasks: list[asyncio.Task[None]] = []
        self._failing: dict[str, type[Exception]] = {}  # by the name of a loop's work: why it failed the last time
        # Cancelling a loop does not end the step that its thread is in: `close` has to wait for that step.
        self._refreshing = threading.Lock()
        # Who signs nothing needs no access to where others keep what they signed.
        anchors = open_anchors(settings) if settings.publisher else AnchorFiles(settings.anchors_folder)
        self.publisher = Publisher(self.ledger, self.catalogue, self.keys, anchors, Acting(None, clock, random))
        shared = settings.shared_limits and not settings.on_sqlite
        self.limit = (
            AddressLimit(settings.rate_per_minute, lambda: clock() / 1000, secret=self._mac_key)
            if shared
            else AddressLimit(settings.rate_per_minute)
        )
        self._deliveries = Deliveries(
            self.live.webhooks,
            self.ledger,
            self.live.sender,
            self._mac_key,
            clock,
            lambda: not self._closing.is_set(),
        )
        self._limits = SqlLimits(self.engine, self._log_of) if shared else None
        self.showings = Showings(SqlShowings(self.engine))
        export_place = open_export_place(settings)
        self._daily = None
        if export_place is not None:
            self._daily = Daily(
                SqlDailyExports(self.engine),
                export_place,
                # A replica may not have the day's last records yet.
                SqlExports(self.engine),
                self.ledger,
                self.catalogue,
                settings.zone,
                settings.daily_export_format,
                Acting(None, clock, random),
                pace=in_spare_time(self._closing),
            )
        self._watch = Watch(
            self.live,
            self.limit.take_floods,
            wanted=settings.alerts,
            publishes=settings.publisher,
            publish_ms=settings.publish_ms,
            daily=self._daily.room if self._daily else None,
        )

    async def open(self) -> None:
        """Start the writer and the loops."""
        self.writer.start()
        self.lookups.start()
        self._tasks = [
            asyncio.create_task(self._every(self.settings.sequence_ms, self.sequence)),
            asyncio.create_task(self._every(self.settings.publish_ms, self.publish)),
            asyncio.create_task(self._every(REFRESH_MS, self.refresh)),
            asyncio.create_task(self._every(RETAIN_MS, self.retain)),
            asyncio.create_task(self._every(DELIVER_MS, self.deliver)),
            asyncio.create_task(self._every(MEASURE_MS, self.measure)),
            *([asyncio.create_task(self._every(SHARE_MS, self.share_limits))] if self._limits else []),
            asyncio.create_task(self._every(WATCH_MS, self.watch)),
            asyncio.create_task(self._every(SHOWINGS_MS, self.count)),
            *([asyncio.create_task(self._every(EXPORT_MS, self.export))] if self._daily else []),
            *([asyncio.create_task(self._every(OVERWRITE_MS, self.overwrite))] if self.settings.on_sqlite else []),
        ]

    async def close(self) -> None:
        """Commit what was accepted, sequence and sign it, then let go of everything.

        A database that answers nothing is not waited for: what it did not confirm nobody was told is stored, and what
        waits for its place gets it at the next start.
        """
        self._closing.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(CLOSE_S):
                await asyncio.to_thread(self.writer.stop, CLOSE_S)
                for work in (self.count, self.sequence, self.publish):
                    await self._attempt(work)
                await asyncio.to_thread(self.lookups.stop, _LOOKUPS_S)
        except TimeoutError:
            log.critical("the database %s answers nothing; the node ends without it", self._name)
        self._deliveries.close()
        self._hands.shutdown(wait=False)
        self._reading.dispose()
        self.engine.dispose()

    def sequence(self) -> None:
        """Give every waiting entry of every log its place."""
        for log_id, organisation in self.live.directory.organisations.items():
            try:
                # What is committed meanwhile waits for the next time: to go on at once would be to go on without end.
                while sequence(self.ledger, log_id, clock=self._clock) == LIMIT:
                    pass
            except LedgerFault as error:
                log.critical("the log of %s can not go on: %s", organisation.slug, error)

    def publish(self) -> None:
        """Sign every log that grew, where this node has the publisher role; one caller at a time."""
        if self.settings.publisher:
            self.publisher.publish(self.live.directory)

    def refresh(self) -> None:
        """Let announced keys sign whose time has come, and read the catalogue again if it changed.

        One caller at a time, so that no older state follows a newer one.
        """
        with self._refreshing:
            wait = self.settings.key_wait_minutes * 60_000
            due = due_keys(self.live.directory.organisations.values(), self.live.directory.keys, wait, self._clock())
            for log_id in {key.log_id for key in due}:
                by = Acting(None, self._clock, self._random)
                take_over(self.catalogue, self.keys, log_id, wait_ms=wait, by=by)
            if self.catalogue.version() != self.live.directory.version:
                self.live.current = self._read(self.live.directory)

    def retain(self) -> None:
        """Forget what is older than it is to be kept, and decision ids whose time is over; have room for what comes."""
        keep_partitions(self.engine, self._clock())
        by = Acting(None, self._clock, self._random)
        forget_what_is_over(self.live.forgetting, self.live.directory, self.settings.retention_days, by)
        # Also what a command of this machine forgot, or a process that ended before it could.
        self.live.forgetting.overwrite()

    def overwrite(self) -> None:
        """Overwrite what was forgotten while somebody was in the way."""
        self.live.forgetting.overwrite_rest()

    def deliver(self) -> None:
        """Tell webhooks what they do not know yet."""
        for log_id in self.live.directory.organisations:
            self._deliveries.begin(log_id)

    def export(self) -> None:
        """Write the days that are over to where daily exports are kept."""
        if self._daily is not None:
            run_daily_exports(self._daily, self.live.directory)

    def count(self) -> None:
        """Store how often banners were shown."""
        self.showings.store()

    def watch(self) -> None:
        """Raise alerts about what is not as it should be, and end those that are over."""
        self._watch.look(dict(self.publisher.refused))

    def share_limits(self) -> None:
        """Count addresses that are busy together with the other nodes."""
        if self._limits is not None:
            self.limit.exchange(self._limits)

    def _log_of(self, site_key: str) -> int | None:
        site = self.live.directory.sites.get(site_key)
        return site.site.log_id if site else None

    def measure(self) -> None:
        """Note what Prometheus asks for and no request tells."""
        measure(self._name, self.writer, self.ledger, tuple(self.live.directory.organisations.values()), self._clock)

    async def _every(self, pause_ms: int, work: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(pause_ms / 1000)
            await self._attempt(work)

    async def _attempt(self, work: Callable[[], None]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._hands, work)
        except AskfirstError as error:
            log.warning("%s: %s", work.__name__, error)
        except Exception as error:
            # The database may be away for a while: the loop must be there when it comes back. It is said once, since
            # each loop would say it again several times a second.
            if self._failing.get(work.__name__) is not type(error):
                log.exception("%s failed; what waits is kept", work.__name__)
            self._failing[work.__name__] = type(error)
        else:
            if self._failing.pop(work.__name__, None) is not None:
                log.warning("%s goes on", work.__name__)

    def _read(self, before: Directory | None) -> Current:
        directory = index(self.catalogue.snapshot(), before)
        require_named(directory, self._organisations)
        if keep_builds(self.catalogue, directory, self._snippet, Acting(None, self._clock, self._random)):
            directory = index(self.catalogue.snapshot(), directory)
        signers: dict[int, SigningKey] = {
            log_id: active_key(directory.keys, self.keys, log_id, RECEIPT) for log_id in directory.organisations
        }
        # One site's change is no reason to compress the others' scripts again.
        self._scripts = SiteScripts(directory, self._snippet, self.settings.public_url, self._scripts)
        return Current(
            directory=directory,
            recorders={log_id: self._recorder(directory, log_id, key) for log_id, key in signers.items()},
            scripts=self._scripts,
            descriptor_signers={log_id: TokenSigner(key, DESCRIPTOR_SALT) for log_id, key in signers.items()},
            statement_signers={log_id: TokenSigner(key, STATEMENT_SALT) for log_id, key in signers.items()},
        )

    def _recorder(self, directory: Directory, log_id: int, key: SigningKey) -> Recorder:
        return Recorder(
            log_id=log_id,
            signer=TokenSigner(key, RECEIPT_SALT),
            verifier=TokenVerifier(directory.receipt_ring(log_id), RECEIPT_SALT),
            builds=frozenset(directory.builds.get(log_id, ())),
            mac_key=self._mac_key,
            writer=self.writer,
            clock=self._clock,
            random=self._random,
        )
