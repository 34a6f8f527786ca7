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
            "No API key or session was sent, or it is unknown, revoked or expired. Or the data of a sign-in are wrong.",
            "Send Authorization: Bearer with an API key that is in use, or sign in again."),
        /// 403: the credentials do not allow this.
        Forbidden = "forbidden" => (403, "Not allowed",
            "The credentials are valid but lack the scope that this request requires.",
            "Use a key with the scope that the detail names."),
        /// 403: a person must sign in for this.
        SessionNeeded = "session_needed" => (403, "A person must sign in",
            "This action requires the session of a signed-in person, because an API key may be stolen. Examples: proposing, approving, declining, giving roles, and keys of operators.",
            "Sign in with POST /v1/session and send its token."),
        /// 403: the caller may not act for this VASP.
        NotDelegated = "not_delegated" => (403, "Not allowed to act for this VASP",
            "The request names an originating VASP other than the caller's own, and no delegation allows it.",
            "Leave originator.vasp out, or ask the organisation of that VASP to delegate to yours."),
        /// 404: nothing is here, or nothing that the caller may see.
        NotFound = "not_found" => (404, "Not found",
            "There is no route or record at this path, or the credentials in use may not know of it.",
            "Compare the path with /openapi.json. Check the id, and whose credentials you send."),
        /// 405: the path exists, the method does not.
        MethodNotAllowed = "method_not_allowed" => (405, "Method not allowed",
            "The path exists but does not accept this method.",
            "Use one of the methods that the Allow header names."),
        /// 408: the body did not arrive in time.
        RequestTimeout = "request_timeout" => (408, "The request took too long to arrive",
            "The body was not sent completely within the time that the server allows.",
            "Send the request again, in one go."),
        /// 409: several live records have this LEI.
        AmbiguousLei = "ambiguous_lei" => (409, "Several records have this LEI",
            "The LEI does not name one record: several live records have evidence for it, or several have it and none has evidence.",
            "Use the id of the record. The detail lists the ids."),
        /// 409: `mine` names no VASP.
        NoVasp = "no_vasp" => (409, "Your organisation has no VASP",
            "The path says `mine`, or the request is about your own VASP, and your organisation has none here.",
            "Name a VASP by its id or LEI, or create your record with POST /v1/vasps."),
        /// 409: the first request with the same key is still in progress.
        InProgress = "in_progress" => (409, "The first request is still being processed",
            "A request with the same Idempotency-Key is still being processed.",
            "Wait the seconds in the Retry-After header and send the request again. You then get the answer of the first request."),
        /// 409: the same person proposed it.
        SamePerson = "same_person" => (409, "Another person is required",
            "The approver must be another person than the proposer. Neither may have created the other's user or credentials.",
            "Ask another approver, who uses their own credentials."),
        /// 409: the answer of the pre-check does not clear this.
        TwoPeopleNeeded = "two_people_needed" => (409, "Two people must decide this",
            "The answer of the pre-check does not clear what was to be recorded, so that one person or program may not decide it. The detail says why.",
            "A signed-in person proposes it with POST /v1/prechecks/{id}/outcome/propose, and another approves it. Or meet the conditions and ask again."),
        /// 409: the law demands that it is kept.
        StillKept = "still_kept" => (409, "The law demands that it is kept",
            "The contents of this pre-check may not be erased yet: the period that the applied law states is not over. The detail says until when, and by which law.",
            "Wait until that day. The contents are erased without your help when your organisation's own period ends."),
        /// 409: a legal hold covers it.
        LegalHold = "legal_hold" => (409, "A legal hold covers it",
            "The contents of this pre-check may not be erased, because a legal hold covers it. The detail names the hold.",
            "Have the hold lifted by two people: POST /v1/legal-holds/{id}/propose, and an approval."),
        /// 409: the step is not possible in the current state.
        IllegalStep = "illegal_step" => (409, "The step is not possible in this state",
            "The record or case is in a state that does not allow this step. The detail names the state and the possible steps.",
            "Read the record or case again and take one of the steps that the detail names."),
        /// 409: it exists already, or is in use.
        Conflict = "conflict" => (409, "The request conflicts with existing data",
            "What the request would create exists already, is in use or belongs to somebody else; errors says which.",
            "Follow the detail."),
        /// 409: records exist that may be the same VASP.
        PossibleDuplicate = "possible_duplicate" => (409, "The VASP may be in the directory already",
            "The directory has records that may be the same VASP; candidates lists them with scores.",
            "Adopt the record that is yours. If none is yours, list all candidates in distinct_from."),
        /// 409: the submission adopts or names a record that waits for its owner.
        Duplicate = "duplicate" => (409, "Another record may belong to this VASP",
            "The submission adopts a record, or has the LEI, website or legal name of a record that nobody has adopted; candidates names the record.",
            "Prove the domain of that record's website first, or leave out the data that belong to another VASP."),
        /// 412: the data to change is no longer what the caller has seen.
        StaleVersion = "stale_version" => (412, "The data changed in the meantime",
            "Somebody changed the data since the caller read them, so the caller would change or approve something it has not seen.",
            "Read the data again, check what changed, and repeat the request with the new ETag or digest."),
        /// 428: the request must name the version.
        VersionNeeded = "version_needed" => (428, "If-Match is needed",
            "A change must state the version that it is based on.",
            "Send If-Match with the ETag of the version that you read."),
        /// 413: the body is larger than the server accepts.
        PayloadTooLarge = "payload_too_large" => (413, "The body is too large",
            "The body is larger than the limit in the detail.",
            "Split the request, for example a batch into several."),
        /// 415: the body is not declared as plain JSON.
        UnsupportedMediaType = "unsupported_media_type" => (415, "The body has the wrong type",
            "The headers do not declare the body as uncompressed JSON.",
            "Send Content-Type: application/json and no Content-Encoding."),
        /// 422: the request is readable but breaks a rule; `errors` says where.
        InvalidRequest = "invalid_request" => (422, "The request is not valid",
            "The request can be read, but a member or parameter is unknown, missing or has a value that is not allowed.",
            "Correct the request. Each entry of errors names the place, the kind of error and what would be right."),
        /// 422: the key was used for another request.
        IdempotencyKeyReused = "idempotency_key_reused" => (422, "The Idempotency-Key was used for another request",
            "A request with the same Idempotency-Key and another body was sent within the last 24 hours.",
            "Use a new key for a new request. To repeat a request, send the same body."),
        /// 422: the subject of the question cannot be read.
        InvalidSubject = "invalid_subject" => (422, "The subject is not valid",
            "The subject of the question is malformed. errors[0].code says how: checksum_mismatch, wrong_network, test_network, payment_uri, payment_uri_contradiction, wrong_length, invalid_character, mixed_case, unsupported_network, ambiguous_network and others.",
            "Correct the subject as errors[0].detail says; the registry never repairs or guesses a subject."),
        /// 422: the asset of a transfer is on another network than its address.
        AssetNetworkMismatch = "asset_network_mismatch" => (422, "The asset is on another network than the address",
            "The transfer's asset names a network (its CAIP-19 chain) on which the address does not exist. A transfer to it may be lost.",
            "Give the asset that is really sent, or an address on its network."),
        /// 422: the subject of the question can be read in several ways.
        AmbiguousSubject = "ambiguous_subject" => (422, "The subject can be read in several ways",
            "The text is valid as more than one kind of subject; the detail lists the kinds.",
            "State which one you mean with kind (or network)."),
        /// 422: this server does not answer this kind of subject.
        UnsupportedKind = "unsupported_kind" => (422, "This kind of subject is not supported",
            "The kind is known, but this server does not answer questions about it.",
            "Ask by VASP id, LEI, CAIP-10, Travel Address, address or domain."),
        /// 422: this server does not answer this option.
        UnsupportedOption = "unsupported_option" => (422, "This option is not supported",
            "The option is part of the API, but this server does not support it.",
            "Leave the option out; errors[0].pointer names it."),
        /// 429: the caller asks too often.
        RateLimited = "rate_limited" => (429, "Too many requests",
            "The caller asked more questions than its rate allows; every question of a batch counts. RateLimit-Policy shows the rate, RateLimit shows what is left. Or there were too many wrong attempts to sign in.",
            "Wait the seconds in the Retry-After header, then send requests evenly. All keys of an organisation share its rate."),
        /// 500: the server failed.
        InternalError = "internal_error" => (500, "The server failed",
            "Something failed inside the server. The cause is in the server's log under the request id.",
            "Try again later. If the error persists, give the operator the request id."),
        /// 503: the server cannot answer correctly at present.
        NotReady = "not_ready" => (503, "Not ready",
            "The server is starting, stopping or without contact to its database, or it cannot read the database. It gives no answer rather than a wrong one.",
            "Try again after the seconds named in the Retry-After header."),
        /// 503: nothing can be written at present.
        NoWrites = "no_writes" => (503, "Nothing can be written at present",
            "The disk of the database is full or failed, the database is damaged or read-only, or the server's clock is wrong. Nothing of this request was stored. Questions are answered as usual.",
            "Try again after the seconds named in the Retry-After header; the operator finds the reason at /readyz and in the log."),
        /// 503: the database does not answer, so it is unknown whether the write was kept.
        OutcomeUnknown = "outcome_unknown" => (503, "It is unknown whether the write was stored",
            "The database does not answer, or its disk failed at the last moment, so it is unknown whether this write was stored.",
            "Wait the seconds in the Retry-After header and send the same request with the same Idempotency-Key again. It is executed only once, and you get its answer. Without a key, first read whether the data exist."),
        /// 503: too many callers ask about the past at the same time.
        PastBusy = "past_busy" => (503, "Too many questions about the past",
            "A question about the whole directory at a past time needs as much memory as the current directory. So the server answers only a few at once, and a few more wait.",
            "Try again after the seconds named in the Retry-After header. If one record is enough, use GET /v1/vasps/{vasp}?as_of=, which does not wait."),
        /// 503: the OpenID provider does not answer.
        ProviderUnavailable = "provider_unavailable" => (503, "The OpenID provider does not answer",
            "The OpenID provider of the sign-in does not answer as it should. The cause is in the server's log under the request id.",
            "Try again after the seconds named in the Retry-After header, or sign in with a password."),
        /// 503: the mail server did not accept the mail.
        MailUnavailable = "mail_unavailable" => (503, "The mail server did not accept the mail",
            "The person is invited, but the mail server refused the mail with the link, or has not taken it in time; then it may still arrive. The cause is in the server's log under the request id.",
            "If no mail comes, send another link with POST .../users/{id}/invite; it makes the first one void."),
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

    /// Returns whether the same request may succeed later. Other codes need another request first.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::RequestTimeout
                | Self::InProgress
                | Self::RateLimited
                | Self::NotReady
                | Self::NoWrites
                | Self::OutcomeUnknown
                | Self::PastBusy
                | Self::ProviderUnavailable
        )
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
    fn codes_to_wait_for_are_retryable() {
        let retryable = ProblemCode::ALL.into_iter().filter(|code| code.is_retryable());
        let statuses: std::collections::BTreeSet<u16> = retryable.map(ProblemCode::status).collect();
        assert_eq!(statuses.into_iter().collect::<Vec<_>>(), [408, 409, 429, 503]);

        // The person is invited already: another link is another request.
        let finals = ProblemCode::ALL.into_iter().filter(|code| [429, 503].contains(&code.status()) && !code.is_retryable());
        assert_eq!(finals.collect::<Vec<_>>(), [ProblemCode::MailUnavailable]);
    }

    #[test]
    fn bare_statuses_find_a_code() {
        assert_eq!(ProblemCode::of_status(413), ProblemCode::PayloadTooLarge);
        assert_eq!(ProblemCode::of_status(418), ProblemCode::MalformedRequest);
        assert_eq!(ProblemCode::of_status(502), ProblemCode::InternalError);
    }
}
