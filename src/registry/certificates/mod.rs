//! A member's certificates. They are published after they were judged and the key was proven, they are revoked at once, and they are
//! judged again on each request. Each is a fact of its VASP's record. Chains and revocation lists are stored in separate tables.
//!
//! To publish a certificate, `vasp_pki::x509` reads the chain within limits, and `webpki` validates the path.
//! `vasp_rules::certificate_judgement` judges the certificate for one use, together with the record. `publish` refuses it if it
//! cannot be used or its key is not proven. `standing` adds to every answer what has changed with time. A revocation list is valid if
//! the issuer signed it.

mod expiry;
mod fetch_lists;
pub(crate) mod http;
mod list;
mod publish;
mod read;
mod revoke;

pub use expiry::note_expired_certificates;
pub use fetch_lists::fetch_due_lists;
pub use list::take_revocation_list;
pub use publish::{NewCertificate, Proof, publish_certificate};
pub(crate) use read::kept_chain;
pub use read::{KeptCertificate, read_certificate};
pub use revoke::revoke_certificate;

use crate::ca;
use crate::node::{Fault, Registry, ServiceError};
use vasp_pki::x509::validate;
use vasp_record::certificate::finding_code::Found;
use vasp_record::certificate::parsed::ParsedChain;
use vasp_record::certificate::path::PathOutcome;
use vasp_record::certificate::revocation::RevocationStatus;
use vasp_record::certificate::{CertificateUse, PublishedCertificate, RootSet};
use vasp_record::vasp::Vasp;
use vasp_rules::certificate_judgement::{Bearer, Circumstances, judge};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// Returns the error for an unknown certificate. It is the same for another VASP's certificate.
fn not_found() -> ServiceError {
    ServiceError::NotFound("This VASP has published no such certificate.".to_owned())
}

/// Returns the error for a conflict about a certificate.
fn conflict(pointer: &str, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Conflict(Fault { pointer: pointer.to_owned(), code, detail: detail.into() })
}

/// A certificate to judge, with its use and circumstances.
struct Judged<'a> {
    chain: &'a ParsedChain,
    certificate_use: CertificateUse,
    hosts: Vec<Host>,
    revocation: RevocationStatus,
}

impl Judged<'_> {
    /// Judges the certificate by a set of roots, together with a record, at a given time.
    fn by(&self, registry: &Registry, root_set: RootSet, record: &Vasp, now: UtcTime) -> (PathOutcome, Vec<Found>) {
        let own = (root_set == RootSet::RegistryCa).then(|| ca::own_roots(registry));
        let path = validate(self.chain, own.as_ref().unwrap_or(registry.roots()), root_set, self.certificate_use, now);
        let others = record.other_names.iter().map(|other| other.name.as_str());
        let names = std::iter::once(record.legal_name.as_str()).chain(others).collect();
        let bearer = Bearer { names, lei: record.lei, country: record.country, hosts: self.hosts.clone() };
        let circumstances = Circumstances {
            certificate_use: self.certificate_use,
            root_set,
            path: &path,
            revocation: self.revocation,
            bearer: &bearer,
            now,
        };
        let found = judge(self.chain, &circumstances);
        (path, found)
    }
}

/// Returns the record of a VASP as readers see it.
fn record(registry: &Registry, vasp: VaspId, now: UtcTime) -> Result<std::sync::Arc<Vasp>, ServiceError> {
    registry.pin(now).records().get(vasp).cloned().ok_or_else(not_found)
}

/// Returns whether a published certificate is this certificate for the same use.
fn is_same(one: &PublishedCertificate, sha256: &str, certificate_use: CertificateUse) -> bool {
    one.sha256 == sha256 && one.certificate_use == certificate_use
}
