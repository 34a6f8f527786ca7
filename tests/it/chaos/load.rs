//! The load: members that write and repeat under one idempotency key until they are answered, readers that ask the next node once,
//! pre-checks, and imports by another process. Everything that is told is noted.

use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use vasp_clock::Random;
use vasp_log::change::ChangeKind;
use vasp_record::vasp::VaspKind;
use vasp_store::StoreError;
use vasp_words::ids::VaspId;

use super::fleet::{Fleet, NODES};
use super::history::{Ack, Event, History, Seen};
use super::{ANSWERED_MICROS, MEMBERS, ROLES, Role, SET, SETS, SETS_A_WRITER, Standing, address, below, pause, report};
use crate::prechecks::world::lei;
use crate::support::{Answer, Client, Deployment, acknowledged, change, fact, now, open_store};

/// How many members' programs write at once.
pub(super) const WRITERS: usize = 3;

/// Firms of the register that is imported; all bear the name of their round.
const FIRMS: u32 = 3;

/// How long anything may go unanswered, in microseconds.
const PATIENCE: u64 = 60_000_000;

/// Who claims, and who asks.
pub(super) struct Members {
    /// Number and id of each member's VASP.
    pub vasps: [(i64, VaspId); MEMBERS],
    keys: [String; MEMBERS],
    gateway: String,
}

impl Members {
    /// Makes verified VASPs whose members have keys, and a gateway's key.
    pub(super) fn of(deployment: &Deployment) -> Self {
        let store = open_store(&deployment.database, 1);
        let vasps = ["Alpha", "Beta"].map(|name| {
            let mut rng = Random::from_system().unwrap().fork();
            let written = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
                let id = VaspId::new(now(), transaction.conn_and_rng().1);
                let number = transaction.add_vasp(id, VaspKind::Entity)?.number;
                let facts = vec![fact(number, "legal_name", name), fact(number, "status", "verified")];
                transaction.record(change(ChangeKind::VaspVerified, Some(number)), facts);
                Ok((number, id))
            });
            written.unwrap().value
        });
        let key = |arguments: &[&str], role: &[&str], scope: &str| {
            let organisation = deployment.said(&[&["organisation", "create", "--name", "Firm"], arguments].concat());
            let user =
                deployment.said(&[&["user", "create", "--organisation", &organisation, "--name", "Machine"], role].concat());
            format!("Bearer {}", deployment.said(&["api-key", "create", "--user", &user, "--scope", scope]))
        };
        let member = |vasp: VaspId| key(&["--kind", "member", "--vasp", &vasp.to_string()], &["--role", "editor"], "member");
        let keys = [member(vasps[0].1), member(vasps[1].1)];
        Self { vasps, keys, gateway: key(&[], &["--machine"], "resolve,precheck") }
    }

    fn role_of(role: &Value) -> Role {
        let place = ROLES.iter().position(|known| role == known).unwrap_or_else(|| panic!("{role} is no role"));
        u8::try_from(place).unwrap()
    }

    /// What an answer says of an account: who claims it, and as what.
    fn standing(&self, answer: &Value) -> Standing {
        let mut standing = [None; MEMBERS];
        for owner in answer["owners"].as_array().unwrap() {
            let member = self.vasps.iter().position(|(_, id)| owner["vasp"]["id"] == id.to_string());
            let member = member.unwrap_or_else(|| panic!("an owner that nobody said: {answer}"));
            assert!(standing[member].is_none(), "one member's claim stands twice: {answer}");
            standing[member] = Some(Self::role_of(&owner["claim"]["role"]));
        }
        // What the other member claimed before it withdrew still holds who contradicted it.
        let held = usize::from(answer["related_reason"] == "unsettled_end");
        let owners = standing.iter().flatten().count();
        let status = ["not_found", "owned", "conflicted"][if owners == 0 { 0 } else { owners + held }];
        assert_eq!(answer["status"], status, "{answer}");
        standing
    }

    /// Asks one node about a set and the firms of the register, all in one question; none where it gives no answer.
    fn read(&self, fleet: &Fleet<'_>, client: &Client, node: usize, set: usize) -> Option<Seen> {
        let account = |place: usize| json!({"subject": address(set, place), "network": "eip155:1"});
        let firm = |number: u32| json!({"subject": lei(number), "kind": "lei"});
        let subjects: Vec<Value> = (0..SET).map(account).chain((0..FIRMS).map(firm)).collect();
        let headers = [("content-type", "application/json"), ("authorization", self.gateway.as_str())];
        let asked_at = fleet.now();
        let answer = client.try_send("POST", "/v1/resolve", &headers, &json!({"subjects": subjects}).to_string())?;
        let answered_at = fleet.now();
        if answer.status.as_u16() == 503 {
            return None;
        }
        assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
        let body = answer.json();
        let results = body["results"].as_array().unwrap();
        assert!(
            results.iter().all(|one| one["directory"] == results[0]["directory"]),
            "one question is answered at one sequence"
        );
        let round = |firm: &Value| {
            let name = firm["owners"][0]["vasp"]["legal_name"].as_str().unwrap_or_else(|| panic!("{firm}"));
            name.rsplit_once(" of ").unwrap().1.parse().unwrap()
        };
        let rounds: Vec<u64> = results[SET..].iter().map(round).collect();
        assert!(rounds.iter().all(|round| *round == rounds[0]), "an import is seen by half: {rounds:?}");
        let mut standing = [[None; MEMBERS]; SET];
        for (place, result) in results[..SET].iter().enumerate() {
            standing[place] = self.standing(result);
        }
        let directory = &results[0]["directory"];
        Some(Seen {
            node,
            asked_at,
            answered_at,
            sequence: directory["sequence"].as_i64().unwrap(),
            as_of: directory["as_of"].as_str().unwrap().parse().unwrap(),
            set,
            standing: standing.to_vec(),
            round: Some(rounds[0]),
        })
    }
}

