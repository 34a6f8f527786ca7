//! Paths of shared hosts. The VASP that proved the host and the VASP that uses the paths both confirm who the paths below a prefix
//! belong to. A delegation is valid once both have confirmed it, and either can end it at once. It is stored as facts of the record
//! of the VASP that uses the paths. `host_owner` decides which VASP a path belongs to.
//!
//! Source: docs/endpoints.md, "Publish".

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::acts::{Act, Deed, Identity, Reply};
use crate::alerts::{NewAlert, raise};
use crate::directory::Generation;
use crate::ledger::VaspChanges;
use crate::node::{Fault, Page, Registry, ServiceError, invalid};
use crate::publishing::Publisher;
use vasp_log::change::Payload;
use vasp_record::alert::{AlertBody, Severity};
use vasp_record::delegation::{DelegatedPath, DelegationStatus, PathPrefix};
use vasp_record::fact::{FactValue, MEMBER};
use vasp_record::timeline::Timeline;
use vasp_record::vasp::{DomainStatus, Vasp, VaspStatus};
use vasp_store::{FactRow, Transaction};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// Paths of a host, and the VASP that they belong to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PathDelegationBody)]
pub struct NamedPath {
    /// The host.
    #[schema(value_type = String, example = "travelrule.example.com")]
    pub host: Host,
    /// The prefix of the paths, in whole segments.
    #[schema(value_type = String, example = "/alpha")]
    pub path: PathPrefix,
    /// Id of the VASP that the paths belong to; null for your own. Only a VASP that proved the host may name another VASP.
    #[serde(default)]
    pub vasp: Option<VaspId>,
}

/// A delegation of paths of a host to a VASP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PathDelegation)]
pub struct PathDelegation {
    host: String,
    /// The prefix of the paths.
    #[schema(value_type = String)]
    path: PathPrefix,
    /// Id of the VASP that the paths belong to.
    vasp: VaspId,
    /// Which side has confirmed the delegation; null if it has ended.
    status: Option<DelegationStatus>,
}

/// Most paths of a VASP, including those that it asked for and those that it was offered. The bound is our own.
const PATHS_MAX: usize = 100;
const SOURCE: &str = "stated by the member";

/// One step about a path delegation: the VASP that takes it, the path, and the VASP that the path is for.
struct Step<'a> {
    registry: &'a Registry,
    generation: &'a Generation,
    own: VaspId,
    holder: VaspId,
    path: DelegatedPath,
    is_platform: bool,
}

/// Returns whether a VASP proved a host, or a name above it together with all names below.
fn proved(record: &Vasp, host: &Host) -> bool {
    let proven = record.domains.iter().filter(|domain| domain.status == DomainStatus::Proven);
    let names = host.parents();
    let mut counting = proven.filter(|domain| domain.domain == host.as_str() || domain.covers_subdomains);
    counting.any(|domain| names.iter().any(|name| name.as_str() == domain.domain))
}

/// Returns the verified VASPs that proved a host.
fn platforms_of<'a>(generation: &'a Generation, host: &Host) -> impl Iterator<Item = VaspId> + use<'a> {
    let host = host.clone();
    let names = host.parents();
    let records = generation.records();
    let named: Vec<VaspId> = names.iter().flat_map(|name| records.with_domain(name)).map(|(record, _)| record.id).collect();
    let live =
        move |id: &VaspId| records.get(*id).is_some_and(|record| record.status == VaspStatus::Verified && proved(record, &host));
    named.into_iter().filter(live)
}

impl<'a> Step<'a> {
    fn of(
        registry: &'a Registry,
        generation: &'a Generation,
        identity: &Identity,
        named: &NamedPath,
    ) -> Result<Self, ServiceError> {
        let none = || ServiceError::IllegalStep("The organisation has no verified VASP yet.".to_owned());
        let own = identity.vasp.filter(|own| generation.records().canonical(*own) == *own).ok_or_else(none)?;
        let holder = named.vasp.unwrap_or(own);
        let path = DelegatedPath::new(&named.host, named.path.clone());
        let is_platform = platforms_of(generation, &named.host).any(|platform| platform == own);
        Ok(Self { registry, generation, own, holder, path, is_platform })
    }

