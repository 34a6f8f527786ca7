//! Assets that the law of a jurisdiction forbids its firms to transfer. Caller: the finding `transfer.asset_prohibited` of a pre-check.

use serde::{Deserialize, Serialize};
use vasp_words::caip::Caip19;
use vasp_words::closed_list::closed_list;
use vasp_words::time::Date;

closed_list! {
    /// A class of assets that a law names instead of single assets.
    pub enum AssetClass {
        /// Assets that are made so that nobody can trace them. The shipped policy and the asker's policy list them.
        AnonymityEnhanced = "anonymity_enhanced",
    }
}

/// An asset, or a class of assets, that firms of the jurisdiction may not transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProhibitedAsset {
    /// What the law calls it.
    pub name: String,
    /// Its ids, one for each network. An asset without ids and class is listed for people only: no transfer can be compared with it.
    #[serde(default)]
    pub ids: Vec<Caip19>,
    /// The class, if the law names one.
    #[serde(default)]
    pub class: Option<AssetClass>,
    /// The first day of the prohibition.
    pub from: Date,
    /// The last day; `None` if it has no end yet.
    #[serde(default)]
    pub until: Option<Date>,
    /// The law and the place in it; `None` if the clause was not looked up.
    #[serde(default)]
    pub clause: Option<String>,
}

impl ProhibitedAsset {
    /// Returns whether the prohibition is in force on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|last| day <= last)
    }

    /// Returns the days on which the prohibition changes.
    pub(super) fn changes(&self) -> [Option<Date>; 2] {
        [Some(self.from), self.until.map(Date::next)]
    }
}
