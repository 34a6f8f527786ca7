"""Runs clients/conformance/cases.json with both clients. CONFORMANCE_URL and CONFORMANCE_KEY name a running demo."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from comparing import differences

import vasp_registry as registry

FOLDER = Path(__file__).parents[2] / "conformance"
DOCUMENT = json.loads((FOLDER / "cases.json").read_text())
BEGIN = registry.verdict.seconds(DOCUMENT["now"])
RUN = uuid.uuid4().hex
OWN = httpx.Client()  # for what the runner itself asks


@pytest.fixture(scope="session")
def scripted() -> Iterator[str]:
    with subprocess.Popen([sys.executable, FOLDER / "server.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout and server.stdin
        yield server.stdout.readline().strip()
        server.stdin.close()


class Clock:
    """The time of a scripted case: it passes only while the client waits."""

    def __init__(self) -> None:
        self.time, self.waits = BEGIN, list[float]()

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)


def plain(value: Any) -> Any:
    """What a call returned or raised, as JSON."""
    if isinstance(value, registry.RegistryError):
        conditions = [condition["code"] for condition in getattr(value, "conditions", [])]
        fields = {name: member for name, member in vars(value).items() if name != "conditions"}
        return {**fields, "error": type(value).__name__, "conditions": conditions, "text": f"{value} {value!r}"}
    if isinstance(value, registry.Verdict):
        receipt = dataclasses.asdict(value.receipt) if value.receipt else None
        return {"recommendation": value.recommendation, "answer": value.answer, "receipt": receipt, "text": repr(value)}
    if isinstance(value, registry.Resolved):
        return {"status": value.status, "owner": value.owner, "candidates": value.candidates, "answer": value.answer, "text": repr(value)}
    if isinstance(value, registry.Clearance):
        return {"precheck_id": value.receipt.precheck_id, "text": repr(value)}
    if isinstance(value, registry.Checkpoint):
        return {**dataclasses.asdict(value), "root": base64.b64encode(value.root).decode()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value


class Case:
    """One case with one client: `asked` is the client, `wait` turns an awaitable of the async client into its result."""

    def __init__(self, case: dict[str, Any], asynchronous: bool, server: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.case, self.monkeypatch, self.folder = case, monkeypatch, folder
        self.url, self.key, self.clock = os.environ["CONFORMANCE_URL"], os.environ["CONFORMANCE_KEY"], Clock()
        self.events: list[registry.Event] = []
        self.texts: list[str] = []
        settings = dict(case.get("settings", {}))
        self.scripted = "server" in case or "url" in settings
        if self.scripted:
            self.url, self.key = f"{server}/{RUN}{'a' if asynchronous else 's'}/{uuid.uuid4().hex}", "vr_test"
        options: dict[str, Any] = {"issuer": settings.pop("issuer", None)}
        url = settings.pop("url", self.url)
        if "traceparent" in settings:
            trace = settings.pop("traceparent")
            settings["traceparent"] = lambda: trace
        if "server" in case:
            OWN.post(f"{self.url}/_script", json=case["server"]).raise_for_status()
        if "pin" in case:
            published = OWN.get(f"{self.url}/.well-known/jwks.json").json()["keys"]
            options["jwks"] = {"keys": [key for key in published if key["kid"] in case["pin"]]}
            OWN.post(f"{self.url}/_script", json=case["server"]).raise_for_status()
        if self.scripted:
            options["sleep"] = self.clock.asleep if asynchronous else self.clock.sleep
            settings |= {"now": self.clock.now, "elapsed": self.clock.now, "chance": lambda: 0.0}
        options["settings"] = registry.Settings(on_event=self.events.append, **settings)
        key = case.get("key", self.key)
        for name in [name for name in os.environ if name.startswith("VASP_REGISTRY_")]:
            monkeypatch.delenv(name)
        self.runner = asyncio.Runner() if asynchronous else None
        self.asked: Any = registry.AsyncClient(url, key, **options) if asynchronous else registry.Client(url, key, **options)
        self.names: dict[str, Any] = {}
        self.answer: Any = None
        self.kept: dict[str, Any] = {}

    def close(self) -> None:
        self.wait(self.asked.close())
        if self.runner:
            self.runner.close()

    def wait(self, result: Any) -> Any:
        async def awaited(awaitable: Awaitable[Any]) -> Any:
            return await awaitable

        return self.runner.run(awaited(result)) if self.runner and isinstance(result, Awaitable) else result

    def items(self, pages: Any) -> list[Any]:
        async def collected() -> list[Any]:
            return [item async for item in pages]

        return self.runner.run(collected()) if self.runner else list(pages)

    def run(self) -> list[str]:
        found = []
        for number, step in enumerate(self.case["steps"]):
            try:
                result = getattr(self, "do_" + step["do"])(step)
            except registry.RegistryError as error:
                result = error
            seen = plain(result)
            self.texts.append(str(seen.get("text")) if isinstance(seen, dict) else str(seen))
            if "expect" in step:
                found += differences(step["expect"], seen, self.names, f"step {number + 1}")
        return found + self.afterwards()

    def afterwards(self) -> list[str]:
        found = []
        if "requests" in self.case:
            requests = OWN.get(f"{self.url}/_requests").json()
            if len(requests) != len(self.case["requests"]):
                found.append(f"{len(requests)} requests: {[request['path'] for request in requests]}")
            for number, (expected, request) in enumerate(zip(self.case["requests"], requests, strict=False)):
                found += differences(expected, request, self.names, f"request {number + 1}")
                for name, value in request["headers"].items():
                    self.names.setdefault("seen", {}).setdefault(name, []).append(value)
        if "waits" in self.case:
            found += differences(self.case["waits"], self.clock.waits, self.names, "waits")
        if "events" in self.case:
            found += differences(self.case["events"], plain(self.events), self.names, "events")
        return found + [f"{hidden} is in a text" for hidden in self.case.get("hidden", []) for text in self.texts if hidden in text]

    def do_advance(self, step: dict[str, Any]) -> None:
        self.clock.time += step["seconds"]

    def do_resolve(self, step: dict[str, Any]) -> Any:
        return self.wait(self.asked.resolve(step["subject"], network=step.get("network"), kind=step.get("kind")))

    def do_resolve_many(self, step: dict[str, Any]) -> Any:
        items = step["items"]
        return self.wait(self.asked.resolve_many([items["item"]] * items["repeat"] if isinstance(items, dict) else items))

    def do_precheck(self, step: dict[str, Any]) -> Any:
        key = step.get("idempotency_key", "").replace("$RUN", RUN + str(self.runner is None)) or None
        self.request = step["request"]
        self.answer = self.wait(self.asked.precheck(step["request"], idempotency_key=key))
        return self.answer

    def do_precheck_many(self, step: dict[str, Any]) -> Any:
        return self.wait(self.asked.precheck_many(step["requests"]))

    def do_get_precheck(self, _: dict[str, Any]) -> Any:
        return self.wait(self.asked.get_precheck(self.answer.answer["id"]))

    def do_proceed(self, step: dict[str, Any]) -> Any:
        self.clearance = self.answer.proceed(lambda condition: condition["code"] in step["met"])
        return self.clearance

    def do_redeem(self, step: dict[str, Any]) -> Any:
        return self.clearance.redeem(**step["facts"])

    def do_obligations(self, step: dict[str, Any]) -> Any:
        return self.wait(self.asked.obligations(step["request"]))

    def do_vasp(self, step: dict[str, Any]) -> Any:
        return self.wait(self.asked.vasp(step["id"]))

    def do_vasps(self, step: dict[str, Any]) -> Any:
        return [item["id"] for item in self.items(self.asked.vasps(**step["filters"]))]

    def do_alerts(self, step: dict[str, Any]) -> Any:
        return self.items(self.asked.alerts(**step["filters"]))

    def do_changes(self, step: dict[str, Any]) -> Any:
        return [item["sequence"] for item in self.items(self.asked.changes(step["since"]))]

    def do_print_client(self, _: dict[str, Any]) -> Any:
        return repr(self.asked)

    def do_client(self, step: dict[str, Any]) -> Any:
        environment = dict(step.get("environment", {}))
        if "key_file" in step:
            environment["VASP_REGISTRY_KEY_FILE"] = str(self.folder / "key")
            (self.folder / "key").write_text(step["key_file"])
        for name, value in environment.items():
            self.monkeypatch.setenv(name, value)
        made = type(self.asked)(step.get("url"), step.get("key"))
        self.wait(made.close())
        return {"url": made.url, "key": made.has_key}

    def do_verify_webhook(self, step: dict[str, Any]) -> Any:
        return registry.verify_webhook(step["secrets"], step["headers"], step["body"].encode(), now=step["now"])

    def do_verify_receipt(self, step: dict[str, Any]) -> Any:
        jwks = step.get("jwks") or OWN.get(f"{self.url}/.well-known/jwks.json").json()
        answer, request = {**self.answer.answer, **step.get("answer", {})}, {**self.request, **step.get("request", {})}
        return registry.verify_receipt(answer, jwks, request=request, issuer=step.get("issuer"))

    def do_checkpoint(self, _: dict[str, Any]) -> Any:
        self.kept["note"] = OWN.get(f"{self.url}/v1/log/checkpoint").text
        self.kept["checkpoint"] = self.wait(self.asked.checkpoint())
        return self.kept["checkpoint"]

    def do_prove(self, step: dict[str, Any]) -> Any:
        self.kept["change"] = self.wait(self.asked.call("GET", "/v1/changes", params={"since": step["sequence"] - 1, "limit": 1}))["items"][0]
        self.kept["proof"] = self.wait(self.asked.prove(step["sequence"], self.kept["checkpoint"]))
        return self.kept["proof"]

    def do_verify_change(self, step: dict[str, Any]) -> str:
        registry.verify_change({**self.kept["change"], **step.get("change", {})}, self.kept["proof"], self.kept["checkpoint"])
        return "valid"

    def do_verify_inclusion(self, step: dict[str, Any]) -> str:
        proof = {**self.kept["proof"], **step.get("proof", {})}
        proof["envelope"] = {**proof["envelope"], **step.get("envelope", {})}
        proof["size"] += step.get("add", {}).get("size", 0)
        hashes = proof["hashes"]
        proof["hashes"] = {"": hashes, "reversed": hashes[::-1], "shorter": hashes[:-1], "longer": hashes + hashes[:1]}[step.get("hashes", "")]
        registry.verify_inclusion(proof, self.kept["checkpoint"])
        return "valid"

    def do_verify_checkpoint(self, step: dict[str, Any]) -> Any:
        note = step.get("text") or self.kept["note"].replace(*step.get("replace", ["", ""]))
        at_least = None
        if "at_least" in step:
            given = {**step["at_least"], **({"root": b"other"} if "root" in step["at_least"] else {})}
            at_least = dataclasses.replace(registry.verify_checkpoint(note, self.jwks({})), **given)
        return registry.verify_checkpoint(note, self.jwks(step), at_least=at_least)

    def jwks(self, step: dict[str, Any]) -> Any:
        return step.get("jwks") or OWN.get(f"{self.url}/.well-known/jwks.json").json()


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=lambda case: case["name"])
def test_case(case: dict[str, Any], asynchronous: bool, scripted: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    running = Case(case, asynchronous, scripted, monkeypatch, tmp_path)
    try:
        wrong = running.run()
        assert not wrong, "\n".join(wrong)
    finally:
        running.close()
