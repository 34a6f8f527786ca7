//! An authority as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_record::authority::{AuthorityEntry, Registration};
use vasp_words::country::Country;

/// A name of an authority in one language.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuthorityName)]
pub(crate) struct NameView {
    /// ISO 639 code of the language.
    #[schema(example = "de")]
    language: String,
    name: String,
}

/// An authority that keeps a register, and what the registry knows of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuthorityEntry)]
pub(crate) struct AuthorityEntryView {
    /// The id that licences show.
    #[schema(example = "DE-BAFIN")]
    id: String,
    name: String,
    /// Its names, each in one language.
    names: Vec<NameView>,
    country: Country,
    /// Id of its jurisdiction in the rulebook; null if the rulebook has none.
    #[schema(example = "DE")]
    jurisdiction: Option<String>,
    /// Short name of the regime under which it decides.
    #[schema(example = "MiCA")]
    regime: String,
    /// What an entry in its register is.
    registration: Registration,
    /// Whether an entry in its register is a licence for the check `licence`.
    counts_as_licence: bool,
    /// Address of its register; null if it publishes none.
    register_page: Option<String>,
    /// Other spellings of its name that registers use.
    spellings: Vec<String>,
    /// Where this comes from.
    source: String,
}

impl From<AuthorityEntry> for AuthorityEntryView {
    fn from(entry: AuthorityEntry) -> Self {
        Self {
            counts_as_licence: entry.grants_licences(),
            id: entry.authority.id.clone(),
            name: entry.authority.name.clone(),
            names: entry.names.into_iter().map(|(language, name)| NameView { language, name }).collect(),
            country: entry.authority.country,
            jurisdiction: entry.jurisdiction,
            regime: entry.regime,
            registration: entry.registration,
            register_page: entry.register_page,
            spellings: entry.spellings,
            source: entry.source,
        }
    }
}
