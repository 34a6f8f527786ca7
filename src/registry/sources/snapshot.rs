//! Gives back a file of a source as it came, after checking its hash.

use aws_lc_rs::digest::{SHA256, digest};

use super::read::known_source;
use super::take::unpacked;
use crate::node::{ServiceError, invalid_value};
use vasp_store::{Store, StoreError};

/// The fewest digits of a hash that name a file: as many as facts show.
const FEWEST_DIGITS: usize = 12;

/// A file of a source, as it came.
#[derive(Debug)]
pub struct KeptFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Returns the kept file of a source whose SHA-256 begins with these digits.
///
/// # Errors
/// `ServiceError::Invalid` for an unknown source or too few digits; `NotFound` if no such file is kept, or only its hash; `Failed` if the kept
/// bytes have another hash; `Store`.
pub fn read_snapshot(store: &Store, id: &str, sha256: &str) -> Result<KeptFile, ServiceError> {
    known_source(store, id)?;
    let wanted = sha256.to_ascii_lowercase();
    if wanted.len() < FEWEST_DIGITS || !wanted.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let detail = format!("`{sha256}` is not the SHA-256 of a file, or its first {FEWEST_DIGITS} digits or more");
        return Err(invalid_value("/sha256", detail));
    }
    let kept = store.read::<_, StoreError>(|conn| {
        let found = conn.source_snapshots(id)?.into_iter().find(|(digest, ..)| hex::encode(digest).starts_with(&wanted));
        found.map(|(digest, ..)| conn.source_snapshot(id, &digest)).transpose().map(Option::flatten)
    })?;
    let kept = kept.ok_or_else(|| ServiceError::NotFound(format!("no file of {id} with the hash {sha256} is kept")))?;
    let body = kept.body.ok_or_else(|| ServiceError::NotFound(format!("{} was too large: only its hash is kept", kept.file)))?;
    let bytes = unpacked(&body).map_err(|error| ServiceError::Failed(Box::new(error)))?;
    if digest(&SHA256, &bytes).as_ref() != kept.digest {
        return Err(ServiceError::Failed(
            format!("the kept bytes of {} do not have its hash: they were changed", kept.file).into(),
        ));
    }
    Ok(KeptFile { name: kept.file, bytes })
}