    /// Refuses a delegation that is not allowed.
    fn check(&self, host: &Host) -> Result<(), ServiceError> {
        let records = self.generation.records();
        let own = records.get(self.own).filter(|own| own.status == VaspStatus::Verified);
        own.ok_or_else(|| ServiceError::IllegalStep("Only a verified VASP can say to whom paths belong.".to_owned()))?;
        if self.holder != self.own && !self.is_platform {
            let detail = "Your VASP has not proven this host. Only the VASP that proved it can delegate its paths.";
            return Err(ServiceError::IllegalStep(detail.to_owned()));
        }
        if records.get(self.holder).is_none_or(|record| record.id != self.holder || record.status != VaspStatus::Verified) {
            return Err(invalid("/vasp", "unknown_vasp", "the directory has no verified VASP with this id"));
        }
        let shared = self.generation.documents().platforms.value.covering(host);
        if self.path.prefix().depth() == 0 && shared.is_some_and(|entry| entry.host() == host.as_str()) {
            return Err(invalid("/path", "whole_host", "a shared host as a whole belongs to no VASP; name a path on it"));
        }
        Ok(())
    }

    /// Returns the status of the delegation after this side has confirmed it.
    fn next(&self, before: Option<DelegationStatus>, host: &Host) -> Result<DelegationStatus, ServiceError> {
        let offered = before == Some(DelegationStatus::Offered) && platforms_of(self.generation, host).next().is_some();
        let confirms = match (self.holder == self.own, self.is_platform) {
            (true, true) => true,
            (true, false) => offered,
            (false, _) => before == Some(DelegationStatus::Requested),
        };
        let next = match (confirms, self.holder == self.own) {
            (true, _) => DelegationStatus::Confirmed,
            (false, true) => DelegationStatus::Requested,
            (false, false) => DelegationStatus::Offered,
        };
        if before == Some(DelegationStatus::Confirmed) || before == Some(next) {
            return Err(ServiceError::IllegalStep(format!(
                "The delegation is already {}.",
                before.map_or("", |status| status.as_str())
            )));
        }
        let theirs = self.generation.records().delegations(host).iter();
        let mut theirs = theirs.filter(|one| one.vasp != self.holder && one.status == DelegationStatus::Confirmed);
        if confirms && theirs.any(|one| one.prefix == *self.path.prefix()) {
            let detail = "This path belongs to another VASP; that delegation must end first.".to_owned();
            return Err(ServiceError::Conflict(Fault { pointer: "/path".to_owned(), code: "delegated_already", detail }));
        }
        Ok(next)
    }

    /// Locks the record that holds the delegation, and reads the delegations of that record.
    fn rows(&self, transaction: &mut Transaction<'_>) -> Result<(Publisher, Vec<FactRow>), ServiceError> {
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        let record = Publisher::by_registry(transaction, self.holder)?.ok_or_else(missing)?;
        let mut rows = transaction.conn().facts_of(&[record.number], i64::MAX - 1)?;
        rows.retain(|row| matches!(row.fact.said, FactValue::Delegation(..)));
        Ok((record, rows))
    }

    /// Writes the status of the delegation and alerts the other side.
    fn say(
        &self,
        transaction: &mut Transaction<'_>,
        record: &Publisher,
        rows: &[&FactRow],
        status: Option<DelegationStatus>,
    ) -> Result<Deed<PathDelegation>, ServiceError> {
        let mut changes = VaspChanges::new(MEMBER, SOURCE, transaction.now().date());
        let said = status.map(|status| FactValue::Delegation(self.path.clone(), status));
        changes.replace(None, rows, |_| Timeline::default().assign(None, None, said.as_ref()));
        changes.record(transaction, record.vasp, record.number, Payload::VaspChanged);
        let what = status.map_or("ended", DelegationStatus::as_str);
        let host: Option<Host> = self.path.host().parse().ok();
        let platforms = host.iter().flat_map(|host| platforms_of(self.generation, host));
        for side in platforms.chain([self.holder]).filter(|side| *side != self.own) {
            let Some(organisation) = transaction.conn().organisation_speaking_for(side)? else { continue };
            let detail =
                format!("{} changed the path delegation of {} for {}: it is now {what}.", self.own, self.path, self.holder);
            let body = AlertBody { detail, ..AlertBody::default() };
            let (kind, severity) = (format!("path_delegation.{what}"), Severity::Medium);
            raise(
                transaction,
                self.registry,
                organisation,
                NewAlert { kind, severity, vasp: Some(self.own), body, not_to: None },
            )?;
        }
        let details = json!({"vasp": self.holder, "path": self.path.to_string(), "status": what});
        Ok(Deed::new(PathDelegation::of(&self.path, self.holder, status), self.holder, details))
    }
}

