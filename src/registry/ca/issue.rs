//! Issues a certificate to a verified member on request. The key comes from the request, and everything else from the record.

use serde_json::{Value, json};

use super::key_use::hold_key;
use super::{AuthorityKeys, issuing};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Fault, Registry, ServiceError, invalid};
use crate::organisations::{CertificateTerms, enrol};
use crate::publishing::Publisher;
use vasp_pki::ca::{Csr, CsrError, NewCertificate, Serial, subject_text};
use vasp_pki::x509::pem_of;
use vasp_pki::{read_leaf, sha256};
use vasp_record::ca::{
    CERTIFICATE_DAYS, CERTIFICATES_A_DAY, CertificatePurposes, LIVE_CERTIFICATES, NameRefused, ProvenDomain, Subject, Validity,
    certified_names,
};
use vasp_record::certificate::{CertificateStatus, CertificateUse, PublishedCertificate, RootSet};
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::role::Scope;
use vasp_store::{AuthorityRow, DeclaredBy, IssuedRow, Transaction};
use vasp_words::host::Host;
use vasp_words::ids::{CertificateId, ClientCertificateId};
use vasp_words::time::UtcTime;

/// A certificate that a member requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateAsked {
    /// The request, as PEM.
    pub csr: String,
    /// What it will be used for.
    pub purposes: CertificatePurposes,
    /// Its DNS names; `None` for all proven domains.
    pub dns_names: Option<Vec<Host>>,
}

/// A certificate that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// Its row.
    pub row: IssuedRow,
    /// The published certificates, one for each use.
    pub published: Vec<PublishedCertificate>,
    /// The certificate of its issuer, DER.
    pub issuing: Vec<u8>,
    /// The certificate of the root, DER.
    pub root: Vec<u8>,
    /// URL of its CRL; `None` if the certificate names none.
    pub crl_url: Option<String>,
    /// The id and scopes of the credential that it is for this API; `None` if it is no credential.
    pub credential: Option<(ClientCertificateId, Vec<Scope>)>,
}

/// Who gets a certificate: the member's own verified record, under its lock.
struct Ground<'a> {
    registry: &'a Registry,
    identity: &'a Identity,
    publisher: Publisher,
}

/// Issues a certificate.
///
/// # Errors
/// `ServiceError::Invalid` if the request is refused; `IllegalStep` if the record is not verified; `Conflict` if there is no
/// authority, if the key is another VASP's or compromised, or if there are too many certificates; `Failed`, `Key`, `Store`.
pub fn issue_certificate(act: Act<'_, IssuedCertificate>, asked: CertificateAsked) -> Result<Reply, ServiceError> {
    // Before anything is locked, because this verifies a signature.
    let csr = Csr::read(&asked.csr).map_err(|error| refused_csr(&error))?;
    let registry = act.registry;
    act.run("certificate.issue", |transaction, identity| {
        let publisher = Publisher::of(transaction, identity)?;
        let ground = Ground { registry, identity, publisher };
        check_bounds(transaction, &ground)?;
        hold_key(transaction, &ground.publisher, (Sha256Hex(sha256(&csr.key.to_spki())), true), "/csr")?;
        let names = names(transaction, &ground, &asked, &csr)?;
        let mut issued = sign(transaction, &ground, &csr, asked.purposes, names)?;
        publish(transaction, &ground, &issued)?;
        if asked.purposes.client {
            issued.credential = enrol_issued(transaction, &ground, &issued)?;
        }
        let details = json!({"vasp": issued.row.vasp, "issuer": issued.row.issuer, "sha256": issued.row.sha256,
            "certificates": ids(&issued), "dns_names": issued.published.first().map(|known| &known.dns_names)});
        let serial = issued.row.serial.clone();
        Ok(Deed::new(issued, serial, details))
    })
}

/// The scopes of a certificate of the registry on this API: those that gateways use. Other scopes require an API key.
const API_SCOPES: [Scope; 2] = [Scope::Resolve, Scope::Precheck];

/// Publishes what was issued, and stores its chain together with the chains of certificates that members publish themselves.
fn publish(transaction: &mut Transaction<'_>, ground: &Ground<'_>, issued: &IssuedCertificate) -> Result<(), ServiceError> {
    let chain = pem_of(&[issued.row.der.clone(), issued.issuing.clone()]);
    for certificate in &issued.published {
        transaction.keep_certificate_chain(&certificate.id.to_string(), ground.publisher.number, chain.as_bytes())?;
        ground.publisher.tell(transaction, certificate, "registry CA");
    }
    Ok(())
}

