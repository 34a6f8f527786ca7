//! Judges a certificate for a use, at a moment, and against the record that it belongs to. It returns every finding, worst first. This
//! module is pure: the caller checked the path and the revocation before, and `now` is an argument.

mod identity;
mod names;

use strsim::jaro_winkler;

use super::lei_evidence::{LIKE_ENOUGH, fold};
use vasp_record::certificate::finding_code::{FindingCode, Found};
use vasp_record::certificate::parsed::{ChainOrder, KeyUsages, ParsedCertificate, ParsedChain, Purpose, SignatureKind};
use vasp_record::certificate::path::{PathFault, PathOutcome};
use vasp_record::certificate::profile::KeyVerdict;
use vasp_record::certificate::revocation::RevocationStatus;
use vasp_record::certificate::{CertificateUse, RootSet, Severity, profile};
use vasp_words::country::Country;
use vasp_words::host::Host;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// The record that a certificate is judged against.
#[derive(Clone, Debug, Default)]
pub struct Bearer<'a> {
    /// Legal name and other names.
    pub names: Vec<&'a str>,
    /// Its LEI.
    pub lei: Option<Lei>,
    /// Its country.
    pub country: Option<Country>,
    /// Hosts of the endpoints that the certificate is for; empty if the caller did not ask for that check.
    pub hosts: Vec<Host>,
}

/// Everything besides the certificate that a judgement depends on.
#[derive(Clone, Debug)]
pub struct Circumstances<'a> {
    /// The use that the certificate is published for.
    pub certificate_use: CertificateUse,
    /// The set of roots that decides about trust.
    pub root_set: RootSet,
    /// The result of the path validation against that set.
    pub path: &'a PathOutcome,
    /// What the issuer's revocation lists state.
    pub revocation: RevocationStatus,
    /// The record.
    pub bearer: &'a Bearer<'a>,
    /// The moment.
    pub now: UtcTime,
}

/// Longest text of a certificate that a finding repeats, in characters.
const SHOWN: usize = 120;
/// How many days before its end an issuer's certificate gives a finding.
const CHAIN_WARNED_DAYS: i64 = 30;

/// Judges a chain. The findings are sorted worst first, and each occurs once.
#[must_use]
pub fn judge(chain: &ParsedChain, circumstances: &Circumstances<'_>) -> Vec<Found> {
    let leaf = &chain.leaf;
    let mut found = Vec::new();
    found.extend(validity(leaf, circumstances));
    found.extend(form(leaf));
    found.extend(key(leaf, circumstances.certificate_use));
    found.extend(key_usage(leaf, circumstances.certificate_use));
    found.extend(purposes(leaf, circumstances));
    found.extend(others(chain, circumstances.now));
    found.push(revocation(circumstances.revocation));
    if circumstances.certificate_use == CertificateUse::TlsServer {
        found.extend(names::judge(leaf, &circumstances.bearer.hosts));
    }
    found.extend(identity::judge(&leaf.subject, leaf.lei.as_ref(), circumstances.bearer));
    found.extend(path(circumstances, &found));
    found.sort_by(|one, other| one.code.cmp(&other.code).then_with(|| one.detail.cmp(&other.detail)));
    found.dedup();
    found
}

/// Tells whether the findings leave the certificate usable.
#[must_use]
pub fn is_usable(findings: &[Found]) -> bool {
    findings.iter().all(|found| found.code.severity() != Severity::Error)
}

fn told(code: FindingCode, detail: impl Into<String>) -> Found {
    Found { code, detail: detail.into() }
}

/// Creates a finding with its standard explanation.
fn plain(code: FindingCode) -> Found {
    told(code, code.explanation())
}

/// Returns a text of a certificate in the form that findings show.
fn shown(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(SHOWN).collect();
    if characters.next().is_some() { format!("`{start}…`") } else { format!("`{start}`") }
}

