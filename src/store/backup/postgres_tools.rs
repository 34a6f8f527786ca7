//! Runs `pg_dump` and `pg_restore` from the path. The password goes through the environment, because every user of the machine can read
//! arguments.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::process::{Command, Stdio};

use percent_encoding::percent_decode_str;

use super::BackupError;

/// Maximum number of characters that are repeated from a failed program's output.
const WORDS_MAX: usize = 600;

/// Returns an address without its password, and the password.
fn apart(url: &str) -> (String, Option<String>) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (main, query) = rest.split_once('?').map_or((rest, None), |(main, query)| (main, Some(query)));
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut password = None;
    let (authority, path) = main.split_once('/').map_or((main, None), |(authority, path)| (authority, Some(path)));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((user, secret)) => {
                password = Some(decoded(secret));
                format!("{user}@{host}")
            }
            None => format!("{user}@{host}"),
        },
        None => authority.to_owned(),
    };
    let mut shown = format!("{scheme}://{authority}");
    if let Some(path) = path {
        shown.push('/');
        shown.push_str(path);
    }
    let mut join = '?';
    for pair in query.into_iter().flat_map(|query| query.split('&')) {
        if let Some(secret) = pair.strip_prefix("password=") {
            password = Some(decoded(secret));
            continue;
        }
        shown.push(join);
        shown.push_str(pair);
        join = '&';
    }
    (shown, password)
}

fn missing(program: &'static str, error: &std::io::Error) -> BackupError {
    let why = match error.kind() {
        ErrorKind::NotFound => {
            "is not on the PATH: install PostgreSQL's client programs with the server's version or newer".to_owned()
        }
        _ => format!("cannot be started: {error}"),
    };
    BackupError::Tool(format!("{program} {why}"))
}

/// Returns the major version in `pg_dump (PostgreSQL) 15.18 (Debian …)`.
fn major(words: &str) -> Option<u32> {
    let number = words.split_once("(PostgreSQL) ")?.1;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Refuses a program that is missing or older than the server.
pub(super) fn assert_usable(program: &'static str, server: u32) -> Result<(), BackupError> {
    let told = Command::new(program).arg("--version").stdin(Stdio::null()).output().map_err(|error| missing(program, &error))?;
    let words = String::from_utf8_lossy(&told.stdout).trim().to_owned();
    match major(&words) {
        Some(version) if version >= server => Ok(()),
        Some(version) => Err(BackupError::Tool(format!(
            "{program} on the PATH has version {version} and the server has {server}: install PostgreSQL's client programs of version {server} or newer"
        ))),
        None => Err(BackupError::Tool(format!("{program} does not print its version: `{words}`"))),
    }
}

/// Runs a program, on a database if an address is given.
pub(super) fn run<A: AsRef<OsStr>>(program: &'static str, arguments: &[A], url: Option<&str>) -> Result<(), BackupError> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).env("LC_ALL", "C");
    if let Some(url) = url {
        let (shown, password) = apart(url);
        command.arg("--dbname").arg(shown);
        if let Some(password) = password {
            command.env("PGPASSWORD", password);
        }
        command.arg("--no-password");
    }
    let done = command.output().map_err(|error| missing(program, &error))?;
    if done.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&done.stderr);
    let words: String = words.lines().map(str::trim).collect::<Vec<_>>().join("; ").chars().take(WORDS_MAX).collect();
    Err(BackupError::Failed { program, words: if words.is_empty() { done.status.to_string() } else { words } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_leaves_the_address_wherever_it_stands() {
        let parts = |url: &str| {
            let (shown, password) = apart(url);
            (shown, password.unwrap_or_default())
        };

        assert_eq!(parts("postgres://u:p%40ss@h:1/db?a=1"), ("postgres://u@h:1/db?a=1".into(), "p@ss".into()));
        assert_eq!(parts("postgresql://h/db?password=x%20y&b=2"), ("postgresql://h/db?b=2".into(), "x y".into()));
        assert_eq!(parts("postgres://u@/db?host=/run/x"), ("postgres://u@/db?host=/run/x".into(), String::new()));
        assert_eq!(parts("postgres://h"), ("postgres://h".into(), String::new()));
    }

    #[test]
    fn versions_are_read_as_the_programs_tell_them() {
        assert_eq!(major("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major("pg_restore (PostgreSQL) 17beta1"), Some(17));
        assert_eq!(major("something else"), None);
    }

    #[test]
    fn a_missing_program_is_said_to_be_missing() {
        let error = assert_usable("no_such_program_of_postgresql", 15).unwrap_err();

        assert!(error.to_string().contains("is not on the PATH"), "{error}");
    }
}
