//! The checks `travel_rule_due_diligence` and `correspondent_due_diligence`: the asking organisation's decision about the
//! counterparty, and whether the transfer complies with it. A missing decision or statement is never a pass.

use super::super::due_diligence::{DueDiligenceStatus, StatusClass};
use super::super::obligations::{CorrespondentDuty, CounterpartyDiligence, MaxAmount, TravelRuleDuty};
use super::super::policy::CorrespondentTrigger;
use super::super::relationship::{Applying, Needed, Standing, Terms, Track, TrackStanding, missing_of};
use super::super::rulebook::Flow;
use super::facts_missing::{Missing, answer};
use super::relationship_codes::{CORRESPONDENT, Codes, TRAVEL_RULE};
use super::relationship_terms::{RelationshipTransfer, terms_of};
use super::{CheckCode, CheckResult, Condition, Counterparty, Evidence, PrecheckInput};
use vasp_words::ids::VaspId;
use vasp_words::text::Text;
use vasp_words::time::{Date, UtcTime};

/// The facts of the two checks.
#[derive(Clone, Debug)]
pub struct RelationshipFacts<'a> {
    /// The decisions about the counterparty by the organisation that has the duty.
    pub standing: Standing<'a>,
    /// The transfer that is compared with the decisions.
    pub transfer: RelationshipTransfer,
    /// What the asker's own rule requires.
    pub duty: CounterpartyDiligence,
    /// The cap that the asker's own rule sets for this transfer.
    pub cap: Option<MaxAmount>,
    /// Whether the answer may show the organisation's texts. An asker that acts for the organisation by delegation may not see them.
    pub shows_texts: bool,
}

/// The state of one track, for the answer's `due_diligence`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackAnswer {
    /// The status on the day.
    pub status: DueDiligenceStatus,
    /// The time of the decision.
    pub completed_at: Option<UtcTime>,
    /// The last day on which an approval is valid.
    pub review_due: Option<Date>,
    /// What is missing from the file.
    pub missing: Vec<Needed>,
    /// The group for which it was decided, if there is no decision for the counterparty itself.
    pub inherited_from: Option<VaspId>,
}

/// The codes and texts of one track.
pub(super) struct TrackWords {
    pub track: Track,
    pub codes: Codes,
    pub missing: Missing,
}

/// One finding of a check, with its sentence.
pub(super) type Finding = (CheckCode, Text);

/// Answers the check `travel_rule_due_diligence`.
pub(super) fn travel_rule(input: &PrecheckInput<'_>) -> CheckResult {
    checked(&TRAVEL_RULE, input)
}

/// Answers the check `correspondent_due_diligence`.
pub(super) fn correspondent(input: &PrecheckInput<'_>) -> CheckResult {
    checked(&CORRESPONDENT, input)
}

/// Returns the conditions from the organisation's own decisions, without those that are known to be met.
pub(super) fn conditions(input: &PrecheckInput<'_>) -> Vec<Condition> {
    if !has_object(input) {
        return vec![];
    }
    let tracks = Track::ALL.into_iter().filter(|track| object(*track, input).is_none());
    let mut conditions: Vec<Condition> = vec![];
    for condition in tracks.flat_map(|track| terms_of(words_of(track), input).conditions) {
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    conditions
}

/// Returns the state of a track, for the answer.
pub(super) fn answer_of(track: Track, input: &PrecheckInput<'_>) -> TrackAnswer {
    let (standing, day) = (input.relationship.standing.track(track), day_of(input));
    let deciding = standing.deciding(track, day);
    let decision = deciding.map(|one| one.relationship.track(track));
    let missing = match deciding {
        Some(one) => one.relationship.missing(track, input.policy.relationships(), day),
        None => {
            [Needed::Decision].into_iter().chain(missing_of(track, &Terms::default(), input.policy.relationships())).collect()
        }
    };
    TrackAnswer {
        status: standing.status_on(track, day),
        completed_at: decision.and_then(|decision| decision.decided_at),
        review_due: decision.and_then(|decision| decision.review_due),
        missing: if has_object(input) { missing } else { vec![] },
        inherited_from: deciding.and_then(|one| one.inherited_from),
    }
}

/// Returns the day on which a decision has to be valid: the transfer's day, or today if that is later. Nobody can thus move a
/// transfer's date back before a review date, or forward past one.
pub(super) fn day_of(input: &PrecheckInput<'_>) -> Date {
    input.date.max(input.now.date())
}

/// Returns whether there is a legal entity to examine; the asker itself needs no examination.
fn has_object(input: &PrecheckInput<'_>) -> bool {
    matches!(input.attribution.counterparty, Counterparty::Entity(_)) && !input.attribution.is_asker
}

fn words_of(track: Track) -> &'static TrackWords {
    match track {
        Track::TravelRule => &TRAVEL_RULE,
        Track::Correspondent => &CORRESPONDENT,
    }
}

