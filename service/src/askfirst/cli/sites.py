"""`askfirst site`: add one, list them, and the line that goes into its pages."""

from dataclasses import replace
from typing import Annotated

import typer

from askfirst.cli import site_init
from askfirst.core.errors import NotFound, UnknownLanguage, UnknownSite
from askfirst.output import say, say_table, utc
from askfirst.pinned_line import pinned_line
from askfirst.snippet_files import read_snippet, read_stub
from askfirst.usecases.keys import RECEIPT, active_key
from askfirst.usecases.set_up import add_site, change_alerts, change_retention
from askfirst.web.publications import describe
from askfirst.workplace import choose_workplace, require_free
from askfirst_sdk.descriptor import descriptor_payload
from askfirst_sdk.receipt import DAY
from askfirst_sdk.signing import TokenSigner
from askfirst_sdk.token import DESCRIPTOR_SALT

app = typer.Typer(name="site", help="Sites and their origins.", no_args_is_help=True)
site_init.register(app)

_Organisation = Annotated[str | None, typer.Option("--organisation", help="Which one, where there are several.")]


@app.command("add")
def add(
    key: Annotated[str, typer.Argument(help="Public key of the site: 4 to 32 of a-z and 0-9.")],
    name: Annotated[str, typer.Option(help="Name of the site, as staff read it.")],
    origin: Annotated[list[str], typer.Option(help="Origin that its pages have, like https://www.example.org.")],
    organisation: _Organisation = None,
) -> None:
    """Add a site."""
    place = choose_workplace(organisation)
    require_free(place.settings, key)
    site = add_site(
        place.catalogue,
        place.organisation(organisation),
        site_key=key,
        name=name,
        origins=tuple(origin),
        by=place.by,
    )
    say(f"{site.name} is site {site.site_key}. Next: askfirst policy publish {site.site_key}")


@app.command("list")
def list_sites(organisation: _Organisation = None) -> None:
    """List all sites of a database."""
    directory = choose_workplace(organisation).directory()
    rows = [
        (
            live.site.site_key,
            live.site.name,
            " ".join(live.site.origins),
            str(live.current.policy.number) if live.current else "none",
            utc(live.site.created_at),
        )
        for live in directory.sites.values()
    ]
    say_table(("site", "name", "origins", "policy", "since"), rows)


@app.command("descriptor")
def descriptor(
    key: Annotated[str, typer.Argument(help="Public key of the site.")],
    days: Annotated[int, typer.Option(min=1, max=730, help="How long a server may believe it.")] = 90,
) -> None:
    """Print the signed descriptor of a site, for a server that can not fetch it (`ASKFIRST_DESCRIPTOR` of the SDK).

    A new policy, a key that is rotated or revoked: such a server learns of none of it until it is given a new one.
    """
    place = choose_workplace(site=key)
    directory = place.directory()
    if key not in directory.sites:
        raise UnknownSite(key)
    live = directory.sites[key]
    described = describe(directory, live, place.by.clock())
    lasting = replace(described, expires_at=described.issued_at + days * DAY)
    signing = active_key(directory.keys_of(live.site.log_id, RECEIPT), place.keys, live.site.log_id, RECEIPT)
    typer.echo(TokenSigner(signing, DESCRIPTOR_SALT).token(descriptor_payload(lasting)))  # one line, however long


@app.command("embed")
def embed(
    key: Annotated[str, typer.Argument(help="Public key of the site.")],
    language: Annotated[str | None, typer.Option(help="One of the policy's languages; else its first.")] = None,
    pinned: Annotated[
        bool, typer.Option("--pinned", help="Name code and policy by their digests, with integrity values.")
    ] = False,
    stub: Annotated[
        bool, typer.Option("--stub", help="Print the inline stub before it, which queues what pages ask early.")
    ] = False,
) -> None:
    """Print the line that goes into the head of the site's pages."""
    place = choose_workplace(site=key)
    directory, url = place.directory(), place.settings.public_url
    if key not in directory.sites:
        raise UnknownSite(key)
    live = directory.sites[key].current
    if language is not None and (live is None or language not in live.policy.languages):
        raise UnknownLanguage(language)
    if stub:
        say(f"<script>{read_stub()}</script>")
    if not pinned:
        say(f'<script async src="{url}/s/{key}{f"/{language}" if language else ""}.js"></script>')
        return
    if live is None:
        raise NotFound(f"Nothing is published for {key} yet. Next: askfirst policy publish {key}")
    say(pinned_line(live.policy, live.digest, language or live.policy.languages[0], read_snippet(), url))


@app.command("retention")
def retention(
    key: Annotated[str, typer.Argument(help="Public key of the site.")],
    days: Annotated[int | None, typer.Option(min=0, help="Days; 0: for ever. Without it, as the policy says.")] = None,
) -> None:
    """Say after how many days a site's decisions are forgotten."""
    place = choose_workplace(site=key)
    found = place.directory().sites.get(key)
    if found is None:
        raise UnknownSite(key)
    change_retention(place.catalogue, found.site, days, by=place.by)
    after = "as its policy says" if days is None else f"after {days:,} days" if days else "never"
    say(f"Decisions of {key} are forgotten {after}. The service takes it up within seconds.")


@app.command("alerts")
def alerts(
    key: Annotated[str, typer.Argument(help="Public key of the site.")],
    wanted: Annotated[bool, typer.Option("--on/--off", help="Whether staff are alerted.")],
) -> None:
    """Say whether staff are alerted of a site's unusual answers and of floods."""
    place = choose_workplace(site=key)
    found = place.directory().sites.get(key)
    if found is None:
        raise UnknownSite(key)
    change_alerts(place.catalogue, found.site, wanted, by=place.by)
    say(f"Staff are {'alerted' if wanted else 'not alerted'} of {key}. The service takes it up within seconds.")
