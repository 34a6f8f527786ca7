//! The meaning of upper and lower case in a format.

use std::borrow::Cow;

use super::fault::Fault;
use serde::Deserialize;

/// The rule, with its name in the table of networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Case {
    /// Case is part of the text.
    Sensitive,
    /// Only lower case is allowed.
    Lower,
    /// Only upper case is allowed.
    Upper,
    /// Either case is allowed, but not mixed.
    UniformToLower,
    /// Case has no meaning; the text is read in lower case.
    AnyToLower,
    /// Case has no meaning; the text is read in upper case.
    AnyToUpper,
    /// Mixed case carries a checksum; a text in one case has none.
    ChecksumOrUniform,
}

impl Case {
    /// Converts a text to the case that the kind reads.
    pub(super) fn apply(self, text: &str) -> Result<Cow<'_, str>, Fault> {
        let first = |wrong: fn(&u8) -> bool| text.bytes().position(|c| wrong(&c)).map(|index| index + 1);
        let only = |position: Option<usize>, allowed| {
            position.map_or(Ok(Cow::Borrowed(text)), |position| Err(Fault::WrongCase { position, allowed }))
        };
        match self {
            Self::Sensitive | Self::ChecksumOrUniform => Ok(Cow::Borrowed(text)),
            Self::Lower => only(first(u8::is_ascii_uppercase), "letters must be in lower case"),
            Self::Upper => only(first(u8::is_ascii_lowercase), "letters must be in upper case"),
            Self::UniformToLower => match first_of_other_case(text) {
                Some(position) => Err(Fault::MixedCase { position }),
                None => Ok(lower(text)),
            },
            Self::AnyToLower => Ok(lower(text)),
            Self::AnyToUpper => Ok(Cow::Owned(text.to_ascii_uppercase())),
        }
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|c| c.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) }
}

/// Returns the position of the first letter whose case differs from the first letter's, counted from 1.
fn first_of_other_case(text: &str) -> Option<usize> {
    let upper = text.bytes().find(u8::is_ascii_alphabetic)?.is_ascii_uppercase();
    text.bytes().position(|c| c.is_ascii_alphabetic() && c.is_ascii_uppercase() != upper).map(|index| index + 1)
}