fn validity(leaf: &ParsedCertificate, circumstances: &Circumstances<'_>) -> Vec<Found> {
    let (now, mut found) = (circumstances.now, Vec::new());
    if leaf.not_after < leaf.not_before {
        found.push(told(FindingCode::ValidityInverted, format!("It is valid from {} to {}.", leaf.not_before, leaf.not_after)));
    } else if leaf.is_expired(now) {
        found.push(told(FindingCode::Expired, format!("It expired at {}.", leaf.not_after)));
    } else if now < leaf.not_before {
        found.push(told(FindingCode::NotYetValid, format!("It is not valid before {}.", leaf.not_before)));
    } else if let Some(days) = profile::warned_at(leaf.not_after, now) {
        let detail = format!("It expires at {}, within {days} days.", leaf.not_after);
        found.push(told(FindingCode::ExpiresSoon, detail));
    }
    // This program cannot represent the last days of the year 9999 separately.
    if Date::new(9999, 12, 30).is_some_and(|end| end <= leaf.not_after.date()) {
        found.push(plain(FindingCode::NoExpiry));
    }
    let public_server = circumstances.certificate_use == CertificateUse::TlsServer && circumstances.root_set == RootSet::WebPki;
    if let Some(days) = profile::longest_validity_days(leaf.not_before).filter(|_| public_server) {
        let secs = (leaf.not_after.plus_secs(1).micros() - leaf.not_before.micros()) / 1_000_000;
        if secs > days * 86_400 {
            let given = secs.unsigned_abs().div_ceil(86_400);
            let detail = format!(
                "It is valid for {given} days; public authorities may give at most {days} days from {}.",
                leaf.not_before.date()
            );
            found.push(told(FindingCode::ValidityTooLong, detail));
        }
    }
    found
}

fn form(leaf: &ParsedCertificate) -> Vec<Found> {
    let mut found = Vec::new();
    if leaf.is_authority() {
        found.push(plain(FindingCode::AuthorityCertificate));
    }
    if leaf.version != 3 {
        found.push(told(FindingCode::VersionUnsupported, format!("Its version is {}.", leaf.version)));
    }
    for oid in &leaf.unknown_critical {
        found.push(told(
            FindingCode::UnknownCriticalExtension,
            format!("The registry does not know its critical extension {}.", shown(oid)),
        ));
    }
    if leaf.serial == "0" {
        found.push(plain(FindingCode::SerialNotPositive));
    }
    match &leaf.signature {
        SignatureKind::Weak(name) => found.push(told(FindingCode::SignatureWeak, format!("It is signed with {name}."))),
        SignatureKind::Sound(_) | SignatureKind::Unknown(_) => (),
    }
    found
}

fn key(leaf: &ParsedCertificate, certificate_use: CertificateUse) -> Option<Found> {
    let key = &leaf.key;
    match profile::judge_key(key, certificate_use) {
        KeyVerdict::Weak => Some(told(
            FindingCode::KeyWeak,
            format!("The key is {key}; an RSA key must have at least 2048 bits and an odd exponent from 3."),
        )),
        KeyVerdict::Unsupported => Some(told(FindingCode::KeyUnsupported, format!("The key is {}.", shown(&key.to_string())))),
        KeyVerdict::UnfitForUse => Some(told(FindingCode::KeyUnfitForUse, format!("The key is {key}."))),
        KeyVerdict::UnusualExponent => Some(plain(FindingCode::KeyExponentUnusual)),
        KeyVerdict::Usable => None,
    }
}

