//! Hosts, and what leads to them: domains, Travel Addresses, LNURLs and URLs. Who proved what is written through the store, as
//! the member's and operator's services will; texts were encoded by other programs (base58check and bech32 in Python).

mod refusals;
mod secrecy;

use serde_json::{Value, json};
use vasp_record::vasp::VaspKind;
use vasp_registry::imports::ImportFormat;

use crate::support::{Database, Registry, Said, on_every_database};

const PLATFORMS: &[u8] = br#"{"version": "1", "generated_on": "2026-05-01", "hosts": [
    {"host": "Shared.com", "covers_subdomains": true, "platform": "Shared, a service of many", "source": "test"},
    {"host": "api.single.com", "covers_subdomains": false, "platform": "Single, a service of many", "source": "test"}]}"#;

/// Who says what.
const FACTS: &[(&str, &[Said<'static>])] = &[
    (
        "Alpha",
        &[
            ("domain", "alpha.com", "proven"),
            ("domain", "alpha-pay.com", "proven"),
            ("domain_scope", "alpha-pay.com", "subdomains"),
            ("domain", "both.com", "proven"),
            ("delegation", "shared.com/alpha", "confirmed"),
            ("delegation", "shared.com/twice", "confirmed"),
            ("delegation", "eu.shared.com/", "confirmed"),
            ("delegation", "shared.com/", "confirmed"),
        ],
    ),
    (
        "Beta",
        &[
            ("domain", "pay.alpha-pay.com", "proven"),
            ("domain", "alpha.com", "unproven"),
            ("domain", "both.com", "proven"),
            ("delegation", "shared.com/alpha/beta", "confirmed"),
            ("delegation", "shared.com/twice", "confirmed"),
            ("delegation", "shared.com/asked", "requested"),
            ("delegation", "shared.com/offered", "offered"),
        ],
    ),
    (
        "Gamma",
        &[
            ("domain", "gamma.com", "unproven"),
            ("domain", "lost.com", "lost"),
            ("domain_scope", "lost.com", "subdomains"),
            ("domain", "co.uk", "proven"),
            ("domain_scope", "co.uk", "subdomains"),
            ("domain", "shared.com", "proven"),
            ("domain_scope", "shared.com", "subdomains"),
            ("domain", "single.com", "proven"),
            ("domain_scope", "single.com", "subdomains"),
        ],
    ),
];

/// A registry with three firms and a group, open to everybody.
fn filled(database: Database) -> Registry {
    let registry = Registry::start_with(database, |settings| settings.public_read = true);
    let report = registry.import(ImportFormat::PlatformHosts, "platforms.json", PLATFORMS);
    assert_eq!((report.taken, report.log_changes), (2, 1));
    for (name, facts) in FACTS {
        registry.record(name, facts);
    }
    let group = registry.record_of(VaspKind::Group, "Delta Group", &[("domain", "delta.com", "proven")]).to_string();
    for name in ["Delta One", "Delta Two"] {
        let facts = [("group", "", group.as_str()), ("domain", "delta.com", "proven"), ("domain", "delta.net", "unproven")];
        registry.record(name, &facts);
    }
    registry.record("Epsilon", &[("group", "", group.as_str())]);
    registry
}

#[track_caller]
fn ask(registry: &Registry, subject: &str) -> Value {
    let results = registry.client.post("/v1/resolve", &json!({"subjects": [{"subject": subject}]})).json();
    assert!(results["results"][0]["status"].is_string(), "{subject}: {results}");
    results["results"][0].clone()
}

fn names(records: &Value, name: impl Fn(&Value) -> &Value) -> Vec<String> {
    let mut names: Vec<String> = records.as_array().unwrap().iter().map(|one| name(one).as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Status, owners, unverified candidates.
fn verdict(answer: &Value) -> (String, Vec<String>, Vec<String>) {
    let owners = names(&answer["owners"], |owner| &owner["vasp"]["legal_name"]);
    let unverified = names(&answer["unverified_candidates"], |vasp| &vasp["legal_name"]);
    (answer["status"].as_str().unwrap().to_owned(), owners, unverified)
}

#[track_caller]
fn assert_answers(registry: &Registry, cases: &[(&str, &str, &[&str], &[&str])]) {
    for (subject, status, owners, unverified) in cases {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let answer = ask(registry, subject);
        assert_eq!(verdict(&answer), ((*status).to_owned(), own(owners), own(unverified)), "{subject}");
    }
}

#[on_every_database(filled)]
fn longest_proven_name_owns_a_host_and_what_is_only_named_never_does(registry: Registry) {
    assert_answers(
        &registry,
        &[
            ("alpha.com", "owned", &["Alpha"], &["Beta"]),
            // `covers_subdomains` is not said of it.
            ("pay.alpha.com", "not_found", &[], &["Alpha", "Beta"]),
            ("alpha-pay.com", "owned", &["Alpha"], &[]),
            ("a.b.alpha-pay.com", "owned", &["Alpha"], &[]),
            ("pay.alpha-pay.com", "owned", &["Beta"], &[]),
            ("x.pay.alpha-pay.com", "owned", &["Alpha"], &["Beta"]),
            ("gamma.com", "not_found", &[], &["Gamma"]),
            ("www.gamma.com", "not_found", &[], &["Gamma"]),
            ("lost.com", "not_found", &[], &["Gamma"]),
            ("x.lost.com", "not_found", &[], &["Gamma"]),
            // Never above the registrable domain, whoever says to have proven a public suffix.
            ("anything.co.uk", "not_found", &[], &[]),
            ("notalpha.com", "not_found", &[], &[]),
            // Two parties; one party, whose entities come before their group.
            ("both.com", "conflicted", &["Alpha", "Beta"], &[]),
            ("delta.com", "owned", &["Delta One", "Delta Two"], &[]),
            ("delta.net", "not_found", &[], &["Delta One", "Delta Two"]),
        ],
    );
}

#[on_every_database(filled)]
fn every_form_of_a_url_is_answered_alike(registry: Registry) {
    let url = "https://eu.alpha-pay.com/inquiries/12345?t=i";
    let travel_address = "ta63PXeLQAPFfBW3iAuYyDGEjKJa9hBg6mVi8YWzebEGwG4hJ4Par3bnf";
    let lnurl = "lnurl1dp68gurn8ghj7et49eskcurgvykhqcte9e3k7mf0d9h8zatfwf5k2ue0xyerxdp48a6r66gy0ju3q";

    let upper = lnurl.to_ascii_uppercase();
    for (subject, kind, value) in [
        (travel_address, "travel_address", travel_address),
        (lnurl, "lnurl", lnurl),
        (&upper, "lnurl", lnurl),
        (url, "url", url),
        ("HTTPS://EU.Alpha-Pay.com/inquiries/12345?t=i", "url", url),
    ] {
        let answer = ask(&registry, subject);

        assert_eq!((&answer["status"], &answer["owners"][0]["vasp"]["legal_name"]), (&json!("owned"), &json!("Alpha")));
        assert_eq!(
            answer["subject"],
            json!({"kind": kind, "value": value, "network": null, "address": null, "memo": null, "caip10": null,
                   "memo_rule": "none", "travel_address": {"url": url, "host": "eu.alpha-pay.com"}, "warnings": []})
        );
        assert_eq!((&answer["owners"][0]["claim"], &answer["platform"]), (&Value::Null, &Value::Null));
    }
    // A URL needs no mark of an inquiry; a domain has no URL.
    assert_eq!(ask(&registry, "https://eu.alpha-pay.com")["status"], "owned");
    let domain = ask(&registry, "eu.alpha-pay.com")["subject"].clone();
    assert_eq!((&domain["kind"], domain.get("travel_address")), (&json!("domain"), None));
}

#[on_every_database(filled)]
fn shared_host_belongs_to_whom_its_path_is_delegated(registry: Registry) {
    let shared = json!("Shared, a service of many");

    assert_answers(
        &registry,
        &[
            ("https://shared.com/alpha/12345?t=i", "owned", &["Alpha"], &[]),
            ("ta8mWCbsL5M64GjUbPPCkFmFZ9CyZiu5GUeK2yF92pmAAC", "owned", &["Alpha"], &[]),
            ("https://shared.com/alpha", "owned", &["Alpha"], &[]),
            ("https://shared.com/%61lpha/12345", "owned", &["Alpha"], &[]),
            ("https://shared.com:8443/alpha/12345", "owned", &["Alpha"], &[]),
            ("https://shared.com/alpha/beta/12345", "owned", &["Beta"], &[]),
            ("https://shared.com/alphabet/12345", "not_found", &[], &["Gamma"]),
            ("https://shared.com/Alpha/12345", "not_found", &[], &["Gamma"]),
            ("https://shared.com/?/alpha", "not_found", &[], &["Gamma"]),
            // One side alone.
            ("https://shared.com/asked/12345", "not_found", &[], &["Beta", "Gamma"]),
            ("https://shared.com/offered/12345", "not_found", &[], &["Beta", "Gamma"]),
            // Two parties.
            ("https://shared.com/twice/12345", "conflicted", &["Alpha", "Beta"], &[]),
            // The whole host is nobody's, not even of who proved it, or was delegated all of it.
            ("shared.com", "not_found", &[], &["Gamma"]),
            ("https://shared.com/", "not_found", &[], &["Gamma"]),
            ("x.shared.com", "not_found", &[], &["Gamma"]),
            ("https://x.shared.com/alpha/12345", "not_found", &[], &["Gamma"]),
            // A host below it may be delegated as a whole.
            ("eu.shared.com", "owned", &["Alpha"], &[]),
            ("https://eu.shared.com/any/12345", "owned", &["Alpha"], &[]),
            // Only this host of `single.com` is shared.
            ("api.single.com", "not_found", &[], &["Gamma"]),
            ("www.single.com", "owned", &["Gamma"], &[]),
            ("x.api.single.com", "owned", &["Gamma"], &[]),
        ],
    );
    for (subject, platform) in [
        ("https://shared.com/x", &shared),
        ("https://shared.com/alpha/x", &shared),
        ("eu.shared.com", &shared),
        ("api.single.com", &json!("Single, a service of many")),
        ("www.single.com", &Value::Null),
        ("alpha.com", &Value::Null),
    ] {
        assert_eq!(&ask(&registry, subject)["platform"], platform, "{subject}");
    }
}

#[on_every_database(filled)]
fn record_says_of_its_domains_what_is_proven_covered_and_shared(registry: Registry) {
    let id = |subject: &str| ask(&registry, subject)["owners"][0]["vasp"]["id"].as_str().unwrap().to_owned();

    let gamma = registry.client.get(&format!("/v1/vasps/{}", id("www.single.com"))).json();

    assert_eq!(
        gamma["domains"],
        json!([
            {"domain": "co.uk", "status": "proven", "covers_subdomains": true, "platform": false},
            {"domain": "gamma.com", "status": "unproven", "covers_subdomains": false, "platform": false},
            {"domain": "lost.com", "status": "lost", "covers_subdomains": true, "platform": false},
            {"domain": "shared.com", "status": "proven", "covers_subdomains": true, "platform": true},
            {"domain": "single.com", "status": "proven", "covers_subdomains": true, "platform": false},
        ])
    );
    let past = registry.client.get(&format!("/v1/vasps/{}?valid_on=2026-01-01", id("www.single.com"))).json();
    assert_eq!(past["domains"], gamma["domains"]);
}

#[on_every_database]
fn past_is_answered_as_proofs_delegations_and_platforms_were_known(database: Database) {
    let registry = Registry::start_with(database, |settings| settings.public_read = true);
    let sequence = || ask(&registry, "alpha.com")["directory"]["sequence"].as_i64().unwrap();
    registry.record("Alpha", &[("domain", "shared.com", "proven")]);
    let proven = sequence();
    registry.import(ImportFormat::PlatformHosts, "platforms.json", PLATFORMS);
    let shared = sequence();
    registry.record("Beta", &[("delegation", "shared.com/beta", "confirmed")]);
    let delegated = sequence();

    let key = registry.api_key("resolve", None).1;
    for (at, status, owners, platform) in [
        (proven, "owned", vec!["Alpha"], Value::Null),
        (shared, "not_found", vec![], json!("Shared, a service of many")),
        (delegated, "owned", vec!["Beta"], json!("Shared, a service of many")),
    ] {
        let path = format!("/v1/resolve?subject=https%3A%2F%2Fshared.com%2Fbeta%2F1&as_of=seq:{at}");
        let answer = registry.client.get_with(&path, &[("authorization", &key)]).json();
        let (found, named, _) = verdict(&answer);
        assert_eq!(found.as_str(), status);
        assert_eq!(named, owners.into_iter().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(answer["platform"], platform);
    }
}

#[test]
fn hosts_that_look_like_others_are_answered_and_flagged() {
    let registry = filled(Database::sqlite());
    let codes = |subject: &str| names(&ask(&registry, subject)["subject"]["warnings"], |warning| &warning["code"]);

    // The second letter is Cyrillic.
    let mixed = ask(&registry, "https://\u{430}lpha-pay.com/x");
    assert_eq!(mixed["status"], "not_found");
    assert_eq!(mixed["subject"]["travel_address"]["host"], "xn--lpha-pay-06g.com");
    assert_eq!(codes("\u{430}lpha-pay.com"), ["mixed_script", "resembles_proven"]);
    assert_eq!(codes("xn--lpha-pay-06g.com"), ["mixed_script", "resembles_proven"]);
    let details = names(&mixed["subject"]["warnings"], |warning| &warning["detail"]);
    assert!(details.iter().any(|detail| detail.contains("`alpha-pay.com`")), "{details:?}");
    // A one for an l; the example of 2017, in Cyrillic throughout.
    assert_eq!(codes("a1pha-pay.com"), ["resembles_proven"]);
    assert_eq!(codes("аррӏе.com"), ["latin_look_alike"]);
    for plain in ["alpha-pay.com", "eu.alpha-pay.com", "bücher.de", "example.com"] {
        assert_eq!(codes(plain), [""; 0], "{plain}");
    }
    assert!(ask(&registry, "5493001KJTIIGC8Y1R12")["subject"].get("warnings").is_none());
}

#[on_every_database(filled)]
fn precheck_of_a_travel_address_takes_who_proved_its_host(registry: Registry) {
    let attribution = |travel_address: &str| {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "record": false,
                          "beneficiary": {"travel_address": travel_address}});
        let answer = registry.client.post("/v1/prechecks", &body).json();
        let check = &answer["checks"][0];
        (check["code"].clone(), answer["counterparty"]["legal_name"].clone(), answer["resolution"]["platform"].clone())
    };

    let proven = attribution("ta63PXeLQAPFfBW3iAuYyDGEjKJa9hBg6mVi8YWzebEGwG4hJ4Par3bnf");
    let delegated = attribution("ta8mWCbsL5M64GjUbPPCkFmFZ9CyZiu5GUeK2yF92pmAAC");

    assert_eq!((proven.1, proven.2), (json!("Alpha"), Value::Null));
    assert_eq!((delegated.1, delegated.2), (json!("Alpha"), json!("Shared, a service of many")));
    // pay.coinmotion.com/inquiries/12345?t=i
    let stranger = attribution("ta2snSaH7UKezBpec8jdiK89mtg7wixoYwXzFUPHQH6ax11Q1WuJyjTS1Mq4");
    assert_eq!((stranger.0, stranger.1), (json!("attribution.not_found"), Value::Null));
}

#[test]
fn imported_platform_hosts_stand_in_for_the_compiled_in_ones() {
    let registry = Registry::start_with(Database::sqlite(), |settings| settings.public_read = true);
    let platform = |host: &str| ask(&registry, host)["platform"].is_string();
    assert!(platform("api.trpcontinuum.com") && platform("alpha.didit.me") && !platform("shared.com"));

    registry.import(ImportFormat::PlatformHosts, "platforms.json", PLATFORMS);
    let again = registry.import(ImportFormat::PlatformHosts, "platforms.json", PLATFORMS);

    assert_eq!((again.unchanged, again.log_changes), (2, 0));
    assert!(!platform("api.trpcontinuum.com") && platform("shared.com"));
}
