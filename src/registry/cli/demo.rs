//! `demo`: serves an embedded database in a folder with public reading; loads it from the seed if it is empty, and has invented people act in
//! it. Prints the listening address, the age of the data, two gateway keys, and requests to try.

use std::error::Error;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use super::address::{links_to, take_address};
use super::marker::marked;
use super::preparations::Probes;
use super::{Outcome, ca, open, serve};
use crate::config::{FileOptions, LogOptions, OutboundOptions, ProbeOptions, ServerOptions, StoreSettings, listen_address};
use crate::imports::SeedPolicy;
use crate::node::Registry;
use crate::organisations::NewUser;
use crate::sandbox::demo::{self, NAME};
use crate::sandbox::{self, Files, Filled};
use crate::serve::stage_server::with_server;
use crate::telemetry;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_outbound::{Outbound, TestNames};
use vasp_record::environment::Environment;
use vasp_record::role::{OrganisationKind, Scope, UserKind};
use vasp_rules::screening::UN_SANCTIONS;
use vasp_store::{Store, StoreOptions};
use vasp_words::time::UtcTime;

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8080", env = "VASP_REGISTRY_LISTEN", value_parser = listen_address)]
    listen: SocketAddr,
    /// Folder of the database
    #[arg(long, value_name = "DIR", default_value = "data/demo", env = "VASP_REGISTRY_DATA")]
    data: PathBuf,
    /// Folder with the list of the United Nations, which is not in the program: consolidated.xml as published, or un.json.gz. Read at the
    /// first start, if it is there
    #[arg(long, value_name = "DIR", default_value = "seed/beside", env = "VASP_REGISTRY_BESIDE")]
    beside: PathBuf,
    #[command(flatten)]
    log: LogOptions,
}

/// The demo gateway's own VASP: Bitpanda GmbH, an Austrian entity of the seed's register. It is licensed to keep and transfer
/// crypto-assets.
const GATEWAY_LEI: &str = "5493007WZ7IFULIL8G21";

