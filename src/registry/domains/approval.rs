//! Domains that a member proved before its record was its own become facts when the record is approved, in the approval's
//! transaction.

use super::scope;
use super::settle::evidence_of;
use super::tell::{Telling, tell};
use super::withdraw::withdrawn;
use crate::node::ServiceError;
use vasp_record::domain_standing::DomainState;
use vasp_record::vasp::DomainStatus;
use vasp_store::{Conn, DeclaredBy, Transaction};
use vasp_words::host::Host;
use vasp_words::ids::{OrganisationId, VaspId};

/// Adds the domains that `organisation` has proven so far to its record, whose number is `number`. The approval calls this once the
/// record is the organisation's own. It holds the lock on the record's submission, so no check can come in between.
pub fn take_up_domains(
    transaction: &mut Transaction<'_>,
    vasp: VaspId,
    organisation: OrganisationId,
    number: i64,
) -> Result<(), ServiceError> {
    let rows = transaction.conn().member_domains_of(DeclaredBy { organisation, vasp })?;
    for row in rows.into_iter().filter(|row| row.state.counts()) {
        let evidence = evidence_of(transaction, &row)?;
        let source = evidence.as_ref().map_or_else(|| row.challenge().txt_name(), |evidence| evidence.source.clone());
        let publish = evidence.filter(|evidence| evidence.seq_from.is_none()).map(|evidence| evidence.id);
        let (vasp_id, domain, values) = (vasp, &row.domain, (Some(DomainStatus::Proven), Some(scope(row.covers_subdomains))));
        tell(transaction, Telling { vasp: number, vasp_id, domain, values, source: &source, publish, end: None })?;
    }
    Ok(())
}

/// Returns the domains that an organisation has proven for a record, whether or not the record is approved.
pub fn proven_domains(conn: &mut Conn, vasp: VaspId, organisation: OrganisationId) -> Result<Vec<Host>, ServiceError> {
    let rows = conn.member_domains_of(DeclaredBy { organisation, vasp })?.into_iter();
    Ok(rows.filter(|row| row.state.counts()).map(|row| row.domain).collect())
}

/// Withdraws what an organisation proved for a record that does not become its own. Other records can then prove these domains.
pub fn give_up_domains(
    transaction: &mut Transaction<'_>,
    vasp: VaspId,
    organisation: OrganisationId,
) -> Result<(), ServiceError> {
    let rows = transaction.conn().member_domains_of(DeclaredBy { organisation, vasp })?;
    for row in rows.into_iter().filter(|row| row.state != DomainState::Withdrawn) {
        transaction.change_member_domain(&withdrawn(row, transaction.now()))?;
    }
    Ok(())
}
