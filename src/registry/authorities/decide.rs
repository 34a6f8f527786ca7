//! Two people put an amendment of the table of authorities in force: exactly the proposed table, in place of exactly the table that it was
//! made from. Rows of registers that waited for one of its authorities are imported then.

use rand_core::RngCore;
use serde::{Deserialize, Serialize};

use super::read::missing;
use crate::brands::search_after_import;
use crate::directory::{AUTHORITIES, KnownAuthorities, authorities_in_force};
use crate::imported::document_change;
use crate::node::{ImportError, Registry, ServiceError};
use crate::proposals::{Decision, Proposal, Scene, Step, Taken, Wish, last};
use crate::registers::settle_held_rows;
use vasp_ingest::authorities::parse;
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_store::{AuthorityAmendmentRow, DocumentRow, Edit, StoreError, Transaction};
use vasp_words::ids::AuthorityAmendmentId;
use vasp_words::time::UtcTime;

/// The content of a proposal: a table, identified by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthoritiesContent {
    /// SHA-256 of the amended table, in hex.
    pub sha256: String,
    /// The changes, in words.
    pub changes: Vec<String>,
}

/// The table in force that the new one would replace, by its digest.
#[derive(Debug, Serialize)]
pub struct AuthoritiesGround {
    in_force: String,
}

/// A decision about an amendment.
#[derive(Debug)]
pub struct AuthoritiesDecision(pub AuthorityAmendmentId);

impl AuthoritiesDecision {
    /// Returns the proposal's content for an amendment.
    ///
    /// # Errors
    /// `ServiceError::Store` if its changes cannot be read.
    pub fn content(row: &AuthorityAmendmentRow) -> Result<AuthoritiesContent, ServiceError> {
        let changes: Vec<super::AuthorityChange> = StoreError::read_json("authority_amendments", &row.difference)?;
        let changes = changes.iter().map(ToString::to_string).collect();
        Ok(AuthoritiesContent { sha256: hex::encode(&row.digest), changes })
    }
}

fn base_in_force(transaction: &mut Transaction<'_>) -> Result<Vec<u8>, ServiceError> {
    let table = authorities_in_force(transaction.conn()).map_err(ServiceError::Directory)?;
    Ok(table.value.digest)
}

impl Decision for AuthoritiesDecision {
    const KIND: ProposalKind = ProposalKind::Authorities;
    type Content = AuthoritiesContent;
    type Ground = AuthoritiesGround;
    type Held = AuthorityAmendmentRow;

    /// Returns an amendment that waits. First takes the lock of imports, so that no import reads the table while it changes, and decisions
    /// run one after the other.
    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<AuthorityAmendmentRow, ServiceError> {
        scene.transaction.lock_vasps()?;
        let row = scene.transaction.conn().authority_amendment(self.0)?.ok_or_else(missing)?;
        if row.state != ProposalState::Pending {
            return Err(ServiceError::IllegalStep(format!("The amendment no longer waits for a decision: it is {}.", row.state)));
        }
        Ok(row)
    }

    fn subject(&self, row: &AuthorityAmendmentRow) -> String {
        row.id.to_string()
    }

    fn says(&self, row: &AuthorityAmendmentRow, content: &AuthoritiesContent) -> String {
        format!("Amend the table of authorities ({}): {}.", row.source, content.changes.join("; "))
    }

    fn ground(
        &self,
        scene: &mut Scene<'_, '_>,
        _: &AuthorityAmendmentRow,
        _: &AuthoritiesContent,
    ) -> Result<AuthoritiesGround, ServiceError> {
        Ok(AuthoritiesGround { in_force: hex::encode(base_in_force(scene.transaction)?) })
    }

