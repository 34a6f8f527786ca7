//! Counts how many different addresses with no known owner each caller asked for today, and how many that its own VASP claims without proof.
//! A caller that walks through address space to find customers finds mostly no owner; one that claims addresses in order to ask about
//! them learns whether others claim them. So both budgets run out. The counts are in memory, by keyed hashes. A timer stores those of
//! organisations, and nodes share them through the stored counts. Anonymous callers count by network address and by the wider networks
//! around it; their counts are never stored.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::hmac;
use rand_core::RngCore;
use serde_json::json;
use siphasher::sip::SipHasher24;

use super::sketch::Sketch;
use crate::acts::Asker;
use crate::node::{Registry, ServiceError};
use vasp_addresses::subject::Subject;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_pki::DataKey;
use vasp_store::{BudgetOf, BudgetRow, StoreError, Transaction};
use vasp_words::ids::OrganisationId;
use vasp_words::time::{Date, UtcTime};

/// Name of the key that addresses are hashed with.
pub(crate) const KEY: &str = "not-found-budget";

/// The error if the budget of the day is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetSpent {
    /// True if no alarm was raised yet: several nodes spent the budget together, and no single answer did.
    pub is_news: bool,
    /// Seconds until midnight (UTC), when the next budget starts.
    pub again_in_secs: u32,
}

/// Whose questions one sketch counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Counted {
    /// A caller's, about addresses with no known owner.
    NotFound(Asker),
    /// An organisation's, about addresses that its own VASP claims without proof.
    OwnAddresses(OrganisationId),
}

impl Counted {
    /// Iterates over the sketches that count a question, each with the number of budgets that it has.
    fn sketches(self) -> impl Iterator<Item = (Self, NonZeroU32)> {
        let (own, asker) = match self {
            Self::OwnAddresses(_) => (Some((self, NonZeroU32::MIN)), None),
            Self::NotFound(asker) => (None, Some(asker)),
        };
        let askers = asker.into_iter().flat_map(Asker::counted).map(|(asker, budgets)| (Self::NotFound(asker), budgets));
        own.into_iter().chain(askers)
    }

    /// Returns the organisation and what is stored of it; `None` if nothing is.
    fn stored(self) -> Option<(OrganisationId, BudgetOf)> {
        match self {
            Self::NotFound(Asker::Organisation(id)) => Some((id, BudgetOf::NotFound)),
            Self::OwnAddresses(id) => Some((id, BudgetOf::OwnAddresses)),
            Self::NotFound(Asker::Address(_)) => None,
        }
    }

    fn of(row: &BudgetRow) -> Self {
        match row.counts {
            BudgetOf::NotFound => Self::NotFound(Asker::Organisation(row.organisation)),
            BudgetOf::OwnAddresses => Self::OwnAddresses(row.organisation),
        }
    }

    /// Returns the kind, for metrics.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::NotFound(asker) => asker.kind(),
            Self::OwnAddresses(_) => BudgetOf::OwnAddresses.as_str(),
        }
    }
}

/// What one caller asked for on one day.
#[derive(Debug)]
struct Page {
    day: Date,
    sketch: Sketch,
    count: u64,
    /// Whether something was added since the last time it was stored.
    is_new: bool,
    /// Whether the budget was already found to be spent.
    is_spent: bool,
}

/// The budgets of all callers.
pub struct NotFoundBudget {
    key: SipHasher24,
    hasher: RandomState,
    shards: [Mutex<HashMap<Counted, Page>>; SHARDS],
}

/// Number of parts of the budgets; with several parts, workers seldom wait for each other.
const SHARDS: usize = 16;

/// Maximum number of anonymous callers in one part. At 4 KiB each, all parts take 40 MiB.
const ADDRESSES_PER_SHARD: usize = 640;

impl std::fmt::Debug for NotFoundBudget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NotFoundBudget").finish_non_exhaustive()
    }
}

impl Page {
    fn of(day: Date) -> Self {
        Self { day, sketch: Sketch::default(), count: 0, is_new: false, is_spent: false }
    }

    fn merge(&mut self, other: &Sketch) {
        self.sketch.merge(other);
        self.count = self.sketch.count();
    }

    /// Returns whether the budget is spent and, if so, whether that is news. News is stored the next time.
    fn spent(&mut self, budget: NonZeroU32) -> Option<bool> {
        (self.count >= u64::from(budget.get())).then(|| {
            let is_news = !std::mem::replace(&mut self.is_spent, true);
            self.is_new |= is_news;
            is_news
        })
    }
}

