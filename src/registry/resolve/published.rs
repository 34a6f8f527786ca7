//! Resolves what a VASP published: a certificate's fingerprint, a common name, or an identifier of some scheme. The caller is
//! `resolve::resolve`. `vasp_rules::presented` decides whether a certificate is accepted.

use std::sync::Arc;

use super::ResolveAnswer;
use crate::directory::Generation;
use crate::node::{Fault, ProblemCode, Refusal, ServiceError};
use vasp_addresses::subject::{CertificateSha256, CommonName, NamedIdentifier, Subject};
use vasp_record::resolution::Resolution;
use vasp_record::vasp::Vasp;
use vasp_rules::endpoint_rules::bears;
use vasp_rules::presented::{Presented, PresentedBy};
use vasp_words::time::UtcTime;

/// Refuses an identifier whose scheme neither the directory nor any protocol knows. Without this check, a misspelt scheme would get the
/// answer "not found".
///
/// # Errors
/// `ServiceError::InvalidSubject` with code `unknown_scheme` at the question's `kind`.
pub fn known_scheme(generation: &Generation, subject: &Subject, pointer: impl Fn(&str) -> String) -> Result<(), ServiceError> {
    let Subject::Identifier(identifier) = subject else { return Ok(()) };
    if generation.records().knows_scheme(identifier.scheme()) || of_a_protocol(generation, identifier.scheme()) {
        return Ok(());
    }
    let scheme: String = identifier.scheme().chars().take(40).collect();
    let detail = format!("the scheme `{scheme}` is unknown: no record has an identifier of this scheme, and no protocol uses it");
    Err(Refusal::at(ProblemCode::InvalidSubject, Fault { pointer: pointer("kind"), code: "unknown_scheme", detail }).into())
}

fn of_a_protocol(generation: &Generation, scheme: &str) -> bool {
    generation.documents().protocols.value.iter().any(|protocol| protocol.identifier_scheme.as_deref() == Some(scheme))
}

/// Returns who published a certificate with this fingerprint.
fn by_fingerprint(generation: &Generation, wanted: &CertificateSha256, now: UtcTime) -> Presented {
    let found = generation.records().with_certificate(wanted).filter(|(record, _)| record.status.is_live());
    Presented::judge(PresentedBy::Fingerprint, found.map(|(record, certificate)| (record.as_ref(), certificate)), now)
}

/// Returns who published a certificate with this common name.
fn by_common_name(generation: &Generation, wanted: &CommonName, now: UtcTime) -> Presented {
    let found = generation.records().with_common_name(wanted).filter(|(record, _)| record.status.is_live());
    Presented::judge(PresentedBy::CommonName, found.map(|(record, certificate)| (record.as_ref(), certificate)), now)
}

/// Returns the live records that are confirmed to have the identifier, and those that only published it.
///
/// Source: docs/endpoints.md, "Identifiers".
fn by_identifier(generation: &Generation, wanted: &NamedIdentifier) -> (Vec<Arc<Vasp>>, Vec<Arc<Vasp>>) {
    let platforms = &generation.documents().platforms.value;
    let live = generation.records().with_identifier(wanted).filter(|record| record.status.is_live()).cloned();
    live.partition(|record| bears(record, wanted.scheme(), wanted.value(), platforms))
}

impl ResolveAnswer {
    /// Fills in the answer to a question about a certificate or an identifier. Leaves other answers unchanged.
    pub(crate) fn by_what_is_published(&mut self, now: UtcTime) {
        match &self.subject {
            Subject::CertificateSha256(digest) => self.take_up(by_fingerprint(&self.generation, digest, now)),
            Subject::CommonName(name) => self.take_up(by_common_name(&self.generation, name, now)),
            Subject::Identifier(identifier) => {
                let (owners, unverified) = by_identifier(&self.generation, identifier);
                self.resolution = Resolution::of_records(&owners.iter().map(|record| record.id).collect::<Vec<_>>());
                self.unverified = unverified;
            }
            _ => {}
        }
    }

    /// Fills in the owners and candidates of a presented certificate.
    fn take_up(&mut self, presented: Presented) {
        self.resolution = Resolution::of_records(&presented.owner_ids());
        let records = self.generation.records();
        self.unverified = presented.candidates().into_iter().filter_map(|id| records.get(id).cloned()).collect();
        self.presented = Some(presented);
    }
}