/// Makes the certificate a credential of the caller for this API, with no more scopes than the caller's own credential. The signature
/// of the request proved possession of the key.
fn enrol_issued(
    transaction: &mut Transaction<'_>,
    ground: &Ground<'_>,
    issued: &IssuedCertificate,
) -> Result<Option<(ClientCertificateId, Vec<Scope>)>, ServiceError> {
    let scopes: Vec<Scope> = API_SCOPES.into_iter().filter(|scope| ground.identity.may(*scope)).collect();
    let Some(certificate) = read_leaf(&issued.row.der).ok().filter(|_| !scopes.is_empty()) else { return Ok(None) };
    let terms = CertificateTerms {
        owner: ground.identity.user,
        name: format!("issued by the registry, serial {}", issued.row.serial),
        scopes: scopes.clone(),
        expires_at: None,
        issued_by_registry: true,
    };
    let row = enrol(transaction, ground.identity, &certificate, &terms)?;
    Ok(Some((row.id, scopes)))
}

fn ids(issued: &IssuedCertificate) -> Value {
    issued.published.iter().map(|known| json!(known.id)).collect()
}

fn refused_csr(error: &CsrError) -> ServiceError {
    invalid("/csr", error.code(), error.to_string())
}

fn conflict(pointer: &str, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Conflict(Fault { pointer: pointer.to_owned(), code, detail: detail.into() })
}

/// Refuses a certificate if the VASP has too many live ones, or was issued too many in 24 hours.
fn check_bounds(transaction: &mut Transaction<'_>, ground: &Ground<'_>) -> Result<(), ServiceError> {
    let (vasp, now) = (ground.publisher.vasp, transaction.now());
    if transaction.conn().live_issued_of(vasp, now)?.len() >= LIVE_CERTIFICATES {
        let detail =
            format!("A VASP may have at most {LIVE_CERTIFICATES} valid certificates issued by the registry; revoke one first.");
        return Err(conflict("", "too_many", detail));
    }
    let today = transaction.conn().count_issued_since(vasp, now.plus_secs(-86_400))?;
    if usize::try_from(today).unwrap_or(usize::MAX) >= CERTIFICATES_A_DAY {
        let detail =
            format!("The registry issues at most {CERTIFICATES_A_DAY} certificates to a VASP in 24 hours; try again later.");
        return Err(conflict("", "too_many_today", detail));
    }
    Ok(())
}

/// Returns the names of the certificate. Each must be proven now, by this organisation.
fn names(
    transaction: &mut Transaction<'_>,
    ground: &Ground<'_>,
    asked: &CertificateAsked,
    csr: &Csr,
) -> Result<Vec<Host>, ServiceError> {
    let rows = transaction
        .conn()
        .member_domains_of(DeclaredBy { organisation: ground.identity.organisation, vasp: ground.publisher.vasp })?;
    let own = rows.into_iter().filter(|row| row.state.counts());
    let proven: Vec<ProvenDomain> =
        own.map(|row| ProvenDomain { domain: row.domain, covers_subdomains: row.covers_subdomains }).collect();
    let refused = |error: NameRefused| {
        let code = match error {
            NameRefused::NotProven(_) => "domain_not_proven",
            NameRefused::TooMany => "too_many_names",
            NameRefused::NoneForServer => "no_proven_domain",
        };
        ServiceError::Invalid(Fault { pointer: "/dns_names".to_owned(), code, detail: error.to_string() })
    };
    let names = certified_names(asked.dns_names.as_deref(), &proven, asked.purposes.server).map_err(refused)?;
    // A name in the request is not dropped silently: the request is refused if the certificate cannot have it.
    for name in &csr.dns_names {
        let is_given = name.parse::<Host>().is_ok_and(|host| names.contains(&host));
        if !is_given {
            let shown: String = name.chars().take(100).collect();
            let detail = format!(
                "The request contains the name `{shown}`, which cannot be in the certificate; remove the name, or prove its \
                 domain first."
            );
            return Err(invalid("/csr", "domain_not_proven", detail));
        }
    }
    Ok(names)
}

