//! `sandbox`: serves an invented world on a database of its own, to try programs out. It begins anew when somebody asks it to.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use socket2::Socket;

use super::address::{links_to, take_address};
use super::marker::marked;
use super::preparations::Probes;
use super::{Outcome, ca, open, serve};
use crate::config::{FileOptions, LogOptions, OutboundOptions, ProbeOptions, ServerOptions, listen_address};
use crate::node::{Job, Registry};
use crate::sandbox::{self, Filled, ISSUER, Sandbox as World, Tools, serve_endpoint};
use crate::serve::stage_server::{unhurried, with_server};
use crate::telemetry;
use vasp_clock::{Clock, Random, ShiftedClock, SystemClock};
use vasp_outbound::{Outbound, TestNames};
use vasp_record::environment::Environment;
use vasp_store as store;
use vasp_words::host::accept_test_names;

/// Options of `sandbox`.
#[derive(Debug, clap::Args)]
pub(super) struct Sandbox {
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8080", env = "VASP_REGISTRY_LISTEN", value_parser = listen_address)]
    listen: SocketAddr,
    /// Folder of the sandbox's own database
    #[arg(long, value_name = "DIR", default_value = "data/sandbox", env = "VASP_REGISTRY_DATA")]
    data: PathBuf,
    #[command(flatten)]
    log: LogOptions,
}

/// What lies in the folder of a sandbox besides the files of the database.
const OTHERS: [&str; 6] = ["master-key", "documents", "root-ca-key.pem", "filled.json", "names.json", "changes.json"];

