//! Gathers the facts about both sides that a pre-check needs: the asker's regime, the counterparty, and the records of every VASP that
//! the counterparty may be. `look_up` finds things by name.

use std::borrow::Cow;
use std::sync::Arc;

use super::look_up::{LookUp, accounts_of};
use super::{Asking, Declaration, Destination, OwnPlace, PrecheckQuestion, Sender, Way};
use crate::directory::Generation;
use crate::enumeration::Spends;
use crate::node::{Fault, ProblemCode, Refusal, Registry, ServiceError, invalid};
use crate::resolve::answer::ResolveAnswer;
use crate::rulebook::obligations::provided_fields;
use vasp_addresses::address::Account;
use vasp_addresses::asset::read_ticker;
use vasp_addresses::network::{Network, NetworkNumber, NetworkTable};
use vasp_addresses::subject::Subject;
use vasp_addresses::travel_address::TravelAddress;
use vasp_record::resolution::ResolutionStatus;
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_record::vasp_name::VaspName;
use vasp_rules::brand_kinds::BrandKinds;
use vasp_rules::elsewhere::JudgedVasp;
use vasp_rules::obligations::{CounterpartyKind, ObligationsRequest, Particulars, check_linked_total};
use vasp_rules::precheck::{Asked, Attribution, BrandAnswer, Counterparty, Declared, OwnAddress};
use vasp_rules::rulebook::{JurisdictionId, Rulebook};
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::country::Country;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::{Date, UtcTime};

/// The gathered facts.
pub(super) struct Gathered {
    /// The asker's VASP. `None` if it has none.
    pub own: Option<VaspId>,
    /// The organisation whose policies and relationships apply.
    pub whose: Option<OrganisationId>,
    /// The asker's entry of the rulebook.
    pub own_jurisdiction: JurisdictionId,
    /// The country of the asker's side.
    pub own_country: Country,
    /// Who owns the destination, or who published the certificate that was shown. `None` if the question named a VASP or a
    /// jurisdiction.
    pub resolution: Option<ResolveAnswer>,
    /// The Travel Address that decided the owner, because it came with an address that nobody is known to own. `None` otherwise.
    pub travel_address: Option<TravelAddress>,
    /// Which budget the lookup of the subject itself spends, whatever a Travel Address beside it says.
    pub spends: Option<Spends>,
    /// Who owns the asker's own address. `None` unless an incoming transfer named one and the asker has a VASP.
    pub own_address: Option<ResolveAnswer>,
    /// The accounts that the transfer's addresses can be.
    pub accounts: Vec<Account>,
    /// The asset that a ticker named.
    pub asset: Option<Caip19>,
    /// What the customer declared about the address.
    pub declared: Declared,
    /// The jurisdiction that the question named instead of a counterparty.
    pub jurisdiction: Option<JurisdictionId>,
    /// Records of all owners, of the entities of their groups, and of the declared or named VASP.
    pub records: Vec<Arc<JudgedVasp>>,
    /// The VASPs that the question itself names.
    wanted: Vec<VaspId>,
    named: Option<Result<VaspId, VaspName>>,
    /// The asker's own address or Travel Address, to which an incoming transfer came. `None` if the question named none.
    pub came_to: Option<Subject>,
}

impl Gathered {
    pub(super) fn of(
        registry: &Registry,
        generation: &Arc<Generation>,
        question: &PrecheckQuestion,
        asking: &Asking,
        now: UtcTime,
        pointer: &dyn Fn(&str) -> String,
    ) -> Result<Self, ServiceError> {
        let look_up = LookUp { registry, generation, asking, moment: (now, pointer) };
        let own = look_up.own_side(question, asking)?;
        let mut gathered = Self {
            own: own.vasp,
            whose: own.whose,
            own_jurisdiction: own.jurisdiction,
            own_country: own.country,
            resolution: None,
            travel_address: None,
            spends: None,
            own_address: None,
            accounts: vec![],
            asset: None,
            declared: Declared::Nothing,
            jurisdiction: None,
            records: vec![],
            wanted: vec![],
            named: None,
            came_to: None,
        };
        let came_to = match &question.way {
            Way::Outgoing(destination) => {
                gathered.other_side(&look_up, destination, "beneficiary")?;
                vec![]
            }
            Way::Incoming(sender, place) => gathered.incoming(&look_up, sender, place.as_ref())?,
        };
        check_asset(&gathered.accounts, question, &look_up)?;
        check_asset(&came_to, question, &look_up)?;
        gathered.accounts.extend(came_to);
        gathered.asset = question.transfer.ticker.as_ref().map(|ticker| look_up.asset(ticker, &gathered.accounts)).transpose()?;
        gathered.add_owners(generation, question.transfer.date);
        Ok(gathered)
    }

