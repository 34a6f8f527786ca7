//! The findings about a published certificate at a moment: those from publication, plus the effects of time and revocation since.
//! The functions are pure and cheap, so every reader can call them.

use super::finding_code::{FindingCode, Found};
use super::{CertificateFinding, CertificateStatus, PublishedCertificate, profile};
use vasp_words::time::UtcTime;

/// Findings that depend on the time, so they are never stored.
const OF_TIME: [FindingCode; 5] = [
    FindingCode::Expired,
    FindingCode::NotYetValid,
    FindingCode::ExpiresSoon,
    FindingCode::ChainExpiresSoon,
    FindingCode::RevocationStale,
];

impl From<&Found> for CertificateFinding {
    fn from(found: &Found) -> Self {
        Self { severity: found.code.severity(), code: found.code.as_str().to_owned(), detail: found.detail.clone() }
    }
}

/// Returns the findings of a judgement to store: all that do not depend on the time.
#[must_use]
pub fn lasting(found: &[Found]) -> Vec<CertificateFinding> {
    found.iter().filter(|found| !OF_TIME.contains(&found.code)).map(CertificateFinding::from).collect()
}

impl PublishedCertificate {
    /// Returns the findings at a moment, worst first.
    #[must_use]
    pub fn findings_at(&self, now: UtcTime) -> Vec<CertificateFinding> {
        let end = self.not_after.min(self.chain_not_after);
        let over = now >= end.plus_secs(1);
        let time = if over {
            Some((FindingCode::Expired, format!("It expired at {end}.")))
        } else if now < self.not_before {
            Some((FindingCode::NotYetValid, format!("It is not valid before {}.", self.not_before)))
        } else {
            let soon = |days| (FindingCode::ExpiresSoon, format!("It expires at {end}, within {days} days."));
            profile::warned_at(end, now).map(soon)
        };
        let revoked = (self.status == CertificateStatus::Revoked).then(|| {
            let reason = self.revocation_reason.as_deref().unwrap_or("unspecified");
            let since = self.revoked_at.map(|at| format!(" at {at}")).unwrap_or_default();
            (FindingCode::Revoked, format!("It was revoked{since}: {reason}."))
        });
        let made = [revoked, time].into_iter().flatten().map(|(code, detail)| CertificateFinding::from(&Found { code, detail }));
        let mut findings: Vec<_> = made.chain(self.findings.iter().cloned()).collect();
        findings.sort_by_key(|finding| finding.severity);
        findings
    }
}
