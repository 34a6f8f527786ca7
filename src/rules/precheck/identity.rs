//! Whether the legal entity is known and in good standing in this registry.
//!
//! Source: wire contract, `identity`.

use super::super::elsewhere::JudgedVasp;
use super::{CheckCode, CheckResult, Counterparty, Evidence, PrecheckInput};
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_words::time::UtcTime;

/// What says which legal entity it is.
const PROVEN: [&str; 2] = ["legal_name", "country"];

/// Judges the counterparty's record.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    match &input.attribution.counterparty {
        Counterparty::Entity(entity) => of_entity(&entity.record, input.now),
        Counterparty::Party { named, .. } => of_party(named),
        Counterparty::SelfHosted => {
            let detail = "Self-hosted: there is no legal entity.";
            CheckResult::new(CheckCode::IdentitySelfHosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Nobody { .. } => {
            let detail = "No legal entity is known on the other side.";
            CheckResult::new(CheckCode::IdentityNoCounterparty, detail, vec![Evidence::directory(input.now)])
        }
    }
}

fn of_entity(entity: &Vasp, now: UtcTime) -> CheckResult {
    let name = &entity.legal_name;
    let (code, detail) = match entity.status {
        VaspStatus::Verified if PROVEN.iter().any(|attribute| entity.is_stale(attribute, now)) => {
            (CheckCode::IdentityEvidenceStale, format!("{name} is verified, but what stood for its name or country has expired."))
        }
        VaspStatus::Verified => (CheckCode::IdentityVerified, format!("{name} is verified.")),
        VaspStatus::Listed => {
            (CheckCode::IdentityRegisterOnly, format!("{name} is known from a public register only; nobody verified it here."))
        }
        VaspStatus::Draft | VaspStatus::Submitted | VaspStatus::InReview => {
            (CheckCode::IdentityUnderReview, format!("{name} is not verified yet."))
        }
        status => restricted(status, name),
    };
    CheckResult::new(code, detail, Evidence::identity(entity))
}

/// The codes of records that stand against a transfer, whatever their kind.
fn restricted(status: VaspStatus, name: &str) -> (CheckCode, String) {
    match status {
        VaspStatus::Revoked => (CheckCode::IdentityRevoked, format!("The registry revoked {name}.")),
        VaspStatus::Suspended => (CheckCode::IdentitySuspended, format!("The registry suspended {name}.")),
        VaspStatus::Rejected => (CheckCode::IdentityRejected, format!("The registry did not accept {name}.")),
        VaspStatus::Withdrawn => (CheckCode::IdentityWithdrawn, format!("{name} withdrew from the registry.")),
        _ => (CheckCode::IdentityRetired, format!("{name} is no longer used.")),
    }
}

fn of_party(named: &[&JudgedVasp]) -> CheckResult {
    let evidence: Vec<Evidence> = named.iter().flat_map(|vasp| Evidence::identity(&vasp.record)).collect();
    let worst = named.iter().min_by_key(|vasp| vasp.record.status);
    if let Some(worst) = worst.filter(|vasp| vasp.record.status <= VaspStatus::Retired) {
        let (code, detail) = restricted(worst.record.status, &worst.record.legal_name);
        return CheckResult::new(code, detail, evidence);
    }
    if let [group] = named {
        let detail = format!("The brand {} is known; which of its legal entities it is, is not.", group.record.legal_name);
        return CheckResult::new(CheckCode::IdentityGroupOnly, detail, evidence);
    }
    let detail = "Several legal entities of one party claim the address; which one it is, is not settled.";
    CheckResult::new(CheckCode::IdentitySeveralEntities, detail, evidence)
}