    /// Looks up who or where the other side is. `side` is the name of that member of the question.
    fn other_side(&mut self, look_up: &LookUp<'_>, place: &Destination, side: &'static str) -> Result<(), ServiceError> {
        match place {
            Destination::Vasp(reference) => self.name(look_up, *reference)?,
            Destination::Jurisdiction(text) => {
                self.jurisdiction = Some(look_up.jurisdiction(text, &format!("{side}/jurisdiction"))?);
            }
            Destination::TravelAddress { travel_address, declared } => {
                let answer = look_up.travel_address(travel_address, side)?;
                self.spends = Some(Spends::Nothing);
                self.resolution = Some(answer);
                self.declare(look_up, *declared)?;
            }
            Destination::Address { address, network, memo, travel_address, declared } => {
                let mut answer = look_up.address(address, network.clone(), memo.clone(), side)?;
                self.accounts = accounts_of(&answer.subject);
                self.spends = Some(answer.spends(look_up.asking.vasp.or(self.own)));
                if let Some(text) = travel_address {
                    // The address decides. The Travel Address decides only if nobody is known to own the address.
                    let by_host = look_up.travel_address(text, side)?;
                    if answer.resolution.status == ResolutionStatus::NotFound {
                        answer.resolution.status = by_host.resolution.status;
                        answer.resolution.owners = by_host.resolution.owners;
                        answer.unverified = by_host.unverified;
                        answer.platform = by_host.platform;
                        if let Subject::TravelAddress(spoke, _) = by_host.subject {
                            self.travel_address = Some(spoke);
                        }
                    }
                }
                self.resolution = Some(answer);
                self.declare(look_up, *declared)?;
            }
        }
        Ok(())
    }

    /// Looks up who sends, and returns the accounts that the transfer came to.
    fn incoming(
        &mut self,
        look_up: &LookUp<'_>,
        sender: &Sender,
        place: Option<&OwnPlace>,
    ) -> Result<Vec<Account>, ServiceError> {
        match sender {
            Sender::At(place) => self.other_side(look_up, place, "originator")?,
            Sender::CertificateSha256(digest) => self.present(look_up.certificate(digest)?),
            Sender::CommonName(name) => self.present(look_up.common_name(name)?),
        }
        let own_address = match place {
            None => return Ok(vec![]),
            Some(OwnPlace::Address { address, network, memo }) => {
                look_up.address(address, network.clone(), memo.clone(), "beneficiary")?
            }
            Some(OwnPlace::TravelAddress(text)) => look_up.travel_address(text, "beneficiary")?,
        };
        self.came_to = Some(own_address.subject.clone());
        let came_to = accounts_of(&own_address.subject);
        self.own_address = self.own.is_some().then_some(own_address);
        Ok(came_to)
    }

    fn present(&mut self, answer: ResolveAnswer) {
        self.spends = Some(Spends::Nothing);
        self.wanted.extend(answer.unverified.iter().map(|record| record.id));
        self.resolution = Some(answer);
    }

    fn name(&mut self, look_up: &LookUp<'_>, reference: VaspName) -> Result<(), ServiceError> {
        let known = look_up.vasp(reference)?.map(|vasp| vasp.id);
        self.wanted.extend(known);
        self.named = Some(known.ok_or(reference));
        Ok(())
    }

    fn declare(&mut self, look_up: &LookUp<'_>, declared: Option<Declaration>) -> Result<(), ServiceError> {
        self.declared = match declared {
            None => Declared::Nothing,
            Some(Declaration::SelfHosted(_)) => Declared::SelfHosted,
            Some(Declaration::Vasp(reference)) => {
                let known = look_up.vasp(reference)?.map(|vasp| vasp.id);
                self.wanted.extend(known);
                known.map_or(Declared::Unknown(reference), Declared::Vasp)
            }
        };
        Ok(())
    }

    fn add_owners(&mut self, generation: &Generation, date: Date) {
        let records = generation.records();
        let owners = self.resolution.iter().flat_map(|answer| &answer.resolution.owners).map(|owner| owner.vasp);
        let mut wanted: Vec<VaspId> = owners.chain(self.wanted.iter().copied()).collect();
        // An owner that belongs to a group may stand for every entity of the group, and a group owner for its entities.
        let groups: Vec<VaspId> = wanted.iter().filter_map(|id| records.get(*id)?.group).collect();
        let parents = wanted.iter().chain(&groups).copied().collect::<Vec<_>>();
        wanted.extend(groups);
        // Links of a brand propose further entities.
        let links = parents.iter().filter_map(|id| records.judged(*id)).flat_map(|vasp| &vasp.elsewhere.links);
        let linked: Vec<VaspId> = links.flat_map(|link| records.of_link(link)).map(|record| record.id).collect();
        wanted.extend(parents.into_iter().flat_map(|id| records.entities_of(id).map(|entity| entity.id)));
        wanted.extend(linked);
        wanted.sort_unstable();
        wanted.dedup();
        self.records = wanted.into_iter().filter_map(|id| licensed_on(generation, id, date)).collect();
    }

