//! `/v1/picker`: for the field of a web page in which a customer says to whom the money goes.

use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Pick, Wish, pick};
use crate::http::blocking::blocking;
use crate::http::publishable::PickerCaller;
use crate::http::{App, DirectoryView, Json, Problem, Problems, Query};
use crate::node::{Holds, ValidUntil, invalid};
use vasp_record::search::SearchQuery;
use vasp_record::vasp::Vasp;
use vasp_routing::get;
use vasp_rules::precheck::{BrandCandidate, CountryMatch};
use vasp_rules::protocol::ProtocolId;
use vasp_rules::rulebook::{FieldCode, OneOf};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;

/// The most picks in an answer, and how many there are if the question does not say. Ours: more nobody reads in a list.
const MOST: usize = 20;
const USUAL: usize = 8;

/// What a customer typed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PickerQuery {
    /// The beginning of the name of a brand or a legal entity, 2 to 100 characters.
    #[param(min_length = 2, max_length = 100, example = "krak")]
    q: String,
    /// The customer's country (ISO 3166-1 alpha-2); then each brand says which entity serves it.
    country: Option<Country>,
    /// The most items; 8 if you leave it out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 20)]
    limit: Option<u16>,
    /// A publishable key, on a page of one of its origins.
    #[param(example = "vr_pub_01k2z8q4p8w0q6m4v3c1b5n7x9_00000000000000000000000000000000000000000000000000000000000000aa")]
    #[serde(rename = "key")]
    _key: Option<String>,
}

/// Whether the customer finds a brand or an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PickKind {
    /// A legal entity, found by its own name.
    Entity,
    /// A brand.
    Brand,
}

/// A legal entity.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PickedEntity)]
pub(crate) struct PickedEntityView {
    /// Id of its record; null if the directory has none.
    id: Option<VaspId>,
    legal_name: String,
    lei: Option<Lei>,
    /// Country of incorporation.
    country: Option<Country>,
}

/// Something that the customer may mean.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pick)]
pub(crate) struct PickView {
    kind: PickKind,
    /// Key of the brand, or id of the entity.
    #[schema(example = "kraken")]
    id: String,
    name: String,
    /// Which entity serves the country; null without a country, and for an entity.
    result: Option<CountryMatch>,
    /// The entity, if it is settled; null if not.
    entity: Option<PickedEntityView>,
    /// The entities among which it is not settled; at most five.
    candidates: Vec<PickedEntityView>,
    /// The protocols by which the entity can be reached.
    #[schema(value_type = Vec<String>, example = json!(["trp"]))]
    protocols: Vec<ProtocolId>,
    /// Codes of the fields that must travel: by the law of both sides, and by these protocols.
    #[schema(value_type = Vec<String>, example = json!(["originator.name", "beneficiary.name"]))]
    required_fields: Vec<FieldCode>,
    /// Those of them that are about the other side, which the form must ask the customer.
    #[schema(value_type = Vec<String>, example = json!(["beneficiary.name"]))]
    ask: Vec<FieldCode>,
    /// Groups of fields, of each of which one alternative must travel.
    #[schema(value_type = Vec<OneOf>)]
    one_of: Vec<OneOf>,
}

/// What the customer may mean, best first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Picks)]
pub(crate) struct PicksView {
    items: Vec<PickView>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// Find the brand or legal entity that a customer types, which entity serves the country, and what the form must ask.
///
/// It is for web pages: a publishable key may stand in the page. The answer has no claims and nothing private, and nothing about the customer
/// is stored.
///
/// Access: everybody where the registry's operator allows public reading; a page of one of its origins with a publishable key; otherwise
/// credentials with the scope `resolve`.
#[utoipa::path(tag = "vasps", params(PickerQuery), responses((status = 200, description = "What the customer may mean.", body = PicksView), Problems))]
#[get("/v1/picker")]
pub(crate) async fn get_picker(who: PickerCaller, query: Query<PickerQuery>, app: Data<App>) -> Result<Json<PicksView>, Problem> {
    let PickerQuery { q, country, limit, .. } = query.0;
    let limit = limit.map_or(Ok(USUAL), |limit| {
        let limit = usize::from(limit);
        if (1..=MOST).contains(&limit) {
            Ok(limit)
        } else {
            Err(invalid("?limit", "invalid_value", format!("must be 1 to {MOST}")))
        }
    })?;
    if !(2..=100).contains(&q.trim().chars().count()) {
        return Err(invalid("?q", "invalid_value", "must have 2 to 100 characters").into());
    }
    let query = SearchQuery::read(&q).map_err(|error| invalid("?q", "invalid_value", error.to_string()))?;
    let vasp = who.identity.and_then(|identity| identity.vasp);
    // All records are read, which takes too long beside other questions.
    let found = blocking(move || {
        let now = app.clock.now();
        let generation = app.registry.pin(now);
        let own_country = vasp.and_then(|own| generation.records().get(own)?.country);
        let picks = pick(&generation, &Wish { text: q, query, country, own_country, limit }, now);
        Ok(PicksView {
            items: picks.into_iter().map(PickView::from).collect(),
            directory: generation.as_ref().into(),
            valid_until: app.registry.valid_until(Holds::before(now, [now.date().next().start()])),
        })
    });
    Ok(Json(found.await?))
}

impl From<&Vasp> for PickedEntityView {
    fn from(vasp: &Vasp) -> Self {
        Self { id: Some(vasp.id), legal_name: vasp.legal_name.clone(), lei: vasp.lei, country: vasp.country }
    }
}

impl From<&BrandCandidate> for PickedEntityView {
    fn from(one: &BrandCandidate) -> Self {
        Self { id: one.vasp, legal_name: one.legal_name.clone(), lei: one.lei, country: one.country }
    }
}

impl From<Pick> for PickView {
    fn from(pick: Pick) -> Self {
        let Pick { brand, in_country, entity, protocols, required, one_of } = pick;
        let result = in_country.as_ref().map(|told| told.result);
        let of_brand = in_country.as_ref().map(|told| (told.result, CountryMatch::serving(&told.told)));
        let (settled, candidates) = match of_brand {
            Some((CountryMatch::Match, serving)) => (serving.first().map(|one| PickedEntityView::from(*one)), vec![]),
            Some((CountryMatch::Close, serving)) => (None, serving.into_iter().take(5).map(PickedEntityView::from).collect()),
            _ => (None, vec![]),
        };
        let of_record = entity.as_deref().map(PickedEntityView::from);
        let (kind, id, name) = match (brand, &entity) {
            (Some(brand), _) => (PickKind::Brand, brand.id, brand.name),
            (None, Some(entity)) => (PickKind::Entity, entity.id.to_string(), entity.legal_name.clone()),
            (None, None) => (PickKind::Entity, String::new(), String::new()),
        };
        let ask = required.iter().filter(|field| field.as_str().starts_with("beneficiary.")).cloned().collect();
        let entity = of_record.or(settled);
        Self { kind, id, name, result, entity, candidates, protocols, required_fields: required, ask, one_of }
    }
}
