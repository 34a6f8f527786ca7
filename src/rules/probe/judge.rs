//! Judges what a probe saw, compared with what the VASP publishes. This module is pure: the same observation at the same time gives the
//! same sample. `endpoint_health` decides whether the endpoint works in the long run.

use strsim::jaro_winkler;

use super::finding::shown;
use super::{
    Answer, GrpcReply, HttpReply, ProbeFailure, ProbeFinding, ProbeFindingCode as Code, ProbeKind, ProbeOutcome, ProbeSample,
    ProbeTarget, Seen, SeenCertificate, ServiceState, TrpReplies, WebTrust, trp,
};
use crate::lei_evidence::fold;
use vasp_words::text::sentence;
use vasp_words::time::UtcTime;

/// From this similarity on, two folded names count as the same. Source: as for names from GLEIF, `lei_evidence`.
const NAMES_ALIKE: f64 = 0.95;
/// The major version of TRP that the registry knows. Source: TRP 3.0.0 (2022-02-15) to 3.2.1 (2024-07-29).
const TRP_MAJOR: &str = "3";
/// The extensions of TRP that the registry knows. Source: TRP's `extensions/` and TRISA's envelopes.
const EXTENSIONS: [&str; 6] = [
    "message-signing",
    "extended-ivms101",
    "deterministic-transfer",
    "discoverability",
    "sealed-trisa-envelope",
    "unsealed-trisa-envelope",
];

/// Judges what the probe saw; `None` if that says nothing about the endpoint.
#[must_use]
pub fn judge(target: &ProbeTarget, seen: &Seen, at: UtcTime) -> Option<ProbeSample> {
    let mut findings = Vec::new();
    if let Some(certificate) = &seen.certificate {
        judge_certificate(target, certificate, at, &mut findings);
    }
    if let Some(identity) = &seen.identity {
        judge_identity_certificate(target, seen.certificate.as_ref(), identity, &mut findings);
    }
    if seen.asked_for_certificate {
        let detail = "The server requires a client certificate.";
        findings.push(ProbeFinding::new(Code::AsksForCertificate, detail));
    }
    let outcome = match &seen.answer {
        Ok(answer) => judge_answer(target, answer, &mut findings),
        Err(ProbeFailure::ResolversSilent) => return None,
        Err(failure) => {
            findings.push(ProbeFinding::new(failure_code(failure), &sentence(&failure.to_string())));
            ProbeOutcome::Failed
        }
    };
    // A failure during announced maintenance does not count as a failure.
    let announced = target.maintenance.iter().any(|window| window.from <= at && at < window.to);
    let outcome = if announced && outcome == ProbeOutcome::Failed { ProbeOutcome::Maintenance } else { outcome };
    findings.sort_by_key(|finding| (finding.severity(), finding.code));
    let spoken = if let Ok(Answer::Trp(replies)) = &seen.answer { replies.spoken.clone() } else { None };
    Some(ProbeSample { at, outcome, times: seen.times, findings, spoken })
}

fn failure_code(failure: &ProbeFailure) -> Code {
    match failure {
        ProbeFailure::Port(_) => Code::PortRefused,
        ProbeFailure::Address(_) => Code::AddressRefused,
        ProbeFailure::HostNotFound | ProbeFailure::LookupFailed => Code::HostNotFound,
        ProbeFailure::NoConnection => Code::NoConnection,
        ProbeFailure::Tls(_) => Code::TlsFailed,
        ProbeFailure::TimedOut | ProbeFailure::ResolversSilent => Code::TimedOut,
        ProbeFailure::Protocol(_) => Code::ProtocolBroken,
    }
}

