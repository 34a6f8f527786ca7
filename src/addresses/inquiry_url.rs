//! The URL at which a VASP accepts inquiries, with the rules that it must meet: `https`, a public host, no user, no fragment. Travel
//! Addresses, LNURLs and plain URLs all follow this policy, although their codecs accept more. Nothing is called here. Path and query
//! contain a customer's opaque id: they are kept byte for byte and never shown by `Debug`.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use vasp_words::host::{Host, HostError};

/// The maximum length of a URL in bytes, without its scheme. This is our limit; the protocol has none.
pub const URL_LENGTH_MAX: usize = 2048;

/// The scheme, in lower case.
const SCHEME: &str = "https://";

/// An `https` URL with a public host.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InquiryUrl {
    host: Host,
    port: Option<u16>,
    path_and_query: String,
}

/// Why a URL cannot be used for inquiries to a VASP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// There is nothing after the scheme, or too much.
    #[error("the URL has 1 to {URL_LENGTH_MAX} bytes after `https://`")]
    WrongLength,
    /// The scheme is another one, or missing.
    #[error("the URL must start with `https://`: inquiries contain customers' names and are never sent unencrypted")]
    HttpsRequired,
    /// The URL has a fragment.
    #[error("the URL must have no fragment (`#…`), because a server never receives it")]
    FragmentPresent,
    /// The URL contains a user.
    #[error("the URL must not contain a user name or password")]
    UserinfoPresent,
    /// A character is not allowed by RFC 3986.
    #[error("character {0} of the URL is not allowed in a path or query, or is a `%` without two hexadecimal digits")]
    InvalidCharacter(
        /// The position after `https://`, counted from 1.
        usize,
    ),
    /// The port is not valid.
    #[error("the port of the URL must be a number from 1 to 65535")]
    InvalidPort,
    /// The query has the parameter `t` more than once.
    #[error("the query of the URL must contain the parameter `t` at most once")]
    DuplicateT,
    /// The host is not in canonical spelling.
    #[error("the host of the URL must be in lower case; write letters other than a to z as A-labels (`xn--…`)")]
    HostSpelling,
    /// The hexadecimal digits after a `%` are in lower case.
    #[error("character {0} of the URL: the two hexadecimal digits after `%` must be upper-case")]
    EscapeInLowerCase(
        /// The position after `https://`, counted from 1.
        usize,
    ),
    /// A character is percent-encoded but needs no encoding.
    #[error("character {0} of the URL: letters, digits and `-`, `.`, `_`, `~` must be written as they are, without `%`")]
    EscapeNotNeeded(
        /// The position after `https://`, counted from 1.
        usize,
    ),
    /// Servers read the path differently.
    #[error(
        "the path of the URL must not have `.`, `..` or nothing between slashes, and no encoded slash, backslash, `%` or control character: servers read such paths differently"
    )]
    UnclearPath,
    /// The host is not public.
    #[error("the host of the URL is not valid: {0}")]
    Host(HostError),
}

impl UrlError {
    /// Returns the stable code for why the URL is refused, as used in `errors[].code`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongLength => "wrong_length",
            Self::HttpsRequired => "https_required",
            Self::FragmentPresent => "fragment_present",
            Self::UserinfoPresent => "userinfo_present",
            Self::InvalidCharacter(_) => "invalid_character",
            Self::InvalidPort => "invalid_port",
            Self::DuplicateT => "duplicate_t",
            Self::HostSpelling | Self::EscapeInLowerCase(_) | Self::EscapeNotNeeded(_) | Self::UnclearPath => {
                "not_in_normal_form"
            }
            Self::Host(error) => error.code(),
        }
    }
}

