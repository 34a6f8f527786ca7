//! Pre-check: may we deal with them, on this date, for this transfer. Gathers dated facts from one generation, hands them
//! to the pure `vasp_rules::precheck`, and keeps the answer for the organisation that asked.
//!
//! How a question goes: `http::request` reads the body and refuses by name what is not answered; `gather` finds out whose law binds the
//! originator, who owns the destination, and which records are needed; `vasp_rules::precheck::attribute` settles the counterparty;
//! `vasp_rules::obligations` says which data must travel; `vasp_rules::precheck::run` decides, a pure function of dated facts, the policy
//! and the moment; `http::view` renders. With credentials the answer is signed (`receipt`), sealed under the organisation's data key and
//! written by the store's group commit, at most 500 rows at once; only then does it leave.
//!
//! A recording keeps the moment, the sequence, and which private state, answers and health it used, so that `replay` can ask the same
//! again. `erase` removes recordings by hand or after the organisation's period.

pub(crate) mod receipt;
pub use receipt::{ReceiptDigests, digests, sign_receipt};
mod alternatives;
mod asking;
mod erase;
mod explain;
mod gather;
pub mod http;
mod look_up;
mod once;
pub(crate) mod policy_choice;
mod proofs;
mod question;
mod record;
mod records;
mod relations;
mod reliance;
mod replay;
mod way_there;

use std::sync::Arc;

use crate::answers::ownership_screening;
use crate::directory::{Generation, PrivateState, StandingAnswers};
use crate::node::{Holds, Registry, ServiceError};
use crate::resolve::ResolveAnswer;
use gather::Gathered;
use policy_choice::Shelf;
use vasp_addresses::travel_address::TravelAddress;
use vasp_record::resolution::ResolutionStatus;
use vasp_record::vasp::Vasp;
use vasp_rules::elsewhere::JudgedVasp;
use vasp_rules::obligations::{Obligations, ObligationsRequest, SideObligations, obligations};
use vasp_rules::policy::Policy;
use vasp_rules::precheck;
use vasp_rules::precheck::{
    AccountScreening, Attribution, CountryFacts, OwnDuties, PrecheckInput, PrecheckOutcome, RegimeFacts, ScreeningFacts,
    WalletProofs,
};
use vasp_rules::routes::Routes;
use vasp_rules::rulebook::{JurisdictionId, Rulebook};
use vasp_words::country::Country;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::{Date, UtcTime};

pub use alternatives::{Alternative, Instead};
pub use asking::Asking;
pub use erase::{Erased, RetentionSetting, erase_due_prechecks, erase_precheck, read_retention, set_retention};
pub use explain::explain_recorded;
pub use once::{KeyedPrecheck, not_recorded};
pub use question::{Declaration, Destination, Extras, OwnPlace, OwnSide, PrecheckQuestion, Sender, Transfer, Way};
pub use record::{Kept, Recording, SampledHealth, SealedPrecheck, read_precheck, seal_precheck};
pub use records::{KeptPrecheck, PrecheckRecord, PrecheckSelection, list_prechecks, read_precheck_record, read_recording};
pub(crate) use reliance::ReliedPlace;
pub use replay::{Replay, replay_precheck};

/// Name and version of the program that computed an answer.
pub const ENGINE: &str = concat!("vasp-registry/", env!("CARGO_PKG_VERSION"));

