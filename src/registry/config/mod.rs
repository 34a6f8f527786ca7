//! Settings: built-in defaults, then a TOML file, then `VASP_REGISTRY_…` variables, then the command line; later ones win. An option has
//! the same name everywhere: `--log-level`, `VASP_REGISTRY_LOG_LEVEL`, `log_level`. An unknown key is an error. Options come in groups; a
//! command takes the groups that it needs. This module only reads settings: it opens and starts nothing.

mod certificates;
mod claims;
mod error;
mod listen;
mod outbound;
mod probes;
mod rate;
mod sign_in;
mod sources;
mod store;
mod tls;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};

use clap::{Arg, Args, Command, ValueEnum};
use serde::Deserialize;

use vasp_record::issuer::IssuerName;
use vasp_words::host::Host;
use vasp_words::similar::nearest;

pub use certificates::{CertificateOptions, CertificateSettings};
pub use claims::ClaimSettings;
pub use error::ConfigError;
pub use listen::{listen_address, proxy_address};
pub use outbound::{DnsResolver, DnsResolverError, OutboundOptions, OutboundSettings};
pub use probes::{ProbeConfig, ProbeOptions};
pub use rate::{Burst, BurstError, PerSec, PerSecError, Rate};
pub use sign_in::{
    BaseUrl, BaseUrlError, Issuer, IssuerError, OidcOptions, ProviderName, ProviderNameError, SignInOptions, SignInSettings,
};
pub use sources::{SourceAddress, SourceAddressError, SourceOptions, SourceSettings};
pub use store::{CreateOptions, StoreOptions, StoreSettings};
pub use tls::{TlsOptions, TlsSettings};
pub use vasp_store::{DatabaseText, DatabaseUrl, DatabaseUrlError};

/// The prefix of all our environment variables.
pub const VARIABLE_PREFIX: &str = "VASP_REGISTRY_";

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Human,
    /// One JSON object per line.
    Json,
}

/// The least important level that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Only our own failures.
    Error,
    /// Also what an operator should look at.
    Warn,
    /// Also one line per request.
    Info,
    /// Also the steps in between.
    Debug,
    /// Everything.
    Trace,
}

/// Options of logging.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct LogOptions {
    /// How log lines are written [default: human]
    #[arg(long, env = "VASP_REGISTRY_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// The least important level of log lines that are written [default: info]
    #[arg(long, env = "VASP_REGISTRY_LOG_LEVEL")]
    pub log_level: Option<LogLevel>,
    /// Export traces to the OpenTelemetry collector at this URL (OTLP over HTTP); needs a build with the feature `otel`
    #[arg(long, value_name = "URL", env = "VASP_REGISTRY_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
}

