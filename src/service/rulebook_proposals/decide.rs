//! Two people approve exactly what was proposed, or one declines it.

use serde_json::json;

use super::proposal_digest;
use super::read::{RulebookProposal, RulebookProposalState, missing};
use crate::service::import_documents::document_change;
use crate::service::member::check_text;
use crate::service::{Act, Deed, Identity, Reply, ServiceError, check_two_people, read_actor};
use vasp_rules::rulebook::Rulebook;
use vasp_store::{DocumentRow, Edit, RulebookProposalRow, Transaction};
use vasp_words::ids::RulebookProposalId;

/// Approves a proposal by its digest: the first person's word is kept, with the second's it comes into force.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where it waits no more, `SamePerson`, `Changed` where the digest is another or another
/// rulebook came into force since; what [`Act::run`] returns.
pub fn approve_rulebook(act: Act<'_, RulebookProposal>, id: RulebookProposalId, approved: &str) -> Result<Reply, ServiceError> {
    act.run("rulebook.approve", |transaction, identity| {
        let row = waiting(transaction, id)?;
        if proposal_digest(&row) != approved {
            let detail = "This digest stands for another proposal; read it again.";
            return Err(ServiceError::Changed(detail.to_owned()));
        }
        let base = transaction.conn().document_at("rulebook", i64::MAX)?.map(|base| base.digest);
        if base.as_ref() != Some(&row.base) {
            let detail = "Another rulebook came into force since, so that this would change something else than what it shows: \
                          decline it and import it again.";
            return Err(ServiceError::Changed(detail.to_owned()));
        }
        let now = transaction.now().micros();
        let (by, with) = (identity.user.to_string(), identity.credential.to_string());
        let row = match &row.first_by {
            None => RulebookProposalRow { first_by: Some(by), first_with: Some(with), first_at: Some(now), ..row },
            Some(first) => {
                check_two_people(transaction.conn(), read_actor(first, row.first_with.as_deref())?, identity)?;
                bring_into_force(transaction, &row)?;
                let state = RulebookProposalState::Approved.as_str().to_owned();
                RulebookProposalRow { state, decided_by: Some(by), decided_at: Some(now), ..row }
            }
        };
        settle(transaction, row)
    })
}

/// Declines a proposal that waits; whoever approved it first may also think again.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where it waits no more, `Invalid` for a reason that is none; what [`Act::run`] returns.
pub fn decline_rulebook(act: Act<'_, RulebookProposal>, id: RulebookProposalId, reason: &str) -> Result<Reply, ServiceError> {
    check_text("/reason", reason)?;
    act.run("rulebook.decline", |transaction, identity: &Identity| {
        let row = waiting(transaction, id)?;
        let row = RulebookProposalRow {
            state: RulebookProposalState::Declined.as_str().to_owned(),
            decided_by: Some(identity.user.to_string()),
            decided_at: Some(transaction.now().micros()),
            reason: Some(reason.to_owned()),
            ..row
        };
        settle(transaction, row)
    })
}

/// Returns a proposal that waits. Whoever decides comes one after the other: the lock on credentials is taken first.
fn waiting(transaction: &mut Transaction<'_>, id: RulebookProposalId) -> Result<RulebookProposalRow, ServiceError> {
    transaction.lock_credentials()?;
    let row = transaction.conn().rulebook_proposal(&id.to_string())?.ok_or_else(missing)?;
    if row.state != RulebookProposalState::Pending.as_str() {
        return Err(ServiceError::IllegalStep(format!("The proposal does not wait any more: it is {}.", row.state)));
    }
    Ok(row)
}

fn bring_into_force(transaction: &mut Transaction<'_>, row: &RulebookProposalRow) -> Result<(), ServiceError> {
    let unreadable = |error: String| ServiceError::Unreadable { what: "proposed rulebook", reason: error };
    let rulebook = Rulebook::from_json(&row.body).map_err(|error| unreadable(error.to_string()))?;
    let document = DocumentRow {
        kind: "rulebook".to_owned(),
        version: row.version.clone(),
        observed_on: row.observed_on.clone(),
        source: row.source.clone(),
        digest: row.digest.clone(),
        body: row.body.clone(),
        seq_from: 0,
    };
    let records = u64::try_from(rulebook.jurisdictions().count()).unwrap_or(u64::MAX);
    transaction.record(document_change(&document, records)?, vec![Edit::AddDocument(document)]);
    Ok(())
}

fn settle(transaction: &mut Transaction<'_>, row: RulebookProposalRow) -> Result<Deed<RulebookProposal>, ServiceError> {
    if !transaction.move_rulebook_proposal(&row)? {
        return Err(ServiceError::Changed("The proposal was decided meanwhile.".to_owned()));
    }
    let details = json!({"version": row.version, "state": row.state, "proposal_digest": proposal_digest(&row)});
    let id = row.id.clone();
    Ok(Deed::new(row.try_into()?, id, details))
}
