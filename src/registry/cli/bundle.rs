//! `bundle`: makes, checks and applies a bundle of data. Exit codes: `make` 0 made; `verify` 0 it is whole and signed, 1 it is not; `apply` 0
//! applied, 1 applied with rows that were rejected or are held. All: 2 refused or failed.

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use super::{Outcome, open, table, warn_of_shrink};
use crate::bundles::{
    Bundle, BundleError, BundleFile, BundleGround, Manifest, Pinned, begin, finish, import_bundle, make_bundle, read_pinned,
};
use crate::config::{FileOptions, LogOptions, StoreOptions};
use crate::imported::ImportReport;
use crate::telemetry;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_pki::jose::thumbprint;
use vasp_pki::{PublicKey, SigningKey};
use vasp_store as store;
use vasp_store::{Store, WriteMode, open_to_others};
use vasp_words::error_chain::error_chain;

const MICROS: i64 = 1_000_000;

/// Bundles of data: reference documents in one signed file.
#[derive(Debug, clap::Subcommand)]
pub(super) enum BundleCommand {
    /// Makes a bundle of the documents that `bundle.json` in a folder describes
    Make(Make),
    /// Checks the signature, the manifest and every file of a bundle; changes nothing
    Verify(Verify),
    /// Says what a bundle would change, and imports it
    Apply(Apply),
}

/// Options of `bundle make`.
#[derive(Debug, clap::Args)]
pub(super) struct Make {
    /// The folder with the documents, and `bundle.json`, which describes them
    folder: PathBuf,
    /// The private key: Ed25519 as PEM, as `openssl genpkey -algorithm ed25519` writes it
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_KEY")]
    key: PathBuf,
    /// The bundle, which must not exist yet
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_OUT")]
    out: PathBuf,
    /// A number of at most 4294967295, larger than that of every bundle before; the seconds since 1970 if you leave it out
    #[arg(long, value_name = "N", env = "VASP_REGISTRY_SERIAL")]
    serial: Option<u32>,
}

/// Options of `bundle verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// The bundle
    file: PathBuf,
    /// The public key of the publisher as PEM; without it, the key that the registry of --database pinned
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_KEY")]
    key: Option<PathBuf>,
    #[command(flatten)]
    store: StoreOptions,
}

/// Options of `bundle apply`.
#[derive(Debug, clap::Args)]
pub(super) struct Apply {
    /// The bundle
    file: PathBuf,
    /// The public key of the publisher as PEM. It replaces the key that was pinned before
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_KEY")]
    key: Option<PathBuf>,
    /// Say what would change, and write nothing
    #[arg(long, env = "VASP_REGISTRY_DRY_RUN")]
    dry_run: bool,
    /// Apply it without asking
    #[arg(long)]
    yes: bool,
    /// Accept a register or list that lost more than 5 % of its entries, or of whose rows less than 95 % can be read
    #[arg(long, env = "VASP_REGISTRY_ACCEPT_SHRINK")]
    accept_shrink: bool,
    /// How long to wait for another process that writes to the database
    #[arg(long, value_name = "SECS", default_value = "30", env = "VASP_REGISTRY_LOCK_TIMEOUT_SECS")]
    lock_timeout_secs: NonZeroU16,
    #[command(flatten)]
    store: StoreOptions,
    #[command(flatten)]
    log: LogOptions,
}

impl BundleCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// If a file, the key or the database cannot be used, or the bundle is refused.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        match self {
            Self::Make(make) => make.run(),
            Self::Verify(verify) => verify.run(file),
            Self::Apply(apply) => apply.run(file),
        }
    }
}

