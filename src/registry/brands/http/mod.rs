//! `/v1/brands/links`: every link from a brand to an entity, with its evidence and how far it is settled. The views of links are used
//! by pre-checks, too. `candidates` has the route by which people rule an entity out, `by_country` the answers by country.

pub(crate) mod by_country;
pub(crate) mod candidates;

use std::sync::Arc;

use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::candidate::{CandidateStanding, Places};
use crate::directory::{Generation, Records};
use crate::http::permission::OperatorRead;
use crate::http::{App, Caller, Json, Problem, Problems, Query};
use vasp_routing::get;
use vasp_rules::brand_kinds::{Brand, BrandKind};
use vasp_rules::brand_links::{BrandLink, LinkEvidenceKind, LinkRole, Served};
use vasp_rules::policy::StepCode;
use vasp_rules::precheck::{BrandAnswer, BrandCandidate, LinkStanding, ServesCustomer};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// The document behind a link. Members have the order of RFC 8785, in which receipts digest them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BrandLinkEvidence)]
pub(crate) struct LinkEvidenceView {
    kind: LinkEvidenceKind,
    /// The day on which somebody last saw it.
    seen_on: Date,
    /// SHA-256 of its text; null if the text was not kept.
    sha256: Option<String>,
    /// Its address or title.
    #[schema(example = "https://www.example.com/terms")]
    source: String,
}

/// What one source says about a link from a brand to an entity.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = BrandLink)]
pub(crate) struct BrandLinkView {
    /// The countries of the customers whom the entity serves; null if the source does not say, or names no countries.
    countries: Option<Vec<Country>>,
    evidence: LinkEvidenceView,
    /// Whether the source says that the entity serves customers of all countries, or of all but those in `excluded`.
    everywhere: bool,
    /// The countries whose customers the source excludes; empty if it names none.
    excluded: Vec<Country>,
    /// How alike the names and websites are, 0 to 1; null if a person made the link.
    likeness: Option<f64>,
    role: LinkRole,
    /// First day of the link; null if not known.
    since: Option<Date>,
    /// First day on which the link no longer holds; null if it still holds.
    until: Option<Date>,
}

/// An entity that may be behind a brand.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = PrecheckBrandCandidate)]
pub(crate) struct CandidateView {
    country: Option<Country>,
    /// Id of its record; null if the directory has none.
    id: Option<VaspId>,
    legal_name: String,
    lei: Option<Lei>,
    /// What the sources say; empty if only the directory's own group links the entity.
    links: Vec<BrandLinkView>,
    /// Whether the entity serves customers of the country that you gave; null if you gave none.
    serves_customer: Option<ServesCustomer>,
    standing: LinkStanding,
}

/// A kind of a brand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrecheckBrandKind)]
pub(crate) struct KindView {
    kind: BrandKind,
    /// First day on which this is true; null if it was always true.
    since: Option<Date>,
    source: String,
}

/// The brand that the address leads to: what it is, and which legal entities may be behind it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = PrecheckBrand)]
pub(crate) struct PrecheckBrandView {
    /// The entities that may be behind the brand; those that serve the customer come first.
    candidates: Vec<CandidateView>,
    /// Id of the brand's group.
    id: VaspId,
    /// All its kinds by the sources, most severe first; the most severe decides. Empty if no source names one.
    kinds: Vec<KindView>,
    name: String,
    /// The member of the request that would tell the candidates apart; null if you gave it, or if nothing is open.
    #[schema(example = "beneficiary.customer_country")]
    question: Option<&'static str>,
    /// Next steps that would settle which entity it is; empty once it is settled.
    settled_by: Vec<StepCode>,
}

impl From<&BrandLink> for BrandLinkView {
    fn from(link: &BrandLink) -> Self {
        let evidence = &link.evidence;
        Self {
            countries: match &link.serves {
                Served::Countries(all) => Some(all.clone()),
                Served::Unknown | Served::Everywhere | Served::EverywhereBut(_) => None,
            },
            evidence: LinkEvidenceView {
                kind: evidence.kind,
                seen_on: evidence.seen_on,
                sha256: evidence.sha256.clone(),
                source: evidence.source.clone(),
            },
            everywhere: matches!(link.serves, Served::Everywhere | Served::EverywhereBut(_)),
            excluded: match &link.serves {
                Served::EverywhereBut(excluded) => excluded.clone(),
                Served::Unknown | Served::Everywhere | Served::Countries(_) => vec![],
            },
            likeness: link.likeness.map(|percent| f64::from(percent) / 100.0),
            role: link.role,
            since: link.since,
            until: link.until,
        }
    }
}

