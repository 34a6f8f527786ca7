//! Asks several DNS resolvers independently, and validates their TXT answers with DNSSEC. Nothing is cached between questions. The system's
//! resolvers and its hosts file are not used. The interface is blocking, because services are synchronous; a thread with its own runtime
//! does the work.

use std::collections::BTreeSet;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::dnssec::{DnssecSummary, TrustAnchors};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver};

use super::test_names::TestNames;
use vasp_record::dns_answer::{DnssecStatus, ResolverAnswer, TxtAnswer};
use vasp_words::host::Host;

/// How long to wait for the answer to one datagram before the question is sent again.
const ATTEMPT: Duration = Duration::from_millis(1_500);
/// How often a question is repeated. Validating a name takes several questions, each of which may be repeated.
const REPETITIONS: usize = 1;
/// How many addresses of one answer are read and checked.
const ADDRESSES_MAX: usize = 32;

/// The resolvers that are asked.
#[derive(Clone)]
pub(super) struct Resolvers {
    addresses: Vec<SocketAddr>,
    roots: Arc<TrustAnchors>,
    test_names: Option<Arc<TestNames>>,
}

/// Why a host has no addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAddress {
    /// The name does not exist, or it has no address.
    NotFound,
    /// The resolvers answer that the look-up failed.
    Failed,
    /// No resolver answered in time.
    Silent,
}

/// Who validates the DNSSEC signatures of an answer.
#[derive(Clone, Copy)]
enum Validation {
    /// This process.
    Here,
    /// The resolvers, as public resolvers do. Used for addresses: TLS proves that the right server was reached. An error in our own DNSSEC
    /// validation must not block both ways in which an owner can prove a domain.
    Theirs,
}

impl Resolvers {
    /// Takes the resolvers and the keys that sign the DNS root.
    pub(super) fn new(addresses: Vec<SocketAddr>, roots: Arc<TrustAnchors>) -> Self {
        Self { addresses, roots, test_names: None }
    }

    /// Answers reserved names from this table.
    pub(super) fn with_test_names(self, names: Arc<TestNames>) -> Self {
        Self { test_names: Some(names), ..self }
    }

    /// Returns where on this machine the server of a reserved name listens. `None` for names that the resolvers answer.
    pub(super) fn server_here(&self, host: &Host) -> Option<Result<SocketAddr, NoAddress>> {
        let found = self.test_names.as_ref()?.server(host.as_str())?;
        Some(found.ok_or(NoAddress::NotFound))
    }

    /// Asks every resolver for the TXT records of a name, all at the same time.
    pub(super) fn texts(&self, name: &str, limit: Duration) -> Vec<ResolverAnswer> {
        if let Some(answer) = self.test_names.as_ref().and_then(|names| names.texts(name)) {
            let given = |resolver: &SocketAddr| ResolverAnswer { resolver: resolver.to_string(), answer: answer.clone() };
            return self.addresses.iter().map(given).collect();
        }
        let answers = self.ask_all(name, limit, Validation::Here, |resolver, name| async move {
            match texts_by(&resolver, &name).await {
                // A key that could not be fetched in time also appears as a bogus answer. So ask again: only a repeated bogus answer is
                // final.
                TxtAnswer::Bogus => texts_by(&resolver, &name).await,
                answer => answer,
            }
        });
        let answers = answers.into_iter().zip(&self.addresses);
        let given = |(answer, resolver): (Option<TxtAnswer>, &SocketAddr)| ResolverAnswer {
            resolver: resolver.to_string(),
            answer: answer.unwrap_or(TxtAnswer::Silent),
        };
        answers.map(given).collect()
    }

    /// Asks all resolvers for the addresses of a host. Returns the answer of the first resolver, in configured order, that has any.
    pub(super) fn addresses(&self, host: &Host, limit: Duration) -> Result<Vec<IpAddr>, NoAddress> {
        let question = |resolver, name| async move { addresses_by(&resolver, &name).await };
        let answers = self.ask_all(host.as_str(), limit, Validation::Theirs, question);
        let answers: Vec<_> = answers.into_iter().map(|answer| answer.unwrap_or(Err(NoAddress::Silent))).collect();
        first_with_any(&answers)
    }

    /// Asks one resolver after the other for the addresses of a host, until one has any. Each may take `limit`. Meant for frequent
    /// look-ups: it blocks no thread and asks as few questions as possible.
    pub(super) async fn look_up(&self, host: &Host, limit: Duration) -> Result<Vec<IpAddr>, NoAddress> {
        let name = Name::from_ascii(format!("{host}.")).map_err(|_| NoAddress::Failed)?;
        let mut answers = Vec::with_capacity(self.addresses.len());
        for address in &self.addresses {
            let answer = match self.resolver(*address, Validation::Theirs) {
                Ok(resolver) => {
                    tokio::time::timeout(limit, addresses_by(&resolver, &name)).await.unwrap_or(Err(NoAddress::Silent))
                }
                Err(_) => Err(NoAddress::Silent),
            };
            if answer.is_ok() {
                return answer;
            }
            answers.push(answer);
        }
        first_with_any(&answers)
    }

