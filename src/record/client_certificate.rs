//! The certificate that a client presented when it connected: its data, whether it may be a credential, and why it is refused.
//! The TLS handshake proved that the client holds its key. The issuer does not matter here, because the SHA-256 alone identifies
//! a certificate.
//!
//! Source: RFC 8705, section 2.2 (self-signed certificates as credentials) and section 3 (tokens bound to a certificate).

use vasp_words::time::UtcTime;

/// The minimum number of bits of an RSA key.
///
/// Source: NIST SP 800-131A revision 2, section 3; CA/Browser Forum Baseline Requirements, section 6.1.5.
pub const LEAST_RSA_BITS: usize = 2048;

/// SHA-256 of a DER structure.
pub type Sha256 = [u8; 32];

/// A SHA-256 with a text form of 64 hex digits. Upper case and colons between bytes are also accepted, because tools print them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Sha256Hex(#[serde(serialize_with = "hex::serialize")] pub Sha256);

/// The text is not a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 has 64 hex digits")]
pub struct Sha256HexError;

impl TryFrom<String> for Sha256Hex {
    type Error = Sha256HexError;
    fn try_from(text: String) -> Result<Self, Sha256HexError> {
        let digits = if text.len() == 95 { text.replace(':', "") } else { text };
        let mut sum = [0; 32];
        hex::decode_to_slice(digits, &mut sum).map_err(|_| Sha256HexError)?;
        Ok(Self(sum))
    }
}

impl std::fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

vasp_words::sql_column! { Sha256Hex as Binary: Vec<u8>, |bytes| Sha256::try_from(bytes).map(Sha256Hex).map_err(|_| Sha256HexError) }
vasp_words::sql_column! { @borrowed Sha256Hex as Binary: [u8], |digest| &digest.0[..] }

/// The key of a certificate, with the properties that matter here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateKey {
    /// RSA, with the number of bits of its modulus.
    Rsa(usize),
    /// EC on a NIST curve: P-256, P-384 or P-521.
    Ec(&'static str),
    /// Ed25519.
    Ed25519,
    /// Another key, with the object identifier of its algorithm.
    Other(String),
}

/// A client's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of the certificate.
    pub sha256: Sha256,
    /// SHA-256 of its `SubjectPublicKeyInfo`.
    pub spki_sha256: Sha256,
    /// Subject, as text.
    pub subject: String,
    /// Issuer, as text.
    pub issuer: String,
    /// Serial number, hex.
    pub serial: String,
    /// Its key.
    pub key: CertificateKey,
    /// First second of validity.
    pub not_before: UtcTime,
    /// Last second of validity (inclusive).
    pub not_after: UtcTime,
    /// Whether it allows signatures; also true if it does not restrict its key usage.
    pub signs: bool,
    /// Whether it allows TLS clients; also true if it does not restrict its purposes.
    pub for_clients: bool,
}

/// Why a certificate cannot become a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitCertificate {
    /// It has expired.
    #[error("the certificate expired at {0}")]
    Expired(UtcTime),
    /// Its validity has not begun.
    #[error("the certificate is not valid before {0}")]
    NotYetValid(UtcTime),
    /// Its key is weak, or TLS does not accept this kind of key.
    #[error(
        "the certificate's key is {0}; accepted are RSA with at least {LEAST_RSA_BITS} bits, EC P-256, P-384, P-521 and Ed25519"
    )]
    WeakKey(CertificateKey),
    /// It is for another purpose.
    #[error(
        "the certificate is not for TLS clients; it must allow the key usage digitalSignature and the extended key usage clientAuth"
    )]
    WrongUse,
}

/// Why the certificate of a connection is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRefusal {
    /// The connection has no certificate, but the API key is bound to one.
    #[error(
        "The API key is only valid with the client certificate that it is bound to, but the connection has no client certificate."
    )]
    Required,
    /// It is not the certificate that the API key is bound to.
    #[error("The API key is bound to another client certificate than the one of this connection.")]
    Mismatch,
    /// It belongs to no user.
    #[error("The registry does not know the client certificate of this connection.")]
    Unknown,
    /// It was revoked.
    #[error("The client certificate of this connection was revoked, or its user may no longer act.")]
    Revoked,
    /// It has expired.
    #[error("The client certificate of this connection has expired, or is no longer accepted.")]
    Expired,
    /// Its validity has not begun.
    #[error("The client certificate of this connection is not valid yet.")]
    NotYetValid,
}

impl std::fmt::Display for CertificateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA {bits}"),
            Self::Ec(curve) => write!(f, "EC {curve}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other(algorithm) => f.write_str(algorithm),
        }
    }
}

impl CertificateKey {
    fn is_strong(&self) -> bool {
        match self {
            Self::Rsa(bits) => *bits >= LEAST_RSA_BITS,
            Self::Ec(_) | Self::Ed25519 => true,
            Self::Other(_) => false,
        }
    }
}

