//! A VASP in a few words: as owner of an address, as counterparty of a pre-check.

use std::sync::Arc;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;

use super::{VaspKindView, VaspStatusView};
use crate::directory::{Generation, Records, Written};
use crate::domain::time::UtcTime;
use crate::domain::vasp::Vasp;

/// A VASP in a few words; `GET /v1/vasps/{id}` has the whole record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = VaspSummary)]
pub(crate) struct VaspSummaryView {
    #[schema(example = "vasp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    kind: VaspKindView,
    legal_name: String,
    #[schema(example = "529900HNOAA1KXQJUQ27")]
    lei: Option<String>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    #[schema(example = "DE")]
    country: Option<String>,
    status: VaspStatusView,
    /// As the source wrote it.
    website: Option<String>,
    /// Travel Rule protocols that it has usable endpoints of, in order of name; `GET /v1/vasps/{id}` has the endpoints.
    #[schema(example = json!(["trp"]))]
    protocols: Vec<String>,
    /// Entities of a group.
    entities: Vec<EntityView>,
}

/// An entity of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Entity)]
pub(crate) struct EntityView {
    id: String,
    legal_name: String,
    lei: Option<String>,
    country: Option<String>,
}

impl VaspSummaryView {
    /// Returns the summary of a record as it stands at a moment; the directory tells the entities of a group and which protocols
    /// may be used.
    pub(crate) fn of(vasp: &Vasp, generation: &Generation, at: UtcTime) -> Self {
        Self {
            id: vasp.id.to_string(),
            kind: vasp.kind.into(),
            legal_name: vasp.legal_name.clone(),
            lei: vasp.lei.map(|lei| lei.to_string()),
            country: vasp.country.map(|country| country.to_string()),
            status: vasp.status.into(),
            website: vasp.website.clone(),
            protocols: generation.usable_protocols(vasp, at).iter().map(ToString::to_string).collect(),
            entities: EntityView::of_group(vasp, generation.records()),
        }
    }
}

/// A VASP in a few words, written once for all answers while its record stands.
#[derive(Clone, Debug)]
pub(crate) struct WrittenSummary(Option<Arc<RawValue>>);

impl WrittenSummary {
    /// Returns what [`VaspSummaryView::of`] writes.
    pub(crate) fn of(vasp: &Vasp, generation: &Generation, at: UtcTime) -> Self {
        let write = || to_raw_value(&VaspSummaryView::of(vasp, generation, at)).ok().map(Arc::from);
        let protocols = generation.usable_protocols(vasp, at);
        let Some(place) = generation.records().written(vasp.id) else { return Self(write()) };
        let kept = place.get_or_init(|| Written { protocols: protocols.clone(), text: write() });
        Self(if kept.protocols == protocols { kept.text.clone() } else { write() })
    }
}

impl PartialEq for WrittenSummary {
    fn eq(&self, other: &Self) -> bool {
        let text = |one: &Self| one.0.as_ref().map(|text| text.get().to_owned());
        text(self) == text(other)
    }
}

impl Serialize for WrittenSummary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().ok_or_else(|| S::Error::custom("a summary could not be written"))?.serialize(serializer)
    }
}

impl EntityView {
    /// Returns the entities of a group, in order of id; none for an entity.
    pub(crate) fn of_group(vasp: &Vasp, records: &Records) -> Vec<Self> {
        records.entities_of(vasp.id).map(|entity| Self::from(entity.as_ref())).collect()
    }
}

impl From<&Vasp> for EntityView {
    fn from(vasp: &Vasp) -> Self {
        Self {
            id: vasp.id.to_string(),
            legal_name: vasp.legal_name.clone(),
            lei: vasp.lei.map(|lei| lei.to_string()),
            country: vasp.country.map(|country| country.to_string()),
        }
    }
}
