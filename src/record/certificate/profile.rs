//! What each use requires of a certificate: kinds of keys, key usage bits, extended key usage purposes, key lengths and validity.
//! These are tables and rules without context; `judge` combines them.

use super::CertificateUse;
use super::parsed::{Curve, KeyUsages, PublicKey, Purpose};
use vasp_words::time::{Date, UtcTime};

/// Shortest RSA modulus that is accepted, in bits.
///
/// Source: CA/B Baseline Requirements, section 6.1.5; NIST SP 800-57 part 1 rev. 5, table 2 (112 bits of security).
pub const RSA_BITS_MIN: usize = 2_048;
/// Longest RSA modulus that signatures are verified with, in bits.
///
/// Source: AWS-LC's `RSA_PKCS1_2048_8192_SHA256` and the like.
pub const RSA_BITS_MAX: usize = 8_192;
/// The usual exponent, and the smallest one that public authorities should accept.
///
/// Source: CA/B Baseline Requirements, section 6.1.6.
const EXPONENT_USUAL: u64 = 65_537;

/// The judgement of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyVerdict {
    /// It is too short, or its exponent is unsound.
    Weak,
    /// The registry does not support this kind or size of key.
    Unsupported,
    /// It is sound, but it does not fit the use.
    UnfitForUse,
    /// It is usable, but its exponent is rare.
    UnusualExponent,
    /// Usable.
    Usable,
}

/// Judges a key for a use.
#[must_use]
pub fn judge_key(key: &PublicKey, certificate_use: CertificateUse) -> KeyVerdict {
    let encrypts = certificate_use == CertificateUse::Encryption;
    match key {
        PublicKey::Rsa { bits, .. } if *bits < RSA_BITS_MIN => KeyVerdict::Weak,
        PublicKey::Rsa { bits, .. } if *bits > RSA_BITS_MAX => KeyVerdict::Unsupported,
        PublicKey::Rsa { exponent: Some(exponent), .. } if *exponent < 3 || exponent % 2 == 0 => KeyVerdict::Weak,
        PublicKey::Rsa { exponent: Some(EXPONENT_USUAL..), .. } => KeyVerdict::Usable,
        PublicKey::Rsa { .. } => KeyVerdict::UnusualExponent,
        PublicKey::Ec(Curve::P256 | Curve::P384 | Curve::P521) => KeyVerdict::Usable,
        PublicKey::Ec(Curve::Other(_)) | PublicKey::Other(_) => KeyVerdict::Unsupported,
        PublicKey::Ed25519 if encrypts => KeyVerdict::UnfitForUse,
        PublicKey::X25519 if !encrypts => KeyVerdict::UnfitForUse,
        PublicKey::Ed25519 | PublicKey::X25519 => KeyVerdict::Usable,
    }
}

/// Returns the key usage bits; one of them must be set if the extension is present.
///
/// Source: RFC 8446, section 4.4.2.2 (server) and RFC 5246, section 7.4.6 (client): digitalSignature; RFC 5280, section
/// 4.2.1.3; RFC 8017 keys transport keys, RFC 5480 and 8410 keys agree on them.
#[must_use]
pub fn key_usages(certificate_use: CertificateUse, key: &PublicKey) -> &'static [KeyUsages] {
    match (certificate_use, key) {
        (CertificateUse::TlsServer | CertificateUse::TlsClient, _) => &[KeyUsages::DIGITAL_SIGNATURE],
        (CertificateUse::Signing, _) => &[KeyUsages::DIGITAL_SIGNATURE, KeyUsages::NON_REPUDIATION],
        (CertificateUse::Encryption, PublicKey::Rsa { .. }) => &[KeyUsages::KEY_ENCIPHERMENT, KeyUsages::DATA_ENCIPHERMENT],
        (CertificateUse::Encryption, _) => &[KeyUsages::KEY_AGREEMENT],
    }
}

/// Returns the purposes; one of them must be named if the extension is present.
///
/// Source: RFC 5280, section 4.2.1.12; RFC 9336. `anyExtendedKeyUsage` is refused for TLS, as the libraries that call do.
#[must_use]
pub fn purposes(certificate_use: CertificateUse) -> &'static [Purpose] {
    match certificate_use {
        CertificateUse::TlsServer => &[Purpose::ServerAuth],
        CertificateUse::TlsClient => &[Purpose::ClientAuth],
        CertificateUse::Signing => &[Purpose::DocumentSigning, Purpose::EmailProtection, Purpose::Any],
        CertificateUse::Encryption => &[Purpose::EmailProtection, Purpose::Any],
    }
}

/// Longest validity of a public TLS server certificate in days, by its first day.
///
/// Source: CA/B Baseline Requirements, section 6.3.2 (ballots 193, SC31, SC81v3).
const VALIDITY: [((i16, i8, i8), i64); 5] =
    [((2029, 3, 15), 47), ((2027, 3, 15), 100), ((2026, 3, 15), 200), ((2020, 9, 1), 398), ((2018, 3, 1), 825)];

