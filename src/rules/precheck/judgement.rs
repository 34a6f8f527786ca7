//! The results of the checks and what the policy makes of them: recommendation, reasons worst first, conditions.

use std::collections::BTreeMap;

use super::super::obligations::WalletVerification;
use super::super::policy::{ConditionCode, ConditionWhen, PolicyCondition, Recommendation};
use super::super::relationship::Track;
use super::super::rulebook::TravelRuleStatus;
use super::{CheckCode, CheckName, CheckOutcome, Evidence, PrecheckInput, TrackAnswer, relationship};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// The finding; it fixes check and outcome.
    pub code: CheckCode,
    /// Lesser findings of the same check: the policy's lines for them count too.
    pub also: Vec<CheckCode>,
    /// A sentence for people, one for each finding.
    pub detail: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

/// Why the recommendation is not `proceed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What the policy makes of this finding.
    pub recommendation: Recommendation,
    /// The finding.
    pub code: CheckCode,
    /// One sentence for people.
    pub detail: String,
}

/// What has to be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Which.
    pub code: ConditionCode,
    /// One sentence for people.
    pub detail: String,
}

/// The answer of a pre-check, before it is rendered, signed and recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrecheckOutcome {
    /// The worst over the policy's table.
    pub recommendation: Recommendation,
    /// Whether any check is unknown.
    pub incomplete: bool,
    /// Findings worse than `proceed`, worst first.
    pub reasons: Vec<Reason>,
    /// The thirteen checks, in the order of the contract.
    pub checks: Vec<CheckResult>,
    /// What has to be met.
    pub conditions: Vec<Condition>,
    /// Where the organisation's FATF R.16 due diligence stands.
    pub travel_rule: TrackAnswer,
    /// Where its FATF R.13 due diligence stands.
    pub correspondent: TrackAnswer,
    /// The legal entity, if one is settled.
    pub counterparty: Option<VaspId>,
    /// Who it may be instead.
    pub counterparty_candidates: Vec<VaspId>,
}

impl CheckResult {
    pub(super) fn new(code: CheckCode, detail: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Self { code, also: vec![], detail: detail.into(), evidence }
    }

    pub(super) fn with(self, also: Vec<CheckCode>) -> Self {
        Self { also, ..self }
    }

    /// Returns every finding, that which speaks for the check first.
    pub fn codes(&self) -> impl Iterator<Item = CheckCode> {
        std::iter::once(self.code).chain(self.also.iter().copied())
    }

    /// Returns the check.
    #[must_use]
    pub fn check(&self) -> CheckName {
        self.code.check()
    }

    /// Returns the outcome.
    #[must_use]
    pub fn outcome(&self) -> CheckOutcome {
        self.code.outcome()
    }
}

impl PrecheckOutcome {
    /// Returns when the first fact used stops holding, if one does after `now`.
    #[must_use]
    pub fn earliest_expiry(&self, now: UtcTime) -> Option<UtcTime> {
        let ends = self.checks.iter().flat_map(|check| &check.evidence).filter_map(|evidence| evidence.valid_until);
        ends.filter(|end| *end > now).min()
    }
}

/// Applies the policy to the results of all checks.
pub(super) fn judge(checks: Vec<CheckResult>, input: &PrecheckInput<'_>) -> PrecheckOutcome {
    let recommend =
        |result: &CheckResult| result.codes().map(|code| input.policy.recommend(code)).min().unwrap_or(Recommendation::Hold);
    let mut reasons: Vec<Reason> = checks
        .iter()
        .map(|result| Reason { recommendation: recommend(result), code: result.code, detail: result.detail.clone() })
        .filter(|reason| reason.recommendation < Recommendation::Proceed)
        .collect();
    reasons.sort_by_key(|reason| (reason.recommendation, reason.code.outcome(), reason.code.check()));
    PrecheckOutcome {
        recommendation: checks.iter().map(recommend).min().unwrap_or(Recommendation::Hold),
        incomplete: checks.iter().any(|result| result.outcome() == CheckOutcome::Unknown),
        reasons,
        conditions: conditions(&checks, input),
        travel_rule: relationship::answer_of(Track::TravelRule, input),
        correspondent: relationship::answer_of(Track::Correspondent, input),
        checks,
        counterparty: input.attribution.entity().map(|vasp| vasp.id),
        counterparty_candidates: input.attribution.candidates().iter().map(|vasp| vasp.record.id).collect(),
    }
}

/// Tells whether the originator's rule asks anything today: one that is only proposed or adopted does not, and one that is not
/// on record may.
fn binds(status: TravelRuleStatus) -> bool {
    matches!(status, TravelRuleStatus::InForce | TravelRuleStatus::Grace | TravelRuleStatus::Unknown)
}

/// The conditions of every line that fits, each once, with everything that the lines say of it.
fn conditions(checks: &[CheckResult], input: &PrecheckInput<'_>) -> Vec<Condition> {
    let asks = if binds(input.own_side.status) { input.own_side.self_hosted_verification } else { WalletVerification::No };
    let detail = |condition: &PolicyCondition| match (condition.when, asks) {
        (ConditionWhen::Always, _) | (ConditionWhen::ARuleAsks, WalletVerification::Yes) => Some(condition.detail.clone()),
        (ConditionWhen::ARuleAsks, WalletVerification::Unknown) => {
            Some(format!("{} Whether it does for this transfer could not be established.", condition.detail))
        }
        (ConditionWhen::ARuleAsks, WalletVerification::No) => None,
    };
    let fitting = checks.iter().flat_map(CheckResult::codes).flat_map(|code| input.policy.lines_for(code));
    let told = fitting.flat_map(|line| &line.conditions).filter_map(|condition| Some((condition.code, detail(condition)?)));
    let mut once: BTreeMap<ConditionCode, Vec<String>> = BTreeMap::new();
    for (code, detail) in told {
        let details = once.entry(code).or_default();
        if !details.contains(&detail) {
            details.push(detail);
        }
    }
    let by_policy = once.into_iter().map(|(code, details)| Condition { code, detail: details.join(" ") });
    by_policy.chain(relationship::conditions(input)).collect()
}
