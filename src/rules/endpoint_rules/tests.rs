//! Tests of the rules of endpoints: what may be published, where, and when it may be used.

use super::check::{EndpointDraft, EndpointFault, EndpointGround};
use super::standing::{Bearers, Standing, StandingGround, Unusable};
use super::{LocationText, read_email};
use crate::precheck::examples::entity;
use crate::protocol::{ProtocolId, Protocols};
use crate::rulebook::Rulebook;
use proptest::prelude::*;
use std::sync::LazyLock;
use vasp_record::delegation::DelegationStatus;
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location, MaintenanceWindow};
use vasp_record::platform::PlatformHosts;
use vasp_record::vasp::{DomainStatus, Vasp, VaspDomain, VaspStatus};
use vasp_words::time::UtcTime;

const NOW: &str = "2026-06-01T12:00:00Z";

static RULEBOOK: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::embedded().unwrap());

fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

/// The embedded protocols, and a retired one that another replaces.
fn protocols() -> Protocols {
    let mut json: serde_json::Value = serde_json::from_str(include_str!("../../../seed/protocols.json")).unwrap();
    let mut gone = json["protocols"][0].clone();
    gone["id"] = "gone".into();
    gone["status"] = "retired".into();
    gone["superseded_by"] = "trp".into();
    json["protocols"].as_array_mut().unwrap().push(gone);
    Protocols::from_json(&json.to_string()).unwrap()
}

fn platforms() -> PlatformHosts {
    let text = r#"{"version": "1", "generated_on": "2026-01-01", "hosts": [
        {"host": "shared.com", "covers_subdomains": true, "platform": "Shared", "source": "s"}]}"#;
    PlatformHosts::from_json(text).unwrap()
}

fn domain(domain: &str, status: DomainStatus, covers_subdomains: bool) -> VaspDomain {
    let platform = platforms().cover(domain);
    VaspDomain { domain: domain.to_owned(), status, covers_subdomains, platform }
}

/// A verified VASP with domains and delegations of every kind.
fn vasp() -> Vasp {
    let delegation = |path: &str, status| (path.parse().unwrap(), status);
    Vasp {
        status: VaspStatus::Verified,
        domains: vec![
            domain("alpha.com", DomainStatus::Proven, false),
            domain("below.com", DomainStatus::Proven, true),
            domain("lost.com", DomainStatus::Lost, true),
            domain("named.com", DomainStatus::Unproven, true),
            domain("shared.com", DomainStatus::Proven, true),
        ],
        delegations: vec![
            delegation("shared.com/alpha", DelegationStatus::Confirmed),
            delegation("shared.com/asked", DelegationStatus::Requested),
            delegation("shared.com/offered", DelegationStatus::Offered),
            delegation("eu.shared.com/", DelegationStatus::Confirmed),
            delegation("other.com/alpha", DelegationStatus::Confirmed),
        ],
        ..entity(1)
    }
}

fn draft(protocol: &str, location: LocationText) -> EndpointDraft {
    EndpointDraft {
        protocol: protocol.parse().unwrap(),
        versions: if protocol == "trp" { vec!["3.2.1".to_owned()] } else { vec![] },
        location,
        incoming: vec![],
        outgoing: vec![],
        networks: vec![],
        assets: vec![],
        regions: vec![],
        maintenance: vec![],
    }
}

fn trp(url: &str) -> EndpointDraft {
    draft("trp", LocationText::Url(url.to_owned()))
}

fn checked(draft: EndpointDraft) -> Result<Endpoint, EndpointFault> {
    let (vasp, protocols, platforms) = (vasp(), protocols(), platforms());
    let ground = EndpointGround { vasp: &vasp, protocols: &protocols, rulebook: &RULEBOOK, platforms: &platforms };
    let checked = draft.check(&ground, at(NOW))?;
    Ok(checked.begin("end_00000000000000000000000001".parse().unwrap(), at(NOW)))
}

/// Returns the pointer and code of a refusal; empty if the draft is accepted.
fn refused(draft: EndpointDraft) -> (String, &'static str) {
    match checked(draft) {
        Ok(_) => (String::new(), ""),
        Err(fault) => (fault.pointer, fault.code),
    }
}

