//! Random histories of a liar: claims, files of them, memos, changes, proofs of its own, reports, sub-accounts, days, suspensions. Whatever
//! it does, what another party proved stays that party's, and of what others only say no more changes than the allowance.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::allowance::Allowance;

use super::memos::{Account, STELLAR, prove};
use super::world::{Party, World};
use crate::support::{Database, on_every_database};

/// Addresses that the honest member proved, that it only says, and that nobody says.
const PROVEN: u8 = 3;
const SAID: u8 = 12;
const FRESH: u8 = 15;
const OPEN: usize = 4;

/// What happens.
#[derive(Clone, Debug)]
enum Act {
    Claim { place: u8, memo: Option<u8>, visibility: &'static str },
    Import { first: u8, memo: bool },
    Change { nth: usize, role: &'static str },
    Withdraw { nth: usize },
    ProveOwn { number: u8 },
    Report { place: u8 },
    NameSubAccount { place: u8 },
    Days { days: i64 },
    Suspend,
    Reinstate,
}

fn act() -> impl Strategy<Value = Act> {
    let visibility = prop::sample::select(vec!["public", "gateways"]);
    let role = prop::sample::select(vec!["hot", "cold", "deposit"]);
    prop_oneof![
        4 => (0..FRESH, prop::option::of(0..2u8), visibility).prop_map(|(place, memo, visibility)| Act::Claim { place, memo, visibility }),
        2 => (0..FRESH, any::<bool>()).prop_map(|(first, memo)| Act::Import { first, memo }),
        1 => (0..8usize, role).prop_map(|(nth, role)| Act::Change { nth, role }),
        1 => (0..8usize).prop_map(|nth| Act::Withdraw { nth }),
        1 => (0..3u8).prop_map(|number| Act::ProveOwn { number }),
        1 => (0..FRESH).prop_map(|place| Act::Report { place }),
        1 => (0..FRESH).prop_map(|place| Act::NameSubAccount { place }),
        2 => (1..4i64).prop_map(|days| Act::Days { days }),
        1 => Just(Act::Suspend),
        1 => Just(Act::Reinstate),
    ]
}

/// The people, and what the liar said.
struct Story {
    world: World,
    honest: Party,
    liar: Party,
    number: i64,
    gateway: Party,
    suspended: bool,
}

impl Story {
    fn begin(database: Database) -> Self {
        let world = World::start_with(database, |settings| {
            let open = u32::try_from(OPEN).unwrap();
            settings.claims.allowance = Allowance { a_day: 2, open, after_days: 0, ..Allowance::default() };
        });
        let honest = world.member("Alpha");
        let (number, vasp) = world.entity("Beta", "verified");
        let liar = world.party_of(vasp);
        let gateway = world.gateway();
        for place in 0..SAID {
            let claim = world.claim(&honest, &Account::new(place).address(), &json!({"network": STELLAR}));
            if place < PROVEN {
                prove(&world, &honest, &Account::new(place), &claim);
            }
        }
        Self { world, honest, liar, number, gateway, suspended: false }
    }

    fn own(&self, nth: usize) -> Option<String> {
        let listed = self.world.get(&self.liar, "/v1/member/claims?limit=200").json();
        let standing = |claim: &&Value| claim["state"] == "live" || claim["state"] == "pending_review";
        let ids: Vec<&Value> = listed["items"].as_array().unwrap().iter().filter(standing).map(|claim| &claim["id"]).collect();
        Some(ids.get(nth.checked_rem(ids.len())?)?.as_str().unwrap().to_owned())
    }

    /// Changes one of the liar's claims, if it has any.
    fn change(&self, nth: usize, method: &str, body: &Value) {
        if let Some(id) = self.own(nth) {
            self.world.change(&self.liar, method, &format!("/v1/member/claims/{id}"), "*", body);
        }
    }

    fn happen(&mut self, act: &Act) {
        let (world, liar) = (&self.world, &self.liar);
        let memo = |number: &u8| number.to_string();
        match act {
            Act::Claim { place, memo: number, visibility } => {
                let body = json!({"network": STELLAR, "address": Account::new(*place).address(), "memo": number.as_ref().map(memo),
                                  "role": "hot", "visibility": visibility});
                world.post(liar, "/v1/member/claims", &body);
            }
            Act::Import { first, memo } => {
                let line = |place: u8| {
                    let memo = memo.then_some("7");
                    json!({"network": STELLAR, "address": Account::new(place).address(), "memo": memo, "role": "hot"}).to_string()
                };
                let body: Vec<String> = (*first..FRESH).map(line).collect();
                let headers = [("authorization", liar.key.as_str()), ("content-type", "application/jsonl")];
                world.registry.client.send("POST", "/v1/member/claims/import", &headers, &body.join("\n"));
            }
            Act::Change { nth, role } => self.change(*nth, "PATCH", &json!({"role": role})),
            Act::Withdraw { nth } => self.change(*nth, "DELETE", &Value::Null),
            Act::ProveOwn { number } => {
                let account = Account::new(100 + number);
                let body = json!({"network": STELLAR, "address": account.address(), "role": "hot"});
                let claim = world.post(liar, "/v1/member/claims", &body);
                if claim.status.as_u16() == 201 {
                    prove(world, liar, &account, &claim.json());
                }
            }
            Act::Report { place } => {
                let body = json!({"network": STELLAR, "address": Account::new(*place).address(), "reason": "it is ours"});
                world.post(liar, "/v1/member/disputes", &body);
            }
            Act::NameSubAccount { place } => {
                let body = json!({"network": STELLAR, "address": Account::new(*place).address(), "vasp": self.honest.vasp});
                world.post(liar, "/v1/member/sub-accounts", &body);
            }
            Act::Days { days } => world.registry.clock.set(world.registry.clock.now().plus_secs(days * 86_400)),
            Act::Suspend | Act::Reinstate => {
                let suspend = matches!(act, Act::Suspend);
                if suspend != self.suspended {
                    world.set_status(self.number, if suspend { "suspended" } else { "verified" });
                    self.suspended = suspend;
                }
            }
        }
    }

    /// Status and owners of the honest member's addresses, asked with a memo or without.
    fn answers(&self, memo: Option<&str>) -> Vec<(String, Vec<String>)> {
        let subject = |place: u8| json!({"subject": Account::new(place).address(), "network": STELLAR, "memo": memo});
        let subjects: Vec<Value> = (0..SAID).map(subject).collect();
        let answer = self.world.post(&self.gateway, "/v1/resolve", &json!({"subjects": subjects})).json();
        let owners = |one: &Value| -> Vec<String> {
            one["owners"].as_array().unwrap().iter().map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned()).collect()
        };
        answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["status"].as_str().unwrap().to_owned(), owners(one)))
            .collect()
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for memo in [None, Some("0"), Some("7")] {
            let (answers, honest) = (self.answers(memo), vec![self.honest.vasp.clone()]);
            let (proven, said) = answers.split_at(usize::from(PROVEN));
            for (status, owners) in proven {
                prop_assert!(
                    status == "owned" && *owners == honest,
                    "a proven address is {status} by {owners:?} (memo {memo:?})"
                );
            }
            let changed = said.iter().filter(|(_, owners)| *owners != honest);
            for (status, _) in changed.clone() {
                prop_assert_eq!(status, "conflicted", "an address of another is the liar's (memo {:?})", memo);
            }
            prop_assert!(changed.count() <= OPEN, "{said:?} (memo {memo:?})");
        }
        Ok(())
    }
}

fn tell(history: &[Act], database: Database) -> Result<(), TestCaseError> {
    let mut story = Story::begin(database);
    for (step, act) in history.iter().enumerate() {
        story.happen(act);
        story.check().map_err(|why| TestCaseError::fail(format!("{why} after {:?}", &history[..=step])))?;
    }
    Ok(())
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 64, ..Config::default() })
}

/// Issue 21: no sequence of acts by one unproven party turns another party's proven answer into its own, and no unproven claims of one
/// member change more answers about others' addresses than its allowance.
#[test]
fn no_history_of_one_liar_takes_a_proven_address_or_changes_more_than_its_allowance() {
    let history = || prop::collection::vec(act(), 40);
    runner(6).run(&history(), |history| tell(&history, Database::sqlite())).unwrap();
    on_every_database(|database| {
        let database = std::cell::Cell::new(Some(database));
        runner(1).run(&history(), |history| database.take().map_or(Ok(()), |database| tell(&history, database))).unwrap();
    });
}
