"""What can be asked, without doing any I/O: `Client` and `AsyncClient` perform it."""

from __future__ import annotations

import copy
import json
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote

import rfc8785

from .config import for_sandbox
from .errors import InvalidSubject, NotVerified, ProblemError, RegistryError, Unavailable
from .log import Checkpoint, verify_checkpoint, verify_inclusion
from .receipts import Receipt, verify_receipt
from .subjects import clean, clean_item, named_in, without
from .transport import Settings, Steps, call
from .types import InclusionProof, ObligationsAnswer, ObligationsRequest, Precheck, PrecheckRequest, Problem, ResolveItem, Vasp
from .verdict import Resolved, Verdict, seconds

CACHE_ENTRIES = 10_000
NOT_FOUND_SECONDS = 10.0  # the longest that "nobody known owns it" is kept
KEYS_AGAIN_SECONDS = 10.0  # an unknown key makes the client fetch the keys again, but no more often than this


class Operations:
    """The state that calls share: settings, the registry's keys, and answers that are still valid."""

    def __init__(self, key: str | None, settings: Settings, jwks: Mapping[str, Any] | None, issuer: str | None) -> None:
        self.key, self.settings, self.issuer = key, settings, issuer
        self._jwks, self._pinned = jwks, jwks is not None
        self._jwks_at = float("-inf")
        self._cache: OrderedDict[bytes, tuple[float, Any]] = OrderedDict()

    def call(self, method: str, path: str, *, operation: str | None = None, **options: Any) -> Steps[Any]:
        return call(self.settings, self.key, method, path, operation=f"{method} {operation or path}", **options)

    def resolve(self, item: ResolveItem) -> Steps[Resolved]:
        cleaned = clean_item(item)
        if (kept := self._kept(cleaned)) is not None:
            return cast(Resolved, kept)
        answer = yield from self.call("POST", "/v1/resolve", body={"subjects": [cleaned]})
        found = self._resolved(_results(answer, 1)[0], cleaned)
        if isinstance(found, RegistryError):
            raise found
        return found

    def resolve_many(self, items: Iterable[ResolveItem]) -> Steps[list[Resolved | RegistryError]]:
        prepared: list[dict[str, object] | RegistryError] = []
        for item in items:
            try:
                prepared.append(clean_item(item))
            except InvalidSubject as error:
                prepared.append(error)
        found: list[Resolved | RegistryError] = []
        for sent, answer in (yield from self._batches("/v1/resolve", "subjects", prepared)):
            found.append(sent if isinstance(sent, RegistryError) else self._resolved(answer, sent))
        return found

    def _resolved(self, answer: Any, sent: Mapping[str, Any]) -> Resolved | RegistryError:
        if isinstance(answer, RegistryError):
            return answer
        try:
            if "problem" in answer:
                return _problem(answer["problem"], sent)
            resolved, until, now = Resolved(answer), seconds(answer["valid_until"]), self.settings.now()
            names = [repr(resolved), *resolved.candidates, *(owner["vasp"]["id"] for owner in answer["owners"])]
            if not all(isinstance(name, str) for name in names):
                raise TypeError
        except (AttributeError, KeyError, TypeError, ValueError):
            return Unavailable("malformed", "the answer lacks what every answer has")
        if until <= now:
            return Unavailable("expired", f"the answer was valid until {answer['valid_until']}")
        self._keep(sent, min(until, now + NOT_FOUND_SECONDS) if resolved.status == "not_found" else until, resolved)
        return resolved

    def precheck(self, request: PrecheckRequest, idempotency_key: str | None) -> Steps[Verdict]:
        try:
            body = self._prepared(request)
        except InvalidSubject as error:
            if error.code == "network_needed":
                raise (yield from self._network_needed(request)) from None
            raise
        keep = body.get("record") is False and body.get("as_of") is None
        if keep and (kept := self._kept(body)) is not None:
            return cast(Verdict, kept)
        answer = yield from self.call("POST", "/v1/prechecks", body=body, idempotency_key=idempotency_key)
        verdict = yield from self._verdict(answer, body)
        if keep:
            self._keep(body, seconds(verdict.answer["valid_until"]), verdict)
        return verdict

    def precheck_many(self, requests: Iterable[PrecheckRequest]) -> Steps[list[Verdict | RegistryError]]:
        prepared: list[dict[str, Any] | RegistryError] = []
        for request in requests:
            try:
                body = self._prepared(request)
                prepared.append({**body, "key": body.get("key") or str(uuid.uuid4())} if self._records(body) else body)
            except InvalidSubject as error:
                prepared.append(error)
        found: list[Verdict | RegistryError] = []
        for sent, answer in (yield from self._batches("/v1/prechecks/batch", "prechecks", prepared)):
            try:
                if isinstance(sent, RegistryError) or isinstance(answer, RegistryError):
                    found.append(sent if isinstance(sent, RegistryError) else answer)
                elif isinstance(answer, dict) and "problem" in answer:
                    found.append(_problem(answer["problem"], sent))
                else:
                    found.append((yield from self._verdict(answer, sent)))
            except Unavailable as error:
                found.append(error)
        return found

    def get_precheck(self, identity: str) -> Steps[Precheck]:
        answer = yield from self.call("GET", f"/v1/prechecks/{quote(identity, safe='')}", operation="/v1/prechecks/{id}")
        yield from self._receipt(answer, None)
        return cast(Precheck, answer)

    def obligations(self, request: ObligationsRequest) -> Steps[ObligationsAnswer]:
        return cast(ObligationsAnswer, (yield from self.call("POST", "/v1/obligations", body=request)))

    def vasp(self, identity: str) -> Steps[Vasp]:
        answer = yield from self.call("GET", f"/v1/vasps/{quote(clean(identity), safe='')}", operation="/v1/vasps/{vasp}")
        return cast(Vasp, answer)

    def page(self, path: str, params: Mapping[str, Any]) -> Steps[tuple[list[Any], dict[str, Any] | None]]:
        """One page of a list, and the parameters of the next one; None after the last."""
        answer = yield from self.call("GET", path, params={name: value for name, value in params.items() if value is not None})
        try:
            following = {"since": answer["next"]} if answer.get("more") else {"cursor": answer["next_cursor"]} if answer.get("next_cursor") else None
            if following and all(params.get(name) == value for name, value in following.items()):
                raise ValueError
            return [*answer["items"]], {**params, **following} if following else None
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Unavailable("malformed", "the list lacks its items, or its pages do not end") from None

    def checkpoint(self, at_least: Checkpoint | None) -> Steps[Checkpoint]:
        note = yield from self.call("GET", "/v1/log/checkpoint", text=True)
        return verify_checkpoint(note, (yield from self._keys()), at_least=at_least)

    def prove(self, sequence: int, checkpoint: Checkpoint) -> Steps[InclusionProof]:
        proof = yield from self.call("GET", "/v1/log/proof/inclusion", params={"sequence": sequence, "size": checkpoint.size})
        verify_inclusion(proof, checkpoint)
        if proof["sequence"] != sequence or proof["envelope"]["sequence"] != sequence:
            raise NotVerified("not_included", "the proof is for another entry")
        return cast(InclusionProof, proof)

    def _batches(self, path: str, name: str, prepared: Sequence[Any]) -> Steps[list[tuple[Any, Any]]]:
        """Sends what can be sent, in parts that the API takes, and pairs every item with its answer, in order."""
        answers: list[Any] = []
        sendable = [item for item in prepared if not isinstance(item, RegistryError)]
        for part in _parts(sendable, self.settings):
            try:
                answers += _results((yield from self.call("POST", path, body={name: part})), len(part))
            except RegistryError as error:  # other parts may have been recorded: their answers are not lost
                answers += [error] * len(part)
        following = iter(answers)
        return [(item, None if isinstance(item, RegistryError) else next(following)) for item in prepared]

    def _verdict(self, answer: Any, sent: Mapping[str, Any]) -> Steps[Verdict]:
        receipt = yield from self._receipt(answer, sent)
        if receipt is None and self._records(sent):
            raise Unavailable("unsigned", "the pre-check was to be recorded, and has no receipt")
        try:
            verdict, until = Verdict(copy.deepcopy(dict(sent)), answer, receipt, self.settings.now), seconds(answer["valid_until"])
            codes = [finding["code"] for name in ("reasons", "conditions") for finding in answer[name]]
            lists = isinstance(answer["reasons"], list) and isinstance(answer["conditions"], list)
            if not lists or not all(isinstance(text, str) for text in [*codes, answer["recommendation"], answer["scope"]]):
                raise TypeError
        except (AttributeError, KeyError, TypeError, ValueError):
            raise Unavailable("malformed", "the answer lacks what every answer has") from None
        if until <= self.settings.now() and sent.get("as_of") is None:
            raise Unavailable("expired", f"the answer was valid until {answer['valid_until']}")
        return verdict

    def _receipt(self, answer: Any, sent: Mapping[str, Any] | None) -> Steps[Receipt | None]:
        if not isinstance(answer, dict) or answer.get("receipt") is None:
            return None
        jwks = yield from self._keys()
        while True:
            try:
                return verify_receipt(answer, jwks, request=sent, issuer=self.issuer, sandbox=for_sandbox(self.key))
            except NotVerified as error:
                fresh = self.settings.elapsed() - self._jwks_at < KEYS_AGAIN_SECONDS
                if error.code != "unknown_key" or self._pinned or fresh:
                    raise Unavailable(error.code, error.detail) from None
            jwks = yield from self._keys(again=True)

    def _keys(self, *, again: bool = False) -> Steps[Mapping[str, Any]]:
        if self._jwks is not None and not again:
            return self._jwks
        jwks = yield from self.call("GET", "/.well-known/jwks.json")
        if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
            raise Unavailable("malformed", "the registry's keys cannot be read")
        self._jwks, self._jwks_at = jwks, self.settings.elapsed()
        return jwks

    def _records(self, request: Mapping[str, Any]) -> bool:
        return request.get("record") is True or (self.key is not None and request.get("record") is not False)

    def _prepared(self, request: PrecheckRequest) -> dict[str, Any]:
        body: dict[str, Any] = dict(request)
        for side in ("originator", "beneficiary"):
            if isinstance(body.get(side), dict):
                body[side] = clean_item(body[side])
                if lacks_network(body[side]):
                    raise InvalidSubject("network_needed", f"name the network of the {side}'s address")
        return body

    def _network_needed(self, request: PrecheckRequest) -> Steps[InvalidSubject]:
        sides = [side for side in (request.get("originator"), request.get("beneficiary")) if side]
        address = next(clean(side["address"] or "") for side in sides if lacks_network(side))
        answer = yield from self.call("POST", "/v1/networks/parse", body={"addresses": [{"address": address}]})
        try:
            readings = _results(answer, 1)[0].get("readings", [])
            candidates = list(dict.fromkeys(network for reading in readings for network in reading["networks"]))
        except (AttributeError, KeyError, TypeError):
            raise Unavailable("malformed", "the answer lacks what every answer has") from None
        return InvalidSubject("network_needed", "name the network of the address; see `candidates`", candidates)

    def _kept(self, request: Mapping[str, Any]) -> Any:
        until, kept = self._cache.get(rfc8785.dumps(dict(request)), (0.0, None))
        return copy.copy(kept) if self.settings.now() < until else None

    def _keep(self, request: Mapping[str, Any], until: float, found: object) -> None:
        self._cache[rfc8785.dumps(dict(request))] = (until, found)
        if len(self._cache) > CACHE_ENTRIES:
            self._cache.popitem(last=False)


def lacks_network(side: Mapping[str, Any]) -> bool:
    """Whether a side has an address without its network. A payment string names it, or the registry says that it does not."""
    address = side.get("address") or ""
    return address != "" and not side.get("network") and not any(mark in address for mark in ":?")


def _parts(items: Sequence[Any], settings: Settings) -> Iterator[list[Any]]:
    """Splits items where a request would have too many of them, or too many bytes."""
    part: list[Any] = []
    size = 0
    for item in items:
        length = len(json.dumps(item, ensure_ascii=False).encode()) + 1
        if part and (len(part) == settings.batch_size or size + length > settings.batch_bytes):
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    if part:
        yield part


def _results(answer: Any, count: int) -> list[Any]:
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list) or len(results) != count:
        raise Unavailable("malformed", "the registry did not answer every item")
    return results


def _problem(problem: Problem, sent: object) -> RegistryError:
    try:
        return ProblemError(problem, without(problem["detail"], named_in(sent)))
    except (AttributeError, KeyError, TypeError):
        return Unavailable("malformed", "the problem cannot be read")
