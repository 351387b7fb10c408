"""The filters of searches as options of commands, said once."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import typer

ConsentId = Annotated[str | None, typer.Option(help="Consent id that the visitor quotes.")]
From = Annotated[str | None, typer.Option("--from", help="From this time on, like 2026-11-23 (UTC).")]
To = Annotated[str | None, typer.Option("--to", help="Before this time.")]
Site = Annotated[str | None, typer.Option(help="Site key.")]
Method = Annotated[str | None, typer.Option(help="accept_all, reject_all, custom, withdraw, signal or api.")]
Granted = Annotated[str | None, typer.Option(help="Purpose that was granted.")]
Refused = Annotated[str | None, typer.Option(help="Purpose that was refused.")]
Policy = Annotated[int | None, typer.Option(help="Number of the policy.")]
Language = Annotated[str | None, typer.Option(help="Language that was shown.")]
Origin = Annotated[str | None, typer.Option(help="Origin of the page, like https://www.example.org.")]
Rule = Annotated[str | None, typer.Option(help="Id of the region rule that was followed.")]
Cursor = Annotated[str | None, typer.Option(help="Go on after this one.")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="How many.")]
Organisation = Annotated[str | None, typer.Option("--organisation", help="Which one, where there are several.")]

# Words that Python keeps for itself, or that say more.
_NAMES: Final = {"from": "since", "to": "before"}


def asked(options: Mapping[str, object], known: Sequence[str]) -> list[tuple[str, str]]:
    """Return the filters among a command's options, as a query string has them; `known`: which there are."""
    given = [(name, options.get(_NAMES.get(name, name))) for name in known]
    return [(name, str(value)) for name, value in given if value is not None]
