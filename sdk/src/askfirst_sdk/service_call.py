"""One bounded POST to the service within a deadline, for the rare calls that wait: never made while a page is read."""

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .errors import ServiceRefused, ServiceUnreachable

__all__ = ["post"]

_MOST = 65_536


def post(service_url: str, path: str, members: Mapping[str, Any], *, timeout: float, token: str | None = None) -> Any:
    """Send JSON and return the members of the JSON answer.

    Raises ServiceRefused where the service says no, with its problem document, and ServiceUnreachable where there is no
    answer of the service within `timeout` seconds, all in all.
    """
    parts = urlsplit(service_url)
    host, port = parts.hostname or "", parts.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=timeout)
    )
    # A service that sends one byte now and then would keep every single read within its time.
    deadline = threading.Timer(timeout, _cut, [connection])
    deadline.daemon = True
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    began = time.monotonic()
    try:
        deadline.start()
        connection.request("POST", f"{parts.path.rstrip('/')}{path}", json.dumps(members).encode(), headers)
        with connection.getresponse() as response:
            status, body = response.status, response.read(_MOST + 1)
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
        raise ServiceUnreachable(f"the service did not answer: {error}") from error
    finally:
        deadline.cancel()
        connection.close()
    return _answered(status, body, late=time.monotonic() - began > timeout)


def _answered(status: int, body: bytes, *, late: bool) -> Any:
    try:
        answer: Any = json.loads(body) if len(body) <= _MOST and not late else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise ServiceUnreachable(f"what answered {status} is not the service, or was cut off")
    if status in (408, 429) or status >= 500:
        raise ServiceUnreachable(f"the service is not ready: {status} {answer.get('title', '')}")
    if not 200 <= status < 300:
        raise ServiceRefused(status, answer)
    return answer


def _cut(connection: http.client.HTTPConnection) -> None:
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
