//! Legal holds: what a hold covers is not erased, neither by people nor at the end of its retention period. A hold is about one pre-check, one
//! counterparty, or all that was recorded in a time. One person places it, two lift it. What it covers and why is sealed: that somebody
//! looks into a counterparty is nobody else's business.

use rand_core::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::acts::sealed_traces::padded;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::directory::Generation;
use crate::node::{Registry, ServiceError, invalid, invalid_value};
use crate::proposals::{Decision, NoContent, Scene, Step, Taken};
use vasp_pki::DataKey;
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_store::{Conn, LegalHoldRow, Organisation, PrecheckRecord, StoreError};
use vasp_words::ids::{LegalHoldId, OrganisationId, PrecheckId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// What a hold covers: exactly one of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldScope {
    /// One recorded pre-check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precheck: Option<PrecheckId>,
    /// All pre-checks with this counterparty, also those that are recorded later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<VaspId>,
    /// All pre-checks that were recorded in a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<HeldTime>,
}

/// A time, with its first moment and without its last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldTime {
    /// The first moment.
    pub from: UtcTime,
    /// The first moment that it does not cover; null if it has no end.
    pub until: Option<UtcTime>,
}

#[derive(Serialize, Deserialize)]
struct HoldContent {
    scope: HoldScope,
    reason: Reason,
    placed_by: UserId,
}

/// A legal hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LegalHold {
    /// Id of the hold.
    pub id: LegalHoldId,
    /// What it covers.
    pub scope: HoldScope,
    /// Why it was placed.
    #[schema(value_type = String)]
    pub reason: Reason,
    /// Id of the user who placed it.
    pub placed_by: UserId,
    /// When it was placed.
    pub placed_at: UtcTime,
    /// When two people lifted it; null while it stands.
    pub lifted_at: Option<UtcTime>,
}

fn purpose(id: LegalHoldId) -> String {
    format!("legal_hold:{id}")
}

impl HoldScope {
    /// Refuses a scope that is not exactly one thing, or about something that is not there, such as a time of which there can be no record.
    fn check(&self, conn: &mut Conn, of: &Organisation, generation: &Generation, now: UtcTime) -> Result<(), ServiceError> {
        let (at, organisation) = (|member: &str| format!("/scope/{member}"), of.id);
        match (self.precheck, self.counterparty, &self.recorded) {
            (Some(id), None, None) if conn.precheck_record(id, organisation)?.is_none() => {
                Err(invalid_value(at("precheck"), "your organisation has no such pre-check"))
            }
            (None, Some(vasp), None) if generation.records().get(vasp).is_none() => {
                Err(invalid_value(at("counterparty"), "the directory has no such VASP"))
            }
            (None, None, Some(HeldTime { from, until: Some(until) })) if until <= from => {
                Err(invalid_value(at("recorded/until"), "it must be later than `from`"))
            }
            (None, None, Some(HeldTime { until: Some(until), .. })) if *until <= of.created_at => {
                let since = of.created_at;
                Err(invalid_value(
                    at("recorded/until"),
                    format!("your organisation has no pre-check from before {since}; write the right year"),
                ))
            }
            (None, None, Some(HeldTime { from, .. })) if *from > now => {
                Err(invalid_value(at("recorded/from"), "it is in the future; place the hold when that time comes"))
            }
            (Some(_), None, None) | (None, Some(_), None) | (None, None, Some(_)) => Ok(()),
            _ => Err(invalid("/scope", "invalid_value", "name exactly one of precheck, counterparty and recorded")),
        }
    }

    /// Returns whether it covers a record. A merged record is the one that it was merged into.
    fn covers(&self, record: &PrecheckRecord, generation: &Generation) -> bool {
        let same = |vasp: VaspId| generation.records().canonical(vasp);
        self.precheck == Some(record.id)
            || self.counterparty.is_some_and(|held| record.counterparty.is_some_and(|vasp| same(vasp) == same(held)))
            || self
                .recorded
                .as_ref()
                .is_some_and(|time| time.from <= record.recorded_at && time.until.is_none_or(|until| record.recorded_at < until))
    }
}

impl LegalHold {
    fn read(row: &LegalHoldRow, key: &DataKey) -> Result<Self, ServiceError> {
        let plain = key.open(&purpose(row.id), &row.sealed).map_err(ServiceError::Key)?;
        let HoldContent { scope, reason, placed_by } =
            serde_json::from_slice(&plain).map_err(ServiceError::unreadable("legal hold"))?;
        Ok(Self { id: row.id, scope, reason, placed_by, placed_at: row.placed_at, lifted_at: row.lifted_at })
    }
}

