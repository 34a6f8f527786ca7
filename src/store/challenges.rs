//! Public challenges: what somebody without an account says is wrong. Each belongs to a case and is open as long as the case is.

use super::backend::written;
use super::edge::*;
use super::schema::{cases, challenges};
use super::{Conn, StoreError, Transaction};
use vasp_record::challenge::ChallengedField;
use vasp_words::ids::{CaseId, ChallengeId, VaspId};
use vasp_words::time::UtcTime;

/// A challenge. What it says is in the case.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = challenges, treat_none_as_default_value = false)]
pub struct Challenge {
    /// Its id, which only the challenger and the operators know.
    pub id: ChallengeId,
    /// The VASP of the record.
    pub vasp: VaspId,
    /// The field that is said to be wrong.
    pub field: ChallengedField,
    /// The case that it opened or joined.
    pub case_id: CaseId,
    /// When it was made.
    pub at: UtcTime,
}

impl Conn {
    /// Returns a public challenge.
    pub fn public_challenge(&mut self, id: ChallengeId) -> Result<Option<Challenge>, StoreError> {
        let query = challenges::table.find(id).select(Challenge::as_select());
        query.first(self).optional().map_err(StoreError::on("challenges"))
    }

    /// Returns the number of challenges of one case.
    pub fn challenge_count_of(&mut self, case: CaseId) -> Result<i64, StoreError> {
        let query = challenges::table.filter(challenges::case_id.eq(case)).count();
        query.get_result(self).map_err(StoreError::on("challenges"))
    }

    /// Returns the number of open challenges.
    pub fn open_challenge_count(&mut self) -> Result<i64, StoreError> {
        let open = cases::table.filter(cases::closed_at.is_null()).select(cases::id);
        let query = challenges::table.filter(challenges::case_id.eq_any(open)).count();
        query.get_result(self).map_err(StoreError::on("challenges"))
    }
}

impl Transaction<'_> {
    /// Moves the challenges of a case that were made at an instant or later to another case.
    pub fn move_challenges(&mut self, from: CaseId, since: UtcTime, to: CaseId) -> Result<(), StoreError> {
        let moved = challenges::table.filter(challenges::case_id.eq(from)).filter(challenges::at.ge(since));
        written(self.conn(), "challenges", diesel::update(moved).set(challenges::case_id.eq(to))).map(drop)
    }

    /// Adds a challenge.
    pub fn add_challenge(&mut self, row: &Challenge) -> Result<(), StoreError> {
        written(self.conn(), "challenges", diesel::insert_into(challenges::table).values(row)).map(drop)
    }
}
