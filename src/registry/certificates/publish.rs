//! Publishes a certificate: it is read and judged, its key is proven, and no other VASP may have it. A certificate that cannot be
//! used for its purpose is refused with every reason. One that is not valid yet is accepted, so that others know the next certificate
//! before it is needed.

use serde_json::json;

use super::read::KeptCertificate;
use super::{Judged, conflict, is_same, record};
use crate::acts::{Act, Deed, Reply};
use crate::ca::{hold_key, key_of};
use crate::node::{Fault, ProblemCode, Refusal, Registry, ServiceError, invalid};
use crate::publishing::Publisher;
use vasp_pki::x509::{is_signed_by, parse_chain, pem_of};
use vasp_record::certificate::finding_code::{FindingCode, Found};
use vasp_record::certificate::parsed::ParsedChain;
use vasp_record::certificate::path::PathOutcome;
use vasp_record::certificate::revocation::RevocationStatus;
use vasp_record::certificate::standing::lasting;
use vasp_record::certificate::{CertificateStatus, CertificateUse, PublishedCertificate, RootSet};
use vasp_record::certificate_possession::{FRESH_SECS, is_fresh, lies_on_proven_domains, statement};
use vasp_record::endpoint::Endpoint;
use vasp_record::vasp::Vasp;
use vasp_rules::certificate_judgement::is_usable;
use vasp_words::host::Host;
use vasp_words::ids::{CertificateId, EndpointId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::UtcTime;

/// Most certificates of a VASP, not counting revoked ones. The bound is our own, because every answer about the VASP has all of them.
const MOST_CERTIFICATES: usize = 50;

/// The sets of roots to try, in order, if the member names none.
const TRIED: [RootSet; 4] = [RootSet::WebPki, RootSet::Trisa, RootSet::RegistryCa, RootSet::Private];

/// A certificate to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCertificate {
    /// What the certificate is used for.
    pub certificate_use: CertificateUse,
    /// The chain, the certificate first.
    pub pem: String,
    /// The set of roots to validate it against; `None` for the first set that validates it.
    pub root_set: Option<RootSet>,
    /// The endpoint that a server's certificate is for; `None` if none is named.
    pub endpoint: Option<EndpointId>,
    /// Proof that the member holds the key; `None` if there is none.
    pub proof: Option<Proof>,
}

/// A signature by a certificate's key over the statement of `vasp_record::certificate_possession`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The time in the signed statement.
    pub signed_at: UtcTime,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Publishes a certificate.
///
/// # Errors
/// `ServiceError::Invalid` if the certificate cannot be read, or if possession of the key is not proven; `Refused` with every reason
/// if it cannot be used; `Conflict` if another VASP holds its key or the key was compromised,
/// if it is published already or was revoked, or if there are too many;
/// `IllegalStep`, `Store`.
pub fn publish_certificate(act: Act<'_, KeptCertificate>, new: NewCertificate) -> Result<Reply, ServiceError> {
    let registry = act.registry;
    let chain = parse_chain(new.pem.as_bytes()).map_err(|error| invalid("/pem", error.code(), error.to_string()))?;
    act.run("certificate.publish", |transaction, identity| {
        let now = transaction.now();
        let publisher = Publisher::of(transaction, identity)?;
        let record = record(registry, publisher.vasp, now)?;
        let hosts = match new.endpoint {
            None => Vec::new(),
            Some(id) => vec![host_of(publisher.item::<Endpoint>(&id.to_string()))?],
        };
        let judged = Judged { chain: &chain, certificate_use: new.certificate_use, hosts, revocation: RevocationStatus::Unknown };
        let (root_set, found) = choose(&judged, registry, new.root_set, &record, now)?;
        let is_proven = check_possession(&new, &chain, &record, publisher.vasp, now)?;

        let known = publisher.items::<PublishedCertificate>();
        check_known(&known, &chain.leaf.sha256, new.certificate_use)?;
        let id = CertificateId::new(now, transaction.conn_and_rng().1);
        let certificate = published(id, &new, &chain, root_set, &found, now);
        hold_key(transaction, &publisher, (key_of(&certificate)?, is_proven), "/pem")?;
        transaction.keep_certificate_chain(&id.to_string(), publisher.number, pem_of(&chain.ders).as_bytes())?;
        publisher.tell(transaction, &certificate, "published by the member");
        let summary = format!("a certificate for {} was published", new.certificate_use.as_str());
        publisher.have_looked_at(transaction, identity, &summary, &id.to_string())?;
        let details = json!({"vasp": publisher.vasp, "use": new.certificate_use, "sha256": certificate.sha256});
        Ok(Deed::new(KeptCertificate::of(certificate, &chain, now), id, details))
    })
}

/// Returns the host of an endpoint, to compare with the certificate's names.
fn host_of(endpoint: Option<Endpoint>) -> Result<Host, ServiceError> {
    let endpoint = endpoint.ok_or_else(|| invalid("/endpoint", "unknown_endpoint", "Your VASP has no such endpoint."))?;
    let host = endpoint.location.host();
    host.ok_or_else(|| invalid("/endpoint", "no_host", "The endpoint has no host, so a certificate cannot be published for it."))
}

