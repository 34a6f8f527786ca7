//! Delegations of paths on a host that many VASPs share. The paths below a prefix belong to one VASP after both the platform and
//! the VASP have confirmed this. They are stored as facts of the VASP. The callers are `directory` and the code that writes such
//! facts.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_addresses::inquiry_url::clear_segments;
use vasp_words::closed_list::closed_list;
use vasp_words::host::Host;
use vasp_words::time::serde_as_text;

/// The longest prefix in bytes, in its normal form.
const PREFIX_LENGTH_MAX: usize = 512;

/// The characters that are percent-encoded in the normal form of a prefix. Source: RFC 3986, section 2.3 (unreserved characters).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

closed_list! {
    /// The confirmation of a delegation, worst first.
    pub enum DelegationStatus {
        /// Only the VASP has confirmed it.
        Requested = "requested",
        /// Only the platform has confirmed it.
        Offered = "offered",
        /// Both have confirmed it.
        Confirmed = "confirmed",
    }
}

/// The beginning of a path, in whole segments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathPrefix(Vec<Vec<u8>>);

/// The text is not the beginning of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a path prefix must start with `/`, and have at most {PREFIX_LENGTH_MAX} bytes, no query, and no segment that is empty or that servers read differently (`.`, `..`, encoded slashes)"
)]
pub struct PathPrefixError;

impl PathPrefix {
    /// Returns the number of segments; 0 means the whole host.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// Tells whether a path begins with these segments, after percent-decoding. No prefix covers a path that servers might read
    /// differently.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        clear_segments(path).is_some_and(|segments| segments.starts_with(&self.0))
    }
}

impl FromStr for PathPrefix {
    type Err = PathPrefixError;
    fn from_str(text: &str) -> Result<Self, PathPrefixError> {
        if !text.starts_with('/') || text.len() > 3 * PREFIX_LENGTH_MAX || text.contains(['?', '#']) {
            return Err(PathPrefixError);
        }
        let mut segments = clear_segments(text).ok_or(PathPrefixError)?;
        segments.pop_if(|last| last.is_empty());
        let prefix = Self(segments);
        if prefix.to_string().len() > PREFIX_LENGTH_MAX { Err(PathPrefixError) } else { Ok(prefix) }
    }
}

impl fmt::Display for PathPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("/");
        }
        self.0.iter().try_for_each(|segment| write!(f, "/{}", percent_encode(segment, RESERVED)))
    }
}

serde_as_text!(PathPrefix);

/// A delegated host and path prefix. The text form is the host followed by the prefix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DelegatedPath {
    host: String,
    prefix: PathPrefix,
}

impl DelegatedPath {
    /// Combines host and prefix.
    #[must_use]
    pub fn new(host: &Host, prefix: PathPrefix) -> Self {
        Self { host: host.as_str().to_owned(), prefix }
    }

    /// Returns the host in A-labels.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the beginning of the path.
    #[must_use]
    pub fn prefix(&self) -> &PathPrefix {
        &self.prefix
    }
}

impl FromStr for DelegatedPath {
    type Err = PathPrefixError;

    /// Reads what `Display` writes. It does not validate the host again: the list of public suffixes changes, and a stored fact
    /// must stay readable.
    fn from_str(text: &str) -> Result<Self, PathPrefixError> {
        let (host, prefix) = text.split_at(text.find('/').filter(|at| *at > 0).ok_or(PathPrefixError)?);
        Ok(Self { host: host.to_owned(), prefix: prefix.parse()? })
    }
}

impl fmt::Display for DelegatedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.host, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prefix(text: &str) -> PathPrefix {
        text.parse().unwrap()
    }

    #[test]
    fn prefix_covers_whole_segments_only() {
        for (path, covered) in [
            ("/alpha", true),
            ("/alpha/", true),
            ("/alpha/x/12345", true),
            ("/alphabet", false),
            ("/alph", false),
            ("/Alpha/x", false),
            ("/x/alpha", false),
            ("/", false),
            ("", false),
        ] {
            assert_eq!(prefix("/alpha").covers(path), covered, "{path}");
        }
        for path in ["", "/", "/anything/at?all"] {
            assert!(prefix("/").covers(path), "{path}");
        }
    }

    #[test]
    fn percent_encodings_count_as_what_they_encode() {
        // Source: RFC 3986, section 6.2.2: `%61` is `a`; hexadecimal digits in either case.
        assert!(prefix("/alpha").covers("/%61lpha/x"));
        assert!(prefix("/%61lpha/").covers("/alpha"));
        assert!(prefix("/caf%C3%A9").covers("/caf%c3%a9/x"));
        assert_eq!(prefix("/%61lpha/b%20c/").to_string(), "/alpha/b%20c");
        // An encoded slash does not separate segments.
        assert!(!prefix("/a/b").covers("/a%2Fb"));
    }

    #[test]
    fn paths_that_servers_read_differently_belong_to_nobody() {
        for path in [
            "/alpha/../beta",
            "/alpha/./x",
            "/alpha/%2e%2e/beta",
            "/alpha/.%2E/beta",
            "/alpha/%252e%252e/beta",
            "/alpha/..;/beta",
            "/alpha/..;a=b/beta",
            "/alpha%2F..%2Fbeta",
            "/alpha/x%2fy",
            "/alpha/x%5Cy",
            "/alpha/%00",
            "/alpha/%0a",
            "/alpha//x",
            "//alpha/x",
            "/alpha//",
        ] {
            assert!(!prefix("/alpha").covers(path) && !prefix("/").covers(path), "{path}");
        }
    }

    #[test]
    fn prefixes_that_say_nothing_sure_are_refused() {
        let long = format!("/{}", "a".repeat(PREFIX_LENGTH_MAX));
        for text in ["", "alpha", "//", "//alpha", "/a//b", "/a/..", "/a/%2e", "/a%2fb", "/a?t=i", "/a#b", "/a/%25", &long] {
            assert_eq!(text.parse::<PathPrefix>(), Err(PathPrefixError), "{text}");
        }
        // Found by fuzzing: a prefix that is short here but long in its normal form could not be read back.
        assert_eq!(format!("/{}", ";".repeat(200)).parse::<PathPrefix>(), Err(PathPrefixError));
        assert_eq!((prefix("/").depth(), prefix("/a/b").depth()), (0, 2));
    }

    #[test]
    fn host_and_prefix_are_one_text() {
        let path = DelegatedPath::new(&"API.example.com".parse().unwrap(), prefix("/alpha/"));

        assert_eq!(path.to_string(), "api.example.com/alpha");
        assert_eq!("api.example.com/alpha".parse(), Ok(path));
        for text in ["", "/alpha", "api.example.com", "api.example.com/../a"] {
            assert_eq!(text.parse::<DelegatedPath>(), Err(PathPrefixError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn written_form_is_stable_and_covers_itself(text in "/\\PC{0,20}", shaped in "(/[a-z%0-9.;]{1,5}){0,4}/?") {
            for text in [text, shaped] {
                if let Ok(prefix) = text.parse::<PathPrefix>() {
                    let written = prefix.to_string();
                    prop_assert_eq!(written.parse::<PathPrefix>(), Ok(prefix.clone()));
                    prop_assert!(prefix.covers(&written) && prefix.covers(&text));
                    let child = format!("{}/x", written.trim_end_matches('/'));
                    prop_assert!(prefix.covers(&child));
                }
            }
        }
    }
}
