//! The Travel Address: `ta` and a base58check text that hides an `https` URL, at which a VASP accepts Travel Rule inquiries. A pure codec:
//! it accepts everything that the encoding allows. `inquiry_url` alone decides which URLs can be used for a VASP and may be called.
//!
//! Source: OpenVASP Travel Rule Protocol 3.1.0 and later, "Travel Address": `ta` ‖ base58(url ‖ first four bytes of
//! SHA-256(SHA-256(url))), the URL in UTF-8 without scheme, with the parameter `t=i`; no version byte.

use std::fmt;
use std::str::FromStr;

use super::address::base58;
use super::address::checksum::sha256d_4;
use super::inquiry_url::{InquiryUrl, URL_LENGTH_MAX, UrlError, check_normal_form};

/// The prefix of every Travel Address; not part of the checksum, and case-sensitive.
const PREFIX: &str = "ta";

/// The length of the checksum, in bytes.
const CHECKSUM_LENGTH: usize = 4;

/// A Travel Address: its text, and the URL hidden in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TravelAddress {
    text: String,
    hidden: String,
}

/// Why a text is not a Travel Address, or why no Travel Address can be made from a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TravelAddressError {
    /// The prefix is missing.
    #[error("a Travel Address starts with `ta`")]
    MissingPrefix,
    /// A character is not in the alphabet of base 58.
    #[error("character {0} is not allowed: after `ta`, allowed are the digits 1-9, and letters except I, O and l")]
    InvalidCharacter(
        /// The position, counted from 1.
        usize,
    ),
    /// The text is too short to contain a URL and a checksum.
    #[error("this is too short: a Travel Address encodes a URL of at least one byte, and four bytes of checksum")]
    TooShort,
    /// The text is longer than any accepted URL allows.
    #[error("this is too long: a Travel Address encodes a URL of at most {URL_LENGTH_MAX} bytes")]
    TooLong,
    /// The checksum does not match the rest of the text.
    #[error("the base58check checksum does not match: a character is wrong, missing or extra")]
    ChecksumMismatch,
    /// The hidden bytes are not text.
    #[error("the encoded URL is not UTF-8")]
    NotUtf8,
    /// The URL has a scheme.
    #[error("the encoded URL must have no scheme: it is always https")]
    SchemePresent,
    /// The query has no mark of a Travel Rule inquiry.
    #[error("the query of the encoded URL must contain `t=i`")]
    MissingTi,
}

impl TravelAddressError {
    /// Returns the stable code of this reason, as used in `errors[].code`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingPrefix => "missing_prefix",
            Self::InvalidCharacter(_) => "invalid_character",
            Self::TooShort | Self::TooLong => "wrong_length",
            Self::ChecksumMismatch => "checksum_mismatch",
            Self::NotUtf8 => "not_utf8",
            Self::SchemePresent => "scheme_present",
            Self::MissingTi => "missing_t_i",
        }
    }
}

impl TravelAddress {
    /// Makes the Travel Address of a URL without scheme, such as `beneficiary.com/x/12345?t=i`. The URL is encoded byte for byte.
    ///
    /// # Errors
    /// `TravelAddressError` if the encoding does not allow the URL.
    pub fn from_url(url: &str) -> Result<Self, TravelAddressError> {
        // Check the length first: base 58 takes quadratic time.
        check(url)?;
        let bytes = [url.as_bytes(), &sha256d_4(url.as_bytes())].concat();
        Ok(Self { text: format!("{PREFIX}{}", bs58::encode(bytes).into_string()), hidden: url.to_owned() })
    }

    /// Returns the address as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the hidden URL byte for byte, without its scheme.
    #[must_use]
    pub fn hidden_url(&self) -> &str {
        &self.hidden
    }

    /// Returns the `https` URL for inquiries.
    ///
    /// # Errors
    /// `UrlError` if the URL may not be called, for example because its host is not public, or if it is not in normal form.
    pub fn inquiry_url(&self) -> Result<InquiryUrl, UrlError> {
        let url = InquiryUrl::after_scheme(&self.hidden)?.with_clear_path()?;
        check_normal_form(&self.hidden, &url)?;
        Ok(url)
    }
}

