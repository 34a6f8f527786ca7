//! `/v1/brands`: the brands that the registry knows, and which legal entity serves the customers of one country.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{CandidateView, KindView};
use crate::brands::{BrandInCountry, CountryRegister, KnownBrand, brand_in_country, find_brand, list_brands};
use crate::http::blocking::blocking;
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Query, Resolve};
use crate::node::{Holds, Page, ServiceError, ValidUntil};
use vasp_record::authority::Registration;
use vasp_record::register::Extent;
use vasp_routing::get;
use vasp_rules::brand_kinds::{BrandKind, BrandKinds};
use vasp_rules::policy::StepCode;
use vasp_rules::precheck::CountryMatch;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::time::Date;

/// A brand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BrandItem)]
pub(crate) struct BrandItemView {
    /// Its key in address labels and links.
    #[schema(example = "kraken")]
    id: String,
    /// As its group or a link has it; the key if there is neither.
    name: String,
    /// Id of its group; null if no address of the brand is known.
    group: Option<VaspId>,
    /// What it is by the sources, most severe first. Empty if no source says it.
    kinds: Vec<BrandKind>,
}

/// A page of brands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BrandList)]
pub(crate) struct BrandListView {
    items: Vec<BrandItemView>,
    /// Send it as `cursor` for the next page; null on the last page.
    next_cursor: Option<String>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// A register of a country.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CountryRegister)]
pub(crate) struct CountryRegisterView {
    /// Id of its authority.
    #[schema(example = "JP-FSA")]
    authority: String,
    /// Name of its authority.
    name: String,
    registration: Registration,
    /// Its address; null if it is not published.
    register_page: Option<String>,
    /// How much of it was read; null if no file of it was. Only of a `whole` register does absence mean something.
    extent: Option<Extent>,
    /// The day up to which it is known; null if no file of it was read.
    known_through: Option<Date>,
    /// The file; null if none was read.
    source: Option<String>,
    /// Whether it is whole, within the policy's age limit and of licences for the whole country, so that absence from it means something.
    absence_counts: bool,
    /// The command that loads it. FILE has all rows of the register.
    #[schema(example = "vasp-registry import register-csv FILE")]
    load: String,
}

/// Which entity serves a brand's customers of a country.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BrandInCountry)]
pub(crate) struct InCountryView {
    country: Country,
    result: CountryMatch,
    /// The result in a sentence.
    says: String,
    /// The entities that serve, or may serve, customers of the country, with their evidence.
    entities: Vec<CandidateView>,
    /// What would settle it; empty if it is settled.
    settled_by: Vec<StepCode>,
    /// The country's registers, those of licences first.
    registers: Vec<CountryRegisterView>,
}

/// A brand, and which entity serves the customers of a country.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Brand)]
pub(crate) struct BrandView {
    /// Its key in address labels and links.
    #[schema(example = "kraken")]
    id: String,
    name: String,
    /// Id of its group; null if no address of the brand is known.
    group: Option<VaspId>,
    /// All its kinds by the sources, most severe first.
    kinds: Vec<KindView>,
    /// The answer for the country; null if you named none.
    in_country: Option<InCountryView>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// Selects brands, and a page of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListBrandsQuery {
    /// A part of the name or of the key; case does not matter.
    #[param(example = "kraken")]
    q: Option<String>,
    /// Items per page; 50 if you leave it out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// The brand that is asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct BrandPath {
    /// A key of the brand, or the id of its group.
    #[param(example = "kraken")]
    id: String,
}

/// The country that is asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BrandQuery {
    /// The country of the customer (ISO 3166-1 alpha-2).
    country: Option<Country>,
}

/// List the brands that the registry knows, by id.
///
/// A brand is known from address labels, from links to entities, or from its kind. `GET /v1/brands/{id}?country=` says which legal entity
/// serves its customers of a country.
#[utoipa::path(tag = "vasps", params(ListBrandsQuery), responses((status = 200, description = "A page of brands.", body = BrandListView), Problems))]
#[get("/v1/brands")]
pub(crate) async fn list_known_brands(
    _caller: Caller<Resolve>,
    query: Query<ListBrandsQuery>,
    app: Data<App>,
) -> Result<Json<BrandListView>, Problem> {
    let ListBrandsQuery { q, limit, cursor: after } = query.0;
    // All records are read, which takes too long beside other questions.
    let listed = blocking(move || {
        let now = app.clock.now();
        let generation = app.registry.pin(now);
        let (after, limit) = (after.map(|cursor| cursor.0).unwrap_or_default(), Limit::or_default(limit));
        let wanted = q.unwrap_or_default().to_lowercase();
        let has = |brand: &KnownBrand| {
            brand.name.to_lowercase().contains(&wanted) || brand.keys.iter().any(|key| key.contains(&wanted))
        };
        let all = list_brands(&generation).into_values().filter(|brand| brand.id > after && has(brand));
        let page = Page::of(all, limit, |brand| brand.id.clone());
        Ok(BrandListView {
            items: page.items.into_iter().map(BrandItemView::from).collect(),
            next_cursor: page.next.as_ref().map(cursor),
            directory: generation.as_ref().into(),
            valid_until: app.registry.valid_until(Holds::before(now, [now.date().next().start()])),
        })
    });
    Ok(Json(listed.await?))
}

