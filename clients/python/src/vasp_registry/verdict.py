"""What a pre-check says, and the only way from there to a transfer: `Verdict.proceed`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Never, final

from .errors import NotCleared
from .receipts import Receipt
from .subjects import named_in, redacted
from .types import Condition, Precheck, Recommendation, Resolution, ResolutionStatus, VaspSummary

_MADE_BY_PROCEED = object()


def seconds(time: str) -> float:
    """An RFC 3339 time as seconds since 1970."""
    moment = datetime.fromisoformat(time)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.timestamp()


class Resolved:
    """Who owns a subject. `answer` is what the registry said, whole."""

    def __init__(self, answer: Resolution) -> None:
        self.answer = answer
        status: str = answer["status"]
        self.status: ResolutionStatus = answer["status"] if status in ("owned", "ambiguous", "not_found") else "conflicted"
        """A status that this client does not know counts as `conflicted`."""

    @property
    def owner(self) -> VaspSummary | None:
        """The owner, if there is exactly one and nobody contradicts; else None."""
        owners = self.answer["owners"]
        return owners[0]["vasp"] if self.status == "owned" and len(owners) == 1 else None

    @property
    def candidates(self) -> list[str]:
        """The networks that an address without a network can be on, most likely first."""
        return self.answer["candidates"]

    def __repr__(self) -> str:
        return f"<Resolved {self.status} {redacted(self.answer['subject']['value'])}>"


class Verdict:
    """What a pre-check recommends. `answer` is what the registry said, whole; `receipt` is what it signed."""

    def __init__(self, request: Mapping[str, Any], answer: Precheck, receipt: Receipt | None, now: Callable[[], float]) -> None:
        self.answer = answer
        self.receipt = receipt
        said: str = answer["recommendation"]
        known = said in ("reject", "proceed_with_conditions", "proceed")
        self.recommendation: Recommendation = answer["recommendation"] if known else "hold"
        """A recommendation that this client does not know counts as `hold`."""
        self._request, self._now = request, now

    def proceed(self, met: Callable[[Condition], bool] | None = None) -> Clearance:
        """Returns what lets this transfer go on. Raises `NotCleared` unless it may.

        `met` is asked about every condition of `proceed_with_conditions`: has it been met? Without it, no condition counts as met.
        """
        if self.recommendation in ("hold", "reject"):
            codes = ", ".join(reason["code"] for reason in self.answer["reasons"])
            raise NotCleared(self.recommendation, codes or "the registry gave no reason")
        conditions = self.answer["conditions"]
        if self.recommendation == "proceed_with_conditions" and not conditions:
            raise NotCleared("hold", "conditions are asked for and none is named")
        unmet = [condition for condition in conditions if met is None or met(condition) is not True]
        if unmet:
            raise NotCleared("conditions_open", ", ".join(condition["code"] for condition in unmet), unmet)
        if self.answer["scope"] != "transfer" and self._request.get("direction") != "incoming":
            raise NotCleared("counterparty_only", "the pre-check named no address, so it clears none")
        if self._request.get("as_of") is not None:
            raise NotCleared("as_of", "the pre-check is about the past")
        if self.receipt is None:
            raise NotCleared("unsigned", "the pre-check was not recorded, so it has no receipt")
        return Clearance(self._request, self.answer, self.receipt, self._now, _MADE_BY_PROCEED)

    def __repr__(self) -> str:
        return f"<Verdict {self.recommendation} {self.answer.get('id')} {' '.join(map(redacted, named_in(self._request)))}>"


@final
class Clearance:
    """Lets one transfer go on, once. Only `Verdict.proceed` makes one: let the function that sends take it, and redeem it there."""

    def __init__(
        self, request: Mapping[str, Any], answer: Precheck, receipt: Receipt, now: Callable[[], float], made_by: object
    ) -> None:
        if made_by is not _MADE_BY_PROCEED:
            raise TypeError("only Verdict.proceed makes a Clearance")
        self.receipt = receipt
        self.valid_until = answer["valid_until"]
        side = "originator" if request["direction"] == "incoming" else "beneficiary"
        counterparty, transfer = request.get(side) or {}, request.get("transfer") or {}
        read: Mapping[str, Any] = answer.get("transfer") or {}
        if (read.get(side) or {}).get("payment_uri") is not None:  # what was signed, not the URI, is what is sent
            counterparty, transfer = read[side], read
        self._cleared = {name: counterparty.get(name) for name in ("address", "network", "memo", "travel_address")}
        self._cleared |= {name: transfer.get(name) for name in ("asset", "amount")}
        self._until, self._now, self._used = seconds(answer["valid_until"]), now, False

    def redeem(
        self,
        *,
        address: str | None = None,
        network: str | None = None,
        memo: str | None = None,
        travel_address: str | None = None,
        asset: str | None = None,
        amount: str | None = None,
    ) -> str:
        """Uses the clearance up, right before sending, and returns the id of the pre-check. Each value must be the one that was asked about.

        Raises `NotCleared`: `expired`, `used`, or `other_transfer`.
        """
        given = {"address": address, "network": network, "memo": memo, "travel_address": travel_address, "asset": asset, "amount": amount}
        if given != self._cleared:
            other = ", ".join(name for name, value in given.items() if value != self._cleared[name])
            raise NotCleared("other_transfer", f"not what the pre-check was about: {other}")
        if self._now() >= self._until:
            raise NotCleared("expired", f"the answer was valid until {self.valid_until}")
        if self._used:
            raise NotCleared("used", "this clearance let a transfer go on already")
        self._used = True
        return self.receipt.precheck_id

    def __reduce__(self) -> Never:
        raise TypeError("a Clearance cannot be copied or stored")

    def __repr__(self) -> str:
        return f"<Clearance {self.receipt.precheck_id} until {self.valid_until}>"
