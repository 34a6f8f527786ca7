//! What upper and lower case mean in a format.

use std::borrow::Cow;

use super::fault::Fault;
use serde::Deserialize;

/// The rule, under the name that the table of networks has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Case {
    /// Part of the text.
    Sensitive,
    /// Lower case only.
    Lower,
    /// Upper case only.
    Upper,
    /// One of both, never mixed.
    UniformToLower,
    /// No meaning.
    AnyToLower,
    /// No meaning.
    AnyToUpper,
    /// Mixed case carries a checksum, one case none.
    ChecksumOrUniform,
}

impl Case {
    /// Brings a text into the case that the kind reads.
    pub(super) fn apply(self, text: &str) -> Result<Cow<'_, str>, Fault> {
        let first = |wrong: fn(&u8) -> bool| text.bytes().position(|c| wrong(&c)).map(|index| index + 1);
        let only = |position: Option<usize>, allowed| {
            position.map_or(Ok(Cow::Borrowed(text)), |position| Err(Fault::WrongCase { position, allowed }))
        };
        match self {
            Self::Sensitive | Self::ChecksumOrUniform => Ok(Cow::Borrowed(text)),
            Self::Lower => only(first(u8::is_ascii_uppercase), "letters are in lower case here"),
            Self::Upper => only(first(u8::is_ascii_lowercase), "letters are in upper case here"),
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

/// Returns the place of the first letter whose case differs from the first letter's, counted from 1.
fn first_of_other_case(text: &str) -> Option<usize> {
    let upper = text.bytes().find(u8::is_ascii_alphabetic)?.is_ascii_uppercase();
    text.bytes().position(|c| c.is_ascii_alphabetic() && c.is_ascii_uppercase() != upper).map(|index| index + 1)
}
