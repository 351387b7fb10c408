"""The `askfirst` command."""

import sys
from importlib.metadata import version
from typing import Annotated, ClassVar, NoReturn

import typer

from askfirst.cli.late_group import LateGroup


class _Commands(LateGroup):
    """Every command, and the modules that it is read from."""

    modules: ClassVar = {
        "init": ("askfirst.cli.schemas",),
        "migrate": ("askfirst.cli.schemas",),
        "serve": ("askfirst.cli.server",),
        "demo": ("askfirst.cli.demo",),
        "backup": ("askfirst.cli.backups",),
        "restore": ("askfirst.cli.backups",),
        "new-secret": ("askfirst.cli.new_secret",),
        "first-start": ("askfirst.cli.first_start",),
        "partition": ("askfirst.cli.partitions",),
        "import": ("askfirst.cli.imports",),
        "imported-id": ("askfirst.cli.imports",),
        "site": ("askfirst.cli.sites",),
        "policy": ("askfirst.cli.policies", "askfirst.cli.policy_versions", "askfirst.cli.policy_rendering"),
        "key": ("askfirst.cli.keys",),
        "staff": ("askfirst.cli.staff",),
        "token": ("askfirst.cli.tokens",),
        "audit": (
            "askfirst.cli.audit",
            "askfirst.cli.erasures",
            "askfirst.cli.exports",
            "askfirst.cli.daily_exports",
            "askfirst.cli.proofs",
            "askfirst.cli.holds",
            "askfirst.cli.statistics",
        ),
        "ledger": ("askfirst.cli.ledger", "askfirst.cli.retention"),
        "webhook": ("askfirst.cli.webhooks",),
        "alert": ("askfirst.cli.alerts",),
    }


app = typer.Typer(
    name="askfirst", cls=_Commands, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"askfirst {version('askfirst')}")
        raise typer.Exit


@app.callback()
def askfirst(
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Self-hosted cookie consent that can be proven."""


def main() -> None:
    """Run the command line. What goes wrong is one clear sentence and exit code 1, never a traceback."""
    try:
        "".join(sys.argv).encode()
    except UnicodeEncodeError:
        _give_up("An argument is not text in UTF-8.")
    try:
        app(prog_name="askfirst")  # and not by the name of whatever started Python
    except Exception as error:
        # Read now only: to know the errors of libraries is to read the libraries, which not every command needs.
        from askfirst.cli.remedies import told  # noqa: PLC0415

        said = told(error)
        if said is None:
            raise
        _give_up(said)


def _give_up(said: str) -> NoReturn:
    typer.secho(said, fg=typer.colors.RED, err=True)
    sys.exit(1)
