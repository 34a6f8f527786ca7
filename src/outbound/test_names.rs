//! Reserved names that this process answers itself, so that a domain can be proven without the Internet: those under `.test` for the sandbox,
//! those under `example.com` and its like for the demo. Nobody can register such a name, so a proof of one is never a proof about the public
//! Internet.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vasp_record::dns_answer::{DnssecStatus, TxtAnswer};

/// The domains that are reserved for tests and examples.
///
/// Source: RFC 6761, section 6.2 (`.test`); RFC 2606, section 3.
const RESERVED: [&str; 4] = [".test", ".example.com", ".example.net", ".example.org"];

/// The TXT records of reserved names, and where on this machine servers of such names listen. A name without either does not exist.
#[derive(Debug, Default)]
pub struct TestNames {
    records: Mutex<BTreeMap<String, BTreeSet<String>>>,
    servers: Mutex<BTreeMap<String, SocketAddr>>,
}

/// A name that cannot be answered here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotATestName {
    /// The name is not reserved for tests or examples.
    #[error("`{0}` is not a name under .test or example.com; only such names are answered here")]
    Name(String),
    /// The server of the name is on another machine.
    #[error("the server of `{name}` must listen on this machine, for example at 127.0.0.1:8443, and not at {address}")]
    Address {
        /// The name.
        name: String,
        /// The address.
        address: SocketAddr,
    },
}

impl TestNames {
    /// Takes records as they were kept.
    #[must_use]
    pub fn of(records: BTreeMap<String, BTreeSet<String>>) -> Self {
        Self { records: Mutex::new(records), servers: Mutex::default() }
    }

    /// Sets the TXT records of a name; without any, the name no longer exists.
    ///
    /// # Errors
    /// `NotATestName`.
    pub fn publish(&self, name: &str, texts: BTreeSet<String>) -> Result<(), NotATestName> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if !is_test_name(&name) {
            return Err(NotATestName::Name(name.chars().take(100).collect()));
        }
        match texts.is_empty() {
            true => self.records().remove(&name),
            false => self.records().insert(name, texts),
        };
        Ok(())
    }

    /// Sets where on this machine the server of a name listens; without an address, the name has no server any more.
    ///
    /// # Errors
    /// `NotATestName`.
    pub fn listen(&self, name: &str, address: Option<SocketAddr>) -> Result<(), NotATestName> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if !is_test_name(&name) {
            return Err(NotATestName::Name(name.chars().take(100).collect()));
        }
        match address {
            Some(address) if !address.ip().is_loopback() => return Err(NotATestName::Address { name, address }),
            Some(address) => self.servers().insert(name, address),
            None => self.servers().remove(&name),
        };
        Ok(())
    }

    /// Returns where the servers of names listen.
    #[must_use]
    pub fn all_servers(&self) -> BTreeMap<String, SocketAddr> {
        self.servers().clone()
    }

    /// Answers where the server of a reserved name listens: `Some(None)` if it has none. `None` for every other name.
    pub(super) fn server(&self, name: &str) -> Option<Option<SocketAddr>> {
        let name = name.to_ascii_lowercase();
        is_test_name(&name).then(|| self.servers().get(&name).copied())
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
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn servers(&self) -> MutexGuard<'_, BTreeMap<String, SocketAddr>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn servers_of_reserved_names_listen_on_this_machine_only() {
        let names = TestNames::default();
        names.listen("Tidewater.TEST", Some("127.0.0.1:8443".parse().unwrap())).unwrap();

        assert_eq!(names.server("tidewater.test"), Some("127.0.0.1:8443".parse().ok()));
        assert_eq!((names.server("other.test"), names.server("example.de")), (Some(None), None));
        for address in ["10.0.0.1:8443", "169.254.169.254:80", "0.0.0.0:8443", "[::ffff:127.0.0.1]:8443"] {
            assert!(names.listen("tidewater.test", address.parse().ok()).is_err(), "{address}");
        }
        assert!(names.listen("example.de", Some("127.0.0.1:8443".parse().unwrap())).is_err());
        names.listen("tidewater.test", None).unwrap();
        assert_eq!(names.server("tidewater.test"), Some(None));
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
