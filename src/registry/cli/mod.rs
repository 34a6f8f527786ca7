//! The command line: reads arguments and settings, runs the command, and reports a failure in one sentence. Exit codes: 0 done, 1 done
//! with a negative answer (rows rejected, proof not valid), 2 refused or failed. Only `main` calls it.

pub(crate) mod flush;
pub use flush::flush_lossy;
mod address;
mod ask;
mod backtest;
mod backup;
mod brands;
mod bundle;
mod ca;
mod completion;
mod config_show;
mod convert;
mod credentials;
mod demo;
mod descriptors;
mod doctor;
mod healthcheck;
mod import;
mod init;
mod jobs;
mod keys;
mod lists;
mod log_head;
mod marker;
mod memory_limit;
mod meter;
mod migrate;
mod open;
mod openapi;
mod preparations;
mod readiness;
mod report_file;
mod restore;
mod sandbox;
mod serve;
mod sources;
mod start;
mod table;
mod terminal;
mod verify;

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{CommandFactory, Parser, Subcommand};
use rustix::fs::Mode;

use crate::config;
use crate::config::FileOptions;
use vasp_words::error_chain::error_chain;

/// The result of a command: its exit code, or why it failed.
type Outcome = Result<ExitCode, Box<dyn Error>>;

/// The end of the help: what scripts rely on.
const EXIT_CODES: &str = "Exit codes: 0 done; 1 done, with a negative answer (rows rejected, proof not valid, not ready); 2 refused, failed, or not understood";

/// Says that a guard is off, because an environment variable for one import is easily left set.
fn warn_of_shrink(accepts: bool) -> std::io::Result<()> {
    let says =
        "warning: with --accept-shrink (VASP_REGISTRY_ACCEPT_SHRINK) a file that was cut or lost its entries is taken, too";
    if accepts { writeln!(std::io::stderr(), "{says}") } else { Ok(()) }
}

/// Says that other users can read a password in the settings file.
fn warn_of_readable_password(settings: Option<&Path>) -> std::io::Result<()> {
    let Some((path, mode)) = settings.and_then(|path| Some((path, vasp_store::open_to_others(path).ok()??))) else {
        return Ok(());
    };
    if !std::fs::read_to_string(path).is_ok_and(|text| text.lines().any(config::has_password)) {
        return Ok(());
    }
    let path = path.display();
    writeln!(
        std::io::stderr(),
        "warning: {path} has mode {mode:04o} and a password in a URL, so other users can read it: run `chmod 600 {path}`"
    )
}

/// A counterparty VASP directory and discovery registry for the crypto Travel Rule.
#[derive(Debug, Parser)]
#[command(name = "vasp-registry", version = version(), arg_required_else_help = true, after_help = EXIT_CODES)]
struct Arguments {
    /// A TOML file with settings; environment variables and options override it
    #[arg(long, global = true, value_name = "FILE", env = "VASP_REGISTRY_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves an embedded database loaded with real registers, to try things out
    Demo(demo::Demo),
    /// Serves an invented world on a database of its own, to try programs out
    Sandbox(sandbox::Sandbox),
    /// Makes a registry that one firm runs for itself: six questions, the first two people, and what comes with the program
    Init(Box<init::Init>),
    /// Answers over HTTP until it is stopped
    Serve(Box<serve::Serve>),
    /// Asks the server on this machine whether it is ready: exit code 0 if so, 1 if not
    Healthcheck(healthcheck::Healthcheck),
    /// Looks at everything that a server needs on this machine, and says what is wrong and what to do
    Doctor(Box<doctor::Doctor>),
    /// Says, before this program takes over from an older one, whether it can work with the data and what to do
    UpgradeCheck(Box<doctor::UpgradeCheck>),
    /// Brings the schema of the database up to date, or creates a new one
    Migrate(migrate::Migrate),
    /// Copies the database and the document files while other processes keep working
    Backup(backup::Backup),
    /// Restores a backup and recomputes the log
    Restore(restore::Restore),
    /// Reads files of a format into the database
    Import(import::Import),
    /// Links from brands to legal entities
    #[command(subcommand)]
    Brands(brands::Brands),
    /// Converts a published register to the neutral form that `import register-json` reads
    Convert(convert::Convert),
    /// Asks whether a transfer may go out: who receives, which data travel by which law, and what is next
    #[command(after_help = ask::EXIT_CODES)]
    Ask(Box<ask::Ask>),
    /// Asks about the transfers of a file: how many would go, why the others would not, and what would change it
    Backtest(Box<backtest::Backtest>),
    /// Checks what was signed or chained: a pre-check's answer, a proof of control, an export of the audit chain, the database
    #[command(subcommand)]
    Verify(verify::Verify),
    /// Organisations: customers of the registry
    #[command(subcommand)]
    Organisation(credentials::Organisation),
    /// Users of organisations
    #[command(subcommand)]
    User(credentials::User),
    /// API keys of users
    #[command(subcommand)]
    ApiKey(credentials::ApiKey),
    /// The registry's own certificate authority
    #[command(subcommand)]
    Ca(ca::Ca),
    /// The keys that sign receipts and checkpoints
    #[command(subcommand)]
    Keys(keys::Keys),
    /// The sources of data
    #[command(subcommand)]
    Sources(sources::Sources),
    /// Bundles of data, in one signed file
    #[command(subcommand)]
    Bundle(bundle::BundleCommand),
    /// The settings
    #[command(subcommand)]
    Config(config_show::Config),
    /// Prints the OpenAPI document
    Openapi,
    /// Prints a script that completes commands and options in a shell
    Completion(completion::Completion),
}

