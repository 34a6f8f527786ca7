//! What a VASP answered that the checks of a pre-check need, as far as the asking organisation may read it. Small, and in memory.

use super::precheck::CheckName;
use super::questionnaire::standing::{ItemFact, Verdict};
use vasp_words::time::Date;

/// So many days before its end an answer is said to be about to end.
pub const EXPIRES_SOON_DAYS: i64 = 30;

/// What the VASP answered, as far as the asker may know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SharedDiligence {
    /// Nothing that the asker may know of.
    #[default]
    Nothing,
    /// Answers stand, and the asker may read none of them.
    NoAccess,
    /// Answers that the asker may read.
    Readable(DiligenceFacts),
}

/// The answers that checks read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiligenceFacts {
    /// The questionnaire, `id@version`.
    pub questionnaire: String,
    /// Id of the submission.
    pub submission: String,
    /// The answers that may be read.
    pub items: Vec<ItemFact>,
    /// The checks of which some answer may not be read.
    pub withheld: Vec<CheckName>,
}

/// Whether an answer counts on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Currency {
    /// It is over.
    Expired,
    /// It is over soon.
    ExpiresSoon,
    /// It counts.
    Current,
}

impl DiligenceFacts {
    /// Returns the answers that a check reads.
    pub fn of_check(&self, check: CheckName) -> impl Iterator<Item = &ItemFact> {
        self.items.iter().filter(move |fact| fact.check == check)
    }

    /// Returns the answer to an item.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<&ItemFact> {
        self.items.iter().find(|fact| fact.item.as_str() == id && fact.verdict.is_some())
    }
}

impl ItemFact {
    /// Tells whether the answer counts on a day; none where there is none.
    #[must_use]
    pub fn currency(&self, today: Date) -> Option<Currency> {
        self.verdict?;
        Some(match self.valid_until {
            Some(end) if end <= today => Currency::Expired,
            Some(end) if end.days_since(today) <= EXPIRES_SOON_DAYS => Currency::ExpiresSoon,
            _ => Currency::Current,
        })
    }

    /// Tells whether it speaks against the VASP; that does not end by itself.
    #[must_use]
    pub fn is_adverse(&self) -> bool {
        self.verdict == Some(Verdict::Adverse)
    }
}
