//! Database addresses. The scheme is required: a bare file name is refused, so no file is created by mistake.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

/// A database address as it was given, not parsed. If the option's parser parsed it, its error message would repeat a wrong address,
/// including the password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseText(String);

impl DatabaseText {
    /// Parses the address.
    pub fn read(&self) -> Result<DatabaseUrl, DatabaseUrlError> {
        self.0.parse()
    }
}

impl FromStr for DatabaseText {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl From<&DatabaseUrl> for DatabaseText {
    fn from(url: &DatabaseUrl) -> Self {
        Self(url.whole())
    }
}

impl fmt::Debug for DatabaseText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseText(…)")
    }
}

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The embedded database in a file.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(String),
}

/// Why a text is not a usable database address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// The scheme is missing or unknown.
    #[error("`{0}` is not a database address: write sqlite://FILE or postgres://USER@HOST/NAME")]
    NoScheme(String),
    /// `sqlite://` has no file.
    #[error("sqlite:// requires a file name, such as sqlite://registry.db")]
    NoFile,
    /// The server is on another machine, and this build has no TLS.
    #[error(
        "`{0}` is another machine, and this build has no TLS for PostgreSQL: build with `--features postgres-tls`, or use a loopback address or a socket"
    )]
    NeedsTls(String),
}

impl DatabaseUrl {
    /// Returns the whole address, including any password. Use it to open the database or start a process, never to show it.
    #[must_use]
    pub fn whole(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres(url) => url.clone(),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;
    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if text.contains(char::is_control) {
            return Err(DatabaseUrlError::NoScheme(String::new()));
        }
        if let Some(path) = text.strip_prefix("sqlite://") {
            return if path.is_empty() { Err(DatabaseUrlError::NoFile) } else { Ok(Self::Sqlite(PathBuf::from(path))) };
        }
        if let Some(rest) = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://")) {
            let host = host_of(rest);
            if !cfg!(feature = "postgres-tls") && !is_this_machine(&host) {
                return Err(DatabaseUrlError::NeedsTls(host.chars().take(100).collect()));
            }
            return Ok(Self::Postgres(text.to_owned()));
        }
        // Do not repeat what may be credentials: show only a scheme, or a text that can only be a file name.
        let is_name = !text.contains(['@', '=', ':', ' ']);
        let shown = text.split_once("://").map_or(if is_name { text } else { "" }, |(scheme, _)| scheme);
        Err(DatabaseUrlError::NoScheme(shown.chars().take(80).collect()))
    }
}

/// Returns the host of what follows `postgres://`. `?host=` (used for socket folders) wins over the authority.
fn host_of(rest: &str) -> String {
    let (main, query) = rest.split_once('?').unwrap_or((rest, ""));
    let named = query.split('&').find_map(|pair| pair.strip_prefix("host=").or_else(|| pair.strip_prefix("hostaddr=")));
    if let Some(host) = named {
        return host.replace("%2F", "/").replace("%2f", "/");
    }
    let authority = main.split('/').next().unwrap_or_default();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host_and_port.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default().to_owned(),
        None => host_and_port.split(':').next().unwrap_or_default().replace("%2F", "/").replace("%2f", "/"),
    }
}

fn is_this_machine(host: &str) -> bool {
    host.is_empty()
        || host == "localhost"
        || host.starts_with('/')
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for DatabaseUrl {
    /// Writes the address without any user name, password or query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                // A password may hold any character, so remove everything up to the last `@` first.
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                write!(f, "postgres://{}", place.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bare_name_is_refused_with_what_would_be_right() {
        for text in ["registry.db", "mysql://me:hunter2@host/db", "host=db password=hunter2", "postgres:me:hunter2@h", ""] {
            let error = text.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.contains("sqlite://FILE") && !error.contains("hunter2"), "{error}");
        }
        assert_eq!("sqlite://".parse::<DatabaseUrl>().unwrap_err(), DatabaseUrlError::NoFile);
    }

    #[test]
    fn passwords_are_never_written() {
        let url: DatabaseUrl = "postgres://user:secret@localhost:5433/registry?connect_timeout=3".parse().unwrap();

        assert_eq!(url.to_string(), "postgres://localhost:5433/registry");
        assert_eq!(format!("{url:?}"), "postgres://localhost:5433/registry");
    }

    #[test]
    #[cfg(not(feature = "postgres-tls"))]
    fn a_server_elsewhere_needs_the_tls_feature() {
        for text in
            ["postgres://u@db.example.com/r", "postgres://u:p@10.0.0.3:5432/r", "postgres://localhost/r?host=db.example.com"]
        {
            let error = text.parse::<DatabaseUrl>().unwrap_err();
            assert!(error.to_string().contains("postgres-tls"), "{error}");
        }
        for text in
            ["postgres://u@127.0.0.1/r", "postgres://u@[::1]:5432/r", "postgres:///r?host=/run/pg", "postgres://%2Frun%2Fpg/r"]
        {
            assert!(text.parse::<DatabaseUrl>().is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC*") {
            let _ = text.parse::<DatabaseUrl>();
            let _ = format!("postgres://{text}").parse::<DatabaseUrl>();
        }
    }
}
