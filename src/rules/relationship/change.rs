//! A change of a relationship: the allowed steps, the checks of a change, whether it loosens anything (then it needs two people), and its
//! execution.

use super::super::asker_screening::AskerScreening;
use super::super::due_diligence::{DueDiligenceStatus, StatusClass};
use super::super::policy::RelationshipPolicy;
use super::super::protocol::{ProtocolId, ProtocolState, Protocols};
use super::{AgreedRoute, Conditions, LicenceSeen, Made, Relationship, RiskRating, Terms, Track, TrackDecision, missing_of};
use serde::{Deserialize, Serialize};
use vasp_words::ids::UserId;
use vasp_words::time::{Date, UtcTime};

/// The change on one track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RelationshipTrackChange))]
#[serde(deny_unknown_fields)]
pub struct TrackChange {
    /// The new status.
    pub status: DueDiligenceStatus,
    /// The last day on which the approval is valid; null if it is not an approval.
    pub review_due: Option<Date>,
    /// The conditions of the approval.
    #[serde(default)]
    pub conditions: Conditions,
    /// Whether the relationship ends because of money laundering or terrorist financing. It is required with `terminated`.
    ///
    /// Source: Directive (EU) 2015/849 Art. 19b, from 10 July 2027 Regulation (EU) 2024/1624 Art. 37(1): such a decision is documented.
    pub terminated_for_aml: Option<bool>,
}

/// What changes in a relationship; a member that is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The change on the Travel Rule track (FATF R.16).
    pub travel_rule: Option<TrackChange>,
    /// The change on the correspondent track (FATF R.13).
    pub correspondent: Option<TrackChange>,
    /// The new terms for both tracks; they replace the old terms completely.
    pub terms: Option<Terms>,
    /// The reason.
    pub reason: String,
}

/// The reason why a change is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeFault {
    /// A member of the change is wrong.
    #[error("{detail}")]
    Member {
        /// The member, as a JSON Pointer.
        pointer: String,
        /// The kind of fault.
        code: &'static str,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// The present status of the track does not allow this step.
    #[error("{0}")]
    Step(String),
}

/// Longest text, in characters.
const LONGEST_TEXT: usize = 4_000;
/// Maximum number of networks or of assets in one relationship.
const MOST_COVERED: usize = 500;

/// The allowed steps from one status to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition;

impl Transition {
    /// Returns the statuses that can follow a status. After a refusal or the end of a relationship, a new examination comes first.
    #[must_use]
    pub fn from(status: DueDiligenceStatus) -> &'static [DueDiligenceStatus] {
        use DueDiligenceStatus::{
            Approved, ApprovedWithConditions, Expired, InProgress, NotStarted, Refused, Suspended, Terminated,
        };
        match status {
            NotStarted => &[InProgress, Approved, ApprovedWithConditions, Refused],
            InProgress => &[Approved, ApprovedWithConditions, Refused],
            Approved | ApprovedWithConditions => &[Approved, ApprovedWithConditions, Suspended, Terminated],
            Expired => &[InProgress, Approved, ApprovedWithConditions, Refused, Suspended, Terminated],
            Suspended => &[InProgress, Approved, ApprovedWithConditions, Refused, Terminated],
            Refused | Terminated => &[InProgress],
        }
    }
}

