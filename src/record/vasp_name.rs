//! How a caller names one VASP: by its id or by an LEI. An LEI is accepted wherever an id is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::serde_as_text;

/// One VASP as a caller names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VaspName {
    /// By id.
    Id(VaspId),
    /// By LEI.
    Lei(Lei),
}

/// The text is not the name of a VASP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is neither a VASP id (vasp_…) nor an LEI: {reason}")]
pub struct VaspNameError {
    /// The refused text, cut to 40 characters.
    pub text: String,
    /// Why it is not a valid id or LEI.
    pub reason: String,
}

impl FromStr for VaspName {
    type Err = VaspNameError;
    fn from_str(text: &str) -> Result<Self, VaspNameError> {
        let read = if text.starts_with(VaspId::PREFIX) {
            text.parse().map(Self::Id).map_err(|error| error.to_string())
        } else {
            text.parse().map(Self::Lei).map_err(|error: vasp_words::lei::LeiError| error.to_string())
        };
        read.map_err(|reason| VaspNameError { text: text.chars().take(40).collect(), reason })
    }
}

impl fmt::Display for VaspName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Lei(lei) => lei.fmt(f),
        }
    }
}

serde_as_text!(VaspName);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_and_leis_are_told_apart() {
        let id = "vasp_00000000000000000000000000";

        assert_eq!(id.parse::<VaspName>(), Ok(VaspName::Id(id.parse().unwrap())));
        assert_eq!("529900HNOAA1KXQJUQ27".parse::<VaspName>(), Ok(VaspName::Lei("529900HNOAA1KXQJUQ27".parse().unwrap())));
        let error = "529900HNOAA1KXQJUQ28".parse::<VaspName>().unwrap_err();
        assert!(error.reason.contains("check digits"), "{error}");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC*") {
            if let Ok(name) = text.parse::<VaspName>() {
                prop_assert_eq!(name.to_string().parse::<VaspName>(), Ok(name));
            }
        }
    }
}
