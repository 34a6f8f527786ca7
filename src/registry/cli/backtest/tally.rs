//! Counts what was answered: the recommendations, why transfers do not go, and which firms one would have to approve so that they do. The
//! last is not guessed: the transfers are judged again, as if these firms were approved.

use std::collections::{BTreeMap, BTreeSet};

use rand_core::RngCore;

use super::judge::Judge;
use super::rows::{Row, Unread, in_columns};
use crate::node::ServiceError;
use crate::precheck::PrecheckAnswer;
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::policy::{Consequence, Recommendation};
use vasp_rules::relationship::{Event, Made, Relationship, Relationships, TrackDecision};
use vasp_words::ids::{RelationshipId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// How many firms are named that one would approve.
pub(super) const FIRMS: usize = 10;
/// How many months a supposed approval is valid.
const VALID_MONTHS: u16 = 12;
/// What is counted while transfers are judged a second time.
const AGAIN: &str = "Judged again, as if their firms were approved";

/// What is kept of an answer.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub line: u64,
    pub address: String,
    pub recommendation: Recommendation,
    /// The finding that stops the transfer: its code and sentence; `None` if nothing does.
    pub cause: Option<(String, String)>,
    /// What to do about it.
    pub step: Option<String>,
    /// The counterparty, or one that it may be.
    pub firm: Option<Counterparty>,
}

/// A counterparty, or a company of the brand that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counterparty {
    pub id: VaspId,
    pub name: String,
    pub country: String,
    /// Whether it is only one of several that it may be, so that the customer has to name it.
    pub is_supposed: bool,
}

/// A cause and how many transfers it stops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cause {
    pub code: String,
    /// The sentence of the first such transfer.
    pub example: String,
    /// What to do about it.
    pub step: String,
    pub count: usize,
}

/// A firm that one would approve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Firm {
    pub name: String,
    pub country: String,
    /// What is to be done besides; empty if nothing is.
    pub besides: &'static str,
    /// How many transfers then go, at once or once conditions are met.
    pub freed: usize,
}

/// What is to be done besides the approval, if a brand is known but not which of its companies.
const NAME_IT: &str = "have the customers name this company of the brand";

/// What the file would have met.
pub(super) struct Tally {
    /// How many rows have each recommendation.
    pub counts: BTreeMap<Recommendation, usize>,
    /// Causes, the most frequent first.
    pub causes: Vec<Cause>,
    /// Firms to approve, the most useful first.
    pub firms: Vec<Firm>,
    /// The transfers that do not go, in the order of the file.
    pub stopped: Vec<Judged>,
    pub unread: Vec<Unread>,
}

fn is_stopped(recommendation: Recommendation) -> bool {
    matches!(recommendation, Recommendation::Hold | Recommendation::Reject)
}

fn kept(answer: &PrecheckAnswer) -> Judged {
    let outcome = &answer.outcome;
    let firm = answer.counterparty.as_ref().or(answer.candidates.first());
    let stops = |consequence: Consequence| matches!(consequence, Consequence::Hold | Consequence::Reject);
    let cause = outcome.reasons.iter().find(|reason| stops(reason.consequence));
    Judged {
        line: 0,
        address: String::new(),
        recommendation: outcome.recommendation,
        cause: cause.map(|reason| (reason.code.as_str().to_owned(), in_columns(reason.detail.as_ref()))),
        step: outcome.next_steps.first().map(|step| in_columns(step.detail.as_ref())),
        firm: firm.map(|vasp| Counterparty {
            id: vasp.id,
            name: vasp.legal_name.clone(),
            country: vasp.country.map(|country| country.to_string()).unwrap_or_default(),
            is_supposed: answer.counterparty.is_none(),
        }),
    }
}

impl Tally {
    /// Judges the rows and counts.
    ///
    /// # Errors
    /// If the registry fails.
    pub(super) fn of(judge: &Judge<'_>, rows: &[Row], unread: Vec<Unread>, rng: &mut dyn RngCore) -> Result<Self, ServiceError> {
        let mut unread = unread;
        let mut judged = Vec::new();
        let all: Vec<&Row> = rows.iter().collect();
        for (row, answer) in rows.iter().zip(judge.all(&all, "Judged", |answer| kept(&answer))?) {
            match answer {
                Ok(one) => judged.push((row, Judged { line: row.line, address: row.address.clone(), ..one })),
                Err(why) => unread.push(why),
            }
        }
        unread.sort_by_key(|one| one.line);
        let mut counts = BTreeMap::new();
        for (_, one) in &judged {
            *counts.entry(one.recommendation).or_insert(0) += 1;
        }
        let stopped: Vec<(&Row, Judged)> = judged.into_iter().filter(|(_, one)| is_stopped(one.recommendation)).collect();
        let firms = firms(judge, &stopped, rng)?;
        let stopped: Vec<Judged> = stopped.into_iter().map(|(_, one)| one).collect();
        Ok(Self { counts, causes: causes(&stopped), firms, stopped, unread })
    }

    /// Returns how many rows have a recommendation.
    pub(super) fn count(&self, recommendation: Recommendation) -> usize {
        self.counts.get(&recommendation).copied().unwrap_or_default()
    }

    /// Returns how many rows were judged.
    pub(super) fn judged(&self) -> usize {
        self.counts.values().sum()
    }

    /// Returns how many stopped transfers go if the first firms are approved, in percent.
    pub(super) fn freed_percent(&self) -> usize {
        percent(self.firms.iter().take(FIRMS).map(|firm| firm.freed).sum(), self.stopped.len())
    }

