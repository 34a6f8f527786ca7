//! What the registry's certificate authority is to certify, and for how long: rules without keys. Signing is `pki::ca`.

mod names;
mod reason;
mod subject;

pub use names::{NameRefused, ProvenDomain, certified_names};
pub use reason::RevocationReason;
pub use subject::Subject;

use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// What an authority signs.
    pub enum AuthorityKind {
        /// Issuing authorities.
        Root = "root",
        /// Certificates of members.
        Issuing = "issuing",
    }
    /// Where an authority stands, worst first. A retired one issues no more and keeps its CRL until its last certificate is over.
    pub enum AuthorityState as "CertificateAuthorityState" {
        /// Its time is over; never stored.
        Expired = "expired",
        /// Another issues in its place; it signs its CRL until its last certificate is over.
        Retired = "retired",
        /// In use.
        Active = "active",
    }
}

/// Days that a member's certificate counts.
pub const CERTIFICATE_DAYS: i64 = 90;

/// Days that an issuing authority counts: two years.
pub const ISSUING_DAYS: i64 = 730;

/// Days that the root counts: ten years.
pub const ROOT_DAYS: i64 = 3_652;

/// How long a CRL counts, in seconds; after half of it there is a newer one.
pub const CRL_SECS: i64 = 86_400;

/// How far a certificate's beginning lies back, in seconds, for clocks of others that are behind.
const BACK_SECS: i64 = 300;

const DAY_SECS: i64 = 86_400;

/// Live certificates that one VASP may have at once.
pub const LIVE_CERTIFICATES: usize = 20;

/// Certificates that are issued to one VASP in 24 hours.
pub const CERTIFICATES_A_DAY: usize = 50;

/// From when until when something counts, both seconds included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From this second.
    pub from: UtcTime,
    /// Until the end of this second.
    pub to: UtcTime,
}

/// What a certificate is for, in TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificatePurposes {
    /// To show as a client.
    pub client: bool,
    /// To show as a server.
    pub server: bool,
}

impl Validity {
    /// Returns the validity of what begins now, a little back, and lasts `days`, whole seconds.
    #[must_use]
    pub fn days(now: UtcTime, days: i64) -> Self {
        let second = now.micros().rem_euclid(1_000_000);
        let from = now.plus_micros(second.saturating_neg()).plus_secs(-BACK_SECS);
        // Source: RFC 5280 section 4.1.2.5: the last second is part of it.
        Self { from, to: from.plus_secs(days.saturating_mul(DAY_SECS).saturating_sub(1)) }
    }

    /// Returns the validity of a CRL that is made now.
    #[must_use]
    pub fn crl(now: UtcTime) -> Self {
        let from = now.plus_micros(now.micros().rem_euclid(1_000_000).saturating_neg());
        Self { from, to: from.plus_secs(CRL_SECS) }
    }

    /// Returns this validity, ended no later than another.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// Tells whether it counts at an instant.
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
