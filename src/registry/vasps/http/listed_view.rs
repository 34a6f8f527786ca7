//! View of a VASP in a list: its record and, in a search, why it was found.

use serde::Serialize;
use utoipa::ToSchema;

use super::VaspView;
use crate::acts::Identity;
use crate::node::Silence;
use crate::vasps::{ListedVasp, VaspMatch};
use vasp_record::search::{MatchKind, MatchedField};

/// A VASP in a list: its record and, in a search, why it was found.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ListedVasp)]
pub(crate) struct ListedVaspView {
    #[serde(flatten)]
    vasp: VaspView,
    /// Why the VASP was found; null without `q`.
    matched: Option<VaspMatchView>,
}

/// The part of a record that matched a search, and how it matched.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = VaspMatch)]
pub(crate) struct VaspMatchView {
    field: MatchedField,
    /// The text that matched, as the record has it. If a group's name matched, it is the text of the group's record.
    #[schema(example = "Bitpanda GmbH")]
    text: String,
    kind: MatchKind,
    /// How well it matched, from 0 to 1; 1 means `exact`. The score orders the list and is not a probability.
    #[schema(minimum = 0, maximum = 1, example = 0.99)]
    score: f64,
}

impl ListedVaspView {
    /// Returns the view of a listed record for this caller.
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
