//! Whether two people are two: nobody approves what they proposed themselves, nor through a user or key that they made, nor the
//! proposal of somebody whom they made.

use super::{Identity, ServiceError};
use crate::domain::ids::CredentialId;
use crate::store::Conn;

/// Refuses an approver who is the proposer, or whose user or key one of the two made for the other.
///
/// # Errors
/// `ServiceError::SamePerson`, `Store`.
pub(super) fn refuse_same_person(
    conn: &mut Conn,
    approver: &Identity,
    proposed_by: &str,
    proposed_with: &str,
) -> Result<(), ServiceError> {
    let same = |words: &str| Err(ServiceError::SamePerson(words.to_owned()));
    let user = approver.user.to_string();
    if user == proposed_by {
        return same("It takes another person than the one who proposed it.");
    }
    let with = match approver.credential {
        CredentialId::Key(key) => made_key(conn, &key.to_string())?,
        CredentialId::Session(_) => None,
    };
    if with.as_deref() == Some(proposed_by) || made_user(conn, &user)?.as_deref() == Some(proposed_by) {
        return same("The approver's user or key was made by whoever proposed it.");
    }
    if made_key(conn, proposed_with)?.as_deref() == Some(&user) || made_user(conn, proposed_by)?.as_deref() == Some(&user) {
        return same("The approver made the user or key that proposed it.");
    }
    Ok(())
}

fn made_user(conn: &mut Conn, id: &str) -> Result<Option<String>, ServiceError> {
    Ok(conn.user(id)?.and_then(|user| user.created_by))
}

fn made_key(conn: &mut Conn, id: &str) -> Result<Option<String>, ServiceError> {
    Ok(conn.api_key(id)?.and_then(|key| key.created_by))
}