impl Sandbox {
    /// Runs the command.
    ///
    /// # Errors
    /// If the folder or the address cannot be used, or the folder holds another registry.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let Self { listen, data, log } = self;
        let _logging = telemetry::start(&log.settle(&file.log))?;
        std::fs::create_dir_all(&data).map_err(|e| format!("cannot create the folder {}: {e}", data.display()))?;
        accept_test_names();
        let _taken = take_folder(&data)?;
        let random = Arc::new(Random::from_system()?);
        // It goes on listening while the sandbox begins anew, so that no other program can take the port.
        let (held, listen) = take_address(listen)?;
        let place = Place { listen, held, folder: data };
        while place.serve_once(file, &random)? {
            wait_until_closed()?;
            remove(&place.folder)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Where a sandbox listens, and where it keeps its files.
struct Place {
    listen: SocketAddr,
    held: Socket,
    folder: PathBuf,
}

impl Place {
    /// Serves until the process is asked to stop, or somebody asks the sandbox to begin anew. Returns whether it is to begin anew.
    fn serve_once(&self, file: &FileOptions, random: &Arc<Random>) -> Result<bool, Box<dyn Error>> {
        let registry = Arc::new(self.open(file, random)?);
        let clock = registry.sandbox().map(|world| Arc::clone(&world.clock)).ok_or("the sandbox was not filled")?;
        let options = ServerOptions {
            listen: Some(self.listen),
            public_read: Some(true),
            public_metrics: Some(true),
            ..file.server.clone()
        };
        let settings = unhurried(options.settle(&file.server), sandbox::NAME);
        let probes = Probes::read(ProbeOptions::default().settle(&file.probes)?)?;
        let endpoint = registry.sandbox().map(|world| serve_endpoint(world.filled(), &world.names));
        let _endpoint = endpoint.transpose()?;
        let keys = open::keys(
            &open::in_folder(&self.folder, CACHED_CLAIMS, Environment::Sandbox)?,
            registry.store(),
            &mut random.fork(),
        )?;
        let (random, about) = (Arc::clone(random), Arc::clone(&registry));
        let acting = Arc::clone(&random);
        let _watch = stop_to_reset(&registry)?;
        let held = Some(self.held.try_clone()?);
        serve::serve(&settings, &probes, Default::default(), registry, (random, clock), (None, held), |address| {
            if let Some(world) = about.sandbox() {
                world.act_with(Tools { server: address, keys, random: acting });
            }
            greet(address, &about)
        })?;
        Ok(about.sandbox().is_some_and(World::is_to_reset))
    }

    /// Opens the sandbox; fills it if it is new, or if filling it was interrupted.
    fn open(&self, file: &FileOptions, random: &Arc<Random>) -> Result<Registry, Box<dyn Error>> {
        let kept = sandbox::read(&self.folder)?;
        if kept.is_none() {
            remove(&self.folder)?;
        }
        let settings = open::in_folder(&self.folder, CACHED_CLAIMS, Environment::Sandbox)?;
        let options = store::StoreOptions { create: kept.is_none(), migrate: true, ..store::StoreOptions::default() };
        let known = kept.as_ref().map(|(_, names)| names.all());
        let names = Arc::new(known.map_or_else(TestNames::default, TestNames::of));
        let outbound = Outbound::public(&OutboundOptions::default().settle(&file.outbound).dns_resolvers)?;
        let registry = open::registry(&settings, &options, random)?
            .calling_out(outbound.with_test_names(Arc::clone(&names)).on_this_machine())
            .issued_by(Some(ISSUER.parse()?))
            .links_to(links_to(self.listen));
        // The clock may have been moved before the last stop, and time never goes back.
        let clock = Arc::new(ShiftedClock::at(SystemClock.now().max(registry.pin(SystemClock.now()).as_of().plus_secs(1))));
        if let Some((filled, _)) = kept {
            return Ok(registry.as_sandbox(World::of(&self.folder, filled, clock, names)));
        }
        writeln!(std::io::stderr(), "First start: inventing firms, people and lists.")?;
        let registry = Arc::new(registry);
        let at: Arc<dyn Clock> = clock.clone();
        ca::init(&registry, "Sandbox VASP Registry", &self.folder.join("root-ca-key.pem"), at.now(), random)?;
        let keys = open::keys(&settings, registry.store(), &mut random.fork())?;
        let filled = with_server(&registry, Arc::clone(&at), Arc::clone(random), sandbox::NAME, |server| {
            sandbox::fill(&registry, &keys, &self.folder, &names, at.as_ref(), random, server)
        })??;
        let registry = alone(registry)?;
        Ok(registry.as_sandbox(World::of(&self.folder, filled, clock, names)))
    }
}

/// How many claims the index of a sandbox can hold.
const CACHED_CLAIMS: u64 = 1_000_000;

/// How often it is seen whether somebody asked to begin anew.
const RESET_INTERVAL: Duration = Duration::from_millis(200);

/// Stops the server, as SIGTERM does, once somebody asked the sandbox to begin anew.
fn stop_to_reset(registry: &Arc<Registry>) -> std::io::Result<Job> {
    let (registry, mut told) = (Arc::downgrade(registry), false);
    Job::every("reset", RESET_INTERVAL, move || {
        let asked = registry.upgrade().is_some_and(|registry| registry.sandbox().is_some_and(World::is_to_reset));
        // Once: a second signal would stop the server that fills the sandbox anew.
        if asked
            && !std::mem::replace(&mut told, true)
            && let Err(error) = kill_process(getpid(), Signal::TERM)
        {
            tracing::error!(%error, "the sandbox cannot begin anew");
        }
        Ok(())
    })
}

/// Marks an empty folder as a sandbox's, so that nothing else is ever removed from a folder. Returns what keeps other sandboxes out of it:
/// each would remove the other's files when it begins anew.
fn take_folder(folder: &Path) -> Result<File, Box<dyn Error>> {
    let (name, marker) = (folder.display(), folder.join("sandbox"));
    let mut entries = std::fs::read_dir(folder).map_err(|error| format!("cannot use the folder {name}: {error}"))?;
    if !marker.exists() && entries.next().is_some() {
        return Err(format!("{name} is not empty and not a sandbox's folder: give an empty one with --data").into());
    }
    match marked(&marker, "The files in this folder are a sandbox's. Everything in them is invented.\n")? {
        Some(marker) => Ok(marker),
        None => Err(format!("{name}: another `sandbox` serves it; give another folder with --data").into()),
    }
}

/// How often the threads of a stopped server are waited for; each time for two seconds.
const CLOSES: u32 = 30;

/// How often, and how long apart, it is seen whether the server that filled the sandbox has ended.
const ENDS: (u32, Duration) = (100, Duration::from_millis(100));

/// Waits until nobody else holds the registry: the threads of the server that filled it end by and by.
fn alone(mut registry: Arc<Registry>) -> Result<Registry, Box<dyn Error>> {
    for _ in 0..ENDS.0 {
        match Arc::try_unwrap(registry) {
            Ok(registry) => return Ok(registry),
            Err(shared) => registry = shared,
        }
        std::thread::sleep(ENDS.1);
    }
    Err("the server that filled the sandbox has not ended".into())
}

/// Waits until the threads of the server that was stopped have closed its database. SQLite fails if its files are replaced before that.
fn wait_until_closed() -> Result<(), Box<dyn Error>> {
    match (0..CLOSES).any(|_| vasp_store::wait_until_closed()) {
        true => Ok(()),
        false => Err("the sandbox cannot begin anew: its threads have not closed the old database".into()),
    }
}

/// Removes what a sandbox keeps in its folder, and nothing else.
fn remove(folder: &Path) -> std::io::Result<()> {
    let database = ["registry.db", "registry.db-wal", "registry.db-shm", "registry.db-lock", "registry.db-damaged"];
    for name in database.iter().chain(&OTHERS) {
        let path = folder.join(name);
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn greet(address: SocketAddr, registry: &Registry) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let filled = registry.sandbox().map(World::filled);
    let key = filled.and_then(|filled| filled.key("gateway")).unwrap_or_default();
    writeln!(out, "listening on http://{address}")?;
    writeln!(out, "\nThis is a sandbox: its firms, people and lists are invented. Its keys work nowhere else.")?;
    writeln!(out, "\nThe console: http://{address}/console/today")?;
    filled.into_iter().flat_map(Filled::sign_ins).try_for_each(|line| writeln!(out, "{line}"))?;
    writeln!(out, "\nA gateway key: {key}")?;
    writeln!(out, "\nTry:")?;
    writeln!(out, "  curl http://{address}/v1/sandbox/scenarios    # what to ask, and the answers")?;
    writeln!(
        out,
        "  curl -X POST http://{address}/v1/sandbox/clock -H 'Content-Type: application/json' -d '{{\"advance_secs\": 86400}}'"
    )?;
    writeln!(out, "  curl -X POST http://{address}/v1/sandbox/reset\n")
}