impl PathDelegation {
    fn of(path: &DelegatedPath, vasp: VaspId, status: Option<DelegationStatus>) -> Self {
        Self { host: path.host().to_owned(), path: path.prefix().clone(), vasp, status }
    }
}

const MISSING: &str = "Your VASP has no such delegation.";

/// Confirms that paths of a host belong to a VASP. That VASP and the VASP that proved the host can do so. Once both have, the
/// delegation is valid.
///
/// # Errors
/// `ServiceError::IllegalStep` if the caller's VASP is not verified, if it has not proven the host of another VASP's path, or if it
/// has confirmed this already; `Invalid`; `Conflict` if the path belongs to another VASP or if there are too many; and those of
/// [`Act::run`].
pub fn say_path(act: Act<'_, PathDelegation>, named: &NamedPath) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    let step = Step::of(act.registry, &generation, act.identity, named)?;
    step.check(&named.host)?;
    act.run("path_delegation.say", |transaction, _| {
        let (record, rows) = step.rows(transaction)?;
        let (same, others): (Vec<&FactRow>, Vec<&FactRow>) =
            rows.iter().partition(|row| row.fact.said.item() == step.path.to_string());
        if same.is_empty() && others.len() >= PATHS_MAX {
            let detail =
                format!("A VASP may have at most {PATHS_MAX} paths, including those that wait for confirmation; end one first.");
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "too_many", detail }));
        }
        let before = same.iter().find_map(|row| match row.fact.said {
            FactValue::Delegation(_, status) => Some(status),
            _ => None,
        });
        let status = step.next(before, &named.host)?;
        step.say(transaction, &record, &same, Some(status))
    })
}

/// Ends a path delegation, on behalf of either side. It becomes invalid at once.
///
/// # Errors
/// `ServiceError::NotFound` if there is no such delegation with the caller's VASP on one side; and those of [`Act::run`].
pub fn end_path(act: Act<'_, PathDelegation>, named: &NamedPath) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    let step = Step::of(act.registry, &generation, act.identity, named)?;
    act.run("path_delegation.end", |transaction, _| {
        let (record, rows) = step.rows(transaction)?;
        let same: Vec<&FactRow> = rows.iter().filter(|row| row.fact.said.item() == step.path.to_string()).collect();
        if same.is_empty() || (step.holder != step.own && !step.is_platform) {
            return Err(ServiceError::NotFound(MISSING.to_owned()));
        }
        step.say(transaction, &record, &same, None)
    })
}

/// Lists the paths that the caller's VASP has, and those on hosts that it proved, in order of path and VASP. The list begins after
/// `after`.
#[must_use]
pub fn list_paths(
    registry: &Registry,
    identity: &Identity,
    after: &str,
    limit: usize,
    now: UtcTime,
) -> Page<PathDelegation, String> {
    let generation = registry.pin(now);
    let own = identity.vasp.and_then(|own| generation.records().get(own));
    let is_side = |own: &Vasp, record: &Vasp, path: &DelegatedPath| {
        record.id == own.id || path.host().parse().is_ok_and(|host| proved(own, &host))
    };
    let mut found: Vec<PathDelegation> = Vec::new();
    for record in generation.records().iter().filter(|record| !record.delegations.is_empty()) {
        let paths = record.delegations.iter().filter(|(path, _)| own.is_some_and(|own| is_side(own, record, path)));
        found.extend(paths.map(|(path, status)| PathDelegation::of(path, record.id, Some(*status))));
    }
    let place = |one: &PathDelegation| format!("{}{} {}", one.host, one.path, one.vasp);
    found.sort_by_cached_key(place);
    Page::of(found.into_iter().filter(|one| place(one).as_str() > after), limit, place)
}
