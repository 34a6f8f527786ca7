//! The second person's decision about a looser policy. It names the digest of what it approves, so that nobody approves what was
//! changed since.
//!
//! Source: design, "Four eyes cannot be faked".

use std::sync::Arc;

use serde_json::json;

use super::activate::Ground;
use super::{PolicyStep, missing};
use crate::service::precheck::policy_choice::find;
use crate::service::{Act, Deed, Identity, Page, Registry, Reply, ServiceError, check_two_people, read_actor};
use vasp_record::role::UserKind;
use vasp_rules::policy::{Policy, PolicyReference};
use vasp_store::{PENDING_PROPOSAL, PolicyProposalRow, StoreError, Transaction};
use vasp_words::time::UtcTime;

/// A looser policy that waits for a second person, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProposal {
    /// Id.
    pub id: String,
    /// The policy, `name@version`; none: the registry's default.
    pub policy: Option<String>,
    /// Where it is looser than what counted.
    pub looser: Vec<String>,
    /// Digest of exactly what is proposed.
    pub digest: String,
    /// Why.
    pub reason: String,
    /// `pending`, `approved`, `declined`, or `superseded` by another wish.
    pub state: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: UtcTime,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<UtcTime>,
}

impl TryFrom<PolicyProposalRow> for PolicyProposal {
    type Error = ServiceError;
    fn try_from(row: PolicyProposalRow) -> Result<Self, ServiceError> {
        let wrong = |column| StoreError::Inconsistent { table: "policy_proposals", column, id: row.id.clone() };
        let at = |micros: i64| UtcTime::from_micros(micros).map_err(|_| wrong("at"));
        Ok(Self {
            policy: row.name.as_ref().zip(row.version).map(|(name, version)| format!("{name}@{version}")),
            looser: serde_json::from_str(&row.looser).map_err(|_| wrong("looser"))?,
            proposed_at: at(row.proposed_at)?,
            decided_at: row.decided_at.map(at).transpose()?,
            id: row.id,
            digest: row.digest,
            reason: row.reason,
            state: row.state,
            proposed_by: row.proposed_by,
            decided_by: row.decided_by,
        })
    }
}

/// Lists what was proposed in the caller's organisation, oldest first.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_policy_proposals(
    registry: &Registry,
    identity: &Identity,
    (after, limit): (&str, usize),
) -> Result<Page<PolicyProposal, String>, ServiceError> {
    let (organisation, wanted) = (identity.organisation.to_string(), Page::wanted(limit));
    let rows = registry.store().read::<_, StoreError>(|conn| conn.policy_proposals(&organisation, after, wanted))?;
    let items = rows.into_iter().map(PolicyProposal::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(items.into_iter(), limit, |item| item.id.clone()))
}

/// Puts in force what another person proposed.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where it does not wait any more, `Changed` where what counts is another than it was
/// proposed on, `SamePerson`, `Forbidden` for a program; what [`Act::run`] returns.
pub fn approve_policy(act: Act<'_, PolicyStep>, id: &str, digest: &str) -> Result<Reply, ServiceError> {
    let shipped = Arc::clone(&act.registry.pin(act.now).documents().policy.value);
    act.run_privately("policy.approve", |transaction, identity| {
        let ground = Ground::lock(transaction, identity, &shipped)?;
        let row = waiting(transaction, identity, id)?;
        refuse_machine(transaction, identity)?;
        let proposer = read_actor(&row.proposed_by, Some(&row.proposed_with))?;
        check_two_people(transaction.conn(), proposer, identity)?;
        let own = proposed(&ground, &row)?;
        let target = own.as_ref().unwrap_or(&ground.shipped);
        if digest != row.digest || ground.digest(target) != row.digest {
            let detail = "This is not what was proposed, or what it was proposed on was changed since; read it again.";
            return Err(ServiceError::Changed(detail.to_owned()));
        }
        ground.put_in_force(transaction, own.as_deref())?;
        let details = json!({"proposal": row.id, "policy": target.to_string(), "proposed_by": row.proposed_by});
        let proposal = settle(transaction, identity, row, "approved")?;
        Ok(Deed::new(PolicyStep { in_force: Arc::clone(target), proposal: Some(proposal) }, id, details))
    })
}

/// Declines what was proposed. Whoever proposed it may also think again.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where it does not wait any more; what [`Act::run`] returns.
pub fn decline_policy(act: Act<'_, PolicyStep>, id: &str, reason: &str) -> Result<Reply, ServiceError> {
    let shipped = Arc::clone(&act.registry.pin(act.now).documents().policy.value);
    act.run_privately("policy.decline", |transaction, identity| {
        let ground = Ground::lock(transaction, identity, &shipped)?;
        let row = waiting(transaction, identity, id)?;
        let details = json!({"proposal": row.id, "reason": reason});
        let proposal = settle(transaction, identity, row, "declined")?;
        Ok(Deed::new(PolicyStep { in_force: Arc::clone(ground.in_force()), proposal: Some(proposal) }, id, details))
    })
}

fn proposed(ground: &Ground, row: &PolicyProposalRow) -> Result<Option<Arc<Policy>>, ServiceError> {
    let Some((name, version)) = row.name.as_ref().zip(row.version) else { return Ok(None) };
    let wrong = || StoreError::Inconsistent { table: "policy_proposals", column: "name", id: row.id.clone() };
    let wanted: PolicyReference = format!("{name}@{version}").parse().map_err(|_| wrong())?;
    find(&ground.shipped, &ground.state.policies, &wanted).cloned().map(Some).ok_or_else(|| missing(&wanted))
}

fn waiting(transaction: &mut Transaction<'_>, identity: &Identity, id: &str) -> Result<PolicyProposalRow, ServiceError> {
    let missing = || ServiceError::NotFound("There is no such proposal.".to_owned());
    let row = transaction.conn().policy_proposal(id)?.filter(|row| row.organisation == identity.organisation.to_string());
    let row = row.ok_or_else(missing)?;
    if row.state == PENDING_PROPOSAL {
        Ok(row)
    } else {
        Err(ServiceError::IllegalStep(format!("The proposal does not wait any more: it is {}.", row.state)))
    }
}

/// What takes two people takes people.
fn refuse_machine(transaction: &mut Transaction<'_>, identity: &Identity) -> Result<(), ServiceError> {
    let user = transaction.conn().user(&identity.user.to_string())?;
    if user.is_some_and(|user| user.kind == UserKind::Person.as_str()) {
        return Ok(());
    }
    Err(ServiceError::Forbidden("A program is no second person: somebody approves it with credentials of their own.".to_owned()))
}

fn settle(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    row: PolicyProposalRow,
    state: &str,
) -> Result<PolicyProposal, ServiceError> {
    let now = Some(transaction.now().micros());
    let row = PolicyProposalRow { state: state.to_owned(), decided_by: Some(identity.user.to_string()), decided_at: now, ..row };
    transaction.settle_policy_proposal(&row)?;
    row.try_into()
}
