//! Plain questions of `/v1/resolve` and for the record of a VASP are answered before the router, all others behind it: both ways give the
//! same answers, byte for byte, and leave the same traces.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;

use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Scope};
use vasp_registry::config::{Burst, Rate};
use vasp_registry::imports::ImportFormat;
use vasp_registry::telemetry::Sample;

use crate::filled::{Filled, LEIS, entity};
use crate::support::{Database, Deployment, Registry, Server, on_every_database, talk};

/// Published examples (EIP-55, BIP-173); who owns them is invented.
const LABELS: &str = "\
network,address,entity,entity_name,label,category,source,added_date
eip155:1,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,alpha,Alpha \"Bank\",Alpha hot,exchange,test@1:a.csv,2025-01-02
eip155:*,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,beta,Beta,Beta,exchange,test@1:b.csv,
eip155:10,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,gamma,Gamma,Gamma,exchange,test@1:c.csv,
bip122:000000000019d6689c085ae165831e93,bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4,alpha,Alpha,Alpha,exchange,test@1:a.csv,2025-01-03
";

/// Found, on another network, unknown, bare, a host, in other spellings; then what is no good question.
const QUERIES: [&str; 22] = [
    "subject=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed&network=eip155:1",
    "network=eip155%3A1&subject=0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
    "subject=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed&network=eip155:137",
    "subject=eip155:10:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed&kind=caip10",
    "subject=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "subject=bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "subject=0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359&network=ethereum",
    "subject=alpha.com&kind=domain",
    "subject=529900HNOAA1KXQJUQ27",
    "subject=rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh&network=xrpl&memo=12",
    "subject=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed&network=eip155:1&as_of=seq:1",
    "subject=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed&network=eip155:1",
    "subject=nonsense",
    "subject=",
    "subject=%ff",
    "subject=a&subject=b",
    "subject=a&colour=red",
    "subject=a&kind=colour",
    "subject=a&network=nowhere",
    "network=eip155:1",
    "",
    "subject=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed&network=eip155:1&as_of=yesterday",
];

const BODIES: [&str; 12] = [
    r#"{"subjects": [{"subject": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "network": "eip155:1"}]}"#,
    r#"{"subjects":[{"subject":"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359","network":"eip155:1"},{"subject":"x"},{"subject":"alpha.com","kind":"domain"}]}"#,
    r#"{"subjects": [{"subject": "a", "colour": 1}, {}, 7, {"subject": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"}]}"#,
    r#"{"subjects": []}"#,
    r#"{"subjects": {}}"#,
    r#"{"subject": []}"#,
    r#"{"subjects": [{"subject": "a"}], "more": 1}"#,
    r#"[{"subject": "a"}]"#,
    r#"{"subjects": [{"subject": "a"}"#,
    "nonsense",
    "",
    r#"{"subjects": [{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"},{"subject":"a"}]}"#,
];

/// A header that changes nothing, but with which a request takes the normal way.
const NORMAL_WAY: &str = "content-encoding: identity\r\n";

/// An answer: the status line, the headers by name, and the body. `date` is left out: it is the system's.
#[derive(Debug, PartialEq)]
struct Seen {
    status: String,
    headers: BTreeMap<String, String>,
    body: String,
}

fn ask(address: SocketAddr, (method, path, body): (&str, &str, Option<&str>), more: &str) -> Seen {
    let body = body.map(|body| format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    let rest = body.unwrap_or_else(|| "\r\n".to_owned());
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-request-id: same\r\n{more}{rest}");
    let answer = talk(address, request.as_bytes());
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{path}: {answer}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().to_owned();
    let headers = lines.map(|line| line.split_once(": ").unwrap()).filter(|(name, _)| *name != "date");
    Seen { status, headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), body: body.to_owned() }
}

/// Takes what is left of the caller's rate out of an answer's headers.
fn left(seen: &mut Seen) -> Option<i64> {
    let rate = seen.headers.get_mut("ratelimit")?;
    let (before, rest) = rate.split_once("r=")?;
    let (left, _) = rest.split_once(';')?;
    let left = left.parse().unwrap();
    *rate = before.to_owned();
    Some(left)
}

fn compared(address: SocketAddr, authorization: &str, asked: (&str, &str, Option<&str>)) {
    let normal = format!("{authorization}{NORMAL_WAY}");
    let mut seen = [&normal, authorization, &normal].map(|more| ask(address, asked, more));
    let left = seen.each_mut().map(left);

    let [before, quick, after] = seen;
    assert_eq!(quick, before, "{asked:?}");
    assert_eq!(quick, after, "{asked:?}");
    let cost = |one: Option<i64>, other: Option<i64>| one.zip(other).map(|(one, other)| one - other);
    assert_eq!(cost(left[0], left[1]), cost(left[1], left[2]), "{asked:?} costs the same either way: {left:?}");
}

