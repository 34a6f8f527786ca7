//! Reads a member's own domains.

use super::{not_found, own_row, own_vasp};
use crate::acts::Identity;
use crate::node::{Registry, ServiceError};
use vasp_record::domain_standing::DomainState;
use vasp_store::MemberDomain;
use vasp_words::host::Host;

/// Returns the domains of the caller's VASP in order of name, without withdrawn ones.
pub fn list_domains(registry: &Registry, identity: &Identity) -> Result<Vec<MemberDomain>, ServiceError> {
    registry.store().read(|conn| {
        let Some(vasp) = own_vasp(conn, identity)? else { return Ok(Vec::new()) };
        let mut rows = conn.member_domains_of((vasp, identity.organisation))?;
        rows.retain(|row| row.state != DomainState::Withdrawn);
        Ok(rows)
    })
}

/// Returns a domain of the caller's VASP.
///
/// # Errors
/// `ServiceError::NotFound`, also for another organisation's domain; `ServiceError::Store`.
pub fn read_domain(registry: &Registry, identity: &Identity, domain: &Host) -> Result<MemberDomain, ServiceError> {
    registry.store().read(|conn| own_row(conn, identity, domain)?.ok_or_else(not_found))
}
