"""`askfirst policy`: publish a site file, list what is published."""

from pathlib import Path
from typing import Annotated

import typer

from askfirst.cli import policy_check
from askfirst.cli.policy_changes import say_asking, say_changes
from askfirst.core.errors import ConfigurationFault, InvalidPolicy, UnknownSite
from askfirst.core.policy import MAX_POLICY_BYTES, PolicyDraft
from askfirst.output import say, say_table, utc, working
from askfirst.painting import renderer_of
from askfirst.snippet_files import read_snippet
from askfirst.usecases.check_file import draft_of
from askfirst.usecases.publish_policy import publish_policy
from askfirst.workplace import choose_workplace

app = typer.Typer(name="policy", help="Policies: what a site's banner asks.", no_args_is_help=True)
policy_check.register(app)

_Site = Annotated[str, typer.Argument(help="Public key of the site.")]


@app.command("publish")
def publish(
    site: _Site,
    file: Annotated[Path, typer.Argument(help="The site file, YAML or JSON.")],
    reason: Annotated[str, typer.Option(help="Why, in words. It becomes part of the ledger.")],
    ask_again: Annotated[bool, typer.Option("--ask-again", help="Ask visitors again who have answered.")] = False,
    expect: Annotated[
        int | None,
        typer.Option(min=0, help="Number of the policy that the file was made from, 0 for none; refused if overtaken."),
    ] = None,
    override: Annotated[
        list[str] | None, typer.Option(help="Rule of the check whose errors do not stop it; the reason says why.")
    ] = None,
) -> None:
    """Publish a site file as the site's next policy."""
    place = choose_workplace(site=site)
    with working("Publishing, with pictures where there is a browser"):
        done = publish_policy(
            place.catalogue,
            site,
            read_site_file(file),
            reason=reason,
            by=place.by,
            ask_again=ask_again,
            expected_number=expect,
            override=override or (),
            renderer=renderer_of(place.settings, read_snippet()),
        )
    if not done.changed:
        say(f"Policy {done.policy.number} says the same already; nothing was published.")
        return
    say(f"Policy {done.policy.number} of {site} is published, revision {done.policy.revision}, digest {done.digest}.")
    if done.without is not None:
        say(f"There are no pictures of it: {done.without}. Take them later with: askfirst policy render {site}")
    if done.policy.number > 1:
        say_changes(done.differences)
        say_asking("Visitors who answered are asked again:", done.asks_again)


@app.command("list")
def list_policies(site: _Site) -> None:
    """List all policies that a site ever published."""
    live = choose_workplace(site=site).directory().sites.get(site)
    if live is None:
        raise UnknownSite(site)
    rows = [
        (
            str(one.policy.number),
            str(one.policy.revision),
            one.digest,
            utc(one.published.published_at),
            one.published.reason,
        )
        for one in live.policies.values()
    ]
    say_table(("number", "revision", "digest", "published", "reason"), rows)


def read_site_file(path: Path) -> PolicyDraft:
    """Return the draft in a site file; raise InvalidPolicy or ConfigurationFault saying what is wrong with it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_POLICY_BYTES + 1)
    except OSError as error:
        raise ConfigurationFault([(str(path), f"can not be read: {error.strerror}")]) from None
    if len(data) > MAX_POLICY_BYTES:
        raise InvalidPolicy([(str(path), f"is longer than {MAX_POLICY_BYTES} bytes")])
    return draft_of(data, path.name)