impl NotFoundBudget {
    /// Starts with the stored counts of today.
    pub(crate) fn new(key: &DataKey, kept: &[BudgetRow], today: Date) -> Self {
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()), b"addresses not found, SipHash-2-4");
        let key = SipHasher24::new_with_key(&derived.as_ref().first_chunk::<16>().copied().unwrap_or_default());
        let new = Self { key, hasher: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) };
        for row in kept {
            if let Some(sketch) = Sketch::from_bytes(&row.sketch) {
                new.with(Counted::of(row), today, |page| {
                    page.merge(&sketch);
                    page.is_spent = row.alarmed_at.is_some();
                });
            }
        }
        new
    }

    fn with<T>(&self, counted: Counted, today: Date, then: impl FnOnce(&mut Page) -> T) -> T {
        let place = usize::try_from(self.hasher.hash_one(counted) % u64::try_from(SHARDS).unwrap_or(1)).unwrap_or(0);
        let Some(shard) = self.shards.get(place) else { return then(&mut Page::of(today)) };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.stored().is_none() && shard.len() >= ADDRESSES_PER_SHARD && !shard.contains_key(&counted) {
            forget_smallest(&mut shard, today);
        }
        let page = shard.entry(counted).or_insert_with(|| Page::of(today));
        if page.day != today {
            *page = Page::of(today);
        }
        then(page)
    }

    /// Checks whether a budget is left.
    ///
    /// # Errors
    /// `BudgetSpent`. A caller whose budget of addresses not found is spent gets no answer even about known addresses; otherwise the
    /// refusal itself would reveal which addresses are unknown.
    pub fn check(&self, counted: Counted, budget: NonZeroU32, now: UtcTime) -> Result<(), BudgetSpent> {
        let spent = counted
            .sketches()
            .find_map(|(one, budgets)| self.with(one, now.date(), |page| page.spent(budget.saturating_mul(budgets))));
        match spent {
            Some(is_news) => Err(BudgetSpent { is_news, again_in_secs: secs_until_midnight(now) }),
            None => Ok(()),
        }
    }

    /// Counts an answer about an address. Returns whether this answer spent the budget.
    pub fn note(&self, counted: Counted, subject: &Subject, budget: NonZeroU32, now: UtcTime) -> bool {
        let key = match subject {
            Subject::Caip10(account) | Subject::Address(account) => Some(&account.key),
            Subject::BareAddress(candidates) => candidates.accounts.first().map(|account| &account.key),
            _ => None,
        };
        let Some(key) = key else { return false };
        let hash = self.key.hash(key.as_bytes());
        let add = |page: &mut Page, budget| {
            if page.sketch.add(hash) {
                page.is_new = true;
                page.count = page.sketch.count();
            }
            page.spent(budget).unwrap_or(false)
        };
        // Each counts the answer, also after another one found its budget spent.
        counted.sketches().fold(false, |is_news, (one, budgets)| {
            self.with(one, now.date(), |page| add(page, budget.saturating_mul(budgets))) || is_news
        })
    }

    /// Returns the sketches of organisations that changed since the last time. Removes past days.
    fn changed(&self, today: Date) -> Vec<(Counted, Sketch, bool)> {
        let mut changed = vec![];
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.retain(|_, page| page.day >= today);
            for (counted, page) in shard.iter_mut() {
                if counted.stored().is_some() && std::mem::take(&mut page.is_new) {
                    changed.push((*counted, page.sketch.clone(), page.is_spent));
                }
            }
        }
        changed.sort_by_key(|(counted, ..)| counted.stored());
        changed
    }
}

/// Makes room among anonymous callers: removes those of other days, and the half that asked for the fewest addresses.
fn forget_smallest(shard: &mut HashMap<Counted, Page>, today: Date) {
    let counts = |counted: &Counted, page: &Page| counted.stored().is_none() && page.day == today;
    let mut ranked: Vec<(u64, Counted)> =
        shard.iter().filter(|(counted, page)| counts(counted, page)).map(|(counted, page)| (page.count, *counted)).collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    ranked.truncate(ADDRESSES_PER_SHARD / 2);
    let kept: HashSet<Counted> = ranked.into_iter().map(|(_, counted)| counted).collect();
    shard.retain(|counted, _| counted.stored().is_some() || kept.contains(counted));
}

