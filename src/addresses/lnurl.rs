//! The LNURL, an older form of the Travel Address that is still in use: plain bech32 with the prefix `lnurl`, around a whole URL. A pure
//! codec: it accepts everything that the encoding allows. `inquiry_url` alone decides which URLs can be used for a VASP. The URL needs no
//! mark of a Travel Rule inquiry, because the form itself identifies it.
//!
//! Source: LUD-01 (base encoding); BIP-173 (checksum constant 1, all lower or all upper case), without its 90 characters.

use std::fmt;
use std::str::FromStr;

use super::inquiry_url::{InquiryUrl, URL_LENGTH_MAX, UrlError};
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Checksum, Fe32, Hrp};

/// The prefix of every LNURL, in lower case.
const PREFIX: &str = "lnurl1";

/// The maximum length of the hidden URL, in bytes: that of an inquiry URL with its scheme.
const BYTES_MAX: usize = "https://".len() + URL_LENGTH_MAX;

/// The maximum length of a text: prefix, the URL with five bits per character, and checksum.
const TEXT_LENGTH_MAX: usize = PREFIX.len() + (BYTES_MAX * 8).div_ceil(5) + Bech32::CHECKSUM_LENGTH;

/// The checksum of BIP-173, without its limit on the length of the text.
enum Unlimited {}

impl Checksum for Unlimited {
    type MidstateRepr = <Bech32 as Checksum>::MidstateRepr;
    type CorrectionField = <Bech32 as Checksum>::CorrectionField;
    const ROOT_GENERATOR: Self::CorrectionField = Bech32::ROOT_GENERATOR;
    const ROOT_EXPONENTS: std::ops::RangeInclusive<usize> = Bech32::ROOT_EXPONENTS;
    const CODE_LENGTH: usize = TEXT_LENGTH_MAX;
    const CHECKSUM_LENGTH: usize = Bech32::CHECKSUM_LENGTH;
    const GENERATOR_SH: [Self::MidstateRepr; 5] = Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: Self::MidstateRepr = Bech32::TARGET_RESIDUE;
}

/// An LNURL: its text in lower case, and the URL hidden in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lnurl {
    text: String,
    hidden: String,
}

/// Why a text is not an LNURL, or why no LNURL can be made from a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LnurlError {
    /// The prefix is missing.
    #[error("an LNURL starts with `lnurl1` or `LNURL1`")]
    MissingPrefix,
    /// Upper and lower case are mixed.
    #[error("an LNURL must be all in lower case or all in upper case")]
    MixedCase,
    /// A character is not in the alphabet of bech32.
    #[error("character {0} is not allowed: after `lnurl1`, allowed are digits except 1, and letters except b, i and o")]
    InvalidCharacter(
        /// The position, counted from 1.
        usize,
    ),
    /// The text is too short or too long.
    #[error("the length is wrong: an LNURL encodes a URL of 1 to {BYTES_MAX} bytes, and six characters of checksum")]
    WrongLength,
    /// The checksum does not match the rest of the text.
    #[error("the bech32 checksum does not match: a character is wrong, missing or extra")]
    ChecksumMismatch,
    /// There are extra bits at the end.
    #[error("the last character before the checksum has extra bits that belong to no byte of the URL")]
    InvalidPadding,
    /// The hidden bytes are not text.
    #[error("the encoded URL is not UTF-8")]
    NotUtf8,
}

impl LnurlError {
    /// Returns the stable code of this reason, as used in `errors[].code`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingPrefix => "missing_prefix",
            Self::MixedCase => "mixed_case",
            Self::InvalidCharacter(_) => "invalid_character",
            Self::WrongLength => "wrong_length",
            Self::ChecksumMismatch => "checksum_mismatch",
            Self::InvalidPadding => "invalid_padding",
            Self::NotUtf8 => "not_utf8",
        }
    }
}

