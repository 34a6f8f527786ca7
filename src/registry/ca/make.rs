//! Makes the root and the first issuing authority, and later the authorities that replace it. The command line calls this, also while
//! a server is running. A node reads for each certificate which authority issues it. The root's key is never stored here.

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;

use super::crl::first_crl;
use super::{AuthorityKeys, issues};
use crate::ledger::record_own;
use crate::node::{Registry, ServiceError};
use vasp_log::change::{AuthorityChange, HexBytes, Payload};
use vasp_pki::ca::{NewAuthority, RootKey, fingerprint, make_issuing, make_root};
use vasp_record::ca::{AuthorityKind, AuthorityState, ISSUING_DAYS, ROOT_DAYS, Validity};
use vasp_store::{AuthorityRow, Transaction};
use vasp_words::ids::AuthorityId;
use vasp_words::time::UtcTime;

/// The maker of authorities, as the audit chain names it.
const BY: &str = "command line";

/// A new issuing authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityMade {
    /// Id of the authority that issues from now on.
    pub issuing: AuthorityId,
    /// SHA-256 of its certificate.
    pub sha256: String,
}

/// Makes a root without storing it. Its key must be safe in its file before the root is put into use.
///
/// # Errors
/// `ServiceError::IllegalStep` if there is a root already, `Failed`, `Store`.
pub fn prepare_root(registry: &Registry, name: &str, now: UtcTime, rng: &mut dyn RngCore) -> Result<NewAuthority, ServiceError> {
    if !registry.store().read::<_, ServiceError>(|conn| Ok(conn.authorities()?))?.is_empty() {
        return Err(there_is_one());
    }
    make_root(name, Validity::days(now, ROOT_DAYS), rng).map_err(|error| ServiceError::Failed(error.into()))
}

fn there_is_one() -> ServiceError {
    ServiceError::IllegalStep(
        "This registry already has a root certificate; `ca rotate` creates a new issuing authority below it.".to_owned(),
    )
}

/// Puts a root into use, with a first issuing authority below it.
///
/// # Errors
/// `ServiceError::IllegalStep` if another process made one in the meantime, `Failed`, `Key`, `Store`.
pub fn init_ca(
    registry: &Registry,
    name: &str,
    root: &NewAuthority,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<AuthorityMade, ServiceError> {
    let key = read_root_key(&root.key_pem(), &root.certificate)?;
    let made = registry.store().write(now, rng, |transaction| {
        transaction.lock_authorities()?;
        if !transaction.conn().authorities()?.is_empty() {
            return Err(there_is_one());
        }
        let validity = Validity::days(now, ROOT_DAYS);
        let id = AuthorityId::new(now, transaction.conn_and_rng().1);
        let row = AuthorityRow {
            id,
            kind: AuthorityKind::Root,
            number: 1,
            certificate: root.certificate.clone(),
            sealed_key: None,
            state: AuthorityState::Active,
            not_before: validity.from,
            not_after: validity.to,
        };
        transaction.add_authority(&row)?;
        let said = AuthorityChange::Root { root: id, root_sha256: sha256(&row.certificate) };
        record_own(transaction, "ca.init", &id.to_string(), BY, Payload::AuthorityChanged(said))?;
        add_issuing(transaction, registry.part::<AuthorityKeys>(), &row, &key, name, 1)
    })?;
    registry.let_others_know();
    Ok(made.value)
}

/// Makes a new issuing authority. The previous one issues no more certificates, but signs its CRL until its last certificate has
/// expired.
///
/// # Errors
/// `ServiceError::IllegalStep` if there is no root or if the key is not the root's, `Failed`, `Key`, `Store`.
pub fn rotate_ca(
    registry: &Registry,
    name: &str,
    root_key: &str,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<AuthorityMade, ServiceError> {
    let made = registry.store().write(now, rng, |transaction| {
        transaction.lock_authorities()?;
        let all = transaction.conn().authorities()?;
        let missing =
            || ServiceError::IllegalStep("This registry has no root certificate yet; create one with `ca init`.".to_owned());
        let root = all.iter().find(|row| row.kind == AuthorityKind::Root).ok_or_else(missing)?;
        let key = read_root_key(root_key, &root.certificate)?;
        for row in all.iter().filter(|row| issues(row)) {
            transaction.retire_authority(row.id)?;
        }
        let number = all.iter().filter(|row| row.kind == AuthorityKind::Issuing).map(|row| row.number).max().unwrap_or(0);
        add_issuing(transaction, registry.part::<AuthorityKeys>(), root, &key, name, number.saturating_add(1))
    })?;
    registry.let_others_know();
    Ok(made.value)
}

fn read_root_key(pem: &str, root: &[u8]) -> Result<RootKey, ServiceError> {
    RootKey::read(pem, root).map_err(|error| ServiceError::IllegalStep(error.to_string()))
}

/// Adds an issuing authority with its first CRL.
fn add_issuing(
    transaction: &mut Transaction<'_>,
    keys: &AuthorityKeys,
    root: &AuthorityRow,
    root_key: &RootKey,
    name: &str,
    number: i64,
) -> Result<AuthorityMade, ServiceError> {
    let now = transaction.now();
    let of_root = root.validity();
    let validity = Validity::days(now, ISSUING_DAYS).within(of_root);
    if !of_root.counts_at(now) {
        return Err(ServiceError::IllegalStep(
            "The root certificate has expired, so an authority below it would not be valid.".to_owned(),
        ));
    }
    let rng = transaction.conn_and_rng().1;
    let id = AuthorityId::new(now, rng);
    let made = make_issuing(&root.certificate, root_key, name, number, validity, rng)
        .map_err(|error| ServiceError::Failed(error.into()))?;
    let row = AuthorityRow {
        sealed_key: Some(keys.seal(id, &made.key, rng)?),
        id,
        kind: AuthorityKind::Issuing,
        number,
        certificate: made.certificate,
        state: AuthorityState::Active,
        not_before: validity.from,
        not_after: validity.to,
    };
    transaction.add_authority(&row)?;
    first_crl(transaction, keys, &row)?;
    let said = AuthorityChange::Issuing { issuing: id, number, sha256: sha256(&row.certificate), root: root.id };
    record_own(transaction, "ca.issuing", &id.to_string(), BY, Payload::AuthorityChanged(said))?;
    Ok(AuthorityMade { sha256: fingerprint(&row.certificate), issuing: id })
}

fn sha256(certificate: &[u8]) -> HexBytes {
    HexBytes::of(digest(&SHA256, certificate).as_ref())
}
