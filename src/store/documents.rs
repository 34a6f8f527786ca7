//! Reference documents: rulebook, jurisdiction lists, screening lists, policy and platform hosts. Every imported version is kept whole.

use super::edge::*;
use super::schema::documents;
use super::{Conn, StoreError};
use vasp_words::time::Date;

/// Prefix of the kinds of screening lists; the list's own id follows.
pub const SCREENING_KINDS: &str = "screening:";

/// Prefix of the kinds of lists of the VASPs that a protocol reaches; the protocol's id follows.
pub const VASP_LIST_KINDS: &str = "vasp-list:";

/// One version of a document.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = documents, treat_none_as_default_value = false)]
pub struct DocumentRow {
    /// Kind, such as `rulebook` or `screening:US-OFAC-SDN-DIGITAL-CURRENCY`.
    pub kind: String,
    /// Its own version.
    pub version: String,
    /// Day of the facts in it.
    pub observed_on: Date,
    /// File or page.
    pub source: String,
    /// SHA-256 of the file.
    pub digest: Vec<u8>,
    /// The text.
    pub body: String,
    /// Sequence of the change that added it.
    pub seq_from: i64,
}

pub(super) fn insert(conn: &mut Conn, row: DocumentRow) -> Result<(), StoreError> {
    diesel::insert_into(documents::table).values(&row).execute(conn).map(drop).map_err(StoreError::on("documents"))
}

impl Conn {
    /// Returns the newest version of a document at `sequence`: the one of the latest day; of several on that day, the one imported last.
    pub fn document_at(&mut self, kind: &str, sequence: i64) -> Result<Option<DocumentRow>, StoreError> {
        documents::table
            .filter(documents::kind.eq(kind))
            .filter(documents::seq_from.le(sequence))
            .order((documents::observed_on.desc(), documents::seq_from.desc()))
            .select(DocumentRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("documents"))
    }

    /// Returns the newest version, as `document_at` does, of each kind that begins with `prefix`, in order of kind.
    pub fn documents_at(&mut self, prefix: &str, sequence: i64) -> Result<Vec<DocumentRow>, StoreError> {
        let after = format!("{prefix}{}", char::MAX);
        let mut versions: Vec<(String, i64)> = documents::table
            .filter(documents::kind.ge(prefix))
            .filter(documents::kind.lt(after))
            .filter(documents::seq_from.le(sequence))
            .order((documents::kind, documents::observed_on.desc(), documents::seq_from.desc()))
            .select((documents::kind, documents::seq_from))
            .load(self)
            .map_err(StoreError::on("documents"))?;
        versions.dedup_by(|later, newest| later.0 == newest.0);
        let newest: Vec<i64> = versions.into_iter().map(|(_, seq_from)| seq_from).collect();
        let mut rows = Vec::with_capacity(newest.len());
        for some in newest.chunks(500) {
            let of_chunk = documents::table
                .filter(documents::seq_from.eq_any(some))
                .order(documents::kind)
                .select(DocumentRow::as_select())
                .load(self)
                .map_err(StoreError::on("documents"))?;
            rows.extend(of_chunk);
        }
        Ok(rows)
    }

    /// Returns the digest of the version of a document that was last imported for a day.
    pub fn document_digest(&mut self, kind: &str, observed_on: Date) -> Result<Option<Vec<u8>>, StoreError> {
        documents::table
            .filter(documents::kind.eq(kind))
            .filter(documents::observed_on.eq(observed_on))
            .order(documents::seq_from.desc())
            .select(documents::digest)
            .first(self)
            .optional()
            .map_err(StoreError::on("documents"))
    }

    /// Returns the version of the earliest of these days, both included; of several on that day, the one imported last.
    pub fn oldest_document(&mut self, kind: &str, since: Date, until: Date) -> Result<Option<DocumentRow>, StoreError> {
        documents::table
            .filter(documents::kind.eq(kind))
            .filter(documents::observed_on.between(since, until))
            .order((documents::observed_on, documents::seq_from.desc()))
            .select(DocumentRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("documents"))
    }

    /// Returns the digest of the newest version of a document, as [`Self::document_at`] chooses it, without reading its text.
    pub fn newest_document_digest(&mut self, kind: &str) -> Result<Option<Vec<u8>>, StoreError> {
        documents::table
            .filter(documents::kind.eq(kind))
            .order((documents::observed_on.desc(), documents::seq_from.desc()))
            .select(documents::digest)
            .first(self)
            .optional()
            .map_err(StoreError::on("documents"))
    }

    /// Tells whether any document of a kind with this prefix was added after `after` and at or before `until`.
    pub fn documents_came(&mut self, prefix: &str, after: i64, until: i64) -> Result<bool, StoreError> {
        let came = documents::table
            .filter(documents::kind.ge(prefix))
            .filter(documents::seq_from.gt(after))
            .filter(documents::seq_from.le(until))
            .select(documents::kind);
        let kinds: Vec<String> = came.load(self).map_err(StoreError::on("documents"))?;
        Ok(kinds.iter().any(|kind| kind.starts_with(prefix)))
    }

    /// Returns the last sequence at or before `sequence` that added any document; 0 if there is none.
    pub fn documents_sequence(&mut self, sequence: i64) -> Result<i64, StoreError> {
        let last: Option<i64> = documents::table
            .filter(documents::seq_from.le(sequence))
            .select(diesel::dsl::max(documents::seq_from))
            .first(self)
            .map_err(StoreError::on("documents"))?;
        Ok(last.unwrap_or(0))
    }
}
