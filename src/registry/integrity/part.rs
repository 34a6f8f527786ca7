//! The parts of a verification in their order, and places in them, in the form of `--from`.

use std::fmt;
use std::str::FromStr;

/// How far a verification has come. Everything before this place is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The log, and the tables that follow from it change by change. Done in one piece.
    Log,
    /// The audit chain, the credentials that it says were revoked, and the counts of recorded pre-checks. Done in one piece.
    Audit,
    /// The records of VASPs.
    Records {
        /// Number of the last VASP that is done.
        after: i64,
    },
    /// The batches of claims.
    Claims {
        /// Number of the first batch that is not done.
        from: i64,
    },
    /// The files of members' documents. Done in one piece.
    Documents,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log => f.write_str("log"),
            Self::Audit => f.write_str("audit"),
            Self::Records { after } => write!(f, "records:{after}"),
            Self::Claims { from } => write!(f, "claims:{from}"),
            Self::Documents => f.write_str("documents"),
        }
    }
}

/// The error for a text that is not a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a place that a verification prints; the places are log, audit, records:NUMBER, claims:NUMBER and documents"
)]
pub struct PlaceError(String);

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let wrong = || PlaceError(text.to_owned());
        let number = |digits: &str| digits.parse().map_err(|_| wrong());
        match text.split_once(':') {
            None if text == "log" => Ok(Self::Log),
            None if text == "audit" => Ok(Self::Audit),
            None if text == "documents" => Ok(Self::Documents),
            Some(("records", after)) => Ok(Self::Records { after: number(after)? }),
            Some(("claims", from)) => Ok(Self::Claims { from: number(from)? }),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_printed_is_taken_again() {
        for place in [Place::Log, Place::Audit, Place::Records { after: 7 }, Place::Claims { from: -1 }, Place::Documents] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for other in ["", "claims", "claims:", "claims:x", "log:1", "people"] {
            assert!(other.parse::<Place>().is_err(), "{other}");
        }
    }
}