/// Judges the server's certificate. A new certificate with the same key matches too, so either fingerprint is enough.
fn judge_certificate(target: &ProbeTarget, seen: &SeenCertificate, at: UtcTime, findings: &mut Vec<ProbeFinding>) {
    let matches = |pin: &super::Pin| pin.sha256 == seen.sha256 || seen.spki_sha256.as_ref() == Some(&pin.spki_sha256);
    match (&seen.web_trust, target.pins.is_empty()) {
        (_, false) if target.pins.iter().any(matches) => {}
        (_, false) => {
            let detail = format!(
                "The server presents the certificate with SHA-256 {}. It is not among the {} server certificates that its VASP publishes.",
                seen.sha256,
                target.pins.len()
            );
            findings.push(ProbeFinding::with_seen(Code::CertificateMismatch, &detail, &seen.sha256));
        }
        (trust, true) => {
            let detail =
                "The VASP publishes no server certificate, so the certificate that the server presents could not be compared.";
            findings.push(ProbeFinding::new(Code::CertificateNotPublished, detail));
            // Members of TRISA get their certificates from TRISA, which browsers do not trust.
            if let (WebTrust::Untrusted(reason), false) = (trust, target.kind == ProbeKind::Trisa) {
                let detail = format!("Browsers would not trust the certificate: {reason}.");
                findings.push(ProbeFinding::new(Code::CertificateUntrusted, &detail));
            }
        }
    }
    // Certificate times are whole seconds, and the last second is still valid. Source: RFC 5280, section 4.1.2.5.
    if let Some(end) = seen.not_after.filter(|end| end.plus_secs(1) <= at) {
        let detail = format!("The server's certificate expired at {end}.");
        findings.push(ProbeFinding::with_seen(Code::CertificateExpired, &detail, &seen.sha256));
    }
    if let Some(start) = seen.not_before.filter(|start| at < *start) {
        let detail = format!("The server's certificate is not valid before {start}.");
        findings.push(ProbeFinding::with_seen(Code::CertificateNotYetValid, &detail, &seen.sha256));
    }
}

/// Judges the certificate in `/identity`: it must be the one that the server presents, or have its key. What the server presents is judged
/// against the record on its own.
fn judge_identity_certificate(
    target: &ProbeTarget,
    presented: Option<&SeenCertificate>,
    identity: &super::Pin,
    findings: &mut Vec<ProbeFinding>,
) {
    let is_presented =
        |seen: &SeenCertificate| seen.sha256 == identity.sha256 || seen.spki_sha256.as_ref() == Some(&identity.spki_sha256);
    let Some(presented) = presented.filter(|seen| !is_presented(seen)) else { return };
    let is_published = |pin: &super::Pin| pin.sha256 == identity.sha256 || pin.spki_sha256 == identity.spki_sha256;
    let published = if target.pins.iter().any(is_published) { "publishes it" } else { "does not publish it, either" };
    let detail = format!(
        "`/identity` has the certificate with SHA-256 {}, but the server presents {}. Its VASP {published}.",
        identity.sha256, presented.sha256
    );
    findings.push(ProbeFinding::with_seen(Code::IdentityCertificateDiffers, &detail, &identity.sha256));
}

fn judge_answer(target: &ProbeTarget, answer: &Answer, findings: &mut Vec<ProbeFinding>) -> ProbeOutcome {
    match answer {
        Answer::AsksForCertificate => ProbeOutcome::Present,
        Answer::Https(reply) => {
            note_odd(&target.path, reply, findings);
            outcome_of(&[Some(reply)], findings)
        }
        Answer::Trp(replies) => judge_trp(target, replies, findings),
        Answer::Grpc(reply) => judge_grpc(reply, findings),
    }
}

/// Adds a finding about a redirect or an answer that is too long.
fn note_odd(path: &str, reply: &HttpReply, findings: &mut Vec<ProbeFinding>) {
    match reply {
        HttpReply::Redirect { status, location } => {
            let place = location.as_deref().map_or_else(|| "nowhere".to_owned(), |place| shown(place, 120));
            let detail = format!("`{path}` redirects ({status}) to {place}; the registry does not follow redirects.");
            findings.push(ProbeFinding::new(Code::Redirect, &detail));
        }
        HttpReply::TooLong => {
            findings.push(ProbeFinding::new(
                Code::BodyTooLong,
                &format!("The answer to `{path}` is longer than the registry reads."),
            ));
        }
        HttpReply::Whole { .. } | HttpReply::Broken => {}
    }
}