#[on_every_database]
fn both_ways_answer_alike(database: Database) {
    let registry = Registry::start_with(database, |settings| settings.not_found_budget = 1_000.try_into().ok());
    registry.import(ImportFormat::ClaimsCsv, "labels.csv", LABELS.as_bytes());
    let gateway = registry.person_of(OrganisationKind::Gateway, None, &[], &[Scope::Resolve]);
    let other = registry.person_of(OrganisationKind::Gateway, None, &[], &[Scope::Precheck]);
    let wrong = format!("{}0", gateway.bearer);
    let credentials = [gateway.bearer.as_str(), &other.bearer, &wrong, "Basic eA==", ""];

    for bearer in credentials {
        let authorization = if bearer.is_empty() { String::new() } else { format!("authorization: {bearer}\r\n") };
        for query in QUERIES {
            compared(registry.address, &authorization, ("GET", &format!("/v1/resolve?{query}"), None));
            compared(registry.address, &authorization, ("HEAD", &format!("/v1/resolve?{query}"), None));
        }
        for body in BODIES {
            compared(registry.address, &authorization, ("POST", "/v1/resolve", Some(body)));
        }
        compared(registry.address, &authorization, ("POST", "/v1/resolve?view=colour", Some(BODIES[0])));
        compared(registry.address, &authorization, ("PUT", "/v1/resolve", Some(BODIES[0])));
    }
}

#[on_every_database]
fn both_ways_show_the_same_record(database: Database) {
    let [twice, once, nowhere] = LEIS;
    let mut filled = Filled::start(database);
    let firms = |name| vec![entity(twice, "A GmbH"), entity(twice, "B GmbH"), entity(once, name)];
    filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", firms("C GmbH"));
    let id = filled.read(&format!("/v1/vasps/{once}"))["id"].as_str().unwrap().to_owned();
    let registry = &filled.registry;
    let person = |kind, vasp, scope| registry.person_of(kind, vasp, &[], &[scope]).bearer;
    let vasp = id.parse().ok();
    // Who sees its own record, or is an operator, sees more of it than others. Each is answered after one who sees something else.
    let seeing = [
        person(OrganisationKind::Gateway, None, Scope::Resolve),
        person(OrganisationKind::Member, vasp, Scope::Resolve),
        person(OrganisationKind::Member, None, Scope::Resolve),
        person(OrganisationKind::Operator, None, Scope::Resolve),
    ];
    let others = [person(OrganisationKind::Gateway, None, Scope::Precheck), "Basic eA==".to_owned(), String::new()];
    let header = |bearer: &String| if bearer.is_empty() { String::new() } else { format!("authorization: {bearer}\r\n") };
    let spelt = id.replacen('v', "%76", 1);
    let named = [id.as_str(), once, twice, nowhere, &spelt, "mine", "%6dine", "nonsense", "", "a/b"];
    for name in named {
        for bearer in seeing.iter().chain(&others) {
            compared(registry.address, &header(bearer), ("GET", &format!("/v1/vasps/{name}"), None));
            compared(registry.address, &header(bearer), ("HEAD", &format!("/v1/vasps/{name}"), None));
        }
    }
    let (path, own) = (format!("/v1/vasps/{id}"), header(&seeing[0]));
    let ask_for = |bearer: &String| ask(registry.address, ("GET", &path, None), &header(bearer));
    assert_ne!(ask_for(&seeing[0]).body, ask_for(&seeing[1]).body);
    for query in ["?valid_on=2026-01-01", "?as_of=seq:1", "?colour=red", "?"] {
        compared(registry.address, &own, ("GET", &format!("{path}{query}"), None));
    }
    let tag = ask_for(&seeing[0]).headers["etag"].clone();
    for more in [format!("if-none-match: {tag}"), "if-none-match: W/\"1\"".to_owned(), "accept: text/csv".to_owned()] {
        compared(registry.address, &format!("{own}{more}\r\n"), ("GET", &path, None));
    }

    // The text that is kept is not that of the record any more.
    let before = ask_for(&seeing[0]);
    filled.read_at("2026-01-03T08:00:00Z", "2026-01-02", firms("C Again GmbH"));
    let after = ask(filled.registry.address, ("GET", &path, None), &own);
    assert!(before.body.contains("C GmbH") && after.body.contains("C Again GmbH"), "{}", after.body);
    compared(filled.registry.address, &own, ("GET", &path, None));
}

