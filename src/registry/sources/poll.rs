//! Looks at sources when they are due: in a folder that mirrors the publishers, or at the publishers themselves. A server takes each look by a
//! conditional update of `next_look_at`, so that only one of several servers looks; if it dies, the source is due again when its lease ends.
//! What a look finds is settled as a fetch from the command line is, with the same guards. `job` calls this.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rand_core::RngCore;

use super::apart::{Apart, TakenApart};
use super::download::{LIMITS, download};
use super::fetch::{FetchGround, FetchResult, Fetched, Offer, is_same, offer_of, settle_offer};
use super::mirror::changed_since;
use super::read::{KnownSource, known_source, list_known_sources};
use crate::node::{DegradedCause, Registry, ServiceError};
use vasp_addresses::inquiry_url::InquiryUrl;
use vasp_clock::Clock;
use vasp_outbound::DownloadLimits;
use vasp_store::{SourceState, StoreError};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

const DAY_SECS: i64 = 86_400;

/// Seconds after which a source that a server took is due again, if it reports nothing. Downloads and imports take less.
const LEASE_SECS: i64 = 1_800;

/// How long a file of the folder must have stayed as it is, in seconds: a file that changed later may still be half copied.
const SETTLED_SECS: i64 = 60;

/// The pause after the first failure, in seconds; it doubles with each further one.
const FIRST_PAUSE_SECS: i64 = 300;

/// Where sources are looked for, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollSettings {
    /// The folder that mirrors the publishers; `None` if there is none.
    pub folder: Option<PathBuf>,
    /// Whether files are downloaded from their publishers.
    pub network: bool,
    /// The longest time between two looks at a source that works, in seconds.
    pub interval_secs: u32,
    /// Addresses that replace those of the table of sources, by the source's id.
    pub addresses: BTreeMap<String, Vec<InquiryUrl>>,
    /// The limits of a download.
    pub limits: DownloadLimits,
    /// The process that imports; `None` to import in this one.
    pub apart: Option<Apart>,
}

impl Default for PollSettings {
    fn default() -> Self {
        let interval_secs = u32::try_from(DAY_SECS).unwrap_or(u32::MAX);
        Self { folder: None, network: false, interval_secs, addresses: BTreeMap::new(), limits: LIMITS, apart: None }
    }
}

/// Looks at sources for one server.
#[derive(Debug)]
pub struct Poller {
    settings: PollSettings,
    /// Held while files are imported: imports that run together would only wait for each other's locks.
    turn: Mutex<()>,
}

/// What a look came to.
enum Found {
    /// This became of the files.
    Settled(Settled),
    /// Nothing can be said yet: the server is stopping, somebody paused the source or took the look, or a file is still being copied. The
    /// next look is due then.
    Later(Option<UtcTime>),
}

/// What became of files.
enum Settled {
    /// There are none, or they are those of the last look.
    Nothing,
    /// They could not be used. Why, in words.
    Failed(String),
    /// The files of these names, with so many rows, were imported.
    Imported(String, u64),
}

