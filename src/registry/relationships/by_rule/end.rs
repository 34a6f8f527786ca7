//! Ends a rule: at once, with one person, because it takes approvals away.

use serde_json::json;

use super::super::Ground;
use super::file::RuleFile;
use super::read::ApprovalRuleView;
use crate::acts::{Act, Deed, Reply};
use crate::node::ServiceError;
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_rules::approval_rule::RuleEnd;
use vasp_words::ids::ApprovalRuleId;

/// Ends a rule. Whomever it approved is approved no more; a waiting proposal about it is superseded.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if it ended already; and those of [`Act::run`].
pub(crate) fn end_rule(act: Act<'_, ApprovalRuleView>, id: ApprovalRuleId, reason: &Reason) -> Result<Reply, ServiceError> {
    let organisation = act.identity.organisation;
    let key = act.registry.data_key(organisation, act.now, act.rng)?;
    let ground = Ground::of(act.registry, act.registry.pin(act.now), organisation)?;
    act.run_privately("approval_rule.end", |transaction, identity| {
        let held = RuleFile::open(transaction, organisation, &key, &ground)?;
        let mut next = held.rule(id).cloned().ok_or_else(missing)?;
        if let Some(end) = &next.ended {
            return Err(ServiceError::IllegalStep(format!("The rule was ended on {} already.", end.at.date())));
        }
        next.ended = Some(RuleEnd { at: held.now, by: identity.user, reason: reason.to_string() });
        held.write(transaction, &key, &next)?;
        transaction.supersede_proposal(ProposalKind::ApprovalRule, &id.to_string())?;
        let details = json!({"members": next.members, "reason": reason});
        Ok(Deed::new(ApprovalRuleView::of(&next, &held.judge(&ground), held.cabinet.all())?, id, details))
    })
}

pub(super) fn missing() -> ServiceError {
    ServiceError::NotFound("There is no such approval rule.".to_owned())
}
