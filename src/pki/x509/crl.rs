//! Reads a revocation list, checks its signature, and looks certificates up in it. Refuses lists with changes only (delta), lists for other
//! issuers (indirect), and lists for some reasons only.

use std::cmp::Ordering;
use std::time::Duration;

use rustls::pki_types::UnixTime;
use webpki::{BorrowedCertRevocationList, CertRevocationList, Error as LibraryError};
use x509_parser::extensions::{IssuingDistributionPoint, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use super::der::{Signed, contents};
use super::path::Issuer;
use super::read;
use vasp_record::certificate::parsed::ParsedCertificate;
use vasp_record::certificate::revocation::{RevocationReason, RevocationStatus};
use vasp_words::time::UtcTime;

/// The maximum size of a list, in bytes.
pub const CRL_BYTES_MAX: usize = 1024 * 1024;
/// The maximum length of a list's number, in octets.
///
/// Source: RFC 5280, section 5.2.3.
const NUMBER_OCTETS_MAX: usize = 20;

/// Why bytes are not a revocation list, or not a valid one for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// The list has more than 1 MiB.
    #[error("a revocation list has at most {CRL_BYTES_MAX} bytes, this one has {0}")]
    TooLong(usize),
    /// The bytes are neither the DER nor the PEM of a list.
    #[error("this is not a revocation list (X.509 CRL, version 2) in DER or PEM")]
    Unreadable,
    /// This kind of list is not supported.
    #[error(
        "this list is a delta list, an indirect list or a list for some reasons only; a complete list of the issuer itself is required"
    )]
    Unsupported,
    /// The list belongs to another issuer.
    #[error("the list does not come from the certificate's issuer")]
    OtherIssuer,
    /// The signature is not valid.
    #[error("the list is not signed by the certificate's issuer, or the issuer may not sign lists")]
    Signature,
    /// The list covers other certificates of the issuer.
    #[error("the list does not cover this certificate, only other certificates of the issuer")]
    OtherScope,
    /// The list has a date in the future.
    #[error("the list has the date {0}, which is in the future")]
    FromTheFuture(UtcTime),
}

impl CrlError {
    /// Returns the stable code of this reason, as used in `errors[].code`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong(_) => "crl_too_long",
            Self::Unreadable => "crl_unreadable",
            Self::Unsupported => "crl_unsupported",
            Self::OtherIssuer => "crl_other_issuer",
            Self::Signature => "crl_signature",
            Self::OtherScope => "crl_other_scope",
            Self::FromTheFuture(_) => "crl_from_the_future",
        }
    }
}

/// A revocation list that was read but not checked yet: call `accept` before using it.
#[derive(Clone, Debug)]
pub struct ReadCrl {
    der: Vec<u8>,
    issuer: Vec<u8>,
    /// When the list was made.
    pub this_update: UtcTime,
    /// When the next list is due.
    pub next_update: UtcTime,
    /// The number of the list, without leading zeros; empty if it has none.
    pub number: Vec<u8>,
    scope: Scope,
}

/// Which certificates of its issuer a list covers.
#[derive(Clone, Debug)]
enum Scope {
    All,
    /// The certificates that contain one of these URLs; all end-entity certificates if there are none.
    EndEntities(Vec<String>),
    Others,
}

/// How far a clock may be behind the issuer's clock, in seconds.
const SKEW_SECS: i64 = 300;

impl ReadCrl {
    /// Reads a list in DER or PEM.
    pub fn read(bytes: &[u8]) -> Result<Self, CrlError> {
        // PEM is a third longer than its content, and has line ends.
        if bytes.len() > 2 * CRL_BYTES_MAX {
            return Err(CrlError::TooLong(bytes.len()));
        }
        let der = match pem::parse(bytes) {
            Ok(block) if block.tag() == "X509 CRL" => block.into_contents(),
            Ok(_) => return Err(CrlError::Unreadable),
            Err(_) => bytes.to_vec(),
        };
        if der.len() > CRL_BYTES_MAX {
            return Err(CrlError::TooLong(der.len()));
        }
        BorrowedCertRevocationList::from_der(&der).map_err(|error| unread(&error))?;
        let Ok(([], list)) = CertificateRevocationList::from_der(&der) else { return Err(CrlError::Unreadable) };
        let next_update = list.next_update().and_then(read::instant).ok_or(CrlError::Unreadable)?;
        let this_update = read::instant(list.last_update()).ok_or(CrlError::Unreadable)?;
        let number = list.crl_number().map(|number| number.to_bytes_be()).unwrap_or_default();
        if number.len() > NUMBER_OCTETS_MAX {
            return Err(CrlError::Unreadable);
        }
        let number = number.into_iter().skip_while(|byte| *byte == 0).collect();
        let issuer = contents(list.issuer().as_raw()).ok_or(CrlError::Unreadable)?.to_vec();
        let scope = scope(&list)?;
        Ok(Self { issuer, this_update, next_update, number, scope, der })
    }

