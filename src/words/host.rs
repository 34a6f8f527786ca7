//! Hosts with public names: IDNA A-labels in lower case, below a public suffix. This module refuses IP literals, `localhost` and
//! private names, so that no later code calls or compares them. Users: Travel Addresses, certificate subjects, importers.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use super::time::serde_as_text;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use psl::{List, Psl};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A host with a public name, such as `api.example.com`.
///
/// Source: RFC 1123 (letters, digits, hyphens), UTS #46 non-transitional processing for Unicode names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

/// Why a text is not the name of a public host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// It is not a host name.
    #[error(
        "this is not a host name: it must have labels of letters, digits and hyphens, separated by dots, and at most 253 characters"
    )]
    NotAHost,
    /// It is a name outside the public name space, or a public suffix itself.
    #[error(
        "the host must have a public name below a public suffix; IP addresses, `localhost` and private names are not accepted"
    )]
    NotPublic,
}

/// Names in the list of public suffixes that belong to no public party. The other special names (`localhost`, `local`, `test`,
/// `example`, `invalid`, `internal`, `alt`) have no public suffix. Names such as `example.com` have one and resolve publicly, but
/// nobody can prove them.
///
/// Source: RFC 6761, RFC 2606 and IANA's registry of special-use names; RFC 7686 (`onion`), RFC 3172 and 8375 (`arpa`).
const SPECIAL_USE: [&str; 2] = [".onion", ".arpa"];

impl HostError {
    /// Returns the stable code of this reason, as used in `errors[].code`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAHost => "invalid_host",
            Self::NotPublic => "host_not_public",
        }
    }
}

impl Host {
    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the registered domain: the name one label below the public suffix.
    ///
    /// Source: Public Suffix List, both divisions.
    #[must_use]
    pub fn registrable_domain(&self) -> Self {
        psl::domain_str(&self.0).map_or_else(|| self.clone(), |domain| Self(domain.to_owned()))
    }

    /// Returns this host and then its parents, up to and including the registrable domain.
    #[must_use]
    pub fn parents(&self) -> Vec<Self> {
        let registrable = self.registrable_domain();
        let mut names = vec![self.clone()];
        let mut rest = self.as_str();
        while rest != registrable.as_str()
            && let Some((_, parent)) = rest.split_once('.')
        {
            names.push(Self(parent.to_owned()));
            rest = parent;
        }
        names
    }

    /// Returns the name in Unicode, as people read it.
    #[must_use]
    pub fn to_unicode(&self) -> String {
        Uts46::new().to_unicode(self.0.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast).0.into_owned()
    }

    /// Returns the host without a leading `www.`, if the rest is still below a public suffix.
    #[must_use]
    pub fn without_www(&self) -> Self {
        self.0.strip_prefix("www.").and_then(|rest| rest.parse().ok()).unwrap_or_else(|| self.clone())
    }

    /// Returns the first host of a website cell; `None` if it has no public host.
    #[must_use]
    pub fn from_website_cell(cell: &str) -> Option<Self> {
        Self::all_of_website_cell(cell).next()
    }

    /// Iterates over the public hosts of a register's website cell. Spaces, new lines, `|`, `;` or `,` separate several sites. The scheme may
    /// be missing or misspelt (`https.//`, `http:/`). A path, a port and blanks may surround a host.
    pub fn all_of_website_cell(cell: &str) -> impl Iterator<Item = Self> {
        let separator = |c: char| c.is_whitespace() || matches!(c, '|' | ';' | ',');
        cell.split(separator).filter_map(|site| {
            let lower = site.to_lowercase();
            let rest = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
            // Sometimes the first letter is missing (`ttps://`).
            let rest = ["ttps://", "ttp://"].iter().find_map(|cut| rest.strip_prefix(cut)).unwrap_or(rest);
            let rest = ["https", "http"].iter().find_map(|scheme| after_scheme(rest, scheme)).unwrap_or(rest);
            let host = rest.split(['/', '?', '#', ':', '\\']).next()?;
            host.trim_matches(|c: char| !c.is_alphanumeric()).parse().ok()
        })
    }
}

/// Removes a scheme and the punctuation after it; `None` if no punctuation follows (`httpd.org` is a host).
fn after_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(scheme)?;
    let host = rest.trim_start_matches([':', '.', '/', '\\', ';']);
    let marks = rest.len() - host.len();
    (marks > 0).then_some(host)
}

impl FromStr for Host {
    type Err = HostError;

    /// Reads a bare host name in upper or lower case, in Unicode or A-labels, without a port or a trailing dot.
    fn from_str(text: &str) -> Result<Self, HostError> {
        // A name has at most 253 characters of at most four bytes each before the mapping, so longer texts are refused without
        // mapping.
        if text.len() > 4 * 253 {
            return Err(HostError::NotAHost);
        }
        let ascii = Uts46::new()
            .to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
            .map_err(|_| HostError::NotAHost)?;
        if has_owner(&ascii, TEST_NAMES.load(Ordering::Relaxed)) {
            Ok(Self(ascii.into_owned()))
        } else {
            Err(HostError::NotPublic)
        }
    }
}

/// Whether names under `.test` are hosts in this process.
static TEST_NAMES: AtomicBool = AtomicBool::new(false);

/// Makes names under `.test` hosts in this process, until it ends. Only a sandbox does this: its invented firms have such names.
///
/// Source: RFC 6761, section 6.2: nobody can register them, so they can never be confused with a real firm's.
pub fn accept_test_names() {
    TEST_NAMES.store(true, Ordering::Relaxed);
}

