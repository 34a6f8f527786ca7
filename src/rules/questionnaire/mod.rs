//! The questionnaire that a VASP answers once for everybody who asks (level B). It is a versioned reference document whose items keep their
//! ids. Module `answers` holds what a VASP answered, `standing` what an answer is worth on a day, and `access` who may read it.

pub mod access;
pub mod answers;
pub mod document;
mod item;
pub mod standing;

pub use item::{AnswerKind, AskedIf, EvidenceNeed, Item, ItemId, ItemIdError, Track, Tracks};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use vasp_words::time::Date;

/// Maximum number of items in a questionnaire.
const ITEMS_MAX: usize = 500;

/// The reason why a questionnaire is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionnaireError {
    /// The document does not have the right form.
    #[error("the questionnaire cannot be read: {0}")]
    Form(String),
    /// The id or version cannot be cited as `id@version`.
    #[error("the questionnaire needs an id of a-z, 0-9 and `_`, and a version of 1 or more, not `{0}`")]
    Name(String),
    /// Too few or too many items.
    #[error("a questionnaire has 1 to {ITEMS_MAX} items, this one has {0}")]
    Count(usize),
    /// A section or item occurs twice.
    #[error("`{0}` occurs twice")]
    Repeated(String),
    /// An item is wrong.
    #[error("item `{item}`: {fault}")]
    Item {
        /// The item.
        item: String,
        /// What is wrong and what would be right.
        fault: String,
    },
    /// An item of the earlier version is neither among the items nor retired.
    #[error("item `{0}` of the previous version is missing: add it to the items or to `retired`")]
    Lost(ItemId),
    /// An item changed its meaning, but its `changed_in` does not say so.
    #[error("item `{item}` changed: its `changed_in` must be {version}")]
    Unmarked {
        /// The item.
        item: ItemId,
        /// The version that changed it.
        version: u32,
    },
    /// This is not a later version of the same questionnaire.
    #[error("{newer} is not a later version of {older}")]
    NoSuccessor {
        /// The new version.
        newer: String,
        /// The present version.
        older: String,
    },
}

/// A part of a questionnaire. A VASP gives access by section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = QuestionnaireSection))]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Stable id.
    #[cfg_attr(feature = "schema", schema(example = "aml"))]
    pub id: String,
    /// Title.
    pub title: String,
}

/// One version of a questionnaire, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Questionnaire {
    file: File,
    places: BTreeMap<ItemId, usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    version: u32,
    generated_on: Date,
    about: String,
    sections: Vec<Section>,
    items: Vec<Item>,
    retired: Vec<ItemId>,
}

impl Questionnaire {
    /// Returns the questionnaire that the registry ships with, `counterparty@1`.
    ///
    /// # Errors
    /// `QuestionnaireError` if the embedded file is broken, which the tests rule out.
    pub fn embedded() -> Result<Self, QuestionnaireError> {
        Self::from_json(include_str!("../data/questionnaire.json"))
    }

    /// Reads and checks a questionnaire.
    ///
    /// # Errors
    /// `QuestionnaireError` names the item that is wrong and says what would be right.
    pub fn from_json(text: &str) -> Result<Self, QuestionnaireError> {
        let file: File = serde_json::from_str(text).map_err(|error| QuestionnaireError::Form(error.to_string()))?;
        let word = |text: &str| {
            (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        if !word(&file.id) || file.version == 0 {
            let id: String = file.id.chars().take(40).collect();
            return Err(QuestionnaireError::Name(format!("{id}@{}", file.version)));
        }
        if file.items.is_empty() || file.items.len() > ITEMS_MAX {
            return Err(QuestionnaireError::Count(file.items.len()));
        }
        let mut sections = BTreeSet::new();
        for section in &file.sections {
            if !word(&section.id) || section.title.trim().is_empty() {
                let fault = "a section must have an id of a-z, 0-9 and `_`, and a title".to_owned();
                return Err(QuestionnaireError::Item { item: section.id.chars().take(40).collect(), fault });
            }
            if !sections.insert(section.id.as_str()) {
                return Err(QuestionnaireError::Repeated(section.id.clone()));
            }
        }
        let mut places: BTreeMap<ItemId, usize> = BTreeMap::new();
        for (place, item) in file.items.iter().enumerate() {
            let earlier = |id: &ItemId| places.get(id).and_then(|place| file.items.get(*place));
            let fault = |fault| QuestionnaireError::Item { item: item.id.to_string(), fault };
            item.check(file.version, &sections, &earlier).map_err(fault)?;
            if file.retired.contains(&item.id) || places.insert(item.id.clone(), place).is_some() {
                return Err(QuestionnaireError::Repeated(item.id.to_string()));
            }
        }
        Ok(Self { file, places })
    }

    /// Refuses a version that would lose ids of the earlier version. Also refuses a version that changes the meaning of an item without
    /// saying so: answers to an item are valid until its `changed_in`.
    pub fn check_succeeds(&self, older: &Self) -> Result<(), QuestionnaireError> {
        if self.file.id != older.file.id || self.file.version <= older.file.version {
            return Err(QuestionnaireError::NoSuccessor { newer: self.to_string(), older: older.to_string() });
        }
        for before in older.items() {
            let Some(now) = self.item(&before.id) else {
                if self.file.retired.contains(&before.id) {
                    continue;
                }
                return Err(QuestionnaireError::Lost(before.id.clone()));
            };
            let unmarked = now.changed_in <= older.file.version;
            if unmarked && !now.asks_the_same(before) {
                return Err(QuestionnaireError::Unmarked { item: now.id.clone(), version: self.file.version });
            }
        }
        match older.file.retired.iter().find(|id| self.item(id).is_some() || !self.file.retired.contains(id)) {
            Some(reused) => Err(QuestionnaireError::Lost(reused.clone())),
            None => Ok(()),
        }
    }

    /// Returns the version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.file.version
    }

    /// Returns the day on which it was made.
    #[must_use]
    pub fn generated_on(&self) -> Date {
        self.file.generated_on
    }

    /// Returns what it is for.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.file.about
    }

    /// Returns its sections, in order.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.file.sections
    }

    /// Returns its items, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.file.items.iter()
    }

    /// Returns an item.
    #[must_use]
    pub fn item(&self, id: &ItemId) -> Option<&Item> {
        self.places.get(id).and_then(|place| self.file.items.get(*place))
    }
}

/// The questionnaire as answers cite it, `counterparty@1`.
impl fmt::Display for Questionnaire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.file.id, self.file.version)
    }
}

#[cfg(test)]
mod tests;
