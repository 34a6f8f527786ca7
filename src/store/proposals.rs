//! What one person proposed and another decides: one table for every kind. What is proposed is bytes here, sealed where it is
//! private. Whoever writes holds the lock of what the proposal is about.

use super::backend::{written, written_once};
use super::schema::proposals;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_words::ids::{CredentialId, OrganisationId, ProposalId, UserId};
use vasp_words::time::UtcTime;

/// A proposal as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = proposals, treat_none_as_default_value = false)]
pub struct ProposalRow {
    /// Public id.
    pub id: ProposalId,
    /// What kind of thing it is about.
    pub kind: ProposalKind,
    /// Id of that thing.
    pub subject: String,
    /// Place among the proposals about it, from 1.
    pub number: i32,
    /// The organisation whose people decide.
    pub organisation: OrganisationId,
    /// Whether it waits, or what became of it.
    pub state: ProposalState,
    /// What is proposed, why, in which words and the digest of it, as JSON; sealed where it is private.
    pub content: Vec<u8>,
    /// The user who proposed it.
    pub proposed_by: UserId,
    /// The credential with which.
    pub proposed_with: CredentialId,
    /// When it was proposed.
    pub proposed_at: UtcTime,
    /// The user who decided.
    pub decided_by: Option<UserId>,
    /// When it stopped waiting.
    pub decided_at: Option<UtcTime>,
}

impl Conn {
    /// Returns the newest proposals about some things.
    pub fn last_proposals(&mut self, kind: ProposalKind, subjects: &[String]) -> Result<Vec<ProposalRow>, StoreError> {
        let mut rows: Vec<ProposalRow> = Vec::new();
        for chunk in subjects.chunks(500) {
            let query = proposals::table
                .filter(proposals::kind.eq(kind))
                .filter(proposals::subject.eq_any(chunk))
                .order((proposals::subject, proposals::number.desc()))
                .select(ProposalRow::as_select());
            rows.extend(query.load::<ProposalRow>(self).map_err(StoreError::on("proposals"))?);
        }
        rows.dedup_by(|next, newest| next.subject == newest.subject);
        Ok(rows)
    }

    /// Returns an organisation's proposals of one kind, oldest first, those after `after` only.
    pub fn proposals_of(
        &mut self,
        (kind, organisation): (ProposalKind, OrganisationId),
        after: &str,
        limit: i64,
    ) -> Result<Vec<ProposalRow>, StoreError> {
        proposals::table
            .filter(proposals::organisation.eq(organisation))
            .filter(proposals::kind.eq(kind))
            .filter(proposals::id.gt(after))
            .order(proposals::id)
            .limit(limit)
            .select(ProposalRow::as_select())
            .load(self)
            .map_err(StoreError::on("proposals"))
    }
}

impl Transaction<'_> {
    /// Adds a proposal that waits.
    pub fn add_proposal(&mut self, row: &ProposalRow) -> Result<(), StoreError> {
        written!(self, "proposals", diesel::insert_into(proposals::table).values(row)).map(drop)
    }

    /// Writes what became of a proposal that waits.
    ///
    /// # Errors
    /// `StoreError::Stale` where it waits no more.
    pub fn settle_proposal(&mut self, row: &ProposalRow) -> Result<(), StoreError> {
        let waiting = proposals::table.find(row.id).filter(proposals::state.eq(ProposalState::Pending));
        let update = diesel::update(waiting).set((
            proposals::state.eq(row.state),
            proposals::content.eq(&row.content),
            proposals::decided_by.eq(row.decided_by),
            proposals::decided_at.eq(row.decided_at),
        ));
        written_once!(self, "proposals", update)
    }

    /// Takes back what waits about something, if anything does: it was said on other ground.
    pub fn supersede_proposal(&mut self, kind: ProposalKind, subject: &str) -> Result<(), StoreError> {
        let at = self.now();
        let waiting = proposals::table
            .filter(proposals::kind.eq(kind))
            .filter(proposals::subject.eq(subject))
            .filter(proposals::state.eq(ProposalState::Pending));
        let update = diesel::update(waiting).set((proposals::state.eq(ProposalState::Superseded), proposals::decided_at.eq(at)));
        written!(self, "proposals", update).map(drop)
    }
}
