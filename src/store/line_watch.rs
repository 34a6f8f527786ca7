//! Ends the wait for an answer that will not come. If a statement waits for some seconds, the watch opens a new connection and asks the
//! server whether it works on the statement. If the server does, the statement may take as long as it needs. If it does not, the statement
//! or its answer was lost. Then, or if nobody answers the question, the watch shuts the statement's socket. The waiting thread gets an
//! error, the pool makes a new connection, and no thread is lost.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::edge::*;
use diesel::sql_types::{Array, Integer};
use vasp_clock::Stopwatch;

use super::backend::{Purpose, Target};
use super::line_socket::LineSocket;
use super::lines::{Lines, Waiting, held};
use super::{Conn, Store, StoreError};

/// Microseconds after which the server is first asked about a statement.
pub(super) const ASK_MICROS: u64 = 1_500_000;

/// Microseconds after which a statement is ended: one that the server does not work on, and one about which nothing can be learned. A write
/// is answered within 6 seconds (docs/faults.md), and may need another connection.
const IDLE_MICROS: u64 = 2_500_000;
const UNREACHABLE_MICROS: u64 = 4_500_000;

/// Microseconds that each statement of the question itself may take.
const QUESTION_MICROS: u64 = 1_500_000;

/// Microseconds that a new connection may take. libpq gives up earlier, unless it hangs in Diesel's first statements.
const CONNECT_MICROS: u64 = 6_000_000;

const END_LOOK: Duration = Duration::from_millis(100);
const ASK_LOOK: Duration = Duration::from_millis(250);

/// The server's answer about the statements in question.
enum Said {
    /// The server works on the statements of these processes.
    Works(HashSet<i32>),
    /// The server did not answer for a second and a half or more.
    Nothing,
    /// The server refused the question, but it is running.
    Refused,
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

/// Tells whether to end the wait of a statement that has waited for `micros`. `asks` is true for the watch's own question.
fn is_lost(waiting: &Waiting, micros: u64, asks: bool) -> bool {
    match asks {
        true => micros >= QUESTION_MICROS,
        // Look twice: at the first look an answer may have been on its way.
        false if waiting.idle_looks >= 2 => micros >= IDLE_MICROS,
        false => waiting.is_unreachable && micros >= UNREACHABLE_MICROS,
    }
}

/// Records the server's answer about a statement.
fn note(waiting: &mut Waiting, micros: u64, said: &Said, backend: i32) {
    match said {
        Said::Works(pids) if pids.contains(&backend) => {
            (waiting.idle_looks, waiting.is_unreachable) = (0, false);
            waiting.ask_at_micros = micros + micros / 3;
        }
        Said::Works(_) => waiting.idle_looks += 1,
        Said::Nothing => waiting.is_unreachable = true,
        Said::Refused => waiting.ask_at_micros = micros + micros / 3,
    }
}

/// Shuts the sockets of the statements whose answers are lost.
fn end_lost(lines: &Lines) {
    for line in lines.open() {
        let mut line = held(&line);
        let (asks, socket) = (line.asks, line.socket);
        let Some(waiting) = line.waiting.as_mut().filter(|waiting| !waiting.is_ended) else { continue };
        let micros = waiting.micros();
        if !is_lost(waiting, micros, asks) {
            continue;
        }
        waiting.is_ended = true;
        let is_shut = socket.is_some_and(LineSocket::shut);
        drop(line);
        if asks {
            continue;
        }
        lines.note_loss(micros);
        let millis = micros / 1_000;
        if is_shut {
            tracing::warn!(waited_ms = millis, "the database did not answer a statement: the connection was closed");
        } else {
            tracing::error!(
                waited_ms = millis,
                "the database did not answer a statement, and the connection cannot be closed: the thread is blocked until the system ends the connection"
            );
        }
    }
    lines.end_connecting(CONNECT_MICROS);
}

/// Asks the server about the statements that have waited long enough.
fn ask(target: &Target) {
    let is_due = |waiting: &Waiting| !waiting.is_ended && waiting.micros() >= waiting.ask_at_micros;
    let due: Vec<_> = target
        .lines()
        .open()
        .into_iter()
        .filter_map(|line| {
            let state = held(&line);
            let backend = state.waiting.filter(is_due).filter(|_| !state.asks).map(|_| state.backend);
            drop(state);
            Some((backend?, line))
        })
        .collect();
    if due.is_empty() {
        return;
    }
    let pids: Vec<i32> = due.iter().map(|(backend, _)| *backend).collect();
    let said = what_is_said(target, &pids);
    for (backend, line) in due {
        // By now another statement may wait on this connection, about which nothing was asked.
        if let Some(waiting) = held(&line).waiting.as_mut().filter(|waiting| is_due(waiting)) {
            note(waiting, waiting.micros(), &said, backend);
        }
    }
}

fn what_is_said(target: &Target, pids: &[i32]) -> Said {
    let watch = Stopwatch::start();
    match working(target, pids) {
        Ok(found) => Said::Works(found),
        Err(_) if watch.elapsed_micros() >= QUESTION_MICROS => Said::Nothing,
        Err(_) => Said::Refused,
    }
}

/// Source: PostgreSQL 15 manual, table 28.3: `state` of `pg_stat_activity`.
fn working(target: &Target, pids: &[i32]) -> Result<HashSet<i32>, StoreError> {
    let Conn::Postgres(mut conn) = target.establish_for(Purpose::Asking)? else { return Ok(HashSet::new()) };
    let found: Vec<Backend> = diesel::sql_query("SELECT pid FROM pg_stat_activity WHERE pid = ANY($1) AND state = 'active'")
        .bind::<Array<Integer>, _>(pids)
        .load(&mut conn)
        .map_err(StoreError::on("pg_stat_activity"))?;
    Ok(found.into_iter().map(|row| row.pid).collect())
}

/// Watches the connections to a server until it is dropped.
#[derive(Debug)]
pub(super) struct LineWatch(Arc<AtomicBool>);

impl LineWatch {
    /// Starts to watch; `None` for a SQLite file, where nobody waits for an answer.
    ///
    /// # Errors
    /// `StoreError::Files` if no thread can be started.
    pub(super) fn start(target: &Target) -> Result<Option<Self>, StoreError> {
        if target.is_sqlite() {
            return Ok(None);
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let (ends, asks) = (target.clone(), target.clone());
        every("database-ends", END_LOOK, &is_over, move || end_lost(ends.lines()))?;
        every("database-asks", ASK_LOOK, &is_over, move || ask(&asks))?;
        Ok(Some(Self(is_over)))
    }
}

impl Drop for LineWatch {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Store {
    /// Returns how many threads wait for an answer from PostgreSQL that will not come and cannot be freed.
    #[must_use]
    pub fn stuck_threads(&self) -> usize {
        self.target.lines().lost()
    }

