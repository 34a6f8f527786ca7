//! Reads the certificate that the peer of a connection shows, and PEM files of certificates. Reads only what is needed to recognise and
//! display a certificate. Judges nothing, and follows no chain.

use aws_lc_rs::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, KeyUsage};
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name};

use vasp_record::client_certificate::{CertificateKey, ClientCertificate, Sha256};
use vasp_words::time::UtcTime;

/// The maximum size of a certificate, in bytes. Client certificates usually have one or two thousand.
const LARGEST_CERTIFICATE: usize = 16 << 10;

/// The maximum length of a stored name, in characters.
const LONGEST_NAME: usize = 500;

/// The maximum length of a serial number, in bytes. Source: RFC 5280, section 4.1.2.2.
const LONGEST_SERIAL: usize = 20;

/// The latest time that is reported. Certificates "without end" have 9999-12-31T23:59:59Z. Source: RFC 5280, section 4.1.2.5.
const LAST_SECOND: i64 = 253_402_128_000;

/// Why a certificate cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// It is too large.
    #[error("the certificate has more than {LARGEST_CERTIFICATE} bytes")]
    TooLarge,
    /// It is not an X.509 certificate in DER.
    #[error("this is not an X.509 certificate")]
    Malformed,
    /// The PEM text has no certificate.
    #[error("this contains no certificate in PEM (-----BEGIN CERTIFICATE-----)")]
    NoPem,
}

/// Returns the host names and IP addresses for which a server may show a certificate; none if it cannot be read.
///
/// Source: RFC 5280, section 4.2.1.6.
#[must_use]
pub fn hosts_of(der: &[u8]) -> Vec<String> {
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(der) else { return vec![] };
    let names = certificate.subject_alternative_name().ok().flatten();
    let host = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(host) => Some(host.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => Some(hex::encode(bytes)),
        _ => None,
    };
    names.iter().flat_map(|names| &names.value.general_names).filter_map(host).collect()
}

/// Reads a certificate in DER.
pub fn read_leaf(der: &[u8]) -> Result<ClientCertificate, LeafError> {
    if der.len() > LARGEST_CERTIFICATE {
        return Err(LeafError::TooLarge);
    }
    let (rest, certificate) = x509_parser::parse_x509_certificate(der).map_err(|_| LeafError::Malformed)?;
    if !rest.is_empty() {
        return Err(LeafError::Malformed);
    }
    let validity = certificate.validity();
    let (signs, for_clients) = uses(&certificate)?;
    Ok(ClientCertificate {
        sha256: sha256(der),
        spki_sha256: sha256(certificate.public_key().raw),
        subject: name(certificate.subject()),
        issuer: name(certificate.issuer()),
        serial: hex::encode(certificate.raw_serial().get(..LONGEST_SERIAL).unwrap_or(certificate.raw_serial())),
        key: key(certificate.public_key()),
        not_before: instant(validity.not_before),
        not_after: instant(validity.not_after),
        signs,
        for_clients,
    })
}

/// Reads the first certificate of a PEM text, in DER.
pub fn first_certificate(pem: &str) -> Result<Vec<u8>, LeafError> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map(|der| der.to_vec()).map_err(|_| LeafError::NoPem)
}

/// Tells whether the key may sign, and whether the certificate is for TLS clients. A missing extension means that both are allowed.
fn uses(certificate: &X509Certificate<'_>) -> Result<(bool, bool), LeafError> {
    let key_usage = certificate.key_usage().map_err(|_| LeafError::Malformed)?;
    let extended = certificate.extended_key_usage().map_err(|_| LeafError::Malformed)?;
    let signs = key_usage.is_none_or(|found| KeyUsage::digital_signature(found.value));
    let clients = |found: &ExtendedKeyUsage<'_>| found.client_auth || found.any;
    Ok((signs, extended.is_none_or(|found| clients(found.value))))
}

/// Returns the SHA-256 of bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Sha256 {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest(&SHA256, bytes).as_ref());
    sum
}

/// Returns the name as text, without characters that could change how a line is displayed.
fn name(name: &X509Name<'_>) -> String {
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    name.to_string().chars().take(LONGEST_NAME).map(plain).collect()
}

fn instant(time: ASN1Time) -> UtcTime {
    let micros = time.timestamp().min(LAST_SECOND).saturating_mul(1_000_000);
    UtcTime::from_micros(micros).unwrap_or(UtcTime::EPOCH)
}

