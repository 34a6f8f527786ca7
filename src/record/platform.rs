//! Platform hosts: hosts on which many VASPs receive inquiries. No VASP owns such a host by proving its domain. A path on it
//! belongs to the VASP that a confirmed delegation names. This is a reference document; the compiled-in version applies until
//! another one is imported.

use std::collections::BTreeMap;

use serde::Deserialize;
use vasp_words::host::{Host, HostError};
use vasp_words::time::Date;

/// One platform host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformHost {
    host: String,
    covers_subdomains: bool,
    platform: String,
    #[serde(rename = "source")]
    _source: String,
}

/// The document of platform hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformHosts {
    /// Version of the document.
    pub version: String,
    /// The day on which the document was made.
    pub generated_on: Date,
    by_host: BTreeMap<String, PlatformHost>,
}

/// Why a document of platform hosts is refused.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The document does not have the expected form.
    #[error("the platform hosts cannot be read: {0}")]
    Form(String),
    /// A host is not a host name.
    #[error("`{0}` is not a host name")]
    Host(String),
    /// A host has no description of its platform.
    #[error("`{0}` does not name its platform")]
    Undescribed(String),
    /// A host is listed twice.
    #[error("`{0}` occurs twice")]
    Repeated(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    generated_on: Date,
    hosts: Vec<PlatformHost>,
}

impl PlatformHost {
    /// Returns the platform of the host, as a phrase.
    #[must_use]
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// Returns the host in A-labels.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl PlatformHosts {
    /// Returns the compiled-in document.
    ///
    /// # Errors
    /// `PlatformError` if it is broken; a test ensures that it is not.
    pub fn embedded() -> Result<Self, PlatformError> {
        Self::from_json(include_str!("data/platform_hosts.json"))
    }

    /// Reads and checks a document.
    ///
    /// # Errors
    /// `PlatformError`, naming the host that is wrong.
    pub fn from_json(text: &str) -> Result<Self, PlatformError> {
        let file: File = serde_json::from_str(text).map_err(|error| PlatformError::Form(error.to_string()))?;
        let mut by_host = BTreeMap::new();
        for mut entry in file.hosts {
            // The list of public suffixes changes, but a stored document must stay readable.
            entry.host = match entry.host.parse::<Host>() {
                Ok(host) => host.to_string(),
                Err(HostError::NotPublic) => entry.host.to_lowercase(),
                Err(HostError::NotAHost) => return Err(PlatformError::Host(entry.host.chars().take(80).collect())),
            };
            if entry.platform.trim().is_empty() {
                return Err(PlatformError::Undescribed(entry.host));
            }
            if let Some(repeated) = by_host.insert(entry.host.clone(), entry) {
                return Err(PlatformError::Repeated(repeated.host));
            }
        }
        Ok(Self { version: file.version, generated_on: file.generated_on, by_host })
    }

    /// Returns how many hosts there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.by_host.len()
    }

    /// Tells whether a host name of a record, in A-labels, belongs to a platform.
    #[must_use]
    pub fn cover(&self, name: &str) -> bool {
        let names = std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, parent)| parent));
        // Parsing a host takes longer than this look-up, and few hosts belong to a platform.
        names.into_iter().any(|name| self.by_host.contains_key(name))
            && name.parse().is_ok_and(|host| self.covering(&host).is_some())
    }

    /// Returns the platform of a host: its own entry, otherwise the nearest entry above it that covers subdomains.
    #[must_use]
    pub fn covering(&self, host: &Host) -> Option<&PlatformHost> {
        if self.by_host.is_empty() {
            return None;
        }
        let entries =
            host.parents().into_iter().enumerate().filter_map(|(depth, name)| Some((depth, self.by_host.get(name.as_str())?)));
        entries.filter(|(depth, entry)| *depth == 0 || entry.covers_subdomains).map(|(_, entry)| entry).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn document(hosts: &str) -> String {
        format!(r#"{{"version": "1", "generated_on": "2026-01-01", "hosts": [{hosts}]}}"#)
    }

    fn entry(host: &str, covers: bool) -> String {
        format!(r#"{{"host": "{host}", "covers_subdomains": {covers}, "platform": "P {host}", "source": "s"}}"#)
    }

    #[test]
    fn compiled_in_document_reads() {
        let known = PlatformHosts::embedded().unwrap();

        assert_eq!(known.count(), 3);
        assert!(known.covering(&"api.trpcontinuum.com".parse().unwrap()).is_some());
    }

    #[test]
    fn host_belongs_to_the_nearest_entry_that_covers_it() {
        let text =
            document(&[entry("Shared.com", true), entry("api.single.com", false), entry("deep.shared.com", false)].join(","));
        let known = PlatformHosts::from_json(&text).unwrap();
        let covering = |host: &str| known.covering(&host.parse().unwrap()).map(PlatformHost::host);

        assert_eq!(covering("shared.com"), Some("shared.com"));
        assert_eq!(covering("a.b.shared.com"), Some("shared.com"));
        assert_eq!(covering("deep.shared.com"), Some("deep.shared.com"));
        assert_eq!(covering("x.deep.shared.com"), Some("shared.com"));
        assert_eq!(covering("api.single.com"), Some("api.single.com"));
        assert_eq!(covering("x.api.single.com"), None);
        assert_eq!(covering("single.com"), None);
    }

    #[test]
    fn broken_documents_are_refused_with_the_host() {
        for (text, said) in [
            ("{}".to_owned(), "cannot be read"),
            (document(r#"{"host": "a.com"}"#), "cannot be read"),
            (document(&entry("a b", true)), "`a b` is not a host name"),
            (document(&[entry("a.com", true), entry("A.com", false)].join(",")), "`a.com` occurs twice"),
            (document(&entry("a.com", true).replace("P a.com", " ")), "does not name its platform"),
        ] {
            let error = PlatformHosts::from_json(&text).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_host_is_read_or_refused(host in "[a-zA-Z0-9.é_-]{0,20}") {
            let _ = PlatformHosts::from_json(&document(&entry(&host, true)));
        }
    }
}
