//! The results of the checks and what the policy makes of them: the recommendation, the reasons (worst first), conditions, next
//! steps and notes. A cause is reported once, together with the checks that it silences.
//!
//! Source: docs/policies.md; docs/prechecks.md, "What to do with an answer".

use super::super::policy::{
    Actor, AskedBy, Before, Circumstances, ConditionCode, Consequence, MetBy, PolicyCondition, PolicyRule, QuestionMember,
    Recommendation, StepCode,
};
use super::super::relationship::Track;
use super::super::rulebook::FieldCode;
use super::circumstances::circumstances;
use super::transfer::TransferFinding;
use super::{
    Asks, CheckCode, CheckName, CheckOutcome, Counterparty, Evidence, PrecheckInput, TrackAnswer, relationship, sanctions,
    sentences,
};
use vasp_words::ids::VaspId;
use vasp_words::text::Text;
use vasp_words::time::UtcTime;

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// The finding; it determines the check and the outcome.
    pub code: CheckCode,
    /// Lesser findings of the same check. The policy's lines for them also apply.
    pub also: Vec<CheckCode>,
    /// The text for people: the sentences of the findings, as far as they fit.
    pub detail: Text,
    /// The sentence of each finding that has one of its own.
    pub sentences: Vec<(CheckCode, Text)>,
    /// The sources on which the result rests.
    pub evidence: Vec<Evidence>,
}

/// Why the recommendation is not `proceed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The consequence that the policy assigns to this finding.
    pub consequence: Consequence,
    /// The finding.
    pub code: CheckCode,
    /// One sentence for people.
    pub detail: Text,
    /// Checks that cannot be answered because of this finding.
    pub silenced: Vec<CheckName>,
    /// Whether only the asker's compliance staff may see the reason, so that nobody warns the customer.
    pub confidential: bool,
}

/// A condition that has to be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The kind of condition.
    pub code: ConditionCode,
    /// One sentence for people.
    pub detail: Text,
    /// The event before which the condition has to be met.
    pub before: Before,
    /// Who acts.
    pub fulfilled_by: Actor,
    /// The place where the registry could see that the condition is met.
    pub met_by: MetBy,
    /// The data fields that the condition is about.
    pub fields: Vec<FieldCode>,
    /// The sources or lists that the condition is about.
    pub sources: Vec<Text>,
    /// The members of the question that the condition asks for.
    pub asks: Vec<QuestionMember>,
    /// What requires the condition.
    pub asked_by: Asks,
}

/// A step that could change the recommendation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// The kind of step.
    pub code: StepCode,
    /// One sentence for people.
    pub detail: Text,
    /// The members of the question that the step asks for.
    pub asks: Vec<QuestionMember>,
}

/// A finding without consequences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The finding.
    pub code: CheckCode,
    /// One sentence for people.
    pub detail: Text,
    /// The binding screening lists that the note is about.
    pub lists: Vec<Text>,
}

/// The answer of a pre-check, before it is rendered, signed and recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrecheckOutcome {
    /// The worst recommendation of all findings by the policy's table.
    pub recommendation: Recommendation,
    /// Whether any check's outcome is `unknown`.
    pub incomplete: bool,
    /// Findings worse than `proceed`, worst first.
    pub reasons: Vec<Reason>,
    /// The thirteen checks, in the order of `CheckName`.
    pub checks: Vec<CheckResult>,
    /// The conditions to meet: at least one for `proceed_with_conditions`, none for `reject`.
    pub conditions: Vec<Condition>,
    /// The possible next steps: at least one for `hold` and `reject`.
    pub next_steps: Vec<NextStep>,
    /// Findings that somebody should know about.
    pub notes: Vec<Note>,
    /// The circumstances of the transfer, in addition to the findings.
    pub circumstances: Circumstances,
    /// The state of the organisation's FATF R.16 due diligence.
    pub travel_rule: TrackAnswer,
    /// The state of the organisation's FATF R.13 due diligence.
    pub correspondent: TrackAnswer,
    /// The legal entity, if one is settled.
    pub counterparty: Option<VaspId>,
    /// The legal entities that it may be instead.
    pub counterparty_candidates: Vec<VaspId>,
}

