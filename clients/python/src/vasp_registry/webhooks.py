"""Webhooks as the registry signs them: Standard Webhooks 1.0, HMAC-SHA256 over `id.timestamp.body`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from .errors import NotVerified
from .receipts import parse_json
from .types import Alert

TOLERANCE_SECONDS = 300  # the age that the Standard Webhooks libraries allow


@dataclass(frozen=True)
class WebhookMessage:
    """A message that the registry sent. `id` is the same at every attempt: keep it to recognise a message that arrives twice."""

    id: str
    type: str
    timestamp: str
    data: Alert


def verify_webhook(
    secrets: str | Sequence[str], headers: Mapping[str, str], body: bytes, *, now: float | None = None
) -> WebhookMessage:
    """Returns the message if one of the secrets (`whsec_…`) signed it within the last five minutes. Raises `NotVerified`.

    `body` is the body as it arrived. During the overlap of a rotation the registry signs with both secrets.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        identity, timestamp, signatures = (given[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        moment = int(timestamp)
        keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
    except (KeyError, ValueError):
        raise NotVerified("unreadable", "the message lacks a header of Standard Webhooks, or a secret cannot be read") from None
    signed = f"{identity}.{timestamp}.".encode() + body
    expected = [base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()) for key in keys if key]
    versions = [entry.partition(",") for entry in signatures.split(" ")]
    held = [hmac.compare_digest(value.encode(), one) for version, _, value in versions if version == "v1" for one in expected]
    if not any(held):
        raise NotVerified("altered", "no secret of yours signed the message")
    if abs((time.time() if now is None else now) - moment) > TOLERANCE_SECONDS:
        raise NotVerified("too_old", "the message is more than five minutes from now")
    try:
        message: dict[str, Any] = parse_json(body)
        return WebhookMessage(identity, str(message["type"]), str(message["timestamp"]), cast(Alert, message["data"]))
    except (KeyError, TypeError, ValueError):
        raise NotVerified("unreadable", "the message is not the registry's JSON") from None