/// Id and role of each member's claim on an account.
type Claimed = [Option<(String, Role)>; MEMBERS];

/// One member's program for both members: it alone writes about its sets, one write after the other.
pub(super) struct Writer<'a> {
    fleet: &'a Fleet<'a>,
    members: &'a Members,
    clients: Vec<Client>,
    number: usize,
    rng: ChaCha20Rng,
    /// Id and role of each member's claim on each account of its sets.
    claims: Vec<[Claimed; SET]>,
    writes: usize,
    /// How long each attempt took.
    attempts: Vec<u64>,
}

/// A request that was acknowledged.
struct Done {
    answer: Answer,
    node: usize,
    sent_at: u64,
    acknowledged_at: u64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(fleet: &'a Fleet<'a>, members: &'a Members, number: usize, rng: ChaCha20Rng) -> Self {
        let claims = vec![Default::default(); SETS_A_WRITER];
        Self { fleet, members, clients: fleet.clients(), number, rng, claims, writes: 0, attempts: Vec::new() }
    }

    /// Sends a write to one node after the other, under one idempotency key, until one acknowledges it.
    fn send(&mut self, member: usize, method: &str, path: &str, (media, body): (&str, &str)) -> Done {
        self.writes += 1;
        let key = format!("chaos-{}-{}", self.number, self.writes);
        let mut headers = vec![("authorization", self.members.keys[member].as_str()), ("idempotency-key", &key)];
        if !body.is_empty() {
            headers.push(("content-type", media));
        }
        if method != "POST" {
            headers.push(("if-match", "*"));
        }
        let (began, mut node) = (self.fleet.now(), below(&mut self.rng, NODES));
        loop {
            let asked_at = self.fleet.now();
            let answer = self.clients[node].try_send(method, path, &headers, body);
            let acknowledged_at = self.fleet.now();
            self.attempts.push(acknowledged_at - asked_at);
            if acknowledged_at - asked_at >= ANSWERED_MICROS {
                let (ms, at) = ((acknowledged_at - asked_at) / 1_000, asked_at / 1_000);
                let said = answer.as_ref().map_or_else(String::new, |answer| format!("{} {}", answer.status, answer.text));
                report(&format!("{method} {path} at node {node} took {ms} ms from {at} ms on: {said:.200}"));
            }
            let again = match answer {
                Some(answer) if answer.status.is_success() => return Done { answer, node, sent_at: began, acknowledged_at },
                Some(answer) => {
                    let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
                    let status = answer.status.as_u16();
                    // Busy, still being done by another node, or another writer was faster: nothing was written.
                    let again = matches!(
                        (status, code.as_str()),
                        (503, "not_ready" | "no_writes" | "outcome_unknown") | (409, "in_progress") | (412, "stale_version")
                    );
                    assert!(again, "{method} {path} {body}: {answer:?}");
                    format!("{answer:?}")
                }
                None => "nothing".to_owned(),
            };
            assert!(self.fleet.now() - began < PATIENCE, "{method} {path} is not done within a minute; last {again}");
            pause(&mut self.rng, 10, 100);
            node = (node + 1) % NODES;
        }
    }