#[test]
fn a_host_is_the_vasps_own_under_a_proven_domain_or_a_confirmed_path() {
    let under = |url: &str| refused(trp(url)).1;

    for url in [
        "https://alpha.com/trp",
        "https://ALPHA.com",
        "https://below.com:8443/trp",
        "https://a.b.below.com/x?y=z",
        "https://shared.com/alpha",
        "https://shared.com/alpha/trp",
        "https://eu.shared.com/anything",
        "https://other.com/alpha/trp",
    ] {
        assert_eq!(under(url), "", "{url}");
    }
    for url in [
        "https://www.alpha.com/trp",
        "https://notalpha.com",
        "https://com.alpha.com.evil.com",
        "https://lost.com",
        "https://named.com",
        "https://shared.com",
        "https://shared.com/alphabet",
        "https://shared.com/alpha/../beta",
        "https://shared.com/%2e%2e/alpha",
        "https://shared.com/asked",
        "https://shared.com/offered",
        "https://us.shared.com/alpha",
        "https://other.com/beta",
    ] {
        assert_eq!(under(url), "domain_not_proven", "{url}");
    }
}

#[test]
fn mail_and_ports_need_the_host_itself() {
    let mail = |address: &str| refused(draft("email", LocationText::Email(address.to_owned())));
    assert_eq!(mail("travel.rule+a@Alpha.com").1, "");
    assert_eq!(mail("a@x.below.com").1, "");
    // A path proves nothing about mail, and a shared host as a whole belongs to nobody.
    for address in ["a@shared.com", "a@eu.shared.com", "a@other.com", "a@lost.com"] {
        assert_eq!(mail(address), ("/location/address".to_owned(), "domain_not_proven"), "{address}");
    }

    let trisa = |host: &str, port| {
        let location = LocationText::HostPort(host.to_owned(), port);
        refused(EndpointDraft { versions: vec!["v1beta1".to_owned()], ..draft("trisa", location) })
    };
    assert_eq!(trisa("trisa.below.com", 443).1, "");
    assert_eq!(trisa("eu.shared.com", 443).1, "");
    assert_eq!(trisa("shared.com", 443), ("/location/host".to_owned(), "domain_not_proven"));
    assert_eq!(trisa("below.com", 0), ("/location/port".to_owned(), "invalid_port"));
    for host in ["127.0.0.1", "localhost", "::1", "internal", "below.com:443", "https://below.com", ""] {
        assert_eq!(trisa(host, 443).0, "/location/host", "{host}");
    }
}

fn assert_refused(cases: &[(EndpointDraft, &str, &str)]) {
    for (draft, pointer, code) in cases {
        assert_eq!(refused(draft.clone()), ((*pointer).to_owned(), *code), "{draft:?}");
    }
}

fn identifier(protocol: &str, scheme: Option<&str>, value: &str) -> EndpointDraft {
    draft(protocol, LocationText::Identifier(scheme.map(str::to_owned), value.to_owned()))
}

#[test]
fn each_kind_of_place_is_refused_by_its_pointer() {
    let mail = |address: &str| draft("email", LocationText::Email(address.to_owned()));

    assert_refused(&[
        (identifier("trp", None, "x"), "/location/kind", "location_not_allowed"),
        (identifier("openvasp", None, "7dface61"), "", ""),
        (trp("http://alpha.com"), "/location/url", "https_required"),
        (trp("https://user:pw@alpha.com"), "/location/url", "userinfo_present"),
        (trp("https://alpha.com/#x"), "/location/url", "fragment_present"),
        (trp("https://alpha.com:0/"), "/location/url", "invalid_port"),
        (trp("https://127.0.0.1/"), "/location/url", "host_not_public"),
        (trp("https://[::1]/"), "/location/url", "host_not_public"),
        (trp("https://localhost/"), "/location/url", "host_not_public"),
        (trp("https://alpha.com/a b"), "/location/url", "invalid_character"),
        (identifier("notabene", Some("did"), "did:web:alpha.com"), "", ""),
        (identifier("notabene", Some("lei"), "did:web:alpha.com"), "/location/scheme", "unknown_scheme"),
        (identifier("notabene", None, "alpha"), "/location/value", "invalid_identifier"),
        (identifier("gtr", None, ""), "/location/value", "invalid_identifier"),
        (identifier("gtr", None, "a b"), "/location/value", "invalid_identifier"),
        (identifier("gtr", None, "\u{202e}x"), "/location/value", "invalid_identifier"),
        (identifier("gtr", None, &"x".repeat(201)), "/location/value", "invalid_identifier"),
        (mail("alpha.com"), "/location/address", "invalid_email"),
        (mail("\"a b\"@alpha.com"), "/location/address", "invalid_email"),
    ]);
}

