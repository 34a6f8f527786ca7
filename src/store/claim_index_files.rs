//! The files of the claim index that belong to this database. Their SHA-256 is recorded before a file gets its final name.

use super::edge::*;
use super::schema::claim_index_files;
use super::{Conn, StoreError};

impl Conn {
    /// Records that a file holds the claims at a committed sequence.
    pub fn note_claim_index_file(&mut self, digest: &[u8], sequence: i64) -> Result<(), StoreError> {
        let row = (claim_index_files::digest.eq(digest), claim_index_files::sequence.eq(sequence));
        let insert = diesel::insert_into(claim_index_files::table).values(row).unless_there();
        insert.execute(self).map(drop).map_err(StoreError::on("claim_index_files"))
    }

    /// Removes the record of a file that another file replaced.
    pub fn forget_claim_index_file(&mut self, digest: &[u8]) -> Result<(), StoreError> {
        let row = claim_index_files::table.find(digest);
        diesel::delete(row).execute(self).map(drop).map_err(StoreError::on("claim_index_files"))
    }

    /// Tells whether a file holds this database's claims at that sequence.
    pub fn has_claim_index_file(&mut self, digest: &[u8], sequence: i64) -> Result<bool, StoreError> {
        let row = claim_index_files::table.find(digest).filter(claim_index_files::sequence.eq(sequence));
        let found: Option<i64> =
            row.select(claim_index_files::sequence).first(self).optional().map_err(StoreError::on("claim_index_files"))?;
        Ok(found.is_some())
    }
}
