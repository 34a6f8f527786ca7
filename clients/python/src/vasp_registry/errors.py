"""What can go wrong. No error carries a whole address: see `subjects.redacted`."""

from __future__ import annotations

from collections.abc import Sequence

from .types import Condition, Problem


class RegistryError(Exception):
    """The base of every error here. `code` is a word for programs."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class ConfigurationError(RegistryError):
    """The client cannot be made: no address, no usable key, or plain HTTP to another machine."""


class Unavailable(RegistryError):
    """There is no answer that may be used. Treat it as `hold`.

    Codes: `timeout`, `connection`, `rate_limited`, `in_progress`, `unavailable` (502, 503, 504), `server_error`, `malformed`, `unsigned`,
    `expired`, or the code of a receipt that is not valid (see `NotVerified`).
    """

    def __init__(self, code: str, detail: str, *, request_id: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(code, detail)
        self.request_id = request_id
        self.retry_after = retry_after
        """Seconds after which the server can be asked again; None if it did not say."""


class ProblemError(RegistryError):
    """The registry refused the request with a problem document (RFC 9457). Asking again in the same way will not help."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(problem["code"], detail)
        self.status = problem["status"]
        self.request_id = problem["request_id"]
        self.field_codes = [fault["code"] for fault in problem["errors"]]
        self.pointers = [fault["pointer"] for fault in problem["errors"]]
        if not isinstance(self.code, str) or not isinstance(self.status, int):
            raise TypeError("not a problem document")


class InvalidSubject(RegistryError):
    """Refused before anything was sent. Codes: `empty`, `invisible_character`, `look_alike`, `network_needed`."""

    def __init__(self, code: str, detail: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(code, detail)
        self.candidates = list(candidates)
        """With `network_needed`: the networks that the address can be on, most likely first."""


class NotCleared(RegistryError):
    """The transfer may not go on.

    Codes: `hold`, `reject`, `conditions_open`, `counterparty_only`, `unsigned`, `as_of`, `expired`, `used`, `other_transfer`.
    """

    def __init__(self, code: str, detail: str, conditions: Sequence[Condition] = ()) -> None:
        super().__init__(code, detail)
        self.conditions = list(conditions)
        """With `conditions_open`: what is still to be met."""


class NotVerified(RegistryError):
    """Something signed does not hold.

    Codes: `unreadable`, `unknown_key`, `key_not_in_use`, `altered`, `sandbox`, `not_included`, `too_old`.
    """
