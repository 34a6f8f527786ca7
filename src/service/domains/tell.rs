//! Turns what became of a domain into facts of the record: one logged change with the evidence that it stands on. Valid time is
//! kept: what was proven until today still was so yesterday.

use super::ORIGIN;
use crate::service::ServiceError;
use crate::service::ledger::{FactKey, VaspChanges};
use vasp_log::change::{Payload, RecordKind};
use vasp_record::fact::Attribute;
use vasp_store::{FactRow, Transaction};
use vasp_words::host::Host;
use vasp_words::ids::{EvidenceId, VaspId};

/// What is to be said of a domain from today on, by attribute; none: nothing any more.
pub(super) struct Telling<'a> {
    /// Number of the VASP.
    pub vasp: i64,
    /// Its id.
    pub vasp_id: VaspId,
    /// The domain.
    pub domain: &'a Host,
    /// Values of `domain` and `domain_scope`.
    pub values: [(Attribute, Option<&'static str>); 2],
    /// Where it was seen.
    pub source: &'a str,
    /// Evidence that counts from now on.
    pub publish: Option<EvidenceId>,
    /// Evidence that no longer does.
    pub end: Option<EvidenceId>,
}

/// Records the change; nothing where nothing changes.
pub(super) fn tell(transaction: &mut Transaction<'_>, telling: Telling<'_>) -> Result<(), ServiceError> {
    let current = transaction.conn().facts_of(&[telling.vasp], i64::MAX)?;
    let mut changes = VaspChanges::new(ORIGIN, telling.source, transaction.now().date());
    for (attribute, value) in telling.values {
        let is_open = |fact: &&FactRow| {
            let key = (fact.licence.as_str(), fact.origin.as_str(), fact.attribute.as_str(), fact.item.as_str());
            key == ("", ORIGIN, attribute.as_str(), telling.domain.as_str()) && fact.valid_to.is_none()
        };
        changes.say_from_now(&FactKey::own(attribute, telling.domain.as_str()), current.iter().find(is_open), value);
    }
    let kind: RecordKind = if changes.told().is_empty() { Payload::EvidenceChanged } else { Payload::VaspChanged };
    changes.evidence(telling.publish.into_iter().collect(), telling.end.into_iter().collect());
    changes.record(transaction, (telling.vasp_id, telling.vasp), kind);
    Ok(())
}