fn key_usage(leaf: &ParsedCertificate, certificate_use: CertificateUse) -> Vec<Found> {
    let Some(usages) = leaf.key_usage else { return vec![plain(FindingCode::KeyUsageAbsent)] };
    let mut found = Vec::new();
    let needed = profile::key_usages(certificate_use, &leaf.key);
    if !usages.has_any(needed) {
        let names: Vec<_> = needed.iter().flat_map(|bit| bit.names()).collect();
        let detail = format!("Its key usage allows {}; {} is required.", listed(&usages.names()), names.join(" or "));
        found.push(told(FindingCode::KeyUsageUnfit, detail));
    }
    if !leaf.is_authority() && usages.has_any(&[KeyUsages::CERTIFICATE_SIGN, KeyUsages::CRL_SIGN]) {
        found.push(plain(FindingCode::KeyUsageOfAuthority));
    }
    found
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

fn purposes(leaf: &ParsedCertificate, circumstances: &Circumstances<'_>) -> Option<Found> {
    let tls = matches!(circumstances.certificate_use, CertificateUse::TlsServer | CertificateUse::TlsClient);
    let Some(named) = &leaf.purposes else { return tls.then(|| plain(FindingCode::ExtendedKeyUsageAbsent)) };
    let needed = profile::purposes(circumstances.certificate_use);
    if named.iter().any(|purpose| needed.contains(purpose) && *purpose != Purpose::Any) {
        let for_both = circumstances.certificate_use == CertificateUse::TlsServer && named.contains(&Purpose::ClientAuth);
        return for_both.then(|| plain(FindingCode::ClientAuthInServerCertificate));
    }
    if named.contains(&Purpose::Any) && needed.contains(&Purpose::Any) {
        return Some(plain(FindingCode::ExtendedKeyUsageAny));
    }
    let tls_purpose = |purpose: &Purpose| matches!(purpose, Purpose::ServerAuth | Purpose::ClientAuth);
    if !tls && circumstances.root_set == RootSet::Trisa && named.iter().any(tls_purpose) {
        return Some(plain(FindingCode::ExtendedKeyUsageTlsOnly));
    }
    let names: Vec<_> = named.iter().take(5).map(ToString::to_string).collect();
    let needed: Vec<_> = needed.iter().map(ToString::to_string).collect();
    let detail = format!("Its extended key usage names {}; {} is required.", shown(&names.join(", ")), needed.join(" or "));
    Some(told(FindingCode::ExtendedKeyUsageUnfit, detail))
}

/// Findings that already explain why no path can start at the leaf.
const UNREAD: [FindingCode; 4] = [
    FindingCode::AuthorityCertificate,
    FindingCode::VersionUnsupported,
    FindingCode::UnknownCriticalExtension,
    FindingCode::LeiCritical,
];

/// Returns the findings about the path. If it failed at the leaf itself, the findings about the leaf explain it better.
fn path(circumstances: &Circumstances<'_>, leaf: &[Found]) -> Vec<Found> {
    let fault = match circumstances.path {
        PathOutcome::Pinned => return vec![plain(FindingCode::Pinned)],
        PathOutcome::NotConfigured => return vec![plain(FindingCode::RootsNotConfigured)],
        PathOutcome::Trusted { .. } => {
            let client = circumstances.certificate_use == CertificateUse::TlsClient;
            let public = client && circumstances.root_set == RootSet::WebPki;
            return public.then(|| plain(FindingCode::PublicClientCertificate)).into_iter().collect();
        }
        PathOutcome::NotTrusted(fault) => *fault,
    };
    let has = |code| leaf.iter().any(|found| found.code == code);
    match fault {
        PathFault::UnknownIssuer => vec![plain(FindingCode::ChainUntrusted)],
        PathFault::Signature => vec![plain(FindingCode::ChainSignature)],
        // The path failed because the signature of the leaf is weak.
        PathFault::Algorithm if has(FindingCode::SignatureWeak) => Vec::new(),
        PathFault::Algorithm => vec![plain(FindingCode::ChainAlgorithm)],
        PathFault::Validity if has(FindingCode::ValidityInverted) => Vec::new(),
        PathFault::Validity => vec![plain(FindingCode::ChainExpired)],
        PathFault::Constraint => vec![plain(FindingCode::ChainConstraint)],
        PathFault::Usage if has(FindingCode::ExtendedKeyUsageUnfit) => Vec::new(),
        PathFault::Usage => vec![plain(FindingCode::ChainUsage)],
        PathFault::Leaf if UNREAD.into_iter().any(has) => Vec::new(),
        PathFault::Leaf | PathFault::Unreadable => vec![plain(FindingCode::ChainUnreadable)],
    }
}

/// Returns the findings about the certificates besides the leaf.
fn others(chain: &ParsedChain, now: UtcTime) -> Vec<Found> {
    let mut found = Vec::new();
    if chain.order == ChainOrder::Disordered {
        found.push(plain(FindingCode::ChainDisordered));
    }
    if chain.issuers.iter().any(|issuer| issuer.self_issued) {
        found.push(plain(FindingCode::RootInChain));
    }
    let soon = now.plus_secs(CHAIN_WARNED_DAYS * 86_400);
    let ending = chain.issuers.iter().filter(|issuer| !issuer.self_issued && !issuer.is_expired(now) && issuer.is_expired(soon));
    if let Some(issuer) = ending.min_by_key(|issuer| issuer.not_after).filter(|issuer| issuer.not_after < chain.leaf.not_after) {
        let detail = format!("{} expires at {}.", shown(&issuer.subject.text), issuer.not_after);
        found.push(told(FindingCode::ChainExpiresSoon, detail));
    }
    found
}

fn revocation(status: RevocationStatus) -> Found {
    match status {
        RevocationStatus::Revoked { at, reason } => {
            told(FindingCode::Revoked, format!("Its issuer revoked it at {at}: {}.", reason.as_str()))
        }
        RevocationStatus::Stale { due } => {
            told(FindingCode::RevocationStale, format!("The newest known revocation list was due to be replaced by {due}."))
        }
        RevocationStatus::Unknown => plain(FindingCode::RevocationUnknown),
        RevocationStatus::Good { listed_at } => {
            told(FindingCode::RevocationGood, format!("It is not on its issuer's revocation list of {listed_at}."))
        }
    }
}

/// Tells whether two names are the same, apart from legal forms and typing errors.
fn alike(one: &str, other: &str) -> bool {
    fold(one).zip(fold(other)).is_some_and(|(one, other)| one == other || jaro_winkler(&one, &other) >= LIKE_ENOUGH)
}
