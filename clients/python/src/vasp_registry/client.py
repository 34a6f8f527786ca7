"""The two clients: `Client` and `AsyncClient` offer the same calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar

import httpx

from .config import registry_key, registry_url
from .errors import RegistryError
from .log import Checkpoint
from .operations import Operations
from .transport import Attempt, Reply, Settings, Steps
from .types import (
    Alert,
    Change,
    InclusionProof,
    ObligationsAnswer,
    ObligationsRequest,
    Precheck,
    PrecheckRequest,
    ResolveItem,
    Vasp,
    VaspListItem,
)
from .verdict import Resolved, Verdict

T = TypeVar("T")


class _Base:
    """`url` and `key` come from `VASP_REGISTRY_URL` and `VASP_REGISTRY_KEY` or `VASP_REGISTRY_KEY_FILE` if they are not given.

    `jwks` pins the keys that receipts are checked with, `issuer` the registry's name in them; without `jwks` the client fetches the
    keys from the registry. `http` is an HTTP client of yours, for a proxy or a client certificate.
    """

    def __init__(
        self, url: str | None, key: str | None, settings: Settings | None, jwks: Mapping[str, Any] | None, issuer: str | None
    ) -> None:
        self.url = registry_url(url)
        self._do = Operations(registry_key(key), settings or Settings(), jwks, issuer)

    @property
    def has_key(self) -> bool:
        return self._do.key is not None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"

    def _request(self, attempt: Attempt) -> dict[str, Any]:
        return {
            "method": attempt.method,
            "url": self.url + attempt.path,
            "params": attempt.params,
            "headers": attempt.headers,
            "content": attempt.body,
            "timeout": max(attempt.timeout, 0.001),
            "follow_redirects": False,
        }


class Client(_Base):
    """Asks a registry. Safe to share between threads."""

    __doc__ += _Base.__doc__ or ""

    def __init__(
        self, url: str | None = None, key: str | None = None, *, settings: Settings | None = None, jwks: Mapping[str, Any] | None = None,
        issuer: str | None = None, http: httpx.Client | None = None, sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        super().__init__(url, key, settings, jwks, issuer)
        self._http, self._sleep = http or httpx.Client(), sleep

    def resolve(self, subject: str, *, network: str | None = None, memo: str | None = None, kind: str | None = None) -> Resolved:
        """Asks who owns an address, domain, Travel Address, LEI or another subject."""
        return self._run(self._do.resolve(_item(subject, network, memo, kind)))

    def resolve_many(self, items: Iterable[ResolveItem]) -> list[Resolved | RegistryError]:
        """Asks about any number of subjects; one answer or error for each, in order."""
        return self._run(self._do.resolve_many(items))

    def precheck(self, request: PrecheckRequest, *, idempotency_key: str | None = None) -> Verdict:
        """Asks whether a transfer may be made. Recorded pre-checks come back with a valid receipt, or not at all."""
        return self._run(self._do.precheck(request, idempotency_key))

    def precheck_many(self, requests: Iterable[PrecheckRequest]) -> list[Verdict | RegistryError]:
        """Asks about any number of transfers; one verdict or error for each, in order."""
        return self._run(self._do.precheck_many(requests))

    def get_precheck(self, precheck_id: str) -> Precheck:
        """Reads a recorded pre-check again, and checks its receipt."""
        return self._run(self._do.get_precheck(precheck_id))

    def obligations(self, request: ObligationsRequest) -> ObligationsAnswer:
        """Asks which data must travel with a transfer."""
        return self._run(self._do.obligations(request))

    def vasp(self, id_or_lei: str) -> Vasp:
        """Reads the record of a VASP."""
        return self._run(self._do.vasp(id_or_lei))

    def vasps(self, **filters: str | int) -> Iterator[VaspListItem]:
        """Lists VASPs: `q`, `country`, `status`, `kind`, `protocol`, `authority`, `regime`, `network`, `updated_since`."""
        return self.iterate("/v1/vasps", **filters)

    def alerts(self, **filters: str | int) -> Iterator[Alert]:
        """Lists what changed about VASPs that you rely on, newest first."""
        return self.iterate("/v1/alerts", **filters)

    def changes(self, since: int = 0, *, limit: int = 1000) -> Iterator[Change]:
        """Lists the public changes after a sequence, up to now."""
        return self.iterate("/v1/changes", since=since, limit=limit)

    def iterate(self, path: str, **params: str | int) -> Iterator[Any]:
        """Yields the items of any list of the API, page after page."""
        following: dict[str, Any] | None = dict(params)
        while following is not None:
            items, following = self._run(self._do.page(path, following))
            yield from items

    def checkpoint(self, at_least: Checkpoint | None = None) -> Checkpoint:
        """Fetches the newest signed state of the log and checks it."""
        return self._run(self._do.checkpoint(at_least))

    def prove(self, sequence: int, checkpoint: Checkpoint) -> InclusionProof:
        """Fetches the proof that an entry is in the log of this checkpoint, and checks it."""
        return self._run(self._do.prove(sequence, checkpoint))

    def call(self, method: str, path: str, *, body: object = None, params: Mapping[str, Any] | None = None) -> Any:
        """Makes any other call of the API; the types of its answer are in `vasp_registry.types`."""
        return self._run(self._do.call(method, path, body=body, params=params))

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, steps: Steps[T]) -> T:
        reply: Reply | None = None
        while True:
            try:
                effect = steps.send(reply)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]
            if isinstance(effect, Attempt):
                reply = self._send(effect)
            else:
                self._sleep(effect)

    def _send(self, attempt: Attempt) -> Reply:
        end = time.monotonic() + attempt.timeout
        try:
            with self._http.stream(**self._request(attempt)) as answer:
                body = bytearray()
                for part in answer.iter_bytes():
                    body += part
                    if time.monotonic() > end:
                        return Reply(failure="timeout")
                return Reply(answer.status_code, answer.headers, bytes(body))
        except httpx.TimeoutException:
            return Reply(failure="timeout")
        except httpx.RequestError:
            return Reply(failure="connection")


class AsyncClient(_Base):
    """Asks a registry from asyncio. Each call does what the call of this name of `Client` does."""

    __doc__ += _Base.__doc__ or ""

    def __init__(
        self, url: str | None = None, key: str | None = None, *, settings: Settings | None = None, jwks: Mapping[str, Any] | None = None,
        issuer: str | None = None, http: httpx.AsyncClient | None = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        super().__init__(url, key, settings, jwks, issuer)
        self._http, self._sleep = http or httpx.AsyncClient(), sleep

    async def resolve(self, subject: str, *, network: str | None = None, memo: str | None = None, kind: str | None = None) -> Resolved:
        return await self._run(self._do.resolve(_item(subject, network, memo, kind)))

    async def resolve_many(self, items: Iterable[ResolveItem]) -> list[Resolved | RegistryError]:
        return await self._run(self._do.resolve_many(items))

    async def precheck(self, request: PrecheckRequest, *, idempotency_key: str | None = None) -> Verdict:
        return await self._run(self._do.precheck(request, idempotency_key))

    async def precheck_many(self, requests: Iterable[PrecheckRequest]) -> list[Verdict | RegistryError]:
        return await self._run(self._do.precheck_many(requests))

    async def get_precheck(self, precheck_id: str) -> Precheck:
        return await self._run(self._do.get_precheck(precheck_id))

    async def obligations(self, request: ObligationsRequest) -> ObligationsAnswer:
        return await self._run(self._do.obligations(request))

    async def vasp(self, id_or_lei: str) -> Vasp:
        return await self._run(self._do.vasp(id_or_lei))

    def vasps(self, **filters: str | int) -> AsyncIterator[VaspListItem]:
        return self.iterate("/v1/vasps", **filters)

    def alerts(self, **filters: str | int) -> AsyncIterator[Alert]:
        return self.iterate("/v1/alerts", **filters)

    def changes(self, since: int = 0, *, limit: int = 1000) -> AsyncIterator[Change]:
        return self.iterate("/v1/changes", since=since, limit=limit)

    async def iterate(self, path: str, **params: str | int) -> AsyncIterator[Any]:
        following: dict[str, Any] | None = dict(params)
        while following is not None:
            items, following = await self._run(self._do.page(path, following))
            for item in items:
                yield item

    async def checkpoint(self, at_least: Checkpoint | None = None) -> Checkpoint:
        return await self._run(self._do.checkpoint(at_least))

    async def prove(self, sequence: int, checkpoint: Checkpoint) -> InclusionProof:
        return await self._run(self._do.prove(sequence, checkpoint))

    async def call(self, method: str, path: str, *, body: object = None, params: Mapping[str, Any] | None = None) -> Any:
        return await self._run(self._do.call(method, path, body=body, params=params))

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _run(self, steps: Steps[T]) -> T:
        reply: Reply | None = None
        while True:
            try:
                effect = steps.send(reply)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]
            if isinstance(effect, Attempt):
                reply = await self._send(effect)
            else:
                await self._sleep(effect)

    async def _send(self, attempt: Attempt) -> Reply:
        try:
            async with asyncio.timeout(attempt.timeout):
                answer = await self._http.request(**self._request(attempt))
                return Reply(answer.status_code, answer.headers, answer.content)
        except (TimeoutError, httpx.TimeoutException):
            return Reply(failure="timeout")
        except httpx.RequestError:
            return Reply(failure="connection")


def _item(subject: str, network: str | None, memo: str | None, kind: str | None) -> ResolveItem:
    given = {"subject": subject, "network": network, "memo": memo, "kind": kind}
    return {name: value for name, value in given.items() if value is not None}  # type: ignore[return-value]
