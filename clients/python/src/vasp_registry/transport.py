"""One logical call: its attempts, waits and headers, without doing any I/O. `client` performs what is yielded here."""

from __future__ import annotations

import email.utils
import json
import random
import secrets
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from .errors import ProblemError, RegistryError, Unavailable
from .receipts import parse_json
from .subjects import named_in, without
from .types import Problem

VERSION = "0.1.0"
LONGEST_RETRY_AFTER_SECONDS = 60.0
LONGEST_BACKOFF_SECONDS = 8.0


@dataclass(frozen=True)
class Attempt:
    """One HTTP request to make."""

    method: str
    path: str
    params: Mapping[str, Any] | None
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float


@dataclass(frozen=True)
class Reply:
    """What came back: an answer, or in `failure` why there is none (`timeout` or `connection`)."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: str | None = None


T = TypeVar("T")
Effect = Attempt | float  # a float: seconds to wait
Steps = Generator[Effect, Reply | None, T]


@dataclass(frozen=True)
class Event:
    """One attempt, for logs and metrics: it carries no subject and no key. `wait` is how long the client waits before the next attempt."""

    operation: str
    attempt: int
    seconds: float
    status: int | None
    failure: str | None
    request_id: str | None
    wait: float | None


@dataclass(frozen=True)
class Settings:
    """How calls are made. Times are in seconds; `deadline` is for all attempts of a call together."""

    timeout: float = 10.0
    deadline: float = 30.0
    attempts: int = 4
    batch_size: int = 1000  # the API's limit
    batch_bytes: int = 2_000_000  # a registry reads bodies of 2 MiB, unless it is set up otherwise
    on_event: Callable[[Event], None] | None = None
    traceparent: Callable[[], str | None] | None = None
    now: Callable[[], float] = time.time
    elapsed: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


def call(
    settings: Settings, key: str | None, method: str, path: str, *, operation: str, body: object = None,
    params: Mapping[str, Any] | None = None, idempotency_key: str | None = None, text: bool = False,
) -> Steps[Any]:  # fmt: skip
    """Makes one logical call, with one idempotency key, and returns the JSON of its answer (`text`: the text)."""
    headers = {"accept": "*/*", "user-agent": f"vasp-registry-python/{VERSION}", "traceparent": _traceparent(settings)}
    if key is not None:
        headers["authorization"] = f"Bearer {key}"
    if method == "POST":
        headers["idempotency-key"] = idempotency_key or str(uuid.uuid4())
    content = None
    if body is not None:
        headers["content-type"], content = "application/json", json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    begun = settings.elapsed()
    for number in range(1, settings.attempts + 1):
        left = begun + settings.deadline - settings.elapsed()
        started = settings.elapsed()
        reply = cast(Reply, (yield Attempt(method, path, params, headers, content, min(settings.timeout, left))))
        error = _error(reply, method, list(named_in(body)), settings.now())
        wait = None
        if isinstance(error, Unavailable) and error.code != "server_error" and number < settings.attempts:
            wait = _wait(settings, number, error.retry_after)
            if wait > LONGEST_RETRY_AFTER_SECONDS or settings.elapsed() - begun + wait >= settings.deadline:
                wait = None
        if settings.on_event:
            took, request_id = settings.elapsed() - started, reply.headers.get("x-request-id")
            settings.on_event(Event(operation, number, took, reply.status or None, reply.failure, request_id, wait))
        if error is None:
            return _read(reply, text)
        if wait is None:
            raise error
        yield wait
    raise Unavailable("timeout", "no attempt is allowed")


def _error(reply: Reply, method: str, subjects: list[str], now: float) -> RegistryError | None:
    """What is wrong with a reply. `server_error` is final; every other `Unavailable` may be tried again."""
    if 200 <= reply.status < 300:
        return None
    may_repeat = method in ("GET", "POST")  # a POST carries its idempotency key
    request_id, retry_after = reply.headers.get("x-request-id"), _retry_after(reply.headers.get("retry-after"), now)
    if reply.failure:
        detail = "no answer in time" if reply.failure == "timeout" else "the connection failed"
        return Unavailable(reply.failure if may_repeat else "server_error", detail)
    try:
        problem = cast(Problem, parse_json(reply.body))
        detail = without(problem["detail"], subjects)
        refusal = ProblemError(problem, detail)
    except (AttributeError, KeyError, TypeError, ValueError):
        refusal, detail = None, f"HTTP status {reply.status}"
    code = "server_error"
    if reply.status == 429:
        code = "rate_limited"
    elif reply.status == 409 and refusal and refusal.code == "in_progress":
        code = "in_progress"
    elif reply.status in (502, 503, 504) and may_repeat:
        code = "unavailable"
    elif 400 <= reply.status < 500 and refusal:
        return refusal
    return Unavailable(code, detail, request_id=request_id, retry_after=retry_after)


def _read(reply: Reply, text: bool) -> Any:
    try:
        return reply.body.decode() if text else parse_json(reply.body) if reply.body else None
    except ValueError:
        raise Unavailable("malformed", "the answer is not JSON", request_id=reply.headers.get("x-request-id")) from None


def _wait(settings: Settings, number: int, retry_after: float | None) -> float:
    """What the server asks for and up to half a second more, so that clients do not return together; else full jitter over a doubling ceiling."""
    if retry_after is not None:
        return retry_after + settings.chance() / 2 if retry_after < LONGEST_RETRY_AFTER_SECONDS else retry_after
    return min(LONGEST_BACKOFF_SECONDS, 0.5 * 2.0 ** (number - 1)) * (0.5 + settings.chance() / 2)


def _retry_after(value: str | None, now: float) -> float | None:
    """Seconds, or an HTTP date (RFC 9110 section 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


def _traceparent(settings: Settings) -> str:
    """The caller's, or a trace of this call (W3C Trace Context, version 00)."""
    given = settings.traceparent() if settings.traceparent else None
    return given or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
