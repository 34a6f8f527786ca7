//! One person proposes a change, another approves exactly that, by its digest. Where the organisation's policy allows single control
//! what is proposed counts at once.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::file::{File, counterparty};
use super::{Ground, KeptRelationship};
use crate::service::member::check_text;
use crate::service::{Act, Deed, Fault, Identity, Reply, ServiceError, check_two_people, read_actor};
use vasp_record::role::{Role, UserKind};
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;
use vasp_rules::four_eyes::Actor;
use vasp_rules::relationship::{Change, Event, Made, Proposal, Relationship, Track, needs_senior_management};
use vasp_store::Transaction;

/// Proposes a change, or decides it where one person may.
///
/// # Errors
/// `ServiceError::NotFound`, `AmbiguousLei`, `Changed` where it is not the version that was read, `Conflict` where something is proposed
/// already, `Invalid` and `IllegalStep` by the rules of `domain::relationship`, `Forbidden` where senior management has to decide.
pub fn propose(
    act: Act<'_, KeptRelationship>,
    name: VaspName,
    change: &Change,
    is_current: impl Fn(&str) -> bool,
) -> Result<Reply, ServiceError> {
    let (generation, key) = (act.registry.pin(act.now), act.registry.data_key(act.identity.organisation, act.now, act.rng)?);
    let ground = Ground::of(act.registry, &generation, act.identity.organisation)?;
    let vasp = counterparty(ground.records(), act.identity, name)?;
    act.run_privately("relationship.propose", |transaction, identity| {
        let mut file = File::open(transaction, (identity, &key), ground.records(), vasp.id)?;
        if !is_current(&file.kept.version.to_string()) {
            return Err(ServiceError::Changed("The relationship was changed since it was read; read it again.".to_owned()));
        }
        if file.kept.proposal.is_some() {
            let detail = "something is proposed already; have it approved, declined or withdrawn first".to_owned();
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "proposal_open", detail }));
        }
        let (policy, now) = (ground.policy(), transaction.now());
        change.check(&file.kept, policy, now.date())?;
        let made = |event| Made { event, at: now, by: identity.user, reason: Some(change.reason.clone()) };
        let next = if policy.single_control {
            let senior = check_seniority(transaction, identity, &ground, change)?;
            let decided = decided(&file, change, (vec![identity.user], senior), made(Event::DecidedAlone));
            file.end_others(transaction)?;
            decided
        } else {
            let mut next = file.kept.next(made(Event::Proposed));
            (next.vasp, next.proposal) = (vasp.id, Some(proposal(transaction, identity, &file, &vasp, change)));
            next
        };
        file.write(transaction, &key, next)?;
        let told = told(&file, json!({"change": change, "proposal_digest": file.kept.proposal.as_ref().map(|p| &p.digest)}));
        Ok(Deed::new(file.shown(&ground, now), file.kept.id, told))
    })
}

/// Approves what another person proposed, by its digest.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where nothing was ever proposed, `Changed` where the digest is not that of what is proposed on
/// what there is, `SamePerson`, `Forbidden` for programs and where senior management has to approve; as [`propose`].
pub fn approve(act: Act<'_, KeptRelationship>, name: VaspName, approved: &str) -> Result<Reply, ServiceError> {
    let (generation, key) = (act.registry.pin(act.now), act.registry.data_key(act.identity.organisation, act.now, act.rng)?);
    let ground = Ground::of(act.registry, &generation, act.identity.organisation)?;
    let vasp = counterparty(ground.records(), act.identity, name)?;
    act.run_privately("relationship.approve", |transaction, identity| {
        let mut file = File::open(transaction, (identity, &key), ground.records(), vasp.id)?;
        let proposal = by_another(transaction, identity, &file)?;
        if proposal.digest != approved || digest_of(&file, &vasp, &proposal) != approved {
            let detail = "What is proposed, or what it is about, is not what this digest stands for; read it again.";
            return Err(ServiceError::Changed(detail.to_owned()));
        }
        let now = transaction.now();
        proposal.change.check(&file.kept, ground.policy(), now.date())?;
        let senior = check_seniority(transaction, identity, &ground, &proposal.change)?;
        let made = Made { event: Event::Approved, at: now, by: identity.user, reason: None };
        let mut next = decided(&file, &proposal.change, (vec![proposal.by, identity.user], senior), made);
        next.vasp = vasp.id;
        file.end_others(transaction)?;
        file.write(transaction, &key, next)?;
        let told = told(&file, json!({"proposal_digest": approved, "proposed_by": proposal.by}));
        Ok(Deed::new(file.shown(&ground, now), file.kept.id, told))
    })
}

/// Declines what another person proposed.
///
/// # Errors
/// As [`approve`], but for the digest.
pub fn decline(act: Act<'_, KeptRelationship>, name: VaspName, reason: &str) -> Result<Reply, ServiceError> {
    check_text("/reason", reason)?;
    take_back(act, name, ("relationship.decline", Event::Declined, Some(reason)))
}

/// Takes back what one proposed oneself.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where nothing is proposed, or by another.
pub fn withdraw(act: Act<'_, KeptRelationship>, name: VaspName) -> Result<Reply, ServiceError> {
    take_back(act, name, ("relationship.withdraw", Event::Withdrawn, None))
}

