//! The kind `icp-principal`: base 32 in lower case, in groups of five letters separated by `-`.
//!
//! Source: The Internet Computer Interface Specification, "Textual representation of principals".

use super::base32::{self, Alphabet};
use super::fault::Fault;

/// The number of letters in a group.
const GROUP: usize = 5;

/// Reads a text: checksum and principal.
pub(super) fn read(text: &str) -> Result<Vec<u8>, Fault> {
    let groups: Vec<&str> = text.split('-').collect();
    let (last, full) = groups.split_last().ok_or(Fault::Characters(0))?;
    if text.len() > GROUP && text.find('-') != Some(GROUP) {
        return Err(Fault::Foreign);
    }
    if full.iter().any(|group| group.len() != GROUP) || !(1..=GROUP).contains(&last.len()) {
        let wrong = |(index, c): (usize, char)| ((c == '-') != (index % (GROUP + 1) == GROUP)).then_some(index + 1);
        let position = text.chars().enumerate().find_map(wrong).unwrap_or(text.len());
        return Err(Fault::Character { position, allowed: "a `-` must separate groups of five characters" });
    }
    let moved = |fault| match fault {
        Fault::Character { position, allowed } => Fault::Character { position: position + (position - 1) / GROUP, allowed },
        other => other,
    };
    Alphabet::Rfc4648Lower.decode(&groups.concat()).map_err(moved)
}

/// Encodes bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let letters: Vec<char> = Alphabet::Rfc4648Lower.encode(bytes).chars().collect();
    letters.chunks(GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Returns the number of characters for a number of bytes.
pub(super) fn text_length(bytes: usize) -> usize {
    let letters = base32::text_length(bytes);
    letters + letters.saturating_sub(1) / GROUP
}
