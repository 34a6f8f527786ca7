//! The part of a policy about assets. Findings about the transfer itself use it.
//!
//! Source: docs/policies.md, "Assets".

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use vasp_words::caip::Caip19;

/// The part of a policy about assets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetPolicy {
    /// Assets that are made so that nobody can trace them. A network's own asset (`slip44`) also matches a transfer that names no asset.
    pub anonymity_enhanced: Vec<Caip19>,
    /// The reason, in the words of its author.
    pub why: String,
}

impl AssetPolicy {
    /// Returns the shipped part, for policies that have no part about assets.
    pub(super) fn shipped() -> Self {
        #[derive(Deserialize)]
        struct Shipped {
            assets: AssetPolicy,
        }
        let bare = |_| Self { anonymity_enhanced: vec![], why: String::new() };
        // A test reads the shipped file.
        serde_json::from_str(include_str!("../data/policy.json")).map_or_else(bare, |shipped: Shipped| shipped.assets)
    }

    /// Returns the assets of the shipped part that nobody can trace: a law that prohibits the class means at least these.
    pub(crate) fn anonymity_enhanced_at_least() -> &'static [Caip19] {
        static SHIPPED: LazyLock<AssetPolicy> = LazyLock::new(AssetPolicy::shipped);
        &SHIPPED.anonymity_enhanced
    }

    /// Returns the assets that this part no longer names but the other does, as one sentence each.
    pub(super) fn looser_than(&self, other: &Self) -> Vec<String> {
        let lost = other.anonymity_enhanced.iter().filter(|asset| !self.anonymity_enhanced.contains(asset));
        lost.map(|asset| format!("assets: {asset} is no longer listed as anonymity-enhanced")).collect()
    }
}
