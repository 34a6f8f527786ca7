//! Finds the owner of a certificate. Somebody presents a certificate or its common name, and this module judges the VASPs that published
//! it. Only a certificate that is valid now names its owner. An expired or faulty certificate, or a common name that nobody confirmed, only
//! names a candidate and the reason. Callers: resolving by certificate, and pre-checks of incoming transfers.

use vasp_record::certificate::{CertificateState, PublishedCertificate, RootSet, Severity};
use vasp_record::vasp::{DomainStatus, Vasp};
use vasp_words::ids::{CertificateId, VaspId};
use vasp_words::time::UtcTime;

/// How the certificate was identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PresentedBy {
    /// By its SHA-256: it is exactly this certificate.
    Fingerprint,
    /// By its common name only.
    CommonName,
}

/// The reason why a published certificate does not name its owner, worst first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum CertificateWarning {
    /// It is revoked.
    #[error("the certificate {id} of {vasp} was revoked{}", since.map_or(String::new(), |at| format!(" on {at}")))]
    Revoked {
        /// The certificate.
        id: CertificateId,
        /// The VASP that published it.
        vasp: VaspId,
        /// When it was revoked; `None` if not known.
        since: Option<UtcTime>,
    },
    /// It has expired.
    #[error("the certificate {id} of {vasp} has expired: it or its chain was valid until {end}")]
    Expired {
        /// The certificate.
        id: CertificateId,
        /// The VASP that published it.
        vasp: VaspId,
        /// The last second of its validity.
        end: UtcTime,
    },
    /// It has findings that forbid its use.
    #[error("the certificate {id} of {vasp} has findings that forbid its use: {codes}")]
    Faulty {
        /// The certificate.
        id: CertificateId,
        /// The VASP that published it.
        vasp: VaspId,
        /// Codes of its error findings.
        codes: String,
    },
    /// It is not valid yet.
    #[error("the certificate {id} of {vasp} is not valid before {begin}")]
    NotYetValid {
        /// The certificate.
        id: CertificateId,
        /// The VASP that published it.
        vasp: VaspId,
        /// The first second of its validity.
        begin: UtcTime,
    },
    /// Anybody could have written this common name.
    #[error("the common name of the certificate {id} is not confirmed: {vasp} published it, but did not prove that domain")]
    NameUnproven {
        /// The certificate.
        id: CertificateId,
        /// The VASP that published it.
        vasp: VaspId,
    },
}

impl CertificateWarning {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Revoked { .. } => "certificate_revoked",
            Self::Expired { .. } => "certificate_expired",
            Self::Faulty { .. } => "certificate_faulty",
            Self::NotYetValid { .. } => "certificate_not_yet_valid",
            Self::NameUnproven { .. } => "common_name_unproven",
        }
    }

    /// Returns the certificate.
    #[must_use]
    pub fn certificate(&self) -> CertificateId {
        match self {
            Self::Revoked { id, .. }
            | Self::Expired { id, .. }
            | Self::Faulty { id, .. }
            | Self::NotYetValid { id, .. }
            | Self::NameUnproven { id, .. } => *id,
        }
    }

    /// Returns the VASP that published it.
    #[must_use]
    pub fn vasp(&self) -> VaspId {
        match self {
            Self::Revoked { vasp, .. }
            | Self::Expired { vasp, .. }
            | Self::Faulty { vasp, .. }
            | Self::NotYetValid { vasp, .. }
            | Self::NameUnproven { vasp, .. } => *vasp,
        }
    }
}

/// The result for a presented certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// How the certificate was identified.
    pub by: PresentedBy,
    /// The VASPs that published a matching certificate that is valid, in order of id. Each has its certificate with the latest end.
    pub owners: Vec<(VaspId, CertificateId)>,
    /// Why the certificates of other VASPs are not accepted, worst first.
    pub warnings: Vec<CertificateWarning>,
    /// The next moment at which one of the certificates begins or ends; `None` if there is none.
    pub next_change: Option<UtcTime>,
}

