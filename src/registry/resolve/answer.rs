//! Resolve: finds the owner of a subject. It pins one generation, looks up the claims, drops those that the reader may not see, and
//! merges the rest. It calls the database only if the claim index is not in memory, or if the question is about the past.

use std::collections::HashMap;
use std::sync::Arc;

use super::host_owner::HostOwner;
use crate::directory::{ClaimUsage, CoverageLine, Generation};
use crate::enumeration::Spends;
use crate::node::{Fault, Holds, ProblemCode, Refusal, Registry, ServiceError};
use vasp_addresses::address::{Account, AddressError, Candidates};
use vasp_addresses::network::{Family, Network, NetworkNumber, NetworkTable};
use vasp_addresses::payment_uri::PaymentUri;
use vasp_addresses::subject::{ReadText, Subject, SubjectError, SubjectKind, read_text};
use vasp_record::claim::{Claim, NetworkMatch, Reader};
use vasp_record::resolution;
use vasp_record::resolution::{Resolution, ResolutionStatus};
use vasp_record::vasp::Vasp;
use vasp_rules::presented::Presented;
use vasp_words::ids::VaspId;
use vasp_words::look_alike::HostWarning;
use vasp_words::time::UtcTime;

/// A question about the owner of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveQuestion {
    /// The subject.
    pub subject: String,
    /// The kind of the subject. `None` if the caller does not name it.
    pub kind: Option<SubjectKind>,
    /// The network of the subject. `None` if the caller does not name it.
    pub network: Option<String>,
    /// The memo of the transfer.
    pub memo: Option<String>,
}

/// The answer to a question about the owner of a subject.
#[derive(Clone, Debug)]
pub struct ResolveAnswer {
    /// The subject as it was read.
    pub subject: Subject,
    /// What the payment URI names in which the subject stood. `None` if there was none.
    pub payment_uri: Option<Box<PaymentUri>>,
    /// The owners and the status.
    pub resolution: Resolution<NetworkNumber>,
    /// Records that name the host or certificate without owning it.
    pub unverified: Vec<Arc<Vasp>>,
    /// The platform that a shared host belongs to. `None` if the host belongs to none.
    pub platform: Option<String>,
    /// Warnings about the host, for example that it looks like another name.
    pub warnings: Vec<HostWarning>,
    /// What was found for a certificate. `None` if the question named no certificate.
    pub presented: Option<Presented>,
    /// For each network, how much the directory knows of it, and so how much a "not found" means.
    pub coverage: Vec<(&'static Network, Option<CoverageLine>)>,
    /// The directory generation that answered.
    pub generation: Arc<Generation>,
    /// The reader who asked.
    pub reader: Reader,
    /// The moment as of which the answer is valid.
    pub at: UtcTime,
    /// How long the facts behind the answer stay valid.
    pub holds: Holds,
}

impl ResolveAnswer {
    /// Returns which budget of the asker the answer spends.
    #[must_use]
    pub fn spends(&self, own: Option<VaspId>) -> Spends {
        match own.filter(|own| self.resolution.has_unproven_claim_of(*own, self.generation.records())) {
            Some(_) => Spends::OwnAddress,
            // That others have or had claims which the reader may not see is told as rarely as that nobody is known.
            None if self.resolution.related_reason.is_some() => Spends::NotFound,
            None if self.resolution.status == ResolutionStatus::NotFound => Spends::NotFound,
            None => Spends::Nothing,
        }
    }
}

/// How long a "not found" answer may be used, in seconds.
const NOT_FOUND_SECS: i64 = 10;

/// How much work is spent on an error message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// The message gives the reason.
    Reason,
    /// The message also gives the position of a mistyped character. To find it takes far longer than to read the address
    /// (`docs/addresses.md`).
    Place,
}

impl Effort {
    /// Largest number of questions in one call for which errors give the position.
    const PLACES_MAX: usize = 16;

    /// Returns the effort for a call with this number of questions.
    #[must_use]
    pub fn of_batch(questions: usize) -> Self {
        if questions <= Self::PLACES_MAX { Self::Place } else { Self::Reason }
    }
}

