//! Random histories of a liar: claims, files of them, memos, changes, proofs of its own, reports, sub-accounts, days, suspensions; and of
//! an honest member beside it, that proves, reports, and gives memos away and takes them back. Whatever the liar does, what another party
//! proved stays that party's for everybody who may see it, and no more of others' answers change, to any reader, than the allowance.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::allowance::Allowance;

use super::allowance::operator;
use super::memos::{Account, STELLAR, prove};
use super::world::World;
use crate::support::{Database, Person, on_every_database};

/// Addresses that the honest member proved from the beginning, that it says, and that nobody says.
const PROVEN: u8 = 3;
const SAID: u8 = 12;
const FRESH: u8 = 15;
/// What the liar may contradict at the same time, as the test takes it.
const OPEN: usize = 4;
/// The memo that the honest member gives away at times.
const GIVEN: &str = "7";
/// Whether the liar ends sub-accounts too. To be `true` once such an end counts for the allowance of who ends it.
const LIAR_ENDS_MEMOS: bool = true;
/// Who may see the honest member's claims, in turn.
const SEEN_BY: [&str; 3] = ["gateways", "public", "named"];

/// What happens.
#[derive(Clone, Debug)]
enum Act {
    Claim {
        place: u8,
        memo: Option<u8>,
        visibility: &'static str,
    },
    Import {
        first: u8,
        memo: bool,
    },
    Change {
        nth: usize,
        role: &'static str,
    },
    Withdraw {
        nth: usize,
    },
    ProveOwn {
        number: u8,
    },
    Report {
        place: u8,
    },
    NameSubAccount {
        place: u8,
    },
    Days {
        days: i64,
    },
    Suspend,
    /// Contradictions beyond the allowance do not come back with it.
    Reinstate,
    HonestProves {
        place: u8,
    },
    HonestReports {
        place: u8,
    },
    /// The honest member gives the liar a memo of an address, and the liar confirms it.
    GiveMemo {
        place: u8,
    },
    EndMemo {
        place: u8,
        by_liar: bool,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let visibility = prop::sample::select(vec!["public", "gateways", "named"]);
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
        1 => (0..SAID).prop_map(|place| Act::HonestProves { place }),
        1 => (0..FRESH).prop_map(|place| Act::HonestReports { place }),
        2 => (0..SAID).prop_map(|place| Act::GiveMemo { place }),
        1 => (0..SAID, any::<bool>()).prop_map(|(place, liar)| Act::EndMemo { place, by_liar: liar && LIAR_ENDS_MEMOS }),
    ]
}

/// The people, and what the liar said.
struct Story {
    world: World,
    honest: Person,
    liar: Person,
    /// Who asks: a gateway, another member, the one that claims name, and somebody without credentials.
    gateway: Person,
    other: Person,
    friend: Person,
    suspended: bool,
    /// The honest member's claims, and which of them it proved.
    claims: Vec<Value>,
    proven: BTreeSet<u8>,
    /// Ids of the sub-accounts that stand, by address, and the addresses of those that the honest member ended.
    given: BTreeMap<u8, String>,
    taken_back: BTreeSet<u8>,
}

