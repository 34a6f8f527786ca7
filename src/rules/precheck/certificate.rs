//! Whether the counterparty's certificates for the best route are valid. A protocol whose network vouches for its members uses
//! no such certificates; the check is then not applicable.
//!
//! Source: docs/routes.md, "Why a route cannot be used"; docs/certificates.md, "State of a certificate" and "Findings".

use super::super::routes::{CertificateJudgement, CertificateStanding, Routes, judge_all_certificates};
use super::{CheckCode, CheckResult, Counterparty, Evidence, PrecheckInput};
use vasp_record::vasp::Vasp;
use vasp_words::ids::CertificateId;

/// Judges the counterparty's certificates.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    match &input.attribution.counterparty {
        Counterparty::Entity(entity) => of_entity(&entity.record, input),
        Counterparty::SelfHosted => {
            let detail = "The wallet is self-hosted, so there is no legal entity whose certificate could be checked.";
            CheckResult::new(CheckCode::CertificateSelfHosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { .. } | Counterparty::Nobody { .. } => {
            let detail = "The counterparty's legal entity is not known, so no certificate could be checked.";
            CheckResult::new(CheckCode::CertificateNoCounterparty, detail, vec![Evidence::directory(input.now)])
        }
    }
}

fn of_entity(entity: &Vasp, input: &PrecheckInput<'_>) -> CheckResult {
    match input.routes.and_then(Routes::decisive) {
        Some(route) => result(entity, input, &route.certificates, &format!(" for {}", route.protocol)),
        None => result(entity, input, &judge_all_certificates(entity, input.now), ""),
    }
}

fn result(entity: &Vasp, input: &PrecheckInput<'_>, judged: &CertificateJudgement, purpose: &str) -> CheckResult {
    let (code, what) = match judged.standing {
        CertificateStanding::Revoked => (CheckCode::CertificateRevoked, "was revoked"),
        CertificateStanding::Expired => (CheckCode::CertificateExpired, "has expired"),
        CertificateStanding::Faulty => (CheckCode::CertificateErrorFindings, "has faults that forbid its use"),
        CertificateStanding::NotYetValid => (CheckCode::CertificateNotYetValid, "is not valid yet"),
        CertificateStanding::Missing => (CheckCode::CertificateNoneOnRecord, ""),
        CertificateStanding::EndsInOneDay => (CheckCode::CertificateExpiresIn1Day, "expires within one day"),
        CertificateStanding::EndsInSevenDays => (CheckCode::CertificateExpiresIn7Days, "expires within seven days"),
        CertificateStanding::EndsInFourteenDays => (CheckCode::CertificateExpiresIn14Days, "expires within fourteen days"),
        CertificateStanding::EndsInThirtyDays => (CheckCode::CertificateExpiresIn30Days, "expires within thirty days"),
        CertificateStanding::Warned => (CheckCode::CertificateWarningFindings, "has findings that a person should check"),
        CertificateStanding::Valid => (CheckCode::CertificateValid, "is valid"),
        CertificateStanding::NotNeeded => (CheckCode::CertificateProtocolWithout, ""),
    };
    let detail = match judged.standing {
        CertificateStanding::Missing => format!("No certificate{purpose} is on record."),
        CertificateStanding::NotNeeded => {
            format!("The best route{purpose} needs no certificate of the VASP. The network vouches for its members.")
        }
        _ => format!("The counterparty's certificate{purpose} {what}."),
    };
    let find = |id: &CertificateId| entity.certificates.iter().find(|known| known.id == *id);
    let mut evidence: Vec<Evidence> = judged.certificates.iter().filter_map(find).map(Evidence::certificate).collect();
    if evidence.is_empty() {
        evidence.push(Evidence::directory(input.now));
    }
    CheckResult::new(code, detail, evidence)
}