impl Presented {
    /// Judges the certificates that were found, each with the record that published it.
    pub fn judge<'a>(by: PresentedBy, found: impl Iterator<Item = (&'a Vasp, &'a PublishedCertificate)>, now: UtcTime) -> Self {
        let mut good: Vec<(VaspId, UtcTime, CertificateId)> = vec![];
        let (mut warnings, mut changes) = (vec![], vec![]);
        for (vasp, certificate) in found {
            match fault(by, vasp, certificate, now) {
                None => good.push((vasp.id, end(certificate), certificate.id)),
                Some(warning) => warnings.push(warning),
            }
            changes.extend([certificate.not_before, end(certificate)]);
        }
        good.sort_by_key(|(vasp, end, id)| (*vasp, std::cmp::Reverse(*end), *id));
        good.dedup_by_key(|(vasp, ..)| *vasp);
        warnings.retain(|warning| good.iter().all(|(vasp, ..)| *vasp != warning.vasp()));
        warnings.sort();
        Self {
            by,
            owners: good.into_iter().map(|(vasp, _, id)| (vasp, id)).collect(),
            warnings,
            next_change: changes.into_iter().filter(|at| *at > now).min(),
        }
    }

    /// Returns the ids of the owners.
    #[must_use]
    pub fn owner_ids(&self) -> Vec<VaspId> {
        self.owners.iter().map(|(vasp, _)| *vasp).collect()
    }

    /// Returns the VASPs with a certificate that is not accepted, each once.
    #[must_use]
    pub fn candidates(&self) -> Vec<VaspId> {
        let mut all: Vec<VaspId> = self.warnings.iter().map(CertificateWarning::vasp).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Returns the first moment after the end of the certificate.
fn end(certificate: &PublishedCertificate) -> UtcTime {
    certificate.not_after.min(certificate.chain_not_after).plus_secs(1)
}

fn fault(by: PresentedBy, vasp: &Vasp, certificate: &PublishedCertificate, now: UtcTime) -> Option<CertificateWarning> {
    let (id, of) = (certificate.id, vasp.id);
    match certificate.state_at(now) {
        CertificateState::Revoked => Some(CertificateWarning::Revoked { id, vasp: of, since: certificate.revoked_at }),
        CertificateState::Expired => {
            Some(CertificateWarning::Expired { id, vasp: of, end: certificate.not_after.min(certificate.chain_not_after) })
        }
        CertificateState::NotYetValid => Some(CertificateWarning::NotYetValid { id, vasp: of, begin: certificate.not_before }),
        CertificateState::Active => {
            let errors = certificate.findings.iter().filter(|finding| finding.severity == Severity::Error);
            let codes: Vec<&str> = errors.map(|finding| finding.code.as_str()).collect();
            if !codes.is_empty() {
                return Some(CertificateWarning::Faulty { id, vasp: of, codes: codes.join(", ") });
            }
            let vouched = match certificate.root_set {
                None | Some(RootSet::Pinned) => proved_name(vasp, certificate.common_name.as_deref()),
                Some(RootSet::Private | RootSet::Trisa | RootSet::WebPki | RootSet::RegistryCa) => true,
            };
            (by == PresentedBy::CommonName && !vouched).then_some(CertificateWarning::NameUnproven { id, vasp: of })
        }
    }
}

/// Tells whether the name is a host that the VASP proved, by the host itself or by a domain above it.
fn proved_name(vasp: &Vasp, name: Option<&str>) -> bool {
    let Some(name) = name.map(str::to_ascii_lowercase) else { return false };
    let proven = vasp.domains.iter().filter(|domain| domain.status == DomainStatus::Proven && !domain.platform);
    let below = |domain: &str| name.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
    proven.into_iter().any(|domain| domain.domain == name || (domain.covers_subdomains && below(&domain.domain)))
}

#[cfg(test)]
mod tests {
    use super::super::precheck::examples::{certificate, entity};
    use super::*;
    use vasp_record::certificate::{CertificateFinding, CertificateStatus};
    use vasp_record::vasp::VaspDomain;

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    fn judge(by: PresentedBy, found: &[(&Vasp, &PublishedCertificate)], now: &str) -> Presented {
        Presented::judge(by, found.iter().copied(), at(now))
    }

    fn codes(presented: &Presented) -> Vec<&'static str> {
        presented.warnings.iter().map(CertificateWarning::code).collect()
    }

    /// Valid from 1 January to 31 December 2026.
    #[test]
    fn only_what_is_good_now_names_its_owner() {
        let (vasp, good) = (entity(1), certificate(1));
        let revoked = PublishedCertificate { status: CertificateStatus::Revoked, ..good.clone() };
        let finding = CertificateFinding { severity: Severity::Error, code: "weak_key".into(), detail: "x".into() };
        let faulty = PublishedCertificate { findings: vec![finding], ..good.clone() };
        let during = "2026-05-01T00:00:00Z";

        let owned = judge(PresentedBy::Fingerprint, &[(&vasp, &good)], during);
        assert_eq!((owned.owner_ids(), codes(&owned)), (vec![vasp.id], vec![]));
        assert_eq!(owned.next_change, Some(at("2027-01-01T00:00:00Z")));
        for (found, now, code) in [
            (&revoked, during, "certificate_revoked"),
            (&faulty, during, "certificate_faulty"),
            (&good, "2027-01-01T00:00:00Z", "certificate_expired"),
            (&good, "2025-12-31T23:59:59Z", "certificate_not_yet_valid"),
        ] {
            let presented = judge(PresentedBy::Fingerprint, &[(&vasp, found)], now);
            assert_eq!((presented.owner_ids(), codes(&presented)), (vec![], vec![code]));
            assert_eq!(presented.candidates(), [vasp.id]);
        }
        // An older certificate that expired gives no warning if another one is valid.
        let both = judge(PresentedBy::Fingerprint, &[(&vasp, &revoked), (&vasp, &good)], during);
        assert_eq!((both.owner_ids(), codes(&both)), (vec![vasp.id], vec![]));
    }

    #[test]
    fn a_common_name_that_only_its_bearer_wrote_names_nobody() {
        let mut vasp = entity(1);
        let named = PublishedCertificate { common_name: Some("Trp.Victim.Example".into()), ..certificate(1) };
        let pinned = PublishedCertificate { root_set: Some(RootSet::Pinned), ..named.clone() };
        let now = "2026-05-01T00:00:00Z";

        assert_eq!(judge(PresentedBy::CommonName, &[(&vasp, &named)], now).owner_ids(), [vasp.id]);
        assert_eq!(codes(&judge(PresentedBy::CommonName, &[(&vasp, &pinned)], now)), ["common_name_unproven"]);
        assert_eq!(judge(PresentedBy::Fingerprint, &[(&vasp, &pinned)], now).owner_ids(), [vasp.id]);
        for (domain, covers_subdomains, status, counts) in [
            ("trp.victim.example", false, DomainStatus::Proven, true),
            ("victim.example", true, DomainStatus::Proven, true),
            ("victim.example", false, DomainStatus::Proven, false),
            ("ictim.example", true, DomainStatus::Proven, false),
            ("trp.victim.example", false, DomainStatus::Lost, false),
        ] {
            vasp.domains = vec![VaspDomain { domain: domain.into(), status, covers_subdomains, platform: false }];
            let owners = judge(PresentedBy::CommonName, &[(&vasp, &pinned)], now).owner_ids();
            assert_eq!(!owners.is_empty(), counts, "{domain}");
        }
    }
}
