//! The decision of two people about a rule: whom it approves now, as a list that both saw. The same decision admits firms that meet a rule
//! later; then the registry proposes, and two people sign.

use serde::{Deserialize, Serialize};

use super::super::Ground;
use super::super::decide::carry_out;
use super::coverage::{CoveredFirm, FirmGround, LeftOutFirm, blank, ids};
use super::file::RuleFile;
use crate::acts::Act;
use crate::node::ServiceError;
use crate::proposals::{Decision, Scene, Step, Taken};
use vasp_pki::DataKey;
use vasp_record::proposal::ProposalKind;
use vasp_rules::approval_rule::{Approval, ApprovalRule, Criteria};
use vasp_rules::relationship::{Event, Made, Terms, TrackChange};
use vasp_words::ids::{ApprovalRuleId, VaspId};

/// A decision about a rule, of a caller's organisation.
pub(crate) struct RuleDecision<'a> {
    pub(super) ground: Ground<'a>,
    pub(super) id: ApprovalRuleId,
    pub(super) key: DataKey,
    /// The organisation's own VASP, which no rule covers.
    pub(super) vasp: Option<VaspId>,
}

/// What is proposed: the rule, and whom it approves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleContent {
    pub(super) criteria: Criteria,
    pub(super) travel_rule: TrackChange,
    pub(super) terms: Option<Terms>,
    /// Why the rule was proposed first.
    pub(super) reason: String,
    /// The firms that get the decision, in order of name.
    pub(super) covers: Vec<CoveredFirm>,
    /// The firms of the rule's kind that do not get it.
    pub(super) left_out: Vec<LeftOutFirm>,
}

impl RuleContent {
    pub(super) fn approval(&self) -> Approval {
        let Self { criteria, travel_rule, terms, .. } = self.clone();
        Approval { criteria, travel_rule, terms }
    }
}

impl<'a> RuleDecision<'a> {
    /// Makes a decision about a rule.
    ///
    /// # Errors
    /// `ServiceError::Key`, `Directory`.
    pub(crate) fn of<T>(act: &mut Act<'a, T>, id: ApprovalRuleId) -> Result<Self, ServiceError> {
        let key = act.data_key()?;
        let ground = Ground::of(act.registry, act.registry.pin(act.now), act.identity.organisation)?;
        Ok(Self { ground, id, key, vasp: act.identity.vasp })
    }

    /// Returns the content of the first proposal of a rule.
    ///
    /// # Errors
    /// `ServiceError::Invalid` if the approval is wrong whomever it covers.
    pub(super) fn begun(&self, held: &RuleFile, approval: Approval, reason: &str) -> Result<RuleContent, ServiceError> {
        approval.check(&self.ground.generation.documents().authorities.value.table)?;
        // A decision that would be refused about everybody, such as one with a review that is due too late.
        let of_nobody = blank(VaspId::first_at(held.now), held.now);
        approval.change(reason).check(&of_nobody, self.ground.rules(), held.now.date())?;
        self.content(held, approval, reason)
    }

    /// Returns the content of a proposal: whom an approval covers now.
    pub(super) fn content(&self, held: &RuleFile, approval: Approval, reason: &str) -> Result<RuleContent, ServiceError> {
        let coverage = held.coverage(&approval, reason, self.id, &self.ground, self.vasp)?;
        let Approval { criteria, travel_rule, terms } = approval;
        let (covers, left_out) = (coverage.covers, coverage.left_out);
        Ok(RuleContent { criteria, travel_rule, terms, reason: reason.to_owned(), covers, left_out })
    }

    /// Gives every firm of the list the ordinary decision, and writes the rule with its new members.
    fn approve(&self, scene: &mut Scene<'_, '_>, held: &RuleFile, taken: &Taken<'_, RuleContent>) -> Result<(), ServiceError> {
        let Some(proposal) = taken.proposal else { return Ok(()) };
        let content = taken.content;
        let (approval, by) = (content.approval(), vec![proposal.proposed_by, scene.identity.user]);
        let change = approval.change(&content.reason);
        for firm in &content.covers {
            let place = (self.ground.records(), firm.vasp);
            let mut file = held.cabinet.file(scene.transaction, scene.identity.user, place);
            let reason = Some(content.reason.clone());
            let made = Made { event: Event::Approved, at: held.now, by: scene.identity.user, reason };
            carry_out(&self.ground, &self.key, scene, &mut file, (&change, by.clone()), made, Some(self.id))?;
        }
        let begun = || ApprovalRule {
            id: self.id,
            approval,
            reason: content.reason.clone(),
            decided_at: held.now,
            decided_by: by,
            members: vec![],
            left: vec![],
            set_aside: vec![],
            ended: None,
        };
        let mut next = held.rule(self.id).cloned().unwrap_or_else(begun);
        next.admit(&ids(&content.covers));
        held.write(scene.transaction, &self.key, &next)
    }

    /// Notes whom people did not admit to a rule, so that they are not proposed again.
    fn set_aside(&self, scene: &mut Scene<'_, '_>, held: &RuleFile, content: &RuleContent) -> Result<(), ServiceError> {
        let Some(rule) = held.rule(self.id) else { return Ok(()) };
        let mut next = rule.clone();
        next.set_aside.extend(ids(&content.covers));
        next.set_aside.sort_unstable();
        next.set_aside.dedup();
        held.write(scene.transaction, &self.key, &next)
    }
}

impl Decision for RuleDecision<'_> {
    const KIND: ProposalKind = ProposalKind::ApprovalRule;
    const IS_PRIVATE: bool = true;
    type Content = RuleContent;
    type Ground = Vec<FirmGround>;
    type Held = RuleFile;

    fn key(&self) -> Option<&DataKey> {
        Some(&self.key)
    }

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<RuleFile, ServiceError> {
        let held = RuleFile::open(scene.transaction, scene.identity.organisation, &self.key, &self.ground)?;
        match held.rule(self.id).and_then(|rule| rule.ended.as_ref()) {
            Some(end) => Err(ServiceError::IllegalStep(format!("The rule was ended on {}.", end.at.date()))),
            None => Ok(held),
        }
    }

    fn subject(&self, _: &RuleFile) -> String {
        self.id.to_string()
    }

    fn says(&self, held: &RuleFile, content: &RuleContent) -> String {
        let what = if held.rule(self.id).is_some() { "who newly meets the rule" } else { "by a rule" };
        let names: Vec<&str> = content.covers.iter().map(|firm| firm.legal_name.as_str()).collect();
        let whom = if names.is_empty() { "nobody yet".to_owned() } else { names.join("; ") };
        let (rule, left_out) = (content.approval().says(), content.left_out.len());
        let of = content.covers.len();
        format!("Approve {what} ({rule}): {of} for the Travel Rule, {left_out} of that kind left out. Covered: {whom}.")
    }

    /// Whom the rule covers now; so a change of the list after the proposal goes unnoticed by nobody.
    fn ground(&self, _: &mut Scene<'_, '_>, held: &RuleFile, content: &RuleContent) -> Result<Vec<FirmGround>, ServiceError> {
        Ok(held.coverage(&content.approval(), &content.reason, self.id, &self.ground, self.vasp)?.ground)
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut RuleFile, taken: &Taken<'_, RuleContent>) -> Result<(), ServiceError> {
        match taken.step {
            Step::Propose => Ok(()),
            Step::Approve => self.approve(scene, held, taken),
            Step::Decline | Step::Withdraw => self.set_aside(scene, held, taken.content),
        }
    }
}