/// Returns the longest validity in days of a public TLS server certificate that begins at this time; `None` before March 2018.
#[must_use]
pub fn longest_validity_days(not_before: UtcTime) -> Option<i64> {
    let begins = not_before.date();
    VALIDITY.iter().find(|((y, m, d), _)| Date::new(*y, *m, *d).is_some_and(|from| from <= begins)).map(|(_, days)| *days)
}

/// The number of days before the end at which a member is warned.
pub const WARNED_DAYS: [i64; 4] = [1, 7, 14, 30];

/// Returns the warning threshold now reached: 30, 14, 7 or 1 days. `None` while more than 30 days are left, or after the end.
#[must_use]
pub fn warned_at(not_after: UtcTime, now: UtcTime) -> Option<i64> {
    let end = not_after.plus_secs(1);
    let left = end.micros() - now.micros();
    (left > 0).then(|| WARNED_DAYS.into_iter().find(|days| left <= days * DAY_MICROS)).flatten()
}

/// Returns the number of whole days left of a validity; 0 on its last day and after it.
#[must_use]
pub fn days_left(not_after: UtcTime, now: UtcTime) -> i64 {
    ((not_after.plus_secs(1).micros() - now.micros()) / DAY_MICROS).max(0)
}

const DAY_MICROS: i64 = 86_400_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    #[test]
    fn warnings_come_at_thirty_fourteen_seven_and_one_days() {
        let end = at("2026-12-31T23:59:59Z");
        for (now, expected) in [
            ("2026-12-01T23:59:59Z", None),
            ("2026-12-02T00:00:00Z", Some(30)),
            ("2026-12-17T23:59:59Z", Some(30)),
            ("2026-12-18T00:00:00Z", Some(14)),
            ("2026-12-24T23:59:59.999999Z", Some(14)),
            ("2026-12-25T00:00:00Z", Some(7)),
            ("2026-12-30T23:59:59Z", Some(7)),
            ("2026-12-31T00:00:00Z", Some(1)),
            ("2026-12-31T23:59:59.999999Z", Some(1)),
            ("2027-01-01T00:00:00Z", None),
        ] {
            assert_eq!(warned_at(end, at(now)), expected, "{now}");
        }
        assert_eq!(days_left(end, at("2026-12-02T00:00:00Z")), 30);
        assert_eq!(days_left(end, at("2026-12-31T00:00:01Z")), 0);
        assert_eq!(days_left(end, at("2027-02-01T00:00:00Z")), 0);
    }

    /// Source: CA/B Baseline Requirements, section 6.3.2.
    #[test]
    fn the_longest_validity_follows_the_day_of_issue() {
        for (begins, days) in [
            ("2018-02-28T00:00:00Z", None),
            ("2018-03-01T00:00:00Z", Some(825)),
            ("2020-08-31T23:59:59Z", Some(825)),
            ("2020-09-01T00:00:00Z", Some(398)),
            ("2026-03-14T23:59:59Z", Some(398)),
            ("2026-03-15T00:00:00Z", Some(200)),
            ("2027-03-15T00:00:00Z", Some(100)),
            ("2029-03-15T00:00:00Z", Some(47)),
        ] {
            assert_eq!(longest_validity_days(at(begins)), days, "{begins}");
        }
    }

    #[test]
    fn keys_are_judged_by_length_exponent_and_use() {
        let rsa = |bits, exponent| PublicKey::Rsa { bits, exponent };
        for (key, certificate_use, expected) in [
            (rsa(2_048, Some(65_537)), CertificateUse::TlsServer, KeyVerdict::Usable),
            (rsa(2_047, Some(65_537)), CertificateUse::TlsServer, KeyVerdict::Weak),
            (rsa(1_024, Some(65_537)), CertificateUse::Signing, KeyVerdict::Weak),
            (rsa(16_384, Some(65_537)), CertificateUse::TlsServer, KeyVerdict::Unsupported),
            (rsa(2_048, Some(3)), CertificateUse::TlsServer, KeyVerdict::UnusualExponent),
            (rsa(2_048, Some(1)), CertificateUse::TlsServer, KeyVerdict::Weak),
            (rsa(2_048, Some(65_536)), CertificateUse::TlsServer, KeyVerdict::Weak),
            (rsa(2_048, None), CertificateUse::TlsServer, KeyVerdict::UnusualExponent),
            (PublicKey::Ec(Curve::P256), CertificateUse::Encryption, KeyVerdict::Usable),
            (PublicKey::Ec(Curve::Other("1.3.132.0.10".into())), CertificateUse::TlsServer, KeyVerdict::Unsupported),
            (PublicKey::Ed25519, CertificateUse::TlsClient, KeyVerdict::Usable),
            (PublicKey::Ed25519, CertificateUse::Encryption, KeyVerdict::UnfitForUse),
            (PublicKey::X25519, CertificateUse::Encryption, KeyVerdict::Usable),
            (PublicKey::X25519, CertificateUse::Signing, KeyVerdict::UnfitForUse),
        ] {
            assert_eq!(judge_key(&key, certificate_use), expected, "{key} {certificate_use:?}");
        }
    }
}
