//! The Travel Address: `ta` and a base58check text that hides an `https` URL at which a VASP takes Travel Rule inquiries.
//! Pure codec: nothing is looked up, nothing is called.
//!
//! Source: OpenVASP Travel Rule Protocol 3.1.0 and later, "Travel Address": `ta` ‖ base58(url ‖ first four bytes of
//! SHA-256(SHA-256(url))), the URL in UTF-8 without scheme, with the parameter `t=i`; no version byte.

use std::fmt;
use std::str::FromStr;

use super::address::base58;
use super::address::checksum::sha256d_4;
use super::host::{Host, HostError};
use super::time::serde_as_text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What every Travel Address starts with; outside the checksum, case-sensitive.
const PREFIX: &str = "ta";

/// Longest decoded URL in bytes; ours, the protocol names none.
const URL_LENGTH_MAX: usize = 2048;

/// Bytes of the checksum.
const CHECKSUM_LENGTH: usize = 4;

/// A Travel Address: its text and what it hides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TravelAddress {
    text: String,
    host: Host,
    port: Option<u16>,
    path_and_query: String,
}

/// Why a text is not a Travel Address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TravelAddressError {
    /// The first two characters are others.
    #[error("a Travel Address starts with `ta`")]
    MissingPrefix,
    /// A character outside base 58 or, in the URL, outside RFC 3986.
    #[error("character {position} of the {part} is not allowed")]
    InvalidCharacter {
        /// The text, or the URL inside.
        part: &'static str,
        /// Place, counted from 1.
        position: usize,
    },
    /// Too short to hold a checksum, or too long.
    #[error("a Travel Address hides a URL of 1 to {URL_LENGTH_MAX} bytes and four bytes of checksum")]
    WrongLength,
    /// The checksum does not fit the rest.
    #[error("the base58check checksum does not match: a character is wrong, missing or in excess")]
    ChecksumMismatch,
    /// The hidden bytes are no text.
    #[error("the hidden URL is not UTF-8")]
    NotUtf8,
    /// The URL has a scheme.
    #[error("the hidden URL must have no scheme: it is always https")]
    SchemePresent,
    /// The URL names a user.
    #[error("the hidden URL must not name a user or password")]
    UserinfoPresent,
    /// The URL has a fragment.
    #[error("the hidden URL must have no fragment (`#…`)")]
    FragmentPresent,
    /// The port is no port.
    #[error("the port of the hidden URL must be a number from 1 to 65535")]
    InvalidPort,
    /// The query does not mark a Travel Rule inquiry.
    #[error("the query of the hidden URL must contain `t=i`")]
    MissingTi,
    /// The query has the parameter `t` more than once.
    #[error("the query of the hidden URL must contain the parameter `t` once")]
    DuplicateT,
    /// The host is not a public one.
    #[error("the host of the hidden URL is not usable: {0}")]
    Host(HostError),
}

impl TravelAddressError {
    /// Returns the stable code of this reason, as it stands in `errors[].code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingPrefix => "missing_prefix",
            Self::InvalidCharacter { .. } => "invalid_character",
            Self::WrongLength => "wrong_length",
            Self::ChecksumMismatch => "checksum_mismatch",
            Self::NotUtf8 => "not_utf8",
            Self::SchemePresent => "scheme_present",
            Self::UserinfoPresent => "userinfo_present",
            Self::FragmentPresent => "fragment_present",
            Self::InvalidPort => "invalid_port",
            Self::MissingTi => "missing_t_i",
            Self::DuplicateT => "duplicate_t",
            Self::Host(error) => error.code(),
        }
    }
}

impl TravelAddress {
    /// Makes the Travel Address of a URL without scheme, such as `beneficiary.com/x/12345?t=i`. The URL goes in byte for
    /// byte.
    ///
    /// # Errors
    /// `TravelAddressError` where the URL breaks a rule.
    pub fn from_url(url: &str) -> Result<Self, TravelAddressError> {
        // Base 58 takes time with the square of the length.
        check_length(url)?;
        let bytes = [url.as_bytes(), &sha256d_4(url.as_bytes())].concat();
        Self::read(format!("{PREFIX}{}", bs58::encode(bytes).into_string()), url)
    }

