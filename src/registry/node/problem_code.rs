//! The closed list of problem codes with status, title and meaning, in one table. `/problems/{code}`, the OpenAPI document and every error
//! answer are made from it. A code never changes its name or status.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// What kind of problem an answer reports. The page `/problems/{code}` explains it.
    pub enum ProblemCode with (u16, &'static str, &'static str, &'static str) {
        /// 400: the request cannot be read at all.
        MalformedRequest = "malformed_request" => (400, "The request cannot be read",
            "The body is not JSON, or the request breaks HTTP itself. For JSON the detail names line and column.",
            "Send one well-formed JSON document in UTF-8."),
        /// 401: credentials are missing or wrong.
        Unauthenticated = "unauthenticated" => (401, "Credentials are needed",
            "No API key or session was sent, or it is not known, was revoked or has ended; or what somebody signs in with is not right.",
            "Send Authorization: Bearer with an API key that is in use, or sign in again."),
        /// 403: the credentials do not allow this.
        Forbidden = "forbidden" => (403, "Not allowed",
            "The credentials are right but lack the scope that this needs.",
            "Use a key with the scope that the detail names."),
        /// 403: a person must sign in for this.
        SessionNeeded = "session_needed" => (403, "A person must sign in",
            "Proposing, approving, declining and giving roles take a person's session, as do the keys of operators; a key may be stolen.",
            "Sign in with POST /v1/session and send its token."),
        /// 403: the caller may not act for this VASP.
        NotDelegated = "not_delegated" => (403, "Not allowed to act for this VASP",
            "The request names an originating VASP other than the caller's own, and no delegation allows it.",
            "Leave originator.vasp out, or have the organisation of that VASP make a delegation for yours."),
        /// 404: nothing is here, or nothing that the caller may see.
        NotFound = "not_found" => (404, "Not found",
            "No route or record answers to this path, or none that the credentials in use may know of.",
            "Check the path against /openapi.json, the id, and whose credentials are sent."),
        /// 405: the path exists, the method does not.
        MethodNotAllowed = "method_not_allowed" => (405, "Method not allowed",
            "The path exists but does not answer to this method.",
            "Use one of the methods named in the Allow header."),
        /// 408: the body did not arrive in time.
        RequestTimeout = "request_timeout" => (408, "The request took too long to arrive",
            "The body was not sent completely within the time that the server allows.",
            "Send the request again, in one go."),
        /// 409: several live records have this LEI.
        AmbiguousLei = "ambiguous_lei" => (409, "Several records have this LEI",
            "Several live records carry the LEI with evidence, or several without and none with it, so it does not name one.",
            "Use the id of the record; the detail names them."),
        /// 409: the first request with the same key is still in progress.
        InProgress = "in_progress" => (409, "The first request is not done yet",
            "A request with the same Idempotency-Key is under way.",
            "Send it again after the seconds named in the Retry-After header; it then gets the first one's answer."),
        /// 409: the same person proposed it.
        SamePerson = "same_person" => (409, "It takes another person",
            "The approver must be another person than the proposer. Neither may have created the other's user or credential.",
            "Ask another approver, with credentials of their own."),
        /// 409: the step is not possible in the current state.
        IllegalStep = "illegal_step" => (409, "The step does not follow",
            "Where the record or case stands, this step is not possible; the detail names where it stands and what is.",
            "Read it again and take one of the steps that the detail names."),
        /// 409: it exists already, or is in use.
        Conflict = "conflict" => (409, "It conflicts with what is there",
            "What is asked for is there already, in use or held by another; errors says which.",
            "Do as the detail says."),
        /// 409: records exist that may be the same VASP.
        PossibleDuplicate = "possible_duplicate" => (409, "The VASP may be in the directory already",
            "Records that may be the same VASP are there; candidates names them with scores.",
            "Adopt the record that is yours; if none is, name all candidates in distinct_from."),
        /// 409: the submission adopts or names a record that waits for its owner.
        Duplicate = "duplicate" => (409, "Another record waits for its owner",
            "What is handed in adopts a record, or names the LEI, website or legal name of one that nobody adopted; candidates names it.",
            "Prove the domain of that record's website first, or leave out what is another's."),
        /// 412: the data to change is no longer what the caller has seen.
        StaleVersion = "stale_version" => (412, "It changed meanwhile",
            "What is to be changed, or approved, is not what the caller has seen: somebody changed it since.",
            "Read it again, look at what changed, and repeat with the new ETag or digest."),
        /// 428: the request must name the version.
        VersionNeeded = "version_needed" => (428, "If-Match is needed",
            "A change must say which version it is made on.",
            "Send If-Match with the ETag of the version that was read."),
        /// 413: the body is larger than the server accepts.
        PayloadTooLarge = "payload_too_large" => (413, "The body is too large",
            "The body is larger than the limit that the detail names.",
            "Split the request, for example a batch into several."),
        /// 415: the body is not declared as plain JSON.
        UnsupportedMediaType = "unsupported_media_type" => (415, "The body has the wrong type",
            "The body is not announced as uncompressed JSON.",
            "Send Content-Type: application/json and no Content-Encoding."),
        /// 422: the request is readable but breaks a rule; `errors` says where.
        InvalidRequest = "invalid_request" => (422, "The request is not valid",
            "The request can be read, but a member or parameter is unknown, missing or has a value that is not allowed.",
            "Each entry of errors names the place, the kind of fault and what would be right."),
        /// 422: the key was used for another request.
        IdempotencyKeyReused = "idempotency_key_reused" => (422, "The Idempotency-Key was used for another request",
            "A request with the same Idempotency-Key and another body was made within the last 24 hours.",
            "Use a new key for a new request, and the same body for a repetition."),
        /// 422: the subject of the question cannot be read.
        InvalidSubject = "invalid_subject" => (422, "The subject is not valid",
            "What is asked about is malformed. errors[0].code says how: checksum_mismatch, wrong_network, wrong_length, invalid_character, mixed_case, unsupported_network and others.",
            "Mend the subject as errors[0].detail says; nothing is ever repaired or guessed here."),
        /// 422: the asset of a transfer is on another network than its address.
        AssetNetworkMismatch = "asset_network_mismatch" => (422, "The asset lies on another network than the address",
            "The transfer's asset names a network (its CAIP-19 chain) that the address does not lie on: what is sent there may be lost.",
            "Name the asset that is sent, or the address on its network."),
        /// 422: the subject of the question can be read in several ways.
        AmbiguousSubject = "ambiguous_subject" => (422, "The subject can be read in several ways",
            "What is asked about reads as more than one kind of subject; the detail names them.",
            "Say which with kind (or network)."),
        /// 422: this server does not answer this kind of subject.
        UnsupportedKind = "unsupported_kind" => (422, "This kind of subject is not answered",
            "The kind is known, but this server does not answer it.",
            "Ask by VASP id, LEI, CAIP-10, Travel Address, address or domain."),
        /// 422: this server does not answer this option.
        UnsupportedOption = "unsupported_option" => (422, "This option is not answered",
            "The option is part of the contract, but this server does not answer it.",
            "Leave the option out; errors[0].pointer names it."),
        /// 429: the caller asks too often.
        RateLimited = "rate_limited" => (429, "Too many requests",
            "The caller asked more questions than its rate allows; every question of a batch counts. RateLimit-Policy tells the rate, RateLimit what is left. Or too many attempts to sign in were wrong.",
            "Wait the seconds named in the Retry-After header, then ask evenly; all keys of an organisation share its rate."),
        /// 500: the server failed.
        InternalError = "internal_error" => (500, "The server failed",
            "Something failed inside the server. The cause is in its log under the request id.",
            "Try again later; if it persists, give the operator the request id."),
        /// 503: the server cannot answer correctly at present.
        NotReady = "not_ready" => (503, "Not ready",
            "The server is starting, stopping or out of touch with its database, and gives no answer rather than a wrong one.",
            "Try again after the seconds named in the Retry-After header."),
        /// 503: nothing can be written at present.
        NoWrites = "no_writes" => (503, "Nothing can be written at present",
            "The disk of the database is full or failed, the database may only be read, or the server's clock is wrong. Nothing of this request was kept; questions are answered as ever.",
            "Try again after the seconds named in the Retry-After header; the operator finds the reason at /readyz and in the log."),
        /// 503: the database does not answer, so it is unknown whether the write was kept.
        OutcomeUnknown = "outcome_unknown" => (503, "Whether it was kept is not known",
            "The database does not answer, so it is not known whether this write was kept.",
            "Send the same request with the same Idempotency-Key again after the seconds named in the Retry-After header: it is done once, and the answer tells. Without a key, read first whether it is there."),
        /// 503: too many callers ask about the past at the same time.
        PastBusy = "past_busy" => (503, "Too many questions about the past",
            "A question about the whole directory of a point of the past takes as much memory as the present directory, so only a few are worked out at once, and a few more wait.",
            "Try again after the seconds named in the Retry-After header. Ask for one record (GET /v1/vasps/{id}?as_of=) where that will do: it does not wait."),
        /// 503: the OpenID provider does not answer.
        ProviderUnavailable = "provider_unavailable" => (503, "The OpenID provider does not answer",
            "The OpenID provider at which somebody signs in does not answer as it should; the cause is in the server's log under the request id.",
            "Try again after the seconds named in the Retry-After header, or sign in with a password."),
        /// 503: the mail server did not accept the mail.
        MailUnavailable = "mail_unavailable" => (503, "The mail server does not take the mail",
            "The person is invited, but the link did not go by mail; the cause is in the server's log under the request id.",
            "Send another link with POST .../users/{id}/invite after the seconds named in the Retry-After header."),
    }
}

impl ProblemCode {
    /// Returns the HTTP status, always the same for one code.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.with().0
    }

    /// Returns the short title, always the same for one code.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.with().1
    }

    /// Returns what the code means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.with().2
    }

    /// Returns what the caller can do about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        self.with().3
    }

    /// Returns the code for a bare status, for answers that the framework makes itself.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        let same = Self::ALL.iter().copied().find(|code| code.status() == status);
        same.unwrap_or(if status >= 500 { Self::InternalError } else { Self::MalformedRequest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_are_written_alike_everywhere() {
        for code in ProblemCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        assert!("nonsense".parse::<ProblemCode>().is_err());
    }

    #[test]
    fn bare_statuses_find_a_code() {
        assert_eq!(ProblemCode::of_status(413), ProblemCode::PayloadTooLarge);
        assert_eq!(ProblemCode::of_status(418), ProblemCode::MalformedRequest);
        assert_eq!(ProblemCode::of_status(502), ProblemCode::InternalError);
    }
}