#[test]
fn each_other_member_is_refused_by_its_pointer() {
    let good = || trp("https://alpha.com/trp");
    let text = |text: &str| vec![text.to_owned()];
    let long = || vec!["eip155:1".to_owned(); 301];
    let nowhere = "eip155:987654321987";
    let during = |from: &str, to: &str| {
        let window = MaintenanceWindow { from: at(from), to: at(to), reason: None };
        EndpointDraft { maintenance: vec![window], ..trp("https://alpha.com/trp") }
    };
    let until = "/maintenance/0/to";

    assert_refused(&[
        (good(), "", ""),
        (EndpointDraft { protocol: "nope".parse().unwrap(), ..good() }, "/protocol", "unknown_protocol"),
        (EndpointDraft { protocol: "gone".parse().unwrap(), ..good() }, "/protocol", "protocol_retired"),
        (EndpointDraft { versions: text("2.1.0"), ..good() }, "/versions/0", "unknown_version"),
        (EndpointDraft { versions: text("99.0.0"), ..good() }, "/versions/0", "unknown_version"),
        (EndpointDraft { versions: vec![], ..good() }, "/versions", "version_needed"),
        (EndpointDraft { versions: text("1"), ..identifier("gtr", None, "x") }, "/versions/0", "unknown_version"),
        (EndpointDraft { incoming: text("shoe.size"), ..good() }, "/required_fields/incoming/0", "unknown_field_code"),
        (EndpointDraft { outgoing: text(""), ..good() }, "/required_fields/outgoing/0", "unknown_field_code"),
        (EndpointDraft { networks: text(nowhere), ..good() }, "/networks/0", "unsupported_network"),
        (EndpointDraft { networks: text("AVAX"), ..good() }, "/networks/0", "ambiguous_network"),
        (EndpointDraft { networks: long(), ..good() }, "/networks", "too_many_items"),
        (EndpointDraft { assets: text("ETH"), ..good() }, "/assets/0", "invalid_asset"),
        (EndpointDraft { assets: text(&format!("{nowhere}/slip44:60")), ..good() }, "/assets/0", "unsupported_network"),
        (during(NOW, "2026-06-01T11:00:00Z"), until, "invalid_window"),
        (during("2026-05-01T00:00:00Z", NOW), until, "window_over"),
        (during(NOW, "2026-07-01T12:00:01Z"), until, "window_too_long"),
    ]);
}

#[test]
fn a_refusal_names_what_would_be_right() {
    let said = |draft| checked(draft).unwrap_err().detail;

    assert!(
        said(EndpointDraft { versions: vec!["4".to_owned()], ..trp("https://alpha.com") }).contains("3.0.0, 3.1.0, 3.2.0, 3.2.1")
    );
    assert!(said(trp("https://evil.com")).contains("alpha.com, below.com and its subdomains"));
    assert!(said(draft("gone", LocationText::Url("https://alpha.com".to_owned()))).contains("use trp"));
    assert!(said(draft("trp", LocationText::Email("a@alpha.com".to_owned()))).contains("reached by url, not by email"));
}

#[test]
fn everything_has_one_spelling() {
    let wanted = EndpointDraft {
        versions: ["3.2.1", "3.1.0", "3.2.1"].map(str::to_owned).to_vec(),
        networks: ["eip155:137", "bip122:000000000019d6689c085ae165831e93", "eip155:1", "eip155:1"].map(str::to_owned).to_vec(),
        assets: vec!["eip155:1/slip44:60".to_owned(); 2],
        incoming: ["originator.name", "beneficiary.name", "originator.name"].map(str::to_owned).to_vec(),
        regions: ["DE", "AT", "DE"].map(|code| code.parse().unwrap()).to_vec(),
        ..trp("HTTPS://Alpha.COM:443/Trp?A=b")
    };
    let found = checked(wanted).unwrap();

    assert_eq!(found.versions, ["3.1.0", "3.2.1"]);
    assert_eq!(found.location, Location::Url { url: "https://alpha.com/Trp?A=b".to_owned() });
    let networks: Vec<&str> = found.networks.iter().map(|network| network.as_str()).collect();
    assert_eq!(networks, ["bip122:000000000019d6689c085ae165831e93", "eip155:1", "eip155:137"]);
    assert_eq!((found.assets.len(), found.regions.len(), found.required_fields.incoming.len()), (1, 2, 2));
    assert_eq!((found.version, found.status, found.published_at), (1, EndpointStatus::Active, at(NOW)));
}

