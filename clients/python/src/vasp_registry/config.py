"""Where the registry is and who asks, from arguments or the environment."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from urllib.parse import urlsplit

from .errors import ConfigurationError


def registry_url(given: str | None) -> str:
    """Returns the base URL, of `VASP_REGISTRY_URL` if none is given. Plain HTTP is for this machine only."""
    url = (given or os.environ.get("VASP_REGISTRY_URL") or "").strip()
    if not url:
        raise ConfigurationError("no_url", "give the URL of the registry, or set VASP_REGISTRY_URL")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError("invalid_url", "the URL of the registry cannot be read") from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or parts.username is not None:
        raise ConfigurationError("invalid_url", "the URL of the registry is https://HOST[/PATH], without user, query and fragment")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigurationError("plain_http", f"plain http is for this machine only: write https://{host}")
    return url.rstrip("/")


def for_sandbox(key: str | None) -> bool:
    """Whether a key works in a sandbox only."""
    return key is not None and key.startswith("vr_test_")


def registry_key(given: str | None) -> str | None:
    """Returns the API key: the one given, `VASP_REGISTRY_KEY`, or the content of the file `VASP_REGISTRY_KEY_FILE`."""
    key = given if given is not None else os.environ.get("VASP_REGISTRY_KEY")
    file = os.environ.get("VASP_REGISTRY_KEY_FILE")
    if given is None and key and file:
        raise ConfigurationError("two_keys", "set VASP_REGISTRY_KEY or VASP_REGISTRY_KEY_FILE, not both")
    if key is None and file:
        try:
            key = Path(file).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError("no_key_file", f"VASP_REGISTRY_KEY_FILE cannot be read: {type(error).__name__}") from None
    if key is None:
        return None
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError("invalid_key", "the API key is empty, or has characters that no key has")
    return key


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
