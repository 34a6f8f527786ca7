//! The decisions of an organisation about a counterparty: one person proposes a change, another approves exactly that change. If the
//! organisation's policy allows single control, the change takes effect at once. Everything is sealed under the organisation's key.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::Ground;
use super::file::{File, counterparty};
use super::read::vasp_of;
use crate::acts::Act;
use crate::node::{Fault, ServiceError};
use crate::proposals::{Decision, Scene, Step, Taken, Wish};
use vasp_pki::DataKey;
use vasp_record::proposal::ProposalKind;
use vasp_record::role::{Role, UserKind};
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_record::vasp_name::VaspName;
use vasp_rules::relationship::{
    Change, Event, Made, Relationship, RepeatStep, Terms, Track, TrackDecision, needs_senior_management,
};
use vasp_words::country::Country;
use vasp_words::ids::{ApprovalRuleId, RelationshipId, UserId, VaspId};
use vasp_words::lei::Lei;

/// A decision about a counterparty.
pub struct RelationshipDecision<'a> {
    ground: Ground<'a>,
    key: DataKey,
    vasp: Arc<Vasp>,
    is_current: Box<dyn Fn(&str) -> bool + 'a>,
}

/// What the digest covers besides the change: the relationship before the change, and the counterparty.
#[derive(Debug, Serialize)]
pub struct RelationshipGround {
    relationship: RelationshipId,
    travel_rule: TrackDecision,
    correspondent: TrackDecision,
    terms: Terms,
    incidents: usize,
    step: Option<RepeatStep>,
    others: Vec<(RelationshipId, u32)>,
    counterparty: Counterparty,
}

#[derive(Debug, Serialize)]
struct Counterparty {
    id: VaspId,
    status: VaspStatus,
    legal_name: String,
    country: Option<Country>,
    lei: Option<Lei>,
    group: Option<VaspId>,
}

impl<'a> RelationshipDecision<'a> {
    /// Makes a decision about a counterparty; `is_current` tests the version on which a proposal is based.
    ///
    /// # Errors
    /// `ServiceError::NotFound`, `AmbiguousLei`, `IllegalStep` for the caller's own VASP, `Key`.
    pub fn of<T>(act: &mut Act<'a, T>, name: VaspName, is_current: impl Fn(&str) -> bool + 'a) -> Result<Self, ServiceError> {
        let key = act.data_key()?;
        let ground = Ground::of(act.registry, act.registry.pin(act.now), act.identity.organisation)?;
        let vasp = counterparty(ground.records(), act.identity, name)?;
        Ok(Self { ground, key, vasp, is_current: Box::new(is_current) })
    }

    /// Makes the decision behind a proposal about a relationship.
    ///
    /// # Errors
    /// `ServiceError::NotFound` if the organisation has no such relationship any more; and those of [`Self::of`].
    pub fn about<T>(act: &mut Act<'a, T>, id: RelationshipId) -> Result<Self, ServiceError> {
        let vasp = vasp_of(act.registry, act.identity.organisation, id)?;
        Self::of(act, VaspName::Id(vasp), |_| true)
    }

    /// Decides.
    fn decide(
        &self,
        scene: &mut Scene<'_, '_>,
        file: &mut File,
        decided: (&Change, Vec<UserId>),
        made: Made,
    ) -> Result<(), ServiceError> {
        carry_out(&self.ground, &self.key, scene, file, decided, made, None)
    }
}

impl Ground<'_> {
    /// Refuses programs, and callers without the role of senior management if it has to decide. Returns whether the caller has that role.
    fn check_seniority(
        &self,
        Scene { transaction, identity }: &mut Scene<'_, '_>,
        change: &Change,
    ) -> Result<bool, ServiceError> {
        let user = transaction.conn().user(identity.user)?;
        if user.is_none_or(|user| user.kind != UserKind::Person) {
            return Err(ServiceError::Forbidden("Only a person can decide about counterparties, not a program.".to_owned()));
        }
        let (policy, own) = (self.policy(), self.own_country(identity));
        let approved = change.tracks().filter(|(_, change)| change.status.is_approval()).map(|(track, _)| track);
        let needed = approved.filter(|track| needs_senior_management(*track, policy, own)).map(Track::as_str).next();
        let senior = identity.has_any(&[Role::SeniorManagement]);
        match needed.filter(|_| !senior) {
            None => Ok(senior),
            Some(track) => {
                let detail =
                    format!("Senior management must approve {track}; this requires the role {}.", Role::SeniorManagement);
                Err(ServiceError::Forbidden(detail))
            }
        }
    }
}

/// Checks a decision about one counterparty and writes it, combined with the files of merged records. Each approval goes this way, also one by
/// a rule.
pub(super) fn carry_out(
    ground: &Ground<'_>,
    key: &DataKey,
    scene: &mut Scene<'_, '_>,
    file: &mut File,
    (change, by): (&Change, Vec<UserId>),
    made: Made,
    by_rule: Option<ApprovalRuleId>,
) -> Result<(), ServiceError> {
    change.check(&file.kept, ground.rules(), made.at.date())?;
    let senior = ground.check_seniority(scene, change)?;
    let mut next = decided(file, change, (by, senior), made);
    next.travel_rule.by_rule = if change.travel_rule.is_some() { by_rule } else { next.travel_rule.by_rule };
    file.end_others(scene.transaction)?;
    file.write(scene.transaction, key, next)
}