/// Returns whether a name belongs, or could belong, to one party on the Internet; in a sandbox, also a name under `.test`.
fn has_owner(ascii: &str, test_names: bool) -> bool {
    let known = List.suffix(ascii.as_bytes()).is_some_and(|suffix| suffix.is_known());
    let special = SPECIAL_USE.iter().any(|suffix| ascii.ends_with(suffix));
    let test = test_names && ascii.strip_suffix(".test").is_some_and(|rest| !rest.is_empty());
    psl::domain_str(ascii).is_some() && !special && (known || test)
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(Host = "example.com");
crate::sql_as_text!(Host);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn host(text: &str) -> Host {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_written_as_lower_case_a_labels() {
        assert_eq!(host("API.Example.COM").as_str(), "api.example.com");
        // Source: UTS #46, non-transitional processing keeps the sharp s.
        assert_eq!(host("faß.de").as_str(), "xn--fa-hia.de");
        assert_eq!(host("bücher.de").as_str(), "xn--bcher-kva.de");
    }

    #[test]
    fn hosts_outside_the_public_name_space_are_refused() {
        for text in [
            "localhost",
            "envoy.local",
            "10.20.1.231",
            "127.1",
            "0x7f.0.0.1",
            "com",
            "co.uk",
            "github.io",
            "host.internal",
            "abc.onion",
            "printer.home.arpa",
            "1.0.0.127.in-addr.arpa",
            "foo.test",
            "foo.example",
        ] {
            assert_eq!(text.parse::<Host>(), Err(HostError::NotPublic), "{text}");
        }
        for text in
            ["", ".", "a..com", "-a.com", "a_b.com", "a b.com", "[::1]", "example.com.", "example.com:80", "user@example.com"]
        {
            assert_eq!(text.parse::<Host>(), Err(HostError::NotAHost), "{text}");
        }
        assert_eq!(format!("{}.com", "a".repeat(64)).parse::<Host>(), Err(HostError::NotAHost));
        assert_eq!("ä".repeat(100_000).parse::<Host>(), Err(HostError::NotAHost));
    }

    #[test]
    fn parents_end_at_the_registrable_domain() {
        let parents = |text: &str| host(text).parents().iter().map(Host::to_string).collect::<Vec<_>>();

        assert_eq!(parents("a.b.example.co.uk"), ["a.b.example.co.uk", "b.example.co.uk", "example.co.uk"]);
        assert_eq!(parents("example.com"), ["example.com"]);
        assert_eq!(host("a.user.github.io").registrable_domain().as_str(), "user.github.io");
    }

    #[test]
    fn website_cells_of_registers_are_read() {
        // Spellings from published registers, with other host names.
        for (cell, expected) in [
            ("https://www.example.com/", "www.example.com"),
            ("https.//www.example.com", "www.example.com"),
            ("http:/example.com/path?x=1", "example.com"),
            ("HTTPS://WWW.EXAMPLE.COM", "www.example.com"),
            ("www.example.de ", "www.example.de"),
            ("https://example.com; https://example.de", "example.com"),
            ("https:// example.com", "example.com"),
            ("example.com:443/", "example.com"),
            ("httpd.example.org", "httpd.example.org"),
            ("ttps://www.example.cz/", "www.example.cz"),
        ] {
            assert_eq!(Host::from_website_cell(cell).map(|h| h.to_string()).as_deref(), Some(expected), "{cell}");
        }
        for cell in ["", "n/a", "-", "not available", "https://", "http://localhost/"] {
            assert_eq!(Host::from_website_cell(cell), None, "{cell}");
        }
        // Cells of ESMA's registers, but the last three, which are typed as people type them.
        for (cell, expected) in [
            ("https://madisonsix.com/|https://crypto4me.eu", "madisonsix.com crypto4me.eu"),
            ("www.skrill.com\nwww.neteller.com", "www.skrill.com www.neteller.com"),
            ("https://bitstaete.nl/ | http://www.bitstaete.com/", "bitstaete.nl www.bitstaete.com"),
            ("https://portal.kutxabank.es/cs/ Satellite/kb/es/particulares", "portal.kutxabank.es"),
            ("Olmipay.com (upcoming)", "olmipay.com"),
            ("https://example.com; www.example.de, example.fr/x", "example.com www.example.de example.fr"),
            ("example.com / example.de", "example.com example.de"),
            ("example.com and https://example.de", "example.com example.de"),
        ] {
            let hosts: Vec<String> = Host::all_of_website_cell(cell).map(|host| host.to_string()).collect();
            assert_eq!(hosts.join(" "), expected, "{cell}");
        }
        assert_eq!(host("www.example.com").without_www().as_str(), "example.com");
        assert_eq!(host("www.com").without_www().as_str(), "www.com");
    }

    #[test]
    fn names_under_test_are_hosts_in_a_sandbox_only() {
        assert!(has_owner("tidewater.test", true) && has_owner("api.tidewater.test", true) && has_owner("example.com", true));
        assert!(!has_owner("tidewater.test", false));
        for name in ["test", "localhost", "a.local", "a.onion", "latest"] {
            assert!(!has_owner(name, true), "{name}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC*", dotted in "[a-zA-Z0-9.äß-]{0,40}") {
            for text in [text, dotted] {
                let _ = Host::from_website_cell(&text);
                if let Ok(host) = text.parse::<Host>() {
                    prop_assert_eq!(host.as_str().parse::<Host>().unwrap(), host.clone());
                    prop_assert_eq!(host.parents().last().cloned(), Some(host.registrable_domain()));
                }
            }
        }
    }
}
