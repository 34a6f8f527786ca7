//! One-time links by which a user sets the first password. Only the SHA-256 of a link's secret is kept.

use super::backend::written;
use super::credentials::UserRow;
use super::schema::{enrolments, proposals, users};
use super::{Conn, StoreError, Transaction};
use diesel::dsl::exists;
use diesel::prelude::*;
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_words::ids::UserId;
use vasp_words::time::UtcTime;

/// A link that was not used yet.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = enrolments, treat_none_as_default_value = false)]
pub struct EnrolmentRow {
    /// The user.
    pub user_id: UserId,
    /// SHA-256 of the secret.
    pub secret_sha256: Vec<u8>,
    /// When it stops working by itself.
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
    /// Returns the people whose links wait: those who hold one that works at an instant, with its end, and those for whom one is
    /// proposed to be handed out. By id, those after `after` only.
    pub fn waiting_links(&mut self, at: UtcTime, after: &str, limit: i64) -> Result<Vec<(UserRow, Option<UtcTime>)>, StoreError> {
        let proposed = proposals::table
            .filter(proposals::kind.eq(ProposalKind::Enrolment))
            .filter(proposals::state.eq(ProposalState::Pending))
            .filter(proposals::subject.eq(users::id));
        // Null without a link, which the other half then decides.
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
    /// Gives a user a link, in place of any before it.
    pub fn replace_enrolment(&mut self, row: &EnrolmentRow) -> Result<(), StoreError> {
        self.drop_enrolment(row.user_id)?;
        written!(self, "enrolments", diesel::insert_into(enrolments::table).values(row)).map(drop)
    }

    /// Takes a user's link away.
    pub fn drop_enrolment(&mut self, user: UserId) -> Result<(), StoreError> {
        written!(self, "enrolments", diesel::delete(enrolments::table.find(user))).map(drop)
    }

    /// Uses a link up; false where it is used, replaced or over: of two at once one gets it.
    pub fn use_enrolment(&mut self, secret_sha256: &[u8], at: UtcTime) -> Result<bool, StoreError> {
        let link = enrolments::table.filter(enrolments::secret_sha256.eq(secret_sha256)).filter(enrolments::expires_at.gt(at));
        written!(self, "enrolments", diesel::delete(link)).map(|rows| rows == 1)
    }
}
