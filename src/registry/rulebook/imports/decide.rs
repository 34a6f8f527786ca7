//! Two people put a new rulebook in force: exactly the proposed text, replacing exactly the rulebook that it was compared with.

use serde::{Deserialize, Serialize};

use super::read::missing;
use crate::imported::document_change;
use crate::node::ServiceError;
use crate::proposals::{Decision, Proposal, Scene, Step, Taken, Wish, last};
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_rules::rulebook::Rulebook;
use vasp_store::{DocumentRow, Edit, RulebookImportRow, Transaction};
use vasp_words::ids::RulebookImportId;
use vasp_words::time::Date;

/// The content of a proposal: a rulebook text, identified by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulebookContent {
    /// The version in the rulebook's file.
    pub version: String,
    /// SHA-256 of the text, in hex.
    pub sha256: String,
    /// The day that the rulebook's facts are from.
    pub observed_on: Date,
}

/// The rulebook in force that the new one would replace, by its digest.
#[derive(Debug, Serialize)]
pub struct RulebookGround {
    in_force: Option<String>,
}

/// A decision about an imported rulebook.
#[derive(Debug)]
pub struct RulebookDecision(pub RulebookImportId);

impl RulebookDecision {
    /// Returns the proposal's content for an imported rulebook.
    #[must_use]
    pub fn content(row: &RulebookImportRow) -> RulebookContent {
        RulebookContent { version: row.version.clone(), sha256: hex::encode(&row.digest), observed_on: row.observed_on }
    }
}

impl Decision for RulebookDecision {
    const KIND: ProposalKind = ProposalKind::Rulebook;
    type Content = RulebookContent;
    type Ground = RulebookGround;
    type Held = RulebookImportRow;

    /// Returns a rulebook that waits. First takes the lock on credentials, so that decisions run one after the other.
    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<RulebookImportRow, ServiceError> {
        scene.transaction.lock_credentials()?;
        let row = scene.transaction.conn().rulebook_import(self.0)?.ok_or_else(missing)?;
        if row.state != ProposalState::Pending {
            return Err(ServiceError::IllegalStep(format!("The rulebook no longer waits for a decision: it is {}.", row.state)));
        }
        Ok(row)
    }

    fn subject(&self, row: &RulebookImportRow) -> String {
        row.id.to_string()
    }

    fn says(&self, row: &RulebookImportRow, _: &RulebookContent) -> String {
        format!("Put the rulebook {} of {} ({}) in force.", row.version, row.observed_on, row.source)
    }

    fn ground(
        &self,
        scene: &mut Scene<'_, '_>,
        _: &RulebookImportRow,
        _: &RulebookContent,
    ) -> Result<RulebookGround, ServiceError> {
        let in_force = scene.transaction.conn().document_at("rulebook", i64::MAX)?;
        Ok(RulebookGround { in_force: in_force.map(|base| hex::encode(base.digest)) })
    }

    fn consider(
        &self,
        scene: &mut Scene<'_, '_>,
        row: &mut RulebookImportRow,
        _: &Taken<'_, RulebookContent>,
    ) -> Result<Wish, ServiceError> {
        if base_in_force(scene.transaction)?.as_ref() == Some(&row.base) {
            return Ok(Wish::Waits);
        }
        let detail = "Another rulebook came into force in the meantime, so the shown changes are no longer correct; import the \
                      rulebook again.";
        Err(ServiceError::Changed(detail.to_owned()))
    }

    fn take(
        &self,
        scene: &mut Scene<'_, '_>,
        row: &mut RulebookImportRow,
        taken: &Taken<'_, RulebookContent>,
    ) -> Result<(), ServiceError> {
        let state = match taken.step {
            Step::Approve => ProposalState::Approved,
            Step::Decline => ProposalState::Declined,
            // Nobody can propose it again, because another rulebook is in force than the one it was compared with.
            Step::Withdraw if base_in_force(scene.transaction)?.as_ref() != Some(&row.base) => ProposalState::Superseded,
            Step::Propose | Step::Withdraw => return Ok(()),
        };
        if taken.step == Step::Approve {
            bring_into_force(scene.transaction, row)?;
            pass_over_others(scene.transaction, row)?;
        }
        row.state = state;
        scene.transaction.settle_rulebook_import(row.id, state).map_err(ServiceError::Store)
    }
}

/// Marks every other waiting import without a pending proposal as superseded. Each was compared with a rulebook that is no longer in
/// force, so nobody can propose it any more. An import with a pending proposal can still be declined or withdrawn.
fn pass_over_others(transaction: &mut Transaction<'_>, row: &RulebookImportRow) -> Result<(), ServiceError> {
    let waiting = transaction.conn().rulebook_imports(Some(ProposalState::Pending), "", i64::MAX)?;
    let others: Vec<RulebookImportId> = waiting.into_iter().map(|other| other.id).filter(|id| *id != row.id).collect();
    let ids: Vec<String> = others.iter().map(ToString::to_string).collect();
    let proposals = last(transaction.conn(), ProposalKind::Rulebook, &ids, None)?;
    let is_proposed = |id: &String| proposals.get(id).is_some_and(Proposal::is_pending);
    for (other, _) in others.into_iter().zip(&ids).filter(|(_, id)| !is_proposed(id)) {
        transaction.settle_rulebook_import(other, ProposalState::Superseded)?;
    }
    Ok(())
}

fn base_in_force(transaction: &mut Transaction<'_>) -> Result<Option<Vec<u8>>, ServiceError> {
    Ok(transaction.conn().document_at("rulebook", i64::MAX)?.map(|base| base.digest))
}

fn bring_into_force(transaction: &mut Transaction<'_>, row: &RulebookImportRow) -> Result<(), ServiceError> {
    let rulebook = Rulebook::from_json(&row.body).map_err(ServiceError::unreadable("proposed rulebook"))?;
    let document = DocumentRow {
        kind: "rulebook".to_owned(),
        version: row.version.clone(),
        observed_on: row.observed_on,
        source: row.source.clone(),
        digest: row.digest.clone(),
        body: row.body.clone(),
        seq_from: 0,
    };
    let records = u64::try_from(rulebook.jurisdictions().count()).unwrap_or(u64::MAX);
    transaction.record(document_change(&document, records), vec![Edit::AddDocument(document)]);
    Ok(())
}