/// Chooses the set of roots and judges the certificate by it.
fn choose(
    judged: &Judged<'_>,
    registry: &Registry,
    asked: Option<RootSet>,
    record: &Vasp,
    now: UtcTime,
) -> Result<(RootSet, Vec<Found>), ServiceError> {
    let tried: Vec<RootSet> = asked.map_or_else(|| TRIED.to_vec(), |set| vec![set]);
    let mut first = None;
    for set in tried {
        let (path, found) = judged.by(registry, set, record, now);
        if matches!(path, PathOutcome::Trusted { .. } | PathOutcome::Pinned) {
            return check_usable(&found).map(|()| (set, found));
        }
        first.get_or_insert((set, found));
    }
    // No set of roots validates it. Then the findings of the first set are as good as any others.
    let (set, found) = first.ok_or_else(super::not_found)?;
    check_usable(&found).map(|()| (set, found))
}

/// Refuses a certificate that cannot be used. One that is only not valid yet passes.
fn check_usable(found: &[Found]) -> Result<(), ServiceError> {
    let standing: Vec<Found> = found.iter().filter(|found| found.code != FindingCode::NotYetValid).cloned().collect();
    if is_usable(&standing) {
        return Ok(());
    }
    let errors = standing.iter().filter(|found| !is_usable(std::slice::from_ref(found)));
    let faults =
        errors.map(|found| Fault { pointer: "/pem".to_owned(), code: found.code.as_str(), detail: found.detail.clone() });
    let detail = "The certificate cannot be used for the stated use; `errors` lists the reasons.".to_owned();
    Err(Refusal::new(ProblemCode::InvalidRequest, detail).with_faults(faults.collect()).into())
}

fn check_possession(
    new: &NewCertificate,
    chain: &ParsedChain,
    record: &Vasp,
    vasp: VaspId,
    now: UtcTime,
) -> Result<bool, ServiceError> {
    let server = new.certificate_use == CertificateUse::TlsServer && new.proof.is_none();
    if server && chain.leaf.ip_addresses.is_empty() && lies_on_proven_domains(&chain.leaf.dns_names, &record.domains) {
        return Ok(false);
    }
    let text = |at| statement(vasp, &chain.leaf.sha256, new.certificate_use, at);
    let unproven = |what: &str| {
        let second = UtcTime::from_micros(now.micros().div_euclid(1_000_000).saturating_mul(1_000_000)).unwrap_or(now);
        let detail = format!("{what} Sign this text with the certificate's key and send `proof`: {}", text(second));
        invalid("/proof", "possession_unproven", detail)
    };
    let Some(proof) = &new.proof else { return Err(unproven("Prove that you hold the key.")) };
    if !is_fresh(proof.signed_at, now) {
        return Err(unproven(&format!("`signed_at` is more than {FRESH_SECS} seconds from now.")));
    }
    let der = chain.ders.first().map_or(&[][..], Vec::as_slice);
    if is_signed_by(der, text(proof.signed_at).as_bytes(), &proof.signature) {
        Ok(true)
    } else {
        Err(unproven("The signature in `proof` was not made over the text below with the certificate's key."))
    }
}

fn check_known(known: &[PublishedCertificate], sha256: &str, certificate_use: CertificateUse) -> Result<(), ServiceError> {
    if let Some(same) = known.iter().find(|known| known.sha256 == sha256 && known.status == CertificateStatus::Revoked) {
        return Err(conflict(
            "/pem",
            "certificate_revoked",
            format!("The certificate was published as {} and then revoked; publish another certificate.", same.id),
        ));
    }
    if let Some(same) = known.iter().find(|known| is_same(known, sha256, certificate_use)) {
        return Err(conflict(
            "/pem",
            "already_published",
            format!("The certificate is already published for this use, as {}.", same.id),
        ));
    }
    if known.iter().filter(|known| known.status != CertificateStatus::Revoked).count() >= MOST_CERTIFICATES {
        let detail = format!("A VASP may publish at most {MOST_CERTIFICATES} certificates; revoke one first.");
        return Err(conflict("/pem", "too_many", detail));
    }
    Ok(())
}

fn published(
    id: CertificateId,
    new: &NewCertificate,
    chain: &ParsedChain,
    root_set: RootSet,
    found: &[Found],
    now: UtcTime,
) -> PublishedCertificate {
    let leaf = &chain.leaf;
    let lei = leaf.lei.as_ref().and_then(|lei| lei.value.as_ref().ok()).and_then(|value| value.lei.parse::<Lei>().ok());
    // A pinned certificate needs no issuers, and roots are trusted whatever the dates in their certificates.
    let issuers = chain.issuers.iter().filter(|issuer| !issuer.self_issued && root_set != RootSet::Pinned);
    PublishedCertificate {
        id,
        version: 1,
        certificate_use: new.certificate_use,
        sha256: leaf.sha256.clone(),
        spki_sha256: leaf.spki_sha256.clone(),
        common_name: leaf.subject.common_name.clone(),
        organisation: leaf.subject.organisation.clone(),
        organisation_identifier: leaf.subject.organisation_identifiers.first().cloned(),
        lei,
        country: leaf.subject.country.as_ref().and_then(|text| text.parse().ok()),
        issuer: leaf.issuer.text.clone(),
        serial: leaf.serial.clone(),
        not_before: leaf.not_before,
        not_after: leaf.not_after,
        chain_not_after: issuers.map(|issuer| issuer.not_after).fold(leaf.not_after, UtcTime::min),
        dns_names: leaf.dns_names.clone(),
        key: leaf.key.to_string(),
        root_set: Some(root_set),
        findings: lasting(found),
        status: CertificateStatus::Active,
        revoked_at: None,
        revocation_reason: None,
        issued_by_registry: false,
        published_at: now,
    }
}