    /// Writes something about a set. Returns the set and who acknowledged it when.
    fn write(&mut self) -> (usize, Vec<Event>, Done) {
        let (own, member, place) =
            (below(&mut self.rng, SETS_A_WRITER), below(&mut self.rng, MEMBERS), below(&mut self.rng, SET));
        let set = self.number * SETS_A_WRITER + own;
        let other = |role: Role, rng: &mut ChaCha20Rng| (role + 1 + u8::try_from(below(rng, ROLES.len() - 1)).unwrap()) % 4;
        let event = |place: usize, role: Option<Role>| Event { set, place, member, role };
        let standing = self.claims[own][place][member].clone();
        match (below(&mut self.rng, 8), standing) {
            (0..2, Some((id, _))) => {
                let done = self.send(member, "DELETE", &format!("/v1/claims/{id}"), ("", ""));
                self.claims[own][place][member] = None;
                (set, vec![event(place, None)], done)
            }
            (2..4, Some((id, role))) => {
                let role = other(role, &mut self.rng);
                let body = json!({"role": ROLES[usize::from(role)]}).to_string();
                let done = self.send(member, "PATCH", &format!("/v1/claims/{id}"), ("application/json", &body));
                self.claims[own][place][member] = Some((done.answer.json()["id"].as_str().unwrap().to_owned(), role));
                (set, vec![event(place, Some(role))], done)
            }
            (0..4, None) => {
                let role = other(0, &mut self.rng);
                let body =
                    json!({"network": "eip155:1", "address": address(set, place), "role": ROLES[usize::from(role)]}).to_string();
                let done = self.send(member, "POST", "/v1/claims", ("application/json", &body));
                self.claims[own][place][member] = Some((done.answer.json()["id"].as_str().unwrap().to_owned(), role));
                (set, vec![event(place, Some(role))], done)
            }
            // All accounts of the set at once, each in another role than before.
            _ => {
                let mut roles = [0; SET];
                for (place, role) in roles.iter_mut().enumerate() {
                    let before = self.claims[own][place][member].as_ref().map_or(0, |(_, role)| *role);
                    *role = other(before, &mut self.rng);
                }
                let row = |(place, role): (usize, &Role)| {
                    json!({"network": "eip155:1", "address": address(set, place), "role": ROLES[usize::from(*role)]}).to_string()
                };
                let body = roles.iter().enumerate().map(row).collect::<Vec<_>>().join("\n");
                let done = self.send(member, "POST", "/v1/claims/import", ("application/jsonl", &body));
                let report = done.answer.json();
                for (place, role) in roles.iter().enumerate() {
                    let id = report["rows"][place]["claim"].as_str().unwrap_or_else(|| panic!("{report}")).to_owned();
                    self.claims[own][place][member] = Some((id, *role));
                }
                (set, (0..SET).map(|place| event(place, Some(roles[place]))).collect(), done)
            }
        }
    }