#[test]
fn the_same_place_is_the_same_however_it_is_written() {
    let url = |url: &str| Location::Url { url: url.to_owned() };
    let mail = |address: &str| Location::Email { address: address.to_owned() };

    assert!(url("https://alpha.com").is_same_place(&url("https://alpha.com/")));
    assert!(!url("https://alpha.com/a").is_same_place(&url("https://alpha.com/A")));
    assert!(mail("Desk@alpha.com").is_same_place(&mail("desk@alpha.com")));
    assert!(!mail("desk@alpha.com").is_same_place(&url("https://alpha.com")));
}

/// No other VASP has the identifier.
#[derive(Debug)]
struct Nobody;

impl Bearers for Nobody {
    fn bearers(&self, _: &str, _: &str) -> Vec<&Vasp> {
        vec![]
    }
}

fn standing_of(endpoint: &Endpoint, vasp: &Vasp, now: &str) -> Standing {
    let (protocols, platforms) = (protocols(), platforms());
    StandingGround { protocols: &protocols, platforms: &platforms, bearers: &Nobody }.standing(endpoint, vasp, at(now))
}

#[test]
fn each_reason_alone_makes_it_unusable_and_the_worst_is_named() {
    let window = MaintenanceWindow { from: at(NOW), to: at("2026-06-01T13:00:00Z"), reason: None };
    let endpoint = checked(trp("https://alpha.com")).unwrap();
    let standing = |endpoint: &Endpoint, vasp: &Vasp| standing_of(endpoint, vasp, NOW);
    assert_eq!(standing(&endpoint, &vasp()), Standing::Usable);

    let with = |change: fn(&mut Endpoint)| {
        let mut changed = endpoint.clone();
        change(&mut changed);
        standing(&changed, &vasp()).reason()
    };
    assert_eq!(with(|endpoint| endpoint.status = EndpointStatus::Withdrawn), Some(Unusable::Withdrawn));
    assert_eq!(with(|endpoint| endpoint.status = EndpointStatus::Paused), Some(Unusable::Paused));
    assert_eq!(with(|endpoint| endpoint.protocol = "gone".parse().unwrap()), Some(Unusable::ProtocolRetired));
    assert_eq!(with(|endpoint| endpoint.protocol = "nope".parse().unwrap()), Some(Unusable::ProtocolRetired));
    assert_eq!(with(|endpoint| endpoint.protocol = "openvasp".parse().unwrap()), None);

    let announced = Endpoint { maintenance: vec![window], ..endpoint.clone() };
    assert_eq!(standing_of(&announced, &vasp(), "2026-06-01T11:59:59Z"), Standing::Usable);
    assert_eq!(standing_of(&announced, &vasp(), NOW).reason(), Some(Unusable::Maintenance));
    assert_eq!(standing_of(&announced, &vasp(), "2026-06-01T13:00:00Z"), Standing::Usable);

    for status in [VaspStatus::Suspended, VaspStatus::Revoked, VaspStatus::Listed] {
        assert_eq!(standing(&endpoint, &Vasp { status, ..vasp() }).reason(), Some(Unusable::VaspNotVerified));
    }
    let lost = Vasp { domains: vec![domain("alpha.com", DomainStatus::Lost, true)], ..vasp() };
    assert_eq!(standing(&endpoint, &lost).reason(), Some(Unusable::DomainNotProven));
    let worse = Endpoint { status: EndpointStatus::Paused, ..endpoint.clone() };
    assert_eq!(standing(&worse, &lost).reason(), Some(Unusable::DomainNotProven));
    assert_eq!(standing(&worse, &Vasp { status: VaspStatus::Suspended, ..lost }).reason(), Some(Unusable::VaspNotVerified));
}

#[test]
fn protocols_of_usable_endpoints_stand_once_and_in_order() {
    let endpoint = |protocol: &str, status| Endpoint {
        protocol: protocol.parse().unwrap(),
        status,
        ..checked(trp("https://alpha.com")).unwrap()
    };
    let (active, paused) = (EndpointStatus::Active, EndpointStatus::Paused);
    let endpoints =
        vec![endpoint("veriscope", active), endpoint("trp", active), endpoint("trisa", paused), endpoint("trp", active)];
    let (vasp, protocols, platforms) = (Vasp { endpoints, ..vasp() }, protocols(), platforms());

    let found =
        StandingGround { protocols: &protocols, platforms: &platforms, bearers: &Nobody }.usable_protocols(&vasp, at(NOW));

    assert_eq!(found.iter().map(ProtocolId::as_str).collect::<Vec<_>>(), ["trp", "veriscope"]);
}

