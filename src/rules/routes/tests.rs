//! Routes between two VASPs, with explicit expectations: which come first, and why others cannot be used. Uses the embedded protocols.

use super::examples::*;
use super::*;
use crate::precheck::examples::certificate;
use crate::rulebook::PersonType;
use crate::vasp_list::{ListedBy, Over};
use vasp_record::certificate::{CertificateStatus, CertificateUse, PublishedCertificate};
use vasp_record::endpoint::MaintenanceWindow;
use vasp_record::vasp::VaspStatus;

/// Each route as `<protocol> <first reason or ok>`.
fn shown(routes: &Routes) -> Vec<String> {
    let reason = |route: &Route| route.obstacles.first().map_or("ok", |obstacle| obstacle.reason.as_str());
    routes.items.iter().map(|route| format!("{} {}", route.protocol, reason(route))).collect()
}

fn after(ours: &[&str], theirs: &[&str], change: impl FnOnce(&mut Scene)) -> Vec<String> {
    let mut scene = Scene::of(ours, theirs);
    change(&mut scene);
    shown(&scene.routes())
}

#[test]
fn common_protocols_come_in_the_order_of_the_policy_and_email_last() {
    let all = ["email", "code", "trp", "gtr"];

    assert_eq!(after(&all, &all, |_| ()), ["trp ok", "gtr ok", "code ok", "email ok"]);
    let reordered = after(&all, &all, |scene| scene.policy.order = vec!["code".parse().unwrap()]);
    assert_eq!(reordered, ["code ok", "gtr ok", "trp ok", "email ok"]);
}

#[test]
fn what_asks_for_caution_comes_after_what_does_not() {
    let both = ["trp", "code"];

    let degraded = after(&both, &both, |scene| scene.set_health(1, HealthState::Degraded));
    let unseen = after(&both, &both, |scene| scene.set_health(1, HealthState::Unknown));
    let uncertified = after(&both, &both, |scene| scene.theirs.certificates.clear());

    for routes in [degraded, unseen, uncertified] {
        assert_eq!(routes, ["code ok", "trp ok"]);
    }
}

#[test]
fn the_case_of_a_contracts_address_is_a_checksum_only() {
    let usdt = "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7";
    let mut scene = Scene::of(&["trp"], &["trp"]);
    scene.transfer.asset = usdt.parse().ok();
    scene.theirs.endpoints[0].assets = vec![usdt.to_lowercase().parse().unwrap()];

    assert!(scene.routes().items[0].obstacles.is_empty());
}