/// Reads a subject. `pointer` turns the name of a member of the question into the JSON Pointer that an error reports.
pub fn read_question(
    question: &ResolveQuestion,
    effort: Effort,
    pointer: impl Fn(&str) -> String,
) -> Result<ReadText, ServiceError> {
    let (kind, network, memo) = (question.kind.as_ref(), question.network.as_deref(), question.memo.as_deref());
    let table = NetworkTable::embedded();
    read_text(table, &question.subject, kind, network, memo).map_err(|error| {
        let error = match error {
            SubjectError::Address(AddressError::ChecksumMismatch { checksum, .. }) if effort == Effort::Place => {
                let position = table.wrong_character(
                    network.and_then(|name| table.read_name(name, Some(&question.subject)).ok()),
                    &question.subject,
                );
                SubjectError::Address(AddressError::ChecksumMismatch { checksum, position })
            }
            other => other,
        };
        let fault = Fault { pointer: pointer(error.member()), code: error.code(), detail: error.to_string() };
        let code = match error {
            SubjectError::Ambiguous(_) => ProblemCode::AmbiguousSubject,
            SubjectError::UnsupportedKind(_) => ProblemCode::UnsupportedKind,
            _ => ProblemCode::InvalidSubject,
        };
        Refusal::at(code, fault).into()
    })
}

/// Returns whether the lookup of a subject's owner may need the store. If not, the answer takes no longer than its own computation.
#[must_use]
pub fn may_ask_store(registry: &Registry, generation: &Generation, subject: &Subject) -> bool {
    let accounts = match subject {
        Subject::Caip10(account) | Subject::Address(account) => std::slice::from_ref(account),
        Subject::BareAddress(candidates) => &candidates.accounts,
        _ => &[],
    };
    accounts.iter().any(|account| registry.directory().may_ask_store(&account.controllers, generation))
}

/// Returns who owns a subject, from one generation.
///
/// # Errors
/// `ServiceError::Directory` if the answer needed the store and the store failed.
pub fn resolve(
    registry: &Registry,
    generation: &Arc<Generation>,
    asked: impl Into<ReadText>,
    reader: Reader,
    now: UtcTime,
) -> Result<ResolveAnswer, ServiceError> {
    let answer = resolve_again(registry, generation, asked, reader, now)?;
    registry.part::<ClaimUsage>().note(&answer.resolution, now.date());
    Ok(answer)
}

/// Returns the same answer without counting which claims were shown. They were counted when the question was first asked.
pub(crate) fn resolve_again(
    registry: &Registry,
    generation: &Arc<Generation>,
    asked: impl Into<ReadText>,
    reader: Reader,
    now: UtcTime,
) -> Result<ResolveAnswer, ServiceError> {
    let ReadText { subject, payment_uri } = asked.into();
    let asked = Asked { registry, generation, reader, now };
    let mut answer = ResolveAnswer {
        resolution: Resolution::not_found(),
        unverified: vec![],
        platform: None,
        warnings: vec![],
        presented: None,
        coverage: vec![],
        generation: Arc::clone(generation),
        reader,
        at: now,
        holds: Holds::before(now, []),
        subject,
        payment_uri,
    };
    match &answer.subject {
        Subject::Vasp(id) => {
            let record = generation.records().get(*id).filter(|record| record.status.is_live());
            answer.resolution = Resolution::of_records(&record.map(|r| r.id).into_iter().collect::<Vec<_>>());
        }
        Subject::Lei(lei) => {
            let ids: Vec<_> = generation.records().named_by_lei(*lei).into_iter().map(|r| r.id).collect();
            answer.resolution = Resolution::of_records(&ids);
        }
        Subject::Caip10(account) | Subject::Address(account) => {
            answer.resolution = asked.account(account, account.memo.as_deref())?;
            answer.coverage = asked.coverage(std::slice::from_ref(account));
        }
        Subject::BareAddress(candidates) => {
            answer.resolution = asked.bare_address(candidates, answer.subject.memo())?;
            answer.coverage = asked.coverage(&candidates.accounts);
        }
        Subject::TravelAddress(_, _) | Subject::Lnurl(_, _) | Subject::Url(_) | Subject::Domain(_) => {}
        Subject::CertificateSha256(_) | Subject::CommonName(_) | Subject::Identifier(_) => answer.by_what_is_published(now),
    }
    if let Some((host, path)) = answer.subject.host_and_path() {
        let found = HostOwner::find(generation, host, path);
        (answer.resolution, answer.unverified) = (found.resolution, found.unverified);
        (answer.platform, answer.warnings) = (found.platform, found.warnings);
    }
    answer.holds = holds(&answer, generation, now);
    Ok(answer)
}