impl FromStr for TravelAddress {
    type Err = TravelAddressError;
    fn from_str(text: &str) -> Result<Self, TravelAddressError> {
        let body = text.strip_prefix(PREFIX).ok_or(TravelAddressError::MissingPrefix)?;
        if body.len() > base58::text_length_max(URL_LENGTH_MAX + CHECKSUM_LENGTH) {
            return Err(TravelAddressError::TooLong);
        }
        let wrong = |position| TravelAddressError::InvalidCharacter(PREFIX.len() + position);
        let bytes = base58::decode(body).map_err(wrong)?;
        if bytes.len() <= CHECKSUM_LENGTH {
            return Err(TravelAddressError::TooShort);
        }
        let url = base58::verified(&bytes).ok_or(TravelAddressError::ChecksumMismatch)?;
        let url = std::str::from_utf8(url).map_err(|_| TravelAddressError::NotUtf8)?;
        check(url)?;
        Ok(Self { text: text.to_owned(), hidden: url.to_owned() })
    }
}

impl fmt::Display for TravelAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for TravelAddress {
    /// The text is not shown: it contains the customer's id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}…")
    }
}

/// Checks the encoding's own rules for a URL.
fn check(url: &str) -> Result<(), TravelAddressError> {
    if url.is_empty() {
        return Err(TravelAddressError::TooShort);
    }
    if url.len() > URL_LENGTH_MAX {
        return Err(TravelAddressError::TooLong);
    }
    if has_scheme(url) {
        return Err(TravelAddressError::SchemePresent);
    }
    let without_fragment = url.split('#').next().unwrap_or_default();
    let query = without_fragment.split_once('?').map_or("", |(_, query)| query);
    if query.split('&').any(|parameter| parameter == "t=i") { Ok(()) } else { Err(TravelAddressError::MissingTi) }
}

