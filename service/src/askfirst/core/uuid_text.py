"""UUIDs between their 16 bytes and their text, in a fraction of the standard library's time."""


def uuid_text(raw: bytes) -> str:
    """Return 16 bytes as a UUID in lower case with hyphens."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid_bytes(text: str) -> bytes:
    """Return the 16 bytes of a UUID that was checked to be in lower case with hyphens."""
    return bytes.fromhex(text.replace("-", ""))
