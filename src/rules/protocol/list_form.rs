//! The form in which a provider hands out the list of VASPs that its protocol reaches. It is data of the document of protocols: one reader
//! (`vasp_ingest::vasp_list`) reads all forms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vasp_words::rule_names::FieldCode;

/// The JSON form of a provider's list, as its documentation describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = VaspListForm))]
#[serde(deny_unknown_fields)]
pub struct ListForm {
    /// Where the rows are, as a JSON Pointer.
    #[cfg_attr(feature = "schema", schema(example = "/vasps"))]
    pub rows: String,
    /// Where a row has the entities of its brand, as a JSON Pointer in the row; null if each row is one entity.
    pub entities: Option<String>,
    /// The members that may have the network's identifier or the place; the first one that is there counts.
    pub id: Vec<String>,
    /// The members that may have the legal name.
    pub legal_name: Vec<String>,
    /// The members that may have another name.
    pub name: Vec<String>,
    /// The members that may have the LEI.
    pub lei: Vec<String>,
    /// The members that may have the country.
    pub country: Vec<String>,
    /// The members that may name the network over which the VASP is reached.
    pub alliance: Vec<String>,
    /// What a row must say so that the VASP can be reached; null if each row can.
    pub reachable_if: Option<MemberWords>,
    /// What a VASP requires itself; null if the list does not say it.
    pub required: Option<RequiredCodes>,
    /// The public document that describes the form.
    pub source: String,
}

/// A member of a row and its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = VaspListMemberWords))]
#[serde(deny_unknown_fields)]
pub struct MemberWords {
    /// The member.
    pub member: String,
    /// Its words; case does not matter.
    pub words: Vec<String>,
}

/// A member of a row that has the provider's codes of the fields that the VASP requires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = VaspListRequiredCodes))]
#[serde(deny_unknown_fields)]
pub struct RequiredCodes {
    /// The member: a list of codes, or of objects with a member `id`.
    pub member: String,
    /// The rulebook's field for each code. Codes that it does not have are not read.
    pub codes: BTreeMap<String, FieldCode>,
}
