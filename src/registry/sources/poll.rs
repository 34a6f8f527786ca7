//! Looks at sources when they are due: in a folder that mirrors the publishers, or at the publishers themselves. A server takes each look by a
//! conditional update of `next_look_at`, so that only one of several servers looks; if it dies, the source is due again when its lease ends.
//! What a look finds is settled as a fetch from the command line is, with the same guards. `job` calls this.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rand_core::RngCore;

use super::download::{LIMITS, download};
use super::fetch::{FetchGround, FetchResult, Fetched, Offer, fetch_source, settle_offer};
use super::read::{KnownSource, known_source, list_known_sources};
use crate::node::{DegradedCause, Registry, ServiceError};
use vasp_addresses::inquiry_url::InquiryUrl;
use vasp_clock::Clock;
use vasp_outbound::DownloadLimits;
use vasp_store::StoreError;
use vasp_words::time::UtcTime;

const DAY_SECS: i64 = 86_400;

/// Seconds after which a source that a server took is due again, if it reports nothing. Downloads and imports take less.
const LEASE_SECS: i64 = 1_800;

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
}

impl Default for PollSettings {
    fn default() -> Self {
        let interval_secs = u32::try_from(DAY_SECS).unwrap_or(u32::MAX);
        Self { folder: None, network: false, interval_secs, addresses: BTreeMap::new(), limits: LIMITS }
    }
}

/// Looks at sources for one server.
#[derive(Debug)]
pub struct Poller {
    settings: PollSettings,
    /// Held while files are imported: imports that run together would only wait for each other's locks.
    turn: Mutex<()>,
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
    /// `ServiceError::Invalid` for an unknown source, `Failed` if the folder cannot be read, `Store`; the source is due again later.
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
        if known.state.paused || due.is_some_and(|due| due > now) {
            return Ok(false);
        }
        let Some(place) = self.place(&known) else { return Ok(false) };
        let until = now.plus_secs(LEASE_SECS);
        let taken = store.write::<_, StoreError>(now, rng, |transaction| transaction.take_source_look(id, due, until))?;
        if !taken.value {
            return Ok(false);
        }
        let found = match place {
            Place::Folder(folder) => self.look_in_folder(registry, &known, folder, (clock, &mut *rng)),
            Place::Publisher(urls) => self.ask_publisher(registry, &known, urls, (clock, &mut *rng), stop),
        };
        let failures = match &found {
            Ok(Some(Fetched { result: FetchResult::Failed(why), .. })) => {
                tracing::warn!(source.id = id, "a file of a source could not be used: {why}");
                known.state.failures.saturating_add(1)
            }
            Ok(_) => 0,
            Err(_) => known.state.failures.saturating_add(1),
        };
        let next = self.next_look(&known, failures, clock.now());
        store.write::<_, StoreError>(clock.now(), rng, |transaction| {
            transaction.change_source_state(id, |row| row.next_look_at = Some(next))
        })?;
        if let Some(Fetched { result: FetchResult::Imported(report), file, .. }) = found? {
            tracing::info!(source.id = id, rows.read = report.read, "{file} was imported");
            registry.let_others_know();
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
        folder: &std::path::Path,
        (clock, rng): (&dyn Clock, &mut dyn RngCore),
    ) -> Result<Option<Fetched>, ServiceError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let now = || clock.now();
        let fetched = fetch_source(ground(registry), &known.definition.id, folder, &now, rng)?;
        if fetched.is_some() || known.state.succeeded_at.is_none() {
            return Ok(fetched);
        }
        let missing = Offer::Nothing(known.definition.patterns(), "the folder has no file of this source any more".to_owned());
        settle_offer(ground(registry), known, missing, (&now, rng)).map(Some)
    }

    fn ask_publisher(
        &self,
        registry: &Registry,
        known: &KnownSource,
        urls: &[InquiryUrl],
        (clock, rng): (&dyn Clock, &mut dyn RngCore),
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Fetched>, ServiceError> {
        // A stopping server says nothing about the source.
        let Ok(offer) = download(registry.outbound()?, known, (urls, &self.settings), stop) else { return Ok(None) };
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        settle_offer(ground(registry), known, offer, (&|| clock.now(), rng)).map(Some)
    }

    /// Returns when a source is looked at next: after the days between two editions, but at least once per interval; after failures, sooner,
    /// and each time twice as late.
    fn next_look(&self, known: &KnownSource, failures: i32, now: UtcTime) -> UtcTime {
        let usual = (i64::from(known.definition.every_days) * DAY_SECS).min(self.settings.interval_secs.into());
        let Some(doublings) = failures.checked_sub(1).and_then(|more| u32::try_from(more).ok()) else {
            return now.plus_secs(usual);
        };
        let pause = 1_i64.checked_shl(doublings.min(20)).unwrap_or(1).saturating_mul(FIRST_PAUSE_SECS.min(usual));
        now.plus_secs(pause.min(DAY_SECS))
    }
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