    /// Returns the address as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the port, where one is named.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns path and query byte for byte; the path carries the customer's opaque id.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// Returns the `https` URL, its host in A-labels.
    #[must_use]
    pub fn url(&self) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("https://{}{port}{}", self.host, self.path_and_query)
    }

    /// Checks the hidden URL.
    fn read(text: String, url: &str) -> Result<Self, TravelAddressError> {
        check_length(url)?;
        if has_scheme(url) {
            return Err(TravelAddressError::SchemePresent);
        }
        if url.contains('#') {
            return Err(TravelAddressError::FragmentPresent);
        }
        let (authority, path_and_query) = url.split_at(url.find(['/', '?']).unwrap_or(url.len()));
        if authority.starts_with('[') {
            return Err(TravelAddressError::Host(HostError::NotPublic));
        }
        if authority.contains('@') {
            return Err(TravelAddressError::UserinfoPresent);
        }
        check_characters(path_and_query, authority.chars().count())?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(read_port(port)?)),
            None => (authority, None),
        };
        let host = host.parse().map_err(TravelAddressError::Host)?;
        check_query(path_and_query.split_once('?').map_or("", |(_, query)| query))?;
        Ok(Self { text, host, port, path_and_query: path_and_query.to_owned() })
    }
}

impl FromStr for TravelAddress {
    type Err = TravelAddressError;
    fn from_str(text: &str) -> Result<Self, TravelAddressError> {
        let body = text.strip_prefix(PREFIX).ok_or(TravelAddressError::MissingPrefix)?;
        if body.len() > base58::text_length_max(URL_LENGTH_MAX + CHECKSUM_LENGTH) {
            return Err(TravelAddressError::WrongLength);
        }
        let wrong = |position| TravelAddressError::InvalidCharacter { part: "text", position: PREFIX.len() + position };
        let bytes = base58::decode(body).map_err(wrong)?;
        if bytes.len() <= CHECKSUM_LENGTH {
            return Err(TravelAddressError::WrongLength);
        }
        let url = base58::verified(&bytes).ok_or(TravelAddressError::ChecksumMismatch)?;
        let url = std::str::from_utf8(url).map_err(|_| TravelAddressError::NotUtf8)?;
        Self::read(text.to_owned(), url)
    }
}

impl fmt::Display for TravelAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

serde_as_text!(TravelAddress);

fn check_length(url: &str) -> Result<(), TravelAddressError> {
    if (1..=URL_LENGTH_MAX).contains(&url.len()) { Ok(()) } else { Err(TravelAddressError::WrongLength) }
}

/// Tells whether a URL starts with a scheme, or with the `//` that follows one. Source: RFC 3986, section 3.1.
fn has_scheme(url: &str) -> bool {
    let Some((scheme, _)) = url.split_once("//") else { return false };
    let name = scheme.strip_suffix(':').unwrap_or(scheme);
    (scheme.is_empty() || scheme.ends_with(':'))
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// Checks the characters of path and query, `before` characters into the URL. Source: RFC 3986, sections 3.3 and 3.4.
fn check_characters(text: &str, before: usize) -> Result<(), TravelAddressError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?%".contains(c);
    let broken = |index: usize| {
        let digits = text.get(index + 1..index + 3);
        !digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let wrong = text.char_indices().position(|(index, c)| !allowed(c) || (c == '%' && broken(index)));
    wrong.map_or(Ok(()), |at| Err(TravelAddressError::InvalidCharacter { part: "hidden URL", position: before + at + 1 }))
}

/// Reads a port: digits without a leading zero.
fn read_port(text: &str) -> Result<u16, TravelAddressError> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).ok_or(TravelAddressError::InvalidPort)
}