/// Options of the HTTP server.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct ServerOptions {
    /// The address and port to listen on; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "VASP_REGISTRY_LISTEN", value_parser = listen_address)]
    pub listen: Option<SocketAddr>,
    /// Answer callers without credentials from public claims
    #[arg(long, env = "VASP_REGISTRY_PUBLIC_READ", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub public_read: Option<bool>,
    /// Threads that answer requests [default: one per processor]
    #[arg(long, env = "VASP_REGISTRY_WORKERS")]
    pub workers: Option<NonZeroU16>,
    /// Connections that may be open at the same time, over all workers [default: 10000]
    #[arg(long, env = "VASP_REGISTRY_MAX_CONNECTIONS")]
    pub max_connections: Option<NonZeroU32>,
    /// Connections that one network address may hold (for IPv6: one /64); unlimited for trusted proxies [default: 256]
    #[arg(long, env = "VASP_REGISTRY_MAX_CONNECTIONS_OF_ADDRESS")]
    pub max_connections_of_address: Option<NonZeroU32>,
    /// The largest request body that is read, in bytes [default: 2097152]
    #[arg(long, env = "VASP_REGISTRY_BODY_LIMIT_BYTES")]
    pub body_limit_bytes: Option<NonZeroU32>,
    /// The largest document that is accepted, in bytes [default: 10485760]
    #[arg(long, env = "VASP_REGISTRY_DOCUMENT_LIMIT_BYTES")]
    pub document_limit_bytes: Option<NonZeroU32>,
    /// How long a client may take to send a request's head, and then as long again for its body, in seconds [default: 10]
    #[arg(long, env = "VASP_REGISTRY_REQUEST_TIMEOUT_SECS")]
    pub request_timeout_secs: Option<NonZeroU16>,
    /// How long an idle connection is kept, in seconds [default: 75]
    #[arg(long, env = "VASP_REGISTRY_KEEP_ALIVE_SECS")]
    pub keep_alive_secs: Option<NonZeroU16>,
    /// How long a stop waits for in-flight requests, in seconds [default: 30]
    #[arg(long, env = "VASP_REGISTRY_SHUTDOWN_TIMEOUT_SECS")]
    pub shutdown_timeout_secs: Option<NonZeroU16>,
    /// Questions per second that one organisation may ask, each question of a batch counted; 0 for no limit [default: 2000]
    #[arg(long, env = "VASP_REGISTRY_RATE_LIMIT")]
    pub rate_limit: Option<PerSec>,
    /// Questions that one organisation may ask at once, at least 1000 [default: 20000]
    #[arg(long, env = "VASP_REGISTRY_RATE_BURST")]
    pub rate_burst: Option<Burst>,
    /// Questions per second from one network address without an API key; 0 for no limit [default: 50]
    #[arg(long, env = "VASP_REGISTRY_PUBLIC_RATE_LIMIT")]
    pub public_rate_limit: Option<PerSec>,
    /// Questions at once from one network address without an API key, at least 1000 [default: 2000]
    #[arg(long, env = "VASP_REGISTRY_PUBLIC_RATE_BURST")]
    pub public_rate_burst: Option<Burst>,
    /// A proxy that is trusted to report where requests come from (X-Forwarded-For); may be given several times
    #[arg(long, value_name = "ADDR", env = "VASP_REGISTRY_TRUSTED_PROXY", value_delimiter = ',', value_parser = proxy_address)]
    #[serde(default, deserialize_with = "listen::proxies")]
    pub trusted_proxy: Option<Vec<IpAddr>>,
    /// Show /metrics to everybody; otherwise it needs an API key with the scope `operator`
    #[arg(long, env = "VASP_REGISTRY_PUBLIC_METRICS", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub public_metrics: Option<bool>,
    /// Seconds between two checks that the stored data agrees with the log; 0 for no checks [default: 86400]
    #[arg(long, env = "VASP_REGISTRY_VERIFY_INTERVAL_SECS")]
    pub verify_interval_secs: Option<u32>,
    /// The file in which the head of the log is kept, outside the database, so that a loss is noticed at the next start
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_LOG_HEAD")]
    pub log_head: Option<PathBuf>,
    /// The registry's own public host name, which challenges contain; without it no challenges are made
    #[arg(long, env = "VASP_REGISTRY_REGISTRY_NAME")]
    pub registry_name: Option<Host>,
    /// The registry's own public name, an https: URL or a URN, which receipts and the log carry; without it the public URL is used, or
    /// else a URN of its first key
    #[arg(long, value_name = "URL", env = "VASP_REGISTRY_ISSUER")]
    pub issuer: Option<IssuerName>,
    /// The largest file of addresses that a member may import, in bytes [default: 33554432]
    #[arg(long, env = "VASP_REGISTRY_IMPORT_LIMIT_BYTES")]
    pub import_limit_bytes: Option<NonZeroU32>,
    /// Days after which a member's claim ends, unless the claim sets its own end or the member repeats it [default: 365]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_LIFETIME_DAYS")]
    pub claim_lifetime_days: Option<NonZeroU16>,
    /// How many of a member's unproven claims that contradict other parties may take effect at once within 24 hours; any more wait for a
    /// reviewer [default: 10]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_CONFLICTS_A_DAY")]
    pub claim_conflicts_a_day: Option<u32>,
    /// How many such claims may be undecided at the same time [default: 50]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_CONFLICTS_OPEN")]
    pub claim_conflicts_open: Option<u32>,
    /// For how many days after a member's verification its claims that contradict other parties always wait for a reviewer [default: 30]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_CONFLICTS_AFTER_DAYS")]
    pub claim_conflicts_after_days: Option<u16>,
    /// Days after which an uncontradicted claim can only be contradicted through a reviewer [default: 90]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_UNDISPUTED_DAYS")]
    pub claim_undisputed_days: Option<u16>,
    /// How many different addresses without a known owner an organisation may ask about per day; callers without a key are counted by
    /// network address. After that, no address is answered until midnight UTC. The same number limits for how many newly claimed
    /// addresses a day a member learns whether others claim them. 0 for no limit [default: 10000]
    #[arg(long, env = "VASP_REGISTRY_NOT_FOUND_BUDGET")]
    pub not_found_budget: Option<u32>,
}