/// Returns `Answered`, unless no answer arrived completely or the server reports its own failure.
fn outcome_of(replies: &[Option<&HttpReply>], findings: &mut Vec<ProbeFinding>) -> ProbeOutcome {
    let replies: Vec<_> = replies.iter().flatten().collect();
    if replies.iter().all(|reply| matches!(reply, HttpReply::Broken)) {
        findings.push(ProbeFinding::new(Code::ProtocolBroken, "No answer arrived completely."));
        return ProbeOutcome::Failed;
    }
    let statuses: Vec<u16> = replies.iter().filter_map(|reply| reply.status()).collect();
    match statuses.iter().max() {
        Some(status @ 500..) if statuses.iter().all(|status| *status >= 500) => {
            findings.push(ProbeFinding::new(Code::ServerError, &format!("The server answers {status}.")));
            ProbeOutcome::Failed
        }
        _ => ProbeOutcome::Answered,
    }
}

/// Reads the document of a complete answer; `None` if there is no document. TRP allows that, because discoverability is an extension.
fn document<T>(
    path: &str,
    reply: Option<&HttpReply>,
    read: impl FnOnce(&[u8]) -> Result<T, trp::Unreadable>,
    findings: &mut Vec<ProbeFinding>,
) -> Option<T> {
    let Some(HttpReply::Whole { status: 200, body }) = reply else { return None };
    match read(body) {
        Ok(read) => Some(read),
        Err(error) => {
            findings.push(ProbeFinding::new(Code::DocumentUnreadable, &format!("`{path}`: {error}.")));
            None
        }
    }
}

fn judge_trp(target: &ProbeTarget, replies: &TrpReplies, findings: &mut Vec<ProbeFinding>) -> ProbeOutcome {
    let TrpReplies { version, uptime, extensions, identity, spoken: _ } = replies;
    let [version, uptime, extensions, identity] = [version, uptime, extensions, identity].map(Option::as_ref);
    let places = [("/version", version), ("/uptime", uptime), ("/extensions", extensions), ("/identity", identity)];
    for (path, reply) in places {
        if let Some(reply) = reply {
            note_odd(path, reply, findings);
        }
    }
    let outcome = outcome_of(&places.map(|(_, reply)| reply), findings);
    let said_version = document("/version", version, trp::version, findings);
    let said_uptime = document("/uptime", uptime, trp::uptime, findings);
    let said_extensions = document("/extensions", extensions, trp::extensions, findings);
    let said_identity = document("/identity", identity, trp::identity, findings);
    if let Some(said) = &said_version {
        judge_version(target, said, findings);
    }
    if let Some(said) = &said_extensions {
        judge_extensions(said, findings);
    }
    if let Some(said) = &said_identity {
        judge_identity(target, said, findings);
    }
    let said_any = said_version.is_some() || said_uptime.is_some() || said_extensions.is_some() || said_identity.is_some();
    if !said_any && outcome == ProbeOutcome::Answered {
        let statuses: Vec<_> = places.iter().filter_map(|(_, reply)| reply.and_then(HttpReply::status)).collect();
        let detail =
            format!("The server has none of `/version`, `/uptime`, `/extensions` and `/identity` (statuses {statuses:?}).");
        findings.push(ProbeFinding::new(Code::NotTrp, &detail));
    }
    outcome
}

