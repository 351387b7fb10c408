"""`askfirst policy diff` and `askfirst policy show`: a published version by itself, and two of them compared."""

from pathlib import Path
from typing import Annotated

import typer

from askfirst.cli.policies import read_site_file
from askfirst.cli.policy_changes import say_asking, say_changes
from askfirst.core.errors import ConfigurationFault, NotFound, UnknownSite
from askfirst.core.policy import PolicyDraft
from askfirst.core.policy_diff import causes, differences
from askfirst.output import say, say_json, utc
from askfirst.usecases.directory import LivePolicy, LiveSite
from askfirst.usecases.policy_page import policy_page
from askfirst.workplace import choose_workplace

app = typer.Typer()

_Site = Annotated[str, typer.Argument(help="Public key of the site.")]


@app.command("diff")
def diff(
    site: _Site,
    file_or_number: Annotated[str, typer.Argument(help="A site file, or the number of an older policy.")],
    number: Annotated[
        str | None,
        typer.Argument(help="With a file: the policy to compare it with. With a number: the newer policy."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the changes as JSON.")] = False,
) -> None:
    """Show what differs between two policies, or between a policy and a site file, and who would be asked again.

    One number alone is compared with the current policy, and so is a file.
    """
    live = _live(site)
    other = version(live, number)
    old: PolicyDraft
    new: PolicyDraft
    if _is_number(file_or_number):
        first = version(live, file_or_number)
        old, new = first.policy, other.policy
        names = f"policy {first.policy.number}", f"policy {other.policy.number}"
    else:
        old, new = other.policy, read_site_file(Path(file_or_number))
        names = f"policy {other.policy.number}", file_or_number
    found = differences(old, new)
    if json:
        changes = [change.members() for change in found]
        say_json({"from": names[0], "to": names[1], "changes": changes, "asks_again": list(causes(found))})
        return
    say(f"From {names[0]} to {names[1]}:")
    say_changes(found)
    say_asking("Visitors who answered are asked again:", causes(found))


@app.command("show")
def show(
    site: _Site,
    number: Annotated[str | None, typer.Argument(help="Which one; by default the current one.")] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the page; by default the policy's first.")] = None,
    as_page: Annotated[
        bool, typer.Option("--as-page", help="Print both layers in one language as an HTML page.")
    ] = False,
) -> None:
    """Print a published policy as JSON, or both its layers in one language as a page without script."""
    live = version(_live(site), number)
    if as_page:
        published = utc(live.published.published_at)
        typer.echo(policy_page(live, lang or live.policy.languages[0], published=published), nl=False)
    elif lang is not None:
        raise ConfigurationFault([("--lang", "is for a page only; add --as-page")])
    else:
        say_json(live.policy.model_dump(mode="json", exclude_unset=True))


def version(live: LiveSite, number: str | None) -> LivePolicy:
    """Return one published policy of a site, by default the current one. Raises NotFound where there is none."""
    found = live.current
    if number is not None:
        found = next((one for one in live.policies.values() if str(one.policy.number) == number), None)
    if found is None:
        raise NotFound("This site has no such policy.")
    return found


def _live(site: str) -> LiveSite:
    live = choose_workplace(site=site).directory().sites.get(site)
    if live is None:
        raise UnknownSite(site)
    return live


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
