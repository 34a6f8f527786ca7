//! Converts the DER of one certificate into the data that the rules need. Checks encoding and limits, and judges nothing.

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use x509_parser::asn1_rs::{Oid, Tag};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{DistributionPointName, ExtendedKeyUsage, GeneralName, ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as LibraryKey;
use x509_parser::signature_algorithm::SignatureAlgorithm;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AlgorithmIdentifier, AttributeTypeAndValue, SubjectPublicKeyInfo, X509Name};

use super::chain::CertificateError;
use super::lei::{LEI_OID, ROLE_OID, read_lei};
use vasp_record::certificate::parsed::{
    Authority, BasicConstraints, Criticality, Curve, KeyUsages, LeiExtension, Name, ParsedCertificate, PublicKey, Purpose,
    SignatureKind,
};
use vasp_words::time::UtcTime;

/// The maximum number of extensions of a certificate.
const EXTENSIONS_MAX: usize = 64;
/// The maximum number of alternative names.
const NAMES_MAX: usize = 500;
/// The maximum number of parts of a distinguished name.
const ATTRIBUTES_MAX: usize = 64;
/// The maximum number of URLs of revocation lists.
const CRL_URLS_MAX: usize = 8;
/// The maximum stored length of a name or a URL, in characters.
const TEXT_MAX: usize = 256;
/// The maximum length of an OID that is written out, in bytes.
const OID_BYTES_MAX: usize = 40;
/// Source: RFC 5280, section 4.1.2.2.
const SERIAL_OCTETS_MAX: usize = 20;

/// Extensions that this module or `webpki`, which validates the path, can process; other extensions must not be critical.
///
/// Source: RFC 5280, sections 4.2.1.3, .6, .9, .10, .12, .1, .2, .13. Policies (.4, .11, .14) are not processed; `webpki`
/// refuses them where they are critical, and so does this.
const KNOWN: [&str; 8] = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.37", "2.5.29.35", "2.5.29.14", "2.5.29.31"];

/// The raw names that link certificates to each other.
pub(super) struct Link {
    pub(super) subject: Vec<u8>,
    pub(super) issuer: Vec<u8>,
}

/// Reads one certificate.
pub(super) fn certificate(der: &[u8], position: usize) -> Result<(ParsedCertificate, Link), CertificateError> {
    let malformed = |reason| CertificateError::Malformed { position, reason };
    let (rest, read) = X509Certificate::from_der(der).map_err(|_| malformed("it is not an X.509 certificate in DER"))?;
    if !rest.is_empty() {
        return Err(CertificateError::TrailingBytes { position });
    }
    check_limits(&read, position)?;
    if read.signature_algorithm != read.tbs_certificate.signature {
        return Err(malformed("it names two different signature algorithms"));
    }
    let time =
        |time: ASN1Time| instant(time).ok_or_else(|| malformed("a time of its validity is outside the years 0001 to 9999"));
    let mut certificate = ParsedCertificate {
        sha256: sha256_hex(der),
        spki_sha256: sha256_hex(read.public_key().raw),
        version: read.version().0.saturating_add(1),
        serial: serial(read.raw_serial()),
        subject: name(read.subject()),
        issuer: name(read.issuer()),
        self_issued: read.subject().as_raw() == read.issuer().as_raw(),
        not_before: time(read.validity().not_before)?,
        not_after: time(read.validity().not_after)?,
        key: key(read.public_key()),
        signature: signature(&read.signature_algorithm),
        key_usage: None,
        purposes: None,
        basic_constraints: None,
        dns_names: Vec::new(),
        ip_addresses: Vec::new(),
        uris: Vec::new(),
        emails: Vec::new(),
        unreadable_names: 0,
        lei: lei(read.extensions()),
        subject_key_id: None,
        authority_key_id: None,
        crl_urls: Vec::new(),
        unknown_critical: Vec::new(),
    };
    for extension in read.extensions() {
        take(&mut certificate, extension).map_err(|fault| fault.at(position))?;
    }
    let link = Link { subject: read.subject().as_raw().to_vec(), issuer: read.issuer().as_raw().to_vec() };
    Ok((certificate, link))
}

