//! Opens what commands work on: the store, the master key file, and the registry over both.

use std::collections::BTreeSet;
use std::error::Error;
use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand_core::RngCore;

use crate::claims::keep_controllers;
use crate::config::{CertificateSettings, CreateOptions, DatabaseUrl, OidcOptions, SignInSettings, StoreSettings};
use crate::directory::ClaimIndexOptions;
use crate::node::Registry;
use crate::node::clock::assert_right_clock;
use crate::sources::Apart;
use crate::transparency::environment_of;
use vasp_clock::{Clock, ClockWatch, Random, SystemClock};
use vasp_log::Sealer;
use vasp_outbound::Provider;
use vasp_pki::MasterKeys;
use vasp_pki::x509::RootSets;
use vasp_record::certificate::RootSet;
use vasp_record::environment::Environment;
use vasp_store::{
    Conn, Store, StoreError, StoreOptions, exposures, folder_of, is_in_memory, open_to_others, program_day, sync_folder_of,
    with_suffix,
};
use vasp_words::time::UtcTime;

/// Returns the database address of the settings.
pub(super) fn database(settings: &StoreSettings) -> Result<DatabaseUrl, Box<dyn Error>> {
    let named = settings.database.as_ref();
    Ok(named.ok_or("no database is configured: give --database sqlite://FILE or --database postgres://…")?.read()?)
}

/// Tells whether a SQLite file exists and is not empty.
pub(super) fn exists(database: &DatabaseUrl) -> bool {
    matches!(database, DatabaseUrl::Sqlite(path) if path.metadata().is_ok_and(|file| file.len() > 0))
}

/// Returns whether a new registry may be created: only with `--create`, and if nothing of another registry is beside the missing
/// database.
pub(super) fn may_create(settings: &StoreSettings, CreateOptions { create }: CreateOptions) -> Result<bool, Box<dyn Error>> {
    let url = database(settings)?;
    let DatabaseUrl::Sqlite(database) = &url else { return Ok(create) };
    if !create || exists(&url) {
        return Ok(create);
    }
    let beside = |suffix| Some(with_suffix(database, suffix));
    let holds = |path: &PathBuf| match std::fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => path.exists(),
    };
    let left =
        [(beside(".master-key"), "a master key"), (beside("-wal"), "the write-ahead log"), (documents(settings)?, "documents")];
    match left.into_iter().find_map(|(path, what)| Some((path.filter(holds)?, what))) {
        Some((path, what)) => Err(format!(
            "there is no database {}, but {} holds {what} of one: put the database back or `restore` a backup; to create a new registry, move that away",
            database.display(),
            path.display()
        )
        .into()),
        None => Ok(true),
    }
}

/// Returns the settings of an embedded database in a folder, with its master key and its documents beside it.
pub(super) fn in_folder(
    folder: &Path,
    claim_index_limit: u64,
    environment: Environment,
) -> Result<StoreSettings, Box<dyn Error>> {
    Ok(StoreSettings {
        database: Some(format!("sqlite://{}", folder.join("registry.db").display()).parse()?),
        database_replica: None,
        master_key_file: Some(folder.join("master-key")),
        readable_master_key: false,
        documents: Some(folder.join("documents")),
        claim_index_limit,
        accept_clock: false,
        environment,
    })
}

/// Opens the store.
pub(super) fn store(settings: &StoreSettings, options: &StoreOptions) -> Result<Store, Box<dyn Error>> {
    let url = database(settings)?;
    let store = store_at(&url, options)?;
    check_whose(&store, settings)?;
    warn_if_exposed(&url)?;
    match &settings.database_replica {
        Some(replica) => Ok(store.with_replica(&replica.read()?, options.readers)?),
        None => Ok(store),
    }
}

/// Opens the store for a command that writes.
pub(super) fn store_to_write(settings: &StoreSettings, options: &StoreOptions) -> Result<Store, Box<dyn Error>> {
    let store = store(settings, options)?;
    if !settings.accept_clock {
        assert_right_clock(&store)?;
    }
    Ok(store)
}