/// Checks that the parameter `t` is there once, with the value `i`; `%74` is how a server also reads `t`.
fn check_query(query: &str) -> Result<(), TravelAddressError> {
    let name = |parameter: &str| parameter.split_once('=').map_or(parameter, |(name, _)| name).to_owned();
    let mut marks = query.split('&').filter(|parameter| matches!(name(parameter).as_str(), "t" | "%74"));
    match (marks.next(), marks.next()) {
        (Some(_), Some(_)) => Err(TravelAddressError::DuplicateT),
        (Some("t=i"), None) => Ok(()),
        _ => Err(TravelAddressError::MissingTi),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The vector of the specification.
    const VECTOR: &str = "ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv";

    fn code(url: &str) -> &'static str {
        TravelAddress::from_url(url).map_or_else(|error| error.code(), |_| "accepted")
    }

    /// Wraps a URL that `from_url` would refuse.
    fn wrap(url: &[u8]) -> String {
        format!("ta{}", bs58::encode([url, &sha256d_4(url)].concat()).into_string())
    }

    #[test]
    fn published_travel_addresses_are_read_and_written() {
        // Sources: the Travel Rule Protocol's specification; 21 Analytics' announcement of 2021; trisacrypto/trisa and
        // trisacrypto/envoy (MIT), tests and documentation.
        for (text, url) in [
            (VECTOR, "beneficiary.com/x/12345?t=i"),
            (
                "ta6MNBj2u4art71gN99C6xniYrNfDUF26QgZHdXwd6zzYsvk1S6M5A15K2REHRULnZHnJs88",
                "beneficiary.com/implementation/defined/path?t=i",
            ),
            ("ta21hULpYqwBirCCHHU13UMT1hhy3syAAPXJem8cJ", "beneficiary.com:8000?t=i"),
            ("ta2wijJqYhcj5zriQyV5SVWybf71AyHEXjdvtJEwNdQYykjqYkVT6dUXAfTf", "trisa.beneficiary.com:8000/x/12345?t=i"),
            (
                "ta2ih14ZfMmba1ZK3succR82cUAXXj8hii4qWV5fUzVCgRxQPXWnWVHX9v9tdd5ZbiG7VA8o2R2ZjKykGbyzCsJD1jcr5X7KzFgsp",
                "trisa.example.com/accounts/01HV5F21BJ1APPMSMM84J919M4?mode=trisa&t=i",
            ),
        ] {
            let read: TravelAddress = text.parse().unwrap();

            assert_eq!(read.url(), format!("https://{url}"));
            assert_eq!(TravelAddress::from_url(url).unwrap(), read);
            assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn published_travel_addresses_of_private_hosts_are_refused() {
        // Source: trisacrypto/trisa and trisacrypto/envoy (MIT), which accept them for development.
        for text in [
            "ta226rAKyTmMxzsmkda5U2Vhw1",
            "ta7eawSJpSSSqZScV8b8hDD6hLMtLKC4S6tfKc3",
            "taAFKaTJj4goXwwCKCmdNPtG8zeze5BeZiK",
            "ta2fFeKgcLirnGbYFL9YnkqWr8kQu1gW7PWhxHqqcDErjSZLTeeqYWGKwbNT",
        ] {
            assert_eq!(text.parse::<TravelAddress>().unwrap_err().code(), "host_not_public", "{text}");
        }
    }

    #[test]
    fn broken_texts_are_told_apart() {
        let code = |text: &str| text.parse::<TravelAddress>().unwrap_err().code();

        assert_eq!(code("TA2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv"), "missing_prefix");
        assert_eq!(code("ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9ww"), "checksum_mismatch");
        assert_eq!(code("ta"), "wrong_length");
        assert_eq!(code("ta111"), "wrong_length");
        // Found by fuzzing: encoding this before looking at its length would take hours.
        assert_eq!(TravelAddress::from_url(&"a".repeat(4 << 20)).unwrap_err().code(), "wrong_length");
        assert_eq!("ta0W2H".parse::<TravelAddress>(), Err(TravelAddressError::InvalidCharacter { part: "text", position: 3 }));
        assert_eq!(code(&wrap(&[0xff, 0xfe])), "not_utf8");
        assert_eq!(code(&wrap(b"")), "wrong_length");
        assert_eq!(code(&wrap(&[b'a'; 2049])), "wrong_length");
        assert_eq!(code(&format!("ta{}", "z".repeat(1_000_000))), "wrong_length");
    }

    #[test]
    fn every_rule_of_the_url_has_its_code() {
        for (url, expected) in [
            ("https://beneficiary.com/x?t=i", "scheme_present"),
            ("//beneficiary.com/x?t=i", "scheme_present"),
            ("beneficiary.com/x", "missing_t_i"),
            ("beneficiary.com/x?t=I", "missing_t_i"),
            ("beneficiary.com/x?T=i", "missing_t_i"),
            ("beneficiary.com/x?a=b&t=i&t=i", "duplicate_t"),
            ("beneficiary.com/x?%74=x&t=i", "duplicate_t"),
            ("beneficiary.com/x?t=i#top", "fragment_present"),
            ("user:pw@beneficiary.com/x?t=i", "userinfo_present"),
            ("beneficiary.com:0/x?t=i", "invalid_port"),
            ("beneficiary.com:65536/x?t=i", "invalid_port"),
            ("beneficiary.com:/x?t=i", "invalid_port"),
            ("beneficiary.com:+80/x?t=i", "invalid_port"),
            ("localhost:5001/x?t=i", "host_not_public"),
            ("co.uk/x?t=i", "host_not_public"),
            ("[::1]:80/x?t=i", "host_not_public"),
            ("/x?t=i", "invalid_host"),
            ("beneficiary.com/a b?t=i", "invalid_character"),
            ("beneficiary.com/\u{e9}?t=i", "invalid_character"),
            ("beneficiary.com/%zz?t=i", "invalid_character"),
            ("beneficiary.com/x?color=red&foo=bar&t=i", "accepted"),
            ("beneficiary.com/x//y?next=https://a.com&t=i", "accepted"),
        ] {
            assert_eq!(code(url), expected, "{url}");
        }
    }

    #[test]
    fn host_is_normalised_and_path_kept_byte_for_byte() {
        let read = TravelAddress::from_url("Bücher.DE:8443/Kunde/%41b?T=1&t=i").unwrap();

        assert_eq!(read.url(), "https://xn--bcher-kva.de:8443/Kunde/%41b?T=1&t=i");
        assert_eq!(read.as_str().parse::<TravelAddress>().unwrap(), read);
    }

    proptest! {
        #[test]
        fn sound_urls_round_trip(path in "(/[A-Za-z0-9._~-]{0,12}){0,4}", extra in "([a-su-z]=[a-z0-9]{0,5}&){0,3}", port in 1u16..) {
            let url = format!("pay.example.com:{port}{path}?{extra}t=i");
            let address = TravelAddress::from_url(&url).unwrap();
            prop_assert_eq!(address.url(), format!("https://{url}"));
            prop_assert_eq!(address.as_str().parse::<TravelAddress>().unwrap(), address);
        }

        #[test]
        fn one_wrong_character_is_a_checksum_mismatch(at in 2usize..45, to in "[1-9A-HJ-NP-Za-km-z]") {
            let mut text = VECTOR.to_owned();
            text.replace_range(at..=at, &to);
            prop_assume!(text != VECTOR);
            prop_assert_eq!(text.parse::<TravelAddress>(), Err(TravelAddressError::ChecksumMismatch));
        }

        #[test]
        fn parsing_never_panics(text in "\\PC*", bytes in prop::collection::vec(any::<u8>(), 0..80), url in "[a-z0-9.:/?&=%#@ é]{0,60}") {
            let _ = text.parse::<TravelAddress>();
            let _ = wrap(&bytes).parse::<TravelAddress>();
            let _ = wrap(url.as_bytes()).parse::<TravelAddress>();
        }
    }
}
