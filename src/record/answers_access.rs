//! Stored access of one organisation to another's questionnaire answers, and stored requests for access. The questionnaire rules
//! decide who may read what at a moment.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use vasp_words::closed_list::closed_list;

closed_list! {
    /// Whether the ownership chain may be read.
    pub enum OwnershipAccess {
        /// It may not be read.
        Withheld = "withheld" / 0,
        /// It may be read.
        Granted = "granted" / 1,
    }
    /// The state of a request for access.
    pub enum AccessRequestState {
        /// Nobody answered it.
        Open = "open",
        /// Access was given.
        Granted = "granted",
        /// The member declined it.
        Declined = "declined",
    }
}

/// Sections of a questionnaire. Their text form is their ids, separated by blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sections(pub BTreeSet<String>);

impl From<bool> for OwnershipAccess {
    fn from(granted: bool) -> Self {
        if granted { Self::Granted } else { Self::Withheld }
    }
}

impl OwnershipAccess {
    /// Tells whether the ownership chain may be read.
    #[must_use]
    pub fn is_granted(self) -> bool {
        self == Self::Granted
    }
}

impl fmt::Display for Sections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
    }
}

impl FromStr for Sections {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.split_whitespace().map(str::to_owned).collect()))
    }
}

vasp_words::sql_as_text!(Sections);
