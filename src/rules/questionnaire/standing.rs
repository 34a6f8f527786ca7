//! What answers are worth on a day: the state of each item, the missing items of each track, the status of each requirement of regulators,
//! and the facts that the checks of a pre-check need.

use super::super::ownership::OwnershipChain;
use super::super::precheck::CheckName;
use super::super::requirement::Requirement;
use super::answers::{Answer, Answers};
use super::{AnswerKind, Item, ItemId, Questionnaire, Track};
use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::time::Date;

closed_list! {
    /// What an answer means for the VASP, worst first.
    pub enum Verdict as "AnswerVerdict" {
        /// The answer speaks against the VASP.
        Adverse = "adverse",
        /// A person should look at the answer.
        Warning = "warning",
        /// Nothing speaks against the VASP.
        Good = "good",
    }

    /// The state of an item on a day, worst first.
    pub enum ItemState as "QuestionnaireItemState" {
        /// The item is asked, but has no answer.
        Missing = "missing",
        /// The answer was given to an older version of the item.
        Outdated = "outdated",
        /// The answer has expired.
        Expired = "expired",
        /// The item has a valid answer.
        Given = "given",
        /// The item is not asked, because of the answer to another item.
        NotAsked = "not_asked",
    }
}

/// An item on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemStanding<'a> {
    /// The item.
    pub item: &'a Item,
    /// Its state.
    pub state: ItemState,
    /// What the answer means, even if the answer has expired; `None` if there is no answer.
    pub verdict: Option<Verdict>,
    /// Day on which it was answered; `None` if there is no answer.
    pub answered_on: Option<Date>,
    /// First day on which the answer is no longer valid; `None` if there is no answer.
    pub valid_until: Option<Date>,
}

/// How complete the answers are for one track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackStanding {
    /// The track.
    pub track: Track,
    /// Items without a valid answer.
    pub missing: Vec<ItemId>,
    /// First day on which one of the needed answers is no longer valid; `None` if there is none.
    pub valid_until: Option<Date>,
}

closed_list! {
    /// The status of a requirement, worst first.
    pub enum LineStatus {
        /// An answer speaks against it.
        Contradicted = "contradicted",
        /// Not enough is known. A missing answer is not a pass.
        NotEstablished = "not_established",
        /// The answers show that it is met.
        Established = "established",
    }
}

/// A requirement of regulators, with the status that the readable answers give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AnsweredLine {
    /// Number of the line.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "CP-10"))]
    pub requirement: Requirement,
    /// The status of the requirement.
    pub status: LineStatus,
    /// Items that were answered.
    pub items: Vec<ItemId>,
    /// Items without a valid answer.
    pub missing: Vec<ItemId>,
    /// Day of the oldest answer; null if there is none.
    pub answered_on: Option<Date>,
    /// First day on which one of the answers is no longer valid; null if there is none.
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
    /// What the answer means; `None` if there is no answer.
    pub verdict: Option<Verdict>,
    /// Whether `yes` was answered.
    pub affirmed: bool,
    /// Day on which it was answered.
    pub answered_on: Option<Date>,
    /// First day on which the answer is no longer valid.
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

/// Returns the state of every item on a day, in order.
#[must_use]
pub fn items<'a>(
    questionnaire: &'a Questionnaire,
    answers: &Answers,
    ownership: Option<&OwnershipChain>,
    today: Date,
) -> Vec<ItemStanding<'a>> {
    questionnaire.items().map(|item| standing(item, questionnaire, answers, ownership, today)).collect()
}

/// Tells whether an item is asked. If the deciding answer is missing, that item is the missing one, not this one.
fn is_asked(item: &Item, questionnaire: &Questionnaire, answers: &Answers) -> bool {
    let Some(condition) = &item.asked_if else { return true };
    let decided = answers.get(&condition.item).is_some_and(|answer| answer.value.says(&condition.is));
    // An item comes after the item that it depends on, so this recursion ends.
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
    /// Tells whether a needed answer is missing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        !self.item.optional && matches!(self.state, ItemState::Missing | ItemState::Outdated | ItemState::Expired)
    }

    /// Tells whether the item has a valid answer.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.state == ItemState::Given
    }
}

/// Returns how complete the answers are for one track.
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

/// Returns the status of each requirement that a VASP answers. An adverse answer stays adverse after it expires. A good answer does not
/// stay good.
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

/// Returns the facts that the checks need. Their dates do not depend on the day of the submission.
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

/// Returns what answers to an earlier version mean under this version. An item that is new or changed its meaning has no answer.
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

/// Tells whether this version asks for more on a track than an earlier version that was answered.
#[must_use]
pub fn asks_more(questionnaire: &Questionnaire, duty: Track, answered_version: u32) -> bool {
    let mut needed = questionnaire.items().filter(|item| item.track.covers(duty) && !item.optional && item.asked_if.is_none());
    needed.any(|item| item.changed_in > answered_version)
}