impl Story {
    fn begin(database: Database) -> Self {
        let world = World::start_with(database, |settings| {
            let open = u32::try_from(OPEN).unwrap();
            settings.claims.allowance = Allowance { a_day: 2, open, after_days: 0, ..Allowance::default() };
            settings.public_read = true;
        });
        let honest = world.member("Alpha");
        let liar = world.member("Beta");
        let (gateway, other, friend) = (world.gateway(), world.member("Gamma"), world.member("Delta"));
        let (proven, given, taken_back) = (BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
        let (suspended, claims) = (false, vec![]);
        let mut story = Self { world, honest, liar, gateway, other, friend, suspended, claims, proven, given, taken_back };
        story.world.submission(&story.liar);
        for place in 0..SAID {
            let seen = story.seen_by(SEEN_BY[usize::from(place) % SEEN_BY.len()]);
            story.claims.push(story.world.claim(&story.honest, &Account::new(place).address(), &seen));
        }
        (0..PROVEN).for_each(|place| story.honest_proves(place));
        story
    }

    /// The part of a claim that says on which network it is and who may see it.
    fn seen_by(&self, visibility: &str) -> Value {
        let named = if visibility == "named" { json!([self.friend.organisation.to_string()]) } else { json!([]) };
        json!({"network": STELLAR, "visibility": visibility, "named": named})
    }

    fn honest_proves(&mut self, place: u8) {
        if self.proven.insert(place) {
            prove(&self.world, &self.honest, &Account::new(place), &self.claims[usize::from(place)]);
        }
    }

    fn give_memo(&mut self, place: u8) {
        let body = json!({"network": STELLAR, "address": Account::new(place).address(), "memo": GIVEN, "vasp": self.liar.vasp()});
        let named = self.world.post(&self.honest, "/v1/sub-accounts", &body);
        if named.status.as_u16() == 201 {
            let id = named.json()["id"].as_str().unwrap().to_owned();
            self.world.post(&self.liar, &format!("/v1/sub-accounts/{id}/confirm"), &json!({}));
            self.given.insert(place, id);
        }
    }

    fn end_memo(&mut self, place: u8, by_liar: bool) {
        let Some(id) = self.given.get(&place) else { return };
        let by = if by_liar { &self.liar } else { &self.honest };
        let ended = self.world.change(by, "DELETE", &format!("/v1/sub-accounts/{id}"), "*", &Value::Null);
        if ended.status.as_u16() == 200 {
            self.given.remove(&place);
            if !by_liar {
                self.taken_back.insert(place);
            }
        }
    }

    fn own(&self, nth: usize) -> Option<String> {
        let listed = self.world.get(&self.liar, "/v1/claims?limit=200").json();
        let standing = |claim: &&Value| claim["state"] == "live" || claim["state"] == "pending_review";
        let ids: Vec<&Value> = listed["items"].as_array().unwrap().iter().filter(standing).map(|claim| &claim["id"]).collect();
        Some(ids.get(nth.checked_rem(ids.len())?)?.as_str().unwrap().to_owned())
    }

    /// Changes one of the liar's claims, if it has any.
    fn change(&self, nth: usize, method: &str, body: &Value) {
        if let Some(id) = self.own(nth) {
            self.world.change(&self.liar, method, &format!("/v1/claims/{id}"), "*", body);
        }
    }

    fn happen(&mut self, act: &Act) {
        match act {
            Act::HonestProves { place } => self.honest_proves(*place),
            Act::GiveMemo { place } => self.give_memo(*place),
            Act::EndMemo { place, by_liar } => self.end_memo(*place, *by_liar),
            Act::Suspend | Act::Reinstate => self.halt(matches!(act, Act::Suspend)),
            _ => self.say(act),
        }
    }

    fn halt(&mut self, suspend: bool) {
        if suspend != self.suspended {
            match suspend {
                true => self.world.set_status(&self.liar, "suspended"),
                false => self.world.decide(&operator(&self.world), &self.liar, "reinstate"),
            }
            self.suspended = suspend;
        }
    }

    fn say(&self, act: &Act) {
        let (world, liar) = (&self.world, &self.liar);
        let memo = |number: &u8| number.to_string();
        match act {
            Act::Claim { place, memo: number, visibility } => {
                let mut body = self.seen_by(visibility);
                body["address"] = json!(Account::new(*place).address());
                (body["memo"], body["role"]) = (json!(number.as_ref().map(memo)), json!("hot"));
                world.post(liar, "/v1/claims", &body);
            }
            Act::Import { first, memo } => {
                let line = |place: u8| {
                    let memo = memo.then_some(GIVEN);
                    json!({"network": STELLAR, "address": Account::new(place).address(), "memo": memo, "role": "hot"}).to_string()
                };
                let body: Vec<String> = (*first..FRESH).map(line).collect();
                let headers = [("authorization", liar.bearer.as_str()), ("content-type", "application/jsonl")];
                world.registry.client.send("POST", "/v1/claims/import", &headers, &body.join("\n"));
            }
            Act::Change { nth, role } => self.change(*nth, "PATCH", &json!({"role": role})),
            Act::Withdraw { nth } => self.change(*nth, "DELETE", &Value::Null),
            Act::ProveOwn { number } => {
                let account = Account::new(100 + number);
                let body = json!({"network": STELLAR, "address": account.address(), "role": "hot"});
                let claim = world.post(liar, "/v1/claims", &body);
                if claim.status.as_u16() == 201 {
                    prove(world, liar, &account, &claim.json());
                }
            }
            Act::Report { place } | Act::HonestReports { place } => {
                let by = if matches!(act, Act::Report { .. }) { liar } else { &self.honest };
                let body = json!({"network": STELLAR, "address": Account::new(*place).address(), "reason": "it is ours"});
                world.post(by, "/v1/disputes", &body);
            }
            Act::NameSubAccount { place } => {
                let body = json!({"network": STELLAR, "address": Account::new(*place).address(), "vasp": self.honest.vasp()});
                world.post(liar, "/v1/sub-accounts", &body);
            }
            Act::Days { days } => world.registry.clock.set(world.registry.clock.now().plus_secs(days * 86_400)),
            _ => {}
        }
    }

    /// Status and owners of some addresses and memos, as somebody is answered.
    fn answers(&self, reader: Option<&Person>, asked: &[(u8, Option<&str>)]) -> Vec<(String, Vec<String>)> {
        let subject = |(place, memo): &(u8, Option<&str>)| json!({"subject": Account::new(*place).address(), "network": STELLAR, "memo": memo});
        let body = json!({"subjects": asked.iter().map(subject).collect::<Vec<_>>()});
        let answer = match reader {
            Some(reader) => self.world.post(reader, "/v1/resolve", &body),
            None => {
                let headers = [("content-type", "application/json")];
                self.world.registry.client.send("POST", "/v1/resolve", &headers, &body.to_string())
            }
        };
        let owners = |one: &Value| -> Vec<String> {
            one["owners"].as_array().unwrap().iter().map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned()).collect()
        };
        let answer = answer.json();
        let results = answer["results"].as_array().unwrap().iter();
        results.map(|one| (one["status"].as_str().unwrap().to_owned(), owners(one))).collect()
    }

