//! The signing keys: made when they are first needed, replaced by a command, and published with their dates. Every start and end of a key
//! is a public change of the log.

use std::sync::Arc;

use rand_core::RngCore;

use super::Trust;
use crate::ledger::record_own;
use crate::node::{Registry, ServiceError};
use vasp_log::change::{Payload, SigningKeyChange};
use vasp_log::verifier_key;
use vasp_pki::receipt::{PublishedKey, PublishedKeys, ReceiptSigner};
use vasp_pki::{DataKey, SigningKey};
use vasp_record::environment::Environment;
use vasp_record::issuer::IssuerName;
use vasp_record::signing_key::{OVERLAP_SECS, SigningPurpose};
use vasp_store::{SigningKeyRow, Store, StoreError, Transaction};
use vasp_words::time::UtcTime;

/// The keys in use, in memory.
pub(super) struct Keys {
    pub receipts: ReceiptSigner,
    pub checkpoints: SigningKey,
    /// The log's origin, which never changes.
    pub origin: String,
    /// Id of the registry's first key for checkpoints.
    first: String,
}

impl Keys {
    /// Returns the issuer name of a registry without a configured name.
    pub(super) fn default_issuer(&self) -> IssuerName {
        IssuerName::of_key(&self.first)
    }

    fn are(&self, rows: [&SigningKeyRow; 2]) -> bool {
        rows.map(|row| row.id.as_str()) == [self.receipts.key_id(), self.checkpoints.id()]
    }
}

/// The result of replacing a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotatedKey {
    /// Id of the key that ends.
    pub ended: String,
    /// Until when nodes that do not know of the replacement yet may sign with it.
    pub until: UtcTime,
    /// Id of the new key.
    pub begun: String,
}

fn in_use(rows: &[SigningKeyRow], purpose: SigningPurpose) -> Option<&SigningKeyRow> {
    rows.iter().find(|row| row.purpose == purpose && row.ended_at.is_none())
}

/// Returns the purpose that a key is wrapped for.
fn wrapped_for(purpose: SigningPurpose, id: &str) -> String {
    format!("signing:{purpose}:{id}")
}

fn open(registry: &Registry, row: &SigningKeyRow) -> Result<SigningKey, ServiceError> {
    let purpose = wrapped_for(row.purpose, &row.id);
    let seed = registry.master_keys().unwrap(&purpose, row.master_version, &row.wrapped).map_err(ServiceError::Key)?;
    SigningKey::from_seed(&seed).map_err(ServiceError::Key)
}

/// Returns the keys in use. It returns those in memory if they are still in use; `None` if no keys exist yet.
pub(super) fn load(registry: &Registry, known: Option<Arc<Keys>>) -> Result<Option<Arc<Keys>>, ServiceError> {
    let rows = registry.store().read(|conn| conn.signing_keys()).map_err(ServiceError::Store)?;
    let both = in_use(&rows, SigningPurpose::Receipt).zip(in_use(&rows, SigningPurpose::Checkpoint));
    let Some((receipt, checkpoint)) = both else { return Ok(None) };
    if let Some(known) = known.filter(|known| known.are([receipt, checkpoint])) {
        return Ok(Some(known));
    }
    let unwritten = |error: serde_json::Error| ServiceError::Unreadable { what: "signing key", reason: error.to_string() };
    let first = rows.iter().find(|row| row.purpose == checkpoint.purpose).unwrap_or(checkpoint);
    Ok(Some(Arc::new(Keys {
        receipts: ReceiptSigner::new(open(registry, receipt)?).map_err(unwritten)?,
        checkpoints: open(registry, checkpoint)?,
        origin: checkpoint.name.clone(),
        first: first.id.clone(),
    })))
}

