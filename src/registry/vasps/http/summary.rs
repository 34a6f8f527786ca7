//! The summary of a VASP, as the owner of an address or the counterparty of a pre-check.

use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::{Generation, Records};
use vasp_pki::receipt::CanonicalText;
use vasp_record::vasp::{Vasp, VaspKind, VaspStatus};
use vasp_words::time::UtcTime;

/// A summary of a VASP; `GET /v1/vasps/{vasp}` returns the complete record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = VaspSummary)]
pub(crate) struct VaspSummaryView {
    #[schema(example = "vasp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    kind: VaspKind,
    legal_name: String,
    #[schema(example = "529900HNOAA1KXQJUQ27")]
    lei: Option<String>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    #[schema(example = "DE")]
    country: Option<String>,
    status: VaspStatus,
    /// The website, as the source wrote it.
    website: Option<String>,
    /// Travel Rule protocols for which it has usable endpoints, sorted by name. `GET /v1/vasps/{vasp}` returns the endpoints.
    #[schema(example = json!(["trp"]))]
    protocols: Vec<String>,
    /// The entities of a group; empty for an entity.
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
    /// Returns the summary of a record at a moment. The directory provides the entities of a group and the protocols that can be used.
    pub(crate) fn of(vasp: &Vasp, generation: &Generation, at: UtcTime) -> Self {
        Self {
            id: vasp.id.to_string(),
            kind: vasp.kind,
            legal_name: vasp.legal_name.clone(),
            lei: vasp.lei.map(|lei| lei.to_string()),
            country: vasp.country.map(|country| country.to_string()),
            status: vasp.status,
            website: vasp.website.clone(),
            protocols: generation.usable_protocols(vasp, at).iter().map(ToString::to_string).collect(),
            entities: EntityView::of_group(vasp, generation.records()),
        }
    }

    /// Returns the summary as text, which is rendered once and used again until the record or its usable protocols change.
    pub(crate) fn written(vasp: &Vasp, generation: &Generation, at: UtcTime) -> CanonicalText {
        let write = || CanonicalText::of(&Self::of(vasp, generation, at));
        let protocols = generation.usable_protocols(vasp, at);
        let Some(place) = generation.records().written(vasp.id) else { return write() };
        let (of, text) = place.get_or_init(|| Box::new((protocols.clone(), write()))).as_ref();
        if *of == protocols { text.clone() } else { write() }
    }
}

impl EntityView {
    /// Returns the entities of a group, sorted by id. Empty if the record is an entity.
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
