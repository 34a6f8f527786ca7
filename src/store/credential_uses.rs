//! The day on which each credential was last used. Days are collected in memory and written in batches, so a crash loses some.

use super::backend::written_rows;
use super::edge::*;
use super::schema::credential_uses;
use super::{Conn, StoreError, Transaction};
use diesel::upsert::excluded;
use vasp_words::ids::CredentialId;
use vasp_words::time::Date;

impl Conn {
    /// Returns when these credentials were last used: id and day, for those that were used.
    pub fn uses_of(&mut self, credentials: &[CredentialId]) -> Result<Vec<(CredentialId, Date)>, StoreError> {
        let mut rows = Vec::new();
        for chunk in credentials.chunks(500) {
            let query = credential_uses::table.filter(credential_uses::credential.eq_any(chunk));
            rows.extend(query.load::<(CredentialId, Date)>(self).map_err(StoreError::on("credential_uses"))?);
        }
        Ok(rows)
    }
}

impl Transaction<'_> {
    /// Records on which days credentials were used.
    pub fn note_uses(&mut self, uses: &[(CredentialId, Date)]) -> Result<(), StoreError> {
        for chunk in uses.chunks(500) {
            let rows: Vec<_> =
                chunk.iter().map(|(id, day)| (credential_uses::credential.eq(id), credential_uses::used_on.eq(day))).collect();
            let insert = diesel::insert_into(credential_uses::table).values(rows);
            written_rows(
                self.conn(),
                "credential_uses",
                insert
                    .on_conflict(credential_uses::credential)
                    .do_update()
                    .set(credential_uses::used_on.eq(excluded(credential_uses::used_on))),
            )?;
        }
        Ok(())
    }
}
