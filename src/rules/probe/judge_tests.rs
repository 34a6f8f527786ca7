//! Tests of how observations of endpoints are judged.

use super::*;
use crate::probe::ProbeFindingCode as Code;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

const LEI: &str = "529900T8BM49AURSDO55";
const OTHER_LEI: &str = "5493001KJTIIGC8Y1R12";

fn at() -> UtcTime {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn target(kind: ProbeKind) -> ProbeTarget {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    ProbeTarget {
        endpoint: EndpointId::new(at(), &mut rng),
        vasp: VaspId::new(at(), &mut rng),
        kind,
        host: "trp.example.com".parse().unwrap(),
        port: None,
        path: "/x".to_owned(),
        versions: vec!["3.2".to_owned()],
        pins: vec![Pin { sha256: "aa".to_owned(), spki_sha256: "bb".to_owned() }],
        names: vec!["Alpha Exchange GmbH".to_owned()],
        lei: Some(LEI.parse().unwrap()),
        maintenance: vec![MaintenanceWindow {
            from: "2026-06-02T00:00:00Z".parse().unwrap(),
            to: "2026-06-02T01:00:00Z".parse().unwrap(),
            reason: None,
        }],
    }
}

fn certificate() -> SeenCertificate {
    SeenCertificate {
        der: vec![],
        sha256: "aa".to_owned(),
        spki_sha256: Some("bb".to_owned()),
        web_trust: WebTrust::Trusted,
        not_before: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        not_after: Some("2026-06-01T12:00:00Z".parse().unwrap()),
    }
}

fn seen(answer: Answer) -> Seen {
    Seen { certificate: Some(certificate()), answer: Ok(answer), ..Seen::default() }
}

fn whole(body: &str) -> Option<HttpReply> {
    Some(HttpReply::Whole { status: 200, body: body.as_bytes().to_vec() })
}

fn status(status: u16) -> Option<HttpReply> {
    Some(HttpReply::Whole { status, body: vec![] })
}

fn healthy() -> TrpReplies {
    TrpReplies {
        version: whole(r#"{"version": "3.2.1", "vendor": "x"}"#),
        uptime: whole("12"),
        extensions: whole(r#"{"required": ["message-signing"], "supported": []}"#),
        identity: whole(&format!(r#"{{"name": "ALPHA EXCHANGE", "lei": "{LEI}"}}"#)),
        spoken: None,
    }
}

fn codes(target: &ProbeTarget, seen: &Seen) -> (ProbeOutcome, Vec<Code>) {
    let sample = judge(target, seen, at()).unwrap();
    (sample.outcome, sample.findings.iter().map(|finding| finding.code).collect())
}

fn trp(replies: TrpReplies) -> (ProbeOutcome, Vec<Code>) {
    codes(&target(ProbeKind::Trp), &seen(Answer::Trp(replies)))
}

use ProbeOutcome::{Answered, Failed, Maintenance, Present};

#[test]
fn endpoint_that_is_as_published_has_no_findings() {
    assert_eq!(trp(healthy()), (Answered, vec![]));
    // Discoverability is an extension: an endpoint with only `/identity` is a complete TRP endpoint.
    let bare = TrpReplies { version: status(404), uptime: status(404), extensions: status(404), ..healthy() };
    assert_eq!(trp(bare), (Answered, vec![]));
}

#[test]
fn identity_of_somebody_else_is_found() {
    let with = |body: &str| trp(TrpReplies { identity: whole(body), ..healthy() });

    assert_eq!(with(&format!(r#"{{"lei": "{OTHER_LEI}"}}"#)), (Answered, vec![Code::IdentityLeiDiffers]));
    assert_eq!(with(r#"{"lei": "nonsense"}"#), (Answered, vec![Code::IdentityLeiDiffers]));
    assert_eq!(with(&format!(r#"{{"lei": "{}"}}"#, LEI.to_lowercase())), (Answered, vec![]));
    assert_eq!(with(r#"{"name": "Omega Custody Ltd"}"#), (Answered, vec![Code::IdentityNameDiffers]));
    assert_eq!(with("{}"), (Answered, vec![]));
    assert_eq!(with("<html>"), (Answered, vec![Code::DocumentUnreadable]));
}

#[test]
fn versions_and_extensions_are_compared() {
    let version = |body: &str| trp(TrpReplies { version: whole(body), ..healthy() }).1;
    assert_eq!(version(r#"{"version": "3.1.0"}"#), [Code::VersionDiffers]);
    assert_eq!(version(r#"{"version": "2.1.0"}"#), [Code::VersionUnsupported, Code::VersionDiffers]);
    assert_eq!(version(r#"{"version": "3.20"}"#), [Code::VersionDiffers]);
    let extensions = |body: &str| trp(TrpReplies { extensions: whole(body), ..healthy() }).1;
    assert_eq!(extensions(r#"{"required": ["secret-handshake"]}"#), [Code::ExtensionRequiredUnknown]);
}

#[test]
fn other_servers_are_told_from_broken_ones() {
    let all = |reply: Option<HttpReply>| {
        trp(TrpReplies {
            version: reply.clone(),
            uptime: reply.clone(),
            extensions: reply.clone(),
            identity: reply,
            spoken: None,
        })
    };
    assert_eq!(all(status(404)), (Answered, vec![Code::NotTrp]));
    assert_eq!(all(status(503)), (Failed, vec![Code::ServerError]));
    assert_eq!(all(Some(HttpReply::Broken)), (Failed, vec![Code::ProtocolBroken]));
    let away = HttpReply::Redirect { status: 302, location: Some("https://169.254.169.254/".to_owned()) };
    assert_eq!(
        all(Some(away.clone())),
        (Answered, vec![Code::Redirect, Code::Redirect, Code::Redirect, Code::Redirect, Code::NotTrp])
    );
    assert_eq!(trp(TrpReplies { uptime: Some(away), ..healthy() }), (Answered, vec![Code::Redirect]));
    assert_eq!(trp(TrpReplies { uptime: Some(HttpReply::TooLong), ..healthy() }), (Answered, vec![Code::BodyTooLong]));
}

#[test]
fn certificate_is_compared_with_what_is_published() {
    let with = |target: &ProbeTarget, change: &dyn Fn(&mut SeenCertificate)| {
        let mut sight = seen(Answer::Trp(healthy()));
        change(sight.certificate.as_mut().unwrap());
        codes(target, &sight).1
    };
    let own = target(ProbeKind::Trp);
    // A published certificate needs no trust from browsers.
    assert_eq!(with(&own, &|seen| seen.web_trust = WebTrust::Untrusted("x".to_owned())), []);
    // The certificate is new, but its key is the same.
    assert_eq!(with(&own, &|seen| seen.sha256 = "cc".to_owned()), []);
    let other = |seen: &mut SeenCertificate| (seen.sha256, seen.spki_sha256) = ("cc".to_owned(), Some("dd".to_owned()));
    assert_eq!(with(&own, &other), [Code::CertificateMismatch]);
    assert_eq!(with(&own, &|seen| seen.not_after = Some("2026-06-01T11:59:59Z".parse().unwrap())), [Code::CertificateExpired]);
    assert_eq!(
        with(&own, &|seen| seen.not_before = Some("2026-06-01T12:00:01Z".parse().unwrap())),
        [Code::CertificateNotYetValid]
    );

    let bare = ProbeTarget { pins: vec![], ..target(ProbeKind::Trp) };
    assert_eq!(with(&bare, &|_| ()), [Code::CertificateNotPublished]);
    let untrusted = |seen: &mut SeenCertificate| seen.web_trust = WebTrust::Untrusted("unknown issuer".to_owned());
    assert_eq!(with(&bare, &untrusted), [Code::CertificateUntrusted, Code::CertificateNotPublished]);
    let trisa = ProbeTarget { pins: vec![], ..target(ProbeKind::Trisa) };
    assert_eq!(with(&trisa, &untrusted), [Code::CertificateNotPublished]);
}

#[test]
fn server_that_wants_the_clients_certificate_is_present_and_no_more() {
    let sight = Seen { asked_for_certificate: true, ..seen(Answer::AsksForCertificate) };

    assert_eq!(codes(&target(ProbeKind::Trisa), &sight), (Present, vec![Code::AsksForCertificate]));
}

#[test]
fn certificate_in_identity_is_held_against_the_one_that_the_server_presents() {
    let with = |sha256: &str, spki: &str| {
        let identity = Some(Pin { sha256: sha256.to_owned(), spki_sha256: spki.to_owned() });
        judge(&target(ProbeKind::Trp), &Seen { identity, ..seen(Answer::Trp(healthy())) }, at()).unwrap().findings
    };

    assert!(with("aa", "bb").is_empty() && with("cc", "bb").is_empty(), "the same certificate, or another one with its key");
    let [differs] = with("cc", "dd").try_into().unwrap();
    assert_eq!((differs.code, differs.seen.as_deref()), (Code::IdentityCertificateDiffers, Some("cc")));
    assert!(differs.detail.contains("presents aa") && differs.detail.contains("does not publish it"), "{}", differs.detail);
}

#[test]
fn versions_to_try_are_the_registrys_the_newest_published_and_two_more() {
    let versions = |published: &[&str]| {
        let published: Vec<String> = published.iter().map(|version| (*version).to_owned()).collect();
        trp_versions(&published).join(" ")
    };

    assert_eq!(versions(&["3.2.0", "3.10.0", "3.9"]), "3.2.1 3.10.0 3.1.0 2.1.0");
    assert_eq!(versions(&["3.1.0"]), "3.2.1 3.1.0 2.1.0");
    assert_eq!(versions(&[]), "3.2.1 3.1.0 2.1.0");
}

#[test]
fn trisa_nodes_say_how_they_are() {
    let said = |reply: GrpcReply| codes(&target(ProbeKind::Trisa), &seen(Answer::Grpc(reply)));

    assert_eq!(said(GrpcReply::State(ServiceState::Healthy)), (Answered, vec![]));
    assert_eq!(said(GrpcReply::State(ServiceState::Danger)), (Answered, vec![Code::ServiceUnhealthy]));
    assert_eq!(said(GrpcReply::State(ServiceState::Unhealthy)), (Failed, vec![Code::ServiceUnhealthy]));
    assert_eq!(said(GrpcReply::State(ServiceState::Offline)), (Failed, vec![Code::ServiceUnhealthy]));
    assert_eq!(said(GrpcReply::State(ServiceState::Maintenance)), (Maintenance, vec![Code::InMaintenance]));
    assert_eq!(said(GrpcReply::Refused(16)), (Answered, vec![]));
    assert_eq!(said(GrpcReply::Refused(12)), (Answered, vec![Code::NotGrpc]));
    assert_eq!(said(GrpcReply::Refused(14)), (Failed, vec![Code::ServerError]));
    assert_eq!(said(GrpcReply::Http(502)), (Failed, vec![Code::ServerError]));
}

#[test]
fn failures_say_why_and_our_own_say_nothing() {
    let with = |failure: ProbeFailure| {
        let sight = Seen { answer: Err(failure), ..Seen::default() };
        judge(&target(ProbeKind::Tls), &sight, at()).map(|sample| (sample.outcome, sample.findings[0].code))
    };
    assert_eq!(with(ProbeFailure::ResolversSilent), None);
    for (failure, code) in [
        (ProbeFailure::Port(PortRefused(25)), Code::PortRefused),
        (ProbeFailure::Address("10.0.0.1".to_owned()), Code::AddressRefused),
        (ProbeFailure::HostNotFound, Code::HostNotFound),
        (ProbeFailure::NoConnection, Code::NoConnection),
        (ProbeFailure::Tls("x".to_owned()), Code::TlsFailed),
        (ProbeFailure::TimedOut, Code::TimedOut),
        (ProbeFailure::Protocol("x".to_owned()), Code::ProtocolBroken),
    ] {
        assert_eq!(with(failure), Some((Failed, code)));
    }
}

#[test]
fn failure_during_an_announced_maintenance_is_none() {
    let sight = Seen { answer: Err(ProbeFailure::NoConnection), ..Seen::default() };
    let at = |text: &str| judge(&target(ProbeKind::Tls), &sight, text.parse().unwrap()).unwrap().outcome;

    assert_eq!(at("2026-06-02T00:59:59Z"), Maintenance);
    assert_eq!(at("2026-06-02T01:00:00Z"), Failed);
}