/// Returns how long an answer holds: until the first of its facts changes.
fn holds(answer: &ResolveAnswer, generation: &Generation, now: UtcTime) -> Holds {
    let expiries = answer.resolution.owners.iter().filter_map(|owner| owner.claim.as_ref()?.expires_at);
    let named =
        answer.resolution.owners.iter().filter_map(|owner| generation.records().get(owner.vasp)).chain(&answer.unverified);
    let published = named.flat_map(|vasp| vasp.published_moments());
    let presented = answer.presented.as_ref().and_then(|presented| presented.next_change);
    let changes = expiries.chain(published).chain(presented);
    match answer.resolution.status {
        ResolutionStatus::NotFound => Holds::at_most(NOT_FOUND_SECS, now, changes),
        _ => Holds::before(now, changes),
    }
}

fn networks_of(accounts: &[Account]) -> Vec<&'static Network> {
    accounts.iter().filter_map(|account| NetworkTable::embedded().by_number(account.network)).collect()
}

/// The shared context of questions about accounts.
struct Asked<'a> {
    registry: &'a Registry,
    generation: &'a Arc<Generation>,
    reader: Reader,
    now: UtcTime,
}

/// Claims, each with the network that it names.
type NamedClaims = Vec<(NetworkNumber, Claim)>;

/// Live claims on what controls several accounts: those that can count on any network, and all claims by the ledger or family they name.
struct OfClass {
    elsewhere: NamedClaims,
    by_ledger: HashMap<NetworkNumber, Vec<Claim>>,
}

impl OfClass {
    fn of(claims: NamedClaims, memo: Option<&str>) -> Self {
        let elsewhere = resolution::felt_elsewhere(&claims, memo);
        let mut by_ledger: HashMap<_, Vec<_>> = HashMap::new();
        for (network, claim) in claims.into_iter().filter(|(_, claim)| claim.network_match != NetworkMatch::Class) {
            by_ledger.entry(ledger_of(network)).or_default().push(claim);
        }
        Self { elsewhere, by_ledger }
    }

    /// Returns the claims that are valid on an account's network.
    fn here(&self, account: &Account) -> Vec<Claim> {
        valid_on(account).into_iter().flatten().filter_map(|named| self.by_ledger.get(&named)).flatten().cloned().collect()
    }

    fn names(&self, account: &Account) -> bool {
        self.by_ledger.contains_key(&ledger_of(account.network))
    }
}

