//! Pre-check: may the asker deal with this counterparty, on this date, for this transfer? The module gathers dated facts from one
//! generation and hands them to the pure `vasp_rules::precheck`. It keeps the answer for the organisation that asked.
//!
//! The steps of a pre-check:
//!
//! - `http::request` reads the body. If it contains something that the server does not answer, the refusal names it.
//! - `gather` finds out whose law binds the originator, who owns the destination, and which records are needed.
//! - `vasp_rules::precheck::attribute` settles the counterparty.
//! - `vasp_rules::obligations` says which data must travel.
//! - `vasp_rules::precheck::run` decides. It is a pure function of dated facts, the policy and the moment.
//! - `last_look` lints the answer, and holds one that contradicts itself.
//! - `rendering` writes the `verdict`, and the `evidence` if it is asked for or recorded.
//!
//! If the caller sent credentials, `receipt` signs the verdict, which holds the digest of the evidence. The server seals both under the
//! organisation's data key, and the store's group commit writes them, at most 500 rows at once. Only then does the server send the answer.
//!
//! A recording keeps the moment and the sequence. It also keeps which private state, answers and endpoint health the pre-check used, so
//! that `replay` can ask the same question again. `outcome` keeps what became of the transfer.

pub(crate) mod receipt;
pub use receipt::{Digests, sign_receipt};
mod alternatives;
mod asking;
pub(crate) mod evidence;
mod explain;
mod gather;
pub mod http;
mod last_look;
mod look_up;
mod once;
mod outcome;
mod own_law;
mod pack;
pub(crate) mod policy_choice;
mod proofs;
mod question;
mod record;
mod records;
mod relations;
mod reliance;
mod rendering;
mod replay;
mod report_link;
mod retention;
mod screen;
mod shared_answers;
pub(crate) mod verdict;
mod way_there;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::brands::none_registered;
use crate::directory::{Generation, Owed, PrivateState};
use crate::enumeration::Spends;
use crate::node::{Holds, Registry, ServiceError};
use crate::resolve::ResolveAnswer;
use crate::vasp_lists::reach_of;
use gather::Gathered;
use own_law::{floor, own_duties, own_side};
use policy_choice::Shelf;
use screen::screen;
use vasp_addresses::subject::Subject;
use vasp_addresses::travel_address::TravelAddress;
use vasp_record::vasp::Vasp;
use vasp_rules::elsewhere::JudgedVasp;
use vasp_rules::policy::Policy;
use vasp_rules::precheck;
use vasp_rules::precheck::{Attribution, BrandAnswer, CountryFacts, PrecheckInput, PrecheckOutcome, RegimeFacts, WalletProofs};
use vasp_rules::precheck_retention::RetentionFloor;
use vasp_rules::routes::Routes;
use vasp_rules::rulebook::{FieldCode, JurisdictionId};
use vasp_words::caip::Caip19;
use vasp_words::country::Country;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::{Date, UtcTime};

pub use alternatives::{Alternative, Instead};
pub use asking::Asking;
pub use explain::explain_recorded;
pub use once::{KeyedPrecheck, not_recorded};
pub use outcome::{
    ConditionStatement, NewOutcome, Outcome, OutcomeEntry, OutcomeProof, OverrideDecision, Release, read_outcome, record_outcome,
};
pub use question::{Declaration, Destination, Extras, OwnPlace, OwnSide, PrecheckQuestion, Sender, Transfer, Way};
pub(crate) use record::erased;
pub use record::{Kept, Recording, SampledHealth, SealedPrecheck, read_precheck, seal_precheck};
pub use records::{PrecheckRecord, PrecheckSelection, list_prechecks, read_recording};
pub(crate) use reliance::ReliedPlace;
pub use rendering::{EvidenceText, Extent, Recorder, Rendering};
pub use replay::{Replay, replay_precheck};
pub use report_link::{ReportLink, create_report_link, end_report_links, find_report_link, use_report_link};
pub use retention::{
    ErasureDecision, HeldSetting, HoldScope, LegalHold, LiftDecision, RetentionChange, RetentionDecision, RetentionSetting,
    erase_due_prechecks, list_holds, place_hold, read_retention,
};

/// Name and version of the program that computed an answer.
pub const ENGINE: &str = concat!("vasp-registry/", env!("CARGO_PKG_VERSION"));

