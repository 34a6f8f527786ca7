//! The first check of an incoming transfer: whom a presented certificate names, and whether the receiving address is the
//! asker's own. The asker states what was presented; the directory knows who published it.
//!
//! Source: docs/prechecks.md, "Incoming transfers"; docs/routes.md, "Lookup by certificate".

use super::super::elsewhere::JudgedVasp;
use super::super::presented::{CertificateWarning, Presented, PresentedBy};
use super::attribution::{claims, distinct, known, record};
use super::{Attribution, CheckCode, CheckResult, Counterparty, Evidence, sentences};
use vasp_record::resolution::{Parties, Resolution, ResolutionStatus};
use vasp_words::ids::VaspId;
use vasp_words::text::sentence;
use vasp_words::time::UtcTime;

/// Settles the counterparty by the certificate that it presented.
pub(super) fn presented<'a>(presented: &Presented, records: &[&'a JudgedVasp], now: UtcTime) -> Attribution<'a> {
    let by_name = presented.by == PresentedBy::CommonName;
    let mut evidence = vec![Evidence::declaration(now)];
    let candidates = |ids: &[VaspId]| distinct(ids.iter().filter_map(|id| record(*id, records)));
    let nobody = |ids: &[VaspId]| Counterparty::Nobody { candidates: candidates(ids), country: None };
    let (code, detail, counterparty) = match (presented.owners.as_slice(), presented.warnings.as_slice()) {
        ([(owner, _)], _) => {
            let name =
                record(*owner, records).map_or_else(|| owner.to_string(), |vasp| sentences::cut(&vasp.record.legal_name, 80));
            let (code, what) = if by_name {
                (CheckCode::AttributionCommonNamePublished, "a certificate with this common name")
            } else {
                (CheckCode::AttributionCertificatePublished, "this certificate")
            };
            (code, format!("{name} published {what}. The certificate is valid."), known(*owner, records))
        }
        ([], []) if by_name => {
            let detail = "Nobody has published a certificate with this common name here.".to_owned();
            (CheckCode::AttributionCommonNameUnknown, detail, nobody(&[]))
        }
        ([], []) => {
            let detail = "Nobody has published a certificate with this fingerprint here.".to_owned();
            (CheckCode::AttributionCertificateUnknown, detail, nobody(&[]))
        }
        ([], [worst, ..]) => (of_warning(worst), sentence(&worst.to_string()), nobody(&presented.candidates())),
        (_, _) => {
            let detail = "Several VASPs published such a certificate. It does not show which of them is the sender.".to_owned();
            (CheckCode::AttributionAmbiguous, detail, nobody(&presented.owner_ids()))
        }
    };
    let shown = presented.owners.iter().copied().chain(presented.warnings.iter().map(|w| (w.vasp(), w.certificate())));
    let found = shown.filter_map(|(vasp, id)| record(vasp, records)?.record.certificates.iter().find(|own| own.id == id));
    evidence.extend(found.map(Evidence::certificate));
    if evidence.len() == 1 {
        evidence.push(Evidence::directory(now));
    }
    Attribution::of(CheckResult::new(code, detail, evidence), counterparty)
}

fn of_warning(warning: &CertificateWarning) -> CheckCode {
    match warning {
        CertificateWarning::Revoked { .. } => CheckCode::AttributionCertificateRevoked,
        CertificateWarning::Expired { .. } => CheckCode::AttributionCertificateExpired,
        CertificateWarning::Faulty { .. } => CheckCode::AttributionCertificateFaulty,
        CertificateWarning::NotYetValid { .. } => CheckCode::AttributionCertificateNotYetValid,
        CertificateWarning::NameUnproven { .. } => CheckCode::AttributionCommonNameUnproven,
    }
}

/// The owner of the address to which a transfer came.
#[derive(Clone, Copy, Debug)]
pub enum OwnAddress<'a, N> {
    /// The asker has no VASP of its own here to compare with.
    NoOwnVasp,
    /// What is known about the address, and the VASP that should own it.
    Resolved(&'a Resolution<N>, VaspId),
}

impl<'a> Attribution<'a> {
    /// Adds what is wrong with the address to which the transfer came. The sender does not change.
    #[must_use]
    pub fn at_own_address<N>(mut self, address: &OwnAddress<'_, N>, parties: &impl Parties) -> Self {
        let (code, text) = match address {
            OwnAddress::NoOwnVasp => {
                let text = "These credentials have no VASP, so the registry cannot confirm that the receiving address is the asker's own.";
                (CheckCode::AttributionBeneficiaryUnconfirmed, text)
            }
            OwnAddress::Resolved(found, own) => {
                self.result.evidence.extend(claims(&found.owners));
                let own = parties.party(*own);
                let mine = |owner: &vasp_record::resolution::Owner<N>| parties.party(owner.vasp) == own;
                let is_held = found.related_reason.is_some();
                if found.status == ResolutionStatus::NotFound || !is_held && found.owners.iter().all(mine) {
                    return self;
                }
                if found.owners.iter().any(mine) {
                    let text = "Another party also claims the receiving address, which the asker claims as its own.";
                    (CheckCode::AttributionBeneficiaryDisputed, text)
                } else {
                    let text = "According to claims, the receiving address belongs to another VASP, not to the asker's VASP.";
                    (CheckCode::AttributionBeneficiaryMismatch, text)
                }
            }
        };
        let mut codes: Vec<CheckCode> = self.result.codes().chain([code]).collect();
        // Codes are declared worst first within a check.
        codes.sort_unstable();
        let mut rest = codes.split_off(1.min(codes.len()));
        // A proof of a wallet's control remains a finding: if the wallet is not the customer's, its owner still has to be found out.
        let matters =
            |code: &CheckCode| code.outcome() < super::CheckOutcome::Pass || *code == CheckCode::AttributionSelfHostedProven;
        rest.retain(matters);
        let detail = sentences::joined([self.result.detail.as_str(), text]);
        let speaks = codes.first().copied().unwrap_or(code);
        self.result = CheckResult { detail, ..CheckResult::new(speaks, "", self.result.evidence).with(rest) };
        self
    }
}
