//! What is never called. A member names the host and the port; whoever answers for the host's addresses chooses them. Each case is
//! refused before a connection, and servers that stand where one would go count who comes.

use hickory_server::proto::rr::RecordType;
use vasp_rules::probe::{ProbeFailure, ProbeFindingCode as Code, ProbeKind, ProbeOutcome};

use super::{HOST, LEI, NAME, World, target};
use crate::support::{EndpointServer, Manner, Names, Trap};

/// One of every kind of address that is not the public Internet's, in every dress.
///
/// Source: IANA IPv4 and IPv6 Special-Purpose Address Registries; metadata services of cloud providers.
const SPECIAL: &[&str] = &[
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.2",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a9fe:a9fe",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
];

#[test]
fn addresses_that_are_not_public_are_refused_before_a_connection() {
    let world = World::new();
    let trap = Trap::start("127.0.0.2", 0);
    for address in SPECIAL {
        world.names(&Names::default().address(HOST, address));
        let target = target(ProbeKind::Trp, trap.address().port(), &[]);

        let seen = world.probe(&target);

        assert!(
            matches!(&seen.answer, Err(ProbeFailure::Address(said)) if said.contains("not an address of the public")),
            "{address}"
        );
        assert_eq!((seen.times.connect_ms, seen.certificate), (None, None), "{address}");
        assert_eq!(world.codes(&target), (ProbeOutcome::Failed, vec![Code::AddressRefused]));
    }
    assert_eq!(trap.came(), 0);
}

#[test]
fn one_address_that_may_not_be_called_spoils_those_that_may() {
    let world = World::new();
    let server = EndpointServer::start(&world.authority, &[HOST], (2020, 2100), Manner::trp(NAME, LEI));
    for special in ["10.0.0.1", "::1", "169.254.169.254"] {
        world.names(&Names::default().address(HOST, "127.0.0.1").address(HOST, special));
        assert_eq!(world.codes(&target(ProbeKind::Trp, server.port, &[])).1, [Code::AddressRefused], "{special}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn name_that_changes_its_mind_changes_nothing() {
    let world = World::new();
    let server = EndpointServer::start(&world.authority, &[HOST], (2020, 2100), Manner::trp(NAME, LEI));
    let trap = Trap::start("127.0.0.2", server.port);
    let changed = Names::default().address(HOST, "127.0.0.2");
    let (first, second) = (&world.internet.resolvers[0], &world.internet.resolvers[1]);
    second.set(&changed);
    first.set_after(HOST, RecordType::A, &changed);
    let target = target(ProbeKind::Trp, server.port, &[&server.pin]);

    // The address that was checked is the one that is called, also for requests after the first.
    assert_eq!(world.codes(&target), (ProbeOutcome::Answered, vec![]));
    assert_eq!(world.codes(&target).1, [Code::AddressRefused]);
    assert_eq!((server.connections(), trap.came()), (1, 0));
}

#[test]
fn ports_of_other_services_are_not_called() {
    let world = World::new();
    for port in
        [0, 1, 22, 25, 53, 80, 110, 143, 389, 445, 1023, 2049, 2375, 3306, 3389, 5432, 6000, 6379, 6667, 9200, 11211, 27017]
    {
        let seen = world.probe(&target(ProbeKind::Tls, port, &[]));

        assert!(matches!(seen.answer, Err(ProbeFailure::Port(_))), "{port}: {:?}", seen.answer);
        assert_eq!((seen.times.lookup_ms, seen.times.connect_ms), (None, None), "not even the DNS is asked");
    }
}

#[test]
fn redirects_to_places_that_may_not_be_called_lead_nowhere() {
    let world = World::new();
    let trap = Trap::start("127.0.0.2", 0);
    let port = trap.address().port();
    for place in
        [format!("https://127.0.0.2:{port}/"), format!("//127.0.0.2:{port}"), "http://169.254.169.254/latest/".to_owned()]
    {
        let head = format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n").into_bytes();
        let server = EndpointServer::start(&world.authority, &[HOST], (2020, 2100), Manner::Http([("/x", head)].into()));

        assert_eq!(
            world.codes(&target(ProbeKind::Tls, server.port, &[&server.pin])),
            (ProbeOutcome::Answered, vec![Code::Redirect])
        );
    }
    assert_eq!(trap.came(), 0);
}

#[test]
fn resolvers_that_are_silent_say_nothing_of_the_endpoint() {
    let world = World::new();
    let mute = [crate::support::MuteNameServer::start(), crate::support::MuteNameServer::start()];
    let outbound = world.internet.outbound_asking(&mute.each_ref().map(crate::support::MuteNameServer::address));
    let world = World { outbound, ..world };

    let seen = world.probe(&target(ProbeKind::Trp, 8443, &[]));

    assert_eq!(seen.answer, Err(ProbeFailure::ResolversSilent));
}
