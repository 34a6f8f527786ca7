//! `init`: makes a registry that one firm runs for itself. Six questions; whatever is given as an option is not asked. Then it does what the
//! operator's page does by hand: a configuration file, the database with the data that comes with the program, the organisation with its
//! first two people, the firm's own gateway, and `doctor`. Everything is checked before the first write. Asking again is safe: what is
//! there is kept, only what is missing is made, and other answers than before are refused.
//! Exit codes: 0 done, 1 done and `doctor` found something that failed, 2 refused or failed.

mod answers;
mod checks;
mod people;
mod reach;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Parser;

use super::credentials::find_vasp;
use super::demo::{fill, write_private};
use super::{Arguments, Outcome, execute, open};
use crate::config::{FileOptions, StoreOptions};
use crate::imports::SeedPolicy;
use crate::node::Registry;
use crate::organisations::NewUser;
use answers::{Answers, Lists};
use checks::{check_answers, check_folder};
use people::invited;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_record::role::{OrganisationKind, Scope, UserKind, UserState};
use vasp_store as store;
use vasp_store::UserRow;
use vasp_words::ids::{OrganisationId, VaspId};

/// Options of `init`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 done; 1 done, and `doctor` found something that failed; 2 refused, failed, or not understood"
)]
pub(super) struct Init {
    /// The folder of the registry: its configuration, its database and its keys
    #[arg(long, value_name = "DIR", default_value = "registry", env = "VASP_REGISTRY_DATA")]
    data: PathBuf,
    #[command(flatten)]
    given: answers::Given,
}

impl Init {
    /// Runs the command.
    ///
    /// # Errors
    /// If an answer is missing or not understood, or a step fails.
    pub(super) fn run(self) -> Outcome {
        let folder = &std::path::absolute(&self.data)?;
        check_folder(folder)?;
        let answers = Answers::ask(self.given)?;
        let config = folder.join("registry.toml");
        let text = answers.reach.config(folder)?;
        check_answers(&answers, folder, &config)?;
        std::fs::create_dir_all(folder).map_err(|error| format!("cannot create the folder {}: {error}", folder.display()))?;
        if config.exists() {
            say(&format!("Keeps {}", config.display()))?;
        } else {
            write_private(&config, &text)?;
            say(&format!("Wrote {}", config.display()))?;
        }
        let file = FileOptions::read(Some(&config))?;
        let settings = StoreOptions::default().settle(&file.store);
        let random = Random::from_system()?;
        match answers.lists {
            Lists::Seed => drop(fill(&settings, SeedPolicy::Shipped, &random)?),
            Lists::None => {
                let create = store::StoreOptions { create: true, migrate: true, ..store::StoreOptions::default() };
                drop(open::store(&settings, &create)?);
            }
        }
        let database = open::database(&settings)?.whole();
        if let Some((policy, _)) = &answers.policy {
            typed(&config, &["import", "policy", &policy.display().to_string(), "--database", &database])?;
        }
        let links = {
            let registry = open::registry_to_write(&settings, &random)?;
            let vasp = answers.lei.map(|lei| find_vasp(&registry, lei.as_str(), SystemClock.now())).transpose()?;
            let operator = organisation(&registry, &answers.name, OrganisationKind::Operator, None, &random)?;
            let gateway = organisation(&registry, &answers.name, OrganisationKind::Gateway, vasp, &random)?;
            gateway_key(&registry, gateway, &folder.join("gateway-key"), &random)?;
            invited(&registry, operator, &answers.people, &file, &random)?
        };
        let checked = typed(&config, &["doctor", "--database", &database])?;
        let mut out = std::io::stdout();
        writeln!(out)?;
        for (person, link) in &links.lines {
            writeln!(out, "{person}: {link}")?;
        }
        if links.are_renewed {
            writeln!(out, "A new link ends the one that its person had before.")?;
        }
        writeln!(out, "\nStart it: vasp-registry serve --config {}", config.display())?;
        writeln!(out, "It will listen on {}. Links lead to {}", answers.reach.listen, answers.reach.public_url())?;
        writeln!(out, "Each link works once, within 72 hours. Your program's key: {}", folder.join("gateway-key").display())?;
        Ok(checked)
    }
}

/// Says what was done.
fn say(sentence: &str) -> std::io::Result<()> {
    writeln!(std::io::stderr(), "{sentence}")
}

/// Runs another command of this program, as if it had been typed.
fn typed(config: &Path, arguments: &[&str]) -> Outcome {
    let config = config.display().to_string();
    let all = ["vasp-registry", "--config", &config].into_iter().chain(arguments.iter().copied());
    execute(Arguments::try_parse_from(all)?)
}

/// Returns the organisation of a kind, the one that is there or a new one.
fn organisation(
    registry: &Registry,
    name: &str,
    kind: OrganisationKind,
    vasp: Option<VaspId>,
    random: &Random,
) -> Result<OrganisationId, Box<dyn std::error::Error>> {
    let known = crate::organisations::stored_organisations(registry.store())?;
    let now = SystemClock.now();
    let Some(found) = known.iter().find(|one| one.kind == kind && one.closed_at.is_none()) else {
        return Ok(crate::organisations::create_organisation(registry, name, kind, vasp, now, &mut random.fork())?);
    };
    let generation = registry.pin(now);
    let kept = found.vasp.map(|vasp| generation.records().canonical(vasp));
    if kept == vasp {
        return Ok(found.id);
    }
    let shown = |vasp: Option<VaspId>| vasp.map_or_else(|| "none".to_owned(), |vasp| vasp.to_string());
    Err(format!("the own VASP of this registry is {}, and your --lei is that of {}: give the same one", shown(kept), shown(vasp))
        .into())
}

/// The name of the firm's own program.
const PROGRAM: &str = "Gateway";

/// Makes a key for the firm's own program, unless its file is there. The file is made first, and empty. If a later run finds it empty, nobody
/// has the keys that were made for it.
fn gateway_key(
    registry: &Registry,
    gateway: OrganisationId,
    path: &Path,
    random: &Random,
) -> Result<(), Box<dyn std::error::Error>> {
    let is_begun = match std::fs::metadata(path) {
        Ok(file) if file.len() > 0 => return Ok(()),
        found => found.is_ok(),
    };
    write_private(path, "").map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    let (now, mut rng) = (SystemClock.now(), random.fork());
    let users = crate::organisations::stored_users(registry.store(), gateway)?;
    let is_program = |user: &&UserRow| user.kind == UserKind::Machine && user.name == PROGRAM && user.state == UserState::Active;
    let user = match users.iter().find(is_program) {
        Some(user) => user.id,
        None => {
            let program = NewUser { name: PROGRAM.to_owned(), email: None, kind: UserKind::Machine, roles: vec![] };
            crate::organisations::create_user(registry, gateway, &program, now, &mut rng)?
        }
    };
    let keys = crate::organisations::stored_keys(registry.store(), gateway)?;
    for key in keys.iter().filter(|key| is_begun && key.owner == user && key.revoked_at.is_none()) {
        crate::organisations::revoke_api_key(registry, key.id, now, &mut rng)?;
    }
    let key = crate::organisations::create_api_key(registry, user, &[Scope::Resolve, Scope::Precheck], None, now, &mut rng)?;
    if let Err(error) = write_private(path, &key.text) {
        crate::organisations::revoke_api_key(registry, key.id, now, &mut rng)?;
        std::fs::remove_file(path)?;
        return Err(format!("cannot write {}: {error}", path.display()).into());
    }
    Ok(())
}