/// The options that a configuration file sets.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct FileOptions {
    /// Logging.
    #[serde(flatten)]
    pub log: LogOptions,
    /// The store.
    #[serde(flatten)]
    pub store: StoreOptions,
    /// The HTTP server.
    #[serde(flatten)]
    pub server: ServerOptions,
    /// Signing in.
    #[serde(flatten)]
    pub sign_in: SignInOptions,
    /// OpenID providers whose accounts people may use.
    #[serde(default)]
    pub oidc: Vec<OidcOptions>,
    /// Outgoing calls.
    #[serde(flatten)]
    pub outbound: OutboundOptions,
    /// TLS on the registry's own port.
    #[serde(flatten)]
    pub tls: TlsOptions,
    /// Probing endpoints.
    #[serde(flatten)]
    pub probes: ProbeOptions,
    /// Refreshing sources.
    #[serde(flatten)]
    pub sources: SourceOptions,
    /// Root certificates.
    #[serde(flatten)]
    pub certificates: CertificateOptions,
    #[serde(flatten)]
    unknown: BTreeMap<String, toml::Value>,
}

/// The logging settings in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// How log lines are written.
    pub format: LogFormat,
    /// The least important level that is written.
    pub level: LogLevel,
    /// Where traces are sent; `None` if nowhere.
    pub otlp_endpoint: Option<String>,
}

/// The settings of the HTTP server in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// The address and port to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Whether callers without credentials are answered from public claims.
    pub public_read: bool,
    /// Threads that answer requests.
    pub workers: NonZeroU16,
    /// Connections that may be open at the same time, over all workers.
    pub max_connections: NonZeroU32,
    /// Connections that one network address may hold.
    pub max_connections_of_address: NonZeroU32,
    /// The largest request body that is read, in bytes.
    pub body_limit_bytes: NonZeroU32,
    /// The largest document that is accepted, in bytes.
    pub document_limit_bytes: NonZeroU32,
    /// How long a client may take to send a request's head, and the same again for its body.
    pub request_timeout_secs: NonZeroU16,
    /// How long an idle connection is kept.
    pub keep_alive_secs: NonZeroU16,
    /// How long a stop waits for in-flight requests.
    pub shutdown_timeout_secs: NonZeroU16,
    /// How often one organisation may ask; `None` if unlimited.
    pub rate: Option<Rate>,
    /// How often one address without an API key may ask; `None` if unlimited.
    pub public_rate: Option<Rate>,
    /// Proxies that are trusted to report where requests come from.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether metrics are shown to everybody.
    pub public_metrics: bool,
    /// Seconds between two checks that the stored data agrees with the log; 0 for no checks.
    pub verify_interval_secs: u32,
    /// The file in which the head of the log is kept; `None` if not set.
    pub log_head: Option<PathBuf>,
    /// The registry's own public host name.
    pub registry_name: Option<Host>,
    /// The registry's own public name; `None` if not set.
    pub issuer: Option<IssuerName>,
    /// The largest file of addresses that a member may import, in bytes.
    pub import_limit_bytes: NonZeroU32,
    /// The numeric limits of members' claims.
    pub claims: ClaimSettings,
    /// How many different addresses not found a caller may ask for per day, before no address is answered; `None` if unlimited.
    pub not_found_budget: Option<NonZeroU32>,
}