fn judge_version(target: &ProbeTarget, said: &trp::Version, findings: &mut Vec<ProbeFinding>) {
    let version = said.version.as_str();
    if version.split('.').next() != Some(TRP_MAJOR) {
        let detail = format!("The server speaks TRP {version}; the registry knows versions {TRP_MAJOR}.x.");
        findings.push(ProbeFinding::with_seen(Code::VersionUnsupported, &detail, version));
    }
    // If `3.2` is published and the server uses `3.2.1`, the versions do not differ.
    let covers =
        |published: &String| version == published || version.strip_prefix(published.as_str()).is_some_and(|r| r.starts_with('.'));
    if !target.versions.is_empty() && !target.versions.iter().any(covers) {
        let detail = format!("The server speaks TRP {version}; its VASP publishes version {}.", target.versions.join(", "));
        findings.push(ProbeFinding::with_seen(Code::VersionDiffers, &detail, version));
    }
}

fn judge_extensions(said: &trp::Extensions, findings: &mut Vec<ProbeFinding>) {
    let unknown: Vec<&str> = said.required.iter().map(String::as_str).filter(|name| !EXTENSIONS.contains(name)).collect();
    if !unknown.is_empty() {
        let detail = format!("The server requires extensions that the registry does not know: {}.", unknown.join(", "));
        findings.push(ProbeFinding::with_seen(Code::ExtensionRequiredUnknown, &detail, &unknown.join(",")));
    }
}

fn judge_identity(target: &ProbeTarget, said: &trp::Identity, findings: &mut Vec<ProbeFinding>) {
    if let (Some(said), Some(own)) = (&said.lei, &target.lei)
        && !said.trim().eq_ignore_ascii_case(own.as_str())
    {
        let detail = format!("`/identity` names the LEI `{said}`; the record has the LEI {own}.");
        findings.push(ProbeFinding::with_seen(Code::IdentityLeiDiffers, &detail, said));
    }
    let Some(name) = &said.name else { return };
    let Some(folded) = fold(name) else { return };
    let own: Vec<String> = target.names.iter().filter_map(|name| fold(name)).collect();
    if !own.is_empty() && !own.iter().any(|own| *own == folded || jaro_winkler(own, &folded) >= NAMES_ALIKE) {
        let detail = format!("`/identity` gives the name `{name}`, which is not a name of the record.");
        findings.push(ProbeFinding::with_seen(Code::IdentityNameDiffers, &detail, name));
    }
}

fn judge_grpc(reply: &GrpcReply, findings: &mut Vec<ProbeFinding>) -> ProbeOutcome {
    use ServiceState::{Danger, Healthy, Maintenance, Offline, Unhealthy, Unknown};
    let mut note = |code, detail: &str| findings.push(ProbeFinding::new(code, detail));
    match reply {
        GrpcReply::State(Healthy | Unknown) => ProbeOutcome::Answered,
        GrpcReply::State(Maintenance) => {
            note(Code::InMaintenance, "The service reports that it is in maintenance.");
            ProbeOutcome::Maintenance
        }
        GrpcReply::State(Danger) => {
            note(Code::ServiceUnhealthy, "The service reports the state `danger`.");
            ProbeOutcome::Answered
        }
        GrpcReply::State(state @ (Unhealthy | Offline)) => {
            let word = if *state == Offline { "offline" } else { "unhealthy" };
            note(Code::ServiceUnhealthy, &format!("The service reports that it is {word}."));
            ProbeOutcome::Failed
        }
        // A server that refuses unknown callers is still there. Source: gRPC status codes 7 PERMISSION_DENIED and 16 UNAUTHENTICATED.
        GrpcReply::Refused(7 | 16) => ProbeOutcome::Answered,
        GrpcReply::Refused(14) => {
            note(Code::ServerError, "The service answers UNAVAILABLE.");
            ProbeOutcome::Failed
        }
        GrpcReply::Refused(code) => {
            note(Code::NotGrpc, &format!("Neither health service answers (gRPC status {code})."));
            ProbeOutcome::Answered
        }
        GrpcReply::Http(status @ 500..) => {
            note(Code::ServerError, &format!("The server answers {status}."));
            ProbeOutcome::Failed
        }
        GrpcReply::Http(status) => {
            note(Code::NotGrpc, &format!("The server does not speak gRPC (HTTP status {status})."));
            ProbeOutcome::Answered
        }
    }
}
