//! Challenges that wait for a signature with an address's key, each for one use.

use super::backend::{written, written_rows};
use super::edge::*;
use super::schema::claim_challenges;
use super::{Conn, StoreError, Transaction};
use vasp_record::client_certificate::Sha256Hex;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// A row of the table of challenges.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = claim_challenges, treat_none_as_default_value = false)]
pub struct ChallengeRow {
    /// 16 bytes.
    pub nonce: Vec<u8>,
    /// The organisation that requested it.
    pub organisation: OrganisationId,
    /// Number of the claim it is about.
    pub claim: i64,
    /// SHA-256 of the challenge's text.
    pub text_sha256: Sha256Hex,
    /// Last instant at which it may be answered.
    pub expires_at: UtcTime,
    /// When it was answered; `None` if it was not.
    pub used_at: Option<UtcTime>,
}

impl Conn {
    /// Returns the challenge with a nonce.
    pub fn challenge(&mut self, nonce: &[u8]) -> Result<Option<ChallengeRow>, StoreError> {
        let query = claim_challenges::table.find(nonce).select(ChallengeRow::as_select());
        query.first(self).optional().map_err(StoreError::on("claim_challenges"))
    }
}

impl Transaction<'_> {
    /// Stores challenges, and deletes those that expired before `since`.
    pub fn add_challenges(&mut self, rows: &[ChallengeRow], since: UtcTime) -> Result<(), StoreError> {
        let old = diesel::delete(claim_challenges::table.filter(claim_challenges::expires_at.lt(since)));
        written(self.conn(), "claim_challenges", old)?;
        for chunk in rows.chunks(1_000) {
            written_rows(self.conn(), "claim_challenges", diesel::insert_into(claim_challenges::table).values(chunk))?;
        }
        Ok(())
    }

    /// Marks a challenge as used; `false` if it was used before.
    pub fn use_challenge(&mut self, nonce: &[u8], at: UtcTime) -> Result<bool, StoreError> {
        let update = diesel::update(claim_challenges::table.find(nonce).filter(claim_challenges::used_at.is_null()))
            .set(claim_challenges::used_at.eq(at));
        written(self.conn(), "claim_challenges", update).map(|rows| rows == 1)
    }
}