impl InquiryUrl {
    /// Reads the part of a URL after `https://`.
    ///
    /// # Errors
    /// `UrlError`, but never `HttpsRequired`.
    pub fn after_scheme(url: &str) -> Result<Self, UrlError> {
        if url.is_empty() || url.len() > URL_LENGTH_MAX {
            return Err(UrlError::WrongLength);
        }
        if url.contains('#') {
            return Err(UrlError::FragmentPresent);
        }
        let (authority, path_and_query) = url.split_at(url.find(['/', '?']).unwrap_or(url.len()));
        if authority.contains('@') {
            return Err(UrlError::UserinfoPresent);
        }
        if authority.starts_with('[') {
            return Err(UrlError::Host(HostError::NotPublic));
        }
        check_characters(path_and_query, authority.chars().count())?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(read_port(port)?)),
            None => (authority, None),
        };
        let host = host.parse().map_err(UrlError::Host)?;
        check_query(path_and_query.split_once('?').map_or("", |(_, query)| query))?;
        Ok(Self { host, port, path_and_query: path_and_query.to_owned() })
    }

    /// Returns the host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the port; `None` if the URL has none.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns path and query byte for byte; the path contains the customer's opaque id.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// Returns the path without the query; empty if the URL has none.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }

    /// Returns this URL if all servers read its path alike, so that it cannot be another VASP's on a shared host.
    pub(super) fn with_clear_path(self) -> Result<Self, UrlError> {
        if clear_segments(self.path()).is_some() { Ok(self) } else { Err(UrlError::UnclearPath) }
    }
}

/// Splits a path at its slashes and decodes the segments; the last is empty if the path ends with a slash. `None` if a server could read the
/// path as another place.
///
/// Source: RFC 3986, sections 3.3 (empty segments), 5.2.4 (dot segments) and 6.2.2 (percent-encoding).
#[must_use]
pub fn clear_segments(path: &str) -> Option<Vec<Vec<u8>>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let segments: Vec<Vec<u8>> = path.split('/').map(|segment| percent_decode_str(segment).collect()).collect();
    let (_, before_last) = segments.split_last()?;
    let is_clear = segments.iter().all(|segment| is_clear(segment)) && !before_last.iter().any(Vec::is_empty);
    is_clear.then_some(segments)
}

/// Tells whether every server reads a segment as one name. It must have no step up (also before `;` parameters), no hidden slash,
/// and nothing that a second decoding would change.
fn is_clear(segment: &[u8]) -> bool {
    let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
    let steps = name == b"." || name == b"..";
    !steps && !segment.iter().any(|byte| matches!(byte, b'/' | b'\\' | b'%' | 0..=0x1f | 0x7f))
}

impl FromStr for InquiryUrl {
    type Err = UrlError;

    /// Reads a whole URL; its scheme may be in any case.
    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_at_checked(SCHEME.len()).ok_or(UrlError::HttpsRequired)?;
        if scheme.eq_ignore_ascii_case(SCHEME) { Self::after_scheme(rest) } else { Err(UrlError::HttpsRequired) }
    }
}

impl fmt::Display for InquiryUrl {
    /// Writes the whole URL, with its host in A-labels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path_and_query)
    }
}

impl fmt::Debug for InquiryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/…", self.host)
    }
}

/// Checks the characters of path and query; `before` is their position in the URL. Source: RFC 3986, sections 3.3 and 3.4.
fn check_characters(text: &str, before: usize) -> Result<(), UrlError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?%".contains(c);
    let broken = |index: usize| {
        let digits = text.get(index + 1..index + 3);
        !digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let wrong = text.char_indices().position(|(index, c)| !allowed(c) || (c == '%' && broken(index)));
    wrong.map_or(Ok(()), |at| Err(UrlError::InvalidCharacter(before + at + 1)))
}

/// Checks that a URL, without its scheme, is in normal form, so that each URL has only one Travel Address. A port and an empty path stay as
/// the VASP wrote them: published Travel Addresses contain port 443.
///
/// Source: RFC 3986, section 6.2.2 (case, percent-encoding and path segments); UTS #46 for the host.
pub(super) fn check_normal_form(url: &str, read: &InquiryUrl) -> Result<(), UrlError> {
    if !url.starts_with(read.host().as_str()) {
        return Err(UrlError::HostSpelling);
    }
    for (at, _) in url.match_indices('%') {
        let digits = url.get(at + 1..at + 3).unwrap_or_default();
        if digits.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return Err(UrlError::EscapeInLowerCase(at + 1));
        }
        let byte = u8::from_str_radix(digits, 16).unwrap_or_default();
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            return Err(UrlError::EscapeNotNeeded(at + 1));
        }
    }
    Ok(())
}

/// Reads a port: digits without a leading zero.
fn read_port(text: &str) -> Result<u16, UrlError> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).ok_or(UrlError::InvalidPort)
}

