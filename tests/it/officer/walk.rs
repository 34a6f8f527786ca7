//! For every hold of the officer's table the test takes the step that the answer names, through the API, as the person named, and asks again,
//! until nothing is held or only a step outside is left. The table in docs/prechecks.md is this test's.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};
use vasp_record::role::{Role, Scope};

use super::{BRANDS, Told, addresses, ask, askers, named, question, world};
use crate::prechecks::world::{World, all_fields};
use crate::support::contract::is_described;
use crate::support::{Answer, Person, turn};

/// How often one question is asked again.
const TURNS: usize = 8;

/// What closes a step that nobody takes here. A step outside names one of these.
const DOCUMENTS: [&str; 4] = ["contract", "terms of use", "licence", "register"];

/// The people of an organisation that asks from one country.
struct Office<'a> {
    world: &'a World,
    asker: &'static str,
    ada: Person,
    chief: Person,
    /// The registry's own people: one writes records, two others decide.
    registry: &'a [Person; 3],
    /// Whom they approved, and whether they saw a licence.
    approved: RefCell<BTreeMap<String, bool>>,
}

/// How a hold ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Proceed,
    WithConditions,
    Reject,
    /// Who has to do what, and with which document.
    Outside {
        who: String,
        what: String,
    },
}

impl<'a> Office<'a> {
    fn of(world: &'a World, registry: &'a [Person; 3], asker: &'static str) -> Self {
        let (organisation, _) = world.organisation(asker, None, &["precheck"]);
        let scopes = [Scope::Compliance, Scope::Precheck, Scope::Resolve];
        let person = |role| world.registry.person_with(organisation, &[role], &scopes);
        let (ada, chief) = (person(Role::Compliance), person(Role::SeniorManagement));
        Self { world, asker, ada, chief, registry, approved: RefCell::default() }
    }

    fn ask(&self, question: &Value) -> Value {
        self.ada.post(&self.world.registry, "/v1/prechecks", question).answered(200)
    }

