//! Erases the request and answer of recorded pre-checks: on request, with a reason, or automatically when the organisation's retention
//! period has passed. Digests, references and codes stay. They still prove that the organisation asked, and what was recommended.
//!
//! Erasing replaces the sealed bytes in the table with an empty value. A backup from before the erasure still holds the bytes until it
//! is deleted, and the wrapped key lies beside them. A separate key for each pre-check would not change that, so there is none.

use rand_core::RngCore;
use serde_json::json;

use crate::acts::sealed_traces::Traces;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Registry, ServiceError};
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_rules::precheck_retention::PrecheckRetention;
use vasp_store::{Conn, RetentionRow, StoreError, Transaction};
use vasp_words::ids::{OrganisationId, PrecheckId};
use vasp_words::time::UtcTime;

/// Largest number of pre-checks that one transaction of the sweep erases.
const ERASED_AT_ONCE: i64 = 500;

/// Largest number of transactions in one sweep. The next sweep continues where this one stopped.
const STEPS_MAX: usize = 200;

/// A pre-check whose request and answer were erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Id of the pre-check.
    pub id: PrecheckId,
    /// When they were erased.
    pub erased_at: UtcTime,
}

/// How long an organisation keeps the requests and answers of its pre-checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionSetting {
    /// The period.
    pub retention: PrecheckRetention,
    /// Whether the organisation set the period. Otherwise the law of its VASP's country decides.
    pub is_own: bool,
    /// Version of the setting.
    pub version: i64,
}

impl RetentionSetting {
    fn of(row: Option<&RetentionRow>, by_law: PrecheckRetention) -> Self {
        let own = row.and_then(|row| row.days).and_then(|days| PrecheckRetention::try_from(u32::try_from(days).ok()?).ok());
        Self { retention: own.unwrap_or(by_law), is_own: own.is_some(), version: row.map_or(0, |row| row.version) }
    }

    /// Reads the period that applies to an organisation: its own setting, or else what the law of its VASP's country demands today.
    pub(super) fn read(
        registry: &Registry,
        conn: &mut Conn,
        organisation: OrganisationId,
        now: UtcTime,
    ) -> Result<(Self, Option<RetentionRow>), StoreError> {
        let (row, generation) = (conn.retention(organisation)?, registry.pin(now));
        let vasp = conn.organisation(organisation)?.and_then(|known| known.vasp);
        let country = vasp.and_then(|own| generation.records().get(own)?.country);
        let by_law = PrecheckRetention::by_law(&generation.documents().rulebook.value, country, now.date());
        Ok((Self::of(row.as_ref(), by_law), row))
    }
}

/// Erases the request and answer of a pre-check of the caller's organisation.
///
/// # Errors
/// `ServiceError::NotFound` if the organisation has no such pre-check. `IllegalStep` if it was erased before. Also the errors of
/// [`Act::run`].
pub fn erase_precheck(act: Act<'_, Erased>, id: PrecheckId, reason: &str) -> Result<Reply, ServiceError> {
    let reason = reason.to_owned();
    act.run_privately("precheck.erase_payload", move |transaction, identity| {
        let (organisation, now) = (identity.organisation, transaction.now());
        let missing = || ServiceError::NotFound(format!("There is no pre-check {id}."));
        transaction.conn().precheck_record(id, organisation)?.ok_or_else(missing)?;
        if !transaction.erase_precheck(id, organisation, now)? {
            return Err(ServiceError::IllegalStep(format!("The request and answer of {id} were already erased.")));
        }
        Ok(Deed::new(Erased { id, erased_at: now }, id.to_string(), json!({"reason": reason})))
    })
}

/// Returns how long the caller's organisation keeps its pre-checks.
pub fn read_retention(registry: &Registry, identity: &Identity, now: UtcTime) -> Result<RetentionSetting, ServiceError> {
    let read = |conn: &mut Conn| RetentionSetting::read(registry, conn, identity.organisation, now);
    Ok(registry.store().read::<_, StoreError>(read)?.0)
}