impl Demo {
    /// Runs the command.
    ///
    /// # Errors
    /// If the folder, the database or the address cannot be used.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        std::fs::create_dir_all(&self.data).map_err(|e| format!("cannot create the folder {}: {e}", self.data.display()))?;
        let filling = take_folder(&self.data)?;
        let kept = sandbox::read(&self.data)?;
        let log = self.log.settle(&file.log);
        let start_logging = || telemetry::start(&log);
        // At the first start, what the invented people do is nobody's news.
        let early = kept.is_some().then(&start_logging).transpose()?;
        // Before the seed is loaded, which takes a while.
        let (held, listen) = take_address(self.listen)?;
        let settings = open::in_folder(&self.data, 50_000_000, Environment::Demo)?;
        let random = Arc::new(Random::from_system()?);
        let store = fill(&settings, SeedPolicy::ForDemonstrations, &random)?;
        if kept.is_none() {
            assert_not_interrupted(&store, &self.data)?;
            let keys = &open::keys(&settings, &store, &mut random.fork())?;
            let files = Files { store: &store, keys, clock: &SystemClock, random: &random };
            demo::import_lists(&files, demo::list_beside(&self.beside)?)?;
        }
        let names = Arc::new(kept.as_ref().map_or_else(TestNames::default, |(_, names)| TestNames::of(names.all())));
        let outbound = Outbound::public(&OutboundOptions::default().settle(&file.outbound).dns_resolvers)?;
        let outbound = outbound.with_test_names(Arc::clone(&names));
        let registry = open::registry_in(store, &settings, &random)?.calling_out(outbound).links_to(links_to(listen));
        let registry = Arc::new(registry);
        let root_key = self.data.join("root-ca-key.pem");
        if !crate::ca::has_authorities(&registry)? && !root_key.exists() {
            ca::init(&registry, "Demo VASP Registry", &root_key, SystemClock.now(), &random)?;
        }
        let key = gateway_key(&registry, &self.data.join("gateway-key"), &random)?;
        let filled = match kept {
            Some((filled, _)) => filled,
            None => invent(&registry, &self.data, &names, &random)?,
        };
        drop(filling);
        let _logging = early.map_or_else(start_logging, Ok)?;
        let about = about(&registry, &self.data, &self.beside, SystemClock.now());
        let server =
            ServerOptions { listen: Some(listen), public_read: Some(true), public_metrics: Some(true), ..file.server.clone() };
        let mut settings = server.settle(&file.server);
        settings.registry_name = settings.registry_name.or_else(|| NAME.parse().ok());
        let mut probes = ProbeOptions::default().settle(&file.probes)?;
        // Nothing listens under the invented names.
        probes.enabled = false;
        let probes = Probes::read(probes)?;
        let greet = |address| greet(address, &about, &key, &filled);
        let clock = Arc::new(SystemClock);
        serve::serve(&settings, &probes, Default::default(), registry, (random, clock), (None, Some(held)), greet)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Takes a folder for a demo, and returns what keeps other demos from filling it.
fn take_folder(folder: &Path) -> Result<File, Box<dyn Error>> {
    let (name, there) = (folder.display(), |file: &str| folder.join(file).exists());
    if there("sandbox") {
        return Err(format!("{name} is a sandbox's folder, in which everything is invented: give another one with --data").into());
    }
    if there("registry.db") && !there(MARKER) && !there("filled.json") {
        return Err(format!("{name} holds a database that no demo made: give another folder with --data").into());
    }
    match marked(&folder.join(MARKER), "The files in this folder are a demo's.\n")? {
        Some(marker) => Ok(marker),
        None => Err(format!("{name}: another `demo` is filling it; wait until it listens").into()),
    }
}

/// The file that marks the folder of a demo.
pub(super) const MARKER: &str = "demo";

/// Refuses a folder in which an earlier start ended while invented people acted.
fn assert_not_interrupted(store: &Store, folder: &Path) -> Result<(), Box<dyn Error>> {
    let known = crate::organisations::stored_organisations(store)?;
    if known.iter().any(|organisation| organisation.name == demo::ORGANISATION) {
        let folder = folder.display();
        return Err(format!("the first start in {folder} was interrupted: remove that folder and start again").into());
    }
    Ok(())
}

/// Has invented people act, and writes the key of the gateway in the USA to a file that only its owner can read.
fn invent(registry: &Arc<Registry>, folder: &Path, names: &TestNames, random: &Arc<Random>) -> Result<Filled, Box<dyn Error>> {
    writeln!(std::io::stderr(), "Inventing a member, a gateway in the USA, and the people of the registry.")?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let filled = with_server(registry, Arc::clone(&clock), Arc::clone(random), NAME, |server| {
        demo::fill(registry, folder, names, clock.as_ref(), random, server)
    })??;
    write_private(&folder.join("us-gateway-key"), filled.key("us_gateway").unwrap_or_default())?;
    Ok(filled)
}

/// Opens the store, and loads the seed unless an earlier run loaded it completely.
pub(super) fn fill(settings: &StoreSettings, policy: SeedPolicy, random: &Random) -> Result<Store, Box<dyn Error>> {
    let store = open::store(settings, &StoreOptions { create: true, migrate: true, ..StoreOptions::default() })?;
    if crate::imports::is_seeded(&store)? {
        return Ok(store);
    }
    let keys = open::keys(settings, &store, &mut random.fork())?;
    // Before any claim is loaded: later it would read all of them again.
    crate::claims::keep_controllers(&store)?;
    let mut out = std::io::stderr();
    writeln!(out, "First start: loading the seed.")?;
    let on_terminal = out.is_terminal();
    let mut step = |file: &str, rows: u64| {
        let mut out = std::io::stderr();
        // A failure to print progress is ignored.
        let _ = match rows {
            0 => writeln!(out, "  {file}"),
            rows if on_terminal => write!(out, "\r  {file}: {rows} rows\r").and_then(|()| out.flush()),
            _ => Ok(()),
        };
    };
    let reports = crate::imports::load_seed((&store, &keys), policy, &mut step, SystemClock.now(), &mut random.fork())?;
    let rows: u64 = reports.iter().map(|r| r.read).sum();
    let rejected: usize = reports.iter().map(|r| r.rejected.len()).sum();
    writeln!(out, "Loaded {rows} rows ({rejected} rejected).")?;
    Ok(store)
}

/// Returns the demo gateway's API key: the existing one, or a new one in a file that only its owner can read.
fn gateway_key(registry: &Registry, path: &Path, random: &Random) -> Result<String, Box<dyn Error>> {
    let now = SystemClock.now();
    if let Ok(text) = std::fs::read_to_string(path)
        && crate::acts::authenticate(registry, &format!("Bearer {}", text.trim()), now).is_ok()
    {
        return Ok(text.trim().to_owned());
    }
    let vasp = registry.pin(now).records().with_lei(GATEWAY_LEI.parse()?).next().map(|record| record.id);
    let mut rng = random.fork();
    let organisation =
        crate::organisations::create_organisation(registry, "Demo gateway", OrganisationKind::Gateway, vasp, now, &mut rng)?;
    let user = NewUser { name: "demo".to_owned(), email: None, kind: UserKind::Machine, roles: vec![] };
    let user = crate::organisations::create_user(registry, organisation, &user, now, &mut rng)?;
    let scopes = [Scope::Resolve, Scope::Precheck];
    let key = crate::organisations::create_api_key(registry, user, &scopes, None, now, &mut rng)?;
    write_private(path, &key.text)?;
    Ok(key.text)
}

/// Writes a file that only its owner can read.
pub(super) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// Returns lines that say up to which day each source is known, and which list is missing.
fn about(registry: &Registry, data: &Path, beside: &Path, now: UtcTime) -> Vec<String> {
    let sources = crate::imports::list_sources(&registry.pin(now), now.date());
    let mut lines: Vec<String> = sources.iter().map(|source| format!("  {}", source.line())).collect();
    if !sources.iter().any(|source| source.known().0 == UN_SANCTIONS) {
        let (data, beside) = (data.display(), beside.display());
        lines.push(format!(
            "\nMissing: {UN_SANCTIONS}, which binds everywhere. The United Nations' terms of use forbid to hand it on for money, so it is not in \
             this program; the invented gateway says that it searched the list itself. Get consolidated.xml from the United Nations, and put it \
             into {beside} before the first start, or import it:\n  vasp-registry import un-consolidated consolidated.xml \
             --database sqlite://{data}/registry.db --master-key-file {data}/master-key"
        ));
    }
    lines
}

fn greet(address: SocketAddr, about: &[String], key: &str, filled: &Filled) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let text = |name| filled.key(name).unwrap_or_default();
    writeln!(out, "listening on http://{address}")?;
    writeln!(out, "\nSources:")?;
    about.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    writeln!(out, "\nA gateway key: {key}")?;
    writeln!(out, "The key of an invented gateway in the USA: {}", text("us_gateway"))?;
    writeln!(out, "\nThe console: http://{address}/console/today")?;
    filled.sign_ins().iter().try_for_each(|line| writeln!(out, "{line}"))?;
    writeln!(out, "\nTry:")?;
    writeln!(out, "  curl 'http://{address}/v1/resolve?subject=1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s&network=bitcoin'")?;
    writeln!(out, "  curl 'http://{address}/v1/vasps/{GATEWAY_LEI}'")?;
    writeln!(
        out,
        "  curl -X POST http://{address}/v1/prechecks -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\\n    -d '{{\"direction\": \"outgoing\", \"beneficiary\": {{\"vasp\": \"5299005V5GBSN2A4C303\"}}, \"transfer\": {{\"asset\": \"bip122:000000000019d6689c085ae165831e93/slip44:0\", \"amount\": \"0.1\"}}}}'"
    )?;
    writeln!(out, "  http://{address}/ shows what it knows; http://{address}/docs/api explains every route.\n")
}
