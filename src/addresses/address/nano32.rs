//! The kind `nano32`: 60 digits that encode 4 zero bits and 37 bytes.
//!
//! Source: Nano documentation, "Account public addresses".

use super::base32::Alphabet;
use super::fault::Fault;

/// The number of digits of an account.
pub(super) const DIGITS: usize = 60;

/// Zero digits that extend the four zero bits to three bytes.
const FILL: &str = "1111";

/// The number of bytes that the extra digits add.
const FILLED: usize = 3;

/// Reads the digits after the prefix.
pub(super) fn read(digits: &str) -> Result<Vec<u8>, Fault> {
    if digits.len() != DIGITS {
        return Err(Fault::Characters(digits.len()));
    }
    let unfilled = |fault| match fault {
        Fault::Character { position, allowed } => Fault::Character { position: position - FILL.len(), allowed },
        other => other,
    };
    let bytes = Alphabet::Nano.decode(&format!("{FILL}{digits}")).map_err(unfilled)?;
    match bytes.split_at_checked(FILLED) {
        Some(([0, 0, 0], rest)) => Ok(rest.to_vec()),
        _ => Err(Fault::Padding),
    }
}

/// Encodes bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    Alphabet::Nano.encode(&[&[0; FILLED], bytes].concat()).split_off(FILL.len())
}
