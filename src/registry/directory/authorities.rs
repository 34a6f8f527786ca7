//! The table of authorities: as operators amended it, or the compiled-in one. Licences name authorities of the newest table whatever their
//! own sequence, because no authority is ever removed.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};

use super::documents::{COMPILED_IN, Dated};
use super::{DirectoryError, Generation};
use vasp_ingest::authorities::{EMBEDDED, EMBEDDED_ON, embedded, parse};
use vasp_record::authority::Authorities;
use vasp_store::{Conn, DocumentRow};
use vasp_words::time::{Date, UtcTime};

/// The kind under which the table is stored.
pub const AUTHORITIES: &str = "authorities";

/// A version of the table.
#[derive(Clone, Debug)]
pub struct KnownAuthorities {
    /// Its version: its day, and the first digits of its digest.
    pub version: String,
    /// SHA-256 of its text.
    pub digest: Vec<u8>,
    /// The authorities.
    pub table: Arc<Authorities>,
}

impl KnownAuthorities {
    /// Returns the version of a table of a day with this digest.
    #[must_use]
    pub fn version(day: Date, digest: &[u8]) -> String {
        format!("{day}+{}", hex::encode(digest.get(..4).unwrap_or(digest)))
    }
}

/// Returns a version of the table as it was imported; the compiled-in one if none was.
pub(super) fn read(row: Option<DocumentRow>) -> Result<Dated<KnownAuthorities>, DirectoryError> {
    let Some(DocumentRow { version, observed_on, source, digest, body, .. }) = row else { return compiled_in() };
    let table = parsed(&digest, || Ok(body))?;
    Ok(Dated { value: KnownAuthorities { version, digest, table }, observed_on, source })
}

fn compiled_in() -> Result<Dated<KnownAuthorities>, DirectoryError> {
    static TABLE: OnceLock<Result<Arc<Authorities>, String>> = OnceLock::new();
    let table = TABLE.get_or_init(|| embedded().map(Arc::new).map_err(|error| error.to_string()));
    let failed = |reason: &String| DirectoryError::Embedded { table: AUTHORITIES, reason: reason.clone() };
    let table = Arc::clone(table.as_ref().map_err(failed)?);
    let (year, month, day) = EMBEDDED_ON;
    let observed_on = Date::new(year, month, day).unwrap_or_else(|| UtcTime::EPOCH.date());
    let digest = digest(&SHA256, EMBEDDED.as_bytes()).as_ref().to_vec();
    let version = KnownAuthorities::version(observed_on, &digest);
    Ok(Dated { value: KnownAuthorities { version, digest, table }, observed_on, source: COMPILED_IN.to_owned() })
}

/// A table with the digest of its text.
type Parsed = (Vec<u8>, Arc<Authorities>);

/// Returns the table with this digest. The last one is kept, because every write of a licence's VASP needs it.
fn parsed(digest: &[u8], body: impl FnOnce() -> Result<String, DirectoryError>) -> Result<Arc<Authorities>, DirectoryError> {
    static LAST: Mutex<Option<Parsed>> = Mutex::new(None);
    let kept = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, table)) = kept().as_ref().filter(|(known, _)| known == digest) {
        return Ok(Arc::clone(table));
    }
    let unreadable = |error: vasp_ingest::IngestError| DirectoryError::Document { kind: AUTHORITIES, reason: error.to_string() };
    let table = Arc::new(parse(body()?.as_bytes(), AUTHORITIES).map_err(unreadable)?);
    *kept() = Some((digest.to_vec(), Arc::clone(&table)));
    Ok(table)
}

/// Returns the newest version of the table.
///
/// # Errors
/// `DirectoryError` if it cannot be read.
pub fn authorities_in_force(conn: &mut Conn) -> Result<Dated<KnownAuthorities>, DirectoryError> {
    read(conn.document_at(AUTHORITIES, i64::MAX)?)
}

/// Returns the authorities of the newest version.
///
/// # Errors
/// `DirectoryError` if it cannot be read.
pub fn known_authorities(conn: &mut Conn) -> Result<Arc<Authorities>, DirectoryError> {
    match conn.newest_document_digest(AUTHORITIES)? {
        None => compiled_in().map(|table| table.value.table),
        Some(digest) => parsed(&digest, || {
            let row = conn.document_at(AUTHORITIES, i64::MAX)?;
            Ok(row.map(|row| row.body).unwrap_or_default())
        }),
    }
}

/// Returns whether two generations have different authorities, so that the names in all licences may differ.
pub(super) fn differ(before: &Generation, documents: &super::Documents) -> bool {
    before.documents().authorities.value.digest != documents.authorities.value.digest
}
