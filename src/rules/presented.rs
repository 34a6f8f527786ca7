//! Whose certificate this is: somebody shows a certificate, or its common name, and the VASPs that published such a one are
//! judged. Only a certificate that is good now names its owner; what is over, faulty or says of itself what nobody vouched for
//! names a candidate and the reason. Callers: resolving by certificate, and pre-checks of incoming transfers.

use vasp_record::certificate::{CertificateState, PublishedCertificate, RootSet, Severity};
use vasp_record::vasp::{DomainStatus, Vasp};
use vasp_words::ids::{CertificateId, VaspId};
use vasp_words::time::UtcTime;

/// By what the certificate was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PresentedBy {
    /// By its SHA-256: exactly this certificate.
    Fingerprint,
    /// By its common name only.
    CommonName,
}

/// Why a published certificate does not name its owner, worst first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum CertificateWarning {
    /// Taken back.
    #[error("the certificate {id} of {vasp} was revoked{}", since.map_or(String::new(), |at| format!(" on {at}")))]
    Revoked {
        /// Which.
        id: CertificateId,
        /// Whose.
        vasp: VaspId,
        /// When.
        since: Option<UtcTime>,
    },
    /// Over.
    #[error("the certificate {id} of {vasp} expired: its chain was valid until {end}")]
    Expired {
        /// Which.
        id: CertificateId,
        /// Whose.
        vasp: VaspId,
        /// Last second.
        end: UtcTime,
    },
    /// Has findings that forbid its use.
    #[error("the certificate {id} of {vasp} has faults: {codes}")]
    Faulty {
        /// Which.
        id: CertificateId,
        /// Whose.
        vasp: VaspId,
        /// Codes of its error findings.
        codes: String,
    },
    /// Begins later.
    #[error("the certificate {id} of {vasp} is not valid before {begin}")]
    NotYetValid {
        /// Which.
        id: CertificateId,
        /// Whose.
        vasp: VaspId,
        /// First second.
        begin: UtcTime,
    },
    /// Anybody could have written this common name.
    #[error("nobody vouched for the common name of {id}: it is pinned by {vasp}, which proved no such domain")]
    NameUnproven {
        /// Which.
        id: CertificateId,
        /// Whose.
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

/// What a presented certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// By what it was named.
    pub by: PresentedBy,
    /// The VASPs that published such a one which is good, in order of id, each with the certificate that lasts longest.
    pub owners: Vec<(VaspId, CertificateId)>,
    /// Why the others' do not count, worst first.
    pub warnings: Vec<CertificateWarning>,
    /// The next moment at which one of them begins or ends.
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

    /// Returns who published one that does not count, each once.
    #[must_use]
    pub fn candidates(&self) -> Vec<VaspId> {
        let mut all: Vec<VaspId> = self.warnings.iter().map(CertificateWarning::vasp).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The first moment after its last.
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

/// Whether the name is a host that the VASP proved, itself or the domain above it.
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
        // An older one that is over says nothing beside one that is good.
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