/// Source: RFC 5480, section 2.1.1.1 (curves); RFC 8410, section 3 (Ed25519).
fn key(info: &SubjectPublicKeyInfo<'_>) -> CertificateKey {
    let algorithm = info.algorithm.algorithm.to_id_string();
    if algorithm == "1.3.101.112" {
        return CertificateKey::Ed25519;
    }
    let curve = info.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    match info.parsed() {
        // A modulus begins with a zero byte if its first bit is set.
        Ok(PublicKey::RSA(rsa)) => CertificateKey::Rsa(bits(rsa.modulus)),
        Ok(PublicKey::EC(_)) => match curve.map(|oid| oid.to_id_string()).as_deref() {
            Some("1.2.840.10045.3.1.7") => CertificateKey::Ec("P-256"),
            Some("1.3.132.0.34") => CertificateKey::Ec("P-384"),
            Some("1.3.132.0.35") => CertificateKey::Ec("P-521"),
            other => CertificateKey::Other(format!("EC {}", other.unwrap_or("without a curve"))),
        },
        _ => CertificateKey::Other(algorithm),
    }
}

fn bits(number: &[u8]) -> usize {
    let significant = number.iter().skip_while(|byte| **byte == 0);
    let first = significant.clone().next().map_or(0, |byte| byte.leading_zeros());
    (significant.count() * 8).saturating_sub(usize::try_from(first).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};

    fn made(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["alpha.example".to_owned()]).unwrap();
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn what_the_certificate_says_is_read() {
        let der = made(|params| {
            params.not_before = rcgen::date_time_ymd(2026, 1, 1);
            params.not_after = rcgen::date_time_ymd(2026, 6, 30);
            params.serial_number = Some(vec![0x2a, 0x01].into());
            params.distinguished_name.push(rcgen::DnType::CommonName, "al\u{1b}pha");
        });

        let read = read_leaf(&der).unwrap();

        assert_eq!(read.subject, "CN=al\u{fffd}pha");
        assert_eq!((read.subject.as_str(), read.serial.as_str()), (read.issuer.as_str(), "2a01"));
        assert_eq!(read.key, CertificateKey::Ec("P-256"));
        assert_eq!(read.not_before.to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(read.not_after.to_string(), "2026-06-30T00:00:00Z");
        assert!(read.signs && read.for_clients, "nothing is said, so all is allowed");
    }

    #[test]
    fn what_a_certificate_is_for_is_read() {
        let uses = |usage: Vec<KeyUsagePurpose>, extended: Vec<ExtendedKeyUsagePurpose>| {
            let read = read_leaf(&made(|params| {
                params.key_usages = usage;
                params.extended_key_usages = extended;
            }));
            read.map(|read| (read.signs, read.for_clients)).unwrap()
        };

        let (signature, agreement) = (KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyAgreement);
        assert_eq!(uses(vec![signature], vec![ExtendedKeyUsagePurpose::ServerAuth]), (true, false));
        assert_eq!(uses(vec![agreement], vec![ExtendedKeyUsagePurpose::ClientAuth]), (false, true));
        assert_eq!(uses(vec![], vec![ExtendedKeyUsagePurpose::Any]), (true, true));
    }

    #[test]
    fn other_bytes_and_large_certificates_are_refused() {
        let der = made(|_| ());
        assert_eq!(read_leaf(&[]), Err(LeafError::Malformed));
        assert_eq!(read_leaf(&[&der[..], &[0]].concat()), Err(LeafError::Malformed));
        assert_eq!(read_leaf(&der[..der.len() - 1]), Err(LeafError::Malformed));
        let names = (0..2_000).map(|n| format!("host-{n}.example"));
        let large = CertificateParams::new(names.collect::<Vec<_>>()).unwrap();
        let large = large.self_signed(&KeyPair::generate().unwrap()).unwrap();
        assert_eq!(read_leaf(large.der()), Err(LeafError::TooLarge));
        assert_eq!(first_certificate("-----BEGIN PRIVATE KEY-----"), Err(LeafError::NoPem));
        assert_eq!(first_certificate(&large.pem()).unwrap(), large.der().to_vec());
    }

    #[test]
    fn bits_of_a_modulus_are_counted_without_leading_zeros() {
        assert_eq!((bits(&[0, 0x80, 0]), bits(&[0x7f, 0xff]), bits(&[])), (16, 15, 0));
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes: Vec<u8>, place: prop::sample::Index, with: u8) {
            drop(read_leaf(&bytes));
            let mut changed = made(|_| ());
            let place = place.index(changed.len());
            changed[place] = with;
            drop(read_leaf(&changed));
        }
    }
}