impl CheckResult {
    pub(super) fn new(code: CheckCode, detail: impl Into<Text>, evidence: Vec<Evidence>) -> Self {
        Self { code, also: vec![], detail: sentences::clipped(detail.into()), sentences: vec![], evidence }
    }

    /// Returns a result of several findings; the first one is the check's code. Without findings the code is `otherwise`.
    pub(super) fn of_findings(findings: Vec<(CheckCode, Text)>, otherwise: CheckCode, evidence: Vec<Evidence>) -> Self {
        let code = findings.first().map_or(otherwise, |(code, _)| *code);
        let mut also: Vec<CheckCode> = findings.iter().skip(1).map(|(code, _)| *code).collect();
        also.retain(|lesser| *lesser != code);
        also.dedup();
        let detail = match findings.as_slice() {
            [(_, only)] => sentences::clipped(only.clone()),
            all => sentences::joined(all.iter().map(|(_, detail)| detail)),
        };
        Self { code, also, detail, sentences: findings, evidence }
    }

    /// Returns the text about one of the result's findings.
    fn detail_of(&self, code: CheckCode) -> Text {
        if self.sentences.is_empty() {
            return self.detail.clone();
        }
        let mut own = self.sentences.iter().filter(|(of, _)| *of == code).map(|(_, sentence)| sentence).peekable();
        match own.next() {
            None => self.detail.clone(),
            Some(only) if own.peek().is_none() => sentences::clipped(only.clone()),
            Some(first) => sentences::joined(std::iter::once(first).chain(own)),
        }
    }

    pub(super) fn with(self, also: Vec<CheckCode>) -> Self {
        Self { also, ..self }
    }

    /// Returns every finding, the check's main finding first.
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
    /// Returns when the first of the used facts expires, if one expires after `now`.
    #[must_use]
    pub fn earliest_expiry(&self, now: UtcTime) -> Option<UtcTime> {
        let ends = self.checks.iter().flat_map(|check| &check.evidence).filter_map(|evidence| evidence.valid_until);
        ends.filter(|end| *end > now).min()
    }
}

/// One finding with the policy's judgement of it.
struct Judged<'a> {
    code: CheckCode,
    detail: Text,
    fields: &'a [FieldCode],
    consequence: Consequence,
    line: Option<&'a PolicyRule>,
}

/// Applies the policy to the results of all checks and to the findings about the transfer itself.
pub(super) fn judge(
    checks: Vec<CheckResult>,
    of_transfer: &[TransferFinding],
    input: &PrecheckInput<'_>,
    binding: &sanctions::Binding<'_>,
) -> PrecheckOutcome {
    let so = circumstances(input);
    let cause = cause(&checks, input);
    let own = relationship::conditions(input);
    let of_checks = checks.iter().flat_map(|check| check.codes().map(move |code| (code, check.detail_of(code), [].as_slice())));
    let of_transfer = of_transfer.iter().map(|found| (found.code, found.detail.clone(), found.fields.as_slice()));
    let told = of_checks.chain(of_transfer).filter(|(code, ..)| cause.is_none() || !code.is_silenced());
    let judged = told.map(|(code, detail, fields)| {
        let line = input.policy.line_for(code, so);
        let consequence = line.map_or(Consequence::Hold, |line| line.consequence);
        // A term agreed with the counterparty is always a condition, whatever the policy makes of the finding that reports it.
        let consequence =
            if code.tells_of_terms() && !own.is_empty() { consequence.min(Consequence::Condition) } else { consequence };
        Judged { code, detail, fields, consequence, line }
    });
    let judged: Vec<Judged<'_>> = judged.collect();
    let terms = if own.is_empty() { Recommendation::Proceed } else { Recommendation::ProceedWithConditions };
    let worst = judged.iter().map(|one| one.consequence.recommendation()).min().unwrap_or(Recommendation::Hold);
    let recommendation = worst.min(terms);
    // No condition can make a rejected transfer acceptable.
    let conditions = if recommendation == Recommendation::Reject { vec![] } else { conditions(&judged, own, input, binding) };
    let (reasons, next_steps, notes) =
        (reasons(&judged, cause, &checks), next_steps(&judged, recommendation), notes(&judged, input, binding));
    PrecheckOutcome {
        recommendation,
        incomplete: checks.iter().any(|result| result.outcome() == CheckOutcome::Unknown),
        reasons,
        conditions,
        next_steps,
        notes,
        circumstances: so,
        travel_rule: relationship::answer_of(Track::TravelRule, input),
        correspondent: relationship::answer_of(Track::Correspondent, input),
        counterparty: input.attribution.entity().map(|vasp| vasp.id),
        counterparty_candidates: input.attribution.candidates().iter().map(|vasp| vasp.record.id).collect(),
        checks,
    }
    .asking_for_the_rest(input)
}