impl FileOptions {
    /// Reads a configuration file; without a path, nothing is set.
    pub fn read(path: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let path_of = || path.to_path_buf();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path_of(), source })?;
        let options: Self = toml::from_str(&text).map_err(|source| ConfigError::Parse { path: path_of(), source })?;
        match options.unknown.keys().next() {
            Some(key) => {
                let known: Vec<String> = file_options().iter().filter_map(key_of).chain(["oidc".to_owned()]).collect();
                let meant = nearest(key, known.iter().map(String::as_str)).map(str::to_owned);
                Err(ConfigError::UnknownKey { path: path_of(), key: key.clone(), meant })
            }
            None => Ok(options),
        }
    }
}

/// Tells whether a line has a URL with a password in it: `scheme://user:password@host`.
pub(crate) fn has_password(line: &str) -> bool {
    let authority = line.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    authority.and_then(|authority| authority.rsplit_once('@')).is_some_and(|(user, _)| user.contains(':'))
}

/// Returns the options that a file can set, with their help and their variables. OpenID providers, which are tables, are not among them.
#[must_use]
pub fn file_options() -> Vec<Arg> {
    let groups: [fn(Command) -> Command; 9] = [
        LogOptions::augment_args,
        StoreOptions::augment_args,
        ServerOptions::augment_args,
        SignInOptions::augment_args,
        OutboundOptions::augment_args,
        TlsOptions::augment_args,
        ProbeOptions::augment_args,
        SourceOptions::augment_args,
        CertificateOptions::augment_args,
    ];
    let command = groups.into_iter().fold(Command::new("settings"), |command, group| group(command));
    command.get_arguments().cloned().collect()
}

/// Returns the key of an option in a file.
#[must_use]
pub fn key_of(option: &Arg) -> Option<String> {
    option.get_long().map(|long| long.replace('-', "_"))
}

/// Refuses variables with our prefix that are not among `known`.
pub fn refuse_unknown_variables(names: impl IntoIterator<Item = String>, known: &[String]) -> Result<(), ConfigError> {
    match names.into_iter().find(|name| name.starts_with(VARIABLE_PREFIX) && !known.contains(name)) {
        Some(name) => {
            let bare = |name: &'_ str| name.strip_prefix(VARIABLE_PREFIX).unwrap_or_default().to_owned();
            let all: Vec<String> = known.iter().map(|known| bare(known)).collect();
            let meant = nearest(&bare(&name), all.iter().map(String::as_str)).map(|bare| format!("{VARIABLE_PREFIX}{bare}"));
            Err(ConfigError::UnknownVariable { name, meant })
        }
        None => Ok(()),
    }
}

impl LogOptions {
    /// Combines these options with those of a file and the defaults; these win.
    #[must_use]
    pub fn settle(self, file: &Self) -> LogSettings {
        LogSettings {
            format: self.log_format.or(file.log_format).unwrap_or(LogFormat::Human),
            level: self.log_level.or(file.log_level).unwrap_or(LogLevel::Info),
            otlp_endpoint: self.otlp_endpoint.or_else(|| file.otlp_endpoint.clone()),
        }
    }
}