fn secs_until_midnight(now: UtcTime) -> u32 {
    let midnight = now.date().next().start();
    let micros = midnight.micros().saturating_sub(now.micros());
    u32::try_from(micros.div_euclid(1_000_000).saturating_add(1)).unwrap_or(86_400)
}

/// Stores what changed, merges what other nodes stored, and records the day's alarm in the audit chain.
///
/// # Errors
/// `ServiceError::Store`, the first of several. What could not be stored is stored the next time; the rest is stored now.
pub(crate) fn flush(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let (budgets, today) = (registry.not_found(), now.date());
    let mut done = Ok(());
    for (counted, sketch, is_spent) in budgets.changed(today) {
        let Some(of) = counted.stored() else { continue };
        let kept =
            registry.store().write::<_, StoreError>(now, rng, |transaction| keep(transaction, of, sketch, is_spent, today));
        match kept {
            Ok(kept) => budgets.with(counted, today, |page| page.merge(&kept.value)),
            Err(error) => {
                budgets.with(counted, today, |page| page.is_new = true);
                done = done.and(Err(error.into()));
            }
        }
    }
    done
}

fn keep(
    transaction: &mut Transaction<'_>,
    (organisation, counts): (OrganisationId, BudgetOf),
    mut sketch: Sketch,
    is_spent: bool,
    day: Date,
) -> Result<Sketch, StoreError> {
    let before = transaction.lock_budget(organisation, day, counts)?;
    if let Some(known) = before.as_ref().and_then(|row| Sketch::from_bytes(&row.sketch)) {
        sketch.merge(&known);
    }
    let mut alarmed_at = before.and_then(|row| row.alarmed_at);
    if is_spent && alarmed_at.is_none() {
        alarmed_at = Some(transaction.now());
        transaction.audit(AuditEvent {
            organisation: None,
            actor: None,
            credential: None,
            action: format!("{counts}_budget.spent"),
            subject: Some(organisation.to_string()),
            outcome: AuditOutcome::Refused,
            payload: json!({"day": day, "addresses": sketch.count()}),
        });
    }
    transaction.keep_budget(&BudgetRow { organisation, day, counts, sketch: sketch.to_bytes(), alarmed_at })?;
    Ok(sketch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::CallerNetwork;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;
    use vasp_addresses::network::NetworkTable;
    use vasp_addresses::subject::read_subject;

    fn budgets() -> NotFoundBudget {
        NotFoundBudget::new(&DataKey::generate(&mut ChaCha8Rng::seed_from_u64(1)), &[], at("2026-06-01T00:00:00Z").date())
    }

    fn from(address: &str) -> Counted {
        Counted::NotFound(Asker::Address(CallerNetwork::of(address.parse().unwrap())))
    }

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    fn subject(number: u64) -> Subject {
        read_subject(NetworkTable::embedded(), &format!("0x{number:040x}"), None, Some("eip155:1"), None).unwrap()
    }

    #[test]
    fn the_budget_is_of_different_addresses_and_of_one_day() {
        let (budgets, asker) = (budgets(), from("192.0.2.1"));
        let (now, budget) = (at("2026-06-01T23:59:30.5Z"), NonZeroU32::new(2).unwrap());
        let note = |number| budgets.note(asker, &subject(number), budget, now);

        assert_eq!([note(1), note(1), note(1)], [false; 3]);
        assert!(budgets.check(asker, budget, now).is_ok());
        assert_eq!([note(2), note(3)], [true, false], "told once");
        assert_eq!(budgets.check(asker, budget, now), Err(BudgetSpent { is_news: false, again_in_secs: 30 }));
        assert!(budgets.check(from("192.0.2.2"), budget, now).is_ok());
        assert!(budgets.check(asker, budget, at("2026-06-02T00:00:00Z")).is_ok());
    }

    #[test]
    fn anonymous_callers_take_bounded_memory_and_who_asked_most_is_remembered() {
        let (budgets, now, budget) = (budgets(), at("2026-06-01T12:00:00Z"), NonZeroU32::new(5).unwrap());
        let greedy = from("192.0.2.1");
        for number in 0..5 {
            budgets.note(greedy, &subject(number), budget, now);
        }

        for number in 0..50_000_u32 {
            let asker = from(&std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).to_string());
            budgets.note(asker, &subject(1), budget, now);
        }

        let held: usize = budgets.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(held <= SHARDS * ADDRESSES_PER_SHARD, "{held}");
        assert!(budgets.check(greedy, budget, now).is_err());
    }
}
