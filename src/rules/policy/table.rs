//! A policy's table turned round: for every code of a check the lines that fit it and the worst of what they recommend. Worked out
//! once when a policy is read, because every pre-check asks it for every finding.

use super::{PolicyRule, Recommendation};
use crate::precheck::CheckCode;

/// What each code comes to, in the order of `CheckCode::ALL`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    recommendation: Recommendation,
    /// Places of the lines that fit.
    lines: Vec<usize>,
}

impl Table {
    /// Works the table out.
    pub(super) fn of(rules: &[PolicyRule]) -> Self {
        let entry = |code: &CheckCode| {
            let fitting = || rules.iter().enumerate().filter(|(_, rule)| rule.fits(*code));
            let recommendation = fitting().map(|(_, rule)| rule.recommendation).min().unwrap_or(Recommendation::Hold);
            Entry { recommendation, lines: fitting().map(|(place, _)| place).collect() }
        };
        Self(CheckCode::ALL.iter().map(entry).collect())
    }

    /// Returns the worst recommendation of the lines that fit a code; `hold` if none does.
    pub(super) fn recommend(&self, code: CheckCode) -> Recommendation {
        self.entry(code).map_or(Recommendation::Hold, |entry| entry.recommendation)
    }

    /// Returns the places of the lines that fit a code.
    pub(super) fn lines(&self, code: CheckCode) -> &[usize] {
        self.entry(code).map_or(&[], |entry| &entry.lines)
    }

    /// Codes are listed in the order of their type.
    fn entry(&self, code: CheckCode) -> Option<&Entry> {
        CheckCode::ALL.binary_search(&code).ok().and_then(|place| self.0.get(place))
    }
}