impl Asked<'_> {
    /// Returns the live claims on an account's controllers that this reader may see, on all networks of their classes; and the others, which
    /// may hold an answer.
    fn claims(&self, account: &Account, memo: Option<&str>) -> Result<(NamedClaims, NamedClaims), ServiceError> {
        let mut found = self.registry.directory().claims_at(&account.controllers, self.generation)?;
        let is_left_out = |(_, claim): &mut (NetworkNumber, Claim)| !resolution::is_live(claim, self.reader, self.now);
        let beside = found.extract_if(.., is_left_out).collect();
        resolution::leave_out_other_memos(&mut found, memo);
        Ok((found, beside))
    }

    fn account(&self, account: &Account, memo: Option<&str>) -> Result<Resolution<NetworkNumber>, ServiceError> {
        let valid = valid_on(account);
        let is_elsewhere = |(named, claim): &mut (NetworkNumber, Claim)| {
            claim.network_match == NetworkMatch::Class || !valid.contains(&Some(ledger_of(*named)))
        };
        let (mut found, beside) = self.claims(account, memo)?;
        let elsewhere: NamedClaims = found.extract_if(.., is_elsewhere).collect();
        let here: Vec<Claim> = found.into_iter().map(|(_, claim)| claim).collect();
        let (asked, records) = (self.asked(account, &here, &elsewhere), self.generation.records());
        Ok(Resolution::of_account(&asked, memo, records).doubted(&asked, memo, &beside, records, self.now))
    }

    fn asked<'b>(
        &'b self,
        account: &'b Account,
        here: &'b [Claim],
        elsewhere: &'b [(NetworkNumber, Claim)],
    ) -> resolution::Account<'b, NetworkNumber> {
        resolution::Account {
            network: &account.network,
            claims: here,
            elsewhere,
            takes_proofs: network_of(account).is_some_and(|network| !network.keys_change()),
            sub_accounts: self.generation.sub_accounts(account.network, &account.key),
        }
    }

    fn bare_address(
        &self,
        Candidates { accounts }: &Candidates,
        memo: Option<&str>,
    ) -> Result<Resolution<NetworkNumber>, ServiceError> {
        if let [account] = accounts.as_slice() {
            return self.account(account, memo);
        }
        let mut asked: Vec<(&Account, Vec<Claim>, Arc<OfClass>)> = Vec::new();
        // Networks of one family are adjacent and share their claims. Those that no claim names have one answer, asked for the first two, so
        // that several networks never become one.
        let mut last: Option<(&Account, Arc<OfClass>, usize)> = None;
        for account in accounts {
            let again =
                last.take().filter(|(before, ..)| before.controllers == account.controllers && same_family(before, account));
            let (found, unnamed) = match again {
                Some((_, found, unnamed)) => (found, unnamed),
                None => (Arc::new(OfClass::of(self.claims(account, memo)?.0, memo)), 0),
            };
            let is_named = found.names(account);
            if is_named || unnamed < 2 {
                asked.push((account, found.here(account), Arc::clone(&found)));
            }
            last = Some((account, found, unnamed + usize::from(!is_named)));
        }
        let accounts: Vec<_> = asked.iter().map(|(account, here, found)| self.asked(account, here, &found.elsewhere)).collect();
        Ok(Resolution::of_bare_address(&accounts, memo, self.generation.records()))
    }

    /// Returns the coverage of the networks in question. For a bare address these are only the networks that have claims, or else the
    /// likeliest network. Of a family only its likeliest network is among them.
    fn coverage(&self, accounts: &[Account]) -> Vec<(&'static Network, Option<CoverageLine>)> {
        let networks = networks_of(accounts);
        let mut known: Vec<&Network> = vec![];
        for network in &networks {
            let is_told = network.family.is_some() && known.iter().any(|one| one.family == network.family);
            if networks.len() > 1 && !is_told && self.generation.has_claims(network, self.reader) {
                known.push(network);
            }
        }
        if known.is_empty() {
            known.extend(networks.first());
        }
        known.into_iter().map(|network| (network, self.generation.coverage(network, self.reader))).collect()
    }
}

fn same_family(one: &Account, other: &Account) -> bool {
    let family = |account: &Account| network_of(account).and_then(|network| network.family);
    family(one).is_some() && family(one) == family(other)
}

fn network_of(account: &Account) -> Option<&'static Network> {
    NetworkTable::embedded().by_number(account.network)
}

/// Returns the ledger and the family whose claims are valid on an account's network.
fn valid_on(account: &Account) -> [Option<NetworkNumber>; 2] {
    [Some(ledger_of(account.network)), network_of(account).and_then(|network| network.family).map(Family::number)]
}

fn ledger_of(network: NetworkNumber) -> NetworkNumber {
    NetworkTable::embedded().by_number(network).map_or(network, Network::ledger)
}
