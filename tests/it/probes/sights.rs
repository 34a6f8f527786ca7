//! What is seen of one endpoint. Nothing here waits for a clock of its own: whatever never ends, ends by the limits of a probe.

use std::collections::BTreeMap;
use std::time::Duration;

use vasp_clock::Stopwatch;
use vasp_outbound::ClientIdentity;
use vasp_rules::probe::{
    Answer, GrpcReply, HttpReply, ProbeFailure, ProbeFindingCode as Code, ProbeKind, ProbeOutcome, ProbeTarget, ServiceState,
    WebTrust,
};

use super::{HOST, LEI, NAME, World, target};
use crate::support::{Authority, EndpointServer, Manner, whole};
use ProbeOutcome::{Answered, Failed, Maintenance, Present};

/// A probe takes 10 seconds at most; a test machine may be slow.
const ENOUGH: Duration = Duration::from_secs(40);
/// The years in which a certificate is valid at the time of the tests.
const VALID: (i32, i32) = (2020, 2100);

fn serve(world: &World, manner: Manner) -> EndpointServer {
    EndpointServer::start(&world.authority, &[HOST], VALID, manner)
}

#[test]
fn healthy_trp_endpoint_is_seen_whole_over_one_connection() {
    let world = World::new();
    let server = serve(&world, Manner::trp(NAME, LEI));
    let target = target(ProbeKind::Trp, server.port, &[&server.pin]);

    let seen = world.probe(&target);

    assert_eq!(world.codes(&target), (Answered, vec![]));
    let certificate = seen.certificate.unwrap();
    assert_eq!((certificate.sha256, certificate.spki_sha256), (server.pin.sha256.clone(), Some(server.pin.spki_sha256.clone())));
    assert_eq!(certificate.web_trust, WebTrust::Trusted);
    let times = seen.times;
    assert!([times.lookup_ms, times.connect_ms, times.tls_ms, times.answer_ms].iter().all(Option::is_some), "{times:?}");
    assert_eq!(server.connections(), 2, "one a probe: {:?}", server.requests());
    let heads = server.requests();
    let paths: Vec<_> = heads.iter().take(4).map(|head| head.split(' ').nth(1).unwrap()).collect();
    assert_eq!(paths, ["/version", "/uptime", "/extensions", "/identity"]);
    let head = heads[0].to_lowercase();
    for line in [
        format!("host: {HOST}:{}\r\n", server.port).as_str(),
        "api-version: 3.2.1\r\n",
        "request-identifier: 5a1d7b1e-0000-4000-8000-000000000000\r\n",
        "user-agent: vasp-registry/",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
}

#[test]
fn identity_of_another_and_another_certificate_are_found() {
    let world = World::new();
    let server = serve(&world, Manner::trp("Omega Custody Ltd", "5493001KJTIIGC8Y1R12"));
    let other = serve(&world, Manner::Silent);

    let sample = world.judged(&target(ProbeKind::Trp, server.port, &[&other.pin]));

    let codes: Vec<_> = sample.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(sample.outcome, Answered);
    assert_eq!(codes, vec![Code::CertificateMismatch, Code::IdentityLeiDiffers, Code::IdentityNameDiffers]);
    assert_eq!(sample.findings[1].seen.as_deref(), Some("5493001KJTIIGC8Y1R12"));
    assert_eq!(sample.findings[0].seen.as_ref(), Some(&server.pin.sha256));
}

#[test]
fn certificates_that_browsers_would_refuse_are_seen_all_the_same() {
    let world = World::new();
    let trust = |server: &EndpointServer| world.probe(&target(ProbeKind::Trp, server.port, &[])).certificate.unwrap().web_trust;
    let untrusted = |server: &EndpointServer| matches!(trust(server), WebTrust::Untrusted(_));

    let stranger = EndpointServer::start(&Authority::new(), &[HOST], VALID, Manner::trp(NAME, LEI));
    assert!(untrusted(&stranger));
    let expired = EndpointServer::start(&world.authority, &[HOST], (2020, 2021), Manner::trp(NAME, LEI));
    assert!(untrusted(&expired));
    let early = EndpointServer::start(&world.authority, &[HOST], (2099, 2100), Manner::trp(NAME, LEI));
    assert!(untrusted(&early));
    let misnamed = EndpointServer::start(&world.authority, &["other.example.com"], VALID, Manner::trp(NAME, LEI));
    assert!(untrusted(&misnamed));

    assert_eq!(
        world.codes(&target(ProbeKind::Trp, stranger.port, &[])),
        (Answered, vec![Code::CertificateUntrusted, Code::CertificateNotPublished])
    );
    // Published: nobody has to trust it.
    assert_eq!(world.codes(&target(ProbeKind::Trp, stranger.port, &[&stranger.pin])), (Answered, vec![]));
}

#[test]
fn redirects_and_long_bodies_are_told_and_not_followed() {
    let world = World::new();
    let lure = serve(&world, Manner::trp(NAME, LEI));
    let location = format!("HTTP/1.1 307 x\r\nLocation: https://{HOST}:{}/version\r\nContent-Length: 0\r\n\r\n", lure.port);
    let long = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", 64 * 1024 + 1, "a".repeat(64 * 1024 + 1));
    let server = serve(
        &world,
        Manner::Http(BTreeMap::from([
            ("/version", location.into_bytes()),
            ("/uptime", long.into_bytes()),
            ("/identity", whole(&format!(r#"{{"lei": "{LEI}"}}"#))),
        ])),
    );

    assert_eq!(
        world.codes(&target(ProbeKind::Trp, server.port, &[&server.pin])),
        (Answered, vec![Code::Redirect, Code::BodyTooLong])
    );
    assert_eq!(lure.connections(), 0);
}

/// Each of these would go on for ever.
#[test]
fn servers_that_never_end_are_left_after_a_while() {
    let world = World::new();
    let one = |manner: Manner| {
        let server = serve(&world, manner);
        let started = Stopwatch::start();
        let seen = world.probe(&target(ProbeKind::Trp, server.port, &[&server.pin]));
        assert!(Duration::from_micros(started.elapsed_micros()) < ENOUGH);
        (seen, server)
    };

    let (hole, _) = one(Manner::BlackHole);
    assert_eq!((hole.answer, hole.certificate), (Err(ProbeFailure::TimedOut), None));
    for manner in [Manner::Silent, Manner::Drips] {
        let (seen, server) = one(manner);
        assert_eq!(seen.answer, Err(ProbeFailure::TimedOut));
        assert_eq!(seen.certificate.map(|certificate| certificate.sha256), Some(server.pin.sha256.clone()));
        assert_eq!(server.requests().len(), 1, "who is stuck is not asked more");
    }
    let (endless, _) = one(Manner::Endless);
    let Ok(Answer::Trp(replies)) = endless.answer else { panic!("{:?}", endless.answer) };
    assert_eq!(replies.version, Some(HttpReply::TooLong));
    let (head, _) = one(Manner::EndlessHead);
    assert!(matches!(head.answer, Err(ProbeFailure::Protocol(_))), "{:?}", head.answer);
}

#[test]
fn rude_servers_fail_in_their_own_way() {
    let world = World::new();
    for (manner, code) in [
        (Manner::HangsUp, Code::TlsFailed),
        (Manner::Babbles, Code::TlsFailed),
        (Manner::ClosesAfterHandshake, Code::ProtocolBroken),
        (Manner::Garbage, Code::ProtocolBroken),
    ] {
        let server = serve(&world, manner);
        assert_eq!(world.codes(&target(ProbeKind::Trp, server.port, &[&server.pin])), (Failed, vec![code]));
    }
    let gone = serve(&world, Manner::Silent).port;
    assert_eq!(world.codes(&target(ProbeKind::Trp, gone, &[])), (Failed, vec![Code::NoConnection]));
    world.names(&crate::support::Names::default());
    assert_eq!(world.codes(&target(ProbeKind::Trp, gone, &[])), (Failed, vec![Code::HostNotFound]));
}

#[test]
fn server_that_demands_a_certificate_is_there_and_with_one_it_is_asked() {
    let world = World::new();
    let clients = Authority::new();
    let server = EndpointServer::start_for_clients_of(&clients, &world.authority, &[HOST], Manner::trp(NAME, LEI));
    let target = target(ProbeKind::Trp, server.port, &[&server.pin]);

    let bare = world.probe(&target);
    assert_eq!((bare.answer, bare.asked_for_certificate), (Ok(Answer::AsksForCertificate), true));
    assert_eq!(bare.certificate.map(|seen| seen.sha256), Some(server.pin.sha256.clone()));
    assert_eq!(world.codes(&target), (Present, vec![Code::AsksForCertificate]));

    let (chain, key) = clients.issue(&["registry.example.org"], VALID);
    let identity =
        ClientIdentity::from_pem(pem("CERTIFICATE", &chain).as_bytes(), pem("PRIVATE KEY", key.secret_der()).as_bytes()).unwrap();
    let seen = world.probe_as(&target, Some(&identity));
    assert!(matches!(seen.answer, Ok(Answer::Trp(_))), "{:?}", seen.answer);
    assert!(ClientIdentity::from_pem(b"", b"").is_err());
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = data_encoding::BASE64.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

/// An Envoy takes its own version only. Before, it was `not_trp`.
#[test]
fn a_server_that_refuses_the_version_is_asked_with_others_and_the_one_it_takes_is_kept() {
    let world = World::new();
    let judged = |version: &'static str, published: &[&str]| {
        let server = serve(&world, Manner::trp_of(version, NAME, LEI));
        let published = published.iter().map(|version| (*version).to_owned()).collect();
        let target = ProbeTarget { versions: published, ..target(ProbeKind::Trp, server.port, &[&server.pin]) };
        let sample = world.judged(&target);
        (sample.spoken, sample.findings.len(), server.requests().len())
    };
    let kept = |version: &str| Some(version.to_owned());

    assert_eq!(judged("3.2.1", &["3.2.1"]), (None, 0, 4));
    assert_eq!(judged("3.2.0", &["3.1.0", "3.2.0"]), (kept("3.2.0"), 0, 5), "the newest that is published");
    assert_eq!(judged("3.1.0", &["3.1.0"]), (kept("3.1.0"), 0, 5));
    assert_eq!(judged("3.1.0", &["3.2"]).0, kept("3.1.0"), "other than published");
    assert_eq!(judged("2.1.0", &["2.1.0"]).0, kept("2.1.0"));
    let (spoken, findings, _) = judged("1.0.0", &["3.2.1"]);
    assert_eq!((spoken, findings), (None, 1), "no version is taken");
}

#[test]
fn the_certificate_in_identity_is_held_against_the_one_of_the_connection() {
    let world = World::new();
    let (own, key) = world.authority.issue(&[HOST], VALID);
    let (other, _) = world.authority.issue(&[HOST], VALID);
    let found = |shown: &[u8]| {
        let identity = serde_json::json!({"name": NAME, "lei": LEI, "x509": pem("CERTIFICATE", shown)}).to_string();
        let manner = Manner::Http(BTreeMap::from([("/identity", whole(&identity))]));
        let server = EndpointServer::start_certified(&pem("CERTIFICATE", &own), &pem("PRIVATE KEY", key.secret_der()), manner);
        world.codes(&target(ProbeKind::Trp, server.port, &[&server.pin]))
    };

    assert_eq!(found(&own), (Answered, vec![]));
    assert_eq!(found(&other), (Answered, vec![Code::IdentityCertificateDiffers]));
    assert_eq!(found(b"no certificate"), (Answered, vec![]));
}

#[test]
fn trisa_nodes_tell_their_health_by_either_service() {
    let world = World::new();
    let said = |methods: &[(&'static str, Result<Vec<u8>, u32>)]| {
        let server = serve(&world, Manner::Grpc(methods.iter().cloned().collect()));
        let seen = world.probe(&target(ProbeKind::Trisa, server.port, &[&server.pin]));
        (seen.answer, server.requests())
    };
    const TRISA: &str = "/trisa.api.v1beta1.TRISAHealth/Status";
    const STANDARD: &str = "/grpc.health.v1.Health/Check";
    let state = |state| Ok(Answer::Grpc(GrpcReply::State(state)));

    // Field 1 as a varint, and two texts after it.
    let healthy = vec![8, 1, 18, 1, b'x', 26, 1, b'y'];
    assert_eq!(said(&[(TRISA, Ok(healthy))]), (state(ServiceState::Healthy), vec![TRISA.to_owned()]));
    assert_eq!(said(&[(TRISA, Ok(vec![8, 5]))]).0, state(ServiceState::Maintenance));
    assert_eq!(said(&[(TRISA, Ok(vec![]))]).0, state(ServiceState::Unknown));
    let (answer, asked) = said(&[(STANDARD, Ok(vec![8, 2]))]);
    assert_eq!((answer, asked), (state(ServiceState::Unhealthy), vec![TRISA.to_owned(), STANDARD.to_owned()]));
    assert_eq!(said(&[]).0, Ok(Answer::Grpc(GrpcReply::Refused(12))));
    assert_eq!(said(&[(TRISA, Err(16))]).0, Ok(Answer::Grpc(GrpcReply::Refused(16))));
    assert!(matches!(said(&[(TRISA, Ok(vec![8]))]).0, Err(ProbeFailure::Protocol(_))));

    let maintained = serve(&world, Manner::Grpc(BTreeMap::from([(TRISA, Ok(vec![8, 5]))])));
    assert_eq!(
        world.codes(&target(ProbeKind::Trisa, maintained.port, &[&maintained.pin])),
        (Maintenance, vec![Code::InMaintenance])
    );
    // A web server is no node of TRISA's: it does not agree on HTTP/2.
    let web = serve(&world, Manner::trp(NAME, LEI));
    assert_eq!(world.codes(&target(ProbeKind::Trisa, web.port, &[&web.pin])).0, Failed);
}

#[test]
fn other_protocols_are_asked_for_one_place() {
    let world = World::new();
    let server = serve(&world, Manner::Http(BTreeMap::from([("/x", whole("hello"))])));

    assert_eq!(world.codes(&target(ProbeKind::Tls, server.port, &[&server.pin])), (Answered, vec![]));
    let heads = server.requests();
    assert!(heads.len() == 1 && heads[0].starts_with("GET /x HTTP/1.1\r\n") && !heads[0].contains("api-version"), "{heads:?}");
}