    /// The readers, each with the visibilities of the honest member's claims that it may see.
    fn readers(&self) -> [(Option<&Person>, &'static [&'static str]); 4] {
        let members: &[&str] = &["gateways", "public"];
        [(None, &["public"]), (Some(&self.gateway), members), (Some(&self.other), members), (Some(&self.friend), &SEEN_BY)]
    }

    /// Checks all answers of all readers. What the honest member gave away is not its own, and what it took back contradicts by its act.
    fn check(&self) -> Result<(), TestCaseError> {
        let honest = vec![self.honest.vasp().to_string()];
        let memos = [None, Some("0"), Some(GIVEN)];
        let asked: Vec<(u8, Option<&str>)> = (0..SAID).flat_map(|place| memos.map(|memo| (place, memo))).collect();
        let mut changed: BTreeMap<Option<&str>, BTreeSet<u8>> = BTreeMap::new();
        for (reader, sees) in self.readers() {
            for ((place, memo), (status, owners)) in asked.iter().zip(self.answers(reader, &asked)) {
                let is_seen = sees.contains(&SEEN_BY[usize::from(*place) % SEEN_BY.len()]);
                let before = if is_seen { honest.as_slice() } else { &[] };
                let is_given = self.given.contains_key(place) || self.taken_back.contains(place) && status == "conflicted";
                if owners == before || *memo == Some(GIVEN) && is_given {
                    continue;
                }
                let by = reader.map(|reader| reader.organisation);
                let said = format!("{status} by {owners:?}, asked by {by:?} with memo {memo:?}");
                prop_assert!(!is_seen || !self.proven.contains(place), "a proven address is {said}");
                prop_assert!(!is_seen || status == "conflicted", "an address of another is {said}");
                changed.entry(*memo).or_default().insert(*place);
            }
        }
        for (memo, places) in changed {
            prop_assert!(places.len() <= OPEN, "answers about {places:?} changed (memo {memo:?})");
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
    TestRunner::new(Config { cases, max_shrink_iters: 64, ..Config::default() })
}

/// No sequence of acts by one unproven party turns another party's proven answer into its own, and no unproven claims of one member change more
/// answers about others' addresses than its allowance.
#[test]
fn no_history_of_one_liar_takes_a_proven_address_or_changes_more_than_its_allowance() {
    let history = || prop::collection::vec(act(), 40);
    runner(2).run(&history(), |history| tell(&history, Database::sqlite())).unwrap();
    on_every_database(|database| {
        let database = std::cell::Cell::new(Some(database));
        runner(1).run(&history(), |history| database.take().map_or(Ok(()), |database| tell(&history, database))).unwrap();
    });
}
