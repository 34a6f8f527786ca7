//! The counterparties that an organisation watches: those that it asked for, and those in its recorded pre-checks.

use serde_json::json;

use super::{DAY_MICROS, RELIED_DAYS};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Page, Registry, ServiceError, invalid};
use vasp_rules::rulebook::JurisdictionId;
use vasp_store::{StoreError, WatchRow};
use vasp_words::ids::VaspId;
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// Maximum number of VASPs that an organisation may ask to watch.
const ASKED_MAX: i64 = 10_000;

const MISSING: &str = "Your organisation does not watch this VASP.";

/// Returns when a watch ends automatically. `None` if somebody asked for it, or if it is the organisation's own record.
#[must_use]
pub fn ends_at(row: &WatchRow) -> Option<UtcTime> {
    row.relied_at.filter(|_| !row.asked.0).map(|at| at.plus_micros(RELIED_DAYS * DAY_MICROS))
}

/// Lists the watches of the caller's organisation, sorted by VASP.
pub fn list_watches(
    registry: &Registry,
    identity: &Identity,
    after: &str,
    limit: usize,
) -> Result<Page<WatchRow, String>, ServiceError> {
    let own = identity.organisation;
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.watches_of(own, after, Page::wanted(limit))?))?;
    Ok(Page::of(rows.into_iter(), limit, |item| item.vasp.to_string()))
}

/// Watches a VASP for the caller's organisation.
///
/// # Errors
/// `ServiceError::NotFound` for a VASP that is not in the directory. `Invalid` if the organisation has no VASP and gives no jurisdiction of
/// its own, or if it watches too many VASPs. Also what [`Act::run`] returns.
pub fn add_watch(act: Act<'_, WatchRow>, vasp: VaspId, jurisdiction: Option<JurisdictionId>) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    let record = generation.records().get(vasp).cloned();
    let record = record.ok_or_else(|| ServiceError::NotFound("There is no such VASP.".to_owned()))?;
    let sequence = generation.sequence();
    act.run_privately("watch.add", |transaction, identity| {
        let (own, vasp, now) = (identity.organisation, record.id, transaction.now());
        if identity.vasp.is_none() && jurisdiction.is_none() {
            let detail = "name the jurisdiction of your side, because these credentials have no VASP with a known country";
            return Err(invalid("/jurisdiction", "missing_member", detail.to_owned()));
        }
        let known = transaction.conn().watch(own, vasp)?;
        let row = match known {
            Some(mut row) => {
                row.asked = Flag(true);
                // The findings belong to another jurisdiction's rules, so they are made again.
                if let Some(named) = jurisdiction.map(|id| id.to_string()).filter(|id| row.jurisdiction.as_ref() != Some(id)) {
                    (row.jurisdiction, row.findings, row.sequence) = (Some(named), None, sequence);
                }
                if !transaction.change_watch(&row)? {
                    return Err(StoreError::Stale { table: "watches" }.into());
                }
                row
            }
            None => {
                if transaction.conn().asked_watches(own)? >= ASKED_MAX {
                    let detail = format!("an organisation may watch at most {ASKED_MAX} VASPs; stop watching another one first");
                    return Err(invalid("/vasp", "too_many", detail));
                }
                let row = WatchRow {
                    organisation: own,
                    vasp,
                    asked: Flag(true),
                    relied_at: None,
                    jurisdiction: jurisdiction.map(|id| id.to_string()),
                    sequence,
                    findings: None,
                    version: 1,
                    created_at: now,
                };
                if !transaction.add_watch(&row)? {
                    return Err(StoreError::Stale { table: "watches" }.into());
                }
                row
            }
        };
        let details = json!({"vasp": vasp, "jurisdiction": row.jurisdiction});
        Ok(Deed::new(row, vasp, details))
    })
}

/// Ends the request to watch a VASP. Recorded pre-checks with the VASP still keep a watch for a year after the last one.
///
/// # Errors
/// `ServiceError::NotFound` if nobody asked for the watch; and what [`Act::run`] returns.
pub fn remove_watch(act: Act<'_, WatchRow>, vasp: VaspId) -> Result<Reply, ServiceError> {
    act.run_privately("watch.remove", |transaction, identity| {
        let (own, now) = (identity.organisation, transaction.now());
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        let mut row = transaction.conn().watch(own, vasp)?.filter(|row| row.asked.0).ok_or_else(missing)?;
        row.asked = Flag(false);
        if !transaction.change_watch(&row)? {
            return Err(StoreError::Stale { table: "watches" }.into());
        }
        row.version += 1;
        if identity.vasp != Some(vasp) {
            transaction.drop_watch(&row, now.plus_micros(-RELIED_DAYS * DAY_MICROS))?;
        }
        Ok(Deed::new(row, vasp, json!({"vasp": vasp})))
    })
}
