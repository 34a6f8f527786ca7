//! `ask`: may this transfer go out? Reads whatever a person has (an address, a payment text, a Travel Address, a firm's name), asks a
//! registry, and says the verdict in words. It asks a server, or the database on this machine without recording anything, or the folder of a
//! demo. Exit codes: 0 proceed (without `--from` beside a database: the owner is known), 1 hold or reject, 2 refused or failed, 3 proceed
//! once the conditions are met.

mod colour;
mod firms;
mod here;
mod lines;
mod office;
mod owner;
mod question;
mod read;
mod server;
mod shown;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Value, json};
use ureq::http::Uri;

use super::{Outcome, open};
use crate::config::{FileOptions, StoreOptions};
use crate::sandbox::demo::NAME;
use crate::serve::stage_server::with_server;
use here::Here;
use office::Office;
use question::{Found, Question};
use read::Reading;
use server::Server;
use shown::Saved;
use vasp_clock::{Random, SystemClock};
use vasp_record::environment::Environment;
use vasp_store::StoreOptions as OpenOptions;
use vasp_words::ids::PrecheckId;

/// The end of the help: what scripts rely on.
pub(super) const EXIT_CODES: &str = "Exit codes: 0 proceed, or the owner is known where no verdict was asked for; 1 hold or reject, or nobody is settled; 2 refused, failed, or not understood; 3 proceed once every condition is met";

/// Options of `ask`.
#[derive(Debug, clap::Args)]
pub(super) struct Ask {
    #[command(flatten)]
    question: Question,
    /// Print the answer in the API's format
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
    /// With --json, print the evidence, too
    #[arg(long, env = "VASP_REGISTRY_FULL", requires = "json")]
    full: bool,
    /// The folder in which the signed answer and its report, a page for a browser, are saved; it is made if it is missing
    #[arg(long, value_name = "DIR", default_value = ".", env = "VASP_REGISTRY_SAVE_TO")]
    save_to: PathBuf,
    /// The server to ask, https://HOST or https://HOST:PORT [default: the database of this machine, or the demo's folder]
    #[arg(long, env = "VASP_REGISTRY_URL", value_parser = server::bare)]
    url: Option<Uri>,
    /// A file with the API key of the server
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_KEY_FILE", requires = "url")]
    key_file: Option<PathBuf>,
    /// The folder of a demo
    #[arg(long, value_name = "DIR", default_value = "data/demo", env = "VASP_REGISTRY_DATA")]
    data: PathBuf,
    #[command(flatten)]
    store: StoreOptions,
}

impl Ask {
    /// Runs the command.
    ///
    /// # Errors
    /// If nothing can be asked, or the question is not understood.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        if let Some(url) = &self.url {
            let key = self.key_file.as_deref().map(key_in).transpose()?;
            return self.put_to(&Server::new(url, key));
        }
        let random = Arc::new(Random::from_system()?);
        let settings = self.store.clone().settle(&file.store);
        if settings.database.is_some() {
            let registry = open::registry_to_read(&settings, &random)?;
            return self.put_to(&Here(registry));
        }
        let own = self.data.join("registry.toml");
        if own.exists() {
            let folder = self.data.display();
            return Err(format!("{folder} is a registry that `init` made: ask it by --config {}", own.display()).into());
        }
        let key = self.data.join("gateway-key");
        if !key.exists() {
            let folder = self.data.display();
            let how = "give --url of a server, --database, or start `vasp-registry demo` first";
            return Err(format!("there is nothing to ask: {folder} has no demo; {how}").into());
        }
        let key = key_in(&key)?;
        let settings = open::in_folder(&self.data, settings.claim_index_limit, Environment::Demo)?;
        let registry = Arc::new(open::registry(&settings, &OpenOptions::default(), &random)?);
        let ask = |address| self.put_to(&Server::new(&server::at(address)?, Some(key)));
        with_server(&registry, Arc::new(SystemClock), Arc::clone(&random), NAME, ask)?
    }

    /// Puts the question, and says the answer.
    fn put_to(&self, office: &dyn Office) -> Outcome {
        let mut out = std::io::stdout();
        match self.question.find(office)? {
            Found::Firms(firms) => {
                match self.json {
                    true => writeln!(out, "{}", serde_json::to_string_pretty(&json!({"items": firms}))?)?,
                    false => firms::firms(&mut out, self.question.subject(), &firms)?,
                }
                Ok(ExitCode::FAILURE)
            }
            Found::Owner(answer) => {
                match self.json {
                    true => writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?,
                    false => owner::owner(&mut out, &answer, self.question.from.is_some())?,
                }
                Ok(ExitCode::from(u8::from(answer.get("status").is_none_or(|status| status != "owned"))))
            }
            Found::Request(request, reading) => self.judge(office, &request, &reading),
        }
    }

    /// Asks for a verdict, saves it, and says it.
    fn judge(&self, office: &dyn Office, request: &Value, reading: &Reading) -> Outcome {
        let folder = self.save_to.as_path();
        if office.records() {
            // Before anything is recorded: what is recorded must be saved, too.
            std::fs::create_dir_all(folder).map_err(|error| format!("--save-to {}: {error}", folder.display()))?;
        }
        let text = office.precheck(request).map_err(question::refused)?;
        let mut answer: Value = serde_json::from_str(&text)?;
        // Something may have gone wrong on the way to the disk, but the answer is what was asked for.
        // The server names no file but by the id of a pre-check.
        let id = answer.get("id").and_then(Value::as_str).map(str::parse::<PrecheckId>).transpose();
        let id = id.map_err(|_| "the answer has an id that no pre-check has: this is no server of a registry")?;
        let saved = id.map(|id| id.to_string()).map(|id| {
            let report = match office.report(&id) {
                Some(Ok(page)) => save(&folder.join(format!("{id}.html")), &page),
                Some(Err(refusal)) => Err(format!("was not fetched: {}", question::refused(refusal))),
                None => Err("there is none".to_owned()),
            };
            [save(&folder.join(format!("{id}.json")), &text), report]
        });
        let code = match answer.get("recommendation").and_then(Value::as_str) {
            Some("proceed") => 0,
            Some("proceed_with_conditions") => 3,
            _ => 1,
        };
        let mut out = std::io::stdout();
        if self.json {
            if let Some(members) = answer.as_object_mut().filter(|_| !self.full) {
                members.remove("evidence");
            }
            writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
        } else {
            shown::verdict(&mut out, (&answer, reading), saved)?;
            if self.question.from.is_none() {
                shown::asked_from(&mut out, &answer)?;
            }
        }
        Ok(ExitCode::from(code))
    }
}

/// Reads an API key.
fn key_in(path: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read the key in {}: {error}", path.display()))?;
    Ok(text.trim().to_owned())
}

/// Saves a signed answer or its report as it was received, so that `verify answer` can check it. Returns where, or why not.
fn save(path: &Path, text: &str) -> Saved {
    std::fs::write(path, text).map_err(|error| format!("{} was not saved: {error}", path.display()))?;
    Ok(path.to_owned())
}
