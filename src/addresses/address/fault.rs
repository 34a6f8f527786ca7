//! The fault that a format found, small enough to create and discard quickly. Of some hundred formats, most refuse any given text, and only
//! the closest one is described in words (`Format::explain`).

/// Why a format does not accept a text. Positions count from 1 in the text that the kind received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The text has another prefix or length, and nothing in common with the format.
    Foreign,
    /// A character is not allowed at its position.
    Character {
        /// The position of the character.
        position: usize,
        /// The characters that are allowed there.
        allowed: &'static str,
    },
    /// The text mixes upper and lower case in a form that allows one of them.
    MixedCase {
        /// The position of the first letter in the other case.
        position: usize,
    },
    /// A letter has the wrong case.
    WrongCase {
        /// The position of the letter.
        position: usize,
        /// The characters that are allowed there.
        allowed: &'static str,
    },
    /// No version has this number of bytes.
    Bytes(usize),
    /// The account in the text has the first number of bytes; the second one is right.
    Payload(usize, usize),
    /// The text has the wrong number of characters.
    Characters(usize),
    /// The checksum of the text does not match.
    Checksum,
    /// The format does not define this version or address type.
    Version(u8),
    /// The unused bits are not zero, or there are too many.
    Padding,
    /// The bytes have a valid structure, but no meaning on this network.
    Layout(&'static str),
}