    fn expected(&self, set: usize) -> Vec<Standing> {
        let own = &self.claims[set % SETS_A_WRITER];
        own.iter().map(|account| [0, 1].map(|member| account[member].as_ref().map(|(_, role)| *role))).collect()
    }

    /// Looks until every other node shows what was written last about a set; none where something was disturbed meanwhile.
    fn watch_others(&self, done: &Done, set: usize, calm: u64, seen: &mut Vec<Seen>) -> Option<(u64, u64)> {
        let expected = self.expected(set);
        let mut until = done.acknowledged_at;
        for node in (0..NODES).filter(|node| *node != done.node) {
            loop {
                if self.fleet.calm() != Some(calm) {
                    return None;
                }
                let look = self.members.read(self.fleet, &self.clients[node], node, set);
                if let Some(look) = look.filter(|look| look.standing == expected) {
                    until = until.max(look.answered_at);
                    seen.push(look);
                    break;
                }
                assert!(self.fleet.now() - done.sent_at < PATIENCE, "node {node} does not learn of a write");
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        Some((until - done.acknowledged_at, until - done.sent_at))
    }

    pub(super) fn write_until(mut self, stop: &AtomicBool, history: &Mutex<History>) {
        while !stop.load(Ordering::SeqCst) {
            let calm = self.fleet.calm();
            let (set, events, done) = self.write();
            // What is acknowledged is visible on the node that did so.
            let mut seen: Vec<Seen> =
                self.members.read(self.fleet, &self.clients[done.node], done.node, set).into_iter().collect();
            let watched = below(&mut self.rng, 2) == 0;
            let visible = calm.filter(|_| watched).and_then(|calm| self.watch_others(&done, set, calm, &mut seen));
            let mut history = history.lock().unwrap();
            history.write_micros.push(done.acknowledged_at - done.sent_at);
            history.acks.push(Ack { node: done.node, at: done.acknowledged_at, events });
            history.seen.extend(seen);
            history.visible_micros.extend(visible);
            drop(history);
            pause(&mut self.rng, 0, 30);
        }
        let mut history = history.lock().unwrap();
        history.writes += self.writes;
        history.attempt_micros.extend(self.attempts);
    }
}

/// Somebody who asks about sets at a steady pace, and the next node once where one gives no answer.
pub(super) struct Reader<'a> {
    fleet: &'a Fleet<'a>,
    members: &'a Members,
    clients: Vec<Client>,
    rng: ChaCha20Rng,
}

impl<'a> Reader<'a> {
    pub(super) fn new(fleet: &'a Fleet<'a>, members: &'a Members, rng: ChaCha20Rng) -> Self {
        Self { fleet, members, clients: fleet.clients(), rng }
    }

    pub(super) fn read_until(mut self, stop: &AtomicBool, history: &Mutex<History>) {
        while !stop.load(Ordering::SeqCst) {
            let (node, set) = (below(&mut self.rng, NODES), below(&mut self.rng, SETS));
            let first = self.members.read(self.fleet, &self.clients[node], node, set);
            let repeated = first.is_none();
            let next = (node + 1) % NODES;
            let seen = first.or_else(|| self.members.read(self.fleet, &self.clients[next], next, set));
            let mut history = history.lock().unwrap();
            history.counts.reads += 1;
            history.counts.repeated += u64::from(repeated);
            history.counts.failed += u64::from(seen.is_none());
            history.seen.extend(seen);
            drop(history);
            pause(&mut self.rng, 2, 12);
        }
    }
}

/// What every node says of every set at the end.
pub(super) fn last_looks(fleet: &Fleet<'_>, members: &Members) -> Vec<Seen> {
    let clients = fleet.clients();
    let nodes = clients.iter().enumerate();
    // The tailer of each node has had its time.
    std::thread::sleep(Duration::from_secs(1));
    nodes.flat_map(|(node, client)| (0..SETS).map(move |set| members.read(fleet, client, node, set).unwrap())).collect()
}

/// A gateway that has pre-checks recorded.
pub(super) struct Prechecks<'a> {
    fleet: &'a Fleet<'a>,
    members: &'a Members,
    clients: Vec<Client>,
    rng: ChaCha20Rng,
}

