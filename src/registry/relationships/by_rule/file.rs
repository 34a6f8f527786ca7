//! The rules of an organisation during a write: read from the rows under the lock of private changes, and written as the next version.

use super::super::Ground;
use super::super::file::Cabinet;
use super::coverage::Coverage;
use super::judge::{Judge, OwnersFrom};
use crate::acts::sealed_traces::seal_content;
use crate::directory::open_sealed;
use crate::node::ServiceError;
use vasp_pki::DataKey;
use vasp_rules::approval_rule::{Approval, ApprovalRule, Left};
use vasp_rules::screening::OwnDecision;
use vasp_store::{ApprovalRuleRow, HitDecisionRow, SealedRow, Transaction};
use vasp_words::ids::{ApprovalRuleId, OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// All rules and relationships of one organisation, held until the end of the transaction.
pub(crate) struct RuleFile {
    rules: Vec<ApprovalRule>,
    /// The revision that began each rule, in the same order.
    began: Vec<i64>,
    own: Vec<OwnDecision>,
    pub(super) cabinet: Cabinet,
    pub(super) now: UtcTime,
}

impl RuleFile {
    /// Opens them. From here on, private changes of all organisations wait until this transaction ends.
    pub(super) fn open(
        transaction: &mut Transaction<'_>,
        organisation: OrganisationId,
        key: &DataKey,
        ground: &Ground<'_>,
    ) -> Result<Self, ServiceError> {
        let cabinet = Cabinet::open(transaction, organisation, key)?;
        let rows = ApprovalRuleRow::current_at(transaction.conn(), organisation, cabinet.revision)?;
        let rules = rows.iter().map(|row| open_sealed::<ApprovalRule>(key, row)).collect::<Result<Vec<_>, _>>()?;
        let decisions = HitDecisionRow::current_at(transaction.conn(), organisation, cabinet.revision)?;
        let own = decisions.iter().map(|row| open_sealed::<OwnDecision>(key, row)).collect::<Result<Vec<_>, _>>()?;
        let began = rows.iter().map(|row| row.revision_from).collect();
        let now = transaction.now();
        let mut held = Self { rules, began, own, cabinet, now };
        held.cabinet = held.cabinet.marked(&held.judge(ground))?;
        Ok(held)
    }

    /// Returns a rule; `None` if two people never approved it.
    pub(super) fn rule(&self, id: ApprovalRuleId) -> Option<&ApprovalRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    pub(super) fn judge<'a>(&'a self, ground: &'a Ground<'_>) -> Judge<'a> {
        Judge {
            registry: ground.registry,
            owners: OwnersFrom::AnswersInForce,
            rules: &self.rules,
            own: &self.own,
            generation: &ground.generation,
            screening: ground.policy.screening(),
            day: self.now.date(),
        }
    }

    /// Returns whom an approval covers besides the members of the rule, if there is one.
    pub(super) fn coverage(
        &self,
        approval: &Approval,
        reason: &str,
        id: ApprovalRuleId,
        ground: &Ground<'_>,
        vasp: Option<VaspId>,
    ) -> Result<Coverage, ServiceError> {
        Coverage::of(approval, reason, self.rule(id), &self.judge(ground), ground, self.cabinet.all(), vasp)
    }

    /// Writes the next version of a rule.
    pub(super) fn write(
        &self,
        transaction: &mut Transaction<'_>,
        key: &DataKey,
        next: &ApprovalRule,
    ) -> Result<(), ServiceError> {
        let Cabinet { revision, organisation, .. } = self.cabinet;
        let place = self.rules.iter().position(|rule| rule.id == next.id);
        let ended = place.and_then(|place| self.began.get(place)).copied();
        let sealed = seal_content(key, next, &next.id, revision, transaction.conn_and_rng().1)?;
        let row = ApprovalRuleRow { id: next.id, revision_from: revision, organisation, revision_to: None, sealed };
        Ok(row.replace(transaction, ended.as_slice())?)
    }
}

/// Returns the members of a rule that left it: those who left `earlier`, and those who do not meet it now.
pub(super) fn leavers(rule: &ApprovalRule, judge: &Judge<'_>, earlier: &[Left], at: UtcTime) -> Result<Vec<Left>, ServiceError> {
    let mut left: Vec<Left> = vec![];
    for vasp in rule.members.iter().copied() {
        match earlier.iter().find(|left| left.vasp == vasp) {
            Some(earlier) => left.push(earlier.clone()),
            None => left.extend(judge.unmet(&rule.approval.criteria, vasp)?.map(|why| Left { vasp, at, why })),
        }
    }
    Ok(left)
}
