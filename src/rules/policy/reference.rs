//! The reference to a policy: `name`, or `name@version` for exactly one version.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::time::serde_as_text;

/// Longest name, in characters.
const LONGEST: usize = 60;

/// The name of a policy: 1 to 60 of `a`–`z`, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName(String);

/// A reference to a policy by name, perhaps with a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyReference {
    /// The name.
    pub name: PolicyName,
    /// The version, from 1; `None` if the reference names no version.
    pub version: Option<u32>,
}

/// The text is not a reference to a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a policy such as `strict` or `strict@2`: a name of a-z, 0-9, `_` or `-`, and a version from 1")]
pub struct PolicyReferenceError(String);

impl PolicyName {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PolicyName {
    type Err = PolicyReferenceError;
    fn from_str(text: &str) -> Result<Self, PolicyReferenceError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if text.is_empty() || text.len() > LONGEST || !text.chars().all(plain) {
            return Err(PolicyReferenceError(text.chars().take(LONGEST).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for PolicyReference {
    type Err = PolicyReferenceError;
    fn from_str(text: &str) -> Result<Self, PolicyReferenceError> {
        let wrong = || PolicyReferenceError(text.chars().take(LONGEST).collect());
        let (name, version) = match text.split_once('@') {
            None => (text, None),
            // Accept only the exact spelling, so that one version has one name.
            Some((name, digits)) => {
                let version: u32 = digits.parse().map_err(|_| wrong())?;
                if version == 0 || version.to_string() != digits {
                    return Err(wrong());
                }
                (name, Some(version))
            }
        };
        Ok(Self { name: name.parse().map_err(|_| wrong())?, version })
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PolicyReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            None => self.name.fmt(f),
            Some(version) => write!(f, "{}@{version}", self.name),
        }
    }
}

serde_as_text!(PolicyName, PolicyReference);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_versions_are_read_and_others_refused() {
        let read = |text: &str| text.parse::<PolicyReference>().map(|found| (found.name.to_string(), found.version)).ok();

        assert_eq!(read("default"), Some(("default".to_owned(), None)));
        assert_eq!(read("strict-1@12"), Some(("strict-1".to_owned(), Some(12))));
        for wrong in ["", "@1", "a@", "a@0", "a@01", "a@+1", "a@1@2", "A", "a b", "a@4294967296", &"a".repeat(61)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_what_reads_is_written_the_same(text in "\\PC{0,80}", near in "[a-z0-9_@-]{0,8}") {
            for text in [text, near] {
                if let Ok(read) = text.parse::<PolicyReference>() {
                    prop_assert_eq!(read.to_string(), text);
                }
            }
        }
    }
}
