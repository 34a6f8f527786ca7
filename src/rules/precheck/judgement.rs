//! The results of the checks and what the policy makes of them: recommendation, reasons worst first, conditions, next steps and notes. A
//! cause is told once, with the checks that it silences.
//!
//! Source: wire contract, "Conditions and next steps".

use std::borrow::Cow;

use super::super::policy::{
    Actor, AskedBy, Before, Circumstances, ConditionCode, Consequence, MetBy, PolicyCondition, PolicyRule, Recommendation,
    StepCode,
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
use vasp_words::time::UtcTime;

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// The finding; it fixes check and outcome.
    pub code: CheckCode,
    /// Lesser findings of the same check: the policy's lines for them count too.
    pub also: Vec<CheckCode>,
    /// What people read: the sentences of the findings, as far as they fit.
    pub detail: String,
    /// The sentence of each finding that has one of its own.
    pub sentences: Vec<(CheckCode, String)>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

/// Why the recommendation is not `proceed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What the policy makes of this finding.
    pub consequence: Consequence,
    /// The finding.
    pub code: CheckCode,
    /// One sentence for people.
    pub detail: String,
    /// Checks that cannot be answered because of this finding.
    pub silenced: Vec<CheckName>,
    /// Whether only the asker's compliance people may see it, so that nobody warns the customer.
    pub confidential: bool,
}

/// What has to be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Which.
    pub code: ConditionCode,
    /// One sentence for people.
    pub detail: String,
    /// Before what.
    pub before: Before,
    /// Who acts.
    pub fulfilled_by: Actor,
    /// Where the registry would see it done.
    pub met_by: MetBy,
    /// Fields of data that it is about.
    pub fields: Vec<FieldCode>,
    /// Sources or lists that it is about.
    pub sources: Vec<String>,
    /// What asks for it.
    pub asked_by: Asks,
}

/// What would lead on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// Which.
    pub code: StepCode,
    /// One sentence for people.
    pub detail: String,
}

/// A finding from which nothing follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The finding.
    pub code: CheckCode,
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
    /// What has to be met; at least one of `proceed_with_conditions`, none of `reject`.
    pub conditions: Vec<Condition>,
    /// What would lead on; at least one of `hold` and `reject`.
    pub next_steps: Vec<NextStep>,
    /// What somebody should know.
    pub notes: Vec<Note>,
    /// What was so beside the findings.
    pub circumstances: Circumstances,
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
        Self { code, also: vec![], detail: sentences::clipped(detail.into()).into_owned(), sentences: vec![], evidence }
    }

    /// A result of several findings, that which speaks first; `otherwise` where there is none.
    pub(super) fn of_findings(findings: Vec<(CheckCode, String)>, otherwise: CheckCode, evidence: Vec<Evidence>) -> Self {
        let code = findings.first().map_or(otherwise, |(code, _)| *code);
        let mut also: Vec<CheckCode> = findings.iter().skip(1).map(|(code, _)| *code).collect();
        also.retain(|lesser| *lesser != code);
        also.dedup();
        let detail = sentences::joined(findings.iter().map(|(_, detail)| detail));
        Self { code, also, detail, sentences: findings, evidence }
    }

    /// Returns what people read about one of its findings.
    fn detail_of(&self, code: CheckCode) -> Cow<'_, str> {
        if self.sentences.is_empty() {
            return Cow::Borrowed(&self.detail);
        }
        let mut own = self.sentences.iter().filter(|(of, _)| *of == code).map(|(_, sentence)| sentence).peekable();
        match own.next() {
            None => Cow::Borrowed(&self.detail),
            Some(only) if own.peek().is_none() => sentences::clipped(only),
            Some(first) => Cow::Owned(sentences::joined(std::iter::once(first).chain(own))),
        }
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

/// One finding with what the policy makes of it.
struct Judged<'a> {
    code: CheckCode,
    detail: Cow<'a, str>,
    fields: &'a [FieldCode],
    consequence: Consequence,
    line: Option<&'a PolicyRule>,
}

/// Applies the policy to the results of all checks and to what was found about the transfer itself.
pub(super) fn judge(checks: Vec<CheckResult>, of_transfer: &[TransferFinding], input: &PrecheckInput<'_>) -> PrecheckOutcome {
    let so = circumstances(input);
    let cause = cause(&checks, input);
    let own = relationship::conditions(input);
    let of_checks = checks.iter().flat_map(|check| check.codes().map(move |code| (code, check.detail_of(code), [].as_slice())));
    let of_transfer = of_transfer.iter().map(|found| (found.code, Cow::Borrowed(found.detail.as_str()), found.fields.as_slice()));
    let told = of_checks.chain(of_transfer).filter(|(code, ..)| cause.is_none() || !code.is_silenced());
    let judged = told.map(|(code, detail, fields)| {
        let line = input.policy.line_for(code, so);
        let consequence = line.map_or(Consequence::Hold, |line| line.consequence);
        // What the asker agreed with the counterparty is a condition, whatever the policy makes of the finding that says so.
        let consequence =
            if code.tells_of_terms() && !own.is_empty() { consequence.min(Consequence::Condition) } else { consequence };
        Judged { code, detail, fields, consequence, line }
    });
    let judged: Vec<Judged<'_>> = judged.collect();
    let terms = if own.is_empty() { Recommendation::Proceed } else { Recommendation::ProceedWithConditions };
    let worst = judged.iter().map(|one| one.consequence.recommendation()).min().unwrap_or(Recommendation::Hold);
    let recommendation = worst.min(terms);
    // Nothing that is met lets a rejected transfer go on.
    let conditions = if recommendation == Recommendation::Reject { vec![] } else { conditions(&judged, own, input) };
    let (reasons, next_steps, notes) = (reasons(&judged, cause, &checks), next_steps(&judged), notes(&judged));
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
}

