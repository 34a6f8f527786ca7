//! What stands beside facts: evidence that reviewers and the registry's own checks recorded, and whose word counts where several
//! origins say something of one attribute.

use vasp_words::time::UtcTime;

/// Evidence that was recorded for one attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordedEvidence {
    /// Place in the record, such as `legal_name` or `licences/lic_…`.
    pub attribute: String,
    /// How it was learnt.
    pub method: String,
    /// File, page or check.
    pub source: String,
    /// When it was looked at.
    pub verified_at: UtcTime,
    /// When it stops counting.
    pub expires_at: Option<UtcTime>,
}

/// Origin of what two people of the registry approved.
pub const REGISTRY: &str = "registry";
/// Origin of what a member, or the registry's own check for it, changed at once.
pub const MEMBER: &str = "member";
const LABELS: [&str; 2] = ["claims-csv", "group-links"];

/// Returns whose word counts, lowest first. Of identity what the registry approved counts before the public registers and those
/// before lists of labels; of a licence the authority's own register counts before everything.
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
