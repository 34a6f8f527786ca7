//! What the services of members share: the record that a member keeps.

use super::{Identity, ServiceError};
use crate::store::{Conn, SubmissionRow};

/// Statuses in which a record is not kept any more; another can be begun.
const OVER: [&str; 2] = ["rejected", "withdrawn"];

/// Returns the record that the caller's organisation keeps, if it keeps one.
///
/// # Errors
/// `ServiceError::Store`.
pub fn own_submission(conn: &mut Conn, identity: &Identity) -> Result<Option<SubmissionRow>, ServiceError> {
    let kept = conn.submissions_of(&identity.organisation.to_string())?;
    Ok(kept.into_iter().rfind(|row| !OVER.contains(&row.status.as_str())))
}