    /// Asks every resolver the same question, all at the same time, in a separate thread and runtime. The answer is `None` for a resolver
    /// that takes longer than `limit`. All answers are `None` if the work cannot be done.
    fn ask_all<T, F>(
        &self,
        name: &str,
        limit: Duration,
        validation: Validation,
        question: impl Fn(TokioResolver, Name) -> F + Sync,
    ) -> Vec<Option<T>>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let nothing = || self.addresses.iter().map(|_| None).collect();
        let Ok(name) = Name::from_ascii(format!("{name}.")) else { return nothing() };
        let work = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            Some(runtime.block_on(async {
                let start = |resolver: TokioResolver| tokio::spawn(tokio::time::timeout(limit, question(resolver, name.clone())));
                let running: Vec<_> =
                    self.addresses.iter().map(|address| self.resolver(*address, validation).ok().map(start)).collect();
                let mut answers = Vec::with_capacity(running.len());
                for task in running {
                    answers.push(match task {
                        Some(task) => task.await.ok().and_then(Result::ok),
                        None => None,
                    });
                }
                answers
            }))
        };
        // If the thread panics or cannot start, there is no answer: the caller then reports that no resolver answered.
        let answers = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("dns".to_owned());
            thread.spawn_scoped(scope, work).ok().and_then(|thread| thread.join().ok()).flatten()
        });
        answers.unwrap_or_else(nothing)
    }

    /// Makes a client for one resolver: over UDP, and over TCP if an answer is too long. It has no cache and uses no hosts file.
    fn resolver(&self, address: SocketAddr, validation: Validation) -> Result<TokioResolver, NetError> {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
            connection.port = address.port();
            connection
        });
        let server = NameServerConfig::new(address.ip(), true, connections.into());
        let mut options = ResolverOpts::default();
        options.timeout = ATTEMPT;
        options.attempts = REPETITIONS;
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        // An attacker who forges an answer must also guess the case of every letter, besides the port and the query id.
        options.case_randomization = true;
        let config = ResolverConfig::from_name_servers(vec![server]);
        let builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default()).with_options(options);
        match validation {
            Validation::Here => builder.with_trust_anchor(Arc::clone(&self.roots)).build(),
            Validation::Theirs => builder.build(),
        }
    }
}

fn texts_of(lookup: &Lookup) -> TxtAnswer {
    let dnssec = match DnssecSummary::from_records(lookup.answers().iter()) {
        DnssecSummary::Secure => DnssecStatus::Secure,
        DnssecSummary::Insecure => DnssecStatus::Insecure,
        DnssecSummary::Bogus => return TxtAnswer::Bogus,
    };
    let texts = lookup.answers().iter().filter_map(|record| match &record.data {
        RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
        _ => None,
    });
    let texts: BTreeSet<_> = texts.collect();
    if texts.is_empty() { TxtAnswer::Nothing } else { TxtAnswer::Texts { texts, dnssec } }
}

fn addresses_of(lookup: &Lookup) -> impl Iterator<Item = IpAddr> {
    lookup.answers().iter().filter_map(|record| match &record.data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
        _ => None,
    })
}

/// Asks one resolver for TXT records.
async fn texts_by(resolver: &TokioResolver, name: &Name) -> TxtAnswer {
    match resolver.lookup(name.clone(), RecordType::TXT).await {
        Ok(lookup) => texts_of(&lookup),
        Err(NetError::Dns(DnsError::DnssecBogus | DnsError::Nsec { .. })) => TxtAnswer::Bogus,
        Err(error) => match reason(&error) {
            NoAddress::NotFound => TxtAnswer::Nothing,
            NoAddress::Failed => TxtAnswer::Failed,
            NoAddress::Silent => TxtAnswer::Silent,
        },
    }
}

/// Asks one resolver for IPv4 and IPv6 addresses.
async fn addresses_by(resolver: &TokioResolver, name: &Name) -> Result<Vec<IpAddr>, NoAddress> {
    let (four, six) = tokio::join!(resolver.lookup(name.clone(), RecordType::A), resolver.lookup(name.clone(), RecordType::AAAA));
    let found: Vec<IpAddr> = [&four, &six].into_iter().flatten().flat_map(addresses_of).take(ADDRESSES_MAX).collect();
    let wrong = [&four, &six].into_iter().find_map(|answer| answer.as_ref().err().map(reason));
    if found.is_empty() { Err(wrong.unwrap_or(NoAddress::NotFound)) } else { Ok(found) }
}

/// Returns the first answer, in order, that has addresses. If none has any, combines the reasons of all answers into one.
fn first_with_any(answers: &[Result<Vec<IpAddr>, NoAddress>]) -> Result<Vec<IpAddr>, NoAddress> {
    let said = |reason| answers.contains(&Err(reason));
    match answers.iter().find_map(|answer| answer.as_ref().ok()) {
        Some(addresses) => Ok(addresses.clone()),
        None if said(NoAddress::NotFound) => Err(NoAddress::NotFound),
        None if said(NoAddress::Failed) => Err(NoAddress::Failed),
        None => Err(NoAddress::Silent),
    }
}

/// Translates an error into the reason why there is no address.
fn reason(error: &NetError) -> NoAddress {
    match error {
        error if error.is_no_records_found() => NoAddress::NotFound,
        NetError::Dns(_) => NoAddress::Failed,
        _ => NoAddress::Silent,
    }
}