/// Get a brand, and which legal entity serves its customers of a country.
///
/// `result` is one of four words: `match`, this entity; `close`, one of these, and `settled_by` says what would settle which; `no`, none of its
/// entities is in the country's registers, which were held whole; `not_possible`, not known: `registers` says which registers would show it,
/// how they are held, and how to load them.
#[utoipa::path(tag = "vasps", params(BrandPath, BrandQuery), responses((status = 200, description = "The brand.", body = BrandView), Problems))]
#[get("/v1/brands/{id}")]
pub(crate) async fn get_known_brand(
    _caller: Caller<Resolve>,
    path: Path<BrandPath>,
    query: Query<BrandQuery>,
    app: Data<App>,
) -> Result<Json<BrandView>, Problem> {
    let found = blocking(move || {
        let now = app.clock.now();
        let generation = app.registry.pin(now);
        let brand = find_brand(&generation, &path.id).ok_or_else(|| unknown(&path.id))?;
        let keys = || brand.keys.iter().map(String::as_str);
        let in_country = query.0.country.map(|country| brand_in_country(&generation, &brand, country));
        Ok(BrandView {
            kinds: BrandKinds::embedded().all_of(keys()).iter().map(KindView::from).collect(),
            in_country: in_country.map(|told| InCountryView::of(&brand, &told)),
            id: brand.id,
            name: brand.name,
            group: brand.group,
            directory: generation.as_ref().into(),
            valid_until: app.registry.valid_until(Holds::before(now, [now.date().next().start()])),
        })
    });
    Ok(Json(found.await?))
}

fn unknown(name: &str) -> ServiceError {
    ServiceError::NotFound(format!("The registry knows no brand with the key or the group `{name}`."))
}

impl From<KnownBrand> for BrandItemView {
    fn from(brand: KnownBrand) -> Self {
        let kinds = BrandKinds::embedded().all_of(brand.keys.iter().map(String::as_str));
        Self { kinds: kinds.iter().map(|one| one.kind).collect(), id: brand.id, name: brand.name, group: brand.group }
    }
}

impl From<&CountryRegister> for CountryRegisterView {
    fn from(one: &CountryRegister) -> Self {
        let (entry, held) = (&one.authority, one.held.as_ref());
        Self {
            authority: entry.authority.id.clone(),
            name: entry.authority.name.clone(),
            registration: entry.registration,
            register_page: entry.register_page.clone(),
            extent: held.map(|held| held.extent),
            known_through: held.map(|held| held.known_through),
            source: held.map(|held| held.source.to_string()),
            absence_counts: one.absence_counts(),
            load: format!("vasp-registry import {} FILE", one.format),
        }
    }
}

impl InCountryView {
    fn of(brand: &KnownBrand, told: &BrandInCountry) -> Self {
        let entities = match told.result {
            CountryMatch::No | CountryMatch::NotPossible => vec![],
            CountryMatch::Match | CountryMatch::Close => CountryMatch::serving(&told.told),
        };
        let settled_by = match told.result {
            CountryMatch::Match | CountryMatch::No => vec![],
            CountryMatch::Close | CountryMatch::NotPossible => told.told.settled_by.clone(),
        };
        Self {
            country: told.country,
            result: told.result,
            says: says(brand, told),
            entities: entities.into_iter().map(CandidateView::from).collect(),
            settled_by,
            registers: told.registers.iter().map(CountryRegisterView::from).collect(),
        }
    }
}

/// Says who served the customers before.
fn ended(told: &BrandInCountry) -> String {
    let all: Vec<String> = told.ended.iter().map(|(name, end)| format!("{name} until {end}")).collect();
    if all.is_empty() { String::new() } else { format!(" Served them before: {}.", all.join("; ")) }
}

/// Says the result in a sentence.
fn says(brand: &KnownBrand, told: &BrandInCountry) -> String {
    let (brand, country) = (&brand.name, told.country.name());
    let showing = || {
        let open = told.registers.iter().filter(|one| !one.is_whole()).map(|one| one.authority.authority.id.as_str());
        let open: Vec<&str> = open.collect();
        match open.as_slice() {
            [] => String::new(),
            all => format!(" Read whole, these registers would show a firm that is registered there: {}.", all.join(", ")),
        }
    };
    match (told.result, &told.none, CountryMatch::serving(&told.told).first()) {
        (CountryMatch::Match, _, Some(entity)) => format!("{} serves {brand}'s customers of {country}.", entity.legal_name),
        (CountryMatch::No, Some(none), _) => {
            let (registers, day) = (none.authorities.join(", "), none.observed_on);
            format!(
                "No entity of {brand} or of its known operators is in the register of {registers} of {day}, which was held whole."
            )
        }
        (CountryMatch::Close, ..) => {
            format!("It is not settled which of these entities serves {brand}'s customers of {country}.")
        }
        _ => format!("Which entity serves {brand}'s customers of {country} is not known.{}{}", ended(told), showing()),
    }
}
