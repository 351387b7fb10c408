"""The `askfirst` command."""

import sys
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from askfirst.cli import (
    alerts,
    audit,
    backups,
    daily_exports,
    erasures,
    exports,
    first_start,
    holds,
    imports,
    keys,
    ledger,
    partitions,
    policies,
    policy_rendering,
    policy_versions,
    proofs,
    server,
    sites,
    staff,
    statistics,
    tokens,
    webhooks,
)
from askfirst.cli.remedies import database_fault, file_fault
from askfirst.core.errors import AskfirstError

app = typer.Typer(
    name="askfirst",
    help="Self-hosted cookie consent that can be proven.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
server.register(app)
backups.register(app)
first_start.register(app)
partitions.register(app)
imports.register(app)
app.add_typer(sites.app, name="site")
policy_versions.register(policies.app)
policy_rendering.register(policies.app)
app.add_typer(policies.app, name="policy")
app.add_typer(keys.app, name="key")
app.add_typer(staff.app, name="staff")
app.add_typer(tokens.app, name="token")
erasures.register(audit.app, ledger.app)
exports.register(audit.app)
daily_exports.register(audit.app)
proofs.register(audit.app)
holds.register(audit.app)
statistics.register(audit.app)
app.add_typer(audit.app, name="audit")
app.add_typer(ledger.app, name="ledger")
app.add_typer(webhooks.app, name="webhook")
app.add_typer(alerts.app, name="alert")


def main() -> None:
    """Run the command line. What goes wrong is one clear sentence and exit code 1, never a traceback."""
    try:
        "".join(sys.argv).encode()
    except UnicodeEncodeError:
        _give_up("An argument is not text in UTF-8.")
    try:
        app(prog_name="askfirst")  # and not by the name of whatever started Python
    except AskfirstError as error:
        _give_up(str(error))
    except DBAPIError as error:
        _give_up(database_fault(error))
    except OSError as error:
        _give_up(file_fault(error))
    except ValidationError as error:
        _give_up(str(error))


def _give_up(said: str) -> NoReturn:
    Console(stderr=True).print(said, style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(1)
