//! What a member answers once about itself, for all organisations that it gives access (level B): draft, submission, withdrawal,
//! access. Answers and owners are sealed under the data key of the organisation that answers. No log contains them; the audit chain
//! only records the actions. Callers are `http` and `due_diligence::file`.
//!
//! Each change of a draft checks its version. `submit` locks the record and the draft, and checks the signature of a short statement
//! (`sign`). Then it seals the document and its facts, and ends the submission before. `directory::StandingAnswers` holds the sealed
//! facts in memory; `shared` opens them once for each submission. What a caller may know is decided for every question.

mod access;
mod draft;
pub(crate) mod http;
mod owners;
mod request;
mod shared;
mod sign;
mod submission;
mod submit;

pub use access::{NewAccess, give_access, list_access, withdraw_access};
pub use draft::{Draft, DraftChange, change_draft, read_draft};
pub use owners::OwnersCache;
pub(crate) use owners::screened_owners;
pub use request::{NewRequest, decline_request, list_own_requests, list_requests, request_access};
pub use shared::{AnswersCache, OpenedFacts, TrackFact};
pub(crate) use shared::{answered_version, opened, standing_answers};
pub use sign::{Signature, SignatureInput};
pub(crate) use submission::open_submission;
pub use submission::{Submission, list_submissions, read_submission};
pub use submit::{submit_answers, withdraw_answers};
pub use vasp_store::{AccessRequest, AnswersAccess, SubmittedAnswers};

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::acts::Identity;
use crate::node::{ServiceError, invalid};
use rand_core::RngCore;
use vasp_pki::{DataKey, sha256};
use vasp_record::client_certificate::Sha256Hex;
use vasp_rules::questionnaire::Questionnaire;
use vasp_rules::questionnaire::document::{AnswersDocument, DOCUMENT_BYTES_MAX};
use vasp_words::ids::VaspId;

/// Returns the member's own VASP. Its answers are about exactly one.
fn own_vasp(identity: &Identity) -> Result<VaspId, ServiceError> {
    let missing =
        || ServiceError::NotFound("The organisation has no verified VASP yet, so it cannot answer the questionnaire.".to_owned());
    identity.vasp.ok_or_else(missing)
}

fn seal<T: Serialize>(key: &DataKey, purpose: &str, plain: &T, rng: &mut dyn RngCore) -> Result<Vec<u8>, ServiceError> {
    let plain = serde_json::to_vec(plain)?;
    key.seal(purpose, &plain, rng).map_err(ServiceError::Key)
}

fn open<T: DeserializeOwned>(key: &DataKey, purpose: &str, sealed: &[u8]) -> Result<T, ServiceError> {
    let plain = key.open(purpose, sealed).map_err(ServiceError::Key)?;
    // The parser's error could repeat parts of the answers, so only the failure is reported.
    serde_json::from_slice(&plain).map_err(|_| ServiceError::Unreadable { what: "set of answers", reason: purpose.to_owned() })
}

/// Returns the SHA-256 of a document's canonical form (RFC 8785).
fn document_sha256(document: &AnswersDocument) -> Result<Sha256Hex, ServiceError> {
    let canonical = serde_json_canonicalizer::to_vec(document)?;
    if canonical.len() > DOCUMENT_BYTES_MAX {
        let detail =
            format!("answers and ownership have {} bytes; at most {DOCUMENT_BYTES_MAX} bytes are allowed", canonical.len());
        return Err(invalid("", "too_large", detail));
    }
    Ok(Sha256Hex(sha256(&canonical)))
}

/// Refuses unknown sections and an empty set of sections.
fn check_sections(questionnaire: &Questionnaire, sections: Option<&BTreeSet<String>>) -> Result<(), ServiceError> {
    let Some(sections) = sections else { return Ok(()) };
    let known: Vec<&str> = questionnaire.sections().iter().map(|section| section.id.as_str()).collect();
    if sections.is_empty() {
        return Err(invalid("/sections", "invalid_value", "name at least one section, or leave out `sections` for all"));
    }
    match sections.iter().find(|section| !known.contains(&section.as_str())) {
        None => Ok(()),
        Some(other) => {
            let other: String = other.chars().take(40).collect();
            Err(invalid(
                "/sections",
                "unknown_section",
                format!("`{other}` is not a section; the sections are {}", known.join(", ")),
            ))
        }
    }
}
