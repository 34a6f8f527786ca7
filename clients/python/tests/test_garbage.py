"""Whatever a server answers, a call ends in an answer or in an error of ours, and nothing unsigned clears a transfer."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import vasp_registry as registry
from test_conformance import BEGIN, DOCUMENT

REQUEST: Any = {"direction": "outgoing", "beneficiary": {"address": "1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", "network": "bitcoin"}}
CONDITION = DOCUMENT["bodies"]["condition"]
PRECHECK = {**DOCUMENT["bodies"]["precheck"], "recommendation": "proceed_with_conditions", "conditions": [CONDITION], "receipt": None}
RECEIPT = "eyJhbGciOiJFZERTQSIsImtpZCI6Im9uZSIsInR5cCI6InByZWNoZWNrLXJlY2VpcHQrand0In0.e30.AAAA"
PROBLEM = {"type": "/p", "code": "not_found", "title": "t", "status": 404, "detail": "d", "request_id": "r", "errors": [{"pointer": "/", "code": "c", "detail": "d"}]}
KEYS = {"keys": [{"kid": "one", "purpose": "receipt", "crv": "Ed25519", "x": "A" * 43, "nbf": 0}]}
JUNK: list[Any] = [None, True, 0, -1, 1.5, "", "proceed", "\u200b", "9999-99-99", [], [None], {}, {"a": 1}, [[]], 10**40]


def altered(value: Any, chance: random.Random) -> Any:
    """The value with one place in it replaced or removed."""
    value = copy.deepcopy(value)
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    for container in waiting:
        members = list(container.items()) if isinstance(container, dict) else list(enumerate(container))
        places += [(container, name) for name, _ in members]
        waiting += [member for _, member in members if isinstance(member, dict | list) and member]
    container, name = chance.choice(places)
    if chance.random() < 0.3:
        del container[name]
    else:
        container[name] = chance.choice(JUNK)
    return value


def asked(answers: dict[str, tuple[int, Any]], key: str | None) -> registry.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        status, body = answers[request.url.path]
        return httpx.Response(status, content=json.dumps(body))

    settings = registry.Settings(now=lambda: BEGIN, elapsed=lambda: BEGIN)
    http = httpx.Client(transport=httpx.MockTransport(answer))
    return registry.Client("http://127.0.0.1", key, settings=settings, http=http, sleep=lambda _: None)


CALLS: dict[str, Callable[[random.Random], Any]] = {
    "an unrecorded pre-check": lambda chance: asked({"/v1/prechecks": (200, altered(PRECHECK, chance)), "/.well-known/jwks.json": (200, KEYS)}, None).precheck(REQUEST),
    "a receipt": lambda chance: asked(
        {"/v1/prechecks": (200, altered({**PRECHECK, "receipt": RECEIPT}, chance)), "/.well-known/jwks.json": (200, altered(KEYS, chance))}, "vr_a"
    ).precheck(REQUEST),
    "a resolution": lambda chance: asked({"/v1/resolve": (200, altered({"results": [DOCUMENT["bodies"]["resolution"]]}, chance))}, None).resolve("x"),
    "a problem": lambda chance: asked({"/v1/resolve": (404, altered(PROBLEM, chance))}, None).resolve("x"),
    "a problem in a batch": lambda chance: asked({"/v1/resolve": (200, altered({"results": [{"problem": PROBLEM}]}, chance))}, None).resolve("x"),
    "a list": lambda chance: list(asked({"/v1/vasps": (200, altered({"items": [{"id": "a"}], "next_cursor": None}, chance))}, None).iterate("/v1/vasps", cursor="")),
    "candidates": lambda chance: asked(
        {"/v1/networks/parse": (200, altered({"results": [{"readings": [{"networks": ["eip155:1"]}]}]}, chance))}, None
    ).precheck({"direction": "outgoing", "beneficiary": {"address": "0x00000000000000000000000000000000000000a1"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_garbage_ends_in_an_error_of_ours(name: str) -> None:
    chance = random.Random(name)  # the same garbage each time
    for _ in range(400):
        try:
            found = CALLS[name](chance)
            repr(found)
            if isinstance(found, registry.Verdict):
                with pytest.raises(registry.NotCleared):
                    found.proceed(lambda _: True)
            elif isinstance(found, registry.Resolved):
                assert found.owner is None or isinstance(found.owner["id"], str)
        except registry.RegistryError as error:
            assert isinstance(error.code, str)