fn take_back(
    act: Act<'_, KeptRelationship>,
    name: VaspName,
    (action, event, reason): (&str, Event, Option<&str>),
) -> Result<Reply, ServiceError> {
    let (generation, key) = (act.registry.pin(act.now), act.registry.data_key(act.identity.organisation, act.now, act.rng)?);
    let ground = Ground::of(act.registry, &generation, act.identity.organisation)?;
    let vasp = counterparty(ground.records(), act.identity, name)?;
    act.run_privately(action, |transaction, identity| {
        let mut file = File::open(transaction, (identity, &key), ground.records(), vasp.id)?;
        let proposal = match event {
            Event::Declined => by_another(transaction, identity, &file)?,
            _ => open_proposal(&file)?,
        };
        if event == Event::Withdrawn && proposal.by != identity.user {
            return Err(ServiceError::IllegalStep("Another person proposed it: decline it.".to_owned()));
        }
        let now = transaction.now();
        let made = Made { event, at: now, by: identity.user, reason: reason.map(str::to_owned) };
        let next = Relationship { proposal: None, ..file.kept.next(made) };
        file.write(transaction, &key, next)?;
        let told = told(&file, json!({"proposal_digest": proposal.digest, "reason": reason}));
        Ok(Deed::new(file.shown(&ground, now), file.kept.id, told))
    })
}

/// What the audit line tells of a file.
pub(super) fn told(file: &File, more: Value) -> Value {
    let mut told = json!({"vasp": file.vasp, "version": file.kept.version});
    if let (Value::Object(told), Value::Object(more)) = (&mut told, more) {
        told.extend(more);
    }
    told
}

/// The decision, with what was kept of merged records: of tracks on which nothing is decided the worse stays.
fn decided(file: &File, change: &Change, by: (Vec<vasp_words::ids::UserId>, bool), made: Made) -> Relationship {
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
    (next.vasp, next.proposal) = (file.vasp, None);
    next
}

fn proposal(transaction: &mut Transaction<'_>, identity: &Identity, file: &File, vasp: &Vasp, change: &Change) -> Proposal {
    let mut salt = [0; 16];
    let at = transaction.now();
    transaction.conn_and_rng().1.fill_bytes(&mut salt);
    let mut proposal = Proposal {
        change: change.clone(),
        by: identity.user,
        with: identity.credential.to_string(),
        at,
        salt: hex::encode(salt),
        digest: String::new(),
    };
    proposal.digest = digest_of(file, vasp, &proposal);
    proposal
}

/// SHA-256 over the RFC 8785 form of what is proposed, of what it is proposed on and of whom it is about, in hex.
fn digest_of(file: &File, vasp: &Vasp, proposal: &Proposal) -> String {
    let kept = &file.kept;
    let others: Vec<Value> = file.others.iter().map(|(other, _)| json!([other.id, other.version])).collect();
    let what = json!({
        "relationship": kept.id, "change": proposal.change, "proposed_by": proposal.by, "salt": proposal.salt,
        "travel_rule": kept.travel_rule, "correspondent": kept.correspondent, "terms": kept.terms,
        "incidents": kept.incidents.len(), "step": kept.step, "others": others,
        "counterparty": {"id": vasp.id, "status": vasp.status, "legal_name": vasp.legal_name, "country": vasp.country,
                         "lei": vasp.lei, "group": vasp.group},
    });
    let text = serde_json_canonicalizer::to_string(&what).unwrap_or_default();
    hex::encode(digest(&SHA256, text.as_bytes()).as_ref())
}

fn open_proposal(file: &File) -> Result<Proposal, ServiceError> {
    match &file.kept.proposal {
        Some(proposal) => Ok(proposal.clone()),
        None if file.kept.version == 0 => Err(ServiceError::IllegalStep("Nothing is proposed.".to_owned())),
        None => {
            let detail =
                "Nothing is proposed any more: it was decided or taken back, or something was restricted since; read it again.";
            Err(ServiceError::Changed(detail.to_owned()))
        }
    }
}

/// The open proposal, where the caller is another person than its proposer.
fn by_another(transaction: &mut Transaction<'_>, identity: &Identity, file: &File) -> Result<Proposal, ServiceError> {
    let proposal = open_proposal(file)?;
    let proposer: Actor = read_actor(&proposal.by.to_string(), Some(&proposal.with))?;
    check_two_people(transaction.conn(), proposer, identity)?;
    Ok(proposal)
}

/// Refuses programs as deciders, and others than senior management where that has to decide; tells whether it did.
fn check_seniority(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    ground: &Ground<'_>,
    change: &Change,
) -> Result<bool, ServiceError> {
    let user = transaction.conn().user(&identity.user.to_string())?;
    if user.is_none_or(|user| user.kind != UserKind::Person.as_str()) {
        return Err(ServiceError::Forbidden("A person decides about counterparties, not a program.".to_owned()));
    }
    let (policy, own) = (ground.policy(), ground.own_country(identity));
    let approved = change.tracks().filter(|(_, change)| change.status.is_approval()).map(|(track, _)| track);
    let needed = approved.filter(|track| needs_senior_management(*track, policy, own)).map(Track::as_str).next();
    let senior = identity.has_any(&[Role::SeniorManagement]);
    match needed.filter(|_| !senior) {
        None => Ok(senior),
        Some(track) => {
            let detail = format!("Senior management approves {track}: this needs the role {}.", Role::SeniorManagement);
            Err(ServiceError::Forbidden(detail))
        }
    }
}
