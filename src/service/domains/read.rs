//! Shows a member its own domains.

use super::{MemberDomain, not_found, own_vasp};
use crate::domain::domain_standing::DomainState;
use crate::domain::host::Host;
use crate::service::{Identity, Registry, ServiceError};

/// Returns the domains of the caller's VASP that it did not give up, in order of name.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_domains(registry: &Registry, identity: &Identity) -> Result<Vec<MemberDomain>, ServiceError> {
    registry.store().read(|conn| {
        let Some(vasp) = own_vasp(conn, identity)? else { return Ok(Vec::new()) };
        let rows = conn.member_domains_of(&vasp)?;
        rows.iter().filter(|row| row.state != DomainState::Withdrawn.as_str()).map(MemberDomain::read).collect()
    })
}

/// Returns a domain of the caller's VASP.
///
/// # Errors
/// `ServiceError::NotFound`, also for another's; `ServiceError::Store`.
pub fn read_domain(registry: &Registry, identity: &Identity, domain: &Host) -> Result<MemberDomain, ServiceError> {
    registry.store().read(|conn| {
        let vasp = own_vasp(conn, identity)?.ok_or_else(not_found)?;
        let row = conn.member_domain(&vasp, domain.as_str())?.ok_or_else(not_found)?;
        MemberDomain::read(&row)
    })
}
