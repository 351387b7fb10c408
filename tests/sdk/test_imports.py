"""What a web server imports: nothing that signs, nothing of Askfirst's service, no framework."""

import subprocess
import sys

import pytest

READING = [
    "account_cookies",
    "accounts",
    "asgi",
    "check",
    "client",
    "confirm",
    "consent",
    "cookie",
    "descriptor",
    "encoding",
    "errors",
    "fetch",
]
READING += [
    "head_end",
    "inject",
    "keys",
    "knowledge",
    "lazy",
    "mount",
    "page",
    "pins",
    "plurals",
    "policy_document",
    "policy_html",
    "recording",
]
READING += ["service_call", "wsgi"]
FRAMEWORKS = ["django", "flask", "litestar", "starlette"]
READING += ["reason", "receipt", "refresh", "regions", "signal", "subject", "tags", "token"]


def imported_by(module: str) -> set[str]:
    """Return what a fresh interpreter holds after importing one module."""
    code = f"import sys, {module}; print('\\n'.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_every_module_is_listed() -> None:
    """A new module is put on the reading side here, or it signs."""
    import pkgutil

    import askfirst_sdk

    assert sorted([*READING, *FRAMEWORKS, "pytest_plugin", "signing", "testing"]) == sorted(
        one.name for one in pkgutil.iter_modules(askfirst_sdk.__path__)
    )


def test_the_reading_side_does_not_import_signing() -> None:
    """A hacked web server finds no code that could sign, and no adapter can come to depend on it."""
    code = "; ".join(f"import askfirst_sdk.{name}" for name in READING)
    held = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print('\\n'.join(sys.modules))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert "askfirst_sdk.check" in held
    assert [] == [name for name in held if name == "askfirst_sdk.signing" or name.split(".")[0] == "askfirst"]


def test_the_sdk_alone_needs_two_dependencies() -> None:
    """Frameworks are imported by those who have them."""
    outside = {
        name.split(".")[0] for name in imported_by("askfirst_sdk.asgi, askfirst_sdk.wsgi, askfirst_sdk.mount")
    } - set(sys.stdlib_module_names)

    # What the interpreter's own distributor adds at start is not ours either.
    interpreter = {"__main__", "sitecustomize", "usercustomize"} | {name for name in outside if name.startswith("_")}
    assert outside - interpreter <= {"askfirst_sdk", "itsdangerous", "nacl", "cffi"}


@pytest.mark.parametrize("name", ["Askfirst", "Consent", "Reason"])
def test_the_front_door_is_small(name: str) -> None:
    """Three names for the five lines."""
    import askfirst_sdk

    assert sorted(askfirst_sdk.__all__) == ["Askfirst", "Consent", "Reason"]
    assert hasattr(askfirst_sdk, name)
