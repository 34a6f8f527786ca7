//! What a policy says of an organisation's relationships with counterparties: who decides, what has to be written down, when a transfer
//! counts as one over a correspondent relationship, from how many failures on it warns. A part of the policy's document.

use crate::relationship::{Needed, Track};
use crate::rulebook::JurisdictionId;
use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

closed_list! {
    /// When a transfer of which nobody says whether it runs over a correspondent relationship counts as one that does.
    pub enum CorrespondentTrigger {
        /// Always.
        Always = "always",
        /// Where a correspondent relationship with the counterparty is on record, or under way.
        OnRecord = "on_record",
        /// Never by itself: it is unknown.
        Undetermined = "undetermined",
    }
}

/// What has to be written down before a track is approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredOfTracks {
    /// FATF R.16.
    pub travel_rule: Vec<Needed>,
    /// FATF R.13.
    pub correspondent: Vec<Needed>,
}

impl RequiredOfTracks {
    /// Returns what is asked for on a track.
    #[must_use]
    pub fn of(&self, track: Track) -> &[Needed] {
        match track {
            Track::TravelRule => &self.travel_rule,
            Track::Correspondent => &self.correspondent,
        }
    }
}

/// From how many failed exchanges on a counterparty warns.
///
/// Source: Regulation (EU) 2023/1113 Art. 17(2) says "repeatedly"; EBA/GL/2024/11 leaves the number to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatedFailures {
    /// Those of so many days count.
    pub within_days: u16,
    /// So many warn.
    pub warn_from: u16,
}

/// The part of a policy about relationships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationshipPolicy {
    /// Whether one person decides alone.
    pub single_control: bool,
    /// Countries and regimes of the asker in which senior management approves the Travel Rule track, too.
    pub senior_management_in: Vec<JurisdictionId>,
    /// What has to be written down before an approval.
    pub required: RequiredOfTracks,
    /// Longest until an approval is reviewed.
    pub review_within_days: u16,
    /// So long before the review it warns.
    pub review_warning_days: u16,
    /// When a transfer counts as one over a correspondent relationship.
    pub correspondent_trigger: CorrespondentTrigger,
    /// From how many failures on it warns.
    pub repeated_failures: RepeatedFailures,
    /// The reason, for the reader.
    pub why: String,
}

impl RelationshipPolicy {
    /// Returns where this part is looser than another, a sentence each.
    #[must_use]
    pub(super) fn looser_than(&self, other: &Self) -> Vec<String> {
        // Every member is named here, so that a new one is not forgotten.
        let Self {
            single_control,
            senior_management_in,
            required,
            review_within_days,
            review_warning_days,
            correspondent_trigger,
            repeated_failures,
            why: _,
        } = self;
        let fewer = |ours: &[Needed], theirs: &[Needed]| theirs.iter().any(|needed| !ours.contains(needed));
        let found = [
            (*single_control && !other.single_control, "relationships: one person decides alone"),
            (
                other.senior_management_in.iter().any(|id| !senior_management_in.contains(id)),
                "relationships: senior management decides in fewer jurisdictions",
            ),
            (
                Track::ALL.into_iter().any(|track| fewer(required.of(track), other.required.of(track))),
                "relationships: less has to be written down",
            ),
            (*review_within_days > other.review_within_days, "relationships: an approval may be older"),
            (*review_warning_days < other.review_warning_days, "relationships: a review is warned of later"),
            (*correspondent_trigger > other.correspondent_trigger, "relationships: fewer transfers count as correspondent ones"),
            (
                repeated_failures.within_days < other.repeated_failures.within_days
                    || repeated_failures.warn_from > other.repeated_failures.warn_from,
                "relationships: more failures go unnoticed",
            ),
        ];
        found.into_iter().filter(|(looser, _)| *looser).map(|(_, words)| words.to_owned()).collect()
    }

    /// Returns what the registry ships with, for policies that were written before this part was.
    #[must_use]
    pub fn shipped() -> Self {
        #[derive(Deserialize)]
        struct Shipped {
            relationships: RelationshipPolicy,
        }
        let strictest = || Self {
            single_control: false,
            senior_management_in: vec![],
            required: RequiredOfTracks { travel_rule: vec![], correspondent: vec![] },
            review_within_days: 366,
            review_warning_days: 30,
            correspondent_trigger: CorrespondentTrigger::Always,
            repeated_failures: RepeatedFailures { within_days: 365, warn_from: 1 },
            why: String::new(),
        };
        // A test reads the shipped file.
        let shipped = serde_json::from_str::<Shipped>(include_str!("../data/policy.json"));
        shipped.map_or_else(|_| strictest(), |file| file.relationships)
    }

    /// Returns what is wrong with it, if anything: what a policy cannot ask for, or a place that is none.
    pub(super) fn fault(&self) -> Option<String> {
        let asked = self.required.travel_rule.iter().chain(&self.required.correspondent);
        if let Some(wrong) = asked.into_iter().find(|needed| !needed.is_of_terms()) {
            return Some(format!("`{}` is no part of a relationship's terms, which alone can be required", wrong.as_str()));
        }
        if let Some(place) = self.senior_management_in.iter().find(|id| id.country().is_none()) {
            return Some(format!("`{place}` is not a country or regime such as `HK` or `AE-VARA`"));
        }
        (self.review_within_days == 0).then(|| "review_within_days is at least 1".to_owned())
    }
}
