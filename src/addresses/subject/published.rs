//! Subjects that identify a VASP by something that it published: the fingerprint of a certificate, a common name, or an identifier. They
//! are looked up as a whole, never by prefix, so each has one canonical spelling here.

use std::fmt;

/// The maximum length of a common name or identifier, in bytes. RFC 5280 allows 64 characters (`ub-common-name`), but issuers write longer
/// ones.
const TEXT_LENGTH_MAX: usize = 255;

/// The SHA-256 of a certificate's DER, in lower-case hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CertificateSha256(String);

/// The common name of a certificate, with ASCII letters in lower case: common names of gateways are host names, in which case has no
/// meaning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommonName(String);

/// A value in an identifier scheme, exactly as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NamedIdentifier {
    scheme: String,
    value: String,
}

/// The text is not such a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishedNameError {
    /// The fingerprint does not have 32 bytes.
    #[error("a SHA-256 has 64 hexadecimal digits (colons are ignored), this one has {0}")]
    DigestLength(usize),
    /// The fingerprint is not hexadecimal.
    #[error("a SHA-256 may only have hexadecimal digits, and colons between the bytes")]
    DigestCharacter,
    /// The text is empty or too long.
    #[error("a name of this kind has 1 to {TEXT_LENGTH_MAX} bytes, this one has {0}")]
    Length(usize),
    /// The text has control characters.
    #[error("a name of this kind must not have control characters")]
    Character,
}

impl PublishedNameError {
    /// Returns the stable code of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::DigestLength(_) | Self::Length(_) => "wrong_length",
            Self::DigestCharacter | Self::Character => "invalid_character",
        }
    }
}

impl CertificateSha256 {
    /// Returns the digest, 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads hexadecimal digits in either case, with colons between all bytes or with none.
impl TryFrom<&str> for CertificateSha256 {
    type Error = PublishedNameError;
    fn try_from(text: &str) -> Result<Self, PublishedNameError> {
        let bytes: Vec<&str> = text.split(':').collect();
        if bytes.len() > 1 && bytes.iter().any(|byte| byte.len() != 2) {
            return Err(PublishedNameError::DigestCharacter);
        }
        let digits = bytes.concat();
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(PublishedNameError::DigestCharacter);
        }
        if digits.len() == 64 {
            Ok(Self(digits.to_ascii_lowercase()))
        } else {
            Err(PublishedNameError::DigestLength(digits.len()))
        }
    }
}

fn checked(text: &str) -> Result<&str, PublishedNameError> {
    if text.is_empty() || text.len() > TEXT_LENGTH_MAX {
        return Err(PublishedNameError::Length(text.len()));
    }
    if text.chars().any(char::is_control) { Err(PublishedNameError::Character) } else { Ok(text) }
}

impl CommonName {
    /// Returns the name in the spelling used for comparison.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for CommonName {
    type Error = PublishedNameError;
    fn try_from(text: &str) -> Result<Self, PublishedNameError> {
        Ok(Self(checked(text)?.to_ascii_lowercase()))
    }
}

impl NamedIdentifier {
    /// Makes an identifier from a scheme and a value.
    ///
    /// # Errors
    /// `PublishedNameError` for a value that is empty, too long or not printable.
    pub fn new(scheme: &str, value: &str) -> Result<Self, PublishedNameError> {
        Ok(Self { scheme: scheme.to_owned(), value: checked(value)?.to_owned() })
    }

    /// Returns the scheme.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Returns the value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for CertificateSha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CommonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_fingerprint_has_one_spelling() {
        let plain = "ab".repeat(32);
        let colons = vec!["AB"; 32].join(":");

        for text in [plain.as_str(), &colons, &plain.to_ascii_uppercase()] {
            assert_eq!(CertificateSha256::try_from(text).unwrap().as_str(), plain, "{text}");
        }
        for (text, code) in [
            ("", "wrong_length"),
            ("abcd", "wrong_length"),
            (&"ab".repeat(33), "wrong_length"),
            (&"ab".repeat(20), "wrong_length"),
            (&"zz".repeat(32), "invalid_character"),
            (&format!("{}:", "ab".repeat(32)), "invalid_character"),
            (&format!("a:b{}", "ab".repeat(31)), "invalid_character"),
            (&format!(" {plain}"), "invalid_character"),
        ] {
            assert_eq!(CertificateSha256::try_from(text).unwrap_err().code(), code, "{text}");
        }
    }

    #[test]
    fn only_the_case_of_ascii_letters_is_let_go() {
        assert_eq!(CommonName::try_from("TRISA.Example.COM").unwrap().as_str(), "trisa.example.com");
        assert_eq!(CommonName::try_from("Ömer AG").unwrap().as_str(), "Ömer ag");
        assert_eq!(CommonName::try_from("a\u{0}b").unwrap_err().code(), "invalid_character");
        assert_eq!(CommonName::try_from(&*"a".repeat(256)).unwrap_err().code(), "wrong_length");
        assert_eq!(NamedIdentifier::new("gtr", "AbC").unwrap().value(), "AbC");
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_settles(text in "\\PC{0,80}") {
            if let Ok(read) = CertificateSha256::try_from(text.as_str()) {
                prop_assert_eq!(CertificateSha256::try_from(read.as_str()), Ok(read.clone()));
            }
            if let Ok(read) = CommonName::try_from(text.as_str()) {
                prop_assert_eq!(CommonName::try_from(read.as_str()), Ok(read.clone()));
            }
        }
    }
}