/// Makes the keys that are missing. Another process may make them at the same time.
pub(super) fn make_missing(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        transaction.conn().lock_signing()?;
        let rows = transaction.conn().signing_keys()?;
        for purpose in SigningPurpose::ALL {
            if in_use(&rows, purpose).is_none() {
                begin(registry, transaction, purpose, &rows, "the server")?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// Replaces the key of a purpose. The server need not stop, and what the old key signed stays valid.
///
/// # Errors
/// `ServiceError::IllegalStep` if there is no key yet; `Key`; `Store`.
pub fn rotate_signing_key(
    registry: &Registry,
    purpose: SigningPurpose,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<RotatedKey, ServiceError> {
    let rotated = registry.store().write(now, rng, |transaction| {
        transaction.conn().lock_signing()?;
        let (ended, begun) = replace_key(registry, transaction, purpose)?;
        let none = || ServiceError::IllegalStep(format!("There is no {purpose} key yet; a server creates one when it starts."));
        let (ended, until) = ended.ok_or_else(none)?;
        Ok::<_, ServiceError>(RotatedKey { ended, until, begun })
    })?;
    registry.let_others_know();
    Ok(rotated.value)
}

/// Ends the key of a purpose, if there is one, and starts another, under the signing lock. Returns the id of the old key with the time
/// until which it is valid, and the id of the new key.
pub(super) fn replace_key(
    registry: &Registry,
    transaction: &mut Transaction<'_>,
    purpose: SigningPurpose,
) -> Result<(Option<(String, UtcTime)>, String), ServiceError> {
    let rows = transaction.conn().signing_keys()?;
    let mut ended = None;
    if let Some(old) = in_use(&rows, purpose) {
        let until = transaction.now().plus_secs(OVERLAP_SECS).max(old.started_at);
        transaction.end_signing_key(&old.id, until)?;
        let said = SigningKeyChange::Ended { purpose, kid: old.id.clone(), at: until };
        record_own(transaction, "signing_key.end", &old.id, "command line", Payload::SigningKeyChanged(said))?;
        ended = Some((old.id.clone(), until));
    }
    Ok((ended, begin(registry, transaction, purpose, &rows, "command line")?))
}

/// Makes a key and puts it in use. Returns its id.
fn begin(
    registry: &Registry,
    transaction: &mut Transaction<'_>,
    purpose: SigningPurpose,
    rows: &[SigningKeyRow],
    by: &str,
) -> Result<String, ServiceError> {
    let now = transaction.now();
    let seed = DataKey::generate(transaction.conn_and_rng().1);
    let key = SigningKey::from_seed(&seed).map_err(ServiceError::Key)?;
    let wrapped = wrapped_for(purpose, key.id());
    let (master_version, wrapped) =
        registry.master_keys().wrap(&wrapped, &seed, transaction.conn_and_rng().1).map_err(ServiceError::Key)?;
    let name = match purpose {
        SigningPurpose::Receipt => String::new(),
        SigningPurpose::Checkpoint => origin(registry, rows, key.id()),
    };
    let row = SigningKeyRow {
        id: key.id().to_owned(),
        purpose,
        name,
        public_key: key.public_key().to_vec(),
        master_version,
        wrapped,
        started_at: now,
        ended_at: None,
    };
    transaction.add_signing_key(&row)?;
    let said = SigningKeyChange::Begun { purpose, kid: row.id.clone(), at: now, jwk: published(&row)?.to_jwk() };
    record_own(transaction, "signing_key.begin", &row.id, by, Payload::SigningKeyChanged(said))?;
    Ok(row.id)
}

/// Returns the log's origin: that of the first key, or one made from the registry's name.
fn origin(registry: &Registry, rows: &[SigningKeyRow], id: &str) -> String {
    let first = rows.iter().find(|row| row.purpose == SigningPurpose::Checkpoint);
    let issuer = || registry.part::<Trust>().issuer.clone().unwrap_or_else(|| IssuerName::of_key(id));
    first.map_or_else(|| issuer().log_origin(), |row| row.name.clone())
}

fn published(row: &SigningKeyRow) -> Result<PublishedKey, ServiceError> {
    let wrong = |_| StoreError::impossible("signing_keys", "a public key that has not 32 bytes");
    Ok(PublishedKey {
        id: row.id.clone(),
        purpose: row.purpose,
        public_key: row.public_key.as_slice().try_into().map_err(wrong)?,
        verifier_key: (!row.name.is_empty()).then(|| verifier_key(&row.name, &row.public_key)),
        from: row.started_at,
        until: row.ended_at,
    })
}

/// Returns what the registry of a database is for: the name of its log, which never changes, says it. `None` if it has no log yet. A demo's
/// counts as live.
pub fn environment_of(store: &Store) -> Result<Option<Environment>, ServiceError> {
    let rows = store.read(|conn| conn.signing_keys()).map_err(ServiceError::Store)?;
    let origin = rows.iter().find(|row| row.purpose == SigningPurpose::Checkpoint).map(|row| format!("https://{}", row.name));
    let environment = |origin: String| origin.parse().map_or(Environment::Live, |name: IssuerName| name.environment());
    Ok(origin.map(environment))
}

/// Returns every signing key without its private half, in the order of creation.
pub fn published_keys(store: &Store) -> Result<PublishedKeys, ServiceError> {
    let rows = store.read(|conn| conn.signing_keys()).map_err(ServiceError::Store)?;
    rows.iter().map(published).collect::<Result<_, _>>().map(PublishedKeys)
}
