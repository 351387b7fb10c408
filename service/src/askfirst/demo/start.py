"""Make what the demo lacks, start service and website, and say what to open."""

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import Final

import uvicorn

from askfirst.core.policy_content import Controller
from askfirst.core.roles import Role
from askfirst.demo.site import SITE_KEY, build_site
from askfirst.node import Node
from askfirst.output import say
from askfirst.texts.default_policy import default_draft
from askfirst.usecases.publish_policy import publish_policy
from askfirst.usecases.rows import Organisation
from askfirst.usecases.set_up import add_site, begin_organisation, change_origins
from askfirst.usecases.staff import add_member, invite_again
from askfirst.workplace import Workplace
from askfirst_sdk.client import Askfirst

OWNER: Final = "owner"
_CONTROLLER: Final = Controller(
    name="The Demo Website", address="1 Example Street, 00000 Example", contact="privacy@example.org", country="IE"
)


def prepare_demo(place: Workplace, origin: str) -> Organisation:
    """Make the demo's organisation, site and policy where they are missing; what is there stays as it is."""
    by = place.by
    organisations = place.catalogue.snapshot().organisations
    organisation = next((one for one in organisations if one.slug == "demo"), None) or begin_organisation(
        place.catalogue, place.keys, slug="demo", name="Demo organisation", origin="askfirst.example/log/demo", by=by
    )
    directory = place.directory()
    if SITE_KEY not in directory.sites:
        add_site(place.catalogue, organisation, site_key=SITE_KEY, name="The Demo Website", origins=(origin,), by=by)
    elif origin not in directory.sites[SITE_KEY].site.origins:
        add_origin(place, origin)
    draft = default_draft(_CONTROLLER, f"{origin}/privacy", ("en", "de"))
    if SITE_KEY not in directory.sites or directory.sites[SITE_KEY].current is None:
        publish_policy(place.catalogue, SITE_KEY, draft, reason="The demo's first policy.", by=by)
    return organisation


def add_origin(place: Workplace, origin: str) -> None:
    """Let the demo's pages have one more origin: it was started on another port this time."""
    site = place.directory().sites[SITE_KEY].site
    change_origins(
        place.catalogue,
        site,
        (*site.origins, origin),
        by=place.by,
    )


def invite_owner(place: Workplace, organisation: Organisation) -> str:
    """Return an address that lets the demo's owner into the console once; the owner is made where there is none."""
    known = next((one for one in place.staff.members(organisation.log_id) if one.login == OWNER), None)
    if known is None:
        invitation = add_member(
            place.staff, organisation.log_id, login=OWNER, name="Demo owner", role=Role.OWNER, sites=None, by=place.by
        )
    else:
        invitation = invite_again(place.staff, organisation.log_id, known.staff_id, by=place.by)
    return invitation.address(place.settings.public_url)


def run_demo(
    place: Workplace,
    service: socket.socket,
    site: socket.socket,
    server_config: Callable[[Node], uvicorn.Config],
) -> None:
    """Serve until Ctrl+C."""
    service_url = place.settings.public_url
    site_url = f"http://localhost:{site.getsockname()[1]}"
    link = invite_owner(place, prepare_demo(place, site_url))
    node = Node(place.settings, clock=place.by.clock, random=place.by.random)
    askfirst = Askfirst(site=SITE_KEY, service_url=service_url, refresh_every=5)
    website = uvicorn.Config(
        build_site(askfirst, service_url), access_log=False, log_level="warning", server_header=False
    )
    say("")
    say("  Askfirst is running.")
    say("")
    say(f"  The website     {site_url}/")
    say(f"  What arrived    {site_url}/arrived")
    say(f"  The console     {link}")
    say("                  (lets you in once, as the owner; choose a password there to come back)")
    say(f"  Its policy      {service_url}/p/{SITE_KEY}.json")
    say("")
    say(f"  In another terminal, with ASKFIRST_HOME={place.settings.home}:")
    say("    askfirst audit list")
    say("    askfirst ledger verify")
    say("")
    say("  Stop with Ctrl+C. The answers stay in the folder; delete it to begin anew.")
    say("")
    sys.stdout.flush()
    asyncio.run(_serve(askfirst, uvicorn.Server(server_config(node)), service, uvicorn.Server(website), site))


async def _serve(
    askfirst: Askfirst, service: uvicorn.Server, at: socket.socket, website: uvicorn.Server, beside: socket.socket
) -> None:
    async def run(server: uvicorn.Server, listener: socket.socket, other: uvicorn.Server) -> None:
        try:
            await server.serve(sockets=[listener])
        except KeyboardInterrupt:
            pass  # Ctrl+C is how the demo is stopped
        finally:
            other.should_exit = True

    # The website's keys are there for its first visitor, and not only for the second.
    ready = asyncio.to_thread(askfirst.ready, 10)
    await asyncio.gather(run(service, at, website), run(website, beside, service), ready)
    askfirst.close()
