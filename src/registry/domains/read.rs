//! Reads a member's own domains.

use super::{own_row, own_vasp};
use crate::acts::Identity;
use crate::node::{Registry, ServiceError, no_vasp};
use vasp_record::domain_standing::DomainState;
use vasp_store::{DeclaredBy, MemberDomain};
use vasp_words::host::Host;

/// Returns the domains of the caller's VASP in order of name, without withdrawn ones.
///
/// # Errors
/// Problem `no_vasp`; `ServiceError::Store`.
pub fn list_domains(registry: &Registry, identity: &Identity) -> Result<Vec<MemberDomain>, ServiceError> {
    registry.store().read(|conn| {
        let vasp = own_vasp(conn, identity)?.ok_or_else(no_vasp)?;
        let mut rows = conn.member_domains_of(DeclaredBy { organisation: identity.organisation, vasp })?;
        rows.retain(|row| row.state != DomainState::Withdrawn);
        Ok(rows)
    })
}

/// Returns a domain of the caller's VASP; `None` also for another organisation's domain.
pub fn find_domain(registry: &Registry, identity: &Identity, domain: &Host) -> Result<Option<MemberDomain>, ServiceError> {
    registry.store().read(|conn| own_row(conn, identity, domain))
}
