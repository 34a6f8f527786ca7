//! The harness: a registry that runs while a test holds it. `Registry::start` is the one function that wires it up.

mod binary;
mod client;
pub(crate) mod contract;
mod database;
mod deployment;
mod disk;
mod endpoint_server;
mod failing_disk;
mod fake_clock;
mod fill;
pub(crate) mod forms;
pub(crate) mod full_view;
mod inbox;
mod internet;
mod nameserver;
mod people;
mod postgres;
mod probes;
pub(crate) mod published;
mod raw;
mod relay;
mod stalling_disk;
mod story;
mod tables;
mod tls;
mod turn;
mod webserver;
mod writes;

use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web::Data;
use tempfile::TempDir;
use vasp_clock::{LimiterClock, Random, SetClock};
use vasp_log::Sealer;
use vasp_outbound::{Outbound, Provider};
use vasp_pki::MasterKeys;
use vasp_registry::config::{ServerOptions, ServerSettings};
use vasp_registry::directory::ClaimIndexOptions;
use vasp_registry::http::{App, Limits, Readiness, ServerTls, Throttle};
use vasp_store::{Store, StoreOptions};

pub(crate) use self::binary::{Server, assert_refused, command};
pub(crate) use self::client::{Answer, Client};
pub(crate) use self::database::{Database, connect_to_file, on_every_database};
pub(crate) use self::deployment::{Deployment, Recorded, acknowledged, assert_busy};
pub(crate) use self::disk::SmallDisk;
pub(crate) use self::endpoint_server::{EndpointServer, Manner, whole};
pub(crate) use self::failing_disk::FailingDisk;
pub(crate) use self::fake_clock::FakeClock;
pub(crate) use self::fill::machine;
pub(crate) use self::inbox::Inbox;
pub(crate) use self::internet::Internet;
pub(crate) use self::nameserver::{MuteNameServer, NameServer, Names, RootKey, UNSIGNED_ZONE};
pub(crate) use self::people::Person;
pub(crate) use self::postgres::{PrivatePostgres, dump, dump_to_restore, is_root, not_run};
pub(crate) use self::raw::talk;
pub(crate) use self::relay::Relay;
pub(crate) use self::stalling_disk::StallingDisk;
pub(crate) use self::story::{Said, approval, step};
pub(crate) use self::tls::{Badge, Line, TlsFiles};
pub(crate) use self::turn::{is_turn_of, turn};
pub(crate) use self::webserver::{Authority, Reply, Trap, WebServer};
pub(crate) use self::writes::{
    Label, SetAtEnd, add_batch, add_group, assert_audit_recomputes, assert_log_recomputes, assert_undamaged, batch_of, change,
    controllers, fact, hold_batch, kept_record, nothing_said, now, open_store, rename, said,
};

/// The instant at which every test happens.
pub(crate) const NOW: &str = "2026-06-01T12:00:00Z";

/// A running registry; it stops, and its database goes, when it is dropped.
pub(crate) struct Registry {
    /// Asks it.
    pub client: Client,
    /// Its certificate, where it speaks TLS.
    pub tls: Option<Arc<ServerTls>>,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its clock.
    pub clock: Arc<SetClock>,
    /// What it serves, for filling it.
    pub registry: Arc<vasp_registry::node::Registry>,
    /// Its randomness.
    pub random: Arc<Random>,
    /// Its master keys.
    pub keys: MasterKeys,
    readiness: Arc<AtomicUsize>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// Where it keeps documents.
    pub documents: TempDir,
    /// Its database.
    pub database: Database,
}

/// Opens a registry on a fresh database, with fixed keys and randomness.
fn open(
    database: &Database,
    (outbound, providers): (Option<Outbound>, Vec<Provider>),
    documents: Option<PathBuf>,
    settings: &ServerSettings,
) -> (Arc<vasp_registry::node::Registry>, MasterKeys) {
    let url = database.url.clone();
    let options = StoreOptions { create: true, migrate: true, readers: 2, ..StoreOptions::default() };
    database.with_tables();
    let store = Store::open(&url, &options, Arc::new(Sealer::default())).unwrap();
    let mut rng = Random::seeded(2).fork();
    let keys = MasterKeys::generate(&mut rng);
    let limits = ClaimIndexOptions::default();
    let registry = vasp_registry::node::Registry::open(store, keys.clone(), limits, NOW.parse().unwrap(), &mut rng).unwrap();
    let registry = match outbound {
        Some(outbound) => registry.calling_out(outbound),
        None => registry,
    };
    let registry = registry.found_at(Some(client::PUBLIC_URL.to_owned())).issued_by(settings.issuer.clone());
    let registry = registry.allowing(settings.claims.allowance);
    (Arc::new(registry.with_providers(providers).with_documents(documents)), keys)
}

const READINESS: [Readiness; 3] = [Readiness::NotReady, Readiness::Degraded, Readiness::Ready];

impl Registry {
    /// Starts a registry on a database.
    pub(crate) fn start(database: Database) -> Self {
        Self::start_with(database, |_| ())
    }

    /// Starts a registry that keeps documents in a folder of the test's.
    pub(crate) fn start_with_documents_in(database: Database, folder: PathBuf) -> Self {
        Self::launch(database, (None, Vec::new(), None), |_| (), |_| Some(folder))
    }

