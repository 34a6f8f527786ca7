//! A VASP of a list: the record, and in a search why it was found.

use serde::Serialize;
use utoipa::ToSchema;

use super::VaspView;
use crate::acts::Identity;
use crate::node::Silence;
use crate::vasps::{ListedVasp, VaspMatch};
use vasp_record::search::{MatchKind, MatchedField};

/// A VASP of a list: its record, and in a search why it was found.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ListedVasp)]
pub(crate) struct ListedVaspView {
    #[serde(flatten)]
    vasp: VaspView,
    /// Null without `q`.
    matched: Option<VaspMatchView>,
}

/// What of a record matched a search, and how.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = VaspMatch)]
pub(crate) struct VaspMatchView {
    field: MatchedField,
    /// The text that matched, as the record has it; of a group's name, as the group has it.
    #[schema(example = "Bitpanda GmbH")]
    text: String,
    kind: MatchKind,
    /// How well, from 0 to 1; 1 is `exact`. It orders the list and is no probability.
    #[schema(minimum = 0, maximum = 1, example = 0.99)]
    score: f64,
}

impl ListedVaspView {
    /// Returns what this caller may see of a listed record.
    pub(crate) fn of(listed: ListedVasp, identity: Option<&Identity>, silence: Silence) -> Self {
        Self { vasp: VaspView::of(&listed.answer, identity, silence), matched: listed.matched.map(VaspMatchView::from) }
    }
}

impl From<VaspMatch> for VaspMatchView {
    fn from(matched: VaspMatch) -> Self {
        let VaspMatch { field, text, kind, score } = matched;
        Self { field, text, kind, score: score.value() }
    }
}