#[on_every_database]
fn both_ways_refuse_who_asks_too_often_or_for_too_many_unknown_addresses(database: Database) {
    let registry = Registry::start_with(database, |settings| {
        settings.not_found_budget = 1.try_into().ok();
        let burst = Burst::try_from(Burst::LEAST).unwrap();
        settings.rate = Some(Rate { per_sec: NonZeroU32::MIN, burst });
    });
    let gateway = registry.person_of(OrganisationKind::Gateway, None, &[], &[Scope::Resolve]);
    let authorization = format!("authorization: {}\r\n", gateway.bearer);
    let unknown = |n: u32| format!("/v1/resolve?subject=0x{n:040x}&network=eip155:1");
    for n in 1..4 {
        ask(registry.address, ("GET", &unknown(n), None), &authorization);
    }

    let refused = ask(registry.address, ("GET", &unknown(9), None), &authorization);
    assert!(refused.status.contains("429"), "{refused:?}");
    compared(registry.address, &authorization, ("GET", &unknown(9), None));
    compared(
        registry.address,
        &authorization,
        ("POST", "/v1/resolve", Some(&format!(r#"{{"subjects": [{{"subject": "0x{:040x}", "network": "eip155:1"}}]}}"#, 9))),
    );

    // Empties the bucket: the clock of a test stands still.
    let path = "/v1/resolve?subject=alpha.com";
    let status = || ask(registry.address, ("GET", path, None), &authorization).status;
    let asked = (0..Burst::LEAST).take_while(|_| status().contains("200")).count();
    assert!(asked < 1_000, "the questions before took their part: {asked}");
    compared(registry.address, &authorization, ("GET", "/v1/resolve?subject=alpha.com", None));
    compared(registry.address, &authorization, ("GET", "/v1/vasps/529900HNOAA1KXQJUQ27", None));
    compared(registry.address, &authorization, ("POST", "/v1/resolve", Some(BODIES[0])));
}

#[test]
fn both_ways_leave_the_same_log_line() {
    for format in ["human", "json"] {
        let deployment = Deployment::new(Database::sqlite());
        let mut serve = deployment.serve();
        serve.args(["--log-format", format]).env("VASP_REGISTRY_LOG_LEVEL", "info");
        let server = Server::start(serve);
        let traced = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
        let authorization = format!("authorization: {}\r\n{traced}", deployment.bearer());
        for (asked, more) in [("GET", ""), ("GET", NORMAL_WAY), ("POST", ""), ("POST", NORMAL_WAY)] {
            let path = if asked == "GET" { "/v1/resolve?subject=alpha.com" } else { "/v1/resolve" };
            let body = (asked == "POST").then_some(BODIES[0]);
            let seen = ask(server.address, (asked, path, body), &format!("{authorization}{more}"));
            assert!(seen.status.contains("200"), "{seen:?}");
        }

        let (_, log) = server.stop("TERM");

        let without_numbers = |line: &str| line.chars().filter(|one| !one.is_ascii_digit()).collect::<String>();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("answered") && line.contains("/v1/resolve")).collect();
        for method in ["GET", "POST"] {
            let of: Vec<String> = lines.iter().filter(|line| line.contains(method)).map(|line| without_numbers(line)).collect();
            let [one, other] = of.as_slice() else { panic!("{log}") };
            assert_eq!(one, other, "{format}");
        }
        assert!(lines.iter().all(|line| line.contains("4bf92f3577b34da6a3ce929d0e0e4736") && line.contains("same")), "{log}");
    }
}

#[test]
fn both_ways_are_counted_together() {
    let mut filled = Filled::start(Database::sqlite());
    filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", vec![entity(LEIS[0], "A GmbH")]);
    let (registry, authorization) = (&filled.registry, format!("authorization: {}\r\n", filled.key));
    for more in ["", NORMAL_WAY, ""] {
        for path in ["/v1/resolve?subject=alpha.com", &format!("/v1/vasps/{}", LEIS[0])] {
            ask(registry.address, ("GET", path, None), &format!("{authorization}{more}"));
        }
    }

    let metrics = registry.registry.metrics().render(&Sample::default(), registry.clock.now()).unwrap();

    for route in ["/v1/resolve", "/v1/vasps/{vasp}"] {
        let count = format!(r#"_http_request_duration_seconds_count{{method="GET",route="{route}",status="200"}} 3"#);
        assert!(metrics.lines().any(|line| line.ends_with(&count)), "{route}: {metrics}");
    }
}
