//! What the registry's certificate authority certifies, and for how long. These are rules without keys; `pki::ca` signs.

mod names;
mod reason;
mod subject;

pub use names::{NameRefused, ProvenDomain, certified_names};
pub use reason::RevocationReason;
pub use subject::Subject;

use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// The kind of a certificate authority, by what it signs.
    pub enum AuthorityKind {
        /// It signs issuing authorities.
        Root = "root",
        /// It signs certificates of members.
        Issuing = "issuing",
    }
    /// The state of a certificate authority, worst first. A retired one issues no more certificates, but signs its CRL until its
    /// last certificate has ended.
    pub enum AuthorityState as "CertificateAuthorityState" {
        /// Its validity has ended; this state is never stored.
        Expired = "expired",
        /// Another authority issues in its place; it still signs its CRL until its last certificate has ended.
        Retired = "retired",
        /// In use.
        Active = "active",
    }
}

/// Days for which a member's certificate is valid.
pub const CERTIFICATE_DAYS: i64 = 90;

/// Days for which an issuing authority is valid: two years.
pub const ISSUING_DAYS: i64 = 730;

/// Days for which the root is valid: ten years.
pub const ROOT_DAYS: i64 = 3_652;

/// How long a CRL is valid, in seconds; a newer one appears after half of this time.
pub const CRL_SECS: i64 = 86_400;

/// How far in the past a certificate begins, in seconds, because other parties' clocks may be slow.
const BACK_SECS: i64 = 300;

const DAY_SECS: i64 = 86_400;

/// The maximum number of live certificates of one VASP at the same time.
pub const LIVE_CERTIFICATES: usize = 20;

/// The maximum number of certificates issued to one VASP in 24 hours.
pub const CERTIFICATES_A_DAY: usize = 50;

/// A period of validity; it includes its first and its last second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub from: UtcTime,
    /// The last second.
    pub to: UtcTime,
}

/// The TLS purposes of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificatePurposes {
    /// Client authentication.
    pub client: bool,
    /// Server authentication.
    pub server: bool,
}

impl Validity {
    /// Returns a validity of `days` days in whole seconds, which begins a little before now.
    #[must_use]
    pub fn days(now: UtcTime, days: i64) -> Self {
        let second = now.micros().rem_euclid(1_000_000);
        let from = now.plus_micros(second.saturating_neg()).plus_secs(-BACK_SECS);
        // Source: RFC 5280 section 4.1.2.5: the last second is included.
        Self { from, to: from.plus_secs(days.saturating_mul(DAY_SECS).saturating_sub(1)) }
    }

    /// Returns the validity of a CRL that is made now.
    #[must_use]
    pub fn crl(now: UtcTime) -> Self {
        let from = now.plus_micros(now.micros().rem_euclid(1_000_000).saturating_neg());
        Self { from, to: from.plus_secs(CRL_SECS) }
    }

    /// Returns this validity, limited to another.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// Tells whether an instant is within the validity.
    #[must_use]
    pub fn counts_at(self, at: UtcTime) -> bool {
        self.from <= at && at < self.to.plus_secs(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_certificate_counts_for_90_days_its_last_second_included() {
        let validity = Validity::days(at("2026-06-01T12:00:00.75Z"), CERTIFICATE_DAYS);

        assert_eq!(validity.from, at("2026-06-01T11:55:00Z"));
        assert_eq!(validity.to, at("2026-08-30T11:54:59Z"));
        assert!(validity.counts_at(at("2026-08-30T11:54:59.999999Z")));
        assert!(!validity.counts_at(at("2026-08-30T11:55:00Z")));
        assert!(!validity.counts_at(at("2026-06-01T11:54:59.999999Z")));
    }

    #[test]
    fn no_certificate_outlasts_its_issuer() {
        let issuer = Validity { from: at("2024-06-01T00:00:00Z"), to: at("2026-07-01T00:00:00Z") };

        let validity = Validity::days(at("2026-06-01T12:00:00Z"), CERTIFICATE_DAYS).within(issuer);

        assert_eq!((validity.from, validity.to), (at("2026-06-01T11:55:00Z"), at("2026-07-01T00:00:00Z")));
    }
}