/// Refuses the database of a sandbox to commands for real work, so that nobody takes what is invented for real, and any other database to
/// `sandbox`.
fn check_whose(store: &Store, settings: &StoreSettings) -> Result<(), Box<dyn Error>> {
    let (found, url) = (environment_of(store)?, database(settings)?);
    match (settings.environment, found) {
        (Environment::Sandbox, Some(Environment::Live | Environment::Demo)) => {
            Err(format!("{url} is not a sandbox's database: give an empty folder with --data").into())
        }
        (Environment::Live | Environment::Demo, Some(Environment::Sandbox)) => {
            let why = "is a sandbox's database, in which everything is invented: `vasp-registry sandbox` serves it";
            Err(format!("{url} {why}").into())
        }
        _ => Ok(()),
    }
}

/// Logs a warning of each way in which other users get at a database's files.
fn warn_if_exposed(url: &DatabaseUrl) -> std::io::Result<()> {
    if let DatabaseUrl::Sqlite(path) = url {
        exposures(path)?.iter().for_each(|how| tracing::warn!("{how}"));
    }
    Ok(())
}

/// Logs a warning if a database is lost with the machine's memory.
pub(super) fn warn_if_in_memory(url: &DatabaseUrl) -> std::io::Result<()> {
    if let DatabaseUrl::Sqlite(path) = url
        && is_in_memory(folder_of(path))?
    {
        let path = path.display();
        tracing::warn!("the database {path} is kept in memory, so a restart of the machine loses it: move it to a disk");
    }
    Ok(())
}

/// Opens a store by its address alone, for copies. If the clock is watched, the watch dates the changes. So a change that began before a
/// clock jump and is appended after it still gets the right time.
pub(super) fn store_at(url: &DatabaseUrl, options: &StoreOptions) -> Result<Store, Box<dyn Error>> {
    let clock: Arc<dyn Clock> = match &options.clock {
        Some(watch) => Arc::<ClockWatch>::clone(watch),
        None => {
            assert_clock_is_set(SystemClock.now())?;
            Arc::new(SystemClock)
        }
    };
    Ok(Store::open(url, options, Arc::new(Sealer::dated_by(clock)))?)
}

/// Checks a database whose damage was noted before, and says that it is whole.
pub(super) fn check_after_damage(database: &DatabaseUrl) -> Result<(), Box<dyn Error>> {
    if vasp_store::check_after_damage(database)? {
        tracing::info!("damage of the database was noted, and its file has passed SQLite's check: the server writes again");
    }
    Ok(())
}

/// Refuses a time of day that cannot be right, as that of a machine that starts without one: what is written would keep it.
fn assert_clock_is_set(now: UtcTime) -> Result<(), Box<dyn Error>> {
    match now >= program_day() {
        true => Ok(()),
        false => Err(format!("the clock of this machine shows {now}, a time before this program was made: set the clock").into()),
    }
}

/// Returns how a server starts a process that imports into its database.
pub(super) fn apart(settings: &StoreSettings) -> Result<Apart, Box<dyn Error>> {
    let mut environment = vec![("VASP_REGISTRY_DATABASE", OsString::from(database(settings)?.whole()))];
    environment.push(("VASP_REGISTRY_MASTER_KEY_FILE", key_file(settings)?.into_os_string()));
    environment.push(("VASP_REGISTRY_READABLE_MASTER_KEY", settings.readable_master_key.to_string().into()));
    environment.extend(settings.accept_clock.then(|| ("VASP_REGISTRY_ACCEPT_CLOCK", "true".into())));
    // On Linux the program that runs, whatever lies at its path by now: an upgrade exchanges it before the server is restarted.
    let running = PathBuf::from("/proc/self/exe");
    let program = if running.exists() { running } else { std::env::current_exe()? };
    Ok(Apart { program, environment })
}

/// Opens the store for a read-only command; it works even if the file, folder and disk do not allow writes.
pub(super) fn store_to_read(settings: &StoreSettings) -> Result<Store, Box<dyn Error>> {
    let (url, sealer) = (database(settings)?, Arc::new(Sealer::dated_by(Arc::new(SystemClock))));
    let store = Store::open_to_read(&url, StoreOptions::default().readers, sealer)?;
    warn_if_exposed(&url)?;
    Ok(store)
}

