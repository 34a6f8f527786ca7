//! Evidence that reviewers and the registry's own checks recorded, and the priority of origins if several of them state one
//! attribute.

use std::sync::Arc;

use vasp_words::time::UtcTime;

/// Evidence that was recorded for one attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordedEvidence {
    /// Place in the record, such as `legal_name` or `licences/lic_…`.
    pub attribute: String,
    /// The method by which the registry obtained it.
    pub method: String,
    /// The file, page or check.
    pub source: Arc<str>,
    /// When it was verified.
    pub verified_at: UtcTime,
    /// When it expires; `None` if it does not.
    pub expires_at: Option<UtcTime>,
}

/// Origin of facts that two people of the registry approved.
pub const REGISTRY: &str = "registry";
/// Origin of facts that took effect immediately: changed by a member, or by the registry's own check for a member.
pub const MEMBER: &str = "member";
const LABELS: [&str; 2] = ["claims-csv", "group-links"];

/// Returns the priority of an origin; the lowest number wins. For identity, the registry's approval comes first, then public
/// registers, then label lists. For a licence, the authority's own register comes first.
#[must_use]
pub fn origin_rank(origin: &str, of_licence: bool) -> u8 {
    match (origin, of_licence) {
        (REGISTRY, false) => 0,
        (MEMBER, false) => 1,
        (origin, _) if LABELS.contains(&origin) => 5,
        (REGISTRY, true) => 3,
        (MEMBER, true) => 4,
        (_, _) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_knows_its_licences_and_the_registry_whom_it_vouches_for() {
        let first = |of_licence: bool| {
            let origins = ["claims-csv", MEMBER, "esma-casps", REGISTRY];
            origins.into_iter().min_by_key(|origin| origin_rank(origin, of_licence))
        };

        assert_eq!((first(false), first(true)), (Some(REGISTRY), Some("esma-casps")));
    }
}
