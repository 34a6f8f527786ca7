//! `serve`: answers over HTTP until SIGTERM or SIGINT, then finishes its in-flight requests.

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::address::take_address;
use super::jobs::{keep_certificate, prober, screener, sweep, timers, watch_clock, watch_key_file, watch_writes};
use super::preparations::{Prepared, PreparedOptions, Probes};
use super::start::Start;
use super::{Outcome, log_head, memory_limit, open};
use crate::config::{
    CreateOptions, DatabaseUrl, FileOptions, LogOptions, ServerOptions, ServerSettings, SourceOptions, SourceSettings,
    StoreOptions, TlsOptions, TlsSettings,
};
use crate::domains::recheck_domains;
use crate::http::{App, Limits, ServerTls, Throttle};
use crate::integrity::verify_daily;
use crate::node::{Registry, ServiceError, follow_others, prepare_days};
use crate::relationships::follow_approval_rules;
use crate::sources::{Apart, poll_sources};
use crate::telemetry;
use crate::transparency::{HeadFile, prepare_signing, warn_of_another_name};
use crate::watch::watch_counterparties;
use crate::webhooks::deliver_messages;
use rand_core::RngCore;
use socket2::Socket;
use ureq::http::Uri;
use vasp_clock::{Clock, ClockWatch, LimiterClock, Random, Stopwatch, SystemClock};
use vasp_outbound::BaseUrl;
use vasp_pki::ServerChain;
use vasp_record::environment::Environment;
use vasp_record::issuer::IssuerName;
use vasp_store as store;
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    store: StoreOptions,
    #[command(flatten)]
    log: LogOptions,
    #[command(flatten)]
    prepared: PreparedOptions,
    #[command(flatten)]
    tls: TlsOptions,
    #[command(flatten)]
    sources: SourceOptions,
    /// Bring the schema of a PostgreSQL database up to date first (SQLite is always brought up to date)
    #[arg(long, env = "VASP_REGISTRY_MIGRATE")]
    migrate: bool,
    #[command(flatten)]
    create: CreateOptions,
    /// Continue although the database's log lacks entries that --log-head knows: the log records this, and another key signs it
    #[arg(long, env = "VASP_REGISTRY_ACCEPT_FORK")]
    accept_fork: bool,
}

