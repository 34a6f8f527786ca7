//! Makes certificates by rcgen under authorities of its own, and judges them as the registry does.

use std::sync::LazyLock;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CrlDistributionPoint, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize, SanType, date_time_ymd,
};
use vasp_pki::x509::{RootSets, parse_chain, validate};
use vasp_record::certificate::finding_code::Found;
use vasp_record::certificate::revocation::RevocationStatus;
use vasp_record::certificate::{CertificateUse, RootSet, Severity};
use vasp_rules::certificate_judgement::{Bearer, Circumstances, judge};
use vasp_words::time::UtcTime;

pub(crate) type Issuer = CertifiedIssuer<'static, KeyPair>;

/// The moment of the tests that say nothing else.
pub(crate) const NOON: &str = "2026-11-20T12:00:00Z";
pub(crate) const HOST: &str = "trp.vasp.example.com";
pub(crate) const LEI: &str = "529900T8BM49AURSDO55";
/// Where the authorities of the laboratory would publish their lists.
pub(crate) const LIST: &str = "http://crl.example.com/1.crl";

pub(crate) fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

/// An instant as rcgen takes it: the type of its field, whose crate is not named here.
macro_rules! offset {
    ($text:expr) => {
        rcgen::date_time_ymd(1970, 1, 1)
            + std::time::Duration::from_micros(u64::try_from($crate::certificates::lab::at($text).micros()).unwrap())
    };
}
pub(crate) use offset;

pub(crate) fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

pub(crate) fn rsa() -> &'static KeyPair {
    static RSA: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap());
    &RSA
}

pub(crate) fn named(parts: &[(DnType, &str)]) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    parts.iter().for_each(|(kind, text)| name.push(kind.clone(), *text));
    name
}

pub(crate) fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

pub(crate) fn authority(name: &str, path_length: Option<u8>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(&[(DnType::OrganizationName, "Laboratory"), (DnType::CommonName, name)]);
    params.is_ca = IsCa::Ca(path_length.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2036, 1, 1);
    params
}

/// Authorities: a root, one below it, and a root that nobody trusts.
pub(crate) struct Lab {
    pub(crate) root: Issuer,
    pub(crate) below: Issuer,
    pub(crate) stranger: Issuer,
    pub(crate) roots: RootSets,
}

impl Lab {
    pub(crate) fn get() -> &'static Self {
        static LAB: LazyLock<Lab> = LazyLock::new(|| {
            let root = CertifiedIssuer::self_signed(authority("Root", None), key()).unwrap();
            let below = CertifiedIssuer::signed_by(authority("Below", Some(0)), key(), &root).unwrap();
            let stranger = CertifiedIssuer::self_signed(authority("Stranger", None), key()).unwrap();
            let mut roots = RootSets::web_pki();
            roots.add(RootSet::Private, root.pem().as_bytes()).unwrap();
            // Stands for a public authority, where what counts is that it is one.
            roots.add(RootSet::WebPki, root.pem().as_bytes()).unwrap();
            Lab { root, below, stranger, roots }
        });
        &LAB
    }

    /// An authority below the root, made otherwise than usual.
    pub(crate) fn other_below(&self, change: impl FnOnce(&mut CertificateParams)) -> Issuer {
        let mut params = authority("Below", Some(0));
        change(&mut params);
        CertifiedIssuer::signed_by(params, key(), &self.root).unwrap()
    }
}

/// A sound certificate for TLS servers.
pub(crate) fn server() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name =
        named(&[(DnType::CountryName, "DE"), (DnType::OrganizationName, "Example VASP GmbH"), (DnType::CommonName, HOST)]);
    params.subject_alt_names = vec![dns(HOST)];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![LIST.to_owned()] }];
    params.use_authority_key_identifier_extension = true;
    params.not_before = offset!("2026-10-01T00:00:00Z");
    params.not_after = offset!("2027-01-31T23:59:59Z");
    params
}

/// A chain of a leaf by `issuer` and that issuer.
pub(crate) fn chain(params: &CertificateParams, key: &KeyPair, issuer: &Issuer) -> String {
    params.signed_by(key, issuer).unwrap().pem() + &issuer.pem()
}

/// The record of the tests.
pub(crate) fn bearer() -> Bearer<'static> {
    Bearer {
        names: vec!["Example VASP GmbH", "ExVASP"],
        lei: LEI.parse().ok(),
        country: "DE".parse().ok(),
        hosts: vec![HOST.parse().unwrap()],
    }
}

/// Reads and judges; the code of the refusal, with an exclamation mark, where it is not read.
pub(crate) fn judged(pem: &[u8], certificate_use: CertificateUse, root_set: RootSet, now: &str) -> Result<Vec<Found>, String> {
    let lab = Lab::get();
    let chain = parse_chain(pem).map_err(|error| format!("!{}", error.code()))?;
    let path = validate(&chain, &lab.roots, root_set, certificate_use, at(now));
    let bearer = bearer();
    let circumstances = Circumstances {
        certificate_use,
        root_set,
        path: &path,
        revocation: RevocationStatus::Unknown,
        bearer: &bearer,
        now: at(now),
    };
    Ok(judge(&chain, &circumstances))
}

/// Asserts that errors and warnings are exactly these, and that the information named is among the findings.
#[track_caller]
pub(crate) fn assert_found(name: &str, judged: Result<Vec<Found>, String>, expected: &str) {
    let expected: Vec<&str> = expected.split_whitespace().collect();
    let found = match judged {
        Ok(found) => found,
        Err(refused) => return assert_eq!(vec![refused.as_str()], expected, "{name}"),
    };
    let codes = |info: bool| {
        let mut codes: Vec<_> = found
            .iter()
            .filter(|found| (found.code.severity() == Severity::Info) == info)
            .map(|found| found.code.as_str())
            .collect();
        codes.dedup();
        codes
    };
    let (heavy, light) = (codes(false), codes(true));
    let mut missing: Vec<&str> = expected.iter().copied().filter(|code| !heavy.contains(code) && !light.contains(code)).collect();
    missing.extend(heavy.iter().copied().filter(|code| !expected.contains(code)));
    assert!(missing.is_empty(), "{name}: {missing:?} differ; found {found:#?}");
}
