"""`askfirst site init`: a few questions, and a site file that can be published."""

import sys
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import typer

from askfirst import known_services
from askfirst.core.errors import ConfigurationFault, InvalidPolicy
from askfirst.core.service import Transfer
from askfirst.output import say
from askfirst.region_presets import all_presets
from askfirst.settings import read_settings
from askfirst.site_file.beginning import Answers, begun_site_file, countries_abroad
from askfirst.usecases.check_file import check_file

_BASES: Final = get_args(Transfer.model_fields["basis"].annotation)


def register(app: typer.Typer) -> None:
    """Add the command to those of sites."""
    app.command("init")(init)


def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("site.yaml"),
    controller: Annotated[str | None, typer.Option(help="Name of the company or person who runs the website.")] = None,
    address: Annotated[str | None, typer.Option(help="Postal address.")] = None,
    contact: Annotated[str | None, typer.Option(help="E-mail address that visitors can write to.")] = None,
    country: Annotated[str | None, typer.Option(help="Country of the seat, two letters.")] = None,
    privacy_policy: Annotated[str | None, typer.Option(help="Web address of the privacy policy.")] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="Language of the banner; the first is the default.")
    ] = None,
    purpose: Annotated[list[str] | None, typer.Option(help="Purpose; by default those of the services.")] = None,
    service: Annotated[list[str] | None, typer.Option(help="Service by its id in the catalogue.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Region preset.")] = None,
    transfer: Annotated[
        list[str] | None, typer.Option(help="What data rests on that goes to a country: US=standard_clauses.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Ask a few questions and write a site file that passes the check. With all options given, nothing is asked."""
    if file.exists() and not force:
        raise ConfigurationFault([(str(file), "is there already; name another file, or add --force")])
    asking = sys.stdin.isatty()
    needed: dict[str, str | None] = {
        "--controller": controller,
        "--address": address,
        "--contact": contact,
        "--privacy-policy": privacy_policy,
    }
    if not asking and not all(needed.values()):
        missing = [(name, "is needed where nobody can be asked") for name, given in needed.items() if not given]
        raise ConfigurationFault(missing)
    told = {name: given or _asked(name) for name, given in needed.items()}
    if asking and country is None:
        country = _ask("Country of the seat, two letters", "") or None
    languages = language or _listed(asking, "Languages, the default first", "en")
    services = service if service is not None else _listed(asking, "Services, by id: matomo, youtube, …", "")
    presets = (
        region if region is not None else _listed(asking, "Regions with rules of their own: eea, uk, us-ca, …", "")
    )
    rests = _bases(transfer or [])
    for abroad in countries_abroad(services, country) if asking else ():
        if abroad not in rests:
            rests[abroad] = _ask(f"What transfers to {abroad} rest on ({', '.join(_BASES)})", "standard_clauses")
    _require_known(services, presets)
    answers = Answers(
        name=told["--controller"],
        address=told["--address"],
        contact=told["--contact"],
        country=country,
        privacy_policy=told["--privacy-policy"],
        languages=languages,
        services=services,
        purposes=purpose or _usual(services) or ["measurement"],
        presets=presets,
        transfers=rests,
    )
    text = begun_site_file(answers, service_url=read_settings().public_url, name=file.name)
    found = check_file(text.encode())
    wrong = [(f"{file.name}:{one.line} {one.path}", one.said) for one in found if one.severity == "error"]
    if wrong:
        raise InvalidPolicy(wrong)
    file.write_text(text, encoding="utf-8")
    hints = len(found)
    say(f"{file} is written{f'; the check has {hints} hints for you' if hints else ''}. Look through it, then:")
    say(f"  askfirst policy check {file}")
    say(f'  askfirst policy publish KEY {file} --reason "The first policy."')


_QUESTIONS: Final = {
    "--controller": "Who runs the website (company or person)",
    "--address": "Postal address",
    "--contact": "E-mail address that visitors can write to",
    "--privacy-policy": "Web address of the privacy policy",
}


def _asked(name: str) -> str:
    return _ask(_QUESTIONS[name])


def _ask(question: str, default: str | None = None) -> str:
    answer: Any = typer.prompt(question, default=default, show_default=bool(default))
    return str(answer).strip()


def _listed(asking: bool, question: str, default: str) -> list[str]:
    answer = _ask(question, default) if asking else default
    return [one.strip() for one in answer.replace(",", " ").split() if one.strip()]


def _bases(given: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    wrong = [(f"--transfer {country}", f"must be like US={_BASES[0]}, with one of {', '.join(_BASES)}")
             for country, _, basis in pairs if basis not in _BASES]  # fmt: skip
    if wrong:
        raise ConfigurationFault(wrong)
    return {country: basis for country, _, basis in pairs}


def _usual(services: list[str]) -> list[str]:
    found = [known_services.find(one) for one in services]
    return [one for one in dict.fromkeys(known.purposes[0] for known in found if known) if one != "necessary"]


def _require_known(services: list[str], presets: list[str]) -> None:
    known = {one.id for one in known_services.all_services()}
    usable = {one.id for one in all_presets() if one.state in ("in_force", "future")}
    wrong = [(f"--service {one}", "is not in the catalogue of known services") for one in services if one not in known]
    wrong += [(f"--region {one}", f"is no region preset: {', '.join(sorted(usable))}")
              for one in presets if one not in usable]  # fmt: skip
    if wrong:
        raise ConfigurationFault(wrong)