impl Serve {
    /// Runs the command.
    ///
    /// # Errors
    /// If settings, database, master key or address cannot be used.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let _logging = telemetry::start(&self.log.settle(&file.log))?;
        memory_limit::warn();
        let settings = self.server.settle(&file.server);
        let (tls, store_settings) = (self.tls.settle(&file.tls)?, self.store.settle(&file.store));
        let readable_key = store_settings.readable_master_key;
        let tls = tls.map(|tls| ServerTls::load(&TlsSettings { readable_key, ..tls }, SystemClock.now()));
        let tls = tls.transpose()?.map(Arc::new);
        let scheme = if tls.is_some() { "https" } else { "http" };
        // Before a database is created or changed: it must stay as it is if the server cannot listen.
        let _held = take_address(settings.listen)?;
        let database = open::database(&store_settings)?;
        let create = open::may_create(&store_settings, self.create)?;
        let left = [store_settings.accept_clock, create && open::exists(&database), self.accept_fork];
        let watch = Arc::new(ClockWatch::start(store::program_day()));
        let options = store::StoreOptions {
            create,
            migrate: self.migrate || matches!(database, DatabaseUrl::Sqlite(_)),
            idle_limit: HALF_TRANSACTION,
            clock: Some(Arc::clone(&watch)),
            ..store::StoreOptions::default()
        };
        let Prepared { public_url, sign_in, outbound, providers, roots, probes } = self.prepared.prepare(file)?;
        let random = Arc::new(Random::from_system()?);
        tls.iter().zip(&public_url).for_each(|(tls, url)| warn_of_another_host(&tls.chain(), url));
        let issuer = issuer(settings.issuer.clone(), public_url.as_ref())?;
        open::check_after_damage(&database)?;
        let registry = open::registry(&store_settings, &options, &random).inspect(|_| warn_of_left(left))?;
        open::warn_if_in_memory(&database)?;
        let registry = registry
            .calling_out(outbound)
            .with_providers(providers)
            .with_roots(roots)
            .allowing(settings.claims.allowance)
            .issued_by(issuer)
            .links_to(sign_in.public_url);
        let has_public_url = public_url.is_some();
        let registry = Arc::new(registry.found_at(public_url.map(|url| url.as_str().to_owned())));
        let _clock = watch_clock(Arc::clone(&registry), Arc::clone(&watch), store_settings.accept_clock)?;
        let _keys = watch_key_file(&registry, &store_settings)?;
        let head = settings.log_head.clone().map(HeadFile::at);
        head.iter()
            .try_for_each(|head| log_head::hold_against(&registry, head, self.accept_fork, watch.now(), &mut random.fork()))?;
        let _head = head.map(|head| log_head::keep(Arc::clone(&registry), head)).transpose()?;
        let sequence = registry.directory().sequence();
        let announce = |address| Start { database, sequence, address, scheme, has_public_url }.tell();
        let sources = (self.sources.settle(&file.sources), Some(open::apart(&store_settings)?));
        serve(&settings, &probes, sources, registry, (random, watch), (tls, None), announce)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Warns if the certificate is not for the host by which clients reach the server.
fn warn_of_another_host(chain: &ServerChain, url: &BaseUrl) {
    let Some(host) = url.as_str().parse::<Uri>().ok().and_then(|url| url.host().map(str::to_owned)) else { return };
    if !chain.is_for(&host) {
        tracing::warn!(certificate.hosts = ?chain.hosts, "the server's certificate is not for {host}, the host of --public-url: clients refuse it");
    }
}

/// Returns the name of the registry: the given one, or else its public URL.
///
/// # Errors
/// If it is a sandbox's name, by which the next start would take the database for a sandbox's.
fn issuer(given: Option<IssuerName>, public_url: Option<&BaseUrl>) -> Result<Option<IssuerName>, Box<dyn Error>> {
    let of_url = || public_url.map(|url| url.as_str().parse()).transpose();
    let name = given.map_or_else(of_url, |given| Ok(Some(given)))?;
    match name {
        Some(name) if name.environment() == Environment::Sandbox => {
            Err(format!("{name} is a sandbox's name, because it lies under .test: give another --issuer or --public-url").into())
        }
        name => Ok(name),
    }
}

/// Warns of what is for one start only.
fn warn_of_left(left: [bool; 3]) {
    let words = [
        "--accept-clock (VASP_REGISTRY_ACCEPT_CLOCK) is set: a wrong time of day is taken as right; remove it after one start",
        "--create (VASP_REGISTRY_CREATE) is set although the registry exists: if its disk is lost, the next start begins an empty one",
        "--accept-fork (VASP_REGISTRY_ACCEPT_FORK) is set: a database that lost entries is taken as right; remove it after one start",
    ];
    left.into_iter().zip(words).filter(|(is_left, _)| *is_left).for_each(|(_, words)| tracing::warn!("{words}"));
}

/// How long a disconnected node's unfinished transaction keeps its locks. Short, because every write is answered within 6 seconds.
const HALF_TRANSACTION: Duration = Duration::from_secs(3);

/// How long background work may take at the end, and after how long a silence the database counts as hung.
///
/// Source: docs/faults.md: if background work still runs, the process ends after 1.5 s.
const LAST_WORK: Duration = Duration::from_millis(1_500);
const HUNG_MICROS: u64 = 1_000_000;

/// Ends the process if background work would keep it running for longer than `most`, or hangs in the database. What such work has not
/// committed is taken back, and done after the next start. Called when no client waits for an answer.
fn end_in_time(registry: Weak<Registry>, most: Duration) -> std::io::Result<()> {
    let watch = Stopwatch::start();
    let end = move || loop {
        let elapsed = Duration::from_micros(watch.elapsed_micros());
        std::thread::sleep(LAST_WORK.saturating_sub(elapsed).max(Duration::from_millis(100)));
        // A normal stop closes the database in the meantime; this thread must not keep it open.
        let Some(silent) = registry.upgrade().map(|registry| registry.directory().silent_micros()) else { return };
        let is_silent = silent >= HUNG_MICROS;
        if is_silent || elapsed >= most {
            let why = match is_silent {
                true => format!("the database has not answered for {} seconds", silent / 1_000_000),
                false => "it goes on after the next start".to_owned(),
            };
            drop(writeln!(std::io::stderr(), "the process ends before its work is finished: {why}"));
            std::process::exit(i32::from(is_silent));
        }
    };
    std::thread::Builder::new().name("end-in-time".to_owned()).spawn(end).map(drop)
}

/// Writes what is gathered in memory. What cannot be written is lost, as after a crash.
fn keep_counted(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) {
    let uses = crate::acts::keep_key_uses(registry, now, rng).and(crate::acts::keep_session_stamps(registry, now, rng));
    if let Err(error) = uses.and(super::flush_lossy(registry, now, rng)) {
        tracing::warn!(error.chain = error_chain(&error), "what was counted since the last time could not be written");
    }
}

/// Makes the keys before the first request, and signs what an earlier process left unsigned.
fn prepare_keys(registry: &Registry, now: UtcTime, random: &Random) -> Result<(), ServiceError> {
    match prepare_signing(registry, registry.directory().sequence(), now, &mut random.fork()) {
        // A machine may start before its clock is set. The keys are then made with the first write.
        Err(error) if error.is_of_the_clock() => tracing::warn!(error.chain = error_chain(&error), "nothing is signed yet"),
        prepared => drop(prepared?),
    }
    warn_of_another_name(registry);
    Ok(())
}

/// Serves a registry until the process is asked to stop.
pub(super) fn serve(
    settings: &ServerSettings,
    probes: &Probes,
    sources: (SourceSettings, Option<Apart>),
    registry: Arc<Registry>,
    (random, clock): (Arc<Random>, Arc<dyn Clock>),
    (tls, held): (Option<Arc<ServerTls>>, Option<Socket>),
    announce: impl FnOnce(SocketAddr) -> std::io::Result<()>,
) -> Result<(), Box<dyn Error>> {
    let max_connections = super::descriptors::connections_that_fit(settings.max_connections);
    let settings = &ServerSettings { max_connections, ..settings.clone() };
    prepare_keys(&registry, clock.now(), &random)?;
    let _tailer = follow_others(Arc::clone(&registry))?;
    let _next_day = prepare_days(Arc::clone(&registry), Arc::clone(&clock))?;
    let _timers = timers(&registry, &clock, &random)?;
    let _rechecker = recheck_domains(Arc::clone(&registry), Arc::clone(&clock), Arc::clone(&random))?;
    let _watch = watch_counterparties(Arc::clone(&registry), Arc::clone(&clock), Arc::clone(&random))?;
    let _rules = follow_approval_rules(Arc::clone(&registry), Arc::clone(&clock), Arc::clone(&random))?;
    let _courier = deliver_messages(Arc::clone(&registry), Arc::clone(&clock), &random)?;
    let _screener = screener(&registry, &clock, &random)?;
    let _certificate = tls.clone().map(|tls| keep_certificate(tls, Arc::clone(&clock))).transpose()?;
    let _prober = prober(probes, &registry, &clock, &random)?;
    let _sources = poll_sources(sources, &registry, &clock, &random)?;
    let _documents = sweep(&registry, &clock)?;
    let (asked, stopping) = (Arc::clone(&registry), Arc::downgrade(&registry));
    let _states = (super::readiness::watch(Arc::clone(&registry))?, super::readiness::keep_to_database(Arc::clone(&registry))?);
    let every = Duration::from_secs(settings.verify_interval_secs.into());
    let _file = super::readiness::look_for_damage(Arc::clone(&registry))?;
    let _verifier = verify_daily(Arc::clone(&registry), Arc::clone(&random), every)?;
    let _writes = watch_writes(&registry)?;
    let app = App {
        registry,
        public_read: settings.public_read,
        random,
        limits: Limits::of(settings),
        throttle: Throttle::new(settings, &LimiterClock(Arc::clone(&clock))),
        public_metrics: settings.public_metrics,
        registry_name: settings.registry_name.clone(),
        tls,
        readiness: Box::new(move || super::readiness::readiness(&asked)),
        clock,
    };
    // A sandbox that begins anew goes on in this process.
    let is_sandbox = app.registry.sandbox().is_some();
    let last = if is_sandbox { Duration::from_secs(settings.shutdown_timeout_secs.get().into()) } else { LAST_WORK };
    let (kept, at, drawn) = (Arc::clone(&app.registry), Arc::clone(&app.clock), Arc::clone(&app.random));
    let stopped = move || {
        end_in_time(stopping, last)?;
        // First what was counted: the rest of the work can be done again.
        keep_counted(&kept, at.now(), &mut drawn.fork());
        Ok(())
    };
    crate::serve::serve(settings, app, held, announce, stopped)?;
    Ok(())
}