impl UnfitCertificate {
    /// Returns the code of the fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expired(_) => "certificate_expired",
            Self::NotYetValid(_) => "certificate_not_yet_valid",
            Self::WeakKey(_) => "weak_key",
            Self::WrongUse => "wrong_key_usage",
        }
    }
}

impl CertificateRefusal {
    /// Returns the code of the refusal.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Required => "certificate_required",
            Self::Mismatch => "certificate_mismatch",
            Self::Unknown => "certificate_unknown",
            Self::Revoked => "certificate_revoked",
            Self::Expired => "certificate_expired",
            Self::NotYetValid => "certificate_not_yet_valid",
        }
    }
}

impl ClientCertificate {
    /// Refuses a certificate that has expired or is not yet valid.
    ///
    /// Source: RFC 5280, section 4.1.2.5: both ends of the validity are included.
    pub fn check_time(&self, now: UtcTime) -> Result<(), CertificateRefusal> {
        if now < self.not_before {
            return Err(CertificateRefusal::NotYetValid);
        }
        // Certificate times have whole seconds, and the last second is valid to its end.
        if now >= self.not_after.plus_secs(1) { Err(CertificateRefusal::Expired) } else { Ok(()) }
    }

    /// Returns why the certificate cannot become a credential; `None` if it can.
    ///
    /// Source: RFC 5280, sections 4.2.1.3 and 4.2.1.12, for what an absent extension allows.
    #[must_use]
    pub fn unfit(&self, now: UtcTime) -> Option<UnfitCertificate> {
        match self.check_time(now) {
            Err(CertificateRefusal::NotYetValid) => return Some(UnfitCertificate::NotYetValid(self.not_before)),
            Err(_) => return Some(UnfitCertificate::Expired(self.not_after)),
            Ok(()) => {}
        }
        if !self.key.is_strong() {
            return Some(UnfitCertificate::WeakKey(self.key.clone()));
        }
        (!self.signs || !self.for_clients).then_some(UnfitCertificate::WrongUse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    fn certificate() -> ClientCertificate {
        ClientCertificate {
            sha256: [1; 32],
            spki_sha256: [2; 32],
            subject: "CN=alpha".to_owned(),
            issuer: "CN=alpha".to_owned(),
            serial: "01".to_owned(),
            key: CertificateKey::Ec("P-256"),
            not_before: at("2026-01-01T00:00:00Z"),
            not_after: at("2026-06-30T23:59:59Z"),
            signs: true,
            for_clients: true,
        }
    }

    #[test]
    fn a_digest_is_read_as_tools_print_it() {
        let read = |text: &str| Sha256Hex::try_from(text.to_owned()).map(|digest| digest.0);

        assert_eq!(read(&"0a".repeat(32)), Ok([10; 32]));
        assert_eq!(read(&["0A"; 32].join(":")), Ok([10; 32]), "as `openssl x509 -fingerprint -sha256`");
        for wrong in ["", &"0a".repeat(31), &"0a".repeat(33), &"0g".repeat(32), &["0A"; 31].join(":")] {
            assert_eq!(read(wrong), Err(Sha256HexError), "{wrong}");
        }
    }

    #[test]
    fn both_ends_of_the_validity_are_included_to_the_second() {
        let check = |now: &str| certificate().check_time(at(now));

        assert_eq!(check("2025-12-31T23:59:59.999999Z"), Err(CertificateRefusal::NotYetValid));
        assert_eq!(check("2026-01-01T00:00:00Z"), Ok(()));
        assert_eq!(check("2026-06-30T23:59:59.999999Z"), Ok(()));
        assert_eq!(check("2026-07-01T00:00:00Z"), Err(CertificateRefusal::Expired));
    }

    #[test]
    fn weak_keys_and_other_uses_are_unfit() {
        let unfit = |change: fn(&mut ClientCertificate)| {
            let mut changed = certificate();
            change(&mut changed);
            changed.unfit(at("2026-06-01T00:00:00Z")).map(|why| why.code())
        };

        assert_eq!(unfit(|_| ()), None);
        assert_eq!(unfit(|c| c.key = CertificateKey::Rsa(2048)), None);
        assert_eq!(unfit(|c| c.key = CertificateKey::Rsa(2047)), Some("weak_key"));
        assert_eq!(unfit(|c| c.key = CertificateKey::Other("1.2.840.10040.4.1".to_owned())), Some("weak_key"));
        assert_eq!(unfit(|c| c.signs = false), Some("wrong_key_usage"));
        assert_eq!(unfit(|c| c.for_clients = false), Some("wrong_key_usage"));
        assert_eq!(unfit(|c| c.not_after = at("2026-05-31T23:59:58Z")), Some("certificate_expired"));
        assert_eq!(unfit(|c| c.not_before = at("2026-06-01T00:00:01Z")), Some("certificate_not_yet_valid"));
    }
}
