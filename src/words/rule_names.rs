//! The names in a rulebook: jurisdictions, rule versions and field codes, one type each. This module checks only the form; the
//! rulebook knows which names exist.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::country::Country;
use crate::text::Text;
use crate::time::serde_as_text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A country (`DE`) or a regime inside one (`AE-VARA`); `EU` for the Union's own entry, `FATF` for FATF's standard.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JurisdictionId(Arc<str>);

/// One dated version of a jurisdiction's rule, such as `EU-TFR@2024-12-30`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleVersionId(Arc<str>);

/// One item of Travel Rule data, such as `originator.name`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldCode(Arc<str>);

/// The text does not have the form of the expected name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct NameError {
    /// The refused text, cut to 40 characters.
    pub text: String,
    /// A description of the correct form.
    pub expected: &'static str,
}

fn upper(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase())
}

impl JurisdictionId {
    /// Returns the two letters before the regime.
    #[must_use]
    pub fn area(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// Returns the country; `None` for the entries of the Union and of FATF.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        self.area().parse().ok()
    }

    fn is_well_formed(text: &str) -> bool {
        let (area, regime) = text.split_once('-').map_or((text, None), |(area, regime)| (area, Some(regime)));
        text == "FATF" || text.len() <= 40 && area.len() == 2 && upper(area) && regime.is_none_or(upper)
    }
}

impl From<Country> for JurisdictionId {
    fn from(country: Country) -> Self {
        Self(country.as_str().into())
    }
}

impl RuleVersionId {
    fn is_well_formed(text: &str) -> bool {
        (3..=80).contains(&text.len()) && text.contains('@') && text.bytes().all(|b| b.is_ascii_graphic())
    }
}

impl FieldCode {
    fn is_well_formed(text: &str) -> bool {
        let lower = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        text.len() <= 80
            && text
                .split_once('.')
                .is_some_and(|(party, item)| matches!(party, "originator" | "beneficiary" | "transfer") && lower(item))
    }
}

macro_rules! names {
    ($($name:ident = $example:literal: $expected:literal;)*) => {$(
        impl $name {
            /// Returns the name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                if Self::is_well_formed(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(NameError { text: text.chars().take(40).collect(), expected: $expected })
                }
            }
        }

        impl From<&$name> for Text {
            fn from(name: &$name) -> Self {
                Self::from(&name.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        serde_as_text!($name = $example);
    )*};
}

names! {
    JurisdictionId = "DE": "a jurisdiction id such as DE or AE-VARA";
    RuleVersionId = "EU-TFR@2024-12-30": "a rule version id such as EU-TFR@2024-12-30";
    FieldCode = "originator.name": "a field code such as originator.name (originator., beneficiary. or transfer., then a-z and _)";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_have_the_forms_of_the_schema() {
        for text in ["DE", "AE-VARA", "EU"] {
            assert_eq!(text.parse::<JurisdictionId>().unwrap().as_str(), text);
        }
        for text in ["", "de", "DEU", "DE-", "DE-vara", "-VARA", "DE-A-B", "Ä"] {
            assert!(text.parse::<JurisdictionId>().is_err(), "{text}");
        }
        for text in ["originator.name", "transfer.amount", "beneficiary.dlt_address"] {
            assert!(text.parse::<FieldCode>().is_ok(), "{text}");
        }
        for text in ["", "originator", "originator.", "payer.name", "originator.Name", "originator.a.b", "originator.a1"] {
            assert!(text.parse::<FieldCode>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC*") {
            let _ = (text.parse::<JurisdictionId>(), text.parse::<RuleVersionId>(), text.parse::<FieldCode>());
        }
    }
}