    /// Tells whether an answer from PostgreSQL was lost in the last seconds. Statements that wait now may have lost theirs too.
    #[must_use]
    pub fn loses_answers(&self) -> bool {
        self.target.lines().has_trouble()
    }
}

fn every(
    name: &str,
    pause: Duration,
    is_over: &Arc<AtomicBool>,
    mut look: impl FnMut() + Send + 'static,
) -> Result<(), StoreError> {
    let is_over = Arc::clone(is_over);
    let looks = move || {
        while !is_over.load(Ordering::Relaxed) {
            look();
            std::thread::sleep(pause);
        }
    };
    std::thread::Builder::new().name(name.to_owned()).spawn(looks).map(drop).map_err(StoreError::Files)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BACKEND: i32 = 7;

    fn works(yes: bool) -> Said {
        Said::Works(if yes { HashSet::from([BACKEND]) } else { HashSet::new() })
    }

    fn after(said: &[Said]) -> Waiting {
        let mut waiting = Waiting::begin();
        for (place, said) in (0..).zip(said) {
            note(&mut waiting, ASK_MICROS + place * 250_000, said, BACKEND);
        }
        waiting
    }

    #[test]
    fn a_statement_that_the_server_works_on_is_waited_for() {
        let hour = 3_600_000_000;
        assert!(!is_lost(&after(&[]), hour, false), "nobody was asked");
        assert!(!is_lost(&after(&[works(true)]), hour, false));
        assert!(!is_lost(&after(&[works(false), works(true), works(false)]), hour, false), "the answer may be on its way");
        assert!(!is_lost(&after(&[Said::Nothing, works(true)]), hour, false), "it was reached again");
        assert!(!is_lost(&after(&[Said::Refused, Said::Refused]), hour, false));
    }

    #[test]
    fn a_statement_is_ended_where_the_server_does_not_work_on_it_or_is_not_reached() {
        let (idle, unreached) = (after(&[works(false), works(false)]), after(&[Said::Nothing]));
        assert_eq!([2_499_999, 2_500_000].map(|micros| is_lost(&idle, micros, false)), [false, true]);
        assert_eq!([4_499_999, 4_500_000].map(|micros| is_lost(&unreached, micros, false)), [false, true]);
        assert_eq!([1_499_999, 1_500_000].map(|micros| is_lost(&after(&[]), micros, true)), [false, true], "a question");
    }

    #[test]
    fn a_statement_that_takes_long_is_asked_about_less_and_less_often() {
        let mut waiting = Waiting::begin();
        note(&mut waiting, 3_000_000, &works(true), BACKEND);
        assert_eq!(waiting.ask_at_micros, 4_000_000);
        note(&mut waiting, 60_000_000, &works(true), BACKEND);
        assert_eq!(waiting.ask_at_micros, 80_000_000);
    }

    proptest! {
        /// A longer wait never saves a statement: one that is ended after some time is also ended after more.
        #[test]
        fn a_longer_wait_is_ended_where_a_shorter_is(looks in prop::collection::vec(0..4_u8, 0..6), micros in 0..10_000_000_u64, more in 0..10_000_000_u64, asks in any::<bool>()) {
            let said: Vec<Said> = looks.into_iter().map(|look| match look {
                0 => works(true),
                1 => works(false),
                2 => Said::Nothing,
                _ => Said::Refused,
            }).collect();
            let waiting = after(&said);
            prop_assert!(!is_lost(&waiting, micros, asks) || is_lost(&waiting, micros + more, asks));
        }
    }
}