/// A pre-check's answer.
#[derive(Clone, Debug)]
pub struct PrecheckAnswer {
    /// Recommendation, checks, reasons, conditions.
    pub outcome: PrecheckOutcome,
    /// Who owns the destination, or published the certificate shown; none where a VASP or jurisdiction was named.
    pub resolution: Option<ResolveAnswer>,
    /// The Travel Address given along with an address, where it spoke in the place of that; not part of what is shown.
    pub travel_address: Option<TravelAddress>,
    /// Whose the asker's own address is, of an incoming transfer; not part of what is shown.
    pub own_address: Option<ResolveAnswer>,
    /// What was found by the destination's subject itself, for the budget of addresses that are not found: a Travel Address given
    /// along changes what is answered, not what was asked for.
    pub found: Option<ResolutionStatus>,
    /// The legal entity, if one is settled.
    pub counterparty: Option<Arc<Vasp>>,
    /// Who it may be instead.
    pub candidates: Vec<Arc<Vasp>>,
    /// Routes to the counterparty; none where no legal entity is settled.
    pub routes: Option<Routes>,
    /// Duties of both sides.
    pub obligations: Obligations,
    /// The directory that was asked.
    pub generation: Arc<Generation>,
    /// The moment at which it was answered.
    pub at: UtcTime,
    /// How long what it used holds.
    pub holds: Holds,
    /// The policy that judged.
    pub policy: Arc<Policy>,
    /// The VASP that it was asked for.
    pub own: Option<VaspId>,
    /// The asker's entry of the rulebook.
    pub own_jurisdiction: JurisdictionId,
    /// The country of the asker's side.
    pub own_country: Country,
    /// Whose policies and relationships counted.
    pub whose: Option<OrganisationId>,
    /// Revision of those; 0 where there are none.
    pub revision: i64,
    /// Whose answers about the counterparty there were, and the revision of what that organisation keeps for itself.
    pub answered: Option<(OrganisationId, i64)>,
    /// What was seen of the endpoints that were judged.
    pub health: Vec<SampledHealth>,
    /// What would come out better through another jurisdiction, where that was asked for.
    pub alternatives: Option<Vec<Alternative>>,
    /// Whether an address or Travel Address was asked about.
    pub asks_of_transfer: bool,
    /// The answer in plain sentences, where that was asked for.
    pub explanation: Option<Vec<String>>,
}