/// Returns the version, with the commit if the build named one (`scripts/package` does).
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| match option_env!("BUILD_COMMIT") {
        Some(commit) => format!("{} ({commit})", env!("CARGO_PKG_VERSION")),
        None => env!("CARGO_PKG_VERSION").to_owned(),
    });
    &VERSION
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    // All new files (databases with their logs, backups, reports, notes) are accessible only to their owner, even if a library makes them.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => usage.exit(),
    };
    let code = execute(arguments).unwrap_or_else(|error| {
        say_failure(error.as_ref());
        ExitCode::from(2)
    });
    vasp_store::wait_until_closed();
    code
}

fn execute(arguments: Arguments) -> Outcome {
    let names = std::env::vars_os().map(|(name, _)| name).filter_map(|name| name.into_string().ok());
    config::refuse_unknown_variables(names, &variables(&Arguments::command()))?;
    let file = FileOptions::read(arguments.config.as_deref())?;
    warn_of_readable_password(arguments.config.as_deref())?;
    match arguments.command {
        Command::Demo(demo) => demo.run(&file),
        Command::Sandbox(sandbox) => sandbox.run(&file),
        Command::Init(init) => init.run(),
        Command::Serve(serve) => serve.run(&file),
        Command::Healthcheck(healthcheck) => healthcheck.run(&file),
        Command::Doctor(doctor) => doctor.run(&file),
        Command::UpgradeCheck(check) => check.run(&file),
        Command::Migrate(migrate) => migrate.run(&file),
        Command::Backup(backup) => backup.run(&file),
        Command::Restore(restore) => restore.run(&file),
        Command::Import(import) => import.run(&file),
        Command::Brands(brands) => brands.run(&file),
        Command::Convert(convert) => convert.run(),
        Command::Ask(ask) => ask.run(&file),
        Command::Backtest(backtest) => backtest.run(&file),
        Command::Verify(verify) => verify.run(&file),
        Command::Organisation(organisation) => organisation.run(&file),
        Command::User(user) => user.run(&file),
        Command::ApiKey(key) => key.run(&file),
        Command::Ca(ca) => ca.run(&file),
        Command::Keys(keys) => keys.run(&file),
        Command::Sources(sources) => sources.run(&file),
        Command::Bundle(bundle) => bundle.run(&file),
        Command::Config(command) => command.run(arguments.config.as_deref()),
        Command::Openapi => openapi::run(),
        Command::Completion(completion) => completion.run(),
    }
}

/// Returns the variables that options of this command or its subcommands read.
fn variables(command: &clap::Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str()).map(str::to_owned);
    own.chain(command.get_subcommands().flat_map(variables)).collect()
}

/// Prints on standard error in one line what failed and why.
fn say_failure(error: &(dyn Error + 'static)) {
    let sentence = error_chain(error);
    let limits = memory_limit::behind(&sentence).map_or_else(String::new, |limits| format!("; {limits}"));
    let mut stderr = std::io::stderr();
    let label = if terminal::is_decorated(&stderr) { "\x1b[1;31merror:\x1b[0m" } else { "error:" };
    // Errors are ignored: if standard error is closed, nobody can read them.
    let _ = writeln!(stderr, "{label} {sentence}{limits}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_option_has_a_variable_of_its_own_name() {
        /// What a single call is about, and what the commands that have it mean differently. Above all, no variable may make `restore`
        /// put a registry aside, `verify` accept what a sandbox signed, or `bundle apply` ask nobody.
        const OF_ONE_CALL: [&str; 6] = ["check", "from", "kind", "replace", "sandbox", "yes"];
        fn check(command: &clap::Command) {
            for argument in
                command.get_arguments().filter(|a| !a.is_positional() && !["help", "version"].contains(&a.get_id().as_str()))
            {
                let long = argument.get_long().unwrap();
                if OF_ONE_CALL.contains(&long) {
                    assert_eq!(argument.get_env(), None, "{long}");
                    continue;
                }
                let expected = format!("{}{}", config::VARIABLE_PREFIX, long.replace('-', "_").to_uppercase());
                assert_eq!(argument.get_env().unwrap().to_str(), Some(expected.as_str()));
            }
            // What the program calls itself is no setting of anybody.
            command.get_subcommands().filter(|one| !one.is_hide_set()).for_each(check);
        }
        check(&Arguments::command());
    }

    #[test]
    fn variables_of_options_are_known() {
        let known = variables(&Arguments::command());

        assert!(["LISTEN", "CONFIG"].iter().all(|name| known.contains(&format!("{}{name}", config::VARIABLE_PREFIX))));
        assert!(!known.contains(&"VASP_REGISTRY_REPLACE".to_owned()));
    }
}
