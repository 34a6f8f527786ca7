//! The audit chain as a file of JSON lines: one line per event in the order of the chain, then a line that names the chain's end. Anyone
//! who holds the file can recompute every hash without the registry: `vasp-registry verify audit`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::audit_chain::{AuditLine, audit_hash};
use super::tree::sha256;
use vasp_words::time::UtcTime;

/// One event of the exported chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedEvent {
    /// Position in the chain, from 1.
    pub number: i64,
    /// When it was recorded.
    pub at: UtcTime,
    /// Id of the organisation that the event belongs to; null for the registry itself.
    pub organisation: Option<String>,
    /// Id of the user; null for the registry itself and for the command line.
    pub actor: Option<String>,
    /// Id of the credential that was used; null if there was none.
    pub credential: Option<String>,
    /// What was done, such as `vasp.submit`.
    pub action: String,
    /// Id of the object that was acted on; null if there was none.
    pub subject: Option<String>,
    /// `done` or `refused`.
    pub outcome: String,
    /// Details; null if they were erased.
    pub payload: Option<Value>,
    /// Salt of the commitment, in hex; null if the payload was erased.
    pub salt: Option<String>,
    /// SHA-256(salt ‖ payload in RFC 8785 form), in hex.
    pub payload_commitment: String,
    /// Hash of the previous event, in hex; 64 zeros for the first event.
    pub hash_before: String,
    /// SHA-256(previous hash ‖ the event in RFC 8785 form, without payload and salt), in hex.
    pub hash: String,
}

/// The last line: the chain's end when the export began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedEnd {
    /// The end of the chain.
    pub end: ExportedHead,
}

/// The end of the chain, as the last line states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedHead {
    /// Number of the last event of the chain; 0 for an empty chain.
    pub number: i64,
    /// Its hash, in hex.
    pub hash: String,
    /// Whether a filter left events out.
    pub filtered: bool,
}

/// Which part of the chain a file should contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The whole chain.
    Whole,
    /// The events that passed a filter: nobody can tell whether others are missing.
    Filtered,
}

/// The result of a check without faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSummary {
    /// Number of events.
    pub events: u64,
    /// Number of events whose payload was erased.
    pub erased: u64,
    /// Number and hash of the last event in the file; `None` until the check has ended.
    pub end: Option<(i64, String)>,
}

/// The reason why a file is not what the registry wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    /// The line is not JSON of the right form.
    #[error("it is not a line of an export: {0}")]
    Form(String),
    /// An event is missing, or out of order.
    #[error("it is event {found}, but event {expected} was expected: events were removed, added or reordered")]
    Place {
        /// The expected number.
        expected: i64,
        /// The number that was found.
        found: i64,
    },
    /// The event's previous hash does not match the event before.
    #[error("event {0} does not follow the event before it: one of the two was changed or inserted")]
    Chain(i64),
    /// The payload does not match its commitment.
    #[error("the payload of event {0} does not match its commitment")]
    Payload(i64),
    /// The event was changed.
    #[error("event {0} does not match its hash")]
    Hash(i64),
    /// Something follows the last line.
    #[error("it comes after the line that marks the end")]
    AfterEnd,
    /// The last line names a different end.
    #[error("the chain ended with event {0}, but the file does not: events at the end were removed or added")]
    End(i64),
    /// The line that names the end is missing.
    #[error("the line that marks the end is missing: the file is incomplete")]
    NoEnd,
    /// The file was filtered.
    #[error("the file was filtered, so events are missing: check it with --filtered")]
    Filtered,
}

/// Checks a file line by line.
#[derive(Debug)]
pub struct AuditFile {
    extent: Extent,
    last: (i64, String),
    ended: bool,
    summary: AuditSummary,
}

/// The previous hash of the first event.
const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl AuditFile {
    /// Begins a check.
    #[must_use]
    pub fn new(extent: Extent) -> Self {
        Self { extent, last: (0, NO_HASH.to_owned()), ended: false, summary: AuditSummary::default() }
    }

    /// Checks the next line.
    ///
    /// # Errors
    /// `AuditFault`; later lines then cannot be checked.
    pub fn line(&mut self, text: &str) -> Result<(), AuditFault> {
        if self.ended {
            return Err(AuditFault::AfterEnd);
        }
        if let Ok(end) = serde_json::from_str::<ExportedEnd>(text) {
            return self.end(end.end);
        }
        let event: ExportedEvent = serde_json::from_str(text).map_err(form)?;
        self.place(&event)?;
        check(&event)?;
        self.summary.events += 1;
        self.summary.erased += u64::from(event.payload.is_none());
        self.last = (event.number, event.hash);
        Ok(())
    }

    /// Ends the check.
    ///
    /// # Errors
    /// `AuditFault::NoEnd` if the last line is missing.
    pub fn finish(mut self) -> Result<AuditSummary, AuditFault> {
        if !self.ended {
            return Err(AuditFault::NoEnd);
        }
        self.summary.end = Some(self.last);
        Ok(self.summary)
    }

    fn place(&self, event: &ExportedEvent) -> Result<(), AuditFault> {
        let (number, hash) = &self.last;
        let expected = number.saturating_add(1);
        let follows = match self.extent {
            Extent::Whole => event.number == expected,
            Extent::Filtered => event.number >= expected,
        };
        if !follows {
            return Err(AuditFault::Place { expected, found: event.number });
        }
        if event.number == expected && event.hash_before != *hash {
            return Err(AuditFault::Chain(event.number));
        }
        Ok(())
    }

    fn end(&mut self, end: ExportedHead) -> Result<(), AuditFault> {
        if end.filtered && self.extent == Extent::Whole {
            return Err(AuditFault::Filtered);
        }
        let (number, hash) = &self.last;
        let reached = *number == end.number && *hash == end.hash;
        let left_out = self.extent == Extent::Filtered && *number < end.number;
        if !reached && !left_out {
            return Err(AuditFault::End(end.number));
        }
        self.ended = true;
        Ok(())
    }
}

/// Returns a fault for a malformed line. The reason is cut short, because some reasons repeat the line.
fn form(error: impl std::fmt::Display) -> AuditFault {
    AuditFault::Form(error.to_string().chars().take(200).collect())
}

/// Checks that an event matches its own hashes.
fn check(event: &ExportedEvent) -> Result<(), AuditFault> {
    let commitment = hex::decode(&event.payload_commitment).map_err(form)?;
    match (&event.payload, &event.salt) {
        (None, None) => {}
        (Some(payload), Some(salt)) => {
            let payload = serde_json_canonicalizer::to_vec(payload).map_err(form)?;
            if sha256(&[&hex::decode(salt).map_err(form)?, &payload]).as_slice() != commitment {
                return Err(AuditFault::Payload(event.number));
            }
        }
        _ => return Err(AuditFault::Payload(event.number)),
    }
    let line = AuditLine {
        number: event.number,
        at: event.at,
        organisation: event.organisation.as_deref(),
        actor: event.actor.as_deref(),
        credential: event.credential.as_deref(),
        action: &event.action,
        subject: event.subject.as_deref(),
        outcome: &event.outcome,
        commitment: &commitment,
    };
    let before = hex::decode(&event.hash_before).map_err(form)?;
    let hash = audit_hash(&before, &line).map_err(form)?;
    if hex::encode(hash) == event.hash { Ok(()) } else { Err(AuditFault::Hash(event.number)) }
}

#[cfg(test)]
mod tests;
