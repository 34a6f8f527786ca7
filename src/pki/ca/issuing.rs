//! An issuing authority with its key in memory. It signs members' certificates and its own CRL. The subject is what the registry verified,
//! never what a request asks for.

use rcgen::string::PrintableString;
use rcgen::{
    CertificateParams, CertificateRevocationListParams, CrlDistributionPoint, DistinguishedName, DnType, DnValue, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason as Code, RevokedCertParams, SanType, SerialNumber,
    SubjectPublicKeyInfo,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{CaError, Serial, date_time, extension};
use vasp_record::ca::{CertificatePurposes, RevocationReason, Subject, Validity};
use vasp_words::host::Host;
use vasp_words::time::UtcTime;

/// Source: ITU-T X.520, `organizationIdentifier`.
const ORGANISATION_IDENTIFIER: &[u64] = &[2, 5, 4, 97];

/// An issuing authority, ready to sign.
pub struct IssuingAuthority {
    issuer: Issuer<'static, KeyPair>,
    key_id: Vec<u8>,
}

/// Where an authority's certificate and CRL are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityUrls {
    /// The URL of its certificate.
    pub certificate: String,
    /// The URL of its CRL.
    pub crl: String,
}

/// A certificate to be signed.
#[derive(Debug)]
pub struct NewCertificate<'a> {
    /// Its serial number.
    pub serial: Serial,
    /// The holder of the certificate.
    pub subject: &'a Subject,
    /// The DNS names of the holder's servers.
    pub dns_names: &'a [Host],
    /// What the certificate may be used for.
    pub purposes: CertificatePurposes,
    /// The public key, in DER.
    pub public_key: &'a [u8],
    /// When it is valid.
    pub validity: Validity,
    /// Where the issuer publishes its certificate and CRL; `None` if that is not known.
    pub urls: Option<&'a AuthorityUrls>,
}

/// A revoked certificate, as listed in a CRL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokedSerial {
    /// Its serial number.
    pub serial: Serial,
    /// When it was revoked.
    pub at: UtcTime,
    /// The reason of the revocation.
    pub reason: RevocationReason,
}

/// A CRL to be signed.
#[derive(Debug)]
pub struct NewCrl<'a> {
    /// The number of the CRL: higher than all earlier ones.
    pub number: u64,
    /// When the CRL takes effect, and when the next one is due at the latest.
    pub validity: Validity,
    /// The revoked certificates.
    pub revoked: &'a [RevokedSerial],
}

impl IssuingAuthority {
    /// Opens an authority from its certificate and its PKCS #8 key.
    ///
    /// # Errors
    /// `CaError` if one of them cannot be read.
    pub fn open(certificate: &[u8], key: &[u8]) -> Result<Self, CaError> {
        let failed = CaError::when("open an issuing authority");
        let key = KeyPair::try_from(key).map_err(&failed)?;
        let issuer = Issuer::from_ca_cert_der(&certificate.into(), key).map_err(&failed)?;
        let unreadable = |reason: &str| CaError { doing: "open an issuing authority", reason: reason.to_owned() };
        let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| unreadable("its certificate cannot be read"))?;
        let key_id = parsed.iter_extensions().find_map(|extension| match extension.parsed_extension() {
            x509_parser::extensions::ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        });
        Ok(Self { issuer, key_id: key_id.ok_or_else(|| unreadable("its certificate has no key"))? })
    }

    /// Signs a certificate and returns its DER.
    pub fn issue(&self, new: &NewCertificate<'_>) -> Result<Vec<u8>, CaError> {
        let failed = CaError::when("sign a certificate");
        let mut parameters = CertificateParams::default();
        parameters.serial_number = Some(SerialNumber::from_slice(new.serial.bytes()));
        parameters.distinguished_name = distinguished_name(new.subject).map_err(&failed)?;
        let name = |host: &Host| Ok(SanType::DnsName(host.as_str().try_into()?));
        parameters.subject_alt_names = new.dns_names.iter().map(name).collect::<Result<_, _>>().map_err(&failed)?;
        (parameters.not_before, parameters.not_after) = (date_time(new.validity.from)?, date_time(new.validity.to)?);
        // Stated explicitly, with the key identifier: this certificate is not an authority.
        parameters.is_ca = IsCa::ExplicitNoCa;
        parameters.use_authority_key_identifier_extension = true;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let points = new.urls.map(|urls| CrlDistributionPoint { uris: vec![urls.crl.clone()] });
        parameters.crl_distribution_points = points.into_iter().collect();
        let purposes = extension::extended_key_usage(new.purposes.client, new.purposes.server);
        let others =
            [new.subject.lei.map(extension::lei), new.urls.map(|urls| extension::authority_information(&urls.certificate))];
        parameters.custom_extensions = [Some(purposes)].into_iter().chain(others).flatten().collect();
        let key = SubjectPublicKeyInfo::from_der(new.public_key).map_err(&failed)?;
        let certificate = parameters.signed_by(&key, &self.issuer).map_err(&failed)?;
        Ok(certificate.der().to_vec())
    }

    /// Signs a CRL and returns its DER.
    pub fn sign_crl(&self, new: &NewCrl<'_>) -> Result<Vec<u8>, CaError> {
        let revoked = |entry: &RevokedSerial| {
            Ok(RevokedCertParams {
                serial_number: SerialNumber::from_slice(entry.serial.bytes()),
                revocation_time: date_time(entry.at)?,
                reason_code: code(entry.reason),
                invalidity_date: None,
            })
        };
        let parameters = CertificateRevocationListParams {
            this_update: date_time(new.validity.from)?,
            next_update: date_time(new.validity.to)?,
            crl_number: SerialNumber::from(new.number),
            issuing_distribution_point: None,
            revoked_certs: new.revoked.iter().map(revoked).collect::<Result<_, CaError>>()?,
            key_identifier_method: KeyIdMethod::PreSpecified(self.key_id.clone()),
        };
        let crl = parameters.signed_by(&self.issuer).map_err(CaError::when("sign a CRL"))?;
        Ok(crl.der().to_vec())
    }
}

fn distinguished_name(subject: &Subject) -> Result<DistinguishedName, rcgen::Error> {
    let mut name = DistinguishedName::new();
    if let Some(country) = subject.country {
        name.push(DnType::CountryName, DnValue::PrintableString(PrintableString::try_from(country.to_string())?));
    }
    name.push(DnType::OrganizationName, subject.organisation.as_str());
    if let Some(identifier) = subject.organisation_identifier() {
        name.push(DnType::CustomDnType(ORGANISATION_IDENTIFIER.to_vec()), identifier);
    }
    name.push(DnType::CommonName, subject.common_name.as_str());
    Ok(name)
}

/// Returns the code of a reason in a CRL; `None` for `unspecified`, which is left out.
///
/// Source: RFC 5280 section 5.3.1.
fn code(reason: RevocationReason) -> Option<Code> {
    match reason {
        RevocationReason::KeyCompromise => Some(Code::KeyCompromise),
        RevocationReason::CaCompromise => Some(Code::CaCompromise),
        RevocationReason::PrivilegeWithdrawn => Some(Code::PrivilegeWithdrawn),
        RevocationReason::AffiliationChanged => Some(Code::AffiliationChanged),
        RevocationReason::Superseded => Some(Code::Superseded),
        RevocationReason::CessationOfOperation => Some(Code::CessationOfOperation),
        RevocationReason::Unspecified => None,
    }
}