/// Answers a pre-check from one generation. `pointer` names a member of the question in a fault.
///
/// # Errors
/// `ServiceError::Invalid`, `InvalidSubject` and the like for a question that breaks a rule, `NotDelegated` where another
/// VASP is acted for, `Directory` where the store had to be asked and failed.
pub fn precheck(
    registry: &Registry,
    generation: &Arc<Generation>,
    question: &PrecheckQuestion,
    asking: &Asking,
    moment: (UtcTime, &dyn Fn(&str) -> String),
) -> Result<PrecheckAnswer, ServiceError> {
    let mut answer = decide(registry, generation, question, asking, moment)?;
    if question.extras.alternatives {
        let (found, health) = alternatives::better(registry, generation, question, asking, &answer, moment)?;
        answer.alternatives = Some(found);
        // A replay tries the same ways, by what was seen then.
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
    (now, pointer): (UtcTime, &dyn Fn(&str) -> String),
) -> Result<PrecheckAnswer, ServiceError> {
    let documents = generation.documents();
    let rulebook = &documents.rulebook.value;
    let gathered = Gathered::of(registry, generation, question, asking, (now, pointer))?;
    let state = asking.private_state(registry, gathered.whose)?;
    let policy = policy_for(generation, (asking, &state, gathered.whose), question, pointer)?;
    let records: Vec<&JudgedVasp> = gathered.records.iter().map(AsRef::as_ref).collect();
    let proofs = proofs::examine(question, &gathered, generation, now);
    let attribution = attribute(generation, (&gathered, question.customer_country), (&records, &proofs), now);

    let request = gathered.obligations_request(question, &attribution, generation, pointer)?;
    let obligations = obligations(rulebook, &request);
    let date = question.transfer.date;
    let own_side = own_side(rulebook, &gathered, question, &obligations);
    let countries = country_facts(generation, &gathered, attribution.countries(question.customer_country), date);
    let judging = (asking, policy.as_ref(), now);
    let (routes, health) = way_there::routes_to(registry, generation, question, &gathered, &attribution, &request, judging);
    let answers = attribution.entity().and_then(|entity| asking.answers(registry, generation, entity.id));
    let screening = screen(registry, generation, &gathered, (&attribution, answers.as_deref(), asking), now.date())?;
    let relations = relations::Relations::of(registry, &state, gathered.whose, asking)?;
    let relationship = relations.facts(generation, &gathered, question, &attribution, &obligations)?;
    let shared = asking.diligence(registry, generation, answers.as_deref())?;
    let outcome = precheck::run(&PrecheckInput {
        attribution: &attribution,
        relationship: &relationship,
        date,
        customer_country: question.customer_country,
        worth: question.transfer.fiat,
        linked_total: question.transfer.linked_total,
        own_side: &own_side,
        own: own_duties(rulebook, &gathered, question, (&request, &obligations, &proofs)),
        countries: &countries,
        lists: &documents.list_versions,
        non_compliant: documents.non_compliant.as_ref().map(|list| list.value.version()),
        routes: routes.as_ref(),
        screening: &screening,
        shared: &shared,
        policy: &policy,
        now,
    });
    let regimes = countries.iter().map(|facts| &facts.regime).chain([&own_side]);
    let rule_changes = regimes.filter_map(|regime| Some(regime.valid_until?.start()));
    let changes = rule_changes.chain(record_changes(generation, &attribution, date, now));
    let changes = changes.chain(limits(&outcome, &gathered, routes.as_ref(), now));
    let holds = Holds::before(now, changes);
    let answered = answers.map(|answers| (answers.organisation, answers.revision));
    let asks_of_transfer = question.asks_of_transfer();
    let basis = Basis { routes, obligations, policy, revision: state.revision, answered, health, asks_of_transfer };
    Ok(put_together(generation, gathered, outcome, basis, (now, holds)))
}

/// What an answer rests on beside what was gathered.
struct Basis {
    routes: Option<Routes>,
    obligations: Obligations,
    policy: Arc<Policy>,
    revision: i64,
    answered: Option<(OrganisationId, i64)>,
    health: Vec<SampledHealth>,
    asks_of_transfer: bool,
}

fn put_together(
    generation: &Arc<Generation>,
    gathered: Gathered,
    outcome: PrecheckOutcome,
    basis: Basis,
    (at, holds): (UtcTime, Holds),
) -> PrecheckAnswer {
    let find = |id| generation.records().get(id).cloned();
    PrecheckAnswer {
        counterparty: outcome.counterparty.and_then(find),
        candidates: outcome.counterparty_candidates.iter().copied().filter_map(find).collect(),
        outcome,
        resolution: gathered.resolution,
        travel_address: gathered.travel_address,
        own_address: gathered.own_address,
        routes: basis.routes,
        found: gathered.found,
        obligations: basis.obligations,
        generation: Arc::clone(generation),
        at,
        holds,
        policy: basis.policy,
        own: gathered.own,
        own_jurisdiction: gathered.own_jurisdiction,
        own_country: gathered.own_country,
        whose: gathered.whose,
        revision: basis.revision,
        answered: basis.answered,
        health: basis.health,
        alternatives: None,
        asks_of_transfer: basis.asks_of_transfer,
        explanation: None,
    }
}

/// Until when what the answer rests on may be used.
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

/// Which policy judges: of a replay the one that was recorded.
fn policy_for(
    generation: &Generation,
    (asking, state, whose): (&Asking, &PrivateState, Option<OrganisationId>),
    question: &PrecheckQuestion,
    pointer: &dyn Fn(&str) -> String,
) -> Result<Arc<Policy>, ServiceError> {
    match asking.then().and_then(|then| then.policy.clone()) {
        Some(recorded) => Ok(recorded),
        None => {
            let policies = (&state.policies, if asking.is_own(whose) { Shelf::Own } else { Shelf::OfAnother });
            policy_choice::choose(generation.documents(), policies, question.policy.as_ref(), pointer)
        }
    }
}

/// What the asker owes by its own rule, and what it said that decides how far.
fn own_duties<'a>(
    rulebook: &Rulebook,
    gathered: &Gathered,
    question: &PrecheckQuestion,
    (request, obligations, proofs): (&'a ObligationsRequest, &'a Obligations, &'a WalletProofs),
) -> OwnDuties<'a> {
    let rule = rulebook.version_on(&gathered.own_jurisdiction, question.transfer.date);
    OwnDuties {
        incoming: matches!(question.way, Way::Incoming(..)),
        both: obligations,
        provided: question.provided_fields.as_ref().map(|_| &request.provided_fields),
        sunrise: rule.map(|rule| rule.sunrise.treatment),
        own_wallet: question.own_wallet(),
        proofs,
    }
}