    fn country(&self) -> &'static str {
        self.asker.split('-').next().unwrap()
    }

    /// Has two people approve what one proposed.
    #[track_caller]
    fn decide(&self, proposed: &Answer) {
        let proposed = proposed.answered(201);
        self.chief.approve(&self.world.registry, &proposed).with(200);
    }

    /// Asks until nothing is held, and returns the steps that were taken and the end.
    fn walk(&self, mut question: Value) -> (Vec<String>, Ending) {
        let mut taken = vec![];
        for _ in 0..TURNS {
            let answer = self.ask(&question);
            match answer["recommendation"].as_str().unwrap() {
                "proceed" => return (taken, Ending::Proceed),
                "proceed_with_conditions" => return (taken, Ending::WithConditions),
                "reject" => return (taken, Ending::Reject),
                _ => {}
            }
            let steps = answer["next_steps"].as_array().unwrap();
            match steps.iter().find(|step| self.take(step, &answer, &mut question)) {
                Some(step) => taken.push(step["code"].as_str().unwrap().to_owned()),
                None => return (taken, outside(&steps[0])),
            }
        }
        panic!("{}: {taken:?} lead nowhere: {question}", self.asker);
    }

    /// Takes a step, and returns whether it changed anything. It is taken by the step's `who`, at the step's `href`.
    fn take(&self, step: &Value, answer: &Value, question: &mut Value) -> bool {
        let ([writer, ..], href) = (self.registry, step["href"].as_str());
        let (person, method, is_taken) = match step["code"].as_str().unwrap() {
            "name_entity" => (&self.ada, Some("post"), self.name_entity(answer, question)),
            "ask_counterparty" => (&self.ada, None, ask_counterparty(answer, question)),
            "obtain_data" => (&self.ada, None, self.obtain_data(answer, question)),
            "do_due_diligence" => (&self.ada, Some("post"), self.approve(answer, href, false)),
            "decide_hit" => (&self.ada, Some("get"), self.decide_hits(step)),
            "wait_for_review" => (writer, None, self.open_record(answer)),
            _ => return false,
        };
        let who = if person.organisation == writer.organisation { "registry" } else { "asker" };
        assert_eq!(step["who"], who, "{step}");
        let is_route = href.zip(method).is_some_and(|(path, method)| is_described(method, path));
        assert!(!is_taken || is_route || href.is_none() && method.is_none(), "no route of the server: {step}");
        is_taken
    }

    /// The customer says in which country the account is, or which of the candidates keeps it.
    fn name_entity(&self, answer: &Value, question: &mut Value) -> bool {
        if answer["question"] == "beneficiary.customer_country" {
            question["beneficiary"]["customer_country"] = json!(self.country());
            return true;
        }
        named(answer).is_some_and(|entity| declare(question, entity))
    }

    /// The data are there, or the asker looked the licence up.
    fn obtain_data(&self, answer: &Value, question: &mut Value) -> bool {
        let codes = || answer["reasons"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap());
        if codes().any(|code| code == "transfer.data_missing") {
            question["provided_fields"] = json!(all_fields());
            return true;
        }
        codes().any(|code| code.starts_with("licence.")) && self.approve(answer, None, true)
    }

    /// Two people approve the counterparty on both tracks, with a way for the data, at the place that the step names.
    fn approve(&self, answer: &Value, href: Option<&str>, licence_seen: bool) -> bool {
        let Some(vasp) = answer["counterparty"]["id"].as_str() else { return false };
        let before = self.approved.borrow().get(vasp).copied();
        if before.is_some_and(|seen| seen || !licence_seen) {
            return false;
        }
        let seen = json!({"authority": "The authority of its country", "number": "1", "seen_on": "2026-11-25",
                          "evidence": "An extract of the register"});
        let track = json!({"status": "approved", "review_due": "2027-11-25"});
        let terms = json!({"risk": "low", "responsibilities": "We ask, they answer.", "route": {"protocol": "trp"},
                           "licence_seen": if licence_seen { seen } else { Value::Null }});
        let body = json!({"travel_rule": track, "correspondent": track, "terms": terms, "reason": "Examined."});
        let (registry, path) = (&self.world.registry, format!("/v1/relationships/{vasp}"));
        let tag = self.ada.get(registry, &path).header("etag").to_owned();
        let propose = href.map_or_else(|| format!("{path}/propose"), str::to_owned);
        self.decide(&self.ada.send(registry, "POST", &propose, &[("if-match", &tag)], &body));
        self.approved.borrow_mut().insert(vasp.to_owned(), licence_seen);
        true
    }

    /// Two people find that the entries of the lists mean somebody else: the country differs, or they are not as alike.
    fn decide_hits(&self, step: &Value) -> bool {
        let registry = &self.world.registry;
        let hits = self.ada.read(registry, step["href"].as_str().unwrap())["items"].as_array().unwrap().clone();
        let open: Vec<&Value> = hits.iter().filter(|hit| hit["status"] == "open").collect();
        for hit in &open {
            let ground = json!({"kind": "country", "value": hit["record"]["country"],
                                "document": {"name": "Extract of a register", "sha256": "ab".repeat(32)}});
            let ground = if hit["needs_ground"] == true { ground } else { Value::Null };
            let body = json!({"decision": "false_positive", "reason": "another firm", "ground": ground});
            let path = format!("/v1/screening/hits/{}/propose", hit["id"].as_str().unwrap());
            let proposed = self.ada.post(registry, &path, &body);
            if proposed.status.as_u16() != 201 {
                // Neither side has a value that could differ.
                return false;
            }
            self.decide(&proposed);
        }
        !open.is_empty()
    }
}

