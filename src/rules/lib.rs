//! Pure judgement over records: the rulebook and its demands, policies, the pre-check, screening, due diligence and routes. This crate has
//! no server, no database and no clock. Every answer is a function of its arguments, so you can replay it.
//!
//! The root re-exports the names that most callers need. The modules hold the rest.
#![doc = ""]
#![doc = include_str!("README.md")]

pub mod adequacy;
pub mod alert;
pub mod approval_rule;
pub mod asker_screening;
pub mod brand_finder;
pub mod brand_kinds;
pub mod brand_links;
pub mod brand_rulings;
pub mod certificate_judgement;
pub mod checklist;
pub mod due_diligence;
pub mod elsewhere;
pub mod endpoint_health;
pub mod endpoint_rules;
pub mod four_eyes;
pub mod ivms101;
pub mod lei_evidence;
pub mod level_a;
pub mod linked_entity;
pub mod lint;
pub mod lists;
pub mod non_compliant;
pub mod obligations;
pub mod ownership;
pub mod policy;
pub mod precheck;
pub mod precheck_outcome;
pub mod precheck_retention;
pub mod presented;
pub mod probe;
pub mod protocol;
pub mod provider_ban;
pub mod questionnaire;
pub mod relationship;
pub mod relied_destination;
mod remembered;
pub mod requirement;
pub mod routes;
pub mod rulebook;
pub mod sanctions_by_law;
pub mod screening;
pub mod shared_diligence;
pub mod third_party;
pub mod vasp_list;

pub use obligations::{CounterpartyKind, Obligations, ObligationsRequest, Particulars, SideObligations, obligations};
pub use rulebook::{
    FieldCode, Jurisdiction, JurisdictionId, OneOf, PersonType, RuleVersion, RuleVersionId, Rulebook, RulebookError,
};
// The types of arguments: dates, money, countries, exchange rates.
pub use vasp_words as words;