#[test]
fn each_reason_is_told() {
    let first = |change: &dyn Fn(&mut Scene)| {
        let mut scene = Scene::of(&["trp"], &["trp"]);
        change(&mut scene);
        let routes = scene.routes();
        assert!(routes.items[0].obstacles.iter().all(|obstacle| obstacle.detail.ends_with('.')));
        routes.items[0].obstacles.first().map_or("ok", |obstacle| obstacle.reason.as_str())
    };
    let window = |from: &str, to: &str| MaintenanceWindow { from: at(from), to: at(to), reason: None };

    assert_eq!(first(&|_| ()), "ok");
    assert_eq!(first(&|s| s.ours.as_mut().unwrap().endpoints = vec![endpoint(51, "code")]), "not_spoken_by_us");
    assert_eq!(first(&|s| s.ours.as_mut().unwrap().endpoints[0].versions = vec!["2.9.0".into()]), "no_common_version");
    assert_eq!(first(&|s| s.ours.as_mut().unwrap().endpoints[0].versions = vec!["3.0.0".into()]), "ok");
    assert_eq!(first(&|s| s.theirs.status = VaspStatus::Suspended), "vasp_held_back");
    assert_eq!(first(&|s| s.ours.as_mut().unwrap().status = VaspStatus::Revoked), "vasp_held_back");
    assert_eq!(first(&|s| s.theirs.endpoints[0].status = EndpointStatus::Paused), "endpoint_paused");
    assert_eq!(first(&|s| s.ours.as_mut().unwrap().endpoints[0].status = EndpointStatus::Paused), "endpoint_paused");
    let now = window("2026-05-01T12:00:00Z", "2026-05-01T13:00:00Z");
    assert_eq!(first(&|s| s.theirs.endpoints[0].maintenance = vec![now.clone()]), "maintenance");
    let over = window("2026-05-01T11:00:00Z", "2026-05-01T12:00:00Z");
    assert_eq!(first(&|s| s.theirs.endpoints[0].maintenance = vec![over.clone()]), "ok");
    for unproven in [end_id(1), end_id(51)] {
        assert_eq!(first(&|s| s.unproven.extend([unproven])), "domain_not_proven");
    }
    assert_eq!(first(&|s| s.theirs.endpoints[0].regions = vec!["JP".parse().unwrap()]), "region_not_served");
    assert_eq!(first(&|s| s.theirs.endpoints[0].regions = vec!["DE".parse().unwrap()]), "ok");
    assert_eq!(first(&|s| s.theirs.endpoints[0].networks = vec!["eip155:137".parse().unwrap()]), "network_not_served");
    assert_eq!(
        first(&|s| {
            s.transfer.asset = Some("eip155:1/slip44:60".parse().unwrap());
            s.theirs.endpoints[0].assets = vec!["eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7".parse().unwrap()];
        }),
        "asset_not_served"
    );
    assert_eq!(first(&|s| s.theirs.certificates[0].status = CertificateStatus::Revoked), "certificate_revoked");
    assert_eq!(first(&|s| s.now = at("2027-01-01T00:00:00Z")), "certificate_expired");
    assert_eq!(first(&|s| s.theirs.certificates[0].not_before = at("2026-06-01T00:00:00Z")), "certificate_not_yet_valid");
    assert_eq!(first(&|s| s.theirs.certificates[0].root_set = None), "certificate_findings");
    assert_eq!(first(&|s| s.theirs.certificates.clear()), "ok");
    assert_eq!(
        first(&|s| {
            s.theirs.certificates.clear();
            s.policy.require_certificate = true;
        }),
        "certificate_missing"
    );
    assert_eq!(first(&|s| s.set_health(1, HealthState::Down)), "endpoint_down");
    assert_eq!(first(&|s| s.set_health(1, HealthState::Degraded)), "ok");
    assert_eq!(first(&|s| s.provided = Some(fields(&["originator.name"]))), "required_data_missing");
    assert_eq!(first(&|s| s.provided = Some(fields(&["originator.name", "beneficiary.name"]))), "ok");
    assert_eq!(first(&|s| s.theirs.endpoints[0].protocol = "unheard_of".parse().unwrap()), "protocol_unknown");
}

/// What the server took in a probe decides over what its VASP publishes.
#[test]
fn a_route_has_the_version_that_the_server_took() {
    let with = |spoken: Option<&str>| {
        let mut scene = Scene::of(&["trp"], &["trp"]);
        scene.health.entry(end_id(1)).or_default().spoken = spoken.map(str::to_owned);
        let routes = scene.routes();
        let reason = routes.items[0].obstacles.first().map(|obstacle| obstacle.reason.as_str());
        (routes.items[0].version.clone(), reason)
    };

    assert_eq!(with(Some("3.1.0")), (Some("3.1.0".to_owned()), None));
    assert_eq!(with(Some("2.1.0")), (None, Some("no_common_version")));
    assert_ne!(with(None).0.as_deref(), Some("3.1.0"));
}

#[test]
fn the_certificate_for_the_endpoints_own_host_counts() {
    let named = |names: &[&str]| {
        let other = PublishedCertificate {
            dns_names: names.iter().map(|&name| name.to_owned()).collect(),
            status: CertificateStatus::Revoked,
            ..certificate(2)
        };
        after(&["trp"], &["trp"], |scene| scene.theirs.certificates = vec![other])
    };

    assert_eq!(named(&["trp.example.com"]), ["trp certificate_revoked"]);
    assert_eq!(named(&["*.example.com"]), ["trp certificate_revoked"]);
    assert_eq!(named(&["other.example.com", "*.trp.example.com", "example.com"]), ["trp ok"]);
    let calling =
        PublishedCertificate { certificate_use: CertificateUse::TlsClient, status: CertificateStatus::Revoked, ..certificate(3) };
    let ours = |scene: &mut Scene| scene.ours.as_mut().unwrap().certificates = vec![calling];
    assert_eq!(after(&["trp"], &["trp"], ours), ["trp certificate_revoked"]);
}