/// The finding because of which no legal entity is known: who the party is, where it is one, else whose the address is.
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

/// One for each check against which something stands, the worst first.
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
        // Each finding about the transfer has a sentence of its own; those of a check share one.
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

/// The words of the finding's check, unless its own sentence found no room there.
fn told(one: &Judged<'_>, checks: &[CheckResult]) -> String {
    let of_check = checks.iter().find(|check| check.check() == one.code.check()).map(|check| &check.detail);
    of_check.filter(|detail| sentences::tells(detail, &one.detail)).cloned().unwrap_or_else(|| one.detail.to_string())
}

/// Whether telling the customer may be tipping off: what is listed, and whatever may have to be reported.
fn is_confidential(one: &Judged<'_>) -> bool {
    let reports = |step: &StepCode| matches!(step, StepCode::FreezeAndReport | StepCode::ConsiderReport);
    one.code.check() == CheckName::Sanctions && one.consequence == Consequence::Reject
        || one.line.is_some_and(|line| line.next_steps.iter().any(|step| reports(&step.code)))
}

/// The conditions of every line that decided, each once for whoever asks, then those of the asking organisation's own decisions.
fn conditions(judged: &[Judged<'_>], own: Vec<Condition>, input: &PrecheckInput<'_>) -> Vec<Condition> {
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
        let sources = if asked.code == ConditionCode::ScreenYourself { sanctions::not_covered(input) } else { vec![] };
        let of_data = matches!(asked.code, ConditionCode::ProvideMissingData | ConditionCode::MissingDataAction);
        let fields = if of_data { one.fields.to_vec() } else { vec![] };
        let same = |known: &&mut Condition| {
            known.code == asked.code && known.asked_by == asked_by && sentences::has_room(&known.detail, &asked.detail)
        };
        match found.iter_mut().find(same) {
            Some(known) => known.detail = sentences::joined([&known.detail, &asked.detail]),
            None => {
                let made = condition(asked, (asked_by, fields, sources), input.own.incoming);
                // Proofs in the request count for an address that nobody is known to own, and for no other.
                let by_proofs =
                    asked.code == ConditionCode::ProofOfControl && one.code == CheckCode::AttributionSelfHostedUnconfirmed;
                found.push(if by_proofs { Condition { met_by: MetBy::Request, ..made } } else { made });
            }
        }
    }
    found.sort_by_key(|condition| condition.code);
    found.into_iter().chain(own).collect()
}

fn condition(
    asked: &PolicyCondition,
    (asked_by, fields, sources): (Asks, Vec<FieldCode>, Vec<String>),
    incoming: bool,
) -> Condition {
    let usual = Condition::new(asked.code, asked.detail.clone(), asked_by, incoming);
    Condition { fields, sources, fulfilled_by: asked.fulfilled_by.unwrap_or(usual.fulfilled_by), ..usual }
}

fn next_steps(judged: &[Judged<'_>]) -> Vec<NextStep> {
    let mut by_worst: Vec<&Judged<'_>> = judged.iter().collect();
    by_worst.sort_by_key(|one| one.consequence);
    let mut steps: Vec<NextStep> = vec![];
    for step in by_worst.into_iter().filter_map(|one| one.line).flat_map(|line| &line.next_steps) {
        let same = |known: &&mut NextStep| known.code == step.code && sentences::has_room(&known.detail, &step.detail);
        match steps.iter_mut().find(same) {
            Some(known) => known.detail = sentences::joined([&known.detail, &step.detail]),
            None => steps.push(NextStep { code: step.code, detail: step.detail.clone() }),
        }
    }
    steps
}

fn notes(judged: &[Judged<'_>]) -> Vec<Note> {
    let noted = judged.iter().filter(|one| one.consequence == Consequence::Note);
    noted.map(|one| Note { code: one.code, detail: one.detail.to_string() }).collect()
}

impl Condition {
    /// Tells whether the relationship asks for it, or the cap of the asker's own rule, and not a line of the policy.
    #[must_use]
    pub fn is_of_terms(&self) -> bool {
        self.asked_by == Asks::Relationship || self.code == ConditionCode::MaxAmount
    }

    pub(super) fn new(code: ConditionCode, detail: String, asked_by: Asks, incoming: bool) -> Self {
        let before = if incoming { Before::Credit } else { code.before() };
        let (fulfilled_by, met_by) = (code.fulfilled_by(), code.met_by());
        Self { code, detail, before, fulfilled_by, met_by, fields: vec![], sources: vec![], asked_by }
    }
}