/// A pre-check's answer.
#[derive(Clone, Debug)]
pub struct PrecheckAnswer {
    /// The recommendation, checks, reasons and conditions.
    pub outcome: PrecheckOutcome,
    /// Who owns the destination, or who published the certificate that was shown. `None` if the question named a VASP or a
    /// jurisdiction.
    pub resolution: Option<ResolveAnswer>,
    /// The Travel Address that decided the owner. It does so only if it came with an address that nobody is known to own. `None`
    /// otherwise. Not part of the answer that is shown.
    pub travel_address: Option<TravelAddress>,
    /// Who owns the asker's own address, to which an incoming transfer came. `None` if the question named none, or if the asker has no
    /// VASP. Not part of the answer that is shown.
    pub own_address: Option<ResolveAnswer>,
    /// The asker's own address or Travel Address, to which an incoming transfer came. `None` if the question named none.
    pub came_to: Option<Subject>,
    /// Codes of the data fields that are available. `None` if the question does not say.
    pub provided_fields: Option<BTreeSet<FieldCode>>,
    /// The asset that a ticker named. `None` if the question named no ticker.
    pub asset: Option<Caip19>,
    /// Which daily budget the lookup of the destination itself spends. A Travel Address beside the destination changes the answer, but
    /// not this.
    pub spends: Option<Spends>,
    /// The counterparty, `None` if no legal entity is settled.
    pub counterparty: Option<Arc<Vasp>>,
    /// Other records that the counterparty may be, instead of or besides the settled one.
    pub candidates: Vec<Arc<Vasp>>,
    /// Routes to the counterparty. `None` if no legal entity is settled.
    pub routes: Option<Routes>,
    /// The duties of both sides.
    pub owed: Arc<Owed>,
    /// The directory generation that answered.
    pub generation: Arc<Generation>,
    /// The moment as of which the pre-check was judged.
    pub at: UtcTime,
    /// How long the facts behind the answer stay valid.
    pub holds: Holds,
    /// The policy that judged the pre-check.
    pub policy: Arc<Policy>,
    /// The asker's VASP, on whose behalf the pre-check was made.
    pub own: Option<VaspId>,
    /// The asker's entry of the rulebook.
    pub own_jurisdiction: JurisdictionId,
    /// The country of the asker's side.
    pub own_country: Country,
    /// How long the asker's law demands that the answer is kept.
    pub floor: RetentionFloor,
    /// The organisation whose policies and relationships applied.
    pub whose: Option<OrganisationId>,
    /// The revision of those policies and relationships. 0 if there are none.
    pub revision: i64,
    /// The organisation that answered the questionnaire about the counterparty, and the revision of its private state. `None` if nobody
    /// did.
    pub answered: Option<(OrganisationId, i64)>,
    /// The health of the endpoints that were judged, as the probes had seen it.
    pub health: Vec<SampledHealth>,
    /// Other jurisdictions that lead to a better recommendation. `None` if the question did not ask for them.
    pub alternatives: Option<Vec<Alternative>>,
    /// The brand that the question leads to: its kinds, and the entities that may be behind it. `None` if it leads to no brand.
    pub brand: Option<BrandAnswer>,
    /// The answer in plain sentences. `None` if the question did not ask for them.
    pub explanation: Option<Vec<String>>,
}

/// Answers a pre-check from one generation. `pointer` turns the name of a member of the question into the JSON Pointer that an error
/// reports.
///
/// # Errors
/// `ServiceError::Invalid`, `InvalidSubject` and the like if the question breaks a rule. `NotDelegated` if the caller may not act for
/// the named VASP. `Directory` if the answer needed the store and the store failed.
pub fn precheck(
    registry: &Registry,
    generation: &Arc<Generation>,
    question: &PrecheckQuestion,
    asking: &Asking,
    now: UtcTime,
    pointer: &dyn Fn(&str) -> String,
) -> Result<PrecheckAnswer, ServiceError> {
    let mut answer = decide(registry, generation, question, asking, now, pointer)?;
    if question.extras.alternatives {
        let (found, health) = alternatives::better(registry, generation, question, asking, &answer, now, pointer)?;
        answer.alternatives = Some(found);
        // A replay tries the same alternatives, so it needs the health that they used.
        answer.health.extend(health);
    }
    if question.extras.explanation {
        answer.explanation = Some(explain::of_answer(&answer, asking, registry.directory().claim_ids()));
    }
    Ok(answer)
}

