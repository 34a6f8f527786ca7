//! The answers of a VASP that the checks of a pre-check need, as far as the asking organisation may read them. They are small and held in
//! memory.

use super::precheck::CheckName;
use super::questionnaire::standing::{ItemFact, Verdict};
use vasp_words::time::Date;

/// An answer "ends soon" from this many days before its end.
pub const EXPIRES_SOON_DAYS: i64 = 30;

/// The answers of the VASP, as far as the asking organisation may know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SharedDiligence {
    /// There is nothing that the asking organisation may know about.
    #[default]
    Nothing,
    /// The VASP gave answers, but the asking organisation may read none of them.
    NoAccess,
    /// The asking organisation may read these answers.
    Readable(DiligenceFacts),
}

/// The answers that checks read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiligenceFacts {
    /// The questionnaire, `id@version`.
    pub questionnaire: String,
    /// The id of the submission.
    pub submission: String,
    /// The answers that may be read.
    pub items: Vec<ItemFact>,
    /// The checks for which the asking organisation may not read every answer.
    pub withheld: Vec<CheckName>,
}

/// Whether an answer is valid on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Currency {
    /// It has ended.
    Expired,
    /// It ends soon.
    ExpiresSoon,
    /// It is valid.
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
    /// Tells whether the answer is valid on a day; `None` if there is no answer.
    #[must_use]
    pub fn currency(&self, today: Date) -> Option<Currency> {
        self.verdict?;
        Some(match self.valid_until {
            Some(end) if end <= today => Currency::Expired,
            Some(end) if end.days_since(today) <= EXPIRES_SOON_DAYS => Currency::ExpiresSoon,
            _ => Currency::Current,
        })
    }

    /// Tells whether the answer speaks against the VASP. An adverse answer stays adverse after its end.
    #[must_use]
    pub fn is_adverse(&self) -> bool {
        self.verdict == Some(Verdict::Adverse)
    }
}