impl<'a> Prechecks<'a> {
    pub(super) fn new(fleet: &'a Fleet<'a>, members: &'a Members, rng: ChaCha20Rng) -> Self {
        Self { fleet, members, clients: fleet.clients(), rng }
    }

    pub(super) fn ask_until(mut self, stop: &AtomicBool, history: &Mutex<History>) {
        while !stop.load(Ordering::SeqCst) {
            let (node, set, place) = (below(&mut self.rng, NODES), below(&mut self.rng, SETS), below(&mut self.rng, SET));
            let asked_at = self.fleet.now();
            let answer = self.fleet.deployment.ask_about(&self.clients[node], &address(set, place));
            let answered_at = self.fleet.now();
            pause(&mut self.rng, 10, 60);
            let Some(answer) = answer else { continue };
            if answer.status.as_u16() == 503 {
                continue;
            }
            assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
            let body = answer.json();
            let mut history = history.lock().unwrap();
            history.prechecks.extend(acknowledged(&answer));
            history.prechecks_seen.push((
                place,
                Seen {
                    node,
                    asked_at,
                    answered_at,
                    sequence: body["directory"]["sequence"].as_i64().unwrap(),
                    as_of: body["directory"]["as_of"].as_str().unwrap().parse().unwrap(),
                    set,
                    standing: vec![self.members.standing(&body["resolution"])],
                    round: None,
                },
            ));
        }
    }
}

/// Another process that imports a register beside the nodes, and is killed now and then.
pub(super) struct Importer<'a>(&'a Deployment);

impl<'a> Importer<'a> {
    pub(super) fn new(deployment: &'a Deployment) -> Self {
        Self(deployment)
    }

    /// Imports the register of a round, in which every firm bears its round's name. Whether it was told to be done.
    pub(super) fn import(&self, round: u64, kill_after: Option<Duration>) -> bool {
        let firm = |number: u32| {
            let name = format!("Firm {number} of {round}");
            json!({"lei": lei(number), "authority": "DE-BAFIN", "name_key": name, "flags": [], "legal_name": name,
                   "commercial_names": [], "country": "DE",
                   "registered_address": null, "website": null, "domains": [], "licences": [], "lines": [number + 1]})
        };
        let entities: Vec<Value> = (0..FIRMS).map(firm).collect();
        let day = format!("{}-{:02}-{:02}", 2010 + round / 336, 1 + round / 28 % 12, 1 + round % 28);
        let text = json!({"register": "esma-casps", "observed_on": day, "source": format!("{round}.csv"), "entities": entities});
        let file = self.0.file(&format!("{round}.json"), &text.to_string());
        let mut import = self.0.command(&["import", "register-json", file.to_str().unwrap(), "--accept-shrink"]);
        let mut child = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        if let Some(after) = kill_after {
            std::thread::sleep(after);
            // Fails where it has ended already.
            drop(child.kill());
        }
        child.wait().unwrap().code() == Some(0)
    }

    pub(super) fn import_until(&self, stop: &AtomicBool, mut rng: ChaCha20Rng, history: &Mutex<History>) {
        for round in 1.. {
            loop {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let kill_after =
                    (below(&mut rng, 4) == 0).then(|| Duration::from_millis(u64::try_from(below(&mut rng, 400)).unwrap()));
                if self.import(round, kill_after) {
                    history.lock().unwrap().rounds.push(round);
                    break;
                }
                pause(&mut rng, 100, 300);
            }
            pause(&mut rng, 500, 2_000);
        }
    }
}
