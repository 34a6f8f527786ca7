//! What a member proved before its record was its own becomes facts when the record is approved, in the approval's transaction.

use super::settle::evidence_of;
use super::tell::{Telling, tell};
use super::{MemberDomain, scope};
use crate::service::ServiceError;
use vasp_record::vasp::DomainStatus;
use vasp_store::{Conn, Transaction};

/// Says on the record, whose number is `number`, what its member, `organisation`, proved so far. To be called by the approval once the record is
/// the organisation's own; while it holds the record's submission no look comes in between.
///
/// # Errors
/// `ServiceError::Store`.
pub fn take_up_domains(
    transaction: &mut Transaction<'_>,
    (vasp, organisation): (&str, &str),
    number: i64,
) -> Result<(), ServiceError> {
    let rows = transaction.conn().member_domains_of(vasp)?;
    for row in rows.into_iter().filter(|row| row.organisation == organisation) {
        let domain = MemberDomain::read(&row)?;
        if !domain.standing.state.counts() {
            continue;
        }
        let evidence = evidence_of(transaction, &row)?;
        let source = evidence.as_ref().map_or_else(|| domain.challenge.txt_name(), |evidence| evidence.source.clone());
        let publish = evidence.filter(|evidence| evidence.seq_from.is_none()).map(|evidence| evidence.id);
        let values = (Some(DomainStatus::Proven), Some(scope(row.covers_subdomains)));
        let (vasp_id, domain) = (vasp, row.domain.as_str());
        tell(transaction, Telling { vasp: number, vasp_id, domain, values, source: &source, publish, end: None })?;
    }
    Ok(())
}

/// Returns the domains of a record that an organisation proved and that count, whether or not the record is approved.
///
/// # Errors
/// `ServiceError::Store`.
pub fn proven_domains(conn: &mut Conn, vasp: &str, organisation: &str) -> Result<Vec<String>, ServiceError> {
    let mut proven = Vec::new();
    for row in conn.member_domains_of(vasp)?.into_iter().filter(|row| row.organisation == organisation) {
        if MemberDomain::read(&row)?.standing.state.counts() {
            proven.push(row.domain);
        }
    }
    Ok(proven)
}
