"""PgBouncer between the service and PostgreSQL, in transaction mode: each transaction may have another connection."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from askfirst.core.errors import ConfigurationFault
from askfirst.storage.engine import open_engine
from askfirst.usecases.verify_ledger import verify_ledger
from support.cluster import Cluster
from support.places import Home, open_home
from support.running_service import run_service

PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
PORT = 6432


@contextmanager
def _pooler(cluster: Cluster) -> Iterator[str]:
    """Run PgBouncer before the cluster, with two server connections for everybody, and give its socket's folder."""
    with tempfile.TemporaryDirectory(prefix="askfirst-pool-") as folder:
        settings = Path(folder) / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n* = host={cluster.folder} user=postgres\n"
            f"[pgbouncer]\nlisten_port = {PORT}\nunix_socket_dir = {folder}\nauth_type = any\npool_mode = transaction\n"
            "default_pool_size = 2\nmax_client_conn = 100\nserver_reset_query_always = 0\n"
        )
        if cluster.user:
            shutil.chown(folder, cluster.user)
        assert PGBOUNCER is not None
        with subprocess.Popen([PGBOUNCER, "--quiet", str(settings)], user=cluster.user) as process:
            try:
                _until_it_answers(folder)
                yield folder
            finally:
                process.terminate()


def _until_it_answers(folder: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(f"host={folder} port={PORT} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            return


@pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_everything_works_through_a_pool_of_transactions(home: Home, database: str, cluster: Cluster) -> None:
    """Two nodes write, sequence, sign, search and verify over two server connections."""
    name = home.settings.database_url.partition("@/")[2].partition("?")[0]
    with _pooler(cluster) as folder:
        url = f"postgresql+psycopg://postgres@/{name}?host={folder}&port={PORT}&prepare_threshold=none"
        pooled = open_home(home.settings.model_copy(update={"database_url": url}), home.clock, home.random)
        with run_service(pooled) as one, run_service(pooled, asked=100) as other:
            records = [node.accept()["record"] for _ in range(10) for node in (one, other)]
            one.settle()
            other.settle()
            replayed = one.decision()
            twice = [node.post(replayed).json() for node in (one, other)]
            one.settle()
        place = pooled.place
        result = verify_ledger(place.directory, place.ledger, 1, anchor=pooled.anchors.read(1))
        pooled.close()

    assert twice[0] == twice[1]
    assert 20 == len(set(records))
    assert [] == result.findings


def test_what_is_no_threshold_is_said() -> None:
    """A number, or none."""
    with pytest.raises(ConfigurationFault, match="prepare_threshold that is neither none nor a number"):
        open_engine("postgresql+psycopg://x@/y?prepare_threshold=off")