/// Where a source is looked for.
enum Place<'a> {
    Folder(&'a PathBuf),
    Publisher(&'a [InquiryUrl]),
}

impl Poller {
    /// Makes a poller that looks where the settings say.
    #[must_use]
    pub fn new(settings: PollSettings) -> Self {
        Self { settings, turn: Mutex::new(()) }
    }

    /// Returns the ids of the sources that it looks at.
    ///
    /// # Errors
    /// `ServiceError::Invalid` if the settings name an unknown source; `Store`.
    pub fn sources(&self, registry: &Registry) -> Result<Vec<String>, ServiceError> {
        for id in self.settings.addresses.keys() {
            known_source(registry.store(), id)?;
        }
        let known = list_known_sources(registry.store())?;
        Ok(known.iter().filter(|known| self.place(known).is_some()).map(|known| known.definition.id.clone()).collect())
    }

    /// Looks at a source if it is due; returns whether it did. Blocks while the publisher's server is slow, up to the limits.
    ///
    /// # Errors
    /// `ServiceError::Invalid` for an unknown source, `Store`; the source is due again later.
    pub fn look(
        &self,
        registry: &Registry,
        id: &str,
        clock: &dyn Clock,
        rng: &mut dyn RngCore,
        stop: &dyn Fn() -> bool,
    ) -> Result<bool, ServiceError> {
        let (store, now) = (registry.store(), clock.now());
        let known = known_source(store, id)?;
        let due = known.state.next_look_at;
        if known.state.paused || !self.is_due(&known, now) {
            return Ok(false);
        }
        let Some(place) = self.place(&known) else { return Ok(false) };
        let until = now.plus_secs(LEASE_SECS);
        let taken = store.write::<_, StoreError>(now, rng, |transaction| transaction.take_source_look(id, due, until))?;
        if !taken.value {
            return Ok(false);
        }
        let lease = (due, until);
        let found = match place {
            Place::Folder(folder) => self.look_in_folder(registry, &known, folder, stop, lease, (clock, &mut *rng)),
            Place::Publisher(urls) => self.ask_publisher(registry, &known, urls, stop, lease, (clock, &mut *rng)),
        };
        let next = match &found {
            Ok(Found::Later(then)) => *then,
            Ok(Found::Settled(Settled::Failed(why))) => {
                tracing::warn!(source.id = id, "a file of a source could not be used: {why}");
                Some(self.next_look(&known, known.state.failures.saturating_add(1), clock.now()))
            }
            Ok(Found::Settled(_)) => Some(self.next_look(&known, 0, clock.now())),
            Err(_) => Some(self.next_look(&known, known.state.failures.saturating_add(1), clock.now())),
        };
        // Another server that took the look in the meantime says itself when the next one is.
        let set =
            |row: &mut SourceState| row.next_look_at = if row.next_look_at == Some(until) { next } else { row.next_look_at };
        store.write::<_, StoreError>(clock.now(), rng, |transaction| transaction.change_source_state(id, set))?;
        match found? {
            Found::Settled(Settled::Imported(file, rows)) => {
                tracing::info!(source.id = id, rows.read = rows, "{file} was imported");
                registry.let_others_know();
            }
            Found::Settled(_) => (),
            Found::Later(_) => return Ok(false),
        }
        Ok(true)
    }

    /// Returns where a source is looked for. What can be downloaded is, if that is allowed; the rest comes from the folder.
    fn place<'a>(&'a self, known: &'a KnownSource) -> Option<Place<'a>> {
        let definition = &known.definition;
        let urls = self.settings.addresses.get(&definition.id).unwrap_or(&definition.download);
        match &self.settings.folder {
            _ if self.settings.network && !urls.is_empty() => Some(Place::Publisher(urls)),
            folder => folder.as_ref().map(Place::Folder),
        }
    }

    fn look_in_folder(
        &self,
        registry: &Registry,
        known: &KnownSource,
        folder: &Path,
        stop: &dyn Fn() -> bool,
        (due, until): (Option<UtcTime>, UtcTime),
        (clock, rng): (&dyn Clock, &mut dyn RngCore),
    ) -> Result<Found, ServiceError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_ours(registry, known, until)? {
            return Ok(Found::Later(due));
        }
        let (definition, now) = (&known.definition, || clock.now());
        if changed_since(definition, folder, now().plus_secs(-SETTLED_SECS), now()) {
            return Ok(Found::Later(Some(now().plus_secs(SETTLED_SECS))));
        }
        let offer = match offer_of(definition, folder) {
            Ok(Some(offer)) => offer,
            Ok(None) if known.state.succeeded_at.is_none() => return Ok(Found::Settled(Settled::Nothing)),
            Ok(None) => Offer::Nothing(definition.patterns(), "the folder has no file of this source any more".to_owned()),
            Err(unreadable) => Offer::Nothing(folder.display().to_string(), error_chain(&unreadable).to_string()),
        };
        self.settle(registry, known, offer, stop, due, (&now, rng))
    }

    fn ask_publisher(
        &self,
        registry: &Registry,
        known: &KnownSource,
        urls: &[InquiryUrl],
        stop: &dyn Fn() -> bool,
        (due, until): (Option<UtcTime>, UtcTime),
        (clock, rng): (&dyn Clock, &mut dyn RngCore),
    ) -> Result<Found, ServiceError> {
        let Ok(offer) = download(registry.outbound()?, known, urls, &self.settings, stop) else { return Ok(Found::Later(due)) };
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_ours(registry, known, until)? {
            return Ok(Found::Later(due));
        }
        self.settle(registry, known, offer, stop, due, (&|| clock.now(), rng))
    }

    /// Imports what was found: in a process of its own, if there is one and the files are new.
    fn settle(
        &self,
        registry: &Registry,
        known: &KnownSource,
        offer: Offer,
        stop: &dyn Fn() -> bool,
        due: Option<UtcTime>,
        (clock, rng): (&dyn Fn() -> UtcTime, &mut dyn RngCore),
    ) -> Result<Found, ServiceError> {
        let store = registry.store();
        Ok(match (&self.settings.apart, offer) {
            (Some(apart), Offer::Files(taken, validators)) if !is_same(&known.state, &taken) => {
                match apart.take(store, known, &taken, validators, stop, (clock, rng))? {
                    TakenApart::Used(rows) => Found::Settled(Settled::Imported(taken.names(), rows)),
                    TakenApart::Failed(why) => Found::Settled(Settled::Failed(why)),
                    TakenApart::Stopped => Found::Later(due),
                }
            }
            (_, offer) => {
                let Fetched { file, result, .. } = settle_offer(ground(registry), known, offer, clock, rng)?;
                Found::Settled(match result {
                    FetchResult::Same => Settled::Nothing,
                    FetchResult::Failed(why) => Settled::Failed(why),
                    FetchResult::Imported(report) => Settled::Imported(file, report.read),
                })
            }
        })
    }

    /// Returns when a source is looked at next: after the days between two editions, but at least once per interval; after failures, sooner,
    /// and each time twice as late.
    fn next_look(&self, known: &KnownSource, failures: i32, now: UtcTime) -> UtcTime {
        let usual = self.usual_pause(known);
        let Some(doublings) = failures.checked_sub(1).and_then(|more| u32::try_from(more).ok()) else {
            return now.plus_secs(usual);
        };
        let pause = 1_i64.checked_shl(doublings.min(20)).unwrap_or(1).saturating_mul(FIRST_PAUSE_SECS.min(usual));
        now.plus_secs(pause.min(DAY_SECS))
    }

    /// Returns the pause after a look that worked, in seconds.
    fn usual_pause(&self, known: &KnownSource) -> i64 {
        (i64::from(known.definition.every_days) * DAY_SECS).min(self.settings.interval_secs.into())
    }

    /// Returns whether a source is due. A look that is further away than any pause was set by a clock that ran ahead.
    fn is_due(&self, known: &KnownSource, now: UtcTime) -> bool {
        let longest = self.usual_pause(known).max(DAY_SECS);
        known.state.next_look_at.is_none_or(|due| due <= now || due > now.plus_secs(longest))
    }
}