fn sign(
    transaction: &mut Transaction<'_>,
    ground: &Ground<'_>,
    csr: &Csr,
    purposes: CertificatePurposes,
    names: Vec<Host>,
) -> Result<IssuedCertificate, ServiceError> {
    let now = transaction.now();
    let (root, issuer) = issuing(transaction.conn())?;
    let keys: &AuthorityKeys = ground.registry.part::<AuthorityKeys>();
    let validity = validity(&root, &issuer, now)?;
    let (subject, urls) = (subject(ground, now, &names)?, keys.urls(issuer.id));
    let serial = Serial::draw(transaction.conn_and_rng().1);
    let public_key = csr.key.to_spki();
    let new = NewCertificate {
        serial,
        subject: &subject,
        dns_names: &names,
        purposes,
        public_key: &public_key,
        validity,
        urls: urls.as_ref(),
    };
    let der = keys.open(&issuer)?.issue(&new).map_err(|error| ServiceError::Failed(error.into()))?;
    let mut id = |wanted: bool| wanted.then(|| CertificateId::new(now, transaction.conn_and_rng().1));
    let (client, server) = (id(purposes.client), id(purposes.server));
    let row = IssuedRow {
        serial: serial.to_string(),
        issuer: issuer.id,
        client_certificate: client,
        server_certificate: server,
        vasp: ground.publisher.vasp,
        organisation: ground.identity.organisation,
        user_id: ground.identity.user,
        sha256: Sha256Hex(sha256(&der)),
        spki_sha256: Sha256Hex(sha256(&public_key)),
        der,
        not_before: validity.from,
        not_after: validity.to,
        created_at: now,
        revoked_at: None,
        reason: None,
    };
    transaction.add_issued(&row)?;
    let published = published(&row, &subject, &names, csr.key.describe(), &issuer, validity, now)?;
    let crl_url = urls.map(|urls| urls.crl);
    Ok(IssuedCertificate { row, published, issuing: issuer.certificate, root: root.certificate, crl_url, credential: None })
}

/// Returns the certificate as readers see it, once for each use.
fn published(
    row: &IssuedRow,
    subject: &Subject,
    names: &[Host],
    key: String,
    issuer: &AuthorityRow,
    validity: Validity,
    now: UtcTime,
) -> Result<Vec<PublishedCertificate>, ServiceError> {
    let issuer = subject_text(&issuer.certificate).map_err(|error| ServiceError::Failed(error.into()))?;
    let uses = [(row.client_certificate, CertificateUse::TlsClient), (row.server_certificate, CertificateUse::TlsServer)];
    let published = uses.into_iter().filter_map(|(id, purpose)| Some((id?, purpose)));
    let published = published.map(|(id, certificate_use)| PublishedCertificate {
        id,
        version: 1,
        certificate_use,
        sha256: row.sha256.to_string(),
        spki_sha256: row.spki_sha256.to_string(),
        common_name: Some(subject.common_name.clone()),
        organisation: Some(subject.organisation.clone()),
        organisation_identifier: subject.organisation_identifier(),
        lei: subject.lei,
        country: subject.country,
        issuer: issuer.clone(),
        serial: row.serial.clone(),
        not_before: validity.from,
        not_after: validity.to,
        // It was already limited to the validity of the issuing authority and the root.
        chain_not_after: validity.to,
        dns_names: names.iter().map(ToString::to_string).collect(),
        key: key.clone(),
        root_set: Some(RootSet::RegistryCa),
        findings: Vec::new(),
        status: CertificateStatus::Active,
        revoked_at: None,
        revocation_reason: None,
        issued_by_registry: true,
        published_at: now,
    });
    Ok(published.collect())
}

/// Returns the validity of a certificate that is issued now. It is limited to the validity of the issuing authority and the root.
fn validity(root: &AuthorityRow, issuer: &AuthorityRow, now: UtcTime) -> Result<Validity, ServiceError> {
    let validity = Validity::days(now, CERTIFICATE_DAYS).within(issuer.validity()).within(root.validity());
    if validity.counts_at(now) {
        return Ok(validity);
    }
    Err(conflict(
        "",
        "authority_over",
        "The registry's issuing authority has expired; the registry's operator must create a new one.",
    ))
}

/// Builds the subject from the record, after all committed changes, without values that have no valid evidence.
fn subject(ground: &Ground<'_>, now: UtcTime, names: &[Host]) -> Result<Subject, ServiceError> {
    ground.registry.apply_log();
    let generation = ground.registry.pin(now);
    let record = generation.records().get(ground.publisher.vasp);
    let record = record.ok_or_else(|| {
        ServiceError::Changed("The record changed while the request was running; repeat the request.".to_owned())
    })?;
    let counts = |attribute: &str| record.is_evidenced(attribute) && !record.is_stale(attribute, now);
    if !counts("legal_name") {
        let detail = "The record's legal name has no valid evidence; ask the registry to check it again.";
        return Err(conflict("", "evidence_missing", detail));
    }
    let (country, lei) = (record.country.filter(|_| counts("country")), record.lei.filter(|_| counts("lei")));
    Ok(Subject::of(&record.legal_name, country, lei, names))
}
