//! The registry's certificate authority. The command line makes and renews it. It issues certificates to verified members, revokes
//! them at once and keeps its CRLs fresh. `vasp_pki::ca` signs. This module decides who gets what, and records each issue and
//! revocation as a change.
//!
//! To issue a certificate, `vasp_pki::ca::Csr` checks the request before anything is locked. Under the record's lock, the names come
//! from domains that are proven now, and the subject comes from the record. The row, the chain, the facts, the credential for this
//! API and the audit entry are one transaction. `revoke` takes all of them back in one transaction, also for a suspension. The root's
//! key is only in a file.

mod crl;
pub(crate) mod http;
mod issue;
mod key_use;
mod make;
mod read;
mod revoke;

pub use crl::renew_due_crls;
pub use issue::{CertificateAsked, IssuedCertificate, issue_certificate};
pub(crate) use key_use::{hold_key, key_of};
pub use make::{AuthorityMade, init_ca, prepare_root, rotate_ca};
pub use read::{
    AuthorityOverview, PublishedAuthority, list_authorities, list_issued, published_authorities, published_authority,
    published_crl,
};
pub(crate) use revoke::{Ending, revoke_published};
pub use revoke::{Revoked, revoke_all_of, revoke_by_serial};

use crate::node::{Fault, Registry, ServiceError};
use vasp_pki::DataKey;
use vasp_pki::ca::{AuthorityUrls, IssuingAuthority};
use vasp_pki::x509::{RootSets, pem_of};
use vasp_record::ca::{AuthorityKind, AuthorityState};
use vasp_record::certificate::RootSet;
use vasp_store::{AuthorityRow, Conn, StoreError};

pub use vasp_store::IssuedRow;
use vasp_words::error_chain::error_chain;
use vasp_words::ids::AuthorityId;

/// Name of the key that seals the keys of issuing authorities.
pub(crate) const KEY: &str = "certificate-authority";

/// The keys with which the registry signs certificates, and the registry's public URL.
pub struct AuthorityKeys {
    key: DataKey,
    public_url: Option<String>,
}

impl AuthorityKeys {
    pub(crate) fn new(key: DataKey) -> Self {
        Self { key, public_url: None }
    }

    /// Sets the public URL that certificates give for CRLs and authorities.
    pub(crate) fn found_at(&mut self, public_url: Option<String>) {
        self.public_url = public_url;
    }

    /// Returns the URLs at which an authority publishes; `None` if the public URL is not known.
    #[must_use]
    pub fn urls(&self, authority: AuthorityId) -> Option<AuthorityUrls> {
        let base = self.public_url.as_ref()?;
        Some(AuthorityUrls { certificate: format!("{base}/v1/ca/{authority}.crt"), crl: format!("{base}/v1/ca/{authority}.crl") })
    }

    fn seal(&self, id: AuthorityId, key: &[u8], rng: &mut dyn rand_core::RngCore) -> Result<Vec<u8>, ServiceError> {
        self.key.seal(&purpose(id), key, rng).map_err(ServiceError::Key)
    }

    fn open(&self, row: &AuthorityRow) -> Result<IssuingAuthority, ServiceError> {
        let sealed = row
            .sealed_key
            .as_deref()
            .ok_or_else(|| StoreError::impossible("ca_issuers", format!("the authority {} must sign but has no key", row.id)))?;
        let key = self.key.open(&purpose(row.id), sealed).map_err(ServiceError::Key)?;
        IssuingAuthority::open(&row.certificate, &key).map_err(|error| ServiceError::Failed(error.into()))
    }
}

fn purpose(id: AuthorityId) -> String {
    format!("certificate authority:{id}")
}

/// Returns whether the registry has a certificate authority.
pub fn has_authorities(registry: &Registry) -> Result<bool, ServiceError> {
    registry.store().read(|conn| Ok(!conn.authorities()?.is_empty()))
}

/// Returns the registry's own root as a set of roots; an empty set if there is none.
pub(crate) fn own_roots(registry: &Registry) -> RootSets {
    let mut roots = RootSets::none();
    let all = registry.store().read(|conn| conn.authorities()).unwrap_or_else(|error| {
        tracing::error!(
            error.chain = error_chain(&error),
            "the registry's own roots cannot be read: no certificate is checked against them"
        );
        vec![]
    });
    let ders: Vec<Vec<u8>> = all.into_iter().filter(|row| row.kind == AuthorityKind::Root).map(|row| row.certificate).collect();
    // If the root cannot be read back, no path ends at it.
    drop(roots.add(RootSet::RegistryCa, pem_of(&ders).as_bytes()));
    roots
}

/// Returns whether an authority is the one that issues certificates.
fn issues(row: &AuthorityRow) -> bool {
    row.kind == AuthorityKind::Issuing && row.state == AuthorityState::Active
}

/// Returns the root and the authority that issues certificates.
fn issuing(conn: &mut Conn) -> Result<(AuthorityRow, AuthorityRow), ServiceError> {
    let all = conn.authorities()?;
    let root = all.iter().find(|row| row.kind == AuthorityKind::Root).cloned();
    let issuing = all.into_iter().find(issues);
    root.zip(issuing).ok_or_else(|| {
        let detail = "This registry issues no certificates, because its operator has created no certificate authority \
                      (vasp-registry ca init).";
        ServiceError::Conflict(Fault { pointer: String::new(), code: "no_authority", detail: detail.to_owned() })
    })
}
