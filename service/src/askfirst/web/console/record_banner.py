"""The banner that a record's visitor was shown, from the bytes of its build and its policy, in a page of its own."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.audit import Shown
from askfirst.usecases.banner_frame import banner_frame, recorded_script
from askfirst.usecases.tombstones import Forgotten
from askfirst.web.audit_api import show_or_forgotten
from askfirst.web.console.banner_stage import frame_response, read_look
from askfirst.web.console.records import PLACE
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute


@dataclass(frozen=True, slots=True)
class ShownBanner:
    """What is known of a record's banner: where it can be looked at (None: it can not be shown), and its build."""

    address: str | None
    build: str


class RecordBanner:
    """The handler of `/console/records/RECORD/banner`."""

    def __init__(self, live: Live) -> None:
        """Take what handlers share."""
        self._live = live

    def routes(self) -> list[StaffRoute]:
        """Return the address of the page."""
        return [StaffRoute(f"{PLACE}/{{record}}/banner", "GET", AUDITORS, EntryKind.RECORD_VIEWED, self.show)]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the banner alone, as a page for a frame. `layer` and `scheme` say how it is to be seen."""
        look = read_look(request)
        shown = await run_in_threadpool(show_or_forgotten, self._live, actor, request.path_params["record"])
        script = None if isinstance(shown, Forgotten) else script_of(self._live, actor, shown)
        if script is None or isinstance(shown, Forgotten):
            raise NotFound("The banner of this record can not be shown any more.")
        frame = banner_frame(
            script, shown.record.language, layer=look.layer, scheme=look.scheme, rule=shown.record.rule
        )
        return Deed(frame_response(frame), {"record": shown.record_id, "via": "console"})


def script_of(live: Live, actor: Actor, shown: Shown) -> bytes | None:
    """Return the script that showed the banner; None where its policy or build is not there, or not what it was."""
    build = shown.what.get("build")
    kept = live.directory.builds.get(actor.log_id, {})
    language = shown.record.language
    if shown.live is None or not isinstance(build, str) or build not in kept:
        return None
    if language not in shown.live.policy.languages:
        return None
    try:
        return recorded_script(shown.live.policy, shown.live.digest, language, kept[build], build)
    except (ValueError, UnicodeDecodeError):
        return None


def banner_of(live: Live, actor: Actor, shown: Shown) -> ShownBanner:
    """Return what the record's page says of its banner."""
    build = shown.what.get("build")
    there = script_of(live, actor, shown) is not None
    return ShownBanner(f"{PLACE}/{shown.record_id}/banner" if there else None, build if isinstance(build, str) else "")
