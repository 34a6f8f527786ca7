//! Links that open the report of a recorded pre-check once. Only the SHA-256 of a link's secret is kept.

use super::backend::written;
use super::edge::*;
use super::schema::report_links;
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::{CredentialId, OrganisationId, PrecheckId, UserId};
use vasp_words::time::UtcTime;

/// A link that was not opened.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = report_links)]
pub struct ReportLinkRow {
    /// SHA-256 of the secret.
    pub secret_sha256: Vec<u8>,
    /// The organisation that asked for the pre-check.
    pub organisation: OrganisationId,
    /// The pre-check.
    pub precheck: PrecheckId,
    /// Who made the link.
    pub created_by: UserId,
    /// The credential with which the link was made.
    pub created_with: CredentialId,
    /// When it expires.
    pub expires_at: UtcTime,
}

impl Conn {
    /// Returns the link with a secret of this SHA-256, if it is valid at `at`.
    pub fn report_link(&mut self, secret_sha256: &[u8], at: UtcTime) -> Result<Option<ReportLinkRow>, StoreError> {
        report_links::table
            .find(secret_sha256)
            .filter(report_links::expires_at.gt(at))
            .select(ReportLinkRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("report_links"))
    }

    /// Counts an organisation's links that are valid at `at`.
    pub fn open_report_links(&mut self, organisation: OrganisationId, at: UtcTime) -> Result<i64, StoreError> {
        report_links::table
            .filter(report_links::organisation.eq(organisation))
            .filter(report_links::expires_at.gt(at))
            .count()
            .get_result(self)
            .map_err(StoreError::on("report_links"))
    }
}

impl Transaction<'_> {
    /// Adds a link, and deletes those of the organisation that have expired.
    pub fn add_report_link(&mut self, row: &ReportLinkRow) -> Result<(), StoreError> {
        let at = self.now();
        let expired =
            report_links::table.filter(report_links::organisation.eq(row.organisation)).filter(report_links::expires_at.le(at));
        written(self.conn(), "report_links", diesel::delete(expired))?;
        written(self.conn(), "report_links", diesel::insert_into(report_links::table).values(row)).map(drop)
    }

    /// Ends the links of a pre-check. Returns how many.
    pub fn end_report_links(&mut self, precheck: PrecheckId) -> Result<usize, StoreError> {
        written(self.conn(), "report_links", diesel::delete(report_links::table.filter(report_links::precheck.eq(precheck))))
    }

    /// Ends the links that were made with a credential.
    pub(super) fn end_report_links_made_with(&mut self, id: CredentialId) -> Result<(), StoreError> {
        let links = report_links::table.filter(report_links::created_with.eq(id));
        written(self.conn(), "report_links", diesel::delete(links)).map(drop)
    }

    /// Ends the links that a user made in sessions.
    pub fn end_report_links_of_sessions(&mut self, user: UserId) -> Result<(), StoreError> {
        let in_session = report_links::created_with.like("ses_%");
        let links = report_links::table.filter(report_links::created_by.eq(user)).filter(in_session);
        written(self.conn(), "report_links", diesel::delete(links)).map(drop)
    }

    /// Uses a link up; `false` if it was used. If two calls come at the same time, only one returns `true`.
    pub fn use_report_link(&mut self, secret_sha256: &[u8]) -> Result<bool, StoreError> {
        written(self.conn(), "report_links", diesel::delete(report_links::table.find(secret_sha256))).map(|rows| rows == 1)
    }
}