    /// Starts a registry that receipts and the log name so.
    pub(crate) fn start_issued_by(database: Database, issuer: &str) -> Self {
        let issuer = issuer.parse().unwrap();
        Self::launch(database, (None, Vec::new(), None), |settings| settings.issuer = Some(issuer), |_| None)
    }

    /// Starts a registry that keeps no documents.
    pub(crate) fn start_without_documents(database: Database) -> Self {
        Self::launch(database, (None, Vec::new(), None), |_| (), |_| None)
    }

    /// Starts a registry on a database, with other settings than the defaults.
    pub(crate) fn start_with(database: Database, change: impl FnOnce(&mut ServerSettings)) -> Self {
        Self::start_calling(database, None, change)
    }

    /// Starts a registry that can call out, to a test's own servers.
    pub(crate) fn start_calling(
        database: Database,
        outbound: Option<Outbound>,
        change: impl FnOnce(&mut ServerSettings),
    ) -> Self {
        Self::start_wired(database, outbound, Vec::new(), change)
    }

    /// Starts a registry that can call out, to a test's own servers, and whose users sign in at OpenID providers.
    pub(crate) fn start_wired(
        database: Database,
        outbound: Option<Outbound>,
        providers: Vec<Provider>,
        change: impl FnOnce(&mut ServerSettings),
    ) -> Self {
        Self::launch(database, (outbound, providers, None), change, |folder| Some(folder.to_owned()))
    }

    /// Starts a registry that speaks TLS with the certificate in a test's files.
    pub(crate) fn start_tls(database: Database, files: &TlsFiles, change: impl FnOnce(&mut ServerSettings)) -> Self {
        Self::start_tls_calling(database, files, None, change)
    }

    /// The same, and it can call out to a test's own servers.
    pub(crate) fn start_tls_calling(
        database: Database,
        files: &TlsFiles,
        outbound: Option<Outbound>,
        change: impl FnOnce(&mut ServerSettings),
    ) -> Self {
        let tls = ServerTls::load(&files.settings(), NOW.parse().unwrap()).unwrap();
        Self::launch(database, (outbound, Vec::new(), Some(Arc::new(tls))), change, |folder| Some(folder.to_owned()))
    }

    fn launch(
        database: Database,
        (outbound, providers, tls): (Option<Outbound>, Vec<Provider>, Option<Arc<ServerTls>>),
        change: impl FnOnce(&mut ServerSettings),
        documents_in: impl FnOnce(&Path) -> Option<PathBuf>,
    ) -> Self {
        let mut settings = ServerOptions::default().settle(&ServerOptions::default());
        settings.listen.set_port(0);
        settings.workers = NonZeroU16::MIN;
        settings.body_limit_bytes = NonZeroU32::new(10_000).unwrap();
        // The clock of tests stands still, so a bucket never fills again.
        (settings.rate, settings.public_rate) = (None, None);
        // Members of tests are verified just now.
        settings.claims.allowance.after_days = 0;
        change(&mut settings);
        let clock = Arc::new(SetClock::at(NOW.parse().unwrap()));
        let readiness = Arc::new(AtomicUsize::new(2));
        let shown = Arc::clone(&readiness);
        let documents = tempfile::tempdir().unwrap();
        let documents_in = documents_in(documents.path());
        let (registry, keys) = open(&database, (outbound, providers), documents_in, &settings);
        let random = Arc::new(Random::seeded(1));
        let app = App {
            registry: Arc::clone(&registry),
            public_read: settings.public_read,
            clock: clock.clone(),
            random: Arc::clone(&random),
            limits: Limits::of(&settings),
            throttle: Throttle::new(&settings, &LimiterClock(clock.clone())),
            public_metrics: settings.public_metrics,
            registry_name: settings.registry_name.clone(),
            tls: tls.clone(),
            readiness: Box::new(move || READINESS[shown.load(Ordering::SeqCst)]),
        };
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let bound = vasp_registry::serve::bind(&settings, Data::new(app), probes::routes).unwrap();
                sender.send((bound.address, bound.server.handle())).unwrap();
                bound.server.await.unwrap();
            });
        });
        let (address, handle) = receiver.recv().expect("the server starts");
        let client = if tls.is_some() { Client::secured(address) } else { Client::new(address) };
        let thread = Some(thread);
        Self { client, tls, address, clock, registry, random, keys, readiness, handle, thread, documents, database }
    }

    /// Has the registry report another readiness.
    pub(crate) fn set_readiness(&self, readiness: Readiness) {
        let index = READINESS.iter().position(|known| *known == readiness).unwrap();
        self.readiness.store(index, Ordering::SeqCst);
    }

    /// Starts a graceful stop, as SIGTERM does.
    pub(crate) fn stop(&self) {
        drop(self.handle.stop(true));
    }

    /// Waits until the server has stopped.
    pub(crate) fn wait(mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let stopped = thread.join();
            assert!(stopped.is_ok() || std::thread::panicking(), "the server panicked");
            // Every answer is linted, also those that no test reads: of watches, replays, pages and reports.
            let held = self.registry.metrics().lint_failures();
            assert!(held == 0 || std::thread::panicking(), "{held} answers of pre-checks break a rule of the lint");
        }
    }
}
