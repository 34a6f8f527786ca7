//! Makes certificate authorities: the root, whose key is moved to an offline place, and the issuing authorities that the root signs.

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PublicKeyData, SerialNumber,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{CaError, Serial, date_time, to_pem};
use vasp_record::ca::Validity;

/// A newly made authority: its certificate and its secret key.
pub struct NewAuthority {
    /// The certificate, in DER.
    pub certificate: Vec<u8>,
    /// The secret key, in PKCS #8.
    pub key: Vec<u8>,
}

/// The root's private key, as stored in its file.
pub struct RootKey(KeyPair);

/// Why a root key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootKeyError {
    /// The file has no private key in PEM.
    #[error("the root key file has no private key in PEM (PKCS #8, label PRIVATE KEY)")]
    Unreadable,
    /// The key belongs to another certificate.
    #[error("the root key file does not belong to the root certificate of this database")]
    Other,
}

impl RootKey {
    /// Reads the PEM of a root key and checks it against the root certificate.
    ///
    /// # Errors
    /// Every `RootKeyError`.
    pub fn read(pem: &str, root: &[u8]) -> Result<Self, RootKeyError> {
        let key = KeyPair::from_pem(pem).map_err(|_| RootKeyError::Unreadable)?;
        let (_, certificate) = X509Certificate::from_der(root).map_err(|_| RootKeyError::Other)?;
        let fits = certificate.public_key().raw == key.subject_public_key_info();
        if fits { Ok(Self(key)) } else { Err(RootKeyError::Other) }
    }
}

impl NewAuthority {
    /// Returns the key as PEM, for the file that is moved offline.
    #[must_use]
    pub fn key_pem(&self) -> String {
        to_pem("PRIVATE KEY", &self.key)
    }
}

fn names(organisation: &str, common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, organisation);
    name.push(DnType::CommonName, common_name);
    name
}

/// The parameters that root and issuing authorities share: both sign only certificates and CRLs.
fn authority(
    organisation: &str,
    common_name: &str,
    validity: Validity,
    path_length: u8,
    rng: &mut dyn RngCore,
) -> Result<CertificateParams, CaError> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = names(organisation, common_name);
    parameters.serial_number = Some(SerialNumber::from_slice(Serial::draw(rng).bytes()));
    (parameters.not_before, parameters.not_after) = (date_time(validity.from)?, date_time(validity.to)?);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_length));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(parameters)
}

/// Makes a root: ECDSA P-384, path length 1. The library generates the key.
pub fn make_root(organisation: &str, validity: Validity, rng: &mut dyn RngCore) -> Result<NewAuthority, CaError> {
    let failed = CaError::when("make a root");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).map_err(&failed)?;
    let parameters = authority(organisation, &format!("{organisation} Root CA"), validity, 1, rng)?;
    let certificate = parameters.self_signed(&key).map_err(&failed)?;
    Ok(NewAuthority { certificate: certificate.der().to_vec(), key: key.serialize_der() })
}

/// Makes an issuing authority below a root: ECDSA P-256, path length 0. The library generates the key.
pub fn make_issuing(
    root: &[u8],
    root_key: &RootKey,
    organisation: &str,
    number: i64,
    validity: Validity,
    rng: &mut dyn RngCore,
) -> Result<NewAuthority, CaError> {
    let failed = CaError::when("make an issuing authority");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(&failed)?;
    let mut parameters = authority(organisation, &format!("{organisation} Issuing CA {number}"), validity, 0, rng)?;
    parameters.use_authority_key_identifier_extension = true;
    let issuer = Issuer::from_ca_cert_der(&root.into(), &root_key.0).map_err(&failed)?;
    let certificate = parameters.signed_by(&key, &issuer).map_err(&failed)?;
    Ok(NewAuthority { certificate: certificate.der().to_vec(), key: key.serialize_der() })
}

/// Returns the SHA-256 of a certificate in hex.
#[must_use]
pub fn fingerprint(der: &[u8]) -> String {
    hex::encode(digest(&SHA256, der))
}

/// Returns the subject of a certificate as text, the most specific part first.
///
/// Source: RFC 4514 section 2.
///
/// # Errors
/// `CaError` if the certificate cannot be read.
pub fn subject_text(der: &[u8]) -> Result<String, CaError> {
    let unreadable = |_| CaError { doing: "read a certificate", reason: "it is not a certificate".to_owned() };
    let (_, certificate) = X509Certificate::from_der(der).map_err(unreadable)?;
    let mut parts: Vec<String> = Vec::new();
    for attribute in certificate.subject().iter_attributes() {
        let name = match attribute.attr_type().to_id_string().as_str() {
            "2.5.4.3" => "CN".to_owned(),
            "2.5.4.6" => "C".to_owned(),
            "2.5.4.10" => "O".to_owned(),
            other => other.to_owned(),
        };
        let mut value = String::new();
        for c in attribute.as_str().unwrap_or_default().chars() {
            if matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '#' | '=') {
                value.push('\\');
            }
            value.push(c);
        }
        parts.push(format!("{name}={value}"));
    }
    parts.reverse();
    Ok(parts.join(","))
}
