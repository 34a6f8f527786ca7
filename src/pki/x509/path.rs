//! Validates the path from a certificate to a root with `webpki`, and finds the key of the issuer. The public roots are Mozilla's, compiled
//! in; other roots are given as PEM. `webpki` limits the cost of a search, over at most ten certificates.

use std::collections::BTreeMap;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::chain::{CertificateError, parse_chain};
use super::der::{SIGNATURES, Signed, contents};
use super::read;
use vasp_record::certificate::parsed::{KeyUsages, ParsedChain};
use vasp_record::certificate::path::{PathFault, PathOutcome};
use vasp_record::certificate::{CertificateUse, RootSet};
use vasp_words::time::UtcTime;

/// The roots at which paths may end, by root set.
#[derive(Clone, Debug)]
pub struct RootSets {
    sets: BTreeMap<RootSet, Vec<TrustAnchor<'static>>>,
}

/// Why roots are not accepted.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// The text contains no readable certificates.
    #[error("the roots cannot be read")]
    Unreadable(#[source] CertificateError),
    /// A certificate is not that of an authority.
    #[error("`{0}` is not an authority's certificate")]
    NotAnAuthority(String),
    /// A certificate cannot be the end of a path.
    #[error("`{0}` cannot be used as a root")]
    NotARoot(String),
}

impl RootSets {
    /// Returns an empty collection of roots.
    #[must_use]
    pub fn none() -> Self {
        Self { sets: BTreeMap::new() }
    }

    /// Returns Mozilla's roots, and no roots for other sets.
    #[must_use]
    pub fn web_pki() -> Self {
        Self { sets: BTreeMap::from([(RootSet::WebPki, webpki_roots::TLS_SERVER_ROOTS.to_vec())]) }
    }

    /// Adds authority certificates to a set, from PEM of any length.
    ///
    /// # Errors
    /// `RootsError` for the first certificate that cannot be added; then nothing is added.
    pub fn add(&mut self, set: RootSet, pem: &[u8]) -> Result<usize, RootsError> {
        let blocks = pem::parse_many(pem).map_err(|_| RootsError::Unreadable(CertificateError::NotPem))?;
        // One that is torn, in the middle or at its first line, is not skipped.
        let marks = |mark: &str| String::from_utf8_lossy(pem).matches(mark).count();
        if [marks("-----BEGIN "), marks("-----END ")] != [blocks.len(); 2] {
            return Err(RootsError::Unreadable(CertificateError::NotPem));
        }
        let mut anchors = Vec::new();
        for block in blocks {
            let chain = parse_chain(block.contents()).map_err(RootsError::Unreadable)?;
            let name = chain.leaf.subject.text.clone();
            if !chain.leaf.is_authority() {
                return Err(RootsError::NotAnAuthority(name));
            }
            let der = CertificateDer::from(block.contents());
            let anchor = webpki::anchor_from_trusted_cert(&der).map_err(|_| RootsError::NotARoot(name))?;
            anchors.push(anchor.to_owned());
        }
        if anchors.is_empty() {
            return Err(RootsError::Unreadable(CertificateError::Empty));
        }
        let added = anchors.len();
        self.sets.entry(set).or_default().extend(anchors);
        Ok(added)
    }

    /// Returns the sets that have roots.
    pub fn configured(&self) -> impl Iterator<Item = RootSet> + '_ {
        self.sets.keys().copied()
    }

    fn anchors(&self, set: RootSet) -> &[TrustAnchor<'static>] {
        self.sets.get(&set).map_or(&[], Vec::as_slice)
    }
}

/// Accepts any purpose: no purpose for signing or encryption is used by all issuers.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// Checks whether a path leads from a chain's certificate to a root of a set.
///
/// The path is checked as of `now` if the certificate is valid now. Otherwise the time is the start or the end of its validity, whichever
/// is closer to now. The judgement reports an expired certificate separately, and it is still useful to know whether its issuers were
/// trusted.
///
/// Source: RFC 5280, section 6.1, as `webpki` implements it.
#[must_use]
pub fn validate(
    chain: &ParsedChain,
    roots: &RootSets,
    set: RootSet,
    certificate_use: CertificateUse,
    now: UtcTime,
) -> PathOutcome {
    if set == RootSet::Pinned {
        return PathOutcome::Pinned;
    }
    let anchors = roots.anchors(set);
    if anchors.is_empty() {
        return PathOutcome::NotConfigured;
    }
    let mut ders = chain.ders.iter().map(|der| CertificateDer::from(der.as_slice()));
    let Some(leaf) = ders.next() else { return PathOutcome::NotTrusted(PathFault::Unreadable) };
    let issuers: Vec<_> = ders.collect();
    let end_entity = match EndEntityCert::try_from(&leaf) {
        Ok(end_entity) => end_entity,
        Err(_) => return PathOutcome::NotTrusted(PathFault::Leaf),
    };
    let moment = unix(now.min(chain.leaf.not_after).max(chain.leaf.not_before));
    let by = |usage: KeyUsage| end_entity.verify_for_usage(SIGNATURES, anchors, &issuers, moment, usage, None, None);
    let path = match certificate_use {
        CertificateUse::TlsServer => by(KeyUsage::server_auth()),
        CertificateUse::TlsClient => by(KeyUsage::client_auth()),
        CertificateUse::Signing | CertificateUse::Encryption => {
            end_entity.verify_for_usage(SIGNATURES, anchors, &issuers, moment, AnyPurpose, None, None)
        }
    };
    match path {
        Ok(path) => PathOutcome::Trusted { root: root_name(path.anchor()) },
        Err(error) => PathOutcome::NotTrusted(fault(&error)),
    }
}

