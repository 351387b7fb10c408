"""docker-compose.yml against its specification, and its very commands and settings started without Docker."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft7Validator

from askfirst.usecases.verify_ledger import verify_ledger
from askfirst.workplace import open_workplace
from support.cluster import Cluster
from support.places import settings_of

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"secrets", "setup"}


def test_the_file_is_what_the_specification_asks_for() -> None:
    """Every member and value is of the Compose Specification's own schema."""
    schema = json.loads(Path(__file__).with_name("compose-spec.json").read_text(encoding="utf-8"))

    assert [] == [f"{list(error.path)}: {error.message}" for error in Draft7Validator(schema).iter_errors(COMPOSE)]


def test_no_container_can_do_more_than_it_has_to() -> None:
    """Each gives up all rights first, writes to its volumes alone, has limits, and no secret stands in the file."""
    for name, one in SERVICES.items():
        assert one["read_only"], name
        assert ["ALL"] == one["cap_drop"], name
        assert ["no-new-privileges:true"] == one["security_opt"], name
        assert {"cpus", "memory", "pids"} == one["deploy"]["resources"]["limits"].keys(), name
        assert "privileged" not in one, name
        assert name in ONCE or {"healthcheck", "restart"} <= one.keys(), name
    assert ["front"] == [name for name, one in SERVICES.items() if "ports" in one]
    assert COMPOSE["networks"]["back"]["internal"]
    assert not re.search(r"(?i)(password|secret|token): (?!/secrets/)\S", (ROOT / "docker-compose.yml").read_text())


def test_the_image_does_not_run_as_root() -> None:
    """The last user that the Dockerfile names is the service's own."""
    lines = (ROOT / "service" / "Dockerfile").read_text(encoding="utf-8").splitlines()

    assert "USER askfirst" == [line for line in lines if line.startswith("USER")][-1]
    assert 'ENTRYPOINT ["askfirst"]' in lines


def _ignored(path: str) -> bool:
    """Tell whether the build leaves a path of the repository out."""
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    parts = Path(path).parts
    return any(
        fnmatch(name, one.removeprefix("**/"))
        for one in patterns
        for name in (parts if one.startswith("**") else parts[:1])
    )


def test_all_that_the_image_is_built_of_is_there() -> None:
    """Each source of a COPY is in the repository and not left out, and each stage is used."""
    text = (ROOT / "service" / "Dockerfile").read_text(encoding="utf-8")
    stages = re.findall(r"^FROM \S+ AS (\S+)", text, re.MULTILINE)
    copies = [line.split()[1:] for line in text.splitlines() if line.startswith("COPY ")]
    taken = [one[0].removeprefix("--from=") for one in copies if one[0].startswith("--from=")]
    sources = [source for one in copies if not one[0].startswith("--") for source in one[:-1]]

    assert set(taken) == set(stages)
    assert sources
    assert [] == [source for source in sources if not (ROOT / source).exists() or _ignored(source)]
    assert "ENV PATH=/opt/askfirst/bin" in text
    assert "UV_PROJECT_ENVIRONMENT=/opt/askfirst " in text


def test_what_the_front_asks_is_there() -> None:
    """Caddy's file is where it is mounted from, speaks to the service on its port, and asks the address that tells."""
    (mounted,) = [one for one in SERVICES["front"]["volumes"] if "Caddyfile" in one]
    text = (ROOT / mounted.split(":")[0]).read_text(encoding="utf-8")

    assert "reverse_proxy service:8601 {" in text
    assert "health_uri /readyz" in text
    assert text.count("{") == text.count("}")
    assert {"ASKFIRST_HOST_NAME"} == set(re.findall(r"\{\$(\w+)", text)) == SERVICES["front"]["environment"].keys()


def _filled(text: str, given: dict[str, str]) -> str:
    """Return a text with its `${NAME:-default}` filled in, as Compose does it."""
    return re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", lambda found: given.get(found[1], found[2] or ""), text)


# A mount namespace of its own, in which nothing can be written but the volumes and the folder for temporary files.
_READ_ONLY = """
set -e
mount --bind "$1" "$1"
for folder in "$1"/var/lib/askfirst "$1"/secrets "$1"/tmp; do mount --bind "$folder" "$folder"; done
for folder in / "$1"; do mount -o remount,bind,ro "$folder"; done
if touch "$1"/anywhere 2>/dev/null; then exit 99; fi
shift
exec "$@"
"""