/// Source: RFC 5321 (lengths, Dot-string), RFC 5322 (atext).
#[test]
fn mail_addresses_are_plain_ones() {
    let long = |local: usize| format!("{}@alpha.com", "a".repeat(local));
    for (text, read) in [
        ("a@alpha.com", Some("a@alpha.com")),
        ("Travel.Rule!#$%&'*+-/=?^_`{|}~@Bücher.DE", Some("Travel.Rule!#$%&'*+-/=?^_`{|}~@xn--bcher-kva.de")),
        ("", None),
        ("@alpha.com", None),
        ("a@", None),
        ("a@localhost", None),
        ("a@127.0.0.1", None),
        ("a@[127.0.0.1]", None),
        (".a@alpha.com", None),
        ("a..b@alpha.com", None),
        ("a b@alpha.com", None),
        ("a@b@alpha.com", None),
        ("\"a\"@alpha.com", None),
        ("ü@alpha.com", None),
        ("a\r\nbcc: x@alpha.com", None),
        ("Desk <a@alpha.com>", None),
        ("mailto:a@alpha.com", None),
    ] {
        assert_eq!(read_email(text).ok().as_deref(), read, "{text}");
    }
    assert!(read_email(&long(64)).is_ok() && read_email(&long(65)).is_err());
}

proptest! {
    #[test]
    fn an_address_reads_back_as_it_was_written(text in "[a-zA-Z0-9.@!+ é\"<>-]{0,30}", wild in "\\PC{0,40}") {
        for text in [text.clone(), wild, format!("{text}@alpha.com")] {
            if let Ok(address) = read_email(&text) {
                prop_assert_eq!(read_email(&address), Ok(address.clone()));
                prop_assert!(!address.contains(char::is_whitespace) && address.matches('@').count() == 1);
            }
        }
    }

    /// A draft that is accepted is accepted again in its stored form and changes nothing. A refusal has a pointer and a code.
    #[test]
    fn what_is_published_can_be_published_as_it_is_shown(
        url in "https://(alpha.com|x.below.com|shared.com/alpha|evil.com)[a-zA-Z0-9/?&=%._:#-]{0,12}",
        versions in prop::collection::vec(prop::sample::select(vec!["3.0.0", "3.1.0", "3.2.1", "9", ""]), 0..4),
        networks in prop::collection::vec(prop::sample::select(vec!["eip155:1", "eip155:137", "ethereum", "x", ""]), 0..3),
        windows in prop::collection::vec((-100i64..100, -10i64..100), 0..4),
    ) {
        let texts = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let window = |(from, length): (i64, i64)| MaintenanceWindow {
            from: at(NOW).plus_secs(from), to: at(NOW).plus_secs(from + length), reason: None,
        };
        let wanted = EndpointDraft {
            versions: texts(versions),
            networks: texts(networks),
            maintenance: windows.into_iter().map(window).collect(),
            ..trp(&url)
        };
        match checked(wanted) {
            Ok(endpoint) => {
                prop_assert_eq!(checked(EndpointDraft::from(&endpoint)), Ok(endpoint.clone()));
                prop_assert_eq!(standing_of(&endpoint, &Vasp { domains: vec![], delegations: vec![], ..vasp() }, NOW).reason(),
                    Some(Unusable::DomainNotProven));
            }
            Err(fault) => prop_assert!(fault.pointer.starts_with('/') && !fault.code.is_empty() && !fault.detail.is_empty()),
        }
    }

    #[test]
    fn any_text_is_a_location_or_refused(text in "\\PC{0,60}", port in any::<u16>()) {
        let known = protocols();
        let locations = [
            LocationText::Url(text.clone()),
            LocationText::HostPort(text.clone(), port),
            LocationText::Identifier(Some(text.clone()), text.clone()),
            LocationText::Identifier(None, text.clone()),
            LocationText::Email(text),
        ];
        for location in &locations {
            for protocol in known.iter() {
                if let Ok(read) = location.read(protocol) {
                    prop_assert_eq!(LocationText::from(&read).read(protocol), Ok(read));
                }
            }
        }
    }
}
