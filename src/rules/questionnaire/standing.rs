//! What answers are worth on a day: each item's state, what is missing on each track, each line of what regulators ask, and what the
//! checks of a pre-check need to know.

use super::super::ownership::OwnershipChain;
use super::super::precheck::CheckName;
use super::super::requirement::Requirement;
use super::answers::{Answer, Answers};
use super::{AnswerKind, Item, ItemId, Questionnaire, Track};
use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::time::Date;

closed_list! {
    /// What an answer says of the VASP, worst first.
    pub enum Verdict as "AnswerVerdict" {
        /// It speaks against it.
        Adverse = "adverse",
        /// A person should look.
        Warning = "warning",
        /// Nothing stands against it.
        Good = "good",
    }

    /// Where an item stands, worst first.
    pub enum ItemState as "QuestionnaireItemState" {
        /// Asked, and not answered.
        Missing = "missing",
        /// The answer was given to an older form of the item.
        Outdated = "outdated",
        /// The answer is over.
        Expired = "expired",
        /// It is answered.
        Given = "given",
        /// Not asked, as another answer is.
        NotAsked = "not_asked",
    }
}

/// An item on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemStanding<'a> {
    /// The item.
    pub item: &'a Item,
    /// Where it stands.
    pub state: ItemState,
    /// What the answer says, also one that is over.
    pub verdict: Option<Verdict>,
    /// Day on which it was given.
    pub answered_on: Option<Date>,
    /// First day on which it no longer counts.
    pub valid_until: Option<Date>,
}

/// How far a file is complete for one duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackStanding {
    /// Which.
    pub track: Track,
    /// Items without an answer that counts.
    pub missing: Vec<ItemId>,
    /// First day on which an answer that is needed no longer counts.
    pub valid_until: Option<Date>,
}

closed_list! {
    /// What is known about a line, worst first.
    pub enum LineStatus {
        /// What is known speaks against it.
        Contradicted = "contradicted",
        /// Not enough is known; silence is no pass.
        NotEstablished = "not_established",
        /// It is met, by what is known.
        Established = "established",
    }
}

/// A line of what regulators ask, as the answers that may be read answer it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AnsweredLine {
    /// Number of the line.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "CP-10"))]
    pub requirement: Requirement,
    /// What the answers come to.
    pub status: LineStatus,
    /// Items that were answered.
    pub items: Vec<ItemId>,
    /// Items without an answer that counts.
    pub missing: Vec<ItemId>,
    /// Day of the oldest answer.
    pub answered_on: Option<Date>,
    /// First day on which one of the answers no longer counts.
    pub valid_until: Option<Date>,
}

/// What a check needs to know of one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemFact {
    /// The item.
    pub item: ItemId,
    /// Its section.
    pub section: String,
    /// The check that reads it.
    pub check: CheckName,
    /// What the answer says; none where there is none.
    pub verdict: Option<Verdict>,
    /// Whether `yes` was answered.
    pub affirmed: bool,
    /// Day on which it was given.
    pub answered_on: Option<Date>,
    /// First day on which it no longer counts.
    pub valid_until: Option<Date>,
}

fn verdict(item: &Item, answer: &Answer) -> Verdict {
    if answer.value.says(&item.adverse) {
        Verdict::Adverse
    } else if answer.value.says(&item.warning) {
        Verdict::Warning
    } else {
        Verdict::Good
    }
}

/// Returns every item as it stands on a day, in order.
#[must_use]
pub fn items<'a>(
    questionnaire: &'a Questionnaire,
    answers: &Answers,
    ownership: Option<&OwnershipChain>,
    today: Date,
) -> Vec<ItemStanding<'a>> {
    questionnaire.items().map(|item| standing(item, questionnaire, answers, ownership, today)).collect()
}

/// Whether an item is asked, given the answers; where the answer that decides is missing, it is that which is missing.
fn is_asked(item: &Item, questionnaire: &Questionnaire, answers: &Answers) -> bool {
    let Some(condition) = &item.asked_if else { return true };
    let decided = answers.get(&condition.item).is_some_and(|answer| answer.value.says(&condition.is));
    // An item stands after what it depends on, so this ends.
    decided && questionnaire.item(&condition.item).is_some_and(|before| is_asked(before, questionnaire, answers))
}

fn standing<'a>(
    item: &'a Item,
    questionnaire: &Questionnaire,
    answers: &Answers,
    ownership: Option<&OwnershipChain>,
    today: Date,
) -> ItemStanding<'a> {
    let at = |state, verdict, answered_on: Option<Date>| {
        let valid_until = answered_on.map(|day| day.plus_months(item.valid_months));
        let state =
            if state == ItemState::Given && valid_until.is_some_and(|end| end <= today) { ItemState::Expired } else { state };
        ItemStanding { item, state, verdict, answered_on, valid_until }
    };
    if !is_asked(item, questionnaire, answers) {
        return at(ItemState::NotAsked, None, None);
    }
    if item.answer == AnswerKind::Ownership {
        return match ownership {
            None => at(ItemState::Missing, None, None),
            Some(chain) => {
                let said = if chain.owners().is_whole() { Verdict::Good } else { Verdict::Warning };
                at(ItemState::Given, Some(said), Some(chain.as_of))
            }
        };
    }
    match answers.get(&item.id) {
        None => at(ItemState::Missing, None, None),
        Some(answer) if answer.version < item.changed_in => at(ItemState::Outdated, None, Some(answer.answered_on)),
        Some(answer) => at(ItemState::Given, Some(verdict(item, answer)), Some(answer.answered_on)),
    }
}