fn check_limits(read: &X509Certificate<'_>, position: usize) -> Result<(), CertificateError> {
    let too_much = |what, most| CertificateError::TooMuch { position, what, most };
    let serial = read.raw_serial();
    if serial.len() > SERIAL_OCTETS_MAX || serial.first().is_none_or(|first| first & 0x80 != 0) {
        return Err(CertificateError::Serial { position });
    }
    if read.extensions().len() > EXTENSIONS_MAX {
        return Err(too_much("extensions", EXTENSIONS_MAX));
    }
    if [read.subject(), read.issuer()].iter().any(|name| name.iter_attributes().count() > ATTRIBUTES_MAX) {
        return Err(too_much("parts in a name", ATTRIBUTES_MAX));
    }
    for (place, extension) in read.extensions().iter().enumerate() {
        if read.extensions().iter().take(place).any(|other| other.oid == extension.oid) {
            return Err(CertificateError::DuplicateExtension { position, oid: oid(&extension.oid) });
        }
    }
    Ok(())
}

/// Why an extension is refused.
enum ExtensionFault {
    Malformed,
    TooManyNames,
}

impl ExtensionFault {
    fn at(&self, position: usize) -> CertificateError {
        match self {
            Self::Malformed => {
                CertificateError::Malformed { position, reason: "an extension is not encoded as the standard requires" }
            }
            Self::TooManyNames => CertificateError::TooMuch { position, what: "alternative names", most: NAMES_MAX },
        }
    }
}

fn take(certificate: &mut ParsedCertificate, extension: &X509Extension<'_>) -> Result<(), ExtensionFault> {
    let id = oid(&extension.oid);
    match extension.parsed_extension() {
        ParsedExtension::ParseError { .. } if KNOWN.contains(&id.as_str()) => return Err(ExtensionFault::Malformed),
        ParsedExtension::KeyUsage(usage) => certificate.key_usage = Some(KeyUsages(usage.flags)),
        ParsedExtension::ExtendedKeyUsage(usage) => certificate.purposes = Some(purposes(usage)),
        ParsedExtension::BasicConstraints(constraints) => {
            let authority = if constraints.ca { Authority::Yes } else { Authority::No };
            certificate.basic_constraints = Some(BasicConstraints { authority, path_length: constraints.path_len_constraint });
        }
        ParsedExtension::SubjectAlternativeName(names) if names.general_names.len() > NAMES_MAX => {
            return Err(ExtensionFault::TooManyNames);
        }
        ParsedExtension::SubjectAlternativeName(names) => {
            names.general_names.iter().for_each(|name| take_name(certificate, name));
        }
        ParsedExtension::SubjectKeyIdentifier(id) => certificate.subject_key_id = Some(short_hex(id.0)),
        ParsedExtension::AuthorityKeyIdentifier(id) => {
            certificate.authority_key_id = id.key_identifier.as_ref().map(|id| short_hex(id.0));
        }
        ParsedExtension::CRLDistributionPoints(points) => {
            let names = points.iter().filter_map(|point| point.distribution_point.as_ref());
            certificate.crl_urls = names.flat_map(urls).take(CRL_URLS_MAX).collect();
        }
        _ => (),
    }
    if extension.critical && !KNOWN.contains(&id.as_str()) && id != LEI_OID {
        certificate.unknown_critical.push(id);
    }
    Ok(())
}

fn take_name(certificate: &mut ParsedCertificate, name: &GeneralName<'_>) {
    match name {
        GeneralName::DNSName(name) => certificate.dns_names.push(cut(name).to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => match address(bytes) {
            Some(address) => certificate.ip_addresses.push(address),
            None => certificate.unreadable_names += 1,
        },
        GeneralName::URI(uri) => certificate.uris.push(cut(uri)),
        GeneralName::RFC822Name(email) => certificate.emails.push(cut(email)),
        GeneralName::Invalid(..) => certificate.unreadable_names += 1,
        // Names of other kinds are not used here.
        _ => (),
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    four.or_else(|| <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from))
}

/// Returns the URLs of a distribution point.
pub(super) fn urls<'a>(name: &'a DistributionPointName<'a>) -> impl Iterator<Item = String> + 'a {
    let names = match name {
        DistributionPointName::FullName(names) => names.as_slice(),
        DistributionPointName::NameRelativeToCRLIssuer(_) => &[],
    };
    names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => Some(cut(uri)),
        _ => None,
    })
}