/// Checks that the parameter `t` occurs at most once; a server reads `%74` as `t` too.
fn check_query(query: &str) -> Result<(), UrlError> {
    let is_t = |parameter: &&str| matches!(parameter.split('=').next(), Some("t" | "%74"));
    if query.split('&').filter(is_t).count() > 1 { Err(UrlError::DuplicateT) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(url: &str) -> &'static str {
        url.parse::<InquiryUrl>().map_or_else(UrlError::code, |_| "accepted")
    }

    #[test]
    fn every_rule_has_its_code() {
        for (url, expected) in [
            ("https://beneficiary.com/x?t=i", "accepted"),
            ("HTTPS://beneficiary.com", "accepted"),
            ("https://beneficiary.com/x?color=red&foo=bar&t=i", "accepted"),
            ("https://beneficiary.com/x//y?next=https://a.com&t=i", "accepted"),
            ("https://beneficiary.com/x", "accepted"),
            ("https://", "wrong_length"),
            ("http://beneficiary.com/x?t=i", "https_required"),
            ("ftp://beneficiary.com/x", "https_required"),
            ("https:/beneficiary.com/x", "https_required"),
            ("beneficiary.com/x?t=i", "https_required"),
            ("https://beneficiary.com/x?a=b&t=i&t=i", "duplicate_t"),
            ("https://beneficiary.com/x?%74=x&t=i", "duplicate_t"),
            ("https://beneficiary.com/x?t=i#top", "fragment_present"),
            ("https://user:pw@beneficiary.com/x", "userinfo_present"),
            ("https://evil.com\\@beneficiary.com/x", "userinfo_present"),
            ("https://[::1]@beneficiary.com/x", "userinfo_present"),
            ("https://beneficiary.com:0/x", "invalid_port"),
            ("https://beneficiary.com:65536/x", "invalid_port"),
            ("https://beneficiary.com:/x", "invalid_port"),
            ("https://beneficiary.com:+80/x", "invalid_port"),
            ("https:///x?t=i", "invalid_host"),
            ("https://beneficiary.com./x", "invalid_host"),
            ("https://beneficiary.com\\.evil.com/x", "invalid_host"),
            ("https://beneficiary.com/a b", "invalid_character"),
            ("https://beneficiary.com/\u{e9}", "invalid_character"),
            ("https://beneficiary.com/%zz", "invalid_character"),
        ] {
            assert_eq!(code(url), expected, "{url}");
        }
    }

    #[test]
    fn hosts_that_are_no_public_names_are_refused() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "１２７.０.０.１",
            "[::1]",
            "[::1]:80",
            "[::ffff:127.0.0.1]",
            "localhost",
            "localhost:5001",
            "intranet",
            "envoy.local:8100",
            "a.internal",
            "abc.onion",
            "printer.home.arpa",
            "a.test",
            "a.example",
            "a.invalid",
            "a.alt",
            "co.uk",
        ] {
            assert_eq!(code(&format!("https://{host}/x?t=i")), "host_not_public", "{host}");
        }
    }

    #[test]
    fn host_is_normalised_and_path_kept_byte_for_byte() {
        let read: InquiryUrl = "https://Bücher.DE:8443/Kunde/%41b?T=1&t=i".parse().unwrap();

        assert_eq!(read.to_string(), "https://xn--bcher-kva.de:8443/Kunde/%41b?T=1&t=i");
        assert_eq!((read.path(), read.port()), ("/Kunde/%41b", Some(8443)));
        assert_eq!(format!("{read:?}"), "https://xn--bcher-kva.de/…");
        assert_eq!("https://beneficiary.com?t=i".parse::<InquiryUrl>().unwrap().path(), "");
    }

    #[test]
    fn longest_url_is_read_and_one_more_byte_refused() {
        let of_length = |length: usize| format!("https://a.com/{}", "x".repeat(length - "a.com/".len()));

        assert_eq!(code(&of_length(URL_LENGTH_MAX)), "accepted");
        assert_eq!(code(&of_length(URL_LENGTH_MAX + 1)), "wrong_length");
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_so_that_it_reads_back(text in "\\PC*", url in "[a-z0-9.:/?&=%#@ é]{0,60}") {
            for text in [text, url.clone(), format!("https://{url}"), format!("https://a.com/{url}")] {
                if let Ok(read) = text.parse::<InquiryUrl>() {
                    prop_assert_eq!(read.to_string().parse::<InquiryUrl>(), Ok(read));
                }
            }
        }
    }
}
