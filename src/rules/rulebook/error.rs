//! Why a rulebook file or list file is refused: the place, what is wrong, and what would be right.

use serde::de::DeserializeOwned;
use vasp_words::json_place::read_with_place;

/// One contradiction in a file that is well formed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {detail}")]
pub struct Inconsistency {
    /// The JSON path, with the version's id if there is one.
    pub path: String,
    /// What is wrong and what would be right.
    pub detail: String,
}

impl Inconsistency {
    pub(crate) fn new(path: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { path: path.into(), detail: detail.into() }
    }
}

/// Why a rulebook is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulebookError {
    /// The text is not JSON, or a member is missing, unknown or has a value that is not allowed.
    #[error("rulebook refused at {path}: {reason}")]
    Malformed {
        /// The JSON path; `.` is the whole file.
        path: String,
        /// What is wrong, what was expected, and the line and column.
        reason: String,
    },
    /// The file is well formed but contradicts itself.
    #[error("rulebook refused: {}", join(.0))]
    Inconsistent(Vec<Inconsistency>),
}

/// Joins the contradictions in one text, at most ten.
pub(crate) fn join(found: &[Inconsistency]) -> String {
    let shown: Vec<String> = found.iter().take(10).map(ToString::to_string).collect();
    let more = found.len().saturating_sub(shown.len());
    if more == 0 { shown.join("; ") } else { format!("{}; and {more} more", shown.join("; ")) }
}

/// Reads JSON strictly; the error is the path and the reason.
pub(crate) fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, (String, String)> {
    read_with_place(text).map_err(|(path, error)| (path, error.to_string()))
}
