//! The text that a member signs to prove that it has the private key of a certificate. It names VASP, certificate, use and time,
//! so that nobody else can use the signature, and it is not valid for another certificate.

use super::certificate::CertificateUse;
use super::certificate::host_names::CertificateName;
use super::vasp::{DomainStatus, VaspDomain};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// The maximum difference between the time of a statement and now, in seconds.
pub const FRESH_SECS: i64 = 3_600;

/// Returns the text to sign: these lines, separated by one line feed each, without a line feed at the end.
#[must_use]
pub fn statement(vasp: VaspId, sha256: &str, certificate_use: CertificateUse, signed_at: UtcTime) -> String {
    let certificate_use = certificate_use.as_str();
    format!(
        "vasp-registry certificate possession\nvasp: {vasp}\ncertificate: {sha256}\nuse: {certificate_use}\ntime: {signed_at}"
    )
}

/// Tells whether a statement signed at `signed_at` is valid at `now`.
#[must_use]
pub fn is_fresh(signed_at: UtcTime, now: UtcTime) -> bool {
    signed_at.micros().abs_diff(now.micros()) <= FRESH_SECS.unsigned_abs() * 1_000_000
}

/// Tells whether all names in a server certificate belong to domains that its VASP has proven. This ensures that the VASP does
/// not publish another party's certificate.
#[must_use]
pub fn lies_on_proven_domains(dns_names: &[String], domains: &[VaspDomain]) -> bool {
    let proven = |host: &Host, wildcard: bool| {
        domains.iter().filter(|domain| domain.status == DomainStatus::Proven && !domain.platform).any(|domain| {
            let below = host.as_str().strip_suffix(domain.domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
            let same = host.as_str() == domain.domain;
            (same && !wildcard) || ((same || below) && domain.covers_subdomains)
        })
    };
    !dns_names.is_empty()
        && dns_names.iter().all(|name| match CertificateName::read(name) {
            CertificateName::Host(host) => proven(&host, false),
            CertificateName::Wildcard(host) => proven(&host, true),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(name: &str, covers_subdomains: bool, status: DomainStatus) -> VaspDomain {
        VaspDomain { domain: name.to_owned(), status, covers_subdomains, platform: false }
    }

    #[test]
    fn every_name_must_lie_on_a_proven_domain() {
        let domains = [
            domain("wide.example.com", true, DomainStatus::Proven),
            domain("narrow.example.com", false, DomainStatus::Proven),
            domain("lost.example.com", true, DomainStatus::Lost),
        ];
        let lies = |names: &[&str]| lies_on_proven_domains(&names.iter().map(ToString::to_string).collect::<Vec<_>>(), &domains);

        assert!(lies(&["wide.example.com", "a.b.wide.example.com", "*.wide.example.com", "narrow.example.com"]));
        for names in [
            &[][..],
            &["a.narrow.example.com"],
            &["*.narrow.example.com"],
            &["lost.example.com"],
            &["notwide.example.com"],
            &["example.com"],
            &["wide.example.com", "other.example.org"],
            &["wide.example.com", "localhost"],
        ] {
            assert!(!lies(names), "{names:?}");
        }
        let platform = [VaspDomain { platform: true, ..domain("wide.example.com", true, DomainStatus::Proven) }];
        assert!(!lies_on_proven_domains(&["wide.example.com".to_owned()], &platform));
    }

    #[test]
    fn a_statement_counts_for_an_hour() {
        let at = |text: &str| text.parse::<UtcTime>().unwrap();
        let signed = at("2026-11-20T12:00:00Z");

        assert!(is_fresh(signed, at("2026-11-20T13:00:00Z")) && is_fresh(signed, at("2026-11-20T11:00:00Z")));
        assert!(!is_fresh(signed, at("2026-11-20T13:00:00.000001Z")) && !is_fresh(signed, at("2026-11-20T10:59:59Z")));
    }
}