impl From<&BrandCandidate> for CandidateView {
    fn from(one: &BrandCandidate) -> Self {
        Self {
            country: one.country,
            id: one.vasp,
            legal_name: one.legal_name.clone(),
            lei: one.lei,
            links: one.links.iter().map(|link| BrandLinkView::from(link.as_ref())).collect(),
            serves_customer: one.serves_customer,
            standing: one.standing,
        }
    }
}

impl From<&Arc<Brand>> for KindView {
    fn from(brand: &Arc<Brand>) -> Self {
        Self { kind: brand.kind, since: brand.since, source: brand.source.clone() }
    }
}

impl PrecheckBrandView {
    /// Shows what is told about a brand. `question` is the member of the request that names the customer's country.
    pub(crate) fn of(told: &BrandAnswer, records: &Records, question: &'static str) -> Self {
        Self {
            candidates: told.candidates.iter().map(CandidateView::from).collect(),
            id: told.group,
            kinds: told.kinds.iter().map(KindView::from).collect(),
            name: records.get(told.group).map_or_else(|| told.group.to_string(), |group| group.legal_name.clone()),
            question: told.asks_customer_country.then_some(question),
            settled_by: told.settled_by.clone(),
        }
    }
}

/// A link from a brand to an entity, for operators.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = OperatorBrandLink)]
pub(crate) struct LinkView {
    /// Name of the brand, as the source writes it.
    brand: String,
    /// Id of brand and entity together, under which two people can rule the entity out; null if no labels of the brand are known.
    #[schema(example = "brc_5f1d8c0a93b27e64")]
    candidate: Option<String>,
    /// Id of the brand's group; null if no labels of the brand are known.
    group: Option<VaspId>,
    /// Id of the entity's record; null if the directory has none.
    vasp: Option<VaspId>,
    legal_name: String,
    lei: Option<Lei>,
    country: Option<Country>,
    /// `accepted` if the entity is in the brand's group; `ruled_out` if two people ruled this link out.
    standing: CandidateStanding,
    link: BrandLinkView,
}

/// All links.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OperatorBrandLinks)]
pub(crate) struct LinksView {
    items: Vec<LinkView>,
    /// Always null: all links are in one answer.
    next_cursor: Option<String>,
}

/// Which links are wanted.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WantedLinks {
    /// Only links of this standing.
    standing: Option<CandidateStanding>,
}

fn links(generation: &Generation, wanted: Option<CandidateStanding>) -> Vec<LinkView> {
    let places = Places::of(generation);
    let shown = |link: &BrandLink, is_ruled_out: bool| {
        let (group, vasp) = (places.group(link), places.vasp(link));
        let is_in = group.zip(vasp).is_some_and(|(group, vasp)| vasp.group == Some(group.id));
        LinkView {
            brand: link.brand.clone(),
            candidate: places.id(link),
            group: group.map(|group| group.id),
            vasp: vasp.map(|vasp| vasp.id),
            legal_name: link.entity.legal_name.clone(),
            lei: link.entity.lei,
            country: link.entity.country,
            standing: match (is_ruled_out, is_in) {
                (true, _) => CandidateStanding::RuledOut,
                (false, true) => CandidateStanding::Accepted,
                (false, false) => CandidateStanding::Proposed,
            },
            link: link.into(),
        }
    };
    let index = &generation.documents().brand_links;
    let all = index.all().iter().map(|link| shown(link, false));
    let all = all.chain(index.ruled_out().iter().map(|ruling| shown(&ruling.link, true)));
    all.filter(|link| wanted.is_none_or(|wanted| link.standing == wanted)).collect()
}

/// List the links from brands to legal entities.
///
/// A link is `accepted` once two people put the entity into the brand's group (`POST /v1/vasps/{vasp}/brands/propose`), or once policy accepted
/// a strong find. Until then it is a proposal and settles nothing, but keeps open what it may concern. Two people rule it out with
/// `POST /v1/brands/candidates/{id}/propose`, where `id` is the link's `candidate`.
#[utoipa::path(tag = "operator", params(WantedLinks), responses((status = 200, description = "All links.", body = LinksView), Problems))]
#[get("/v1/brands/links")]
pub(crate) async fn list_brand_links(
    who: Caller<OperatorRead>,
    wanted: Query<WantedLinks>,
    app: Data<App>,
) -> Result<Json<LinksView>, Problem> {
    who.known()?;
    let generation = app.registry.pin(app.clock.now());
    Ok(Json(LinksView { items: links(&generation, wanted.0.standing), next_cursor: None }))
}
