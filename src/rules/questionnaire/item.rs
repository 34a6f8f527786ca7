//! One item of a questionnaire: the question, the kind of answer, how long an answer is valid, and what it is needed for.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::super::precheck::CheckName;
use super::super::requirement::Requirement;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::closed_list::closed_list;
use vasp_words::time::serde_as_text;

/// Longest text that an item may allow as an answer, in characters.
const TEXT_MAX: usize = 4_000;

/// Longest time for which an answer is valid, in months.
const MONTHS_MAX: u16 = 36;

/// A stable id of an item: `<section>.<name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(String);

/// The text is not the id of an item.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an item id such as `aml.programme`")]
pub struct ItemIdError(String);

impl ItemId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ItemId {
    type Err = ItemIdError;
    fn from_str(text: &str) -> Result<Self, ItemIdError> {
        let word = |part: &str| {
            (1..=40).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let fits = text.split_once('.').is_some_and(|(section, name)| word(section) && word(name));
        if fits { Ok(Self(text.to_owned())) } else { Err(ItemIdError(text.chars().take(40).collect())) }
    }
}

serde_as_text!(ItemId);

/// How an item is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AnswerKind {
    /// `yes` or `no`.
    YesNo,
    /// One of the options, or some of them.
    Choice {
        /// The options.
        options: Vec<String>,
        /// Whether several may be chosen.
        #[serde(default)]
        many: bool,
    },
    /// Free text.
    Text {
        /// Maximum length in characters.
        max_length: usize,
    },
    /// A whole number.
    Number {
        /// Smallest number.
        min: i64,
        /// Largest number.
        max: i64,
        /// What the number counts.
        unit: String,
    },
    /// Countries.
    Countries,
    /// A day that is not in the future.
    Date,
    /// A document of the member, by its SHA-256.
    Document,
    /// The ownership chain that the member submits with the answers.
    Ownership,
}

closed_list! {
    /// Whether an answer needs documents.
    pub enum EvidenceNeed {
        /// It needs at least one document.
        Required = "required",
        /// A document is welcome, but not needed.
        Optional = "optional",
        /// It needs no document.
        None = "none",
    }

    /// One of the two duties that regulators keep apart.
    ///
    /// Source: FATF R.16 counterparty due diligence; FATF R.13 correspondent due diligence.
    pub enum Track as "ItemTrack" {
        /// Counterparty due diligence for the Travel Rule.
        TravelRule = "travel_rule",
        /// Correspondent due diligence.
        Correspondent = "correspondent",
    }

    /// The due diligence tracks that need an item.
    pub enum Tracks {
        /// The Travel Rule only.
        TravelRule = "travel_rule",
        /// Correspondents only.
        Correspondent = "correspondent",
        /// Both.
        Both = "both",
    }
}

impl Tracks {
    /// Tells whether these include a track.
    #[must_use]
    pub fn covers(self, track: Track) -> bool {
        matches!(
            (self, track),
            (Self::Both, _) | (Self::TravelRule, Track::TravelRule) | (Self::Correspondent, Track::Correspondent)
        )
    }
}

/// A condition: this item is asked only after certain answers to another item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedIf {
    /// The other item; it must come earlier.
    pub item: ItemId,
    /// Words of its answer; this item is asked if the answer contains one of them.
    pub is: Vec<String>,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = QuestionnaireItem))]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Stable id.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "aml.programme"))]
    pub id: ItemId,
    /// Its section.
    pub section: String,
    /// The question.
    pub text: String,
    /// The type of answer. `kind` is `yes_no`, `choice` (with `options`, `many`), `text` (`max_length`), `number` (`min`, `max`,
    /// `unit`), `countries`, `date`, `document` or `ownership`.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub answer: AnswerKind,
    /// Whether the answer needs documents: `required`, `optional` or `none`.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub evidence: EvidenceNeed,
    /// For how many months an answer is valid.
    pub valid_months: u16,
    /// The requirements of regulators that it answers.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>, example = json!(["CP-10"])))]
    pub requirements: Vec<Requirement>,
    /// The duty that it belongs to: `travel_rule`, `correspondent` or `both`.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub track: Tracks,
    /// The sources in which regulators ask for it.
    pub sources: Vec<String>,
    /// The version of the questionnaire that gave the item its present meaning. Answers to older versions are not valid.
    pub changed_in: u32,
    /// Whether the answers are complete without an answer to it.
    #[serde(default)]
    pub optional: bool,
    /// The item is asked only if another item has one of these answers; null if it is always asked.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub asked_if: Option<AskedIf>,
    /// The answers that count against the VASP.
    #[serde(default)]
    pub adverse: Vec<String>,
    /// The answers that a person should look at.
    #[serde(default)]
    pub warning: Vec<String>,
    /// The check of a pre-check that uses the answer; null if none does.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub check: Option<CheckName>,
}