#[test]
fn an_incoming_transfer_is_held_against_what_we_need() {
    let needs = |scene: &mut Scene| {
        scene.transfer.direction = DataDirection::ToUs;
        scene.provided = Some(fields(&["originator.name", "beneficiary.name"]));
        scene.ours.as_mut().unwrap().endpoints[0].required_fields.incoming.extend(fields(&["originator.lei"]));
    };

    assert_eq!(after(&["trp"], &["trp"], needs), ["trp required_data_missing"]);
}

#[test]
fn who_never_published_an_endpoint_is_not_taken_to_speak_nothing() {
    for unknown in [|scene: &mut Scene| scene.ours = None, |scene: &mut Scene| scene.ours.as_mut().unwrap().endpoints.clear()] {
        let mut scene = Scene::of(&[], &["trp", "code"]);
        unknown(&mut scene);
        let routes = scene.routes();

        assert_eq!((routes.ours, shown(&routes)), (OurSide::Unknown, vec!["trp ok".to_owned(), "code ok".to_owned()]));
        assert!(routes.items.iter().all(|route| route.caution == Caution::OursUnknown));
    }
}

/// Source: docs-en.codevasp.com, "Interoperability with Other Protocols": between VASPs of the Republic of Korea only.
#[test]
fn code_and_verifyvasp_are_bridged_in_korea_only() {
    let bridged = |our: &str, their: &str| {
        let mut scene = Scene::of(&["code"], &["verifyvasp"]);
        scene.transfer.our_country = Some(our.parse().unwrap());
        scene.transfer.their_country = Some(their.parse().unwrap());
        let routes = scene.routes();
        (shown(&routes)[0].clone(), routes.nearest.unwrap().obstacle().reason.as_str())
    };

    assert_eq!(bridged("KR", "KR"), ("verifyvasp not_spoken_by_us".to_owned(), "over_bridge"));
    for (our, their) in [("KR", "DE"), ("DE", "KR"), ("DE", "IE")] {
        assert_eq!(bridged(our, their), ("verifyvasp bridge_country_limited".to_owned(), "join_protocol"));
    }
}

#[test]
fn the_nearest_way_is_a_bridge_then_a_protocol_to_join() {
    let nearest = |ours: &[&str], theirs: &[&str]| Scene::of(ours, theirs).routes().nearest;

    let bridge = nearest(&["trp", "code"], &["trisa", "gtr"]).unwrap();
    assert_eq!((bridge.protocol().as_str(), bridge.obstacle().reason), ("gtr", RouteReason::OverBridge));
    let join = nearest(&["trp"], &["veriscope", "trisa"]).unwrap();
    // TRISA comes first in the policy's order, but no certificate of TRISA is on record.
    assert_eq!((join.protocol().as_str(), join.obstacle().reason), ("veriscope", RouteReason::JoinProtocol));
    assert_eq!(nearest(&["trp"], &["email"]), None);
    let mut closed = Scene::of(&["trp"], &["gtr"]);
    closed.theirs.endpoints[0].status = EndpointStatus::Paused;
    assert_eq!(closed.routes().nearest, None);
}

#[test]
fn withdrawn_endpoints_are_no_routes_and_changes_to_come_are_known() {
    let mut scene = Scene::of(&["trp"], &["trp", "code"]);
    scene.theirs.endpoints[1].status = EndpointStatus::Withdrawn;
    let from = at("2026-05-03T00:00:00Z");
    scene.theirs.endpoints[0].maintenance = vec![MaintenanceWindow { from, to: at("2026-05-04T00:00:00Z"), reason: None }];

    let routes = scene.routes();

    assert_eq!((shown(&routes), routes.next_change()), (vec!["trp ok".to_owned()], Some(from)));
    assert_eq!(routes.items[0].version.as_deref(), Some("3.2.1"));
}

/// A place in the list of our provider.
fn listed(number: u8, protocol: &str, over: Over) -> ListedPlace {
    let listing = Listing { source: "list.json".into(), as_of: "2026-04-30".parse().unwrap(), by: ListedBy::Lei };
    ListedPlace { endpoint: endpoint(number, protocol), over, listing }
}