/// The duties of the asker's side.
fn own_side_of<'a>(question: &PrecheckQuestion, obligations: &'a Obligations) -> &'a SideObligations {
    match question.way {
        Way::Outgoing(_) => &obligations.originator,
        Way::Incoming(..) => &obligations.beneficiary,
    }
}

/// The regime of the asker's side, with what it asks about wallets that nobody keeps for others.
fn own_side(rulebook: &Rulebook, gathered: &Gathered, question: &PrecheckQuestion, obligations: &Obligations) -> RegimeFacts {
    let duties = own_side_of(question, obligations);
    RegimeFacts::of_entry(rulebook, &gathered.own_jurisdiction, gathered.own_country, question.transfer.date)
        .asking(duties.self_hosted.verification)
}

/// Who the counterparty is, and of an incoming transfer whether it came to the asker.
fn attribute<'a>(
    generation: &Generation,
    (gathered, customer_country): (&Gathered, Option<Country>),
    (records, proofs): (&[&'a JudgedVasp], &WalletProofs),
    now: UtcTime,
) -> Attribution<'a> {
    let found = precheck::attribute(&gathered.asked(), gathered.declared, records, now).settled_by(customer_country);
    let attribution = found.beside(gathered.own).proven_by(proofs, now);
    match gathered.own_place() {
        Some(place) => attribution.at_own_address(&place, generation.records()),
        None => attribution,
    }
}

/// What is known of the countries in question; a jurisdiction that was named is exactly that entry.
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

/// When the records that were judged read differently next; a transfer on another day than today stays where it is.
fn record_changes(
    generation: &Generation,
    attribution: &precheck::Attribution<'_>,
    date: Date,
    now: UtcTime,
) -> impl Iterator<Item = UtcTime> {
    let judged = attribution.screened().into_iter().filter(move |_| date == now.date());
    judged.flat_map(move |vasp| {
        let next_day = generation.known(vasp.record.id).and_then(|known| known.facts.next_change(date)).map(Date::start);
        next_day.into_iter().chain(vasp.record.published_moments())
    })
}

/// Searches the screening lists as they are today, whatever day the transfer is of, for the address, on every network it can be
/// on, and for whoever it may be.
fn screen(
    registry: &Registry,
    generation: &Generation,
    gathered: &Gathered,
    (attribution, answers, asking): (&precheck::Attribution<'_>, Option<&StandingAnswers>, &Asking),
    today: Date,
) -> Result<ScreeningFacts, ServiceError> {
    let Some(index) = generation.documents().screen.as_ref().map(|screen| &screen.value) else {
        return Ok(ScreeningFacts::default());
    };
    let mut facts = ScreeningFacts::search(index, None, attribution, today);
    if !gathered.accounts.is_empty() {
        facts.account = AccountScreening::Searched;
    }
    for account in &gathered.accounts {
        for hit in index.account(account.caip2.as_str(), &account.canonical, today) {
            if !facts.hits.contains(&hit) {
                facts.hits.push(hit);
            }
        }
    }
    if let Some((entity, answers)) = attribution.entity().zip(answers) {
        facts.ownership = ownership_screening(registry, answers, entity.id, (index, today))?;
        facts.shares = asking.ownership_shares(answers);
    }
    Ok(facts)
}
