"""Asks a running sandbox every pre-check of its catalogue. CONFORMANCE_SANDBOX names it."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import httpx
import pytest

import vasp_registry as registry


def codes(answer: Any) -> list[str]:
    return [reason["code"] for reason in answer["reasons"]] + list(answer["notes"])


def is_bare(request: dict[str, Any]) -> bool:
    """Whether an address has no network: the client asks for it."""
    sides = [request.get("originator"), request.get("beneficiary")]
    return any(side and side.get("address") and not side.get("network") for side in sides)


def test_every_verdict_of_the_catalogue_arrives_as_the_sandbox_said_it() -> None:
    url = os.environ["CONFORMANCE_SANDBOX"]
    catalogue = httpx.get(f"{url}/v1/sandbox/scenarios").raise_for_status().json()["items"]
    asked = [item["request"] for item in catalogue if item["request"]["path"] == "/v1/prechecks" and item["status"] == 200]
    keys = {request["headers"]["Authorization"].removeprefix("Bearer ") for request in asked}
    assert len(asked) > 200

    with contextlib.ExitStack() as open_until_the_end:
        own = open_until_the_end.enter_context(httpx.Client())
        clients = {key: open_until_the_end.enter_context(contextlib.closing(registry.Client(url, key))) for key in keys}
        for request in asked:
            key = request["headers"]["Authorization"].removeprefix("Bearer ")
            said = own.post(f"{url}/v1/prechecks", json=request["body"], headers=request["headers"]).raise_for_status().json()
            if is_bare(request["body"]):
                with pytest.raises(registry.InvalidSubject, match="network_needed"):
                    clients[key].precheck(request["body"])
                continue
            verdict = clients[key].precheck(request["body"])
            assert (verdict.recommendation, codes(verdict.answer)) == (said["recommendation"], codes(said)), request
            assert (verdict.receipt is None) == (request["body"].get("record") is False), request