/// Tells whether a URL starts with a scheme, or with the `//` that follows one. Source: RFC 3986, section 3.1.
fn has_scheme(url: &str) -> bool {
    let Some((scheme, _)) = url.split_once("//") else { return false };
    let name = scheme.strip_suffix(':').unwrap_or(scheme);
    (scheme.is_empty() || scheme.ends_with(':'))
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The test vector of the specification.
    const VECTOR: &str = "ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv";

    /// Wraps bytes that `from_url` would refuse.
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
            ("taVwqXdsZdDVuWE2gbQgtdYECG6sGy9E1r3213WKPGyYfDv", "api.alice.vaspbot.net:443?t=i"),
        ] {
            let read: TravelAddress = text.parse().unwrap();

            assert_eq!(read.hidden_url(), url);
            assert_eq!(TravelAddress::from_url(url).unwrap(), read);
            assert_eq!(read.to_string(), text);
            assert_eq!(read.inquiry_url().unwrap().to_string(), format!("https://{url}"));
        }
    }

    #[test]
    fn published_travel_addresses_of_private_hosts_are_read_and_name_nobody() {
        // Source: trisacrypto/trisa and trisacrypto/envoy (MIT), which accept them for development.
        for (text, url) in [
            ("ta226rAKyTmMxzsmkda5U2Vhw1", "localhost?t=i"),
            ("ta7eawSJpSSSqZScV8b8hDD6hLMtLKC4S6tfKc3", "10.20.1.231/x/12345?t=i"),
            ("taAFKaTJj4goXwwCKCmdNPtG8zeze5BeZiK", "envoy.local:8100?t=i"),
            ("taEi7uRVTrhfqLUzffcu7AqS17UJXUjMqhAdZ6p", "envoy.local/x/12345?t=i"),
            ("ta2fFeKgcLirnGbYFL9YnkqWr8kQu1gW7PWhxHqqcDErjSZLTeeqYWGKwbNT", "counterparty.local:9100?mode=trisa&t=i"),
        ] {
            let read: TravelAddress = text.parse().unwrap();

            assert_eq!((read.hidden_url(), TravelAddress::from_url(url).unwrap().as_str()), (url, text));
            assert_eq!(read.inquiry_url().unwrap_err().code(), "host_not_public", "{text}");
        }
    }

    #[test]
    fn broken_texts_are_told_apart() {
        let error = |text: &str| text.parse::<TravelAddress>().unwrap_err();

        assert_eq!(error("TA2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv"), TravelAddressError::MissingPrefix);
        assert_eq!(error("ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9ww"), TravelAddressError::ChecksumMismatch);
        assert_eq!(error("ta"), TravelAddressError::TooShort);
        assert_eq!(error("ta111"), TravelAddressError::TooShort);
        assert_eq!(error(&wrap(b"")), TravelAddressError::TooShort);
        // Found by fuzzing: encoding this text without a check of its length would take hours.
        assert_eq!(TravelAddress::from_url(&"a".repeat(4 << 20)), Err(TravelAddressError::TooLong));
        assert_eq!(error("ta0W2H"), TravelAddressError::InvalidCharacter(3));
        assert_eq!(error(&wrap(&[0xff, 0xfe])), TravelAddressError::NotUtf8);
        assert_eq!(error(&wrap(&[b'a'; 2049])), TravelAddressError::TooLong);
        assert_eq!(error(&format!("ta{}", "z".repeat(1_000_000))), TravelAddressError::TooLong);
    }

    #[test]
    fn encoding_forbids_a_scheme_and_asks_for_the_mark_alone() {
        let code = |url: &str| TravelAddress::from_url(url).map_or_else(TravelAddressError::code, |_| "accepted");
        for (url, expected) in [
            ("https://beneficiary.com/x?t=i", "scheme_present"),
            ("//beneficiary.com/x?t=i", "scheme_present"),
            ("beneficiary.com/x", "missing_t_i"),
            ("beneficiary.com/x?t=I", "missing_t_i"),
            ("beneficiary.com/x?T=i", "missing_t_i"),
            ("beneficiary.com/x#?t=i", "missing_t_i"),
            ("", "wrong_length"),
            // Only the policy refuses these.
            ("beneficiary.com/x?a=b&t=i&t=j", "accepted"),
            ("beneficiary.com/x?t=i#top", "accepted"),
            ("user:pw@beneficiary.com/x?t=i", "accepted"),
            ("beneficiary.com:0/x?t=i", "accepted"),
            ("[::1]:80/x?t=i", "accepted"),
            ("beneficiary.com/a b?t=i", "accepted"),
        ] {
            assert_eq!(code(url), expected, "{url}");
            assert_eq!(
                wrap(url.as_bytes()).parse::<TravelAddress>().map_or_else(TravelAddressError::code, |_| "accepted"),
                expected
            );
        }
    }

    #[test]
    fn hidden_url_must_be_in_normal_form() {
        let refusal = |url: &str| TravelAddress::from_url(url).unwrap().inquiry_url().map_err(|error| (error.code(), error));
        let not = |error: UrlError| Err(("not_in_normal_form", error));
        for (url, expected) in [
            ("Beneficiary.com/x/Ab1?t=i", not(UrlError::HostSpelling)),
            ("b\u{fc}cher.de/x?t=i", not(UrlError::HostSpelling)),
            ("beneficiary.com/a/./b?t=i", not(UrlError::UnclearPath)),
            ("beneficiary.com/a/..?t=i", not(UrlError::UnclearPath)),
            ("beneficiary.com/a%2Fb?t=i", not(UrlError::UnclearPath)),
            ("beneficiary.com/x//y?t=i", not(UrlError::UnclearPath)),
            ("beneficiary.com/%2E%2E/a?t=i", not(UrlError::UnclearPath)),
            ("beneficiary.com/a%c3%A4?t=i", not(UrlError::EscapeInLowerCase(18))),
            ("beneficiary.com/a?b=%7E&t=i", not(UrlError::EscapeNotNeeded(21))),
        ] {
            assert_eq!(refusal(url), expected, "{url}");
        }
        for url in
            ["xn--bcher-kva.de/Kunde/..a/A%3Fb/?T=1&t=i", "beneficiary.com:443?t=i", "beneficiary.com/x/y?next=..//a%2F&t=i"]
        {
            assert!(refusal(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn hidden_id_is_not_shown_by_debug() {
        let read: TravelAddress = VECTOR.parse().unwrap();

        assert_eq!(format!("{read:?}"), "ta…");
    }

    proptest! {
        #[test]
        fn every_url_that_the_encoding_allows_round_trips(before in "\\PC{0,40}", after in "\\PC{0,20}") {
            let url = format!("{before}?t=i{after}");
            if let Ok(address) = TravelAddress::from_url(&url) {
                prop_assert_eq!(address.hidden_url(), &url);
                prop_assert_eq!(address.as_str().parse::<TravelAddress>().unwrap(), address);
            }
        }

        #[test]
        fn sound_urls_round_trip(path in "(/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,12}){0,4}/?", extra in "([a-su-z]=[a-z0-9]{0,5}&){0,3}", port in 1u16..) {
            let url = format!("pay.example.com:{port}{path}?{extra}t=i");
            let address = TravelAddress::from_url(&url).unwrap();
            prop_assert_eq!(address.inquiry_url().unwrap().to_string(), format!("https://{url}"));
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
        fn parsing_never_panics(text in "\\PC*", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = text.parse::<TravelAddress>();
            let _ = wrap(&bytes).parse::<TravelAddress>();
        }
    }
}