    /// Returns the DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Checks that the list is valid for a certificate: its issuer made and signed the list, and the list covers this certificate.
    ///
    /// Source: RFC 5280, sections 5.1.1.3, 5.2.5 and 6.3.3.
    pub fn accept(&self, certificate: &ParsedCertificate, issuer: &Issuer, now: UtcTime) -> Result<(), CrlError> {
        if self.issuer != issuer.subject {
            return Err(CrlError::OtherIssuer);
        }
        let covered = match &self.scope {
            Scope::All => true,
            Scope::Others => false,
            Scope::EndEntities(urls) => urls.is_empty() || urls.iter().any(|url| certificate.crl_urls.contains(url)),
        };
        if !covered {
            return Err(CrlError::OtherScope);
        }
        if self.this_update > now.plus_secs(SKEW_SECS) {
            return Err(CrlError::FromTheFuture(self.this_update));
        }
        let signed = issuer.may_sign_lists && Signed::read(&self.der).is_some_and(|signed| signed.is_signed_by(&issuer.spki));
        if signed { Ok(()) } else { Err(CrlError::Signature) }
    }

    /// Returns what the list states about a serial number (hex). Call only for a certificate for which the list was accepted.
    #[must_use]
    pub fn status(&self, serial: &str, now: UtcTime) -> RevocationStatus {
        let unknown = RevocationStatus::Unknown;
        let Ok(list) = BorrowedCertRevocationList::from_der(&self.der) else { return unknown };
        let even = if serial.len().is_multiple_of(2) { serial.to_owned() } else { format!("0{serial}") };
        let Ok(wanted) = hex::decode(&even) else { return unknown };
        let list = CertRevocationList::from(list);
        // The list stores the serial as an INTEGER. If its first bit is set, a zero octet precedes it.
        let as_integer = [&[0], wanted.as_slice()].concat();
        let sought =
            if wanted.first().is_some_and(|first| first & 0x80 != 0) { as_integer.as_slice() } else { wanted.as_slice() };
        match list.find_serial(sought) {
            Ok(Some(entry)) => RevocationStatus::Revoked {
                at: instant(entry.revocation_date).unwrap_or(self.this_update),
                reason: reason(entry.reason_code),
            },
            Ok(None) if self.next_update < now => RevocationStatus::Stale { due: self.next_update },
            Ok(None) => RevocationStatus::Good { listed_at: self.this_update },
            Err(_) => unknown,
        }
    }

    /// Compares the age of two lists of one issuer: by number if both have one, otherwise by the time when they were made.
    #[must_use]
    pub fn by_age(&self, other: &Self) -> Ordering {
        let numbers = || self.number.len().cmp(&other.number.len()).then_with(|| self.number.cmp(&other.number));
        let numbered = !self.number.is_empty() && !other.number.is_empty();
        if numbered { numbers().then(self.this_update.cmp(&other.this_update)) } else { self.this_update.cmp(&other.this_update) }
    }
}

fn unread(error: &LibraryError) -> CrlError {
    match error {
        LibraryError::UnsupportedDeltaCrl
        | LibraryError::UnsupportedIndirectCrl
        | LibraryError::UnsupportedRevocationReasonsPartitioning
        | LibraryError::UnsupportedCrlIssuingDistributionPoint => CrlError::Unsupported,
        _ => CrlError::Unreadable,
    }
}

fn scope(list: &CertificateRevocationList<'_>) -> Result<Scope, CrlError> {
    let mut found = list.extensions().iter().filter(|extension| extension.oid.to_id_string() == "2.5.29.28");
    let Some(extension) = found.next() else { return Ok(Scope::All) };
    match extension.parsed_extension() {
        ParsedExtension::IssuingDistributionPoint(point) => scope_of(point),
        _ => Err(CrlError::Unreadable),
    }
}

fn scope_of(point: &IssuingDistributionPoint<'_>) -> Result<Scope, CrlError> {
    if point.indirect_crl || point.only_some_reasons.is_some() {
        return Err(CrlError::Unsupported);
    }
    if point.only_contains_ca_certs || point.only_contains_attribute_certs {
        return Ok(Scope::Others);
    }
    let urls = point.distribution_point.as_ref().map(|name| read::urls(name).collect()).unwrap_or_default();
    Ok(Scope::EndEntities(urls))
}

fn reason(given: Option<webpki::RevocationReason>) -> RevocationReason {
    use webpki::RevocationReason as Given;

    match given {
        Some(Given::KeyCompromise) => RevocationReason::KeyCompromise,
        Some(Given::CaCompromise) => RevocationReason::CaCompromise,
        Some(Given::AaCompromise) => RevocationReason::AaCompromise,
        Some(Given::PrivilegeWithdrawn) => RevocationReason::PrivilegeWithdrawn,
        Some(Given::AffiliationChanged) => RevocationReason::AffiliationChanged,
        Some(Given::CessationOfOperation) => RevocationReason::CessationOfOperation,
        Some(Given::CertificateHold) => RevocationReason::CertificateHold,
        Some(Given::Superseded) => RevocationReason::Superseded,
        Some(Given::Unspecified | Given::RemoveFromCrl) | None => RevocationReason::Unspecified,
    }
}

fn instant(time: UnixTime) -> Option<UtcTime> {
    let micros = Duration::from_secs(time.as_secs()).as_micros();
    i64::try_from(micros).ok().and_then(|micros| UtcTime::from_micros(micros).ok())
}
