//! A VASP is named by its id, by its LEI, and by its own member as `mine`: the same record, and the same rights, by each name.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};

use crate::support::{Database, Person, Registry, Said, on_every_database};

/// Source of the LEIs: ISO 17442-1, with check digits by ISO 7064 (MOD 97-10); both are of GLEIF's public data.
const LEI: &str = "529900HNOAA1KXQJUQ27";
const OTHER_LEI: &str = "5493001KJTIIGC8Y1R12";

const ALPHA: &[Said<'static>] =
    &[("lei", "", LEI), ("domain", "alpha.com", "proven"), ("identifier", "entity_key", "AB-7"), ("country", "", "DE")];

struct World {
    registry: Registry,
    member: Person,
    other: Person,
    gateway: Person,
}

impl World {
    fn new(database: Database) -> Self {
        let registry = Registry::start_with(database, |settings| settings.public_read = true);
        let member = registry.verified_member("Alpha", ALPHA);
        let other = registry.verified_member("Beta", &[("lei", "", OTHER_LEI), ("domain", "beta.com", "proven")]);
        let gateway = registry.person_of_new(OrganisationKind::Gateway, &[Role::Admin]);
        Self { registry, member, other, gateway }
    }

    fn names(&self) -> [String; 3] {
        ["mine".to_owned(), LEI.to_owned(), self.member.vasp().to_string()]
    }

    fn found(&self, query: &str) -> Vec<Value> {
        let list = self.registry.client.get(&format!("/v1/vasps?{query}")).answered(200);
        list["items"].as_array().unwrap().iter().map(|item| item["legal_name"].clone()).collect()
    }
}

#[on_every_database(World::new)]
fn each_name_of_ones_own_vasp_leads_to_the_same(world: World) {
    let reads = &[Scope::Member, Scope::Resolve];
    let member = world.registry.person_with(world.member.organisation, &[Role::Editor], reads);
    let trp = json!({"protocol": "trp", "versions": ["3.2.1"], "location": {"kind": "url", "url": "https://alpha.com/trp"}});
    world.member.post(&world.registry, &format!("/v1/vasps/{LEI}/endpoints"), &trp).with(201);

    for part in
        ["", "/endpoints", "/domains", "/certificates", "/keys", "/path-delegations", "/health", "/history", "/due-diligence"]
    {
        let answers = world.names().map(|name| member.get(&world.registry, &format!("/v1/vasps/{name}{part}")).answered(200));
        assert!(answers[0].is_object(), "{part}");
        assert_eq!(answers[0], answers[1], "{part}");
        assert_eq!(answers[0], answers[2], "{part}");
    }
    for name in world.names() {
        let list = world.member.get(&world.registry, &format!("/v1/vasps/{name}/endpoints")).json();
        let id = list["items"][0]["id"].as_str().unwrap().to_owned();
        world.member.post(&world.registry, &format!("/v1/vasps/{name}/endpoints/{id}/pause"), &Value::Null).with(200);
    }
}

#[on_every_database(World::new)]
fn nobody_writes_for_another_by_any_name(world: World) {
    let key = json!({"domain": "gamma.com", "covers_subdomains": false});
    for name in [OTHER_LEI.to_owned(), world.other.vasp().to_string()] {
        for (part, body) in
            [("domains", &key), ("messages", &json!({"text": "x"})), ("path-delegations", &json!({"host": "a.b", "path": "/"}))]
        {
            let refused = world.member.post(&world.registry, &format!("/v1/vasps/{name}/{part}"), body);
            assert!([404, 422].contains(&refused.status.as_u16()), "{part}: {refused:?}");
        }
        for part in ["draft", "licences", "messages", "path-delegations"] {
            world.member.get(&world.registry, &format!("/v1/vasps/{name}/{part}")).problem(404, "not_found");
            world.gateway.get(&world.registry, &format!("/v1/vasps/{name}/{part}")).problem(403, "forbidden");
        }
    }
    let beta = world.other.get(&world.registry, "/v1/vasps/mine/domains").answered(200);
    assert_eq!(beta["items"].as_array().unwrap().len(), 1, "{beta}");
}

#[on_every_database(World::new)]
fn others_see_the_domains_of_a_record_without_challenges(world: World) {
    let asked = json!({"domain": "new.alpha.com", "covers_subdomains": false});
    world.member.post(&world.registry, "/v1/vasps/mine/domains", &asked).with(201);
    let own = world.member.get(&world.registry, "/v1/vasps/mine/domains").answered(200);
    assert!(own["items"].as_array().unwrap().iter().any(|one| one["domain"] == "new.alpha.com" && one["challenge"].is_object()));

    for seen in [
        world.registry.client.get(&format!("/v1/vasps/{LEI}/domains")),
        world.other.get(&world.registry, &format!("/v1/vasps/{LEI}/domains")),
    ] {
        let seen = seen.answered(200);
        let shown: Vec<_> =
            seen["items"].as_array().unwrap().iter().map(|one| (&one["domain"], &one["state"], &one["challenge"])).collect();
        assert_eq!(shown, [(&json!("alpha.com"), &json!("proven"), &Value::Null)]);
    }
    world.other.get(&world.registry, &format!("/v1/vasps/{LEI}/domains/new.alpha.com")).problem(404, "not_found");
    let keys = world.registry.client.get(&format!("/v1/vasps/{LEI}/keys")).answered(200);
    assert_eq!((&keys["items"], &keys["pending"]), (&json!([]), &Value::Null));
    assert_eq!(world.member.get(&world.registry, "/v1/vasps/mine/keys").answered(200)["pending"], json!([]));
}

/// A draft states what it likes: another record's LEI still names that record, for the author of the draft too.
#[on_every_database(World::new)]
fn a_draft_that_states_another_s_lei_is_not_meant_by_it(world: World) {
    let author = world.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
    let draft = json!({"legal_name": "Beta", "lei": OTHER_LEI, "distinct_from": [world.other.vasp()]});
    author.post(&world.registry, "/v1/vasps", &draft).with(201);
    assert_eq!(author.get(&world.registry, "/v1/vasps/mine/draft").answered(200)["said"]["lei"], OTHER_LEI);

    author.get(&world.registry, &format!("/v1/vasps/{OTHER_LEI}/draft")).problem(404, "not_found");
    let domains = author.get(&world.registry, &format!("/v1/vasps/{OTHER_LEI}/domains")).answered(200);
    assert_eq!(domains["items"][0]["domain"], "beta.com", "{domains}");
    // Where no record has the LEI, it names the draft.
    let unknown = "5299009N55YRQC69CN08";
    let other = world.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
    other.post(&world.registry, "/v1/vasps", &json!({"legal_name": "Gamma AG", "lei": unknown})).with(201);
    assert_eq!(other.get(&world.registry, &format!("/v1/vasps/{unknown}/draft")).answered(200)["said"]["lei"], unknown);
}

#[on_every_database(World::new)]
fn mine_without_a_vasp_is_told(world: World) {
    let nobody = world.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
    for path in ["/v1/vasps/mine", "/v1/vasps/mine/keys", "/v1/vasps/mine/endpoints", "/v1/vasps/mine/due-diligence"] {
        world.gateway.get(&world.registry, path).problem(409, "no_vasp");
        nobody.get(&world.registry, path).problem(409, "no_vasp");
        world.registry.client.get(path).problem(409, "no_vasp");
    }
    nobody.get(&world.registry, "/v1/vasps/mine/draft").problem(409, "no_vasp");
    let draft = json!({"legal_name": "Gamma AG", "country": "DE"});
    nobody.post(&world.registry, "/v1/vasps", &draft).with(201);
    assert_eq!(nobody.get(&world.registry, "/v1/vasps/mine/draft").answered(200)["said"]["legal_name"], "Gamma AG");
    nobody.get(&world.registry, "/v1/vasps/mine").problem(409, "no_vasp");
}

#[on_every_database(World::new)]
fn a_list_is_narrowed_by_lei_domain_and_identifier(world: World) {
    let alpha = vec![json!("Alpha")];
    assert_eq!(world.found(&format!("lei={LEI}")), alpha);
    assert_eq!(world.found("domain=ALPHA.com"), alpha);
    assert_eq!(world.found("identifier=entity_key:ab-7"), alpha);
    assert_eq!(world.found(&format!("lei={LEI}&domain=beta.com")), [Value::Null; 0]);
    assert_eq!(world.found("domain=gamma.com"), [Value::Null; 0]);
    for query in ["lei=529900HNOAA1KXQJUQ28", "domain=a..b", "identifier=AB-7"] {
        world.registry.client.get(&format!("/v1/vasps?{query}")).problem(422, "invalid_request");
    }
}

/// Source: RFC 4180; RFC 9110, 12.5.1 (`Accept`); RFC 8288 (`Link`).
#[on_every_database(World::new)]
fn a_list_is_also_a_table_for_a_spreadsheet(world: World) {
    let asked = |path: &str, accept: &str| world.registry.client.get_with(path, &[("accept", accept)]).with(200);
    let answer = asked("/v1/vasps?limit=1&view=short", "text/csv");
    assert_eq!((answer.header("content-type"), answer.header("vary")), ("text/csv; charset=utf-8", "Accept"));
    assert_eq!((answer.header("cache-control"), answer.header("etag")), ("private, no-store", ""));
    let lines: Vec<&str> = answer.text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 2, "{}", answer.text);
    assert!(lines[0].split(',').any(|name| name == "legal_name"), "{}", lines[0]);

    let next = answer.header("link").trim_start_matches('<').split_once('>').unwrap().0.to_owned();
    assert!(next.starts_with("/v1/vasps?limit=1&view=short&cursor="), "{next}");
    let rest = asked(&next, "text/csv;q=0.9, application/json;q=0.1");
    assert!(rest.text.contains("Beta") != answer.text.contains("Beta"), "{}", rest.text);
    for accept in ["application/json", "*/*", "text/csv;q=0.1, application/json"] {
        assert_eq!(asked("/v1/vasps", accept).header("content-type"), "application/json");
    }
    // What is no list is JSON all the same.
    assert_eq!(asked(&format!("/v1/vasps/{LEI}"), "text/csv").header("content-type"), "application/json");
    assert!(asked(&format!("/v1/vasps/{LEI}/keys"), "text/csv").header("content-type").starts_with("text/csv"));
    let audit = world.gateway.send(&world.registry, "GET", "/v1/users", &[("accept", "text/csv")], &Value::Null).with(200);
    assert!(
        audit.text.starts_with("created_at,") || audit.text.contains(",id,") || audit.text.starts_with("id,"),
        "{}",
        audit.text
    );
}
