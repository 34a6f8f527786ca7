//! `config show`: the settings that variables and the configuration file give, with the defaults of the rest, and where each comes from.
//! Passwords are not shown. It opens nothing but the file.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, Subcommand};
use serde::Serialize;

use super::{Outcome, table};
use crate::config::{FileOptions, file_options, key_of};

/// Commands about the settings.
#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Show every setting with its value; options of a command would override it
    Show {
        /// Also show where each value comes from: a variable, the file, or the default
        #[arg(long, env = "VASP_REGISTRY_ORIGIN")]
        origin: bool,
        /// Print the settings as JSON instead of a table
        #[arg(long, env = "VASP_REGISTRY_JSON")]
        json: bool,
    },
}

/// A setting as it is shown.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Setting {
    key: String,
    /// `None` if it is not set and has no fixed default.
    value: Option<String>,
    origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Origin {
    Variable,
    File,
    Default,
}

impl Config {
    /// Runs the command.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub(super) fn run(self, path: Option<&Path>) -> Outcome {
        let Self::Show { origin, json } = self;
        // Read a second time: the first reading refused what is not valid, and does not keep what was written.
        FileOptions::read(path)?;
        let file: toml::Table = path.map_or_else(|| Ok(String::new()), std::fs::read_to_string)?.parse()?;
        let variable = |name: &str| std::env::var(name).ok();
        let settings: Vec<Setting> = file_options().iter().filter_map(|option| setting(option, &variable, &file)).collect();
        if json {
            writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&settings)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        let value = |setting: &Setting| setting.value.clone().unwrap_or_else(|| "-".to_owned());
        if origin {
            let rows: Vec<_> = settings.iter().map(|one| [one.key.clone(), one.origin.as_str().to_owned(), value(one)]).collect();
            table::print(["setting", "from", "value"], &rows)?;
        } else {
            table::print(["setting", "value"], &settings.iter().map(|one| [one.key.clone(), value(one)]).collect::<Vec<_>>())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Origin {
    fn as_str(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::File => "file",
            Self::Default => "default",
        }
    }
}

/// Returns a setting: its variable counts before the file, and the file before the default, which its help names.
fn setting(option: &Arg, variable: &impl Fn(&str) -> Option<String>, file: &toml::Table) -> Option<Setting> {
    let key = key_of(option)?;
    let set = option.get_env().and_then(|name| variable(name.to_str()?));
    let (value, origin) = match (set, file.get(&key)) {
        (Some(value), _) => (Some(value), Origin::Variable),
        (None, Some(value)) => (Some(written(value)), Origin::File),
        (None, None) => (default_of(option), Origin::Default),
    };
    Some(Setting { key, value: value.map(without_password), origin })
}

/// Returns a value of the file as a variable would give it.
fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(truth) => truth.to_string(),
        toml::Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(","),
        // No setting has such a value.
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => String::new(),
    }
}

fn default_of(option: &Arg) -> Option<String> {
    let help = option.get_help()?.to_string();
    let (_, rest) = help.rsplit_once("[default: ")?;
    Some(rest.trim_end_matches(']').to_owned())
}

/// Hides the password of a URL, before its host or in its parameters.
fn without_password(text: String) -> String {
    if text.contains("password=") {
        return "(hidden: it has a password)".to_owned();
    }
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    match rest.rsplit_once('@').and_then(|(who, host)| Some((who.split_once(':')?.0, host))) {
        Some((user, host)) => format!("{scheme}://{user}:…@{host}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(key: &str, variable: impl Fn(&str) -> Option<String>, file: &str) -> Setting {
        let file = file.parse().unwrap();
        file_options().iter().filter_map(|option| setting(option, &variable, &file)).find(|one| one.key == key).unwrap()
    }

    fn expected(value: &str, origin: Origin) -> (Option<String>, Origin) {
        (Some(value.to_owned()), origin)
    }

    #[test]
    fn a_variable_counts_before_the_file_and_the_file_before_the_default() {
        let file = "listen = \"127.0.0.1:1\"\ntrusted_proxy = [\"::1\", \"10.0.0.1\"]";
        let unset = |_: &str| None;
        let set = |name: &str| (name == "VASP_REGISTRY_LISTEN").then(|| "127.0.0.1:2".to_owned());
        let of = |one: Setting| (one.value, one.origin);

        assert_eq!(of(shown("listen", set, file)), expected("127.0.0.1:2", Origin::Variable));
        assert_eq!(of(shown("listen", unset, file)), expected("127.0.0.1:1", Origin::File));
        assert_eq!(of(shown("trusted_proxy", unset, file)), expected("::1,10.0.0.1", Origin::File));
        assert_eq!(of(shown("listen", unset, "")), expected("127.0.0.1:8080", Origin::Default));
        assert_eq!(of(shown("tls_key", unset, "")), (None, Origin::Default));
    }

    #[test]
    fn passwords_are_not_shown() {
        for (text, shows) in [
            ("smtps://name:secret@mail.example.org", "smtps://name:…@mail.example.org"),
            ("postgres://name:sec@ret@host/db", "postgres://name:…@host/db"),
            ("postgres://host/db?user=a&password=secret", "(hidden: it has a password)"),
            ("postgres://name@host/db", "postgres://name@host/db"),
            ("sqlite:///var/lib/registry.db", "sqlite:///var/lib/registry.db"),
        ] {
            assert_eq!(without_password(text.to_owned()), shows);
        }
    }
}
