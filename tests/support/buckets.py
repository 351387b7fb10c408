"""A real process that speaks S3 on loopback, and slow and leading ones that do not."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

import boto3
import httpx

from askfirst.storage.bucket import BucketAccess
from support.listening import listening

BUCKET = "records"
REGION = "us-east-1"
KEY_ID, SECRET = "AKIAASKFIRSTTEST0001", "a-secret-that-no-log-shows"


@dataclass(frozen=True, slots=True)
class Buckets:
    """A running process, and a client of it that is not ours."""

    url: str
    client: Any

    def access(self, **changes: str) -> BucketAccess:
        """Return access to the bucket that is there."""
        given = {"bucket": BUCKET, "prefix": "askfirst", "endpoint": self.url, "region": REGION}
        return BucketAccess(**{**given, "key_id": KEY_ID, "secret": SECRET, **changes})

    def names(self) -> list[str]:
        """Return the names of all objects."""
        return [one["Key"] for one in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def content(self, name: str) -> bytes:
        """Return an object."""
        return bytes(self.client.get_object(Bucket=BUCKET, Key=name)["Body"].read())


@contextmanager
def run_buckets() -> Iterator[Buckets]:
    """Start the process, with one bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url)
        client = boto3.client(
            "s3", endpoint_url=url, region_name=REGION, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET
        )
        client.create_bucket(Bucket=BUCKET)
        yield Buckets(url, client)
        client.close()
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            httpx.get(f"{url}/moto-api/", timeout=1)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


class _Odd(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        with suppress(ConnectionError):  # who asked did not wait
            self._say()

    def _say(self) -> None:
        self.server.asked.append(self.command)  # type: ignore[attr-defined]
        if "/slow/" in self.path:
            threading.Event().wait(3)
        if "/refused/" in self.path:
            body = b"<Error><Code>SignatureDoesNotMatch</Code><Message>a-secret</Message></Error>"
            self.send_response(403)
        else:
            body = b""
            self.send_response(307)
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer()

    def log_message(self, *_given: Any) -> None:
        pass


@contextmanager
def odd_bucket() -> Iterator[tuple[str, list[str]]]:
    """Give the address of one that is slow (`slow`), refuses (`refused`) or leads elsewhere, and what it was asked."""
    with listening(_Odd) as given:
        yield given
