//! The finding, and its sentence, when one party owns an address.

use super::super::elsewhere::JudgedVasp;
use super::{CheckCode, Declared, sentences};
use vasp_record::claim::{NetworkMatch, Strength};
use vasp_record::resolution::{Owner, Relation, Resolution};

/// Returns the finding for claims that contradict a declaration.
pub(super) fn contradiction(declared: Declared) -> CheckCode {
    if declared == Declared::SelfHosted {
        CheckCode::AttributionDeclaredSelfHostedButOwned
    } else {
        CheckCode::AttributionDeclaredMismatch
    }
}

/// Returns the finding for an undisputed owner. Claims for the whole family of networks, or on another network of the class, never give more
/// than a warning.
pub(super) fn agreed_code<N>(resolution: &Resolution<N>, owners: &[&Owner<N>]) -> CheckCode {
    match owners.iter().map(|owner| owner.network_match).max() {
        Some(NetworkMatch::Exact) => {}
        Some(NetworkMatch::Class) => return CheckCode::AttributionClassOnly,
        Some(NetworkMatch::Family) | None => return CheckCode::AttributionFamilyOnly,
    }
    if resolution.related.iter().any(|related| related.relation == Relation::FamilyDisagrees) {
        return CheckCode::AttributionFamilyDisagrees;
    }
    match owners.iter().filter_map(|owner| owner.claim.as_ref()).map(|claim| claim.strength).max() {
        Some(Strength::Proven) => CheckCode::AttributionProven,
        Some(Strength::Attested) => CheckCode::AttributionAttested,
        Some(Strength::Attributed) | None => CheckCode::AttributionAttributed,
    }
}

/// Returns the sentence that says who owns an address, and by which kind of claim.
pub(super) fn owned_detail(code: CheckCode, names: &str, contradicted: Option<&JudgedVasp>) -> String {
    match code {
        CheckCode::AttributionDeclaredSelfHostedButOwned => format!("Declared as self-hosted, but claims name {names}."),
        CheckCode::AttributionDeclaredMismatch => {
            let unknown = "a VASP that the directory does not know";
            let declared = contradicted.map_or_else(|| unknown.to_owned(), |vasp| sentences::cut(&vasp.record.legal_name, 45));
            format!("Declared as {declared}, but claims name {names}.")
        }
        CheckCode::AttributionFamilyOnly => {
            format!("Claims name {names} only for the whole family of networks, not for this network.")
        }
        CheckCode::AttributionClassOnly => {
            format!(
                "{names} proved the key on another network of its class. Whether it credits transfers on this network is not known."
            )
        }
        CheckCode::AttributionFamilyDisagrees => {
            format!("Claims on this network name {names}. A claim for the whole family names another party.")
        }
        CheckCode::AttributionProven => format!("{names} proved control of the address's key."),
        CheckCode::AttributionAttested => format!("{names} states that the address is its own."),
        _ => format!("Third-party data attributes the address to {names}."),
    }
}