/// Sets how long the caller's organisation keeps its pre-checks. The next sweep erases those that are older.
///
/// # Errors
/// `ServiceError::Changed` if somebody changed the setting since the caller read it. Also the errors of [`Act::run`].
pub fn set_retention(
    act: Act<'_, RetentionSetting>,
    retention: PrecheckRetention,
    allows: impl Fn(&str) -> bool,
) -> Result<Reply, ServiceError> {
    let registry = act.registry;
    act.run("precheck_retention.set", |transaction, identity| {
        let (organisation, now) = (identity.organisation, transaction.now());
        let (before, row) = RetentionSetting::read(registry, transaction.conn(), organisation, now)?;
        if !allows(&before.version.to_string()) {
            return Err(ServiceError::Changed("The setting changed since you read it; read it again.".to_owned()));
        }
        let next = RetentionRow {
            organisation,
            days: i32::try_from(retention.days()).ok(),
            version: before.version.saturating_add(1),
            erased_to: row.as_ref().map_or_else(String::new, |row| row.erased_to.clone()),
        };
        transaction.put_retention(&next, row.as_ref().map(|row| row.version))?;
        let details = json!({"from_days": before.retention.days(), "to_days": retention.days()});
        Ok(Deed::new(RetentionSetting::of(Some(&next), retention), organisation.to_string(), details))
    })
}

/// Erases the requests and answers that are due, for every organisation, and returns the number of pre-checks. Each step is a
/// transaction that stores its progress, so that the next sweep continues there if the process is killed.
pub fn erase_due_prechecks(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
    let (mut erased, mut steps, mut after) = (0, 0, None);
    while let Some(organisation) = registry.store().read::<_, StoreError>(|conn| conn.next_organisation(after))? {
        loop {
            if steps >= STEPS_MAX {
                return Ok(erased);
            }
            let due = registry.store().read::<_, StoreError>(|conn| {
                let (setting, row) = RetentionSetting::read(registry, conn, organisation, now)?;
                let (from, to) = span(setting, row.as_ref(), now);
                Ok(conn.precheck_records(organisation, &Default::default(), (&from, 1))?.iter().any(|first| first.id < to))
            })?;
            if !due {
                break;
            }
            steps += 1;
            let traces = Traces::Sealed(registry.data_key(organisation, now, rng)?);
            let written = registry
                .store()
                .write::<_, ServiceError>(now, rng, |transaction| step(registry, transaction, (organisation, &traces), now))?;
            erased += written.value;
        }
        after = Some(organisation);
    }
    Ok(erased)
}

/// Returns the ids between which an organisation's pre-checks are due. Ids sort by time.
fn span(setting: RetentionSetting, row: Option<&RetentionRow>, now: UtcTime) -> (String, PrecheckId) {
    let due_before = setting.retention.due_before(now);
    (row.map_or_else(String::new, |row| row.erased_to.clone()), PrecheckId::first_at(due_before))
}

fn step(
    registry: &Registry,
    transaction: &mut Transaction<'_>,
    (organisation, traces): (OrganisationId, &Traces),
    now: UtcTime,
) -> Result<usize, ServiceError> {
    // Another node may have changed the setting or erased pre-checks in the meantime.
    let (setting, row) = RetentionSetting::read(registry, transaction.conn(), organisation, now)?;
    let (from, to) = span(setting, row.as_ref(), now);
    let (erased, last) = transaction.erase_prechecks(organisation, (&from, to), ERASED_AT_ONCE, now)?;
    let Some(last) = last else { return Ok(0) };
    let next = RetentionRow {
        organisation,
        days: row.as_ref().and_then(|row| row.days),
        // The setting does not change, so its version stays and its readers need not read it again.
        version: row.as_ref().map_or(0, |row| row.version),
        erased_to: last.to_string(),
    };
    transaction.put_retention(&next, row.as_ref().map(|row| row.version))?;
    if erased > 0 {
        // The event is sealed, because only the organisation itself may know how many pre-checks it makes.
        let told = AuditEvent {
            organisation: Some(organisation.to_string()),
            actor: None,
            credential: None,
            action: "precheck.expire".to_owned(),
            subject: None,
            outcome: AuditOutcome::Done,
            payload: json!({"erased": erased, "up_to": last}),
        };
        let told = traces.event(told, transaction.conn_and_rng().1)?;
        transaction.audit(told);
    }
    Ok(erased)
}
