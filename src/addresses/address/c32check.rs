//! The kind `c32check`: one digit for the version, then a big-endian number in Crockford's base 32. Its leading zero digits represent zero
//! bytes.
//!
//! Source: Stacks, SIP-005, "Transaction authorization: address encoding" (c32check).

use super::base32::Alphabet;
use super::fault::Fault;

/// Eight digits encode five bytes.
const GROUP: usize = 8;

/// Reads the digits after the prefix: version, payload and checksum.
pub(super) fn read(text: &str) -> Result<Vec<u8>, Fault> {
    let version = version_of(text)?;
    let digits = text.get(1..).unwrap_or_default();
    let number = digits.trim_start_matches('0');
    let zeros = digits.len() - number.len();
    let fill = (GROUP - number.len() % GROUP) % GROUP;
    let unfilled = |fault| match fault {
        Fault::Character { position, allowed } => Fault::Character { position: 1 + zeros + position - fill, allowed },
        other => other,
    };
    let bytes = Alphabet::C32.decode(&format!("{}{number}", "0".repeat(fill))).map_err(unfilled)?;
    let significant = bytes.iter().skip_while(|byte| **byte == 0).copied();
    Ok(std::iter::once(version).chain(std::iter::repeat_n(0, zeros)).chain(significant).collect())
}

/// Encodes bytes; `None` if the version does not fit in five bits.
pub(super) fn encode(bytes: &[u8]) -> Option<String> {
    let (version, rest) = bytes.split_first()?;
    let version = Alphabet::C32.encode(&[version << 3]).chars().next().filter(|_| *version < 32)?;
    let zeros = rest.iter().take_while(|byte| **byte == 0).count();
    let number = rest.get(zeros..).unwrap_or_default();
    let fill = (5 - number.len() % 5) % 5;
    let digits = Alphabet::C32.encode(&[&vec![0; fill], number].concat());
    Some(format!("{version}{}{}", "0".repeat(zeros), digits.trim_start_matches('0')))
}

fn version_of(text: &str) -> Result<u8, Fault> {
    let first = text.get(..1).ok_or(Fault::Characters(0))?;
    // Two digits have ten bits; the first five of them belong to the first digit.
    let bytes = Alphabet::C32.decode(&format!("{first}0"))?;
    bytes.first().map(|byte| byte >> 3).ok_or(Fault::Foreign)
}