fn unix(time: UtcTime) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(time.micros().div_euclid(1_000_000)).unwrap_or(0)))
}

fn root_name(anchor: &TrustAnchor<'_>) -> String {
    let wrapped = sequence(anchor.subject.as_ref());
    X509Name::from_der(&wrapped).map(|(_, name)| read::name(&name).text).unwrap_or_default()
}

/// Adds the header of a SEQUENCE before its content, because `webpki` removes it.
fn sequence(content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.iter().copied().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![0x30];
    match (content.len() < 128, u8::try_from(significant.len())) {
        (true, _) => der.extend(significant.first().copied().or(Some(0))),
        (false, Ok(count)) => {
            der.push(0x80 | count);
            der.extend(significant);
        }
        (false, Err(_)) => (),
    }
    der.extend_from_slice(content);
    der
}

/// Translates the library's errors into `PathFault`.
fn fault(error: &webpki::Error) -> PathFault {
    use webpki::Error as E;

    match error {
        E::UnknownIssuer | E::CertDistrusted => PathFault::UnknownIssuer,
        E::InvalidSignatureForPublicKey => PathFault::Signature,
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        | E::SignatureAlgorithmMismatch => PathFault::Algorithm,
        E::CertExpired { .. } | E::CertNotValidYet { .. } | E::InvalidCertValidity => PathFault::Validity,
        E::EndEntityUsedAsCa | E::PathLenConstraintViolated | E::NameConstraintViolation => PathFault::Constraint,
        E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension => PathFault::Usage,
        E::CaUsedAsEndEntity => PathFault::Leaf,
        _ => PathFault::Unreadable,
    }
}

/// The issuer of a certificate, as far as it is known: its revocation lists must be signed with the issuer's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The content of the issuer's name.
    pub(super) subject: Vec<u8>,
    /// The content of the issuer's public key information.
    pub(super) spki: Vec<u8>,
    /// Whether the key usage allows signing lists; true also if the key usage is not known.
    pub(super) may_sign_lists: bool,
}

/// Finds the issuer of a chain's certificate, first in the chain, then among the roots. Only an issuer whose key made the signature counts.
#[must_use]
pub fn issuer_of(chain: &ParsedChain, roots: &RootSets) -> Option<Issuer> {
    let (leaf, others) = chain.ders.split_first()?;
    let signed = Signed::read(leaf)?;
    let (_, read) = X509Certificate::from_der(leaf).ok()?;
    let wanted = contents(read.issuer().as_raw())?;
    let in_chain = others.iter().zip(&chain.issuers).filter_map(|(der, parsed)| {
        let (_, issuer) = X509Certificate::from_der(der).ok()?;
        let may_sign_lists = parsed.key_usage.is_none_or(|usage| usage.has_any(&[KeyUsages::CRL_SIGN]));
        let (subject, spki) = (contents(issuer.subject().as_raw())?, contents(issuer.public_key().raw)?);
        Some(Issuer { subject: subject.to_vec(), spki: spki.to_vec(), may_sign_lists })
    });
    let of_root = |anchor: &TrustAnchor<'_>| Issuer {
        subject: anchor.subject.to_vec(),
        spki: anchor.subject_public_key_info.to_vec(),
        may_sign_lists: true,
    };
    let in_roots = roots.sets.values().flatten().filter(|anchor| anchor.subject.as_ref() == wanted).map(of_root);
    in_chain.chain(in_roots).find(|issuer| issuer.subject == wanted && signed.is_signed_by(&issuer.spki))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(name: &str) -> String {
        let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
    }

    /// The whole certificates of a file that was cut must not be taken as if nothing were missing.
    #[test]
    fn a_file_of_roots_that_is_cut_at_any_line_but_between_two_roots_is_refused() {
        let (first, second) = (root("First"), root("Second"));
        let add = |pem: &str| RootSets::none().add(RootSet::Private, pem.as_bytes()).ok();
        let both = format!("{first}{second}");
        assert_eq!(add(&both), Some(2));

        let lines: Vec<&str> = both.split_inclusive('\n').collect();
        let whole = first.split_inclusive('\n').count();
        for kept in 1..lines.len() {
            let (start, end) = lines.split_at(kept);
            let expected = (kept == whole).then_some(1);
            assert_eq!(add(&start.concat()), expected, "the first {kept} lines");
            assert_eq!(add(&end.concat()), expected, "without the first {kept} lines");
        }
    }
}
