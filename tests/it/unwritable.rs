//! A value without a JSON form is refused, and nothing of the write remains: neither an answer nor a permanent record has `null` in its place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use vasp_clock::Clock;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_registry::acts::{Act, Deed, Reply, authenticate};
use vasp_registry::http::{Problem, ProblemCode};
use vasp_registry::node::ServiceError;
use vasp_registry::proposals::{Decision, Scene, Step, Taken, Wish, propose};
use vasp_store::{AuditFilter, StoreError, Transaction};

use crate::member_claims::world::World;
use crate::support::{Person, on_every_database};

/// It has a JSON form only while it is empty: the names of members must be texts.
#[derive(Debug, Serialize, Deserialize)]
struct Content(BTreeMap<(u8, u8), u8>);

impl Content {
    fn writable() -> Self {
        Self(BTreeMap::new())
    }

    fn unwritable() -> Self {
        Self(BTreeMap::from([((1, 2), 3)]))
    }
}

/// A decision that leaves a line of its own in the audit chain. Whether it waits for a second person is given.
struct Trial(Wish);

impl Decision for Trial {
    const KIND: ProposalKind = ProposalKind::Brand;
    type Content = Content;
    type Ground = ();
    type Held = ();

    fn hold(&self, _: &mut Scene<'_, '_>, _: Step) -> Result<(), ServiceError> {
        Ok(())
    }

    fn subject(&self, (): &()) -> String {
        "trial".to_owned()
    }

    fn says(&self, (): &(), _: &Content) -> String {
        "Try it.".to_owned()
    }

    fn ground(&self, _: &mut Scene<'_, '_>, (): &(), _: &Content) -> Result<(), ServiceError> {
        Ok(())
    }

    fn consider(&self, _: &mut Scene<'_, '_>, (): &mut (), _: &Taken<'_, Content>) -> Result<Wish, ServiceError> {
        Ok(self.0)
    }

    fn take(&self, scene: &mut Scene<'_, '_>, (): &mut (), _: &Taken<'_, Content>) -> Result<(), ServiceError> {
        leave_line(scene.transaction);
        Ok(())
    }
}

fn leave_line(transaction: &mut Transaction<'_>) {
    transaction.audit(AuditEvent {
        organisation: None,
        actor: None,
        credential: None,
        action: "trial".to_owned(),
        subject: None,
        outcome: AuditOutcome::Done,
        payload: json!({}),
    });
}

/// Has a person write, with an answer of this content.
fn write<T>(
    (world, person, answer): (&World, &Person, fn() -> Content),
    service: impl FnOnce(Act<'_, T>) -> Result<Reply, ServiceError>,
) -> Result<Reply, ServiceError> {
    let (node, now, rng) = (&*world.registry.registry, world.registry.clock.now(), &mut world.registry.random.fork());
    let identity = &authenticate(node, &person.bearer, now).unwrap().over(node, None, now).unwrap();
    let render = Box::new(|_: &T| Reply::new(200, None, answer()));
    service(Act { registry: node, identity, once: None, now, rng, render })
}

fn lines(world: &World) -> usize {
    let all = world
        .registry
        .registry
        .store()
        .read::<_, StoreError>(|conn| conn.audit_events(&AuditFilter::default(), i64::MAX, 10_000));
    all.unwrap().len()
}

fn is_unwritable(result: &Result<Reply, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Unwritable(_)))
}

#[on_every_database(World::start)]
fn a_write_whose_answer_has_no_json_form_is_a_failure_of_the_server_and_writes_nothing(world: World) {
    let member = world.member("Ada AG");
    let trial = |act: Act<'_, ()>| {
        act.run("trial.write", |transaction, _| {
            leave_line(transaction);
            Ok(Deed::new((), "trial", json!({})))
        })
    };
    let before = lines(&world);

    let refused = write((&world, &member, Content::unwritable), trial);

    assert!(is_unwritable(&refused), "{refused:?}");
    assert_eq!(lines(&world), before);
    assert_eq!(Problem::from(refused.unwrap_err()).code(), ProblemCode::InternalError);
    write((&world, &member, Content::writable), trial).unwrap();
    assert_eq!(lines(&world), before + 2);
}

#[on_every_database(World::start)]
fn a_decision_whose_content_has_no_json_form_is_refused_and_writes_nothing(world: World) {
    let member = world.member("Ada AG");
    let member = Person { bearer: world.registry.session_of(member.user), ..member };
    let reason: Reason = "looked at everything".parse().unwrap();
    let decide = |wish, content: fn() -> Content| {
        write((&world, &member, Content::writable), |act| propose(act, &Trial(wish), |()| Ok(content()), &reason))
    };
    let before = lines(&world);

    let refused = [Wish::Acted, Wish::Waits].map(|wish| decide(wish, Content::unwritable));

    assert!(refused.iter().all(is_unwritable), "{refused:?}");
    assert_eq!(lines(&world), before);
    for wish in [Wish::Acted, Wish::Waits] {
        decide(wish, Content::writable).unwrap();
    }
    assert_eq!(lines(&world), before + 4);
}
