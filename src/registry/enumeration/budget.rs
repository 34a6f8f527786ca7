//! Counts how many different addresses with no known owner each organisation asked for today. A caller that walks through address space to
//! find customers finds mostly no owner, so its budget runs out. The count is in memory, by keyed hashes. A timer stores the counts of
//! organisations, and nodes share them through the stored counts. Anonymous callers count by network address and by the wider networks around it, and their counts
//! are never stored.

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
use vasp_record::resolution::ResolutionStatus;
use vasp_store::{BudgetRow, StoreError, Transaction};
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
    shards: [Mutex<HashMap<Asker, Page>>; SHARDS],
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
                new.with(Asker::Organisation(row.organisation), today, |page| {
                    page.merge(&sketch);
                    page.is_spent = row.alarmed_at.is_some();
                });
            }
        }
        new
    }

    fn with<T>(&self, asker: Asker, today: Date, then: impl FnOnce(&mut Page) -> T) -> T {
        let place = usize::try_from(self.hasher.hash_one(asker) % u64::try_from(SHARDS).unwrap_or(1)).unwrap_or(0);
        let Some(shard) = self.shards.get(place) else { return then(&mut Page::of(today)) };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(asker, Asker::Address(_)) && shard.len() >= ADDRESSES_PER_SHARD && !shard.contains_key(&asker) {
            forget_smallest(&mut shard, today);
        }
        let page = shard.entry(asker).or_insert_with(|| Page::of(today));
        if page.day != today {
            *page = Page::of(today);
        }
        then(page)
    }

    /// Checks whether a caller may ask for an address.
    ///
    /// # Errors
    /// `BudgetSpent`: the caller then gets no answer even about known addresses. Otherwise the refusal itself would reveal which addresses
    /// are unknown.
    pub fn check(&self, asker: Asker, budget: NonZeroU32, now: UtcTime) -> Result<(), BudgetSpent> {
        let spent = asker
            .counted()
            .find_map(|(one, allowances)| self.with(one, now.date(), |page| page.spent(budget.saturating_mul(allowances))));
        match spent {
            Some(is_news) => Err(BudgetSpent { is_news, again_in_secs: secs_until_midnight(now) }),
            None => Ok(()),
        }
    }

    /// Counts an answer. Returns whether this answer spent the budget.
    pub fn note(&self, asker: Asker, subject: &Subject, status: ResolutionStatus, budget: NonZeroU32, now: UtcTime) -> bool {
        let key = match subject {
            Subject::Caip10(account) | Subject::Address(account) => Some(&account.key),
            Subject::BareAddress(candidates) => candidates.accounts.first().map(|account| &account.key),
            _ => None,
        };
        let Some(key) = key.filter(|_| status == ResolutionStatus::NotFound) else { return false };
        let hash = self.key.hash(key.as_bytes());
        let add = |page: &mut Page, budget| {
            if page.sketch.add(hash) {
                page.is_new = true;
                page.count = page.sketch.count();
            }
            page.spent(budget).unwrap_or(false)
        };
        // Each counts the answer, also after another one found its budget spent.
        asker.counted().fold(false, |is_news, (one, allowances)| {
            self.with(one, now.date(), |page| add(page, budget.saturating_mul(allowances))) || is_news
        })
    }

    /// Returns the sketches of organisations that changed since the last time. Removes past days.
    fn changed(&self, today: Date) -> Vec<(OrganisationId, Sketch, bool)> {
        let mut changed = vec![];
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.retain(|_, page| page.day >= today);
            for (asker, page) in shard.iter_mut() {
                if let Asker::Organisation(id) = asker
                    && std::mem::take(&mut page.is_new)
                {
                    changed.push((*id, page.sketch.clone(), page.is_spent));
                }
            }
        }
        changed.sort_by_key(|(id, ..)| *id);
        changed
    }
}

/// Makes room among anonymous callers: removes those of other days, and the half that asked for the fewest addresses.
fn forget_smallest(shard: &mut HashMap<Asker, Page>, today: Date) {
    let counts = |asker: &Asker, page: &Page| matches!(asker, Asker::Address(_)) && page.day == today;
    let mut ranked: Vec<(u64, Asker)> =
        shard.iter().filter(|(asker, page)| counts(asker, page)).map(|(asker, page)| (page.count, *asker)).collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    ranked.truncate(ADDRESSES_PER_SHARD / 2);
    let kept: HashSet<Asker> = ranked.into_iter().map(|(_, asker)| asker).collect();
    shard.retain(|asker, _| matches!(asker, Asker::Organisation(_)) || kept.contains(asker));
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
    for (organisation, sketch, is_spent) in budgets.changed(today) {
        let kept = registry
            .store()
            .write::<_, StoreError>(now, rng, |transaction| keep(transaction, organisation, sketch, is_spent, today));
        match kept {
            Ok(kept) => budgets.with(Asker::Organisation(organisation), today, |page| page.merge(&kept.value)),
            Err(error) => {
                budgets.with(Asker::Organisation(organisation), today, |page| page.is_new = true);
                done = done.and(Err(error.into()));
            }
        }
    }
    done
}

fn keep(
    transaction: &mut Transaction<'_>,
    organisation: OrganisationId,
    mut sketch: Sketch,
    is_spent: bool,
    day: Date,
) -> Result<Sketch, StoreError> {
    let before = transaction.lock_budget(organisation, day)?;
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
            action: "not_found_budget.spent".to_owned(),
            subject: Some(organisation.to_string()),
            outcome: AuditOutcome::Refused,
            payload: json!({"day": day, "addresses": sketch.count()}),
        });
    }
    transaction.keep_budget(&BudgetRow { organisation, day, sketch: sketch.to_bytes(), alarmed_at })?;
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

    fn from(address: &str) -> Asker {
        Asker::Address(CallerNetwork::of(address.parse().unwrap()))
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
        let note = |number| budgets.note(asker, &subject(number), ResolutionStatus::NotFound, budget, now);

        assert_eq!([note(1), note(1), note(1)], [false; 3]);
        assert!(!budgets.note(asker, &subject(9), ResolutionStatus::Owned, budget, now));
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
            budgets.note(greedy, &subject(number), ResolutionStatus::NotFound, budget, now);
        }

        for number in 0..50_000_u32 {
            let asker = from(&std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).to_string());
            budgets.note(asker, &subject(1), ResolutionStatus::NotFound, budget, now);
        }

        let held: usize = budgets.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(held <= SHARDS * ADDRESSES_PER_SHARD, "{held}");
        assert!(budgets.check(greedy, budget, now).is_err());
    }
}
