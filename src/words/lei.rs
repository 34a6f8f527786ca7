//! The Legal Entity Identifier. This module checks only the form and the check digits. Whether an LEI is issued or lapsed is
//! evidence, not form.

use std::fmt;
use std::str::FromStr;

use super::time::serde_as_text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A Legal Entity Identifier: 18 upper-case letters or digits and two check digits.
///
/// Source: ISO 17442-1; check digits by ISO/IEC 7064 MOD 97-10.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lei([u8; 20]);

/// Why a text is not an LEI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeiError {
    /// It does not have 20 characters.
    #[error("an LEI has 20 characters, this one has {0}")]
    WrongLength(usize),
    /// A character is not allowed at this position (counted from 1).
    #[error("character {position} is not allowed: an LEI has 18 letters A-Z or digits, then two digits")]
    InvalidCharacter {
        /// Position of the character, counted from 1.
        position: usize,
    },
    /// The check digits do not match the rest.
    #[error("the check digits do not match (ISO/IEC 7064 MOD 97-10)")]
    ChecksumMismatch,
}

impl Lei {
    /// Returns the 20 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The numbers that check digits can be. Source: ISO/IEC 7064, MOD 97-10: 98 less a remainder of 0 to 96.
const CHECK_DIGITS: std::ops::RangeInclusive<u32> = 2..=98;

/// Returns the number modulo 97, with letters read as 10 to 35.
fn modulo_97(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |acc, byte| match byte {
        b'0'..=b'9' => (acc * 10 + u32::from(byte - b'0')) % 97,
        _ => (acc * 100 + u32::from(byte.wrapping_sub(b'A')) + 10) % 97,
    })
}

impl FromStr for Lei {
    type Err = LeiError;

    /// Reads an LEI. Surrounding blanks and lower case are accepted; nothing else is corrected.
    fn from_str(text: &str) -> Result<Self, LeiError> {
        let text = text.trim_matches(' ');
        let mut bytes = [0u8; 20];
        let length = text.chars().count();
        if length != 20 {
            return Err(LeiError::WrongLength(length));
        }
        for (index, (slot, character)) in bytes.iter_mut().zip(text.chars()).enumerate() {
            let upper = character.to_ascii_uppercase();
            let allowed = upper.is_ascii_digit() || (index < 18 && upper.is_ascii_uppercase());
            *slot = u8::try_from(upper).ok().filter(|_| allowed).ok_or(LeiError::InvalidCharacter { position: index + 1 })?;
        }
        let check = bytes.iter().skip(18).fold(0, |number, digit| number * 10 + u32::from(digit.wrapping_sub(b'0')));
        if modulo_97(&bytes) == 1 && CHECK_DIGITS.contains(&check) { Ok(Self(bytes)) } else { Err(LeiError::ChecksumMismatch) }
    }
}

impl TryFrom<&str> for Lei {
    type Error = LeiError;
    fn try_from(text: &str) -> Result<Self, LeiError> {
        text.parse()
    }
}

impl fmt::Display for Lei {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Lei {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

serde_as_text!(Lei as ("^[0-9A-Za-z]{18}[0-9]{2}$") = "529900HNOAA1KXQJUQ27");
crate::sql_as_text!(Lei);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_leis_are_accepted() {
        // Source: GLEIF records named in the standard's examples and in published registers.
        for text in [
            "5493001KJTIIGC8Y1R12",
            "HWUPKR0MPOU8FGXBT394",
            "529900T8BM49AURSDO55",
            "529900HNOAA1KXQJUQ27",
            "TVYD005I7Q5IJK0EMI53",
        ] {
            assert_eq!(text.parse::<Lei>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn wrong_check_digits_length_and_characters_are_told_apart() {
        assert_eq!("5493001KJTIIGC8Y1R13".parse::<Lei>(), Err(LeiError::ChecksumMismatch));
        assert_eq!("9.60E+19".parse::<Lei>(), Err(LeiError::WrongLength(8)));
        assert_eq!("5493001KJTIIGC8Y1R1Z".parse::<Lei>(), Err(LeiError::InvalidCharacter { position: 20 }));
        assert_eq!("5493001KJTIIGC8 1R12".parse::<Lei>(), Err(LeiError::InvalidCharacter { position: 16 }));
        assert_eq!("５493001KJTIIGC8Y1R12".parse::<Lei>(), Err(LeiError::InvalidCharacter { position: 1 }));
    }

    /// Source: ISO/IEC 7064, MOD 97-10: the check digits are 98 less a remainder, so they lie between 02 and 98.
    #[test]
    fn check_digits_that_the_standard_never_computes_are_refused() {
        for text in ["5493001KJTIIGC8Y0Y00", "5493001KJTIIGC8Y2601", "5493001KJTIIGC8Y5899"] {
            assert_eq!(text.parse::<Lei>(), Err(LeiError::ChecksumMismatch), "{text}");
        }
        for text in ["5493001KJTIIGC8Y0Y97", "5493001KJTIIGC8Y2698", "5493001KJTIIGC8Y5802"] {
            assert!(text.parse::<Lei>().is_ok(), "{text}");
        }
    }

    #[test]
    fn blanks_around_and_lower_case_are_normalised() {
        assert_eq!(" 529900t8bm49aursdo55 ".parse::<Lei>().unwrap().as_str(), "529900T8BM49AURSDO55");
    }

    proptest! {
        /// Source: ISO/IEC 7064 MOD 97-10, computing check characters: 98 − (number followed by 00) mod 97.
        #[test]
        fn any_body_with_computed_check_digits_is_accepted(body in "[0-9A-Z]{18}") {
            let check = 98 - modulo_97(format!("{body}00").as_bytes());
            let text = format!("{body}{check:02}");
            let read = text.parse::<Lei>().unwrap();
            prop_assert_eq!(read.as_str(), text);
        }

        /// The check digit system guarantees this if a digit replaces a digit or a letter a letter, but not for a change of
        /// length.
        #[test]
        fn one_wrong_digit_is_always_noticed(body in "[0-9]{18}", at in 0usize..18, to in "[0-9]") {
            let check = 98 - modulo_97(format!("{body}00").as_bytes());
            let mut text = format!("{body}{check:02}");
            prop_assume!(text.get(at..=at) != Some(to.as_str()));
            text.replace_range(at..=at, &to);
            prop_assert_eq!(text.parse::<Lei>(), Err(LeiError::ChecksumMismatch));
        }

        #[test]
        fn parsing_never_panics(text in "\\PC*") {
            let _ = text.parse::<Lei>();
        }
    }
}
