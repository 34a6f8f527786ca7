//! What a member proved before its record was its own becomes facts when the record is approved, in the approval's transaction.

use super::settle::evidence_of;
use super::tell::{Telling, tell};
use super::{MemberDomain, scope_text};
use crate::domain::fact::Attribute;
use crate::service::ServiceError;
use crate::store::Transaction;

/// Says on the record, whose number is `number`, what its member proved so far. To be called by the approval once the record is
/// the organisation's own; while it holds the record's submission no look comes in between.
///
/// # Errors
/// `ServiceError::Store`.
pub fn take_up_domains(transaction: &mut Transaction<'_>, vasp: &str, number: i64) -> Result<(), ServiceError> {
    for row in transaction.conn().member_domains_of(vasp)? {
        let domain = MemberDomain::read(&row)?;
        if !domain.standing.state.counts() {
            continue;
        }
        let evidence = evidence_of(transaction, &row)?;
        let source = evidence.as_ref().map_or_else(|| domain.challenge.txt_name(), |evidence| evidence.source.clone());
        let publish = evidence.filter(|evidence| evidence.seq_from.is_none()).map(|evidence| evidence.id);
        let values = [(Attribute::Domain, Some("proven")), (Attribute::DomainScope, Some(scope_text(row.covers_subdomains)))];
        let (vasp_id, domain) = (vasp, row.domain.as_str());
        tell(transaction, Telling { vasp: number, vasp_id, domain, values, source: &source, publish, end: None })?;
    }
    Ok(())
}
