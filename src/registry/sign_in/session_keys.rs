//! What a person's sessions created: API keys and client certificates, for the person or for programs, everything created with those in
//! turn, and links to reports. It ends when the person's password changes and when the person is reset, because a stolen session may have
//! created it. What another credential created (the command line, a colleague, a key older than the session) stays.
//!
//! Source: NIST SP 800-63B-4 section 4.3 (loss, theft, damage and compromise): what is compromised is invalidated at once.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::node::ServiceError;
use vasp_log::audit::AuditEvent;
use vasp_store::Transaction;
use vasp_words::ids::{CredentialId, UserId};

/// An API key or client certificate that was revoked because a session of the user had created it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RevokedCredential)]
pub struct RevokedKey {
    /// Id of the API key (`key_…`) or client certificate (`ccr_…`).
    #[schema(value_type = String, example = "key_01jz0000000000000000000000")]
    pub id: CredentialId,
    /// The user's name for it.
    pub name: String,
    /// Id of the user for whom it acted: the person, or a program.
    pub owner: UserId,
}

/// Revokes the credentials that sessions of a user created and that still work, oldest first. Each leaves an audit line like `told` in
/// the organisation of its owner. The links to reports that the sessions created end too.
pub(crate) fn revoke_made_by_sessions(
    transaction: &mut Transaction<'_>,
    user: UserId,
    told: &AuditEvent,
) -> Result<Vec<RevokedKey>, ServiceError> {
    transaction.lock_credentials()?;
    transaction.end_report_links_of_sessions(user)?;
    let now = transaction.now();
    let mut revoked = Vec::new();
    for made in transaction.conn().made_by_sessions_of(user)? {
        let (was_in_use, action) = match made.id {
            CredentialId::Key(id) => (transaction.revoke_api_key(id, now)?, "api_key.revoke"),
            CredentialId::Certificate(id) => (transaction.revoke_client_certificate(id, now)?, "client_certificate.revoke"),
            CredentialId::Session(_) => continue,
        };
        if !was_in_use || made.expires_at.is_some_and(|at| at <= now) {
            continue;
        }
        transaction.audit(AuditEvent {
            organisation: Some(made.organisation.to_string()),
            action: action.to_owned(),
            subject: Some(made.id.to_string()),
            payload: json!({"owner": made.owner, "made_by_sessions_of": user, "because": told.action}),
            ..told.clone()
        });
        revoked.push(RevokedKey { id: made.id, name: made.name, owner: made.owner });
    }
    Ok(revoked)
}

/// Returns the ids, for an audit line.
pub(crate) fn ids(revoked: &[RevokedKey]) -> Vec<CredentialId> {
    revoked.iter().map(|key| key.id).collect()
}