    /// Returns what is told about the brand: the only group among the owners, or the group that was named.
    pub(super) fn brand(
        &self,
        attribution: &Attribution<'_>,
        records: &[&JudgedVasp],
        country: Option<Country>,
        date: Date,
    ) -> Option<BrandAnswer> {
        let owners = self.resolution.iter().flat_map(|answer| &answer.resolution.owners).map(|owner| owner.vasp);
        let named = self.named.and_then(Result::ok).into_iter();
        let met: Vec<VaspId> = owners.chain(named).collect();
        let mut groups = records.iter().filter(|vasp| vasp.record.kind == VaspKind::Group && met.contains(&vasp.record.id));
        let (Some(group), None) = (groups.next(), groups.next()) else { return None };
        let keys = group.record.identifiers.iter().filter(|identifier| identifier.scheme == "entity_key");
        let kinds = BrandKinds::embedded().all_of(keys.map(|identifier| identifier.value.as_str()));
        Some(BrandAnswer::of(group, attribution, records, kinds, country, date))
    }

    /// Returns what the question is about, for the first check.
    pub(super) fn asked(&self) -> Asked<'_, NetworkNumber> {
        match (&self.resolution, self.named, &self.jurisdiction) {
            (Some(ResolveAnswer { presented: Some(presented), .. }), ..) => Asked::Presented(presented),
            (Some(answer), ..) if self.travel_address.is_some() => Asked::AlongWith(&answer.resolution),
            (Some(answer), ..) => Asked::Destination(&answer.resolution),
            (None, Some(Ok(id)), _) => Asked::Vasp(id),
            (None, Some(Err(unknown)), _) => Asked::Unknown(unknown),
            (None, None, named) => {
                Asked::Jurisdiction(named.as_ref().and_then(JurisdictionId::country).unwrap_or(self.own_country))
            }
        }
    }

    /// Returns the question with the asset that its ticker named.
    pub(super) fn with_asset<'a>(&self, question: &'a PrecheckQuestion) -> Cow<'a, PrecheckQuestion> {
        match &self.asset {
            Some(asset) => Cow::Owned(question.of_asset(asset.clone())),
            None => Cow::Borrowed(question),
        }
    }

    /// Returns the network of the transfer: the one of its addresses, or else of its asset.
    pub(super) fn network(&self, question: &PrecheckQuestion) -> Option<Caip2> {
        let first = self.accounts.first().map(|account| &account.caip2);
        let settled = first.filter(|first| self.accounts.iter().all(|account| account.caip2 == **first));
        settled.or(question.transfer.asset.as_ref().map(Caip19::chain)).cloned()
    }

    /// Returns what is known about the address that an incoming transfer came to. `None` if the question named no address.
    pub(super) fn own_place(&self) -> Option<OwnAddress<'_, NetworkNumber>> {
        match (&self.own_address, self.own) {
            (Some(answer), Some(own)) => Some(OwnAddress::Resolved(&answer.resolution, own)),
            _ => self.came_to.is_some().then_some(OwnAddress::NoOwnVasp),
        }
    }

    /// Returns the question about the duties of both sides.
    pub(super) fn obligations_request(
        &self,
        question: &PrecheckQuestion,
        attribution: &Attribution<'_>,
        generation: &Generation,
        pointer: &dyn Fn(&str) -> String,
    ) -> Result<ObligationsRequest, ServiceError> {
        let rulebook = &generation.documents().rulebook.value;
        let given = question.provided_fields.as_deref().unwrap_or_default();
        let provided_fields = provided_fields(rulebook, given, question.transfer.fiat.is_some(), pointer)?;
        let self_hosted = matches!(attribution.counterparty, Counterparty::SelfHosted);
        let transfer = &question.transfer;
        let wrong = |member: String, detail| invalid(pointer(&format!("transfer/{member}")), "invalid_value", detail);
        check_linked_total(transfer.fiat.as_ref(), transfer.linked_total.as_ref())
            .map_err(|detail| wrong("linked_total".to_owned(), detail))?;
        let rates = generation
            .documents()
            .usable_rates(&transfer.rates, transfer.date)
            .map_err(|(member, detail)| wrong(member, detail))?;
        let (ours, theirs) = (Some(self.own_jurisdiction.clone()), self.theirs(question, attribution, rulebook));
        let (originator, beneficiary) = match question.way {
            Way::Outgoing(_) => (ours, theirs),
            Way::Incoming(..) => (theirs, ours),
        };
        Ok(ObligationsRequest {
            originator,
            beneficiary,
            fiat: transfer.fiat,
            date: transfer.date,
            originator_type: transfer.originator_type,
            counterparty: if self_hosted { CounterpartyKind::SelfHosted } else { CounterpartyKind::Vasp },
            correspondent: transfer.correspondent,
            provided_fields,
            particulars: Particulars {
                linked_total: transfer.linked_total,
                proprietary: transfer.proprietary,
                // A statement does not make an address the customer's own if the address is of a kind that no VASP keeps.
                own_wallet: match attribution.label.no_vasp {
                    Some(_) => Some(false),
                    None => question.own_wallet().or(transfer.first_party.filter(|_| self_hosted)),
                },
                rates,
            },
        })
    }

    /// Returns the counterparty's rulebook entry: the jurisdiction that the question named, or the entry for the only country that the
    /// counterparty can be in.
    fn theirs(&self, question: &PrecheckQuestion, attribution: &Attribution<'_>, rulebook: &Rulebook) -> Option<JurisdictionId> {
        if let Some(named) = &self.jurisdiction {
            return Some(named.clone());
        }
        let mut countries: Vec<Country> = match attribution.entity() {
            Some(entity) => entity.country.into_iter().collect(),
            None if matches!(attribution.counterparty, Counterparty::SelfHosted) => {
                question.customer_country.into_iter().collect()
            }
            None => attribution.screened().iter().filter_map(|vasp| vasp.record.country).collect(),
        };
        countries.sort_unstable();
        countries.dedup();
        let [country] = countries.as_slice() else { return None };
        let regimes = rulebook.strictest_for_country(*country, question.transfer.date);
        Some(regimes.applies.map_or_else(|| JurisdictionId::from(*country), |entry| entry.id.clone()))
    }
}

