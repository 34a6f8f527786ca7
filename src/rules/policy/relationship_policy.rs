//! The part of a policy about an organisation's relationships with counterparties. It says who decides, what must be recorded, when a
//! transfer counts as a correspondent transfer, and how many failures give a warning.

use crate::relationship::{Needed, Track};
use crate::rulebook::JurisdictionId;
use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

closed_list! {
    /// When a transfer counts as a correspondent transfer if nobody says whether it is one.
    pub enum CorrespondentTrigger {
        /// Always.
        Always = "always",
        /// If a correspondent relationship with the counterparty is recorded or in progress.
        OnRecord = "on_record",
        /// Never automatically: it stays unknown.
        Undetermined = "undetermined",
    }
}

/// What must be recorded before a track is approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredOfTracks {
    /// FATF R.16.
    pub travel_rule: Vec<Needed>,
    /// FATF R.13.
    pub correspondent: Vec<Needed>,
}

impl RequiredOfTracks {
    /// Returns what a track requires.
    #[must_use]
    pub fn of(&self, track: Track) -> &[Needed] {
        match track {
            Track::TravelRule => &self.travel_rule,
            Track::Correspondent => &self.correspondent,
        }
    }
}

/// The number of failed exchanges from which a counterparty gives a warning.
///
/// Source: Regulation (EU) 2023/1113 Art. 17(2) says "repeatedly"; EBA/GL/2024/11 leaves the number to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatedFailures {
    /// How many days back failures are counted.
    pub within_days: u16,
    /// The number of failures from which there is a warning.
    pub warn_from: u16,
}

/// The part of a policy about relationships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationshipPolicy {
    /// Whether one person may decide alone.
    pub single_control: bool,
    /// Countries and regimes of the asking organisation in which senior management must also approve the Travel Rule track.
    pub senior_management_in: Vec<JurisdictionId>,
    /// What must be recorded before an approval.
    pub required: RequiredOfTracks,
    /// Longest time until an approval must be reviewed, in days.
    pub review_within_days: u16,
    /// How many days before the review the warning begins.
    pub review_warning_days: u16,
    /// When a transfer counts as a correspondent transfer.
    pub correspondent_trigger: CorrespondentTrigger,
    /// The number of failures from which there is a warning.
    pub repeated_failures: RepeatedFailures,
    /// The reason, for the reader.
    pub why: String,
}

impl RelationshipPolicy {
    /// Returns each point in which this part is looser than another, as a sentence.
    #[must_use]
    pub(super) fn looser_than(&self, other: &Self) -> Vec<String> {
        // This names every member, so that nobody forgets a new member.
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
            (*single_control && !other.single_control, "relationships: one person may decide alone"),
            (
                other.senior_management_in.iter().any(|id| !senior_management_in.contains(id)),
                "relationships: senior management has to approve in fewer jurisdictions",
            ),
            (
                Track::ALL.into_iter().any(|track| fewer(required.of(track), other.required.of(track))),
                "relationships: fewer facts have to be recorded before an approval",
            ),
            (*review_within_days > other.review_within_days, "relationships: an approval may last longer without a review"),
            (*review_warning_days < other.review_warning_days, "relationships: the warning before a review comes later"),
            (
                *correspondent_trigger > other.correspondent_trigger,
                "relationships: fewer transfers count as correspondent transfers",
            ),
            (
                repeated_failures.within_days < other.repeated_failures.within_days
                    || repeated_failures.warn_from > other.repeated_failures.warn_from,
                "relationships: more failed exchanges give no warning",
            ),
        ];
        found.into_iter().filter(|(looser, _)| *looser).map(|(_, words)| words.to_owned()).collect()
    }

    /// Returns the shipped part, for policies that are older than this part.
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

    /// Returns what is wrong with this part, if anything: a requirement that a policy cannot set, or a place that does not exist.
    pub(super) fn fault(&self) -> Option<String> {
        let asked = self.required.travel_rule.iter().chain(&self.required.correspondent);
        if let Some(wrong) = asked.into_iter().find(|needed| !needed.is_of_terms()) {
            return Some(format!(
                "`{}` cannot be required: a policy can require only parts of a relationship's terms",
                wrong.as_str()
            ));
        }
        if let Some(place) = self.senior_management_in.iter().find(|id| id.country().is_none()) {
            return Some(format!("`{place}` is not a country or regime such as `HK` or `AE-VARA`"));
        }
        (self.review_within_days == 0).then(|| "review_within_days must be at least 1".to_owned())
    }
}
