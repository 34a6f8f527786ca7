//! Names of Travel Rule protocols. This module checks only the form; `protocol` knows which protocols exist.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::time::serde_as_text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A Travel Rule protocol, such as `trp`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolId(Arc<str>);

/// The text does not have the form of a protocol name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a protocol id: it must have 2 to 30 characters of a-z, 0-9 and _, and start with a letter")]
pub struct ProtocolIdError(String);

impl ProtocolId {
    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProtocolId {
    type Err = ProtocolIdError;
    fn from_str(text: &str) -> Result<Self, ProtocolIdError> {
        let fits = (2..=30).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if fits { Ok(Self(text.into())) } else { Err(ProtocolIdError(text.chars().take(40).collect())) }
    }
}

impl fmt::Display for ProtocolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(ProtocolId = "trp");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_name_is_kept_as_it_is_or_refused(text in "[a-zA-Z0-9_ -]{0,32}") {
            if let Ok(id) = text.parse::<ProtocolId>() {
                prop_assert_eq!(id.as_str(), text.as_str());
                prop_assert!(!text.contains(|c: char| c.is_ascii_uppercase() || c == ' ' || c == '-'));
            }
        }
    }
}
