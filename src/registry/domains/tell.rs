//! Turns a change of a domain into facts of the record: one logged change, with its evidence. Valid time is kept: if a domain was
//! proven until today, it stays proven for the days before.

use super::ORIGIN;
use crate::ledger::VaspChanges;
use crate::node::ServiceError;
use vasp_log::change::{Payload, RecordKind};
use vasp_record::fact::{Attribute, FactValue};
use vasp_record::vasp::{DomainScope, DomainStatus};
use vasp_store::{FactRow, Transaction};
use vasp_words::host::Host;
use vasp_words::ids::{EvidenceId, VaspId};

/// What the record says about a domain from today on, by attribute. `None` removes what it said.
pub(super) struct Telling<'a> {
    /// Number of the VASP.
    pub vasp: i64,
    /// Its id.
    pub vasp_id: VaspId,
    /// The domain.
    pub domain: &'a Host,
    /// The status of the proof, and whether hosts below the domain belong to the VASP too.
    pub values: (Option<DomainStatus>, Option<DomainScope>),
    /// Where it was seen.
    pub source: &'a str,
    /// Evidence that becomes valid now.
    pub publish: Option<EvidenceId>,
    /// Evidence that ends now.
    pub end: Option<EvidenceId>,
}

/// Records the change, if there is one.
pub(super) fn tell(transaction: &mut Transaction<'_>, telling: Telling<'_>) -> Result<(), ServiceError> {
    let current = transaction.conn().facts_of(&[telling.vasp], i64::MAX)?;
    let mut changes = VaspChanges::new(ORIGIN, telling.source, transaction.now().date());
    let host = telling.domain.to_string();
    let values = [
        (Attribute::Domain, telling.values.0.map(|status| FactValue::Domain(host.clone(), status))),
        (Attribute::DomainScope, telling.values.1.map(|scope| FactValue::DomainScope(host.clone(), scope))),
    ];
    for (attribute, value) in values {
        let is_open = |FactRow { fact, .. }: &&FactRow| {
            let is_own = fact.licence.is_none() && *fact.origin == *ORIGIN && fact.to.is_none();
            is_own && fact.said.attribute() == attribute && fact.said.item() == host
        };
        changes.say_from_now(current.iter().find(is_open), value.as_ref());
    }
    let kind: RecordKind = if changes.told().is_empty() { Payload::EvidenceChanged } else { Payload::VaspChanged };
    changes.evidence(telling.publish.into_iter().collect(), telling.end.into_iter().collect());
    changes.record(transaction, telling.vasp_id, telling.vasp, kind);
    Ok(())
}