/// Refuses an asset whose network differs from the address's network. If the asset's network is not in the table, it is unknown whether
/// the asset fits, and the asset is accepted. In a replay there is no check, so that the recorded question gets the recorded answer.
fn check_asset(accounts: &[Account], question: &PrecheckQuestion, look_up: &LookUp<'_>) -> Result<(), ServiceError> {
    let asset = question.transfer.asset.as_ref().filter(|_| look_up.asking.then().is_none());
    let named = asset.and_then(|asset| NetworkTable::embedded().resolve_name(asset.chain().as_str()));
    let (Some(asset), Some(named), Some(first)) = (asset, named, accounts.first()) else { return Ok(()) };
    let is_there = |account: &Account| network_of(account).is_some_and(|network| network.ledger() == named.ledger());
    if accounts.iter().any(is_there) {
        return Ok(());
    }
    let lies_on = match accounts.len() {
        1 => format!("belongs to {}", first.caip2),
        _ => format!("belongs to {} or another network", first.caip2),
    };
    let detail = format!("the asset {asset} is on the network {}, but the address {lies_on}", named.name);
    let pointer = (look_up.moment.1)("transfer/asset");
    Err(Refusal::at(ProblemCode::AssetNetworkMismatch, Fault { pointer, code: "asset_network_mismatch", detail }).into())
}

fn network_of(account: &Account) -> Option<&'static Network> {
    NetworkTable::embedded().by_number(account.network)
}

impl LookUp<'_> {
    /// Reads a ticker on the networks that the transfer's addresses can be on.
    fn asset(&self, ticker: &str, accounts: &[Account]) -> Result<Caip19, ServiceError> {
        let networks: Vec<&Network> = accounts.iter().filter_map(network_of).collect();
        read_ticker(ticker, &networks).map_err(|error| {
            let pointer = (self.moment.1)("transfer/asset");
            ServiceError::Invalid(Fault { pointer, code: error.code(), detail: error.to_string() })
        })
    }
}

/// Returns today's record with the licences of the transfer's date. Today's facts say who the VASP is; the facts of the transfer's date
/// say what it may do.
fn licensed_on(generation: &Generation, id: VaspId, date: Date) -> Option<Arc<JudgedVasp>> {
    let today = generation.records().judged(id)?;
    if date == generation.day() {
        return Some(Arc::clone(today));
    }
    let JudgedVasp { record, elsewhere } = today.as_ref().clone();
    let record = Vasp { licences: generation.licences_on(id, date)?, ..Arc::unwrap_or_clone(record) };
    Some(Arc::new(JudgedVasp { record: Arc::new(record), elsewhere }))
}
