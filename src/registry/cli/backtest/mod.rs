//! `backtest`: asks about the transfers of a file, as if each went out today, and writes one page: how many would go, why the others would
//! not, and which decisions would change that. It reads the database on this machine, or the folder of a demo. Nothing leaves the machine and
//! nothing is recorded. Exit codes: 0 every row was read, 1 some were not, 2 refused or failed.

mod file;
mod judge;
mod page;
mod rows;
mod tally;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::report_file::ReportFile;
use super::{Outcome, open};
use crate::config::{FileOptions, StoreOptions};
use crate::precheck::Asking;
use file::text_of;
use judge::Judge;
use page::Page;
use rows::{not_read, read_rows};
use tally::Tally;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_record::environment::Environment;
use vasp_words::ids::OrganisationId;

/// Options of `backtest`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 every row was read; 1 some rows were not; 2 refused, failed, or not understood")]
pub(super) struct Backtest {
    /// A CSV file with a line of headings: `address`, then as far as known `network`, `asset`, `amount`, `currency`, `date`, `country` (of
    /// the other customer), `memo`
    #[arg(value_name = "FILE.CSV")]
    file: PathBuf,
    /// Your jurisdiction, whose law binds you, such as DE
    #[arg(long, value_name = "ID")]
    from: String,
    /// The organisation whose policy and decisions about counterparties count [default: none, and the registry's policy]
    #[arg(long, value_name = "ID", env = "VASP_REGISTRY_ORGANISATION")]
    organisation: Option<OrganisationId>,
    /// The page to write
    #[arg(long, value_name = "FILE.HTML", default_value = "backtest.html", env = "VASP_REGISTRY_REPORT")]
    report: PathBuf,
    /// The folder of a demo, if no database is configured
    #[arg(long, value_name = "DIR", default_value = "data/demo", env = "VASP_REGISTRY_DATA")]
    data: PathBuf,
    #[command(flatten)]
    store: StoreOptions,
}

impl Backtest {
    /// Runs the command.
    ///
    /// # Errors
    /// If the file cannot be read, the database cannot be used, or the page cannot be written.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let name = self.file.display().to_string();
        let now = SystemClock.now();
        let bytes = std::fs::read(&self.file).map_err(|error| format!("cannot read {name}: {error}"))?;
        let text = text_of(bytes).map_err(|error| format!("{name}: {error}"))?;
        let (rows, unread) = read_rows(&text, &self.from, now.date()).map_err(|error| format!("{name}: {error}"))?;
        let random = Random::from_system()?;
        let mut settings = self.store.settle(&file.store);
        if settings.database.is_none() {
            if !self.data.join("registry.db").exists() {
                let folder = self.data.display();
                return Err(format!(
                    "no database is configured and {folder} has no demo: give --database, or start `vasp-registry demo` first"
                )
                .into());
            }
            settings = open::in_folder(&self.data, settings.claim_index_limit, Environment::Demo)?;
        }
        let mut report = ReportFile::open(&self.report, '<')?;
        say_what_is_read(&name, &text, rows.len(), unread.len())?;
        let registry = open::registry_to_read(&settings, &random)?;
        let asking = match self.organisation {
            None => Asking::beside_the_database(now),
            Some(id) => {
                let known = crate::organisations::stored_organisations(registry.store())?;
                let organisation = known.iter().find(|organisation| organisation.id == id);
                let organisation = organisation.ok_or_else(|| format!("there is no organisation {id}"))?;
                Asking::on_behalf_of(id, organisation.vasp, now)
            }
        };
        let judge = Judge::new(&registry, asking, now);
        let mut rng = random.fork();
        let tally = Tally::of(&judge, &rows, unread, &mut rng)?;
        let page = Page { name: &name, from: &self.from, now, tally: &tally, registry: &registry };
        let html = page.html()?;
        report.write(html.as_bytes(), "the records were judged")?;
        let mut out = std::io::stdout();
        for sentence in tally.sentences() {
            writeln!(out, "{sentence}")?;
        }
        if !tally.unread.is_empty() {
            writeln!(out, "{} rows could not be read; the page lists them.", tally.unread.len())?;
        }
        writeln!(out, "The page: {}", self.report.display())?;
        Ok(ExitCode::from(u8::from(!tally.unread.is_empty())))
    }
}

fn say_what_is_read(name: &str, text: &str, rows: usize, unread: usize) -> std::io::Result<()> {
    let (mut out, left, all) = (std::io::stderr(), not_read(text), rows.saturating_add(unread));
    if !left.is_empty() {
        writeln!(out, "These columns of {name} are not read: {}.", left.join(", "))?;
    }
    writeln!(out, "Read {rows} of {all} rows of {name}. Loading the registry; a large one takes a minute …")
}
