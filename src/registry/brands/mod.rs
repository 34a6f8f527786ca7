//! From brand to entity: address labels name brands, and licences belong to entities.
//!
//! - `vasp_rules::brand_links` has the link: this brand's addresses are run by this entity, for customers of these countries, by this
//!   evidence. Links come from a typed table (`import brand-links`) and from `find`.
//! - `find` searches the registers for names and websites of brands (`vasp_rules::brand_finder`). A match becomes a proposal and opens a
//!   case. An import that may bring new links runs the same search (`after_import`). The policy may let `find` accept strong matches by
//!   itself, and typed links that a register's row and a website bear out (`borne_out`); people can end those. It never decides what people
//!   have begun to decide.
//! - Two people accept a link by putting the entity into the brand's group (`review/brand.rs`), or rule it out (`rule_out`), so that it
//!   keeps no pre-check open.
//! - `by_country` answers which entity serves a brand's customers of one country, and which register would show it. Brands are known from
//!   groups, links and kinds. `registered_there` looks whether a country's registers, held whole, show none of a brand's entities.
//! - `vasp_rules::precheck` asks for the customer's country where a brand is met, and tells the candidates (`BrandAnswer`).

mod after_import;
mod borne_out;
mod by_country;
mod candidate;
pub(crate) mod find;
pub(crate) mod http;
mod registered_there;
mod rule_out;

pub(crate) use after_import::search_after_import;
pub(crate) use by_country::{BrandInCountry, CountryRegister, KnownBrand, brand_in_country, find_brand, list_brands};
pub(crate) use candidate::{CANDIDATE, Candidate, CandidateStanding, group_candidates};
pub(crate) use find::POLICY;
pub use find::{AcceptStrong, FoundLinks, find_brand_links};
pub(crate) use registered_there::none_registered;
pub(crate) use rule_out::CandidateDecision;