/// The standing holds of one organisation.
pub(super) struct Holds<'a> {
    standing: Vec<LegalHold>,
    generation: &'a Generation,
}

impl<'a> Holds<'a> {
    /// Reads the standing holds.
    pub(super) fn read(
        conn: &mut Conn,
        organisation: OrganisationId,
        key: &DataKey,
        generation: &'a Generation,
    ) -> Result<Self, ServiceError> {
        let rows = conn.legal_holds(organisation)?.into_iter().filter(|row| row.lifted_at.is_none());
        let standing = rows.map(|row| LegalHold::read(&row, key)).collect::<Result<_, _>>()?;
        Ok(Self { standing, generation })
    }

    /// Returns the first hold that covers a record.
    pub(super) fn over(&self, record: &PrecheckRecord) -> Option<&LegalHold> {
        self.standing.iter().find(|hold| hold.scope.covers(record, self.generation))
    }
}

/// Lists the legal holds of the caller's organisation, oldest first.
///
/// # Errors
/// `ServiceError::Store`, `Key`, `Unreadable`.
pub fn list_holds(
    registry: &Registry,
    identity: &Identity,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Vec<LegalHold>, ServiceError> {
    let key = registry.data_key(identity.organisation, now, rng)?;
    registry.store().read::<_, ServiceError>(|conn| {
        conn.legal_holds(identity.organisation)?.iter().map(|row| LegalHold::read(row, &key)).collect()
    })
}

/// Places a legal hold. It counts at once.
///
/// # Errors
/// `ServiceError::Invalid` for its scope; and those of [`Act::run`].
pub fn place_hold(mut act: Act<'_, LegalHold>, scope: HoldScope, reason: Reason) -> Result<Reply, ServiceError> {
    let (registry, organisation) = (act.registry, act.identity.organisation);
    let key = act.data_key()?;
    act.run_privately("legal_hold.place", |transaction, identity| {
        let placed_at = transaction.now();
        // Erasures lock the same row, so that none of them overlooks this hold.
        transaction.next_private_revision(organisation)?;
        let of = transaction.conn().organisation(organisation)?.ok_or_else(|| StoreError::missing("organisations"))?;
        scope.check(transaction.conn(), &of, &registry.pin(placed_at), placed_at)?;
        let rng = transaction.conn_and_rng().1;
        let id = LegalHoldId::new(placed_at, rng);
        let details = json!({"scope": scope, "reason": reason});
        let plain = padded(serde_json::to_vec(&HoldContent { scope, reason, placed_by: identity.user })?);
        let sealed = key.seal(&purpose(id), &plain, rng).map_err(ServiceError::Key)?;
        let row = LegalHoldRow { organisation, id, placed_at, lifted_at: None, sealed };
        transaction.add_legal_hold(&row)?;
        Ok(Deed::new(LegalHold::read(&row, &key)?, id, details))
    })
}

/// A decision to lift a legal hold.
pub struct LiftDecision {
    pub(crate) id: LegalHoldId,
    pub(crate) key: DataKey,
}

impl Decision for LiftDecision {
    const KIND: ProposalKind = ProposalKind::LegalHold;
    const IS_PRIVATE: bool = true;
    type Content = NoContent;
    type Ground = HoldScope;
    type Held = LegalHold;

    fn key(&self) -> Option<&DataKey> {
        Some(&self.key)
    }

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<LegalHold, ServiceError> {
        let missing = || ServiceError::NotFound(format!("There is no legal hold {}.", self.id));
        let row = scene.transaction.lock_legal_hold(scene.identity.organisation, self.id)?.ok_or_else(missing)?;
        match row.lifted_at {
            None => LegalHold::read(&row, &self.key),
            Some(at) => Err(ServiceError::IllegalStep(format!("The hold was lifted at {at}."))),
        }
    }

    fn subject(&self, held: &LegalHold) -> String {
        held.id.to_string()
    }

    fn says(&self, held: &LegalHold, _: &NoContent) -> String {
        let LegalHold { id, placed_at, .. } = held;
        format!("Lift the legal hold {id} of {placed_at}. What it covers can be erased again.")
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &LegalHold, _: &NoContent) -> Result<HoldScope, ServiceError> {
        Ok(held.scope.clone())
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut LegalHold, taken: &Taken<'_, NoContent>) -> Result<(), ServiceError> {
        if taken.step == Step::Approve {
            scene.transaction.lift_legal_hold(scene.identity.organisation, held.id)?;
        }
        Ok(())
    }
}