impl Item {
    /// Tells whether an answer to the earlier version of the item also answers this version.
    pub(super) fn asks_the_same(&self, before: &Self) -> bool {
        (&self.text, &self.answer, self.evidence) == (&before.text, &before.answer, before.evidence)
            && (&self.adverse, &self.warning, self.check) == (&before.adverse, &before.warning, before.check)
    }

    /// Returns the words that an answer can consist of; `None` if the item is not answered by words from a list.
    #[must_use]
    pub fn words(&self) -> Option<Vec<&str>> {
        match &self.answer {
            AnswerKind::YesNo => Some(vec!["yes", "no"]),
            AnswerKind::Choice { options, .. } => Some(options.iter().map(String::as_str).collect()),
            AnswerKind::Text { .. }
            | AnswerKind::Number { .. }
            | AnswerKind::Countries
            | AnswerKind::Date
            | AnswerKind::Document
            | AnswerKind::Ownership => None,
        }
    }

    /// Checks the item itself, and its references to earlier items.
    pub(super) fn check<'a>(
        &self,
        version: u32,
        sections: &BTreeSet<&str>,
        earlier: &dyn Fn(&ItemId) -> Option<&'a Self>,
    ) -> Result<(), String> {
        if self.id.as_str().split('.').next() != Some(&self.section) || !sections.contains(self.section.as_str()) {
            return Err(format!("its id must begin with its section, one of {}", join(sections.iter().copied())));
        }
        if self.text.trim().is_empty() || self.sources.iter().all(|source| source.trim().is_empty()) {
            return Err("it needs a text and a source".to_owned());
        }
        let lines: BTreeSet<&Requirement> = self.requirements.iter().collect();
        if lines.is_empty() || lines.len() != self.requirements.len() {
            return Err("it must name at least one requirement, and each only once".to_owned());
        }
        if let Some(other) = lines.into_iter().find(|line| !line.held().is_answered()) {
            return Err(format!("a VASP does not answer {other}"));
        }
        if !(1..=MONTHS_MAX).contains(&self.valid_months) {
            return Err(format!("valid_months must be 1 to {MONTHS_MAX}"));
        }
        if !(1..=version).contains(&self.changed_in) {
            return Err(format!("changed_in must be 1 to {version}"));
        }
        if self.check.is_some_and(|check| !matches!(check, CheckName::ShellVasp | CheckName::DataProtection)) {
            return Err("only the checks shell_vasp and data_protection read answers".to_owned());
        }
        self.check_kind()?;
        self.check_words()?;
        self.check_condition(earlier)
    }

    fn check_kind(&self) -> Result<(), String> {
        match &self.answer {
            AnswerKind::Choice { options, .. } => {
                let distinct: BTreeSet<&String> = options.iter().collect();
                let plain = |option: &&String| {
                    (1..=60).contains(&option.len())
                        && option.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
                };
                if distinct.len() != options.len() || options.len() < 2 || !options.iter().all(|option| plain(&option)) {
                    return Err("a choice must have two or more different options of a-z, 0-9 and `_`".to_owned());
                }
            }
            AnswerKind::Text { max_length } if !(1..=TEXT_MAX).contains(max_length) => {
                return Err(format!("max_length must be 1 to {TEXT_MAX}"));
            }
            AnswerKind::Number { min, max, unit } if min > max || unit.trim().is_empty() => {
                return Err("a number must have a unit, and its max must not be below its min".to_owned());
            }
            AnswerKind::Document | AnswerKind::Ownership if self.check.is_some() => {
                return Err("a check can only read answers that are words".to_owned());
            }
            _ => (),
        }
        Ok(())
    }

    fn check_words(&self) -> Result<(), String> {
        let known = self.words().unwrap_or_default();
        let mut seen = BTreeSet::new();
        for word in self.adverse.iter().chain(&self.warning) {
            if !known.contains(&word.as_str()) || !seen.insert(word) {
                return Err(format!("`{word}` must be one of its answers ({}), and occur only once", join(known.into_iter())));
            }
        }
        Ok(())
    }

    fn check_condition<'a>(&self, earlier: &dyn Fn(&ItemId) -> Option<&'a Self>) -> Result<(), String> {
        let Some(AskedIf { item, is }) = &self.asked_if else { return Ok(()) };
        let before = earlier(item).ok_or_else(|| format!("asked_if names `{item}`, which must come before this item"))?;
        let words = before.words().unwrap_or_default();
        match is.iter().find(|word| !words.contains(&word.as_str())) {
            Some(other) => Err(format!("`{other}` is not an answer to `{item}`")),
            None if is.is_empty() => Err("asked_if must name at least one answer".to_owned()),
            None => Ok(()),
        }
    }
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
