//! Withdraws a domain. This is a restriction, so it takes effect at once, whatever the version.

use super::settle::{evidence_of, live_number};
use super::tell::{Telling, tell};
use super::{details, not_found, own_vasp};
use crate::acts::{Act, Deed, Reply};
use crate::node::ServiceError;
use vasp_record::domain_standing::DomainState;
use vasp_store::{DeclaredBy, MemberDomain};
use vasp_words::host::Host;
use vasp_words::time::UtcTime;

/// Withdraws a domain.
///
/// # Errors
/// `ServiceError::NotFound`, also for another organisation's domain and for one that is withdrawn already; `Store`.
pub fn withdraw_domain(act: Act<'_, MemberDomain>, domain: &Host) -> Result<Reply, ServiceError> {
    act.run("domain.withdraw", |transaction, identity| {
        let vasp = own_vasp(transaction.conn(), identity)?.ok_or_else(not_found)?;
        transaction.lock_submission(vasp)?;
        let row = transaction
            .lock_member_domain(DeclaredBy { organisation: identity.organisation, vasp }, domain)?
            .ok_or_else(not_found)?;
        if row.state == DomainState::Withdrawn {
            return Err(not_found());
        }
        if let Some(number) = live_number(transaction, &row)? {
            let evidence = evidence_of(transaction, &row)?;
            let counts = evidence.filter(|evidence| evidence.seq_from.is_some() && evidence.seq_to.is_none());
            let telling = Telling {
                vasp: number,
                vasp_id: vasp,
                domain,
                values: (None, None),
                source: "withdrawn by the member",
                publish: None,
                end: counts.map(|evidence| evidence.id),
            };
            tell(transaction, telling)?;
        }
        let after = withdrawn(row, transaction.now());
        transaction.change_member_domain(&after)?;
        Ok(Deed::new(after, domain, details(vasp, domain)))
    })
}

/// Returns a domain in its withdrawn state.
pub(super) fn withdrawn(row: MemberDomain, now: UtcTime) -> MemberDomain {
    MemberDomain {
        state: DomainState::Withdrawn,
        version: row.version + 1,
        updated_at: now,
        next_look_at: None,
        evidence: None,
        ..row
    }
}