impl Decision for RelationshipDecision<'_> {
    const KIND: ProposalKind = ProposalKind::Relationship;
    const IS_PRIVATE: bool = true;
    type Content = Change;
    type Ground = RelationshipGround;
    type Held = File;

    fn key(&self) -> Option<&DataKey> {
        Some(&self.key)
    }

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<File, ServiceError> {
        File::open(scene.transaction, scene.identity, &self.key, &self.ground, self.vasp.id)
    }

    fn subject(&self, file: &File) -> String {
        file.kept.id.to_string()
    }

    fn says(&self, _: &File, change: &Change) -> String {
        let tracks = change.tracks().map(|(track, wanted)| format!("{} {}", track.as_str(), wanted.status.as_str()));
        let terms = change.terms.as_ref().map(|_| "new terms".to_owned());
        let what: Vec<String> = tracks.chain(terms).collect();
        format!("Change the relationship with {} ({}): {}.", self.vasp.legal_name, self.vasp.id, what.join(", "))
    }

    fn ground(&self, _: &mut Scene<'_, '_>, file: &File, _: &Change) -> Result<RelationshipGround, ServiceError> {
        let Vasp { id, status, legal_name, country, lei, group, .. } = (*self.vasp).clone();
        let Relationship { travel_rule, correspondent, terms, step, .. } = file.kept.clone();
        Ok(RelationshipGround {
            relationship: file.kept.id,
            travel_rule,
            correspondent,
            terms,
            incidents: file.kept.incidents.len(),
            step,
            others: file.others.iter().map(|(other, _)| (other.id, other.version)).collect(),
            counterparty: Counterparty { id, status, legal_name, country, lei, group },
        })
    }

    fn consider(&self, scene: &mut Scene<'_, '_>, file: &mut File, wanted: &Taken<'_, Change>) -> Result<Wish, ServiceError> {
        if !(self.is_current)(&file.kept.version.to_string()) {
            return Err(ServiceError::Changed("The relationship changed since you read it; read it again.".to_owned()));
        }
        if wanted.proposal.is_some() {
            let detail = "there is already a pending proposal; it must be approved, declined or withdrawn first".to_owned();
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "proposal_open", detail }));
        }
        let now = scene.transaction.now();
        wanted.content.check(&file.kept, self.ground.rules(), now.date())?;
        if !self.ground.policy().single_control {
            return Ok(Wish::Waits);
        }
        let (by, reason) = (scene.identity.user, Some(wanted.content.reason.clone()));
        let made = Made { event: Event::DecidedAlone, at: now, by, reason };
        self.decide(scene, file, (wanted.content, vec![by]), made)?;
        Ok(Wish::Acted)
    }

    /// Writes every step as a new version.
    fn take(&self, scene: &mut Scene<'_, '_>, file: &mut File, taken: &Taken<'_, Change>) -> Result<(), ServiceError> {
        let (now, by) = (scene.transaction.now(), scene.identity.user);
        let made = |event| Made { event, at: now, by, reason: taken.reason.map(ToString::to_string) };
        let event = match (taken.step, taken.proposal) {
            (Step::Approve, Some(proposal)) => {
                return self.decide(scene, file, (taken.content, vec![proposal.proposed_by, by]), made(Event::Approved));
            }
            (Step::Propose, Some(_)) => Event::Proposed,
            (Step::Decline, _) => Event::Declined,
            (Step::Withdraw, _) => Event::Withdrawn,
            // One person was enough: `consider` decided it already.
            (Step::Propose | Step::Approve, None) => return Ok(()),
        };
        let next = Relationship { vasp: self.vasp.id, ..file.kept.next(made(event)) };
        file.write(scene.transaction, &self.key, next)
    }
}

/// Returns the details of the audit line about a file.
pub(super) fn told(file: &File, more: Value) -> Value {
    let mut told = json!({"vasp": file.vasp, "version": file.kept.version});
    if let (Value::Object(told), Value::Object(more)) = (&mut told, more) {
        told.extend(more);
    }
    told
}

/// Returns the decided relationship, combined with the files of merged records. On tracks without a decision, the worse status remains.
fn decided(file: &File, change: &Change, by: (Vec<UserId>, bool), made: Made) -> Relationship {
    let day = made.at.date();
    let mut base = file.kept.clone();
    for (other, _) in &file.others {
        for track in Track::ALL.into_iter().filter(|track| change.track(*track).is_none()) {
            if other.track(track).decided_at.is_some() && other.track(track).status_on(day) < base.track(track).status_on(day) {
                *base.track_mut(track) = other.track(track).clone();
            }
        }
        base.incidents.extend(other.incidents.iter().cloned());
        base.step = base.step.max(other.step);
    }
    base.incidents.sort_by_key(|incident| incident.occurred_at);
    let mut next = change.carried_out(&base, by, made);
    next.vasp = file.vasp;
    next
}