/// Opens the registry for a command that answers questions and writes nothing. New keys are not stored.
pub(super) fn registry_to_read(settings: &StoreSettings, random: &Random) -> Result<Registry, Box<dyn Error>> {
    check_whose(&store_to_read(settings)?, settings)?;
    registry_to_inspect(settings, random)
}

/// Opens the registry, whosever it is, for a command that looks whether it can be opened.
pub(super) fn registry_to_inspect(settings: &StoreSettings, random: &Random) -> Result<Registry, Box<dyn Error>> {
    let mut rng = random.fork();
    let store = store_to_read(settings)?;
    let keys = keys_for(settings, &store, false, &mut rng)?;
    registry_over(store, keys, settings, &mut rng)
}

/// Opens the store, and the registry on top of it.
pub(super) fn registry(settings: &StoreSettings, options: &StoreOptions, random: &Random) -> Result<Registry, Box<dyn Error>> {
    registry_in(store(settings, options)?, settings, random)
}

/// Opens the registry for a command that writes.
pub(super) fn registry_to_write(settings: &StoreSettings, random: &Random) -> Result<Registry, Box<dyn Error>> {
    registry_in(store_to_write(settings, &StoreOptions::default())?, settings, random)
}

/// Opens the registry on top of an open store.
pub(super) fn registry_in(store: Store, settings: &StoreSettings, random: &Random) -> Result<Registry, Box<dyn Error>> {
    let mut rng = random.fork();
    let keys = keys(settings, &store, &mut rng)?;
    keep_controllers(&store)?;
    registry_over(store, keys, settings, &mut rng)
}

fn registry_over(
    store: Store,
    keys: MasterKeys,
    settings: &StoreSettings,
    rng: &mut dyn RngCore,
) -> Result<Registry, Box<dyn Error>> {
    let index = ClaimIndexOptions {
        memory_claims: i64::try_from(settings.claim_index_limit).unwrap_or(i64::MAX),
        ..ClaimIndexOptions::default()
    };
    let registry = Registry::open(store, keys, index, SystemClock.now(), rng)?;
    Ok(registry.with_documents(documents(settings)?))
}

/// Sets up the OpenID providers of the configuration file; contacts none of them yet.
pub(super) fn providers(settings: &SignInSettings, options: &[OidcOptions]) -> Result<Vec<Provider>, Box<dyn Error>> {
    let mut names = BTreeSet::new();
    if let Some(twice) = options.iter().find(|provider| !names.insert(provider.name.as_str())) {
        return Err(format!("two OpenID providers have the name `{}`", twice.name).into());
    }
    let made = options.iter().map(|provider| Provider::new(provider, settings.public_url.as_str()));
    Ok(made.collect::<Result<_, _>>()?)
}

/// Reads the root certificates that are trusted for members' certificates: those of the web, and those of the configured files.
pub(super) fn roots(settings: &CertificateSettings) -> Result<RootSets, Box<dyn Error>> {
    let mut roots = RootSets::web_pki();
    for (set, file) in [(RootSet::Trisa, &settings.trisa_roots), (RootSet::Private, &settings.private_roots)] {
        let Some(file) = file else { continue };
        let pem = std::fs::read(file).map_err(|error| format!("cannot read the roots in {}: {error}", file.display()))?;
        roots.add(set, &pem).map_err(|error| format!("cannot use the roots in {}: {error}", file.display()))?;
    }
    Ok(roots)
}

/// Returns the master keys of the settings: those of the file, or new ones if neither the file nor any wrapped key exists yet.
pub(super) fn keys(settings: &StoreSettings, store: &Store, rng: &mut dyn RngCore) -> Result<MasterKeys, Box<dyn Error>> {
    keys_for(settings, store, true, rng)
}