impl ItemStanding<'_> {
    /// Tells whether the file lacks it.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        !self.item.optional && matches!(self.state, ItemState::Missing | ItemState::Outdated | ItemState::Expired)
    }

    /// Tells whether it counts.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.state == ItemState::Given
    }
}

/// Returns how far a file is complete for one duty.
#[must_use]
pub fn track(items: &[ItemStanding<'_>], track: Track) -> TrackStanding {
    let of_track = || items.iter().filter(|standing| standing.item.track.covers(track));
    let needed = of_track().filter(|standing| standing.is_given() && !standing.item.optional);
    TrackStanding {
        track,
        missing: of_track().filter(|standing| standing.is_missing()).map(|standing| standing.item.id.clone()).collect(),
        valid_until: needed.filter_map(|standing| standing.valid_until).min(),
    }
}

/// Returns what the answers come to, for each line that a VASP answers for. An answer against the VASP stays one after its time;
/// one for it does not.
#[must_use]
pub fn lines(items: &[ItemStanding<'_>]) -> Vec<AnsweredLine> {
    let answered = Requirement::ALL.iter().filter(|line| line.held().is_answered());
    answered
        .map(|line| {
            let of_line: Vec<&ItemStanding<'_>> =
                items.iter().filter(|standing| standing.item.requirements.contains(line)).collect();
            let given = || of_line.iter().filter(|standing| standing.is_given());
            let missing: Vec<ItemId> =
                of_line.iter().filter(|standing| standing.is_missing()).map(|standing| standing.item.id.clone()).collect();
            let status = if of_line.iter().any(|standing| standing.verdict == Some(Verdict::Adverse)) {
                LineStatus::Contradicted
            } else if missing.is_empty() && given().next().is_some() {
                LineStatus::Established
            } else {
                LineStatus::NotEstablished
            };
            AnsweredLine {
                requirement: *line,
                status,
                items: given().map(|standing| standing.item.id.clone()).collect(),
                missing,
                answered_on: given().filter_map(|standing| standing.answered_on).min(),
                valid_until: given().filter_map(|standing| standing.valid_until).min(),
            }
        })
        .collect()
}

/// Returns what the checks need to know. Its days do not depend on the day it was made.
#[must_use]
pub fn facts(questionnaire: &Questionnaire, answers: &Answers, submitted_on: Date) -> Vec<ItemFact> {
    let standing = items(questionnaire, answers, None, submitted_on);
    let read = standing.iter().filter_map(|standing| {
        let (item, check) = (standing.item, standing.item.check?);
        (standing.state != ItemState::NotAsked).then(|| ItemFact {
            item: item.id.clone(),
            section: item.section.clone(),
            check,
            verdict: standing.verdict,
            affirmed: answers.get(&item.id).is_some_and(|answer| answer.value.says(&["yes".to_owned()])),
            answered_on: standing.answered_on,
            valid_until: standing.valid_until,
        })
    });
    read.collect()
}

/// Returns what answers to an earlier version say under this one: what means something else now, or is new, is not answered.
#[must_use]
pub fn facts_under(questionnaire: &Questionnaire, known: &[ItemFact], answered_version: u32) -> Vec<ItemFact> {
    let fact = |item: &Item| known.iter().find(|fact| fact.item == item.id);
    let is_asked = |item: &Item| {
        item.asked_if.as_ref().is_none_or(|asked| {
            let yes = asked.is.iter().any(|word| word == "yes");
            known.iter().any(|fact| fact.item == asked.item && fact.affirmed == yes)
        })
    };
    let read = questionnaire.items().filter_map(|item| {
        let check = item.check?;
        if item.changed_in <= answered_version {
            return fact(item).cloned();
        }
        let open = ItemFact {
            item: item.id.clone(),
            section: item.section.clone(),
            check,
            verdict: None,
            affirmed: false,
            answered_on: None,
            valid_until: None,
        };
        (fact(item).is_some() || is_asked(item)).then_some(open)
    });
    read.collect()
}

/// Tells whether answers to an earlier version lack something for a duty since.
#[must_use]
pub fn asks_more(questionnaire: &Questionnaire, duty: Track, answered_version: u32) -> bool {
    let mut needed = questionnaire.items().filter(|item| item.track.covers(duty) && !item.optional && item.asked_if.is_none());
    needed.any(|item| item.changed_in > answered_version)
}
