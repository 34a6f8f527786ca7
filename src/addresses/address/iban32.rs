//! The kind `iban32`: two check digits and 32 digits of Nimiq's base 32.
//!
//! Source: Nimiq developer documentation, "User-friendly addresses"; ISO/IEC 7064 MOD 97-10 as in ISO 13616 (IBAN).

use super::base32::Alphabet;
use super::fault::Fault;

/// The letters in the place of a country code, which are part of the check digits' input.
const LETTERS: &str = "NQ";

/// The number of characters after the letters.
pub(super) const LENGTH: usize = 34;

/// Reads the text after the letters.
pub(super) fn read(text: &str) -> Result<Vec<u8>, Fault> {
    let (check, digits) = text.split_at_checked(2).filter(|_| text.len() == LENGTH).ok_or(Fault::Characters(text.len()))?;
    let moved = |fault| match fault {
        Fault::Character { position, allowed } => Fault::Character { position: position + 2, allowed },
        other => other,
    };
    let bytes = Alphabet::Nimiq.decode(digits).map_err(moved)?;
    if let Some(index) = check.bytes().position(|c| !c.is_ascii_digit()) {
        return Err(Fault::Character { position: index + 1, allowed: "two check digits must follow the letters" });
    }
    if remainder(&format!("{digits}{LETTERS}{check}")) == 1 { Ok(bytes) } else { Err(Fault::Checksum) }
}

/// Encodes bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let digits = Alphabet::Nimiq.encode(bytes);
    let check = 98 - remainder(&format!("{digits}{LETTERS}00"));
    format!("{check:02}{digits}")
}

/// Returns the number formed by digits and letters (A = 10 … Z = 35), modulo 97.
fn remainder(text: &str) -> u32 {
    text.chars().filter_map(|c| c.to_digit(36)).fold(0, |rest, value| (rest * if value < 10 { 10 } else { 100 } + value) % 97)
}
