//! An organisation loads its list of a protocol, which replaces the one before, or drops it.

use serde_json::json;

use super::read::HeldVaspList;
use crate::acts::sealed_traces::seal_content;
use crate::acts::{Act, Deed, Reply};
use crate::directory::open_sealed;
use crate::node::{ServiceError, invalid};
use vasp_ingest::vasp_list::parse;
use vasp_pki::DataKey;
use vasp_record::register::RowReport;
use vasp_rules::protocol::{Protocol, ProtocolId};
use vasp_rules::vasp_list::VaspList;
use vasp_store::{SealedRow, Transaction, VaspListRow};
use vasp_words::ids::OrganisationId;
use vasp_words::time::Date;

/// A list to load.
#[derive(Clone, Debug)]
pub struct NewVaspList {
    /// The protocol.
    pub protocol: ProtocolId,
    /// The text of the file.
    pub content: String,
    /// The name of the file, for people.
    pub source: String,
    /// The day on which the provider handed it out; today if not given.
    pub as_of: Option<Date>,
}

/// The most that an organisation's list may have, in bytes. Ours.
const LARGEST: usize = 4 << 20;

/// Loads a list, in place of the organisation's list of the same protocol.
///
/// # Errors
/// `ServiceError::NotFound` for a protocol that the registry does not know; `Invalid` if the content is no such list, or nothing of it can be
/// used.
pub fn keep_list(act: Act<'_, HeldVaspList>, new: &NewVaspList) -> Result<Reply, ServiceError> {
    let (generation, key) = (act.registry.pin(act.now), act.registry.data_key(act.identity.organisation, act.now, act.rng)?);
    let known = generation.documents().protocols.value.get(&new.protocol).ok_or_else(|| unknown(&new.protocol))?;
    let (list, rows) = read(new, known, act.now.date())?;
    act.run_privately("vasp_list.load", |transaction, identity| {
        let organisation = identity.organisation;
        let revision = transaction.next_private_revision(organisation)?;
        end(transaction, organisation, revision, &key, &new.protocol)?;
        let sealed = seal_content(&key, &list, &organisation, revision, transaction.conn_and_rng().1)?;
        VaspListRow { organisation, revision_from: revision, revision_to: None, sealed }.add(transaction)?;
        let held = HeldVaspList::of(&list, generation.records(), true).with_rejected(rows.rejected);
        Ok(Deed::new(held, &new.protocol, json!({"protocol": new.protocol, "as_of": list.as_of, "rows": list.rows.len()})))
    })
}

fn read(new: &NewVaspList, known: &Protocol, today: Date) -> Result<(VaspList, RowReport), ServiceError> {
    let wrong = |detail: String| invalid("/content", "invalid_value", detail);
    if new.content.len() > LARGEST {
        return Err(wrong(format!("the list is larger than {LARGEST} bytes")));
    }
    let as_of = new.as_of.unwrap_or(today);
    if as_of > today {
        return Err(invalid("/as_of", "invalid_value", format!("the day is after today, {today}")));
    }
    let (list, rows) = parse(new.content.as_bytes(), &new.source, known, as_of)
        .map_err(|error| wrong(format!("this is no list of {}: {}", known.name, vasp_words::error_chain::error_chain(&error))))?;
    if list.rows.is_empty() {
        let first = rows.rejected.first().map(|row| format!(" The first one: row {}, {}: {}.", row.line, row.reason, row.text));
        return Err(wrong(format!("no row can be used.{}", first.unwrap_or_default())));
    }
    Ok((list, rows))
}

/// Drops the organisation's list of a protocol.
///
/// # Errors
/// `ServiceError::NotFound` if it has none.
pub fn end_list(act: Act<'_, HeldVaspList>, protocol: &ProtocolId) -> Result<Reply, ServiceError> {
    let (generation, key) = (act.registry.pin(act.now), act.registry.data_key(act.identity.organisation, act.now, act.rng)?);
    act.run_privately("vasp_list.drop", |transaction, identity| {
        let organisation = identity.organisation;
        let revision = transaction.next_private_revision(organisation)?;
        let ended = end(transaction, organisation, revision, &key, protocol)?;
        let list = ended.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))?;
        Ok(Deed::new(HeldVaspList::of(&list, generation.records(), true), protocol, json!({"protocol": protocol})))
    })
}

/// The answer for a protocol of which the caller's organisation has no list.
pub(super) const MISSING: &str = "Your organisation has no list of this protocol, and the registry holds none.";

/// Ends the current list of a protocol and returns it; `None` if there is none.
fn end(
    transaction: &mut Transaction<'_>,
    organisation: OrganisationId,
    revision: i64,
    key: &DataKey,
    protocol: &ProtocolId,
) -> Result<Option<VaspList>, ServiceError> {
    for row in VaspListRow::current_at(transaction.conn(), organisation, revision)? {
        let list: VaspList = open_sealed(key, &row)?;
        if list.protocol == *protocol {
            VaspListRow::end(transaction, organisation, row.revision_from, revision)?;
            return Ok(Some(list));
        }
    }
    Ok(None)
}

fn unknown(protocol: &ProtocolId) -> ServiceError {
    ServiceError::NotFound(format!("The registry knows no protocol `{protocol}`; GET /v1/protocols lists them."))
}