impl Make {
    fn run(self) -> Outcome {
        let path = self.key.display();
        if let Some(mode) = open_to_others(&self.key).map_err(|error| format!("cannot read {path}: {error}"))? {
            return Err(
                format!("the key {path} has mode {mode:04o}, so other users can access it: run `chmod 600 {path}`").into()
            );
        }
        let wrong =
            |_| format!("{} is no Ed25519 key as PEM: make one with `openssl genpkey -algorithm ed25519`", self.key.display());
        let key = SigningKey::from_pem(&read(&self.key)?).map_err(wrong)?;
        let now = SystemClock.now();
        let serial = self.serial.unwrap_or_else(|| u32::try_from(now.micros() / MICROS).unwrap_or_default());
        let manifest = make_bundle(&self.folder, &key, now, serial, &self.out)?;
        let (out, files) = (self.out.display(), manifest.files.len());
        writeln!(std::io::stdout(), "{out}: {files} documents, serial {serial}, signed by the key {}", key.id())?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Verify {
    fn run(self, file: &FileOptions) -> Outcome {
        let settings = self.store.settle(&file.store);
        let pinned = match (&self.key, &settings.database) {
            (Some(path), _) => Some(given(path)?),
            (None, Some(_)) => {
                read_pinned(&open::store_to_read(&settings)?)?.map(|pinned| (pinned.key, format!("since {}", pinned.since)))
            }
            (None, None) => None,
        };
        let mut out = std::io::stdout();
        match verified(&self.file, pinned) {
            Ok(bundle) => {
                describe(&mut out, &bundle)?;
                Ok(ExitCode::SUCCESS)
            }
            Err(error @ BundleError::File { .. }) => Err(error.into()),
            Err(error) => {
                writeln!(out, "not valid: {}", error_chain(&error))?;
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

/// Opens and checks a whole bundle. `pinned` is the only key that is taken, and since when or by what.
fn verified(path: &Path, pinned: Option<(String, String)>) -> Result<Bundle, BundleError> {
    let mut bundle = Bundle::open(path)?;
    if let Some((wanted, since)) = pinned.filter(|(wanted, _)| wanted != bundle.key()) {
        return Err(BundleError::Key { found: bundle.key().to_owned(), wanted, since });
    }
    bundle.check_files()?;
    Ok(bundle)
}

/// Says what a bundle has.
fn describe(out: &mut impl Write, bundle: &Bundle) -> std::io::Result<()> {
    let Manifest { made_at, serial, files, .. } = bundle.manifest();
    writeln!(out, "{} documents, serial {serial}, made at {made_at}, signed by the key {}", files.len(), bundle.key())?;
    let row = |file: &BundleFile| {
        let document = &file.document;
        [document.path.clone(), document.as_of.to_string(), document.licence.clone(), document.publisher.clone()]
    };
    table::print(["document", "as of", "licence", "publisher"], &files.iter().map(row).collect::<Vec<_>>())
}

impl Apply {
    fn run(self, file: &FileOptions) -> Outcome {
        let _logging = telemetry::start(&self.log.clone().settle(&file.log))?;
        let settings = self.store.clone().settle(&file.store);
        let lock_timeout = Duration::from_secs(self.lock_timeout_secs.get().into());
        let store = open::store_to_write(&settings, &store::StoreOptions { lock_timeout, ..store::StoreOptions::default() })?;
        let random = Random::from_system()?;
        let keys = open::keys_for(&settings, &store, !self.dry_run, &mut random.fork())?;
        let seen = read_pinned(&store)?;
        let wanted = match (&self.key, &seen) {
            (Some(path), _) => Some(given(path)?),
            (None, Some(pinned)) => Some((pinned.key.clone(), format!("since {}", pinned.since))),
            (None, None) => None,
        };
        let is_first = wanted.is_none();
        let mut bundle = verified(&self.file, wanted)?;
        let today = SystemClock.now().date();
        let pinned = match &seen {
            Some(held) if held.key == bundle.key() => held.clone(),
            held => {
                let (last, begun) = held.as_ref().map_or((None, None), |held| (held.last, held.begun));
                Pinned { key: bundle.key().to_owned(), since: today, last, begun }
            }
        };
        pinned.admit(bundle.key(), bundle.manifest())?;
        let mut out = std::io::stdout();
        describe(&mut out, &bundle)?;
        warn_of_shrink(self.accept_shrink)?;
        let ground = BundleGround { store: &store, keys: &keys, mode: WriteMode::Rehearse, accept_shrink: self.accept_shrink };
        let clock = || SystemClock.now();
        writeln!(out, "\nWhat it changes:")?;
        changes(&import_bundle(ground, &mut bundle, &clock, &mut random.fork())?)?;
        if is_first {
            let key = bundle.key();
            writeln!(out, "\nNo bundle was applied before: this pins the key {key}. Compare it with what its publisher says.")?;
        }
        if self.dry_run {
            writeln!(out, "\nDry run: nothing was written.")?;
            return Ok(ExitCode::SUCCESS);
        }
        self.confirm()?;
        // From here on no older bundle passes, also if this one is not finished: it can be applied again.
        let pinned = Pinned { begun: Some((bundle.manifest().serial, today)), ..pinned };
        begin(&store, seen.as_ref(), &pinned, clock(), &mut random.fork())?;
        let reports = import_bundle(BundleGround { mode: WriteMode::Keep, ..ground }, &mut bundle, &clock, &mut random.fork())?;
        finish(&store, &pinned, clock(), &mut random.fork())?;
        say(&store, &reports)
    }

    /// Asks whether to go on, unless that was said before.
    fn confirm(&self) -> Result<(), Box<dyn Error>> {
        if self.yes {
            return Ok(());
        }
        let not_applied = "nothing was written: give --yes to apply it, or --dry-run to see what it changes";
        if !std::io::stdin().is_terminal() {
            return Err(not_applied.into());
        }
        let mut err = std::io::stderr();
        write!(err, "\nApply it? [y/N] ")?;
        err.flush()?;
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        if matches!(line.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(not_applied.into()) }
    }
}

/// Says what came of it.
fn say(store: &Store, reports: &[ImportReport]) -> Outcome {
    let sequence = store.read::<_, store::StoreError>(|conn| conn.log_head())?.sequence;
    let changes: u64 = reports.iter().map(|report| report.log_changes).sum();
    writeln!(std::io::stdout(), "\nApplied: {changes} changes of the log, now at sequence {sequence}.")?;
    Ok(ExitCode::from(reports.iter().map(ImportReport::exit_code).max().unwrap_or(0)))
}

/// Prints what each document changes, or would change.
fn changes(reports: &[ImportReport]) -> std::io::Result<()> {
    let row = |report: &ImportReport| {
        let proposal = report.proposal.as_ref().filter(|proposal| proposal.is_new);
        let waits =
            proposal.map_or_else(String::new, |proposal| format!("{} changes, for two people to decide", proposal.changes.len()));
        let day = report.observed_on.map_or_else(|| "-".to_owned(), |day| day.to_string());
        let numbers =
            [report.read, report.taken, report.unchanged, report.rejected_count(), report.new, report.changed, report.vanished];
        let [read, taken, unchanged, rejected, new, changed, vanished] = numbers.map(|number| number.to_string());
        [report.file.clone(), day, read, taken, unchanged, rejected, new, changed, vanished, waits]
    };
    let heads = ["document", "day", "rows", "taken", "unchanged", "rejected", "new", "changed", "vanished", ""];
    table::print(heads, &reports.iter().map(row).collect::<Vec<_>>())
}

/// Returns the id of a public key that was given, and what says so.
fn given(path: &Path) -> Result<(String, String), Box<dyn Error>> {
    let wrong = |error| format!("{} is no public key: {error}", path.display());
    let key = PublicKey::from_pem(&read(path)?).map_err(wrong)?;
    Ok((thumbprint(&key), format!("by {}", path.display())))
}

fn read(path: &Path) -> Result<String, Box<dyn Error>> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}