fn purposes(usage: &ExtendedKeyUsage<'_>) -> Vec<Purpose> {
    let named = [
        (usage.any, Purpose::Any),
        (usage.server_auth, Purpose::ServerAuth),
        (usage.client_auth, Purpose::ClientAuth),
        (usage.email_protection, Purpose::EmailProtection),
        (usage.code_signing, Purpose::Other("1.3.6.1.5.5.7.3.3".to_owned())),
        (usage.time_stamping, Purpose::Other("1.3.6.1.5.5.7.3.8".to_owned())),
        (usage.ocsp_signing, Purpose::Other("1.3.6.1.5.5.7.3.9".to_owned())),
    ];
    let named = named.into_iter().filter(|(set, _)| *set).map(|(_, purpose)| purpose);
    let others = usage.other.iter().map(|other| match oid(other).as_str() {
        "1.3.6.1.5.5.7.3.36" | "1.3.6.1.4.1.311.10.3.12" => Purpose::DocumentSigning,
        id => Purpose::Other(id.to_owned()),
    });
    named.chain(others).collect()
}

fn lei(extensions: &[X509Extension<'_>]) -> Option<LeiExtension> {
    let find = |id: &str| extensions.iter().find(|extension| oid(&extension.oid) == id);
    let extension = find(LEI_OID)?;
    let criticality = if extension.critical { Criticality::Critical } else { Criticality::NotCritical };
    let role = find(ROLE_OID).and_then(|role| read_lei(role.value).ok()).map(|value| value.lei);
    Some(LeiExtension { value: read_lei(extension.value), criticality, role })
}

fn key(spki: &SubjectPublicKeyInfo<'_>) -> PublicKey {
    let id = oid(&spki.algorithm.algorithm);
    match (id.as_str(), spki.parsed()) {
        ("1.3.101.112", _) => PublicKey::Ed25519,
        ("1.3.101.110", _) => PublicKey::X25519,
        (_, Ok(LibraryKey::RSA(rsa))) => {
            let modulus: &[u8] =
                rsa.modulus.iter().position(|byte| *byte != 0).and_then(|at| rsa.modulus.get(at..)).unwrap_or(&[]);
            let unused = modulus.first().map_or(0, |first| first.leading_zeros());
            let bits = (modulus.len() * 8).saturating_sub(usize::try_from(unused).unwrap_or(0));
            PublicKey::Rsa { bits, exponent: rsa.try_exponent().ok() }
        }
        ("1.2.840.10045.2.1", _) => PublicKey::Ec(curve(spki)),
        _ => PublicKey::Other(id),
    }
}

/// Source: RFC 5480, section 2.1.1: named curves only.
fn curve(spki: &SubjectPublicKeyInfo<'_>) -> Curve {
    let named = spki.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok()).map(|named| oid(&named));
    match named.as_deref() {
        Some("1.2.840.10045.3.1.7") => Curve::P256,
        Some("1.3.132.0.34") => Curve::P384,
        Some("1.3.132.0.35") => Curve::P521,
        other => Curve::Other(other.unwrap_or("without a name").to_owned()),
    }
}

/// Source: RFC 3279, 4055, 5758, 8410.
fn signature(algorithm: &AlgorithmIdentifier<'_>) -> SignatureKind {
    let id = oid(&algorithm.algorithm);
    match id.as_str() {
        "1.2.840.113549.1.1.2" => SignatureKind::Weak("RSA with MD2"),
        "1.2.840.113549.1.1.4" => SignatureKind::Weak("RSA with MD5"),
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => SignatureKind::Weak("RSA with SHA-1"),
        "1.2.840.10045.4.1" => SignatureKind::Weak("ECDSA with SHA-1"),
        "1.2.840.10040.4.3" => SignatureKind::Weak("DSA with SHA-1"),
        "1.2.840.113549.1.1.10" => pss(algorithm, id),
        "1.2.840.113549.1.1.11" => SignatureKind::Sound("RSA with SHA-256"),
        "1.2.840.113549.1.1.12" => SignatureKind::Sound("RSA with SHA-384"),
        "1.2.840.113549.1.1.13" => SignatureKind::Sound("RSA with SHA-512"),
        "1.2.840.10045.4.3.2" => SignatureKind::Sound("ECDSA with SHA-256"),
        "1.2.840.10045.4.3.3" => SignatureKind::Sound("ECDSA with SHA-384"),
        "1.2.840.10045.4.3.4" => SignatureKind::Sound("ECDSA with SHA-512"),
        "1.3.101.112" => SignatureKind::Sound("Ed25519"),
        _ => SignatureKind::Unknown(id),
    }
}

