"""`askfirst partition` says what it does, and refuses what needs none."""

from support.cluster import Cluster
from support.command_line import CommandLine


def test_it_divides_and_says_so(askfirst: CommandLine, cluster: Cluster) -> None:
    """Again it does nothing."""
    with cluster.database() as name:
        url = cluster.url(name)
        askfirst.does("init", "--name", "Example", "--slug", "example", DATABASE_URL=url)
        first = askfirst.does("partition", DATABASE_URL=url)
        again = askfirst.does("partition", DATABASE_URL=url)

    assert "Entries and records are divided by month. 6 partitions of coming months were made." in first
    assert "0 partitions" in again


def test_sqlite_needs_none(furnished_askfirst: CommandLine) -> None:
    """It is one file whatever its size."""
    assert "needs no partitions" in furnished_askfirst.refuses("partition")
