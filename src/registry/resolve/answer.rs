//! Resolve: who owns what is asked about. One generation is pinned; claims are looked up, filtered by what this reader may
//! see, and merged. No database call while the index of claims is in memory and nothing past is asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::host_owner::HostOwner;
use crate::claims::ClaimUsage;
use crate::directory::{CoverageLine, Generation};
use crate::node::find_vasp::named_by_lei;
use crate::node::{Fault, Holds, ProblemCode, Refusal, Registry, ServiceError};
use vasp_addresses::address::{Account, AddressError, Candidates};
use vasp_addresses::network::{Network, NetworkNumber, NetworkTable};
use vasp_addresses::subject::{Subject, SubjectError, SubjectKind, read_subject};
use vasp_record::claim::{Claim, NetworkMatch, Reader};
use vasp_record::resolution;
use vasp_record::resolution::{Resolution, ResolutionStatus};
use vasp_record::vasp::Vasp;
use vasp_rules::presented::Presented;
use vasp_words::ids::VaspId;
use vasp_words::look_alike::HostWarning;
use vasp_words::time::UtcTime;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveQuestion {
    /// The subject.
    pub subject: String,
    /// Its kind, if the caller says.
    pub kind: Option<SubjectKind>,
    /// Its network, if the caller says.
    pub network: Option<String>,
    /// Memo of the transfer.
    pub memo: Option<String>,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct ResolveAnswer {
    /// What was asked about, as it was read.
    pub subject: Subject,
    /// Owners and status.
    pub resolution: Resolution<NetworkNumber>,
    /// Records that name a host without having proven it.
    pub unverified: Vec<Arc<Vasp>>,
    /// The platform that a shared host is a part of.
    pub platform: Option<String>,
    /// What the host looks like.
    pub warnings: Vec<HostWarning>,
    /// What was found of a certificate; none where none was asked about.
    pub presented: Option<Presented>,
    /// What a "no" is worth, a network.
    pub coverage: Vec<(&'static Network, Option<CoverageLine>)>,
    /// The directory that was asked.
    pub generation: Arc<Generation>,
    /// Who asked.
    pub reader: Reader,
    /// The moment at which it was answered.
    pub at: UtcTime,
    /// How long what it used holds.
    pub holds: Holds,
}

impl ResolveAnswer {
    /// Returns the status that counts for the budget of addresses that are not found: what only the asker's own party says of an
    /// address counts as if nobody was found.
    #[must_use]
    pub fn spends_as(&self, own: Option<VaspId>) -> ResolutionStatus {
        match own.filter(|own| self.resolution.is_own_word_of(*own, self.generation.records())) {
            Some(_) => ResolutionStatus::NotFound,
            None => self.resolution.status,
        }
    }
}

/// How long "nobody known owns it" may be used, in seconds.
///
/// Source: wire contract, "Manners".
const NOT_FOUND_SECS: i64 = 10;

/// How much is done for a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// The reason is told.
    Reason,
    /// The place of a mistyped character is looked for too, which takes far longer than reading (`docs/addresses.md`).
    Place,
}

impl Effort {
    /// Questions of one call for whose refusals a place is looked for.
    const PLACES_MAX: usize = 16;

    /// Returns what is done in a call of so many questions.
    #[must_use]
    pub fn of_batch(questions: usize) -> Self {
        if questions <= Self::PLACES_MAX { Self::Place } else { Self::Reason }
    }
}

/// Reads a subject; a fault names the member of the question at `pointer`.
pub fn read_question(
    question: &ResolveQuestion,
    effort: Effort,
    pointer: impl Fn(&str) -> String,
) -> Result<Subject, ServiceError> {
    let (kind, network, memo) = (question.kind.as_ref(), question.network.as_deref(), question.memo.as_deref());
    let table = NetworkTable::embedded();
    read_subject(table, &question.subject, kind, network, memo).map_err(|error| {
        let error = match error {
            SubjectError::Address(AddressError::ChecksumMismatch { checksum, .. }) if effort == Effort::Place => {
                let position = table.wrong_character(network.and_then(|name| table.resolve_name(name)), &question.subject);
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

/// Tells whether the store may have to be asked who owns a subject: where it need not be, an answer takes no longer than its
/// own work.
#[must_use]
pub fn may_ask_store(registry: &Registry, generation: &Generation, subject: &Subject) -> bool {
    let accounts = match subject {
        Subject::Caip10(account) | Subject::Address(account) => std::slice::from_ref(account),
        Subject::BareAddress(candidates) => &candidates.accounts,
        _ => &[],
    };
    accounts.iter().any(|account| registry.directory().may_ask_store(account.network, &account.key, generation))
}

/// Answers who owns a subject, from one generation.
///
/// # Errors
/// `ServiceError::Directory` where the store had to be asked and failed.
pub fn resolve(
    registry: &Registry,
    generation: &Arc<Generation>,
    subject: Subject,
    reader: Reader,
    now: UtcTime,
) -> Result<ResolveAnswer, ServiceError> {
    let answer = resolve_again(registry, generation, subject, reader, now)?;
    registry.part::<ClaimUsage>().note(&answer.resolution, now.date());
    Ok(answer)
}

/// Answers the same without counting which claims were shown: what was asked before counted then.
pub(crate) fn resolve_again(
    registry: &Registry,
    generation: &Arc<Generation>,
    subject: Subject,
    reader: Reader,
    now: UtcTime,
) -> Result<ResolveAnswer, ServiceError> {
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
    };
    match &answer.subject {
        Subject::Vasp(id) => {
            let record = generation.records().get(*id).filter(|record| record.status.is_live());
            answer.resolution = Resolution::of_records(&record.map(|r| r.id).into_iter().collect::<Vec<_>>());
        }
        Subject::Lei(lei) => {
            let ids: Vec<_> = named_by_lei(generation.records(), *lei).into_iter().map(|r| r.id).collect();
            answer.resolution = Resolution::of_records(&ids);
        }
        Subject::Caip10(account) | Subject::Address(account) => {
            answer.resolution = asked.account(account)?;
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
    let expiries = answer.resolution.owners.iter().filter_map(|owner| owner.claim.as_ref()?.expires_at);
    let named =
        answer.resolution.owners.iter().filter_map(|owner| generation.records().get(owner.vasp)).chain(&answer.unverified);
    let published = named.flat_map(|vasp| vasp.published_moments());
    let presented = answer.presented.as_ref().and_then(|presented| presented.next_change);
    let changes = expiries.chain(published).chain(presented);
    answer.holds = match answer.resolution.status {
        ResolutionStatus::NotFound => Holds::at_most(NOT_FOUND_SECS, now, changes),
        _ => Holds::before(now, changes),
    };
    Ok(answer)
}

fn networks_of(accounts: &[Account]) -> Vec<&'static Network> {
    accounts.iter().filter_map(|account| NetworkTable::embedded().by_number(account.network)).collect()
}

/// A question about accounts.
struct Asked<'a> {
    registry: &'a Registry,
    generation: &'a Arc<Generation>,
    reader: Reader,
    now: UtcTime,
}

/// Live claims on an account, parted by the network that they name.
#[derive(Default)]
struct Found {
    here: Vec<Claim>,
    elsewhere: Vec<(NetworkNumber, Claim)>,
}

impl Asked<'_> {
    /// Returns the claims on an account's key, of all networks of its family, that this reader may see and that live.
    fn claims(&self, account: &Account) -> Result<Vec<(NetworkNumber, Claim)>, ServiceError> {
        let found = self.registry.directory().claims_at(account.network, &account.key, self.generation)?;
        let live = |(network, claim)| resolution::live([claim], self.reader, self.now).pop().map(|claim| (network, claim));
        Ok(found.into_iter().filter_map(live).collect())
    }

    fn account(&self, account: &Account) -> Result<Resolution<NetworkNumber>, ServiceError> {
        let found = part(self.claims(account)?, account.network);
        let asked = self.asked(account, &found);
        Ok(Resolution::of_account(&asked, account.memo.as_deref(), self.generation.records()))
    }

    fn asked<'b>(&'b self, account: &'b Account, found: &'b Found) -> resolution::Account<'b, NetworkNumber> {
        resolution::Account {
            network: &account.network,
            claims: &found.here,
            elsewhere: &found.elsewhere,
            sub_accounts: self.generation.sub_accounts(account.network, &account.key),
        }
    }

    fn bare_address(
        &self,
        Candidates { accounts }: &Candidates,
        memo: Option<&str>,
    ) -> Result<Resolution<NetworkNumber>, ServiceError> {
        let networks: BTreeSet<NetworkNumber> = accounts.iter().map(|account| account.network).collect();
        let mut asked: Vec<(&Account, Found)> = Vec::with_capacity(accounts.len());
        let mut last: Option<(&Account, Vec<(NetworkNumber, Claim)>)> = None;
        for account in accounts {
            // Networks of a family follow each other and share their claims: one look serves them all.
            let shared = last.as_ref().filter(|(before, _)| before.key == account.key && same_family(before, account));
            let claims = match shared {
                Some((_, claims)) => claims.clone(),
                None => self.claims(account)?,
            };
            let mut found = part(claims.clone(), account.network);
            found.elsewhere.retain(|(network, _)| !networks.contains(network));
            asked.push((account, found));
            last = Some((account, claims));
        }
        let accounts: Vec<_> = asked.iter().map(|(account, found)| self.asked(account, found)).collect();
        Ok(Resolution::of_bare_address(&accounts, memo, self.generation.records()))
    }

    /// The coverage of the networks asked about: of a bare address only of those that have claims of their own, or of the
    /// likeliest.
    fn coverage(&self, accounts: &[Account]) -> Vec<(&'static Network, Option<CoverageLine>)> {
        let mut networks = networks_of(accounts);
        let has_claims = |network: &&Network| self.generation.has_claims(network, self.reader);
        if networks.len() > 1 && networks.iter().any(has_claims) {
            networks.retain(has_claims);
        } else {
            networks.truncate(1);
        }
        networks.into_iter().map(|network| (network, self.generation.coverage(network, self.reader))).collect()
    }
}

fn same_family(one: &Account, other: &Account) -> bool {
    let family = |account: &Account| NetworkTable::embedded().by_number(account.network).and_then(|n| n.family);
    family(one).is_some() && family(one) == family(other)
}

/// Parts claims into those that count on a network (its own and its family's) and those on other networks.
fn part(claims: Vec<(NetworkNumber, Claim)>, network: NetworkNumber) -> Found {
    let mut found = Found::default();
    for (named, claim) in claims {
        if named == network || claim.network_match == NetworkMatch::Family {
            found.here.push(claim);
        } else {
            found.elsewhere.push((named, claim));
        }
    }
    found
}