impl Lnurl {
    /// Makes the LNURL of a URL with its scheme. The URL is encoded byte for byte.
    pub fn from_url(url: &str) -> Result<Self, LnurlError> {
        if url.is_empty() || url.len() > BYTES_MAX {
            return Err(LnurlError::WrongLength);
        }
        Ok(Self { text: encode(url.as_bytes())?, hidden: url.to_owned() })
    }

    /// Returns the text in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the hidden URL byte for byte, with its scheme.
    #[must_use]
    pub fn hidden_url(&self) -> &str {
        &self.hidden
    }

    /// Returns the URL for inquiries, if it meets the rules for them.
    pub fn inquiry_url(&self) -> Result<InquiryUrl, UrlError> {
        self.hidden.parse::<InquiryUrl>()?.with_clear_path()
    }
}

fn encode(bytes: &[u8]) -> Result<String, LnurlError> {
    let prefix = Hrp::parse(PREFIX.trim_end_matches('1')).map_err(|_| LnurlError::MissingPrefix)?;
    bech32::encode_lower::<Unlimited>(prefix, bytes).map_err(|_| LnurlError::WrongLength)
}

impl FromStr for Lnurl {
    type Err = LnurlError;
    fn from_str(text: &str) -> Result<Self, LnurlError> {
        if text.len() > TEXT_LENGTH_MAX {
            return Err(LnurlError::WrongLength);
        }
        let lower = text.to_ascii_lowercase();
        let data = lower.strip_prefix(PREFIX).ok_or(LnurlError::MissingPrefix)?;
        if let Some(index) = data.chars().position(|c| Fe32::from_char(c).is_err()) {
            return Err(LnurlError::InvalidCharacter(PREFIX.len() + index + 1));
        }
        if text != lower && text != text.to_ascii_uppercase() {
            return Err(LnurlError::MixedCase);
        }
        if data.len() <= Bech32::CHECKSUM_LENGTH {
            return Err(LnurlError::WrongLength);
        }
        let checked = CheckedHrpstring::new::<Unlimited>(&lower).map_err(|_| LnurlError::ChecksumMismatch)?;
        let bytes: Vec<u8> = checked.byte_iter().collect();
        if bytes.is_empty() {
            return Err(LnurlError::WrongLength);
        }
        // Each sequence of bytes has only one valid text; all other texts have extra bits.
        if encode(&bytes)? != lower {
            return Err(LnurlError::InvalidPadding);
        }
        let hidden = String::from_utf8(bytes).map_err(|_| LnurlError::NotUtf8)?;
        Ok(Self { text: lower, hidden })
    }
}

impl fmt::Display for Lnurl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Lnurl {
    /// The text is not shown: it contains the customer's id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Source: LUD-01, the example of its text.
    const VECTOR: &str = "LNURL1DP68GURN8GHJ7UM9WFMXJCM99E3K7MF0V9CXJ0M385EKVCENXC6R2C35XVUKXEFCV5MKVV34X5EKZD3EV56NYD3HXQURZEPEXEJXXEPNXSCRVWFNV9NXZCN9XQ6XYEFHVGCXXCMYXYMNSERXFQ5FNS";
    const VECTOR_URL: &str = "https://service.com/api?q=3fc3645b439ce8e7f2553a69e5267081d96dcd340693afabe04be7b0ccd178df";

    fn wrap(bytes: &[u8]) -> String {
        encode(bytes).unwrap()
    }

    #[test]
    fn published_lnurl_is_read_in_either_case_and_written() {
        for text in [VECTOR.to_owned(), VECTOR.to_ascii_lowercase()] {
            let read: Lnurl = text.parse().unwrap();

            assert_eq!(read.hidden_url(), VECTOR_URL);
            assert_eq!(read, Lnurl::from_url(VECTOR_URL).unwrap());
            assert_eq!(read.as_str(), VECTOR.to_ascii_lowercase());
            assert_eq!(read.inquiry_url().unwrap().host().as_str(), "service.com");
        }
    }