#[test]
fn a_provider_s_list_is_a_route_for_whom_it_was_loaded() {
    let mut scene = Scene::of(&[], &[]);
    scene.listed = vec![listed(1, "gtr", Over::Itself)];
    assert_eq!(scene.routes().items[0].caution, Caution::OursUnknown);

    scene.spoken = ["gtr".parse().unwrap()].into();
    let routes = scene.routes();

    assert_eq!((shown(&routes), routes.items[0].caution), (vec!["gtr ok".to_owned()], Caution::NotProbed));
    assert!(routes.items[0].listing.is_some());
    // What the VASP published itself, and can be used, is not shown twice.
    scene.theirs.endpoints = vec![endpoint(1, "gtr")];
    assert_eq!(scene.routes().items.len(), 1);
    assert!(scene.routes().items[0].listing.is_none());
}

/// Source: docs-en.codevasp.com, "Interoperability with Other Protocols".
#[test]
fn a_list_reaches_other_networks_over_documented_bridges_only() {
    let over = |over: Over, country: &str| {
        let mut scene = Scene::of(&[], &[]);
        scene.transfer.our_country = Some(country.parse().unwrap());
        scene.transfer.their_country = Some(country.parse().unwrap());
        scene.listed = vec![listed(1, "code", over)];
        scene.spoken = ["code".parse().unwrap()].into();
        shown(&scene.routes())[0].clone()
    };
    let bridge = |to: &str| Over::Bridge(to.parse().unwrap());

    assert_eq!(over(bridge("gtr"), "DE"), "code ok");
    assert_eq!(over(bridge("verifyvasp"), "KR"), "code ok");
    assert_eq!(over(bridge("verifyvasp"), "DE"), "code bridge_country_limited");
    assert_eq!(over(bridge("trust"), "DE"), "code bridge_not_documented");
    assert_eq!(over(Over::Unknown("Smile Travel Rule".into()), "DE"), "code bridge_not_documented");
}

/// Sources: those of each protocol in `seed/protocols.json`.
#[test]
fn each_protocol_names_the_data_that_it_lacks() {
    let names = ["originator.name", "beneficiary.name"];
    let lacks = |protocol: &str, change: &dyn Fn(&mut Scene)| -> Vec<String> {
        let mut scene = Scene::of(&[protocol], &[protocol]);
        scene.provided = Some(fields(&names));
        scene.transfer.told = fields(&["transfer.network", "originator.institution", "beneficiary.institution"]);
        change(&mut scene);
        scene.routes().items[0].missing_fields.iter().map(ToString::to_string).collect()
    };
    let bare = |scene: &mut Scene| scene.transfer.told.clear();

    assert_eq!(lacks("trp", &bare), [""; 0]);
    assert_eq!(lacks("gtr", &bare), ["beneficiary.account", "transfer.network"]);
    assert_eq!(lacks("gtr", &|_| ()), ["beneficiary.account"]);
    assert_eq!(lacks("sygna_bridge", &bare), ["beneficiary.account", "beneficiary.institution", "originator.institution"]);
    assert_eq!(lacks("verifyvasp", &|_| ()), ["beneficiary.account", "originator.account"]);
    assert_eq!(lacks("code", &|_| ()), ["beneficiary.account", "originator.date_of_birth"]);
    assert_eq!(
        lacks("code", &|scene| scene.transfer.originator = PersonType::Legal),
        ["beneficiary.account", "originator.representative_name"]
    );
    let whole =
        |scene: &mut Scene| scene.provided.as_mut().unwrap().extend(fields(&["originator.birth", "beneficiary.dlt_address"]));
    assert_eq!(lacks("code", &whole), [""; 0]);
    // No public document says what these need.
    for unknown in ["trust", "veriscope", "openvasp"] {
        assert_eq!(lacks(unknown, &|scene| scene.provided = Some(fields(&[]))), [""; 0], "{unknown}");
    }
}

/// Source: docs-en.codevasp.com, "Interoperability with Other Protocols": address, network and tag.
#[test]
fn a_bridge_says_what_it_needs_beside() {
    let mut scene = Scene::of(&["code"], &["gtr"]);
    scene.provided = Some(fields(&["originator.name", "originator.birth", "beneficiary.name", "beneficiary.account"]));
    scene.transfer.told.clear();
    // GTR's own demand for the network stands in the way of the bridge, too.
    let way = |scene: &Scene| scene.routes().nearest.map(|near| near.obstacle().detail);
    assert_eq!(way(&scene), None);

    scene.transfer.told = fields(&["transfer.network"]);
    assert!(way(&scene).unwrap().ends_with("It also needs transfer.memo."));
    scene.transfer.told.extend(fields(&["transfer.memo"]));
    assert!(!way(&scene).unwrap().contains("also needs"));
}
