//! From brand to entity: address labels name brands, and licences belong to entities.
//!
//! - `vasp_rules::brand_links` has the link: this brand's addresses are run by this entity, for customers of these countries, by this
//!   evidence. Links come from a typed table (`import brand-links`) and from `find`.
//! - `find` searches the registers for names and websites of brands (`vasp_rules::brand_finder`). A match becomes a proposal and opens a
//!   case. An import that may bring new links runs the same search (`after_import`). The policy may let `find` accept strong matches by
//!   itself, and people can end those. It never decides what people have begun to decide.
//! - Two people accept a link by putting the entity into the brand's group (`review/brand.rs`), or rule it out (`rule_out`), so that it
//!   keeps no pre-check open.
//! - `vasp_rules::precheck` asks for the customer's country where a brand is met, and tells the candidates (`BrandAnswer`).

mod after_import;
mod candidate;
pub(crate) mod find;
pub(crate) mod http;
mod rule_out;

pub(crate) use after_import::search_after_import;
pub(crate) use candidate::{CANDIDATE, Candidate, CandidateStanding, group_candidates};
pub(crate) use find::POLICY;
pub use find::{AcceptStrong, FoundLinks, find_brand_links};
pub(crate) use rule_out::CandidateDecision;
