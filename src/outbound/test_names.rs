//! Reserved names that this process answers itself, so that a domain can be proven without the Internet: those under `.test` for the sandbox,
//! those under `example.com` and its like for the demo. Nobody can register such a name, so a proof of one is never a proof about the public
//! Internet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use vasp_record::dns_answer::{DnssecStatus, TxtAnswer};

/// The domains that are reserved for tests and examples.
///
/// Source: RFC 6761, section 6.2 (`.test`); RFC 2606, section 3.
const RESERVED: [&str; 4] = [".test", ".example.com", ".example.net", ".example.org"];

/// The TXT records of reserved names. A name without a record does not exist.
#[derive(Debug, Default)]
pub struct TestNames(Mutex<BTreeMap<String, BTreeSet<String>>>);

/// The name is not reserved for tests or examples.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name under .test or example.com; only such names are answered here")]
pub struct NotATestName(String);

impl TestNames {
    /// Takes records as they were kept.
    #[must_use]
    pub fn of(records: BTreeMap<String, BTreeSet<String>>) -> Self {
        Self(Mutex::new(records))
    }

    /// Sets the TXT records of a name; without any, the name no longer exists.
    ///
    /// # Errors
    /// `NotATestName`.
    pub fn publish(&self, name: &str, texts: BTreeSet<String>) -> Result<(), NotATestName> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if !is_test_name(&name) {
            return Err(NotATestName(name.chars().take(100).collect()));
        }
        match texts.is_empty() {
            true => self.records().remove(&name),
            false => self.records().insert(name, texts),
        };
        Ok(())
    }

    /// Returns all records.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.records().clone()
    }

    /// Answers for a reserved name; `None` for every other name.
    pub(super) fn texts(&self, name: &str) -> Option<TxtAnswer> {
        let name = name.to_ascii_lowercase();
        let answer = |texts: &BTreeSet<String>| TxtAnswer::Texts { texts: texts.clone(), dnssec: DnssecStatus::Insecure };
        is_test_name(&name).then(|| self.records().get(&name).map_or(TxtAnswer::Nothing, answer))
    }

    fn records(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_test_name(name: &str) -> bool {
    let under = |domain: &str| name.strip_suffix(domain).is_some_and(|rest| !rest.is_empty() && !rest.ends_with('.'));
    RESERVED.iter().any(|domain| under(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn what_was_published_is_answered_whatever_the_case() {
        let names = TestNames::default();
        names.publish("_proof.Tidewater.TEST.", texts(&["a", "b"])).unwrap();

        let answer = TxtAnswer::Texts { texts: texts(&["a", "b"]), dnssec: DnssecStatus::Insecure };
        assert_eq!(names.texts("_proof.tidewater.test"), Some(answer));
        assert_eq!(names.texts("tidewater.test"), Some(TxtAnswer::Nothing));
        names.publish("_proof.tidewater.test", BTreeSet::new()).unwrap();
        assert_eq!(names.texts("_proof.tidewater.test"), Some(TxtAnswer::Nothing));
        names.publish("_proof.tidewater.example.com", texts(&["c"])).unwrap();
        assert!(matches!(names.texts("_PROOF.tidewater.example.com"), Some(TxtAnswer::Texts { .. })));
    }

    #[test]
    fn names_of_the_internet_are_neither_answered_nor_taken() {
        let names = TestNames::default();

        for name in ["example.org", "test", ".test", "a..test", "latest", "a.test.example.de"] {
            assert!(names.publish(name, texts(&["a"])).is_err(), "{name}");
            assert_eq!(names.texts(name), None, "{name}");
        }
    }
}