fn decide(
    registry: &Registry,
    generation: &Arc<Generation>,
    question: &PrecheckQuestion,
    asking: &Asking,
    now: UtcTime,
    pointer: &dyn Fn(&str) -> String,
) -> Result<PrecheckAnswer, ServiceError> {
    let (documents, rulebook) = (generation.documents(), &generation.documents().rulebook.value);
    let gathered = Gathered::of(registry, generation, question, asking, now, pointer)?;
    let question = &*gathered.with_asset(question);
    let state = asking.private_state(registry, gathered.whose)?;
    let policy = policy_for(generation, asking, &state, gathered.whose, question, pointer)?;
    let records: Vec<&JudgedVasp> = gathered.records.iter().map(AsRef::as_ref).collect();
    let proofs = proofs::examine(question, &gathered, generation, now);
    let (country, date) = (question.customer_country, question.transfer.date);
    let attribution = attribute(generation, &gathered, country, date, &records, &proofs, now);

    let request = gathered.obligations_request(question, &attribution, generation, pointer)?;
    let owed = documents.owed(&request);
    let own_side = own_side(rulebook, &gathered, question, &owed.obligations);
    let countries = country_facts(generation, &gathered, attribution.countries(country), date);
    let reach = reach_of(registry, &state, gathered.whose)?;
    let judging = (asking, policy.as_ref(), &reach, now);
    let (routes, health) = way_there::routes_to(registry, generation, question, &gathered, &attribution, &request, judging)?;
    let answers = attribution.entity().and_then(|entity| asking.answers(registry, generation, entity.id));
    let brand = gathered.brand(&attribution, &records, country, date);
    let settled = (&attribution, brand.as_ref(), answers.as_deref(), &*proofs.shown);
    let screening = screen(registry, generation, &gathered, settled, (asking, question, &state), now.date())?;
    let who = (&**generation, &attribution, answers.as_deref());
    let relationship = relations::Relations::of(registry, &state, gathered.whose, asking, who, &policy, date.max(now.date()))?;
    let relationship = relationship.facts(generation, &gathered, question, &attribution, &owed.obligations);
    let none_registered = none_registered(generation, &attribution, country, date);
    let input = PrecheckInput {
        attribution: &attribution,
        relationship: &relationship,
        date,
        customer_country: country,
        worth: question.transfer.fiat,
        linked_total: question.transfer.linked_total,
        own_side: &own_side,
        own: own_duties(rulebook, &gathered, question, &request, &owed.obligations, &proofs),
        countries: &countries,
        lists: &documents.list_versions,
        non_compliant: documents.non_compliant.as_ref().map(|list| list.value.version()),
        routes: routes.as_ref(),
        screening: &screening,
        shared: &asking.diligence(registry, generation, answers.as_deref())?,
        none_registered: none_registered.as_ref(),
        policy: &policy,
        now,
    };
    let outcome = last_look::answer(registry, generation, &gathered, &input, brand.as_ref());
    let changes = rule_changes(&countries, &own_side).chain(record_changes(generation, &attribution, date, now));
    let holds = Holds::before(now, changes.chain(limits(&outcome, &gathered, routes.as_ref(), now)));
    let provided_fields = question.provided_fields.as_ref().map(|_| request.provided_fields);
    let (floor, answered) = (floor(rulebook, &gathered, question, now), answers.map(|all| (all.organisation, all.revision)));
    let basis = Basis { routes, owed, provided_fields, policy, floor, revision: state.revision, answered, health, brand };
    Ok(put_together(generation, gathered, outcome, basis, now, holds))
}

/// Returns when the rules behind an answer change.
fn rule_changes<'a>(countries: &'a [CountryFacts], own_side: &'a RegimeFacts) -> impl Iterator<Item = UtcTime> + use<'a> {
    let regimes = countries.iter().map(|facts| &facts.regime).chain([own_side]);
    regimes.filter_map(|regime| Some(regime.valid_until?.start()))
}

/// The facts behind an answer, besides those in `Gathered`.
struct Basis {
    routes: Option<Routes>,
    owed: Arc<Owed>,
    provided_fields: Option<BTreeSet<FieldCode>>,
    policy: Arc<Policy>,
    floor: RetentionFloor,
    revision: i64,
    answered: Option<(OrganisationId, i64)>,
    health: Vec<SampledHealth>,
    brand: Option<BrandAnswer>,
}