/// As [`keys`]; for a command that stores nothing, new keys stay in memory.
pub(super) fn keys_for(
    settings: &StoreSettings,
    store: &Store,
    keep: bool,
    rng: &mut dyn RngCore,
) -> Result<MasterKeys, Box<dyn Error>> {
    let path = key_file(settings)?;
    let unused = !store.read::<_, StoreError>(Conn::has_wrapped_keys)?;
    if unused && !keep && !path.exists() {
        return Ok(MasterKeys::generate(rng));
    }
    let keys = master_keys(&path, unused, rng)?;
    owners_alone("master key", &path, settings.readable_master_key)?;
    Ok(keys)
}

/// Returns the master keys of the settings if their file exists; makes none.
pub(super) fn keys_at_hand(settings: &StoreSettings) -> Result<Option<MasterKeys>, Box<dyn Error>> {
    let Ok(path) = key_file(settings) else { return Ok(None) };
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            owners_alone("master key", &path, settings.readable_master_key)?;
            Ok(Some(MasterKeys::parse(&text)?))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("the master key file {} cannot be read: {error}", path.display()).into()),
    }
}

/// Refuses a key file that users other than its owner may read or write, unless the operator allowed this (`readable`).
pub(super) fn owners_alone(what: &str, path: &Path, readable: bool) -> Result<(), Box<dyn Error>> {
    let found = open_to_others(path).map_err(|error| format!("the {what} file {} cannot be read: {error}", path.display()))?;
    let Some(mode) = found.filter(|_| !readable) else { return Ok(()) };
    let path = path.display();
    let mend = format!("run `chmod 600 {path}`, or give --readable-master-key if that is not possible");
    Err(format!("the {what} file {path} has mode {mode:04o}, so other users can access it: {mend}").into())
}

/// Returns the folder of documents; by default it is beside a SQLite file. PostgreSQL nodes share one folder, so there is none unless it
/// is configured.
pub(super) fn documents(settings: &StoreSettings) -> Result<Option<PathBuf>, Box<dyn Error>> {
    match (&settings.documents, database(settings)?) {
        (Some(path), _) => Ok(Some(path.clone())),
        (None, DatabaseUrl::Sqlite(path)) => Ok(Some(with_suffix(&path, ".documents"))),
        (None, DatabaseUrl::Postgres(_)) => Ok(None),
    }
}

/// Returns the master key file of the settings; by default it is beside a SQLite file. PostgreSQL nodes share one, so it must be
/// configured.
fn key_file(settings: &StoreSettings) -> Result<PathBuf, Box<dyn Error>> {
    match (&settings.master_key_file, database(settings)?) {
        (Some(path), _) => Ok(path.clone()),
        (None, DatabaseUrl::Sqlite(path)) => Ok(with_suffix(&path, ".master-key")),
        (None, DatabaseUrl::Postgres(_)) => {
            Err("no master key file is configured: give --master-key-file FILE, the same file on every node".into())
        }
    }
}

/// Reads the master keys. If there is no file and `may_make` says that nothing was wrapped yet, makes a file with a first key. Only its
/// owner can read that file, and it is complete on disk before it gets its name.
fn master_keys(path: &Path, may_make: bool, rng: &mut dyn RngCore) -> Result<MasterKeys, Box<dyn Error>> {
    let read = || std::fs::read_to_string(path);
    match read() {
        Ok(text) => return Ok(MasterKeys::parse(&text)?),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(format!("the master key file {} cannot be read: {error}", path.display()).into());
        }
        Err(_) if !may_make => {
            let what = "it encrypts keys in the database, which a new master key could not open";
            return Err(format!("the master key file {} is missing: {what}; put it back", path.display()).into());
        }
        Err(_) => {}
    }
    let draft = folder_of(path).join(format!(".master-key-{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(MasterKeys::generate(rng).to_text().as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        // Another process made the file first; its key is used.
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
        _ => sync_folder_of(path)?,
    }
    Ok(MasterKeys::parse(&read()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_key_is_made_once_and_a_lost_one_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let random = Random::seeded(1);

        assert!(master_keys(&path, false, &mut random.fork()).unwrap_err().to_string().contains("put it back"));
        let made = master_keys(&path, true, &mut random.fork()).unwrap().to_text();
        let read = master_keys(&path, true, &mut random.fork()).unwrap().to_text();

        assert_eq!(made, read);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(open_to_others(&path).unwrap(), None);
    }
}
