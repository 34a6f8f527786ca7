//! One-time links with which a user sets the first password. Only the SHA-256 of a link's secret is kept.

use super::backend::written;
use super::credentials::UserRow;
use super::edge::*;
use super::schema::{enrolments, proposals, users};
use super::{Conn, StoreError, Transaction};
use diesel::dsl::exists;
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_words::ids::UserId;
use vasp_words::time::UtcTime;

/// An enrolment link that has not been used.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = enrolments, treat_none_as_default_value = false)]
pub struct EnrolmentRow {
    /// The user.
    pub user_id: UserId,
    /// SHA-256 of the secret.
    pub secret_sha256: Vec<u8>,
    /// When it expires.
    pub expires_at: UtcTime,
}

impl Conn {
    /// Returns the link with a secret of this SHA-256, and its user.
    pub fn enrolment(&mut self, secret_sha256: &[u8]) -> Result<Option<(EnrolmentRow, UserRow)>, StoreError> {
        enrolments::table
            .inner_join(users::table)
            .filter(enrolments::secret_sha256.eq(secret_sha256))
            .select((EnrolmentRow::as_select(), UserRow::as_select()))
            .first(self)
            .optional()
            .map_err(StoreError::on("enrolments"))
    }
}

impl Conn {
    /// Returns the people after `after` whose enrolment links wait, in order of id. These are the users with a link that is valid at `at`,
    /// with its expiry, and the users for whom a link is proposed.
    pub fn waiting_links(&mut self, at: UtcTime, after: &str, limit: i64) -> Result<Vec<(UserRow, Option<UtcTime>)>, StoreError> {
        let proposed = proposals::table
            .filter(proposals::kind.eq(ProposalKind::Enrolment))
            .filter(proposals::state.eq(ProposalState::Pending))
            .filter(proposals::subject.eq(users::id));
        // This is null without a link. The other half of the condition then decides.
        let works = enrolments::expires_at.nullable().gt(at).assume_not_null();
        users::table
            .left_join(enrolments::table)
            .filter(users::id.gt(after))
            .filter(works.or(exists(proposed)))
            .order(users::id)
            .limit(limit)
            .select((UserRow::as_select(), enrolments::expires_at.nullable()))
            .load(self)
            .map_err(StoreError::on("enrolments"))
    }
}

impl Transaction<'_> {
    /// Gives a user a link, and deletes the earlier one.
    pub fn replace_enrolment(&mut self, row: &EnrolmentRow) -> Result<(), StoreError> {
        self.drop_enrolment(row.user_id)?;
        written(self.conn(), "enrolments", diesel::insert_into(enrolments::table).values(row)).map(drop)
    }

    /// Deletes a user's link.
    pub fn drop_enrolment(&mut self, user: UserId) -> Result<(), StoreError> {
        written(self.conn(), "enrolments", diesel::delete(enrolments::table.find(user))).map(drop)
    }

    /// Uses a link; `false` if it was used, replaced or has expired. If two calls come at the same time, only one returns `true`.
    pub fn use_enrolment(&mut self, secret_sha256: &[u8], at: UtcTime) -> Result<bool, StoreError> {
        let link = enrolments::table.filter(enrolments::secret_sha256.eq(secret_sha256)).filter(enrolments::expires_at.gt(at));
        written(self.conn(), "enrolments", diesel::delete(link)).map(|rows| rows == 1)
    }
}
