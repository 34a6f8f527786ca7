//! Views of a VASP in a list: by default the members that tell VASPs apart, otherwise the whole record; in a search also why it was found.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::GroupView;
use super::{EntityView, LicenceStatusView, VaspView};
use crate::acts::Identity;
use crate::node::Silence;
use crate::vasps::{ListedVasp, VaspMatch};
use vasp_record::licence::{Authority, Licence};
use vasp_record::search::{MatchKind, MatchedField};
use vasp_record::vasp::{LeiStatus, OtherName, VaspKind, VaspStatus};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// How much of each VASP to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListedAs {
    /// What tells VASPs apart: names, country, LEI, website, group and entities, licences in brief, protocols.
    #[default]
    Short,
    /// The whole record, as `GET /v1/vasps/{vasp}` returns it.
    Full,
}

/// A VASP in a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = VaspListItem)]
pub(crate) enum VaspListItemView {
    /// What tells VASPs apart.
    Short(Box<ListedVaspView>),
    /// The whole record, with `view=full`.
    Full(Box<ListedInFullView>),
}

/// What tells a VASP apart from others. Each member is as in the whole record, which `GET /v1/vasps/{vasp}` returns.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ListedVasp)]
pub(crate) struct ListedVaspView {
    id: VaspId,
    kind: VaspKind,
    status: VaspStatus,
    /// The registered name; for a group it is the brand.
    legal_name: String,
    other_names: Vec<OtherName>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    country: Option<Country>,
    lei: Option<Lei>,
    /// The status of the LEI; null if no GLEIF file has an entry for it, so that it is unchecked.
    lei_status: Option<LeiStatus>,
    /// The website, as the source wrote it.
    website: Option<String>,
    /// The group of an entity; null if it has none.
    group: Option<GroupView>,
    /// The entities of a group; empty for an entity.
    entities: Vec<EntityView>,
    /// The licences of an entity, in brief. Those that are not in force yet are left out.
    licences: Vec<ListedLicenceView>,
    /// The Travel Rule protocols of its usable endpoints, sorted by name.
    #[schema(example = json!(["trp"]))]
    protocols: Vec<String>,
    /// Why the VASP was found; null without `q`.
    matched: Option<VaspMatchView>,
}

/// One permission by one authority, in brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ListedLicence)]
pub(crate) struct ListedLicenceView {
    #[schema(value_type = Authority)]
    authority: Arc<Authority>,
    #[schema(example = "MiCA")]
    #[schema(value_type = String)]
    regime: Arc<str>,
    /// The status today.
    status: LicenceStatusView,
}

/// A whole record in a list and, in a search, why it was found.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ListedVaspInFull)]
pub(crate) struct ListedInFullView {
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

impl VaspListItemView {
    /// Returns the view of a listed record for this caller.
    pub(crate) fn of(listed: ListedVasp, view: ListedAs, identity: Option<&Identity>, silence: Silence) -> Self {
        match view {
            ListedAs::Short => Self::Short(Box::new(ListedVaspView::from(listed))),
            ListedAs::Full => {
                let vasp = VaspView::of(&listed.answer, identity, silence);
                Self::Full(Box::new(ListedInFullView { vasp, matched: listed.matched.map(VaspMatchView::from) }))
            }
        }
    }
}

impl From<ListedVasp> for ListedVaspView {
    fn from(ListedVasp { answer, matched }: ListedVasp) -> Self {
        let (vasp, day) = (&answer.record, answer.generation.day());
        Self {
            id: vasp.id,
            kind: vasp.kind,
            status: vasp.status,
            legal_name: vasp.legal_name.clone(),
            other_names: vasp.other_names.clone(),
            country: vasp.country,
            lei: vasp.lei,
            lei_status: vasp.lei_status,
            website: vasp.website.clone(),
            group: GroupView::of(vasp, answer.generation.records()),
            entities: EntityView::of_group(vasp, answer.generation.records()),
            licences: vasp.licences.iter().filter_map(|licence| ListedLicenceView::on(licence, day)).collect(),
            protocols: answer.generation.usable_protocols(vasp, answer.at).iter().map(ToString::to_string).collect(),
            matched: matched.map(VaspMatchView::from),
        }
    }
}

impl ListedLicenceView {
    /// Returns the licence on a day. `None` if it is not in force yet.
    fn on(licence: &Licence, day: Date) -> Option<Self> {
        let status = LicenceStatusView::of(licence.status_on(day))?;
        Some(Self { authority: Arc::clone(&licence.authority), regime: Arc::clone(&licence.regime), status })
    }
}

impl From<VaspMatch> for VaspMatchView {
    fn from(matched: VaspMatch) -> Self {
        let VaspMatch { field, text, kind, score } = matched;
        Self { field, text, kind, score: score.value() }
    }
}
