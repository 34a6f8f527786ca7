//! A member's certificates: published after they were judged and the key was proven, revoked at once, judged again whenever
//! somebody looks. Each is a fact of its VASP's record; chains and revocation lists stand beside in tables.
//!
//! How a certificate is published: `vasp_pki::x509` reads the chain within limits; `webpki` validates the path;
//! `vasp_rules::certificate_judgement` judges it for one use beside the record; `publish` refuses what cannot be used or whose key is not
//! proven. `standing` adds to every answer what time has made of it. A revocation list counts when the issuer signed it.

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
pub use read::{CertificateDocument, OwnCertificate, list_own_certificates, read_own_certificate, read_published_certificate};
pub use revoke::revoke_certificate;

use crate::authority;
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

/// There is no such certificate, or it is another's: the same words for both.
fn not_found() -> ServiceError {
    ServiceError::NotFound("Your VASP has no such certificate here.".to_owned())
}

/// A conflict about a certificate.
fn conflict(pointer: &str, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Conflict(Fault { pointer: pointer.to_owned(), code, detail: detail.into() })
}

/// What a certificate is judged for.
struct Judged<'a> {
    chain: &'a ParsedChain,
    certificate_use: CertificateUse,
    hosts: Vec<Host>,
    revocation: RevocationStatus,
}

impl Judged<'_> {
    /// Judges by a set of roots, beside a record, at a moment.
    fn by(&self, registry: &Registry, root_set: RootSet, record: &Vasp, now: UtcTime) -> (PathOutcome, Vec<Found>) {
        let own = (root_set == RootSet::RegistryCa).then(|| authority::own_roots(registry));
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

/// Whether two VASPs' certificates are the same, and both count.
fn is_same(one: &PublishedCertificate, sha256: &str, certificate_use: CertificateUse) -> bool {
    one.sha256 == sha256 && one.certificate_use == certificate_use
}