fn checked(words: &TrackWords, input: &PrecheckInput<'_>) -> CheckResult {
    if !matches!(input.attribution.counterparty, Counterparty::Entity(_)) {
        return answer(&words.missing, input);
    }
    if let Some((code, detail)) = object(words.track, input) {
        return CheckResult::new(code, detail, vec![Evidence::directory(input.now)]);
    }
    let standing = input.relationship.standing.track(words.track);
    let mut findings = by_status(words, standing, input);
    findings.extend(terms_of(words, input).findings);
    findings.sort_by_key(|(code, _)| code.outcome());
    findings.dedup();
    let evidence: Vec<Evidence> =
        standing.applying.iter().map(|one| Evidence::relationship(one.relationship, words.track)).collect();
    let evidence = if evidence.is_empty() { vec![Evidence::directory(input.now)] } else { evidence };
    CheckResult::of_findings(findings, words.codes.not_started, evidence)
}

/// Returns why a correspondent check does not apply, or why it cannot tell whether it applies; `None` if there is something to check.
///
/// Source: docs/relationships.md, "Effect on pre-checks".
fn object(track: Track, input: &PrecheckInput<'_>) -> Option<Finding> {
    if input.attribution.is_asker {
        let code = match track {
            Track::TravelRule => CheckCode::TravelRuleSameEntity,
            Track::Correspondent => CheckCode::CorrespondentSameEntity,
        };
        return Some((code, "The counterparty is the asker itself.".into()));
    }
    if track == Track::TravelRule {
        return None;
    }
    let facts = input.relationship;
    let status = facts.standing.correspondent.status_on(track, day_of(input));
    let counts = match (facts.transfer.correspondent, input.policy.relationships().correspondent_trigger) {
        (Some(said), _) => Some(said),
        (None, CorrespondentTrigger::Always) => Some(true),
        (None, CorrespondentTrigger::OnRecord) => (status != DueDiligenceStatus::NotStarted).then_some(true),
        (None, CorrespondentTrigger::Undetermined) => None,
    };
    let out_of_scope = facts.duty.correspondent == CorrespondentDuty::NotApplicable;
    match counts {
        Some(false) if input.own.owed().flow == Flow::CrossBorder => {
            let detail = "According to the request, the transfer uses no correspondent relationship.";
            Some((CheckCode::CorrespondentAskerSaysNo, detail.into()))
        }
        Some(false) => {
            Some((CheckCode::CorrespondentNotCorrespondent, "The transfer uses no correspondent relationship.".into()))
        }
        // The organisation's own refusal applies, whatever the rule requires.
        Some(true) if !out_of_scope || status.class() == StatusClass::Closed => None,
        Some(true) => {
            let detail = "The asker's own rule does not require correspondent due diligence for this counterparty.";
            Some((CheckCode::CorrespondentOutOfScope, detail.into()))
        }
        // A closed relationship remains closed, whatever the request leaves out.
        None if status.class() == StatusClass::Closed => None,
        None => {
            let detail =
                "The request does not say whether the transfer uses a correspondent relationship (transfer.correspondent).";
            Some((CheckCode::CorrespondentUndetermined, detail.into()))
        }
    }
}