    fn consider(
        &self,
        scene: &mut Scene<'_, '_>,
        row: &mut AuthorityAmendmentRow,
        _: &Taken<'_, AuthoritiesContent>,
    ) -> Result<Wish, ServiceError> {
        if base_in_force(scene.transaction)? == row.base {
            return Ok(Wish::Waits);
        }
        let detail = "Another amendment came into force in the meantime, so the shown changes are no longer correct; make the \
                      amendment again.";
        Err(ServiceError::Changed(detail.to_owned()))
    }

    fn take(
        &self,
        scene: &mut Scene<'_, '_>,
        row: &mut AuthorityAmendmentRow,
        taken: &Taken<'_, AuthoritiesContent>,
    ) -> Result<(), ServiceError> {
        let state = match taken.step {
            Step::Approve => ProposalState::Approved,
            Step::Decline => ProposalState::Declined,
            // Nobody can propose it again, because another table is in force than the one it was made from.
            Step::Withdraw if base_in_force(scene.transaction)? != row.base => ProposalState::Superseded,
            Step::Propose | Step::Withdraw => return Ok(()),
        };
        if taken.step == Step::Approve {
            bring_into_force(scene.transaction, row)?;
            pass_over_others(scene.transaction, row)?;
        }
        row.state = state;
        scene.transaction.settle_authority_amendment(row.id, state).map_err(ServiceError::Store)
    }
}

/// Marks every other waiting amendment without a pending proposal as superseded: it was made from a table that is no longer in force.
fn pass_over_others(transaction: &mut Transaction<'_>, row: &AuthorityAmendmentRow) -> Result<(), ServiceError> {
    let waiting = transaction.conn().authority_amendments(Some(ProposalState::Pending), "", i64::MAX)?;
    let others: Vec<AuthorityAmendmentId> = waiting.into_iter().map(|other| other.id).filter(|id| *id != row.id).collect();
    let ids: Vec<String> = others.iter().map(ToString::to_string).collect();
    let proposals = last(transaction.conn(), ProposalKind::Authorities, &ids, None)?;
    let is_proposed = |id: &String| proposals.get(id).is_some_and(Proposal::is_pending);
    for (other, _) in others.into_iter().zip(&ids).filter(|(_, id)| !is_proposed(id)) {
        transaction.settle_authority_amendment(other, ProposalState::Superseded)?;
    }
    Ok(())
}

fn bring_into_force(transaction: &mut Transaction<'_>, row: &AuthorityAmendmentRow) -> Result<(), ServiceError> {
    let table = parse(row.body.as_bytes(), AUTHORITIES).map_err(ServiceError::unreadable("table of authorities"))?;
    let older = transaction.conn().document_at(AUTHORITIES, i64::MAX)?.map(|older| older.observed_on);
    // The newest version is that of the latest day, whatever the clock says.
    let today = transaction.now().date();
    let observed_on = older.map_or(today, |older| older.max(today));
    let document = DocumentRow {
        kind: AUTHORITIES.to_owned(),
        version: KnownAuthorities::version(observed_on, &row.digest),
        observed_on,
        source: row.source.clone(),
        digest: row.digest.clone(),
        body: row.body.clone(),
        seq_from: 0,
    };
    let records = u64::try_from(table.entries().count()).unwrap_or(u64::MAX);
    transaction.record(document_change(&document, records), vec![Edit::AddDocument(document)]);
    Ok(())
}

/// Imports the rows that waited for an authority which is known now. Called after an approval, and by a job, in case the process died
/// between the two.
///
/// # Errors
/// `ServiceError::Store`, `Directory`.
pub fn settle_waiting_rows(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let reports = settle_held_rows(registry.store(), now, rng).map_err(|error| match error {
        ImportError::Store(error) => ServiceError::Store(error),
        other => ServiceError::Failed(Box::new(other)),
    })?;
    for report in &reports {
        tracing::info!(rows = report.taken, records = report.new, "rows of {} that waited were imported", report.file);
    }
    let Some(report) = reports.last() else { return Ok(()) };
    search_after_import(registry.store(), &report.file, now, rng);
    registry.know_before_telling()
}
