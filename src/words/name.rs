//! Names in a form for comparison, without case, accents, punctuation and spacing. After that the comparison is exact, not fuzzy.
//! Callers: authorities, entities without a usable LEI, aliases.

use std::fmt;

use super::time::serde_as_text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A name in the form that is compared: lower-case words of letters and digits, separated by one blank.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameKey(String);

/// The text has no letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` has no letter or digit to compare")]
pub struct NameKeyError(pub String);

impl NameKey {
    /// Returns the compared form of `name`; `None` if it has no letter or digit.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
        let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        if words.is_empty() { None } else { Some(Self(words.join(" "))) }
    }

    /// Returns the compared form as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for NameKey {
    type Err = NameKeyError;
    fn from_str(text: &str) -> Result<Self, NameKeyError> {
        Self::of(text).ok_or_else(|| NameKeyError(text.chars().take(60).collect()))
    }
}

impl fmt::Display for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(NameKey);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spelling_variants_of_a_published_name_agree() {
        let key = |name: &str| NameKey::of(name).unwrap();

        assert_eq!(key("Austrian Financial Market Authority (FMA)\u{a0}"), key(" austrian financial  market authority FMA"));
        assert_eq!(key("Autorité des Marchés Financiers (AMF)"), key("AUTORITE DES MARCHES FINANCIERS (AMF)"));
        assert_ne!(key("Finanstilsynet"), key("Finansinspektionen"));
    }

    #[test]
    fn a_name_without_letters_has_no_key() {
        assert_eq!(NameKey::of(" - \u{fffd}."), None);
    }

    proptest! {
        #[test]
        fn keys_are_stable(name in "\\PC*") {
            if let Some(key) = NameKey::of(&name) {
                prop_assert_eq!(NameKey::of(key.as_str()), Some(key));
            }
        }
    }
}