/// Returns the finding that explains why no legal entity is known: the identity finding for a party, otherwise the attribution finding.
fn cause(checks: &[CheckResult], input: &PrecheckInput<'_>) -> Option<CheckCode> {
    let of = |name: CheckName| checks.iter().find(|check| check.check() == name).map(|check| check.code);
    match input.attribution.counterparty {
        Counterparty::Party { .. } => of(CheckName::Identity),
        Counterparty::Nobody { .. } if of(CheckName::Identity) == Some(CheckCode::IdentityUnknownVasp) => {
            Some(CheckCode::IdentityUnknownVasp)
        }
        Counterparty::Nobody { .. } => of(CheckName::Attribution).filter(|code| code.outcome() != CheckOutcome::NotApplicable),
        Counterparty::Entity(_) | Counterparty::SelfHosted => None,
    }
}

/// Returns one reason for each check with an adverse finding, worst first.
fn reasons(judged: &[Judged<'_>], cause: Option<CheckCode>, checks: &[CheckResult]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = vec![];
    for one in judged.iter().filter(|one| one.consequence < Consequence::Note) {
        let silenced = if cause == Some(one.code) {
            checks.iter().filter(|check| check.codes().all(CheckCode::is_silenced)).map(CheckResult::check).collect()
        } else {
            vec![]
        };
        let reason = Reason {
            consequence: one.consequence,
            code: one.code,
            detail: told(one, checks),
            silenced,
            confidential: is_confidential(one),
        };
        // Each finding about the transfer has a sentence of its own; the findings of a check share one.
        let of_check = |known: &&mut Reason| known.code.check() == one.code.check() && one.code.check() != CheckName::Transfer;
        match reasons.iter_mut().find(of_check) {
            Some(known) if known.consequence <= reason.consequence => {}
            Some(known) => *known = reason,
            None => reasons.push(reason),
        }
    }
    reasons.sort_by_key(|reason| (reason.consequence, reason.code.outcome(), reason.code.check()));
    reasons
}

/// Returns the text of the finding's check, or the finding's own sentence if the check's text does not contain it.
fn told(one: &Judged<'_>, checks: &[CheckResult]) -> Text {
    let of_check = checks.iter().find(|check| check.check() == one.code.check()).map(|check| &check.detail);
    of_check.filter(|detail| sentences::tells(detail, &one.detail)).cloned().unwrap_or_else(|| one.detail.clone())
}

/// Returns whether telling the customer could be tipping off: sanctions matches, also those that people have yet to decide on, and anything
/// that may have to be reported.
fn is_confidential(one: &Judged<'_>) -> bool {
    let reports = |step: &StepCode| matches!(step, StepCode::FreezeAndReport | StepCode::ConsiderReport | StepCode::DecideHit);
    one.code.check() == CheckName::Sanctions && one.consequence == Consequence::Reject
        || one.line.is_some_and(|line| line.next_steps.iter().any(|step| reports(&step.code)))
}

/// Returns the conditions of every deciding policy line, each once per source that requires it. The conditions of the asking
/// organisation's own decisions follow.
fn conditions(
    judged: &[Judged<'_>],
    own: Vec<Condition>,
    input: &PrecheckInput<'_>,
    binding: &sanctions::Binding<'_>,
) -> Vec<Condition> {
    let mut found: Vec<Condition> = vec![];
    for (asked, one) in judged
        .iter()
        .filter_map(|one| Some((one.line?, one)))
        .flat_map(|(line, one)| line.conditions.iter().map(move |asked| (asked, one)))
    {
        let asked_by = match asked.asked_by {
            AskedBy::Policy => Asks::Policy(input.policy.to_string()),
            AskedBy::Rule => Asks::by_rule(asked.code, one.code.check(), input),
        };
        let sources = if asked.code == ConditionCode::ScreenYourself { sanctions::not_covered(input, binding) } else { vec![] };
        let of_data = matches!(asked.code, ConditionCode::ProvideMissingData | ConditionCode::MissingDataAction);
        let fields = if of_data { one.fields.to_vec() } else { vec![] };
        let same = |known: &&mut Condition| {
            known.code == asked.code && known.asked_by == asked_by && sentences::has_room(&known.detail, &asked.detail)
        };
        match found.iter_mut().find(same) {
            Some(known) => {
                known.detail = sentences::joined([&known.detail, &asked.detail]);
                add_missing(&mut known.asks, &asked.asks);
            }
            None => {
                let made = condition(asked, asked_by, fields, sources, input.own.incoming);
                // Proofs in the request are accepted only for an address without a known owner.
                let by_proofs =
                    asked.code == ConditionCode::ProofOfControl && one.code == CheckCode::AttributionSelfHostedUnconfirmed;
                found.push(if by_proofs { Condition { met_by: MetBy::Request, ..made } } else { made });
            }
        }
    }
    found.sort_by_key(|condition| condition.code);
    found.into_iter().chain(own).collect()
}

fn condition(asked: &PolicyCondition, asked_by: Asks, fields: Vec<FieldCode>, sources: Vec<Text>, incoming: bool) -> Condition {
    let usual = Condition::new(asked.code, asked.detail.clone(), asked_by, incoming);
    Condition {
        fields,
        sources,
        asks: asked.asks.clone(),
        fulfilled_by: asked.fulfilled_by.unwrap_or(usual.fulfilled_by),
        ..usual
    }
}

fn next_steps(judged: &[Judged<'_>], recommendation: Recommendation) -> Vec<NextStep> {
    let mut by_worst: Vec<&Judged<'_>> = judged.iter().collect();
    by_worst.sort_by_key(|one| one.consequence);
    // No answer to another question can make a rejected transfer acceptable.
    by_worst.retain(|one| recommendation != Recommendation::Reject || one.consequence == Consequence::Reject);
    let mut steps: Vec<NextStep> = vec![];
    for step in by_worst.into_iter().filter_map(|one| one.line).flat_map(|line| &line.next_steps) {
        let same = |known: &&mut NextStep| known.code == step.code && sentences::has_room(&known.detail, &step.detail);
        match steps.iter_mut().find(same) {
            Some(known) => {
                known.detail = sentences::joined([&known.detail, &step.detail]);
                add_missing(&mut known.asks, &step.asks);
            }
            None => steps.push(NextStep { code: step.code, detail: step.detail.clone(), asks: step.asks.clone() }),
        }
    }
    steps
}

fn add_missing(known: &mut Vec<QuestionMember>, others: &[QuestionMember]) {
    let missing: Vec<QuestionMember> = others.iter().copied().filter(|one| !known.contains(one)).collect();
    known.extend(missing);
}

fn notes(judged: &[Judged<'_>], input: &PrecheckInput<'_>, binding: &sanctions::Binding<'_>) -> Vec<Note> {
    let noted = judged.iter().filter(|one| one.consequence == Consequence::Note);
    let note = |one: &Judged<'_>| Note {
        code: one.code,
        detail: one.detail.clone(),
        lists: sanctions::lacking_by(one.code, input, binding),
    };
    noted.map(note).collect()
}

impl Condition {
    /// Returns whether the condition comes from the relationship or from the cap of the asker's own rule, not from a policy line.
    #[must_use]
    pub fn is_of_terms(&self) -> bool {
        self.asked_by == Asks::Relationship || self.code == ConditionCode::MaxAmount
    }

    pub(super) fn new(code: ConditionCode, detail: Text, asked_by: Asks, incoming: bool) -> Self {
        let before = if incoming { Before::Credit } else { code.before() };
        let (fulfilled_by, met_by) = (code.fulfilled_by(), code.met_by());
        Self { code, detail, before, fulfilled_by, met_by, fields: vec![], sources: vec![], asks: vec![], asked_by }
    }
}