    /// Says the whole in sentences.
    pub(super) fn sentences(&self) -> Vec<String> {
        let [proceed, conditions, hold, reject] =
            [Recommendation::Proceed, Recommendation::ProceedWithConditions, Recommendation::Hold, Recommendation::Reject]
                .map(|recommendation| self.count(recommendation));
        let mut said = vec![format!(
            "{} transfers: {proceed} proceed, {conditions} proceed with conditions, {hold} hold, {reject} reject.",
            self.judged()
        )];
        if let Some(first) = self.causes.first() {
            said.push(format!("Most are stopped by {} ({} of {}): {}", first.code, first.count, self.stopped.len(), first.step));
        }
        match self.firms.len().min(FIRMS) {
            0 if self.stopped.is_empty() => {}
            0 => said.push("Approving counterparties would change none of these.".to_owned()),
            1 => said.push(format!("Approve this one firm: {} % of them go. {}", self.freed_percent(), self.names())),
            count => said.push(format!("Approve these {count} firms: {} % of them go. {}", self.freed_percent(), self.names())),
        }
        said
    }

    fn names(&self) -> String {
        self.firms.iter().take(FIRMS).map(|firm| firm.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Returns a share in whole percent, rounded.
pub(super) fn percent(part: usize, whole: usize) -> usize {
    part.saturating_mul(100).saturating_add(whole / 2).checked_div(whole).unwrap_or_default()
}

fn causes(stopped: &[Judged]) -> Vec<Cause> {
    let mut by_code: BTreeMap<&str, Cause> = BTreeMap::new();
    for one in stopped {
        let Some((code, detail)) = &one.cause else { continue };
        let cause = by_code.entry(code).or_insert_with(|| Cause {
            code: code.clone(),
            example: detail.clone(),
            step: one.step.clone().unwrap_or_default(),
            count: 0,
        });
        cause.count += 1;
    }
    let mut causes: Vec<Cause> = by_code.into_values().collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.count));
    causes
}

/// Judges the stopped transfers again as if their counterparties were approved, and counts by firm which then go. Firms that the asker
/// declined stay so. Where only the brand is known, the customer is supposed to have named the first company that it may be.
fn firms(judge: &Judge<'_>, stopped: &[(&Row, Judged)], rng: &mut dyn RngCore) -> Result<Vec<Firm>, ServiceError> {
    let known: Vec<(Row, &Counterparty)> = stopped
        .iter()
        .filter_map(|(row, one)| Some((*row, one.firm.as_ref()?)))
        .map(|(row, firm)| if firm.is_supposed { (row.declaring(firm.id), firm) } else { (row.clone(), firm) })
        .collect();
    let ids: BTreeSet<VaspId> = known.iter().map(|(_, firm)| firm.id).collect();
    let approved: Relationships = ids.into_iter().map(|id| approved(id, judge.now, rng)).collect();
    let rows: Vec<&Row> = known.iter().map(|(row, _)| row).collect();
    let again = judge.supposing(approved).all(&rows, AGAIN, |answer| answer.outcome.recommendation)?;
    let mut by_firm: BTreeMap<(VaspId, bool), Firm> = BTreeMap::new();
    for ((_, firm), answer) in known.iter().zip(again) {
        if answer.is_ok_and(|recommendation| !is_stopped(recommendation)) {
            let counted = by_firm.entry((firm.id, firm.is_supposed)).or_insert_with(|| Firm {
                name: firm.name.clone(),
                country: firm.country.clone(),
                besides: if firm.is_supposed { NAME_IT } else { "" },
                freed: 0,
            });
            counted.freed += 1;
        }
    }
    let mut firms: Vec<Firm> = by_firm.into_values().collect();
    firms.sort_by_key(|firm| std::cmp::Reverse(firm.freed));
    Ok(firms)
}

/// An approval without conditions that nobody gave.
fn approved(vasp: VaspId, now: UtcTime, rng: &mut dyn RngCore) -> Relationship {
    let by = UserId::new(now, rng);
    let made = Made { event: Event::Approved, at: now, by, reason: None };
    let decision = TrackDecision {
        status: DueDiligenceStatus::Approved,
        decided_at: Some(now),
        review_due: Some(now.date().plus_months(VALID_MONTHS)),
        by_senior_management: true,
        ..TrackDecision::default()
    };
    let begun = Relationship::begin(RelationshipId::new(now, rng), vasp, made);
    Relationship { travel_rule: decision.clone(), correspondent: decision, ..begun }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(code: &str) -> Judged {
        let cause = Some((code.to_owned(), format!("{code} happened")));
        let (line, address, recommendation) = (2, "a".to_owned(), Recommendation::Hold);
        Judged { line, address, recommendation, cause, step: Some("Do it.".to_owned()), firm: None }
    }

    #[test]
    fn causes_are_counted_and_the_most_frequent_comes_first() {
        let stopped = ["identity.group_only", "licence.ended", "licence.ended"].map(held);

        let causes = causes(&stopped);

        let found: Vec<(&str, usize)> = causes.iter().map(|cause| (cause.code.as_str(), cause.count)).collect();
        assert_eq!(found, [("licence.ended", 2), ("identity.group_only", 1)]);
        assert_eq!(causes[0].example, "licence.ended happened");
    }

    #[test]
    fn shares_are_rounded() {
        assert_eq!([(2, 3), (1, 3), (0, 0), (1, 200), (1, 201)].map(|(part, whole)| percent(part, whole)), [67, 33, 0, 1, 0]);
    }
}