impl Office<'_> {
    /// The registry's people open a record of the company that the contract names, of which the directory has none, and put it into the brand's
    /// group. Returns whether one was lacking.
    fn open_record(&self, answer: &Value) -> bool {
        let candidates = || answer["brand"]["candidates"].as_array().into_iter().flatten();
        let (registry, [writer, reviewer, approver]) = (&self.world.registry, self.registry);
        if answer["brand"].is_null() || candidates().any(|one| !one["id"].is_null()) {
            return false;
        }
        let brand = &answer["brand"];
        // The first company that a source names; of a brand without one, what the contract of the test says.
        let named = candidates().next().cloned();
        let text = |member: &str| named.as_ref().and_then(|one| one[member].as_str()).map(str::to_owned);
        let name = text("legal_name").unwrap_or_else(|| format!("{} Holdings Limited", brand["name"].as_str().unwrap()));
        let body = json!({"legal_name": name, "country": text("country").unwrap_or_else(|| "SC".to_owned())});
        let draft = writer.post(registry, "/v1/vasps", &body).with(201);
        let vasp = draft.json()["id"].as_str().unwrap().to_owned();
        let submit = format!("/v1/vasps/{vasp}/draft/submit");
        let sent = writer.send(registry, "POST", &submit, &[("if-match", draft.header("etag"))], &Value::Null).answered(200);
        let case = format!("/v1/cases/{}", sent["case"]["id"].as_str().unwrap());
        reviewer.post(registry, &format!("{case}/take"), &Value::Null).with(200);
        let lacking = reviewer.read(registry, &format!("{case}/checklist"))["blocking"].as_array().unwrap().clone();
        for attribute in lacking {
            let shown = json!({"attribute": attribute, "method": "register_look_up", "source": "extract of its register"});
            reviewer.post(registry, &format!("{case}/evidence"), &shown).with(201);
        }
        let verify = json!({"decision": "verify", "claims": null, "reason": "the contract and the register agree"});
        let page = json!([{"kind": "terms_of_use", "source": "https://example.org/terms", "sha256": "ab".repeat(32)}]);
        let brands = json!({"group": brand["id"], "evidence": page, "reason": "the terms of use name it"});
        for (path, body) in [(format!("{case}/propose"), verify), (format!("/v1/vasps/{vasp}/brands/propose"), brands)] {
            let proposed = reviewer.post(registry, &path, &body).answered(201);
            approver.approve(registry, &proposed).with(200);
        }
        true
    }
}

/// Declares an entity, and returns whether another one or none was declared before.
fn declare(question: &mut Value, entity: Value) -> bool {
    let declared = json!({"kind": "vasp", "vasp": entity});
    let before = std::mem::replace(&mut question["beneficiary"]["declared"], declared.clone());
    before != declared
}

/// The counterparty says which of its companies keeps the account, and where: the first of which the directory has a record, and which was not
/// named before.
fn ask_counterparty(answer: &Value, question: &mut Value) -> bool {
    if !question["beneficiary"]["declared"].is_null() {
        return false;
    }
    let mut all = answer["brand"]["candidates"].as_array().into_iter().flatten();
    let Some(known) = all.find(|one| !one["id"].is_null()) else { return false };
    question["beneficiary"]["customer_country"] = known["country"].clone();
    declare(question, known["id"].clone())
}

fn outside(step: &Value) -> Ending {
    let text = |member: &str| step[member].as_str().unwrap().to_owned();
    Ending::Outside { who: text("who"), what: format!("{}: {}", text("code"), text("detail")) }
}

/// The holds of one row of the officer's table: the brand's place, and the question.
fn holds(world: &World, asker: &str) -> Vec<(usize, Value)> {
    let addresses = addresses();
    let bare: Vec<Value> = addresses.iter().map(|one| question(asker, one, Told::Nothing, None)).collect();
    let told: Vec<Value> = addresses.iter().map(|one| question(asker, one, Told::CountryAndData, None)).collect();
    let entity = |(answer, one)| question(asker, one, Told::CountryAndData, named(answer).as_ref());
    let declared: Vec<Value> = ask(world, &told).iter().zip(&addresses).map(entity).collect();
    let questions = [bare, told, declared].concat();
    let answers = ask(world, &questions);
    let all = questions.into_iter().enumerate().map(|(place, one)| (place % BRANDS.len(), one));
    all.zip(answers).filter(|(_, answer)| answer["recommendation"] == "hold").map(|(hold, _)| hold).collect()
}