/// Returns the findings about the decision.
fn by_status(words: &TrackWords, standing: &TrackStanding<'_>, input: &PrecheckInput<'_>) -> Vec<Finding> {
    let (track, codes, day) = (words.track, &words.codes, day_of(input));
    let status = standing.status_on(track, day);
    let deciding = standing.deciding(track, day);
    let lapsed = deciding.and_then(|one| one.relationship.track(track).lapsed.as_deref());
    let mut findings = vec![match lapsed.filter(|_| status == DueDiligenceStatus::Expired) {
        // Only this track is approved by rules.
        Some(why) => {
            (CheckCode::TravelRuleLeftRule, format!("It was approved by a rule, which covers it no more: {why}.").into())
        }
        None => (codes.of(status), sentence(words, status, deciding)),
    }];
    if status.class() == StatusClass::Undecided
        && track == Track::TravelRule
        && input.relationship.duty.travel_rule == TravelRuleDuty::Yes
    {
        let detail = "The asker's own rule requires it before data or assets are sent.";
        findings.push((CheckCode::TravelRuleRequiredNotDone, detail.into()));
    }
    if let Some(one) = deciding.filter(|_| status.is_approval()) {
        if one.inherited_from.is_some() {
            if track == Track::TravelRule && input.relationship.duty.travel_rule == TravelRuleDuty::Yes {
                let detail = "The asker's own rule requires it for this legal entity.";
                findings.push((CheckCode::TravelRuleRequiredNotDone, detail.into()));
            }
            let detail =
                "The approval is for the group, not for this legal entity. Each counterparty must be examined separately.";
            findings.push((codes.approved_for_group, detail.into()));
        }
        let due = one.relationship.track(track).review_due;
        let soon = i64::from(input.policy.relationships().review_warning_days);
        if let Some(due) = due.filter(|due| due.days_since(day) <= soon) {
            findings.push((codes.review_due_soon, format!("The approval must be reviewed by {due}.").into()));
        }
    }
    let worse = standing.set_aside.iter().map(|one| one.relationship.track(track).status_on(day));
    if let Some(worst) = worse.min().filter(|worst| worst.class() == StatusClass::Closed && status.is_approval()) {
        findings.push((codes.group_stands_worse, format!("The status of its group is `{}`.", worst.as_str()).into()));
    }
    findings.extend(failures(words, standing, input));
    findings
}

fn failures(words: &TrackWords, standing: &TrackStanding<'_>, input: &PrecheckInput<'_>) -> Option<Finding> {
    let limit = input.policy.relationships().repeated_failures;
    let worst = standing.applying.iter().map(|one| one.relationship.failures(input.now.date(), limit.within_days)).max()?;
    let detail = format!("{worst} exchanges with the counterparty failed within {} days.", limit.within_days);
    (worst > 0 && worst >= usize::from(limit.warn_from)).then_some((words.codes.repeated_failures, detail.into()))
}

fn sentence(words: &TrackWords, status: DueDiligenceStatus, deciding: Option<Applying<'_>>) -> Text {
    let name = match words.track {
        Track::TravelRule => "Counterparty due diligence (FATF R.16)",
        Track::Correspondent => "Correspondent due diligence (FATF R.13)",
    };
    let other = match deciding {
        Some(Applying { inherited_from: Some(_), .. }) => Some("its group"),
        Some(Applying { merged_from: Some(_), .. }) => Some("a record that was merged into this one"),
        _ => None,
    };
    let on = other.map_or_else(String::new, |other| format!(" on {other}"));
    let with = other.unwrap_or("the counterparty");
    let decided_at = deciding.and_then(|one| one.relationship.track(words.track).decided_at);
    let day = decided_at.map_or_else(String::new, |at| format!(" on {}", at.date()));
    let text = match status {
        DueDiligenceStatus::NotStarted => return words.missing.detail.into(),
        DueDiligenceStatus::InProgress => format!("{name}{on} is in progress."),
        DueDiligenceStatus::Approved => format!("{name}{on} was approved{day}."),
        DueDiligenceStatus::ApprovedWithConditions => format!("{name}{on} was approved with conditions{day}."),
        DueDiligenceStatus::Expired => format!("{name}{on} was approved{day}, but its review is overdue."),
        DueDiligenceStatus::Suspended => format!("The asking organisation suspended the relationship with {with}{day}."),
        DueDiligenceStatus::Terminated => format!("The asking organisation terminated the relationship with {with}{day}."),
        DueDiligenceStatus::Refused => format!("The asking organisation refused to deal with {with}."),
    };
    text.into()
}