impl ServerOptions {
    /// Combines these options with those of a file and the defaults; these win.
    #[must_use]
    pub fn settle(self, file: &Self) -> ServerSettings {
        let secs = |value| NonZeroU16::new(value).unwrap_or(NonZeroU16::MIN);
        let claims = ClaimSettings::settle(&self, file);
        let count = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        ServerSettings {
            listen: self.listen.or(file.listen).unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            public_read: self.public_read.or(file.public_read).unwrap_or(false),
            workers: self.workers.or(file.workers).unwrap_or_else(one_a_processor),
            max_connections: self.max_connections.or(file.max_connections).unwrap_or(count(10_000)),
            max_connections_of_address: self.max_connections_of_address.or(file.max_connections_of_address).unwrap_or(count(256)),
            body_limit_bytes: self.body_limit_bytes.or(file.body_limit_bytes).unwrap_or(count(2 << 20)),
            document_limit_bytes: self.document_limit_bytes.or(file.document_limit_bytes).unwrap_or(count(10 << 20)),
            request_timeout_secs: self.request_timeout_secs.or(file.request_timeout_secs).unwrap_or(secs(10)),
            keep_alive_secs: self.keep_alive_secs.or(file.keep_alive_secs).unwrap_or(secs(75)),
            shutdown_timeout_secs: self.shutdown_timeout_secs.or(file.shutdown_timeout_secs).unwrap_or(secs(30)),
            rate: Rate::settle(self.rate_limit.or(file.rate_limit), self.rate_burst.or(file.rate_burst), (2_000, 20_000)),
            public_rate: Rate::settle(
                self.public_rate_limit.or(file.public_rate_limit),
                self.public_rate_burst.or(file.public_rate_burst),
                (50, 2_000),
            ),
            trusted_proxies: self.trusted_proxy.or_else(|| file.trusted_proxy.clone()).unwrap_or_default(),
            public_metrics: self.public_metrics.or(file.public_metrics).unwrap_or(false),
            verify_interval_secs: self.verify_interval_secs.or(file.verify_interval_secs).unwrap_or(86_400),
            log_head: self.log_head.or_else(|| file.log_head.clone()),
            registry_name: self.registry_name.or_else(|| file.registry_name.clone()),
            issuer: self.issuer.or_else(|| file.issuer.clone()),
            import_limit_bytes: self.import_limit_bytes.or(file.import_limit_bytes).unwrap_or(count(32 << 20)),
            claims,
            not_found_budget: NonZeroU32::new(self.not_found_budget.or(file.not_found_budget).unwrap_or(10_000)),
        }
    }
}

fn one_a_processor() -> NonZeroU16 {
    std::thread::available_parallelism().ok().and_then(|n| NonZeroU16::try_from(n).ok()).unwrap_or(NonZeroU16::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<FileOptions, ConfigError> {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), text).unwrap();
        FileOptions::read(Some(path.path()))
    }

    #[test]
    fn options_beat_the_file_and_the_file_beats_the_defaults() {
        let file = file("listen = \"0.0.0.0:80\"\nlog_level = \"warn\"\nkeep_alive_secs = 5\npublic_read = true").unwrap();
        let given = ServerOptions { listen: Some("127.0.0.1:0".parse().unwrap()), ..ServerOptions::default() };

        let server = given.settle(&file.server);

        assert_eq!(server.listen.to_string(), "127.0.0.1:0");
        assert_eq!(server.keep_alive_secs.get(), 5);
        assert!(server.public_read);
        assert_eq!(server.body_limit_bytes.get(), 2_097_152);
        assert_eq!(
            LogOptions::default().settle(&file.log),
            LogSettings { format: LogFormat::Human, level: LogLevel::Warn, otlp_endpoint: None }
        );
        assert_eq!(StoreOptions::default().settle(&file.store).claim_index_limit, 50_000_000);
    }

    #[test]
    fn unknown_key_is_refused_by_name() {
        let error = file("log_level = \"info\"\nlog_leveel = \"info\"").unwrap_err();

        assert!(error.to_string().ends_with("has the unknown key `log_leveel`; did you mean `log_level`?"), "{error}");
        let error = file("colour = 1").unwrap_err();
        assert!(error.to_string().ends_with("has the unknown key `colour`"), "{error}");
    }

    #[test]
    fn wrong_values_and_missing_files_are_refused() {
        assert!(matches!(file("listen = \"here\""), Err(ConfigError::Parse { .. })));
        assert!(matches!(file("workers = 0"), Err(ConfigError::Parse { .. })));
        assert!(matches!(FileOptions::read(Some(Path::new("/nonexistent/file"))), Err(ConfigError::Read { .. })));
    }

    #[test]
    fn unknown_variables_are_refused_and_foreign_ones_left_alone() {
        let names = |names: [&str; 2]| names.map(str::to_owned);
        let known = ["VASP_REGISTRY_LISTEN".to_owned()];

        assert!(refuse_unknown_variables(names(["PATH", "VASP_REGISTRY_LISTEN"]), &known).is_ok());
        let error = refuse_unknown_variables(names(["PATH", "VASP_REGISTRY_LISTENN"]), &known).unwrap_err().to_string();
        assert!(error.starts_with("the environment variable VASP_REGISTRY_LISTENN is unknown"), "{error}");
        assert!(error.ends_with("; did you mean `VASP_REGISTRY_LISTEN`?"), "{error}");
    }
}