/// Source: RFC 4055, section 3.1: without parameters the hash is SHA-1.
fn pss(algorithm: &AlgorithmIdentifier<'_>, id: String) -> SignatureKind {
    let hash = match SignatureAlgorithm::try_from(algorithm) {
        Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) => oid(parameters.hash_algorithm_oid()),
        _ => return SignatureKind::Unknown(id),
    };
    match hash.as_str() {
        "1.3.14.3.2.26" => SignatureKind::Weak("RSA-PSS with SHA-1"),
        "2.16.840.1.101.3.4.2.1" => SignatureKind::Sound("RSA-PSS with SHA-256"),
        "2.16.840.1.101.3.4.2.2" => SignatureKind::Sound("RSA-PSS with SHA-384"),
        "2.16.840.1.101.3.4.2.3" => SignatureKind::Sound("RSA-PSS with SHA-512"),
        _ => SignatureKind::Unknown(id),
    }
}

/// Reads the parts of a distinguished name.
pub(super) fn name(name: &X509Name<'_>) -> Name {
    let mut read = Name::default();
    let mut parts = Vec::new();
    for attribute in name.iter_attributes() {
        let Some(text) = text(attribute) else { continue };
        let label = match oid(attribute.attr_type()).as_str() {
            "2.5.4.3" => {
                read.common_name.get_or_insert_with(|| text.clone());
                "CN"
            }
            "2.5.4.10" => {
                read.organisation.get_or_insert_with(|| text.clone());
                "O"
            }
            "2.5.4.6" => {
                read.country.get_or_insert_with(|| text.clone());
                "C"
            }
            "2.5.4.97" => {
                read.organisation_identifiers.push(text.clone());
                "organizationIdentifier"
            }
            "2.5.4.11" => "OU",
            "2.5.4.7" => "L",
            "2.5.4.8" => "ST",
            _ => continue,
        };
        parts.push(format!("{label}={text}"));
    }
    read.text = cut(&parts.join(", "));
    read
}

/// Returns the text of a part of a name, in any string type of X.520; control characters are replaced.
fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let bytes = attribute.attr_value().data;
    let text = match attribute.attr_value().tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            std::str::from_utf8(bytes).ok()?.to_owned()
        }
        Tag::BmpString => {
            let pairs = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(u16::from_be_bytes);
            char::decode_utf16(pairs).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        Tag::T61String => bytes.iter().copied().map(char::from).collect(),
        _ => return None,
    };
    Some(cut(&text)).filter(|text| !text.is_empty())
}

/// Returns a text without control characters, cut to the maximum stored length.
fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Returns an OID in dotted form; an unreasonably long one is replaced by a note.
fn oid(oid: &Oid<'_>) -> String {
    if oid.as_bytes().len() > OID_BYTES_MAX { "an overlong OID".to_owned() } else { oid.to_id_string() }
}

/// The latest time that is written: 9999-12-30T22:00:00Z, so that it can be displayed in every time zone.
const LAST_SECOND: i64 = 253_402_207_200;

/// Returns a time of a certificate; `None` if it cannot be written. A certificate without an end (99991231235959Z, RFC 5280, section
/// 4.1.2.5) gets the latest time that is written.
pub(super) fn instant(time: ASN1Time) -> Option<UtcTime> {
    UtcTime::from_micros(time.timestamp().min(LAST_SECOND).checked_mul(1_000_000)?).ok()
}

fn serial(raw: &[u8]) -> String {
    let hex = hex::encode(raw);
    let digits = hex.trim_start_matches('0');
    if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
}

fn short_hex(bytes: &[u8]) -> String {
    hex::encode(bytes.get(..64).unwrap_or(bytes))
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}