fn put_together(
    generation: &Arc<Generation>,
    gathered: Gathered,
    outcome: PrecheckOutcome,
    basis: Basis,
    at: UtcTime,
    holds: Holds,
) -> PrecheckAnswer {
    let find = |id| generation.records().get(id).cloned();
    PrecheckAnswer {
        counterparty: outcome.counterparty.and_then(find),
        candidates: outcome.counterparty_candidates.iter().copied().filter_map(find).collect(),
        outcome,
        resolution: gathered.resolution,
        travel_address: gathered.travel_address,
        own_address: gathered.own_address,
        came_to: gathered.came_to,
        provided_fields: basis.provided_fields,
        asset: gathered.asset,
        routes: basis.routes,
        spends: gathered.spends,
        owed: basis.owed,
        generation: Arc::clone(generation),
        at,
        holds,
        policy: basis.policy,
        own: gathered.own,
        own_jurisdiction: gathered.own_jurisdiction,
        own_country: gathered.own_country,
        floor: basis.floor,
        whose: gathered.whose,
        revision: basis.revision,
        answered: basis.answered,
        health: basis.health,
        alternatives: None,
        brand: basis.brand,
        explanation: None,
    }
}

/// Returns the moments until which the facts behind the answer may be used.
fn limits(
    outcome: &PrecheckOutcome,
    gathered: &Gathered,
    routes: Option<&Routes>,
    now: UtcTime,
) -> impl Iterator<Item = UtcTime> + use<> {
    let resolved = [&gathered.resolution, &gathered.own_address].map(|answer| answer.as_ref().map(|answer| answer.holds.until()));
    let limits = [outcome.earliest_expiry(now), routes.and_then(Routes::next_change)];
    limits.into_iter().chain(resolved).flatten()
}

/// Returns the policy that judges. In a replay it is the recorded policy.
fn policy_for(
    generation: &Generation,
    asking: &Asking,
    state: &PrivateState,
    whose: Option<OrganisationId>,
    question: &PrecheckQuestion,
    pointer: &dyn Fn(&str) -> String,
) -> Result<Arc<Policy>, ServiceError> {
    match asking.then().and_then(|then| then.policy.clone()) {
        Some(recorded) => Ok(recorded),
        None => {
            let shelf = if asking.is_own(whose) { Shelf::Own } else { Shelf::OfAnother };
            policy_choice::choose(generation.documents(), &state.policies, shelf, question.policy.as_ref(), pointer)
        }
    }
}

/// Finds out who the counterparty is. For an incoming transfer, also checks that it came to the asker.
fn attribute<'a>(
    generation: &Generation,
    gathered: &Gathered,
    customer_country: Option<Country>,
    date: Date,
    records: &[&'a JudgedVasp],
    proofs: &WalletProofs,
    now: UtcTime,
) -> Attribution<'a> {
    let found = precheck::attribute(&gathered.asked(), gathered.declared, records, now).settled_by(customer_country, date);
    let attribution = found.beside(gathered.own).proven_by(proofs, now);
    match gathered.own_place() {
        Some(place) => attribution.at_own_address(&place, generation.records()),
        None => attribution,
    }
}

/// Returns the facts about the countries in question. If the question named a jurisdiction, exactly that rulebook entry is used for its
/// country.
fn country_facts(generation: &Generation, gathered: &Gathered, countries: Vec<Country>, date: Date) -> Vec<CountryFacts> {
    let documents = generation.documents();
    let rulebook = &documents.rulebook.value;
    let facts = |country| {
        let regime = match &gathered.jurisdiction {
            Some(named) if named.country() == Some(country) => RegimeFacts::of_entry(rulebook, named, country, date),
            _ => RegimeFacts::of_country(rulebook, country, date),
        };
        CountryFacts::of(regime, &documents.lists.value, date)
    };
    countries.into_iter().map(facts).collect()
}

/// Returns the moments at which the judged records next change. Returns none if the transfer's date is not today, because past or
/// future facts stay fixed.
fn record_changes(
    generation: &Generation,
    attribution: &precheck::Attribution<'_>,
    date: Date,
    now: UtcTime,
) -> impl Iterator<Item = UtcTime> {
    let judged = attribution.screened().into_iter().filter(move |_| date == now.date());
    judged.flat_map(move |vasp| {
        let next_day = generation.records().next_change(vasp.record.id).map(Date::start);
        next_day.into_iter().chain(vasp.record.published_moments())
    })
}
