//! What a member proved before its record was approved, for the approval, which makes facts of it in its own transaction.

use super::MemberDomain;
use crate::domain::fact::Attribute;
use crate::service::ServiceError;
use crate::store::Conn;

/// Returns the facts, of the origin `member` and valid from the day of the approval: attribute, item and value.
///
/// # Errors
/// `ServiceError::Store`.
pub fn facts_on_approval(conn: &mut Conn, vasp: &str) -> Result<Vec<(Attribute, String, String)>, ServiceError> {
    let mut facts = Vec::new();
    for row in conn.member_domains_of(vasp)? {
        if MemberDomain::read(&row)?.standing.state.counts() {
            let scope = if row.covers_subdomains { "subdomains" } else { "host" };
            facts.push((Attribute::Domain, row.domain.clone(), "proven".to_owned()));
            facts.push((Attribute::DomainScope, row.domain, scope.to_owned()));
        }
    }
    Ok(facts)
}

/// Returns the ids of the evidence for those facts that does not count yet: to be published in the same change.
///
/// # Errors
/// `ServiceError::Store`.
pub fn evidence_on_approval(conn: &mut Conn, vasp: &str) -> Result<Vec<String>, ServiceError> {
    let mut standing = Vec::new();
    for row in conn.member_domains_of(vasp)? {
        if MemberDomain::read(&row)?.standing.state.counts() {
            standing.extend(row.evidence);
        }
    }
    let waiting = conn.evidence_of(vasp)?.into_iter().filter(|evidence| evidence.seq_from.is_none());
    Ok(waiting.map(|evidence| evidence.id).filter(|id| standing.contains(id)).collect())
}
