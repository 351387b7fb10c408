"""`askfirst policy render`: pictures of a policy's banner, with their entry, and as files."""

from pathlib import Path
from typing import Annotated

import typer

from askfirst.cli.policy_versions import version
from askfirst.core.errors import ConfigurationFault, UnknownSite
from askfirst.output import say, working
from askfirst.painting import renderer_of
from askfirst.snippet_files import read_snippet
from askfirst.storage.renderings import SqlRenderings
from askfirst.usecases.renderings import manifest_of, render_policy
from askfirst.workplace import choose_workplace

app = typer.Typer()


@app.command("render")
def render(
    site: Annotated[str, typer.Argument(help="Public key of the site.")],
    number: Annotated[str | None, typer.Argument(help="Which one; by default the current one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder that the pictures are written to as well.")] = None,
) -> None:
    """Take pictures of a published policy's banner: both layers in each language, 1280 and 360 pixels wide."""
    place = choose_workplace(site=site)
    live = place.directory().sites.get(site)
    if live is None:
        raise UnknownSite(site)
    policy = version(live, number)
    with working("Taking pictures"):
        renderings, renderer = SqlRenderings(place.engine), renderer_of(place.settings, read_snippet())
        row, new = render_policy(place.catalogue, renderings, policy, renderer, by=place.by)
    manifest = manifest_of(row)
    count = len(manifest["pictures"])
    said = "are kept" if new else "were kept already, and are the very same"
    say(f"{count} pictures of policy {policy.policy.number} by {manifest['browser']} {said}: {row.digest.hex()}.")
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
            for one in manifest["pictures"]:
                image = renderings.picture(row.log_id, bytes.fromhex(one["picture"])) or b""
                name = f"{site}-{policy.policy.number}-{one['language']}-{one['layer']}-{one['width']}.png"
                out.joinpath(name).write_bytes(image)
        except OSError as error:
            raise ConfigurationFault([(str(out), f"can not be written to: {error.strerror}")]) from None
        say(f"They are also in {out}.")