/// What came out of all walks.
#[derive(Default)]
struct Outcomes {
    /// The table of the document.
    rows: String,
    holds: usize,
    /// How many of them ended outside.
    left: usize,
    outside: BTreeMap<Ending, BTreeSet<String>>,
    steps: BTreeMap<String, usize>,
}

impl Outcomes {
    fn walk(&mut self, office: &Office<'_>, holds: Vec<(usize, Value)>) {
        let mut counts = [0_usize; 4];
        self.holds += holds.len();
        write!(self.rows, "| {} | {} |", office.asker, holds.len()).unwrap();
        for (place, question) in holds {
            let (taken, end) = office.walk(question);
            taken.into_iter().for_each(|step| *self.steps.entry(step).or_default() += 1);
            let column = match end {
                Ending::Proceed => 0,
                Ending::WithConditions => 1,
                Ending::Reject => 2,
                Ending::Outside { .. } => 3,
            };
            counts[column] += 1;
            if column == 3 {
                self.outside.entry(end).or_default().insert(format!("{} {}", office.asker, BRANDS[place]));
            }
        }
        writeln!(self.rows, " {} |", counts.map(|count| count.to_string()).join(" | ")).unwrap();
        self.left += counts[3];
    }
}

#[test]
fn every_hold_ends_by_the_steps_that_it_names() {
    let world = world();
    let (reviewer, approver) = world.registry.two_operators();
    let registry = [world.registry.person(reviewer.organisation, &[Role::Reviewer]), reviewer, approver];
    // All holds of the table are known before anybody takes a step, because records that the registry opens change it.
    let all: Vec<_> = askers().into_iter().map(|asker| (asker, holds(&world, asker))).collect();
    let mut found = Outcomes::default();

    for (asker, holds) in all {
        found.walk(&Office::of(&world, &registry, asker), holds);
    }

    let Outcomes { rows, holds, left, outside, steps } = found;
    println!("{rows}\n{steps:?}\n{outside:#?}\n{left} of {holds}");
    for end in outside.keys() {
        let Ending::Outside { who, what } = end else { continue };
        assert!(!who.is_empty() && DOCUMENTS.iter().any(|word| what.contains(word)), "{end:?}");
    }
    assert!(left * 10 <= holds, "{left} of {holds}");
    let mut made =
        format!("| asked from | holds | proceed | with conditions | reject | outside |\n|---|---|---|---|---|---|\n{rows}");
    made.push_str("\n| step | taken |\n|---|---|\n");
    steps.iter().for_each(|(step, count)| writeln!(made, "| `{step}` | {count} |").unwrap());
    assert_page(&made, &rows, turn().is_some());
}

/// Holds the page against what came out, or writes it if `UPDATE_DOCS` is set.
#[track_caller]
fn assert_page(made: &str, rows: &str, is_part: bool) {
    let home = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let file = Path::new(&home).join("docs/prechecks.md");
    let text = std::fs::read_to_string(&file).unwrap();
    let (head, rest) = text.split_once("<!-- steps -->\n").unwrap();
    let (_, tail) = rest.split_once("<!-- end of steps -->").unwrap();
    if is_part {
        assert!(rows.lines().all(|line| rest.contains(line)), "{rows}");
        return;
    }
    let right = format!("{head}<!-- steps -->\n{made}<!-- end of steps -->{tail}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &right).unwrap();
    }
    assert!(text == right, "run this test with UPDATE_DOCS=1:\n{made}");
}