    #[test]
    fn broken_texts_are_told_apart() {
        let error = |text: &str| text.parse::<Lnurl>().unwrap_err();
        let lower = VECTOR.to_ascii_lowercase();

        assert_eq!(error("lnbc1dp68gurn8ghj7"), LnurlError::MissingPrefix);
        assert_eq!(error(&lower.replacen("dp68", "DP68", 1)), LnurlError::MixedCase);
        assert_eq!(error(&lower.replacen("lnurl", "LNURL", 1)), LnurlError::MixedCase);
        assert_eq!(error("lnurl1dp68b"), LnurlError::InvalidCharacter(11));
        assert_eq!(error("lnurl1é"), LnurlError::InvalidCharacter(7));
        assert_eq!(error(&lower.replacen("dp68", "dp69", 1)), LnurlError::ChecksumMismatch);
        assert_eq!(error("lnurl1dp68gurn8ghj7"), LnurlError::ChecksumMismatch);
        assert_eq!(error("lnurl1"), LnurlError::WrongLength);
        assert_eq!(error(&wrap(b"")), LnurlError::WrongLength);
        assert_eq!(error(&wrap(&[0xff])), LnurlError::NotUtf8);
        assert_eq!(error(&format!("lnurl1{}", "q".repeat(1_000_000))), LnurlError::WrongLength);
        assert_eq!(Lnurl::from_url(&"a".repeat(4 << 20)), Err(LnurlError::WrongLength));
    }

    #[test]
    fn bits_in_excess_are_refused() {
        // One byte takes two characters, of which the second has two extra bits; a third one has five.
        for data in [[13, 1].as_slice(), &[13, 4, 0]] {
            let prefix = Hrp::parse("lnurl").unwrap();
            let symbols = data.iter().map(|value| Fe32::try_from(*value).unwrap());
            let text: String = bech32::Fe32IterExt::with_checksum::<Unlimited>(symbols, &prefix).chars().collect();

            assert_eq!(text.parse::<Lnurl>(), Err(LnurlError::InvalidPadding), "{text}");
        }
    }

    #[test]
    fn longest_url_of_an_inquiry_fits() {
        let url = format!("https://a.com/{}", "x".repeat(URL_LENGTH_MAX - "a.com/".len()));
        let lnurl = Lnurl::from_url(&url).unwrap();

        assert_eq!(lnurl.as_str().parse::<Lnurl>().unwrap().inquiry_url().unwrap().to_string(), url);
        Unlimited::sanity_check();
    }

    #[test]
    fn hosts_outside_the_public_name_space_are_read_and_name_nobody() {
        // Source: LUD-01 allows a URL of an onion service without TLS.
        for (url, code) in [
            ("https://abcdefghij234567.onion/x?t=i", "host_not_public"),
            ("http://abcdefghij234567.onion/x?t=i", "https_required"),
            ("http://service.com/x", "https_required"),
            ("https://localhost/x", "host_not_public"),
        ] {
            let read: Lnurl = wrap(url.as_bytes()).parse().unwrap();

            assert_eq!((read.hidden_url(), read.inquiry_url().unwrap_err().code()), (url, code));
        }
    }

    proptest! {
        #[test]
        fn every_text_round_trips(url in "\\PC{1,80}") {
            let lnurl = Lnurl::from_url(&url).unwrap();
            prop_assert_eq!(lnurl.hidden_url(), &url);
            prop_assert_eq!(lnurl.as_str().parse::<Lnurl>(), Ok(lnurl.clone()));
            prop_assert_eq!(lnurl.as_str().to_ascii_uppercase().parse::<Lnurl>(), Ok(lnurl));
        }

        #[test]
        fn parsing_never_panics(text in "\\PC*", shaped in "lnurl1[02-9ac-hj-np-z]{0,60}", bytes in prop::collection::vec(any::<u8>(), 1..80)) {
            let _ = text.parse::<Lnurl>();
            let _ = shaped.parse::<Lnurl>();
            let _ = wrap(&bytes).parse::<Lnurl>();
        }
    }
}