class Started:
    """Runs the services of the file as processes: their command, their environment, their volumes as folders."""

    def __init__(self, folder: Path, cluster: Cluster, database: str, *, read_only: bool = False) -> None:
        self.folder = folder
        self._before = (
            ["unshare", "--mount", "--propagation=private", "sh", "-c", _READ_ONLY, "sh", str(folder)]
            if read_only
            else []
        )
        (folder / "tmp").mkdir()
        self._cluster, self._database = cluster, database
        self.given = {"ASKFIRST_HOST_NAME": "consent.example.org", "ASKFIRST_OWNER": "ann@example.org"}
        for volume in ("var/lib/askfirst", "secrets"):
            (folder / volume).mkdir(parents=True)

    def command(self, name: str) -> list[str]:
        """Return what a service of the file runs."""
        program = str(Path(sys.executable).with_name("askfirst"))
        return [*self._before, program, *(self._here(_filled(word, self.given)) for word in SERVICES[name]["command"])]

    def environment(self, name: str, **changes: str) -> dict[str, str]:
        """Return a service's environment; only the addresses of what no network reaches are others."""
        plain = {name: text for name, text in os.environ.items() if not name.startswith("ASKFIRST_")}
        own = {
            key: self._here(_filled(text, self.given)) for key, text in SERVICES[name].get("environment", {}).items()
        }
        if "ASKFIRST_DATABASE_URL" in own:
            assert own["ASKFIRST_DATABASE_URL"].endswith("askfirst@database/askfirst")
            own["ASKFIRST_DATABASE_URL"] = self._cluster.url(self._database)
        return {**plain, **own, "PYTHONUNBUFFERED": "1", "TMPDIR": str(self.folder / "tmp"), **changes}

    def run(self, name: str) -> str:
        """Run a service that ends by itself, and return what it says."""
        return subprocess.run(
            self.command(name),
            env=self.environment(name),
            cwd=self.folder,
            check=True,
            timeout=120,
            capture_output=True,
            text=True,
        ).stdout

    @contextmanager
    def serving(self, name: str) -> Iterator[str]:
        """Run a service, give its address once it is ready, and end it in order."""
        environment = self.environment(name, ASKFIRST_HOST="127.0.0.1", ASKFIRST_PORT="0")
        with subprocess.Popen(self.command(name), env=environment, cwd=self.folder, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None
                url = process.stdout.readline().split(b" on ")[1].split(b". ")[0].decode()
                _until_ready(url)
                yield url
            finally:
                process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0

    def _here(self, text: str) -> str:
        return re.sub(r"^(/var/lib/askfirst|/secrets)", lambda found: f"{self.folder}{found[1]}", text)


def _until_ready(url: str) -> None:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("it did not become ready")


def _may_mount() -> bool:
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0


@pytest.mark.parametrize("read_only", [False, True], ids=["", "on a read-only file system"])
def test_the_commands_of_the_file_bring_up_a_service_that_can_be_signed_in_to(
    tmp_path: Path, cluster: Cluster, read_only: bool
) -> None:
    """From empty volumes: a secret, the schema, an organisation, a link that lets in once; a second start keeps all.

    As in the containers, nothing is written but to the volumes.
    """
    if read_only and not _may_mount():
        pytest.skip("no file system can be mounted here")
    with cluster.database() as database:
        started = Started(tmp_path, cluster, database, read_only=read_only)
        made = started.run("secrets")
        secret = (tmp_path / "secrets" / "database-password").read_text()
        first = started.run("setup")
        link = re.search(r"https://consent\.example\.org(/console/link/\S+)", first)
        with started.serving("service") as url:
            assert link is not None
            page = httpx.get(url + link[1])
            script = httpx.get(f"{url}/log/main/keys")
        again = (started.run("secrets"), started.run("setup"))
        settings = settings_of(tmp_path / "var/lib/askfirst/home", database_url=cluster.url(database))
        place = open_workplace(settings)
        findings = verify_ledger(place.directory, place.ledger, 1).findings
        place.engine.dispose()

    assert "holds a new secret" in made
    assert re.fullmatch(r"[0-9a-f]{64}", secret)
    assert (200, 200) == (page.status_code, script.status_code)
    assert "ann@example.org" in page.text
    assert "stays as it is" in again[0]
    assert {"home"} == {one.name for one in (tmp_path / "var/lib/askfirst").iterdir()}
    assert "There is an organisation already." in again[1]
    assert "/console/link/" not in again[1]
    assert secret == (tmp_path / "secrets" / "database-password").read_text()
    assert [] == findings


@pytest.mark.parametrize(("words", "mode"), [((), 0o400), (("--shared",), 0o444)])
def test_a_secret_is_private_unless_it_has_to_be_shared(tmp_path: Path, words: tuple[str, ...], mode: int) -> None:
    """Whatever the umask of whoever runs it."""
    file = tmp_path / "secret"
    command = [str(Path(sys.executable).with_name("askfirst")), "new-secret", str(file), *words]
    subprocess.run(command, check=True, umask=0o077, cwd=tmp_path, timeout=60, stdout=subprocess.DEVNULL)

    assert mode == stat.S_IMODE(file.stat().st_mode)


def test_the_image_has_the_database_s_own_programs_of_its_version() -> None:
    """`askfirst backup` in the container runs pg_dump, which refuses a server that is newer than itself."""
    image = (ROOT / "service" / "Dockerfile").read_text()
    database = COMPOSE["services"]["database"]["image"]

    assert re.findall(r"postgresql-client-(\d+)", image) == [database.partition(":")[2]]
    assert f"FROM {database}-trixie AS postgresql" in image
