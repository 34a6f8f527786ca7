"""What no case can say: types, and values from the standards."""

from __future__ import annotations

import copy
import pickle
import random
from typing import Any

import pytest

import vasp_registry as registry
from vasp_registry import Clearance, NotCleared, Receipt, Verdict
from vasp_registry.receipts import from_base64url, parse_json
from vasp_registry.subjects import clean, redacted, without
from vasp_registry.transport import Settings, _retry_after, _wait

REQUEST = {"direction": "outgoing", "beneficiary": {"address": "1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", "network": "bitcoin"}}
RECEIPT = Receipt("issuer", 0, "pre_1", "proceed", 1, 1, "", "kid")


def verdict(recommendation: str, **members: Any) -> Verdict:
    answer = {"id": "pre_1", "recommendation": recommendation, "scope": "transfer", "reasons": [], "conditions": [], **members}
    answer.setdefault("valid_until", "2026-06-01T12:01:00Z")
    return Verdict(REQUEST, answer, RECEIPT, lambda: 1780315200.0)  # type: ignore[arg-type]


def test_only_proceed_makes_a_clearance() -> None:
    cleared = verdict("proceed").proceed()

    with pytest.raises(TypeError):
        Clearance(REQUEST, verdict("proceed").answer, RECEIPT, lambda: 0.0, object())
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copied(cleared)


def test_nothing_else_than_a_clearance_can_be_given_to_what_sends() -> None:
    def send(clearance: Clearance) -> None:
        clearance.redeem(address="1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", network="bitcoin")

    with pytest.raises(AttributeError):
        send(verdict("proceed"))  # type: ignore[arg-type]
    send(verdict("proceed").proceed())


def test_no_recommendation_but_the_two_known_ones_clears() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        said = "".join(chance.choice("proceedPROCEED_ \u200b") for _ in range(chance.randrange(12)))
        if said != "proceed":
            with pytest.raises(NotCleared):
                verdict(said).proceed(lambda _: True)


def test_what_met_returns_has_to_be_true_itself() -> None:
    with pytest.raises(NotCleared) as refused:
        verdict("proceed_with_conditions", conditions=[{"code": "check_source"}]).proceed(lambda condition: condition["code"])  # type: ignore[arg-type, return-value]
    assert refused.value.code == "conditions_open"


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"x": {"a": 1, "b": 2, "a": 1}}', '[{"recommendation": 1, "recommendation": 2}]'])
def test_a_member_that_appears_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="twice"):
        parse_json(text)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("120", 120.0), ("Mon, 01 Jun 2026 12:00:30 GMT", 30.0), ("Mon, 01 Jun 2026 11:00:00 GMT", 0.0), ("soon", None), (None, None)],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:  # RFC 9110 section 10.2.3
    assert _retry_after(value, 1780315200.0) == seconds


def test_waits_grow_and_jitter_never_shortens_what_the_server_asks() -> None:
    least, most = Settings(chance=lambda: 0.0), Settings(chance=lambda: 1.0)
    assert [_wait(least, number, None) for number in range(1, 7)] == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]
    assert [_wait(most, number, None) for number in range(1, 7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert _wait(least, 1, 3.0) == 3.0 and _wait(most, 1, 3.0) == 3.5 and _wait(most, 1, 60.0) == 60.0


def test_no_text_makes_the_hygiene_fail_otherwise_than_by_refusing() -> None:
    chance = random.Random(11)
    for _ in range(5000):
        text = "".join(chr(chance.choice([chance.randrange(0x80), chance.randrange(0xD800), chance.randrange(0xE000, 0x110000)])) for _ in range(chance.randrange(8)))
        try:
            cleaned = clean(text)
        except registry.InvalidSubject as refused:
            assert text.strip() not in str(refused) or len(text.strip()) < 4
        else:
            assert cleaned.isascii() and cleaned.isprintable() and " " not in cleaned and cleaned == clean(cleaned)


def test_short_forms_hide_the_middle() -> None:
    assert redacted("1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s") == "1NDyJt…bu1s"
    assert redacted("short") == "…"
    assert without("the address 1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s, twice: 1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", ["1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s"]) == "the address 1NDyJt…bu1s, twice: 1NDyJt…bu1s"  # fmt: skip


def test_base64url_has_no_padding() -> None:  # RFC 7515 section 2 and appendix C
    assert from_base64url("A-z_4ME") == bytes([3, 236, 255, 224, 193])
    with pytest.raises(ValueError, match="padding"):
        from_base64url("A-z_4ME=")


def test_a_request_that_is_not_json_is_not_sent() -> None:
    with registry.Client("http://127.0.0.1:9") as client, pytest.raises(ValueError):
        client.call("POST", "/v1/obligations", body={"amount": float("nan")})
