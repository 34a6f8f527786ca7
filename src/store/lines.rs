//! The connections to a PostgreSQL server: which statements wait for their answer, since when, and over which socket. libpq waits without
//! limit and Diesel hides its socket. With these records [`super::line_watch`] can end such a wait.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::time::Duration;

use diesel::connection::{Instrumentation, InstrumentationEvent};
use vasp_clock::Stopwatch;

use super::line_socket::{LineSocket, sockets};

/// The time between two attempts to get the turn to connect.
const TURN_LOOK: Duration = Duration::from_millis(10);

/// Microseconds after which an ended statement that still waits is counted as lost.
const LOST_MICROS: u64 = 10_000_000;

/// Microseconds for which the loss of an answer is a sign that others may be lost.
const TROUBLE_MICROS: u64 = 5_000_000;

/// A statement that waits for its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    since: Stopwatch,
    /// When the server is asked next whether it works on the statement, in microseconds after the statement began.
    pub ask_at_micros: u64,
    /// How many times in a row the server answered that it does not.
    pub idle_looks: u32,
    /// Whether nobody answered that question.
    pub is_unreachable: bool,
    /// Whether its socket was shut.
    pub is_ended: bool,
}

impl Waiting {
    /// Records the start of a wait.
    pub(super) fn begin() -> Self {
        let since = Stopwatch::start();
        Self { since, ask_at_micros: super::line_watch::ASK_MICROS, idle_looks: 0, is_unreachable: false, is_ended: false }
    }

    /// Returns how long it has waited.
    pub(super) fn micros(&self) -> u64 {
        self.since.elapsed_micros()
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct Line {
    /// When the server last answered.
    heard: Stopwatch,
    /// Id of its process at the server; 0 if it is not known.
    pub backend: i32,
    /// Whether the watch itself uses it to ask.
    pub asks: bool,
    pub socket: Option<LineSocket>,
    pub waiting: Option<Waiting>,
}

/// A connection, shared between its user and its watch.
pub(super) type SharedLine = Arc<Mutex<Line>>;

/// All connections to one database.
#[derive(Debug, Default)]
pub(super) struct Lines {
    all: Mutex<Vec<Weak<Mutex<Line>>>>,
    turn: Mutex<()>,
    connecting: Mutex<Option<Connecting>>,
    /// When the loss of an answer was last noticed.
    loss: Mutex<Option<Stopwatch>>,
}

#[derive(Debug)]
struct Connecting {
    since: Stopwatch,
    /// The sockets that were open before this connection.
    before: HashSet<LineSocket>,
    ports: Vec<u16>,
}

/// The turn to connect. Only one connection is made at a time, so that the new socket is its socket.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    lines: &'a Lines,
    _turn: MutexGuard<'a, ()>,
}

/// Tells a connection when a statement on it begins and when it is answered.
struct Told(SharedLine);

pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Instrumentation for Told {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => held(&self.0).waiting = Some(Waiting::begin()),
            InstrumentationEvent::FinishQuery { .. } => {
                let mut line = held(&self.0);
                line.waiting = None;
                line.heard = Stopwatch::start();
            }
            _ => {}
        }
    }
}

impl Lines {
    /// Waits for the turn to connect to a server at one of these ports; `None` if it did not come in time.
    pub(super) fn turn(&self, ports: Vec<u16>, patience: Duration) -> Option<Turn<'_>> {
        let watch = Stopwatch::start();
        let turn = loop {
            match self.turn.try_lock() {
                Ok(turn) => break turn,
                Err(TryLockError::Poisoned(poisoned)) => break poisoned.into_inner(),
                Err(TryLockError::WouldBlock) if Duration::from_micros(watch.elapsed_micros()) >= patience => return None,
                Err(TryLockError::WouldBlock) => std::thread::sleep(TURN_LOOK),
            }
        };
        *held(&self.connecting) = Some(Connecting { since: Stopwatch::start(), before: sockets(), ports });
        Some(Turn { lines: self, _turn: turn })
    }

    /// Shuts a connection attempt that takes longer than this.
    pub(super) fn end_connecting(&self, after_micros: u64) {
        let late = |connecting: &Connecting| connecting.since.elapsed_micros() >= after_micros;
        for socket in held(&self.connecting).as_ref().filter(|it| late(it)).into_iter().flat_map(Connecting::made) {
            socket.shut();
        }
    }

    /// Records that the answer to a statement was lost after this wait. Also shuts the idle connections over which nothing was heard since
    /// the statement began, because their next user would wait in vain too.
    pub(super) fn note_loss(&self, waited_micros: u64) {
        *held(&self.loss) = Some(Stopwatch::start());
        for line in self.open() {
            let line = held(&line);
            if line.waiting.is_none() && line.heard.elapsed_micros() >= waited_micros {
                line.socket.map(LineSocket::shut);
            }
        }
    }

    /// Tells whether an answer was lost recently.
    pub(super) fn has_trouble(&self) -> bool {
        held(&self.loss).is_some_and(|loss| loss.elapsed_micros() < TROUBLE_MICROS)
    }

    /// Returns the open connections.
    pub(super) fn open(&self) -> Vec<SharedLine> {
        let mut all = held(&self.all);
        all.retain(|line| line.strong_count() > 0);
        all.iter().filter_map(Weak::upgrade).collect()
    }

    /// Counts the statements whose wait could not be ended. Each has a lost thread.
    pub(super) fn lost(&self) -> usize {
        let is_lost = |waiting: Waiting| waiting.is_ended && waiting.micros() >= LOST_MICROS;
        self.open().iter().filter(|line| held(line).waiting.is_some_and(is_lost)).count()
    }
}

impl Turn<'_> {
    /// Starts to watch the connection that was just made.
    pub(super) fn watch(&self, conn: &mut diesel::PgConnection, asks: bool) -> SharedLine {
        let made: Vec<LineSocket> = held(&self.lines.connecting).as_ref().map(Connecting::made).unwrap_or_default();
        let socket = match *made.as_slice() {
            [socket] => Some(socket),
            _ => None,
        };
        let line = Arc::new(Mutex::new(Line { heard: Stopwatch::start(), backend: 0, asks, socket, waiting: None }));
        held(&self.lines.all).push(Arc::downgrade(&line));
        diesel::Connection::set_instrumentation(conn, Told(Arc::clone(&line)));
        line
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *held(&self.lines.connecting) = None;
    }
}

impl Connecting {
    fn made(&self) -> Vec<LineSocket> {
        sockets().into_iter().filter(|it| !self.before.contains(it) && it.leads_to(&self.ports)).collect()
    }
}