/// Returns whether the look that this server took until `until` is still its own, and nobody paused the source.
fn is_ours(registry: &Registry, known: &KnownSource, until: UtcTime) -> Result<bool, ServiceError> {
    let state = known_source(registry.store(), &known.definition.id)?.state;
    Ok(!state.paused && state.next_look_at == Some(until))
}

fn ground(registry: &Registry) -> FetchGround<'_> {
    FetchGround { store: registry.store(), keys: registry.master_keys(), accept_shrink: false }
}

/// Notes that the node is degraded while a source is overdue, with the ids of all that are.
///
/// # Errors
/// `ServiceError::Store`.
pub fn note_overdue_sources(registry: &Registry, now: UtcTime) -> Result<(), ServiceError> {
    let known = list_known_sources(registry.store())?;
    let overdue: Vec<&str> = known.iter().filter(|one| one.is_overdue(now)).map(|one| one.definition.id.as_str()).collect();
    let detail = (!overdue.is_empty()).then(|| format!("no new file has come for too long from {}", overdue.join(", ")));
    registry.condition().set(DegradedCause::SourceOverdue, detail);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_after_failures_up_to_a_day() {
        let definitions = vasp_ingest::sources::embedded().unwrap();
        let definition = definitions.into_iter().find(|one| one.id == "esma-casps").unwrap();
        let known = KnownSource { definition, state: vasp_store::SourceState::default() };
        let pauses = |interval_secs: u32| {
            let poller = Poller::new(PollSettings { interval_secs, ..PollSettings::default() });
            let next = |failures| poller.next_look(&known, failures, UtcTime::EPOCH).micros() / 1_000_000;
            [0, 1, 2, 3, 9, 10, i32::MAX].map(next)
        };

        assert_eq!(pauses(86_400), [86_400, 300, 600, 1_200, 76_800, 86_400, 86_400]);
        assert_eq!(pauses(60), [60, 60, 120, 240, 15_360, 30_720, 86_400]);
        // The register comes weekly.
        assert_eq!(pauses(10 * 86_400)[0], 7 * 86_400);
    }
}