fn member(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> ChangeFault {
    ChangeFault::Member { pointer: pointer.into(), code, detail: detail.into() }
}

impl Change {
    /// Returns the change on a track.
    #[must_use]
    pub fn track(&self, track: Track) -> Option<&TrackChange> {
        match track {
            Track::TravelRule => self.travel_rule.as_ref(),
            Track::Correspondent => self.correspondent.as_ref(),
        }
    }

    /// Returns the tracks that the change decides on.
    pub fn tracks(&self) -> impl Iterator<Item = (Track, &TrackChange)> {
        Track::ALL.into_iter().filter_map(|track| Some((track, self.track(track)?)))
    }

    /// Tells whether the change approves anything.
    #[must_use]
    pub fn approves(&self) -> bool {
        self.tracks().any(|(_, change)| change.status.is_approval())
    }

    /// Checks whether the change is allowed for a relationship on a day, under a policy and with the known protocols.
    ///
    /// # Errors
    /// `ChangeFault` names the member that is wrong.
    pub fn check(
        &self,
        of: &Relationship,
        (policy, protocols): (&RelationshipPolicy, &Protocols),
        day: Date,
    ) -> Result<(), ChangeFault> {
        if self.travel_rule.is_none() && self.correspondent.is_none() && self.terms.is_none() {
            return Err(member("", "missing_member", "the change must contain travel_rule, correspondent or terms"));
        }
        text("/reason", Some(&self.reason))?;
        let terms = self.terms.as_ref().unwrap_or(&of.terms);
        if let Some(terms) = &self.terms {
            check_terms(terms, protocols, day)?;
        }
        for (track, change) in self.tracks() {
            change.check(track, of.track(track), policy, day)?;
            if change.status.is_approval() {
                check_ground(track, terms, policy)?;
            }
        }
        let prohibited = terms.risk == Some(RiskRating::Prohibited);
        if prohibited && self.tracks().any(|(_, change)| change.status.is_approval()) {
            return Err(member("/terms/risk", "invalid_value", "a counterparty rated `prohibited` cannot be approved"));
        }
        if self.carried_out(of, (vec![], false), of.made.clone()).is_same_as(of) {
            return Err(ChangeFault::Step("Nothing would change: the relationship already has these values.".to_owned()));
        }
        Ok(())
    }

    /// Tells whether the change allows anything that is not allowed on that day. Such a change needs two people.
    #[must_use]
    pub fn loosens(&self, of: &Relationship, day: Date) -> bool {
        let approved = Track::ALL.into_iter().any(|track| of.track(track).status_on(day).is_approval());
        let terms = self.terms.as_ref();
        terms.is_some_and(|next| of.terms.is_loosened_by(next) || approved && of.terms.rests_on_other(next))
            || self.tracks().any(|(track, change)| change.loosens(of.track(track), day))
    }

    /// Returns the relationship after the change, decided by these people.
    #[must_use]
    pub fn carried_out(&self, of: &Relationship, (by, senior): (Vec<UserId>, bool), made: Made) -> Relationship {
        let mut next = of.next(made);
        for (track, change) in self.tracks() {
            *next.track_mut(track) = change.decided(&self.reason, by.clone(), senior, next.made.at);
        }
        if let Some(terms) = &self.terms {
            next.terms = terms.clone();
        }
        next
    }
}

impl TrackChange {
    fn check(&self, track: Track, of: &TrackDecision, policy: &RelationshipPolicy, day: Date) -> Result<(), ChangeFault> {
        let at = |name: &str| format!("/{}/{name}", track.as_str());
        let now = of.status_on(day);
        if matches!(self.status, DueDiligenceStatus::NotStarted | DueDiligenceStatus::Expired) {
            let detail = "only the registry sets this status; it cannot be decided";
            return Err(member(at("status"), "invalid_value", detail));
        }
        if !Transition::from(now).contains(&self.status) {
            let words: Vec<&str> = Transition::from(now).iter().map(|status| status.as_str()).collect();
            let detail =
                format!("The status of {} is {}. It can change only to: {}.", track.as_str(), now.as_str(), words.join(", "));
            return Err(ChangeFault::Step(detail));
        }
        match (self.status == DueDiligenceStatus::Terminated, self.terminated_for_aml) {
            (true, None) => {
                let detail = "state true or false: does the relationship end because of money laundering or terrorist financing?";
                return Err(member(at("terminated_for_aml"), "missing_member", detail));
            }
            (false, Some(true)) => {
                return Err(member(at("terminated_for_aml"), "invalid_value", "is allowed only with the status `terminated`"));
            }
            (true, Some(_)) | (false, _) => {}
        }
        text(&at("conditions/other"), self.conditions.other.as_ref())?;
        match (self.status, self.conditions.is_empty()) {
            (DueDiligenceStatus::ApprovedWithConditions, true) => {
                let detail = "must contain at least one condition; without conditions, use the status `approved`";
                return Err(member(at("conditions"), "missing_member", detail));
            }
            (DueDiligenceStatus::ApprovedWithConditions, false) | (_, true) => {}
            (_, false) => {
                let detail = "conditions are allowed only with the status `approved_with_conditions`";
                return Err(member(at("conditions"), "invalid_value", detail));
            }
        }
        let days = self.review_due.map(|due| due.days_since(day));
        match (self.status.is_approval(), days) {
            (false, None) => Ok(()),
            (false, Some(_)) => Err(member(at("review_due"), "invalid_value", "is allowed only with an approval")),
            (true, Some(days)) if (0..=i64::from(policy.review_within_days)).contains(&days) => Ok(()),
            (true, _) => {
                let detail =
                    format!("the review of an approval must be due within {} days from today", policy.review_within_days);
                Err(member(at("review_due"), if days.is_none() { "missing_member" } else { "invalid_value" }, detail))
            }
        }
    }

    fn loosens(&self, of: &TrackDecision, day: Date) -> bool {
        let now = of.status_on(day);
        match self.status.class() {
            StatusClass::Closed => false,
            StatusClass::Undecided => now.class() == StatusClass::Closed,
            StatusClass::Approval => {
                !now.is_approval()
                    || self.status > now
                    || of.conditions.is_loosened_by(&self.conditions)
                    || self.review_due > of.review_due
            }
        }
    }

    fn decided(&self, reason: &str, by: Vec<UserId>, senior: bool, at: UtcTime) -> TrackDecision {
        TrackDecision {
            status: self.status,
            decided_at: Some(at),
            review_due: self.review_due,
            conditions: self.conditions.clone(),
            reason: Some(reason.to_owned()),
            terminated_for_aml: self.terminated_for_aml.unwrap_or(false),
            decided_by: by,
            by_senior_management: senior,
            by_rule: None,
            lapsed: None,
        }
    }
}

impl Relationship {
    /// Tells whether the decisions and terms are the same. The people and times of the decisions do not matter.
    fn is_same_as(&self, other: &Self) -> bool {
        let said = |of: &Self, track| {
            let TrackDecision { status, review_due, conditions, terminated_for_aml, by_rule, .. } = of.track(track).clone();
            (status, review_due, conditions, terminated_for_aml, by_rule)
        };
        self.terms == other.terms && Track::ALL.into_iter().all(|track| said(self, track) == said(other, track))
    }
}

/// Refuses an approval if the terms lack something that the policy requires.
fn check_ground(track: Track, terms: &Terms, policy: &RelationshipPolicy) -> Result<(), ChangeFault> {
    match missing_of(track, terms, policy).first() {
        None => Ok(()),
        Some(needed) => {
            let detail = format!("the policy requires this before {} can be approved", track.as_str());
            Err(member(format!("/terms/{}", needed.member()), "missing_member", detail))
        }
    }
}

fn check_terms(terms: &Terms, protocols: &Protocols, day: Date) -> Result<(), ChangeFault> {
    text("/terms/risk_note", terms.risk_note.as_ref())?;
    text("/terms/agreement_reference", terms.agreement_reference.as_ref())?;
    text("/terms/responsibilities", terms.responsibilities.as_ref())?;
    if terms.questionnaire_version == Some(0) {
        return Err(member("/terms/questionnaire_version", "invalid_value", "must be at least 1"));
    }
    covered("/terms/networks", &terms.networks)?;
    covered("/terms/assets", &terms.assets)?;
    if let Some(AgreedRoute { protocol }) = terms.route.as_ref().filter(|route| !knows(protocols, &route.protocol)) {
        let detail = format!("`{protocol}` is not a protocol in use; `GET /v1/protocols` lists the protocols");
        return Err(member("/terms/route/protocol", "unknown_protocol", detail));
    }
    AskerScreening::check_all(&terms.screened, day)
        .map_err(|(place, detail)| member(format!("/terms/screened{place}"), "invalid_value", detail))?;
    terms.licence_seen.as_ref().map_or(Ok(()), |seen| check_licence(seen, day))
}

fn knows(protocols: &Protocols, id: &ProtocolId) -> bool {
    protocols.get(id).is_some_and(|known| known.status != ProtocolState::Retired)
}

fn check_licence(seen: &LicenceSeen, day: Date) -> Result<(), ChangeFault> {
    for (name, said, most) in [("authority", &seen.authority, 80), ("number", &seen.number, 40)] {
        let pointer = format!("/terms/licence_seen/{name}");
        if said.contains(['\n', '\t']) || said.chars().count() > most {
            return Err(member(pointer, "invalid_value", format!("must be one line of 1 to {most} characters")));
        }
        text(&pointer, Some(said))?;
    }
    text("/terms/licence_seen/evidence", Some(&seen.evidence))?;
    if seen.seen_on > day {
        let detail = "must not be in the future";
        return Err(member("/terms/licence_seen/seen_on", "invalid_value", detail));
    }
    Ok(())
}

fn covered<T: PartialEq>(pointer: &str, list: &[T]) -> Result<(), ChangeFault> {
    if list.len() > MOST_COVERED {
        return Err(member(pointer, "too_many", format!("must have at most {MOST_COVERED} entries")));
    }
    let twice = list.iter().enumerate().find(|(place, one)| list.iter().take(*place).any(|before| before == *one));
    match twice {
        None => Ok(()),
        Some((place, _)) => Err(member(format!("{pointer}/{place}"), "repeated", "is listed twice")),
    }
}

fn text(pointer: &str, text: Option<&String>) -> Result<(), ChangeFault> {
    let Some(text) = text else { return Ok(()) };
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.trim().is_empty() || text.chars().count() > LONGEST_TEXT || !text.chars().all(plain) {
        let detail = format!("must have 1 to {LONGEST_TEXT} characters, and no control characters except line ends and tabs");
        return Err(member(pointer, "invalid_value", detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
