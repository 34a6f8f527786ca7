//! The table of a policy by code: for every code of a check the lines about it, in order. It is computed once when a policy is read,
//! because every pre-check needs it for every finding.

use super::line::PolicyRule;
use super::words::Circumstances;
use crate::precheck::CheckCode;

/// For each code, in the order of `CheckCode::ALL`: the positions of the policy's lines about it, with the circumstances in which each
/// line applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table(Vec<Vec<(Circumstances, usize)>>);

impl Table {
    /// Computes the table.
    pub(super) fn of(rules: &[PolicyRule]) -> Self {
        let lines = |code: &CheckCode| {
            let about = rules.iter().enumerate().filter(|(_, rule)| rule.is_about(*code));
            about.map(|(place, rule)| (rule.circumstances(), place)).collect()
        };
        Self(CheckCode::ALL.iter().map(lines).collect())
    }

    /// Returns the place of the first line that fits.
    pub(super) fn first(&self, code: CheckCode, so: Circumstances) -> Option<usize> {
        // The codes are listed in the order of their type.
        let place = CheckCode::ALL.binary_search(&code).ok()?;
        self.0.get(place)?.iter().find(|(asked, _)| so.hold_all(*asked)).map(|(_, line)| *line)
    }

    /// Returns the first line that never decides, because earlier lines decide everything that it is about, and the last of those lines.
    /// Both are counted from 1. A line about every check may be unreachable: it is for codes that a later version adds.
    pub(super) fn never_reached(&self, rules: &[PolicyRule]) -> Option<(usize, usize)> {
        let covering = |of_code: &[(Circumstances, usize)], line: usize| {
            let asked = of_code.iter().find(|(_, place)| *place == line)?.0;
            of_code
                .iter()
                .take_while(|(_, place)| *place < line)
                .find(|(earlier, _)| asked.hold_all(*earlier))
                .map(|(_, place)| *place)
        };
        rules.iter().enumerate().filter(|(_, rule)| rule.check.is_some() || !rule.codes.is_empty()).find_map(|(line, _)| {
            let about = self.0.iter().filter(|of_code| of_code.iter().any(|(_, place)| *place == line));
            let last =
                about.map(|of_code| covering(of_code, line)).try_fold(0, |last, found| found.map(|found| last.max(found)))?;
            Some((line + 1, last + 1))
        })
    }
}
