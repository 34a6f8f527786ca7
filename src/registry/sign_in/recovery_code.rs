//! Recovery codes: a person writes them down to sign in once without the app. Each has 80 random bits, so a plain SHA-256 is stored.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32;
use rand_core::RngCore;

/// The number of codes that a person gets at once.
pub const RECOVERY_CODES: usize = 10;

/// Length of a code in characters of base 32, without dashes.
const CHARACTERS: usize = 16;

/// A recovery code, written `abcd-efgh-ijkl-mnop`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode([u8; 10]);

/// The error for a text that is not a recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a recovery code has the form abcd-efgh-ijkl-mnop")]
pub struct RecoveryCodeError;

impl RecoveryCode {
    /// Draws a random code.
    pub fn draw(rng: &mut dyn RngCore) -> Self {
        let mut bytes = [0; 10];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Returns the code's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 10] {
        &self.0
    }
}

impl FromStr for RecoveryCode {
    type Err = RecoveryCodeError;

    /// Reads a code as people type it: in upper or lower case, with or without dashes and spaces.
    fn from_str(text: &str) -> Result<Self, RecoveryCodeError> {
        let typed = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(CHARACTERS + 1);
        let characters: String = typed.map(|c| c.to_ascii_uppercase()).collect();
        if text.len() > 200 || characters.len() != CHARACTERS {
            return Err(RecoveryCodeError);
        }
        let bytes = BASE32.decode(characters.as_bytes()).map_err(|_| RecoveryCodeError)?;
        bytes.try_into().map(Self).map_err(|_| RecoveryCodeError)
    }
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, character) in BASE32.encode(&self.0).chars().enumerate() {
            let dash = if place > 0 && place % 4 == 0 { "-" } else { "" };
            write!(f, "{dash}{}", character.to_ascii_lowercase())?;
        }
        Ok(())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Source: RFC 4648 section 10: BASE32("fooba") = MZXW6YTB.
    #[test]
    fn codes_are_base_32_in_groups_of_four() {
        let code = RecoveryCode(*b"foobafooba");

        assert_eq!(code.to_string(), "mzxw-6ytb-mzxw-6ytb");
        assert_eq!(" MZXW6YTB mzxw-6ytb ".parse(), Ok(code.clone()));
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
    }

    proptest! {
        #[test]
        fn codes_round_trip(bytes: [u8; 10]) {
            prop_assert_eq!(RecoveryCode(bytes).to_string().parse(), Ok(RecoveryCode(bytes)));
        }

        #[test]
        fn reading_never_panics(text in "\\PC*") {
            let _ = text.parse::<RecoveryCode>();
        }
    }
}
