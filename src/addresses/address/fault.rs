//! What a format found wrong, small enough to be thrown away: a bare text is refused by most of some hundred formats, and
//! only the nearest miss is ever put into words (`Format::explain`).

/// Why one format does not accept a text. Places count from 1 in the text that the kind was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing in common: the prefix or the length is another one.
    Foreign,
    /// A character that cannot stand here.
    Character {
        /// Place of the character.
        position: usize,
        /// What may stand there.
        allowed: &'static str,
    },
    /// Upper and lower case in a form that allows one of them.
    MixedCase {
        /// Place of the first letter in the other case.
        position: usize,
    },
    /// A letter in the case that the form does not have.
    WrongCase {
        /// Place of the letter.
        position: usize,
        /// What may stand there.
        allowed: &'static str,
    },
    /// So many bytes, and no version fits them.
    Bytes(usize),
    /// So many characters, where others are asked for.
    Characters(usize),
    /// A checksum that enters the text does not hold.
    Checksum,
    /// The version or address type is not defined for the form.
    Version(u8),
    /// Spare bits that are not zero, or too many of them.
    Padding,
    /// The bytes are framed well and mean nothing on this network.
    Layout(&'static str),
}
