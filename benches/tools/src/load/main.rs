//! The load generator of `scripts/bench`: keeps some connections to one loopback address busy for some seconds, from one
//! thread, and tells what came of it as JSON. With a rate it sends on a fixed schedule and counts every answer's time from
//! when its request was due, not from when it could be sent, so that a stall is seen by all whom it would have met.

#![expect(
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a tool that measures time, and may end with a panic where a server breaks HTTP"
)]

mod connection;
mod requests;

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use connection::{Connection, Progress};
use mio::{Events, Interest, Poll, Token};
use requests::Requests;

type Failure = Box<dyn std::error::Error>;

/// What to do: `ADDRESS FILE CONNECTIONS SECONDS [RATE]`.
struct Job {
    address: SocketAddr,
    requests: Requests,
    connections: usize,
    lasts: Duration,
    rate: Option<f64>,
}

/// What came of it.
#[derive(Default)]
struct Tally {
    micros: Vec<u32>,
    statuses: BTreeMap<u16, u64>,
    bytes: u64,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [address, file, connections, seconds, rest @ ..] = arguments.as_slice() else {
        return Err("arguments: ADDRESS FILE CONNECTIONS SECONDS [RATE]".into());
    };
    let address: SocketAddr = address.parse()?;
    if !address.ip().is_loopback() {
        return Err("load goes to this machine only".into());
    }
    let job = Job {
        address,
        requests: Requests::read(file)?,
        connections: connections.parse()?,
        lasts: Duration::from_secs_f64(seconds.parse()?),
        rate: rest.first().map(|rate| rate.parse()).transpose()?,
    };
    let (tally, took) = run(job)?;
    writeln!(std::io::stdout(), "{}", tally.report(took))?;
    Ok(())
}

fn run(mut job: Job) -> Result<(Tally, Duration), Failure> {
    let mut poll = Poll::new()?;
    let mut connections = Vec::with_capacity(job.connections);
    for index in 0..job.connections {
        let mut connection = Connection::open(job.address)?;
        poll.registry().register(&mut connection.stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
        connections.push(connection);
    }
    let (mut events, mut tally) = (Events::with_capacity(1024), Tally::default());
    let mut idle: VecDeque<usize> = (0..job.connections).collect();
    let (start, mut sent) = (Instant::now(), 0u64);
    let due = |number: u64, rate: f64| start + Duration::from_secs_f64(number as f64 / rate);
    loop {
        let now = Instant::now();
        if now - start >= job.lasts && (idle.len() == connections.len() || now - start >= job.lasts + Duration::from_secs(5)) {
            return Ok((tally, (now - start).min(job.lasts)));
        }
        let more = now - start < job.lasts;
        while more && let Some(&index) = idle.front() {
            let began = match job.rate {
                Some(rate) if due(sent, rate) > now => break,
                Some(rate) => due(sent, rate),
                None => Instant::now(),
            };
            idle.pop_front();
            sent += 1;
            connections[index].send(job.requests.next(), began)?;
        }
        let wait = match job.rate {
            Some(rate) if more && !idle.is_empty() => due(sent, rate).saturating_duration_since(Instant::now()),
            Some(_) => Duration::from_millis(20),
            // Never asleep: a server would pay for waking it, the more the fewer answers it gives, and none over a network does.
            None => Duration::ZERO,
        };
        // The kernel's timer counts in milliseconds: shorter waits are spun away.
        poll.poll(&mut events, Some(if wait < Duration::from_millis(1) { Duration::ZERO } else { wait }))?;
        for event in &events {
            let connection = &mut connections[event.token().0];
            if let Progress::Answered { status, bytes } = connection.progress()? {
                tally.micros.push(u32::try_from(connection.began.elapsed().as_micros()).unwrap_or(u32::MAX));
                *tally.statuses.entry(status).or_default() += 1;
                tally.bytes += bytes;
                idle.push_back(event.token().0);
            }
        }
    }
}

impl Tally {
    fn report(mut self, took: Duration) -> String {
        self.micros.sort_unstable();
        let answers = self.micros.len();
        let at = |permille: usize| self.micros.get(answers * permille / 1000).or(self.micros.last()).copied().unwrap_or(0);
        let statuses: Vec<String> = self.statuses.iter().map(|(status, count)| format!("\"{status}\": {count}")).collect();
        format!(
            "{{\"answers\": {answers}, \"seconds\": {:.3}, \"per_second\": {:.1}, \"bytes\": {}, \"p50_us\": {}, \"p99_us\": {}, \"p999_us\": {}, \"statuses\": {{{}}}}}",
            took.as_secs_f64(),
            answers as f64 / took.as_secs_f64(),
            self.bytes,
            at(500),
            at(990),
            at(999),
            statuses.join(", ")
        )
    }
}
