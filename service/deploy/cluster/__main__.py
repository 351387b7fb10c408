"""`make cluster`: the cluster on loopback with two nodes of the service over it, until Ctrl+C."""

import re
import signal
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path

from service.deploy.cluster.loopback import LOOPBACK, LoopbackCluster, MissingProgramError, Process, free_ports, give

NODES = 2
_READY_S = 60


def main() -> None:
    """Start everything, say what to open, and end it all at Ctrl+C or SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="askfirst-cluster-")))
        try:
            cluster = LoopbackCluster(folder)
        except MissingProgramError as error:
            sys.exit(str(error))
        stack.callback(cluster.stop)
        print("etcd and three members of PostgreSQL start; that takes some twenty seconds.", flush=True)
        cluster.start()
        nodes, said = _start_nodes(cluster, stack)
        print(_page(cluster, nodes, said), flush=True)
        threading.Event().wait()
    print("Everything is stopped.", flush=True)


def _end(*_: object) -> None:
    # A second Ctrl+C would leave behind what the first is about to end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _start_nodes(cluster: LoopbackCluster, stack: ExitStack) -> tuple[list[str], str]:
    """Start the nodes, and return their addresses and what the first start said."""
    ports = free_ports(NODES)
    nodes = [f"http://{LOOPBACK}:{port}" for port in ports]
    home = cluster.folder / "home"
    program = str(Path(sys.executable).with_name("askfirst"))
    shared = {
        "ASKFIRST_HOME": str(home),
        "ASKFIRST_DATABASE_URL": cluster.url(),
        "ASKFIRST_DATABASE_PASSWORD_FILE": str(cluster.password_file),
        "ASKFIRST_PUBLIC_URL": nodes[0],
    }
    for name in ("first-start", *ports):
        (cluster.folder / str(name)).mkdir()
        give(cluster.folder / str(name))
    first = [*cluster.ordinary, sys.executable, program, "first-start", "--name=The cluster's organisation"]
    once = Process([*first, "--slug=cluster", "--owner=owner"], cluster.folder / "first-start", shared)
    once.start()
    if once.wait(_READY_S) != 0:
        sys.exit((cluster.folder / "first-start" / "log").read_text())
    for port in ports:
        command = [*cluster.ordinary, sys.executable, program, "serve"]
        node = Process(command, cluster.folder / str(port), {**shared, "ASKFIRST_PORT": str(port)})
        node.start()
        stack.callback(node.stop)
    for node_url in nodes:
        _until_ready(node_url)
    return nodes, (cluster.folder / "first-start" / "log").read_text()


def _until_ready(node: str) -> None:
    for _ in range(_READY_S * 10):
        try:
            with urllib.request.urlopen(f"{node}/readyz", timeout=2):  # noqa: S310 - our own address
                return
        except (OSError, urllib.error.URLError):
            threading.Event().wait(0.1)
    sys.exit(f"{node} did not become ready")


def _page(cluster: LoopbackCluster, nodes: list[str], said: str) -> str:
    link = re.search(r"https?://\S+/console/link/\S+", said)
    leader = cluster.leader()
    lines = ["", "  Three members of PostgreSQL run, and two nodes of Askfirst over them.", ""]
    lines += [f"  Node {at}         {node}/" for at, node in enumerate(nodes, 1)]
    lines += [
        f"  The console    {link[0] if link else nodes[0]}",
        "                 (lets you in once, as the owner)",
        "",
    ]
    for one in cluster.members:
        role = "leads" if one is leader else "stands by"
        lines.append(
            f"  {one.name}        http://{LOOPBACK}:{one.api_port}/cluster    PostgreSQL on port {one.port}, {role}"
        )
    lines += [f"  etcd           {cluster.etcd_url}/health", ""]
    if leader:
        lines += [
            "  To see a failover, kill the leader and its database; another member leads after some twenty seconds:",
            f"    kill -9 {' '.join(str(pid) for pid in leader.pids())}",
            "",
        ]
    lines += [f"  Logs are in {cluster.folder}. Stop with Ctrl+C; the folder goes then, and everything in it.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
