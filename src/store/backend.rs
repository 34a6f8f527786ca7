//! Connections to the two databases behind one type, their settings, and the transactions around a unit of work. The address's scheme
//! chooses the database: Diesel's derived connection would turn a typo into a new file.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::claim_scan::claims_error;
use super::closing::{Closing, Open, Pooled};
use super::damage::Damage;
use super::durable::assert_durable;
use super::edge::*;
use super::line_socket::ports;
use super::lines::{Lines, held};
use super::log_mover::LOG_PAGES_MAX;
use super::one_name::assert_one_name;
use super::sqlite_file::{Access, is_to_have_a_log};
use super::{DatabaseUrl, StoreError, StoreOptions, migrations};
use diesel::connection::{Connection, SimpleConnection};
use diesel::query_builder::QueryFragment;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::r2d2::{self, ManageConnection};
use diesel::sql_types::Integer;

/// A connection to either database. Plain queries run on it directly. What only one of the databases supports goes through
/// `on_backend!`.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// The embedded database.
    Sqlite(diesel::SqliteConnection),
    /// A PostgreSQL server.
    Postgres(diesel::PgConnection),
}

/// Runs one statement with the connection's own type. Upserts, batch inserts and anything else that the combined connection does not
/// support need it. Batch inserts name every column, so that a `None` stays NULL.
macro_rules! on_backend {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::backend::Conn::Sqlite($inner) => $body,
            $crate::backend::Conn::Postgres($inner) => $body,
        }
    };
}
pub(super) use on_backend;

/// Runs a statement that writes, and returns how many rows it wrote.
pub(super) fn written<S>(conn: &mut Conn, table: &'static str, statement: S) -> Result<usize, StoreError>
where
    S: Run<Conn> + QueryFragment<MultiBackend>,
{
    statement.execute(conn).map_err(StoreError::on(table))
}

/// Runs a statement that writes one row; `StoreError::Stale` if another writer changed the row first.
pub(super) fn written_once<S>(conn: &mut Conn, table: &'static str, statement: S) -> Result<(), StoreError>
where
    S: Run<Conn> + QueryFragment<MultiBackend>,
{
    if written(conn, table, statement)? == 1 { Ok(()) } else { Err(StoreError::Stale { table }) }
}

/// Inserts several rows by one statement, and returns how many.
pub(super) fn written_rows<S>(conn: &mut Conn, table: &'static str, statement: S) -> Result<usize, StoreError>
where
    S: ExecuteDsl<diesel::SqliteConnection> + ExecuteDsl<diesel::PgConnection>,
{
    on_backend!(conn, c => ExecuteDsl::execute(statement, c)).map_err(StoreError::on(table))
}

/// A pool of connections.
pub(super) type Pool = r2d2::Pool<Manager>;

/// What to connect to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    url: DatabaseUrl,
    lock_timeout_ms: u128,
    idle_limit_ms: u128,
    pub(super) open: Open,
    lines: Arc<Lines>,
    damage: Arc<Damage>,
    access: Access,
}

/// What a connection to a server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Reads and writes of the store.
    Work,
    /// Asking the server what it is working on, which has a short time limit; trying to write to a file.
    Asking,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.url.fmt(f)
    }
}

impl Target {
    pub(super) fn new(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self, StoreError> {
        if let DatabaseUrl::Sqlite(path) = url
            && !options.create
            && !path.exists()
        {
            return Err(StoreError::NoSuchFile { path: path.display().to_string() });
        }
        Ok(Self {
            url: url.clone(),
            lock_timeout_ms: options.lock_timeout.as_millis(),
            idle_limit_ms: options.idle_limit.as_millis(),
            open: Open::default(),
            lines: Arc::default(),
            damage: Arc::default(),
            access: Access::Write,
        })
    }

    /// Returns the same target, opened for reading only.
    pub(super) fn read_only(self) -> Self {
        Self { access: self.sqlite_path().map_or(Access::Read, Access::to_read), ..self }
    }

    /// Refuses a database that must not be opened with these options. Writes nothing into it.
    pub(super) fn look(&self, options: &StoreOptions) -> Result<(), StoreError> {
        super::own_schema::prepare();
        let looking = match self.sqlite_path() {
            Some(path) if !path.exists() => return Ok(()),
            Some(path) => {
                assert_one_name(path, is_to_have_a_log(path))?;
                Self { access: Access::to_look(path), ..self.clone() }
            }
            None => self.clone(),
        };
        migrations::look(&mut looking.establish()?, options).map_err(|error| error.at(self))
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.access != Access::Write
    }

    /// Returns the same settings with another address.
    pub(super) fn at(&self, url: &DatabaseUrl) -> Self {
        Self { url: url.clone(), lines: Arc::default(), ..self.clone() }
    }

    /// Returns the connections to this target.
    pub(super) fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Returns what is known about the damage of a SQLite file.
    pub(super) fn damage(&self) -> &Damage {
        &self.damage
    }

    /// Returns a guard for a SQLite file. When its last owner drops it, it waits until the pools' connections are closed.
    pub(super) fn closing(&self) -> Option<Arc<Closing>> {
        self.is_sqlite().then(|| Arc::new(Closing::of(self.clone())))
    }

    /// Opens a connection for which the guard waits, too.
    pub(super) fn counted(&self) -> Result<Pooled, StoreError> {
        Ok(Pooled { conn: self.establish()?, _counted: self.open.one_more() })
    }

    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self.url, DatabaseUrl::Sqlite(_))
    }

    pub(super) fn sqlite_path(&self) -> Option<&Path> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => Some(path),
            DatabaseUrl::Postgres(_) => None,
        }
    }

    /// Opens a SQLite file for reading by rusqlite, which reads rows faster than Diesel; `None` on PostgreSQL.
    pub(super) fn open_rows(&self) -> Option<Result<rusqlite::Connection, StoreError>> {
        self.sqlite_path().map(|path| self.access.open_rows(path).map_err(claims_error))
    }

    /// Opens a connection and checks its settings, because a server may restart with other settings.
    pub(super) fn connect(&self) -> Result<Conn, StoreError> {
        let mut conn = self.establish()?;
        if !self.is_read_only() {
            assert_durable(&mut conn)?;
        }
        Ok(conn)
    }

    pub(super) fn establish(&self) -> Result<Conn, StoreError> {
        self.establish_for(Purpose::Work)
    }

    pub(super) fn establish_for(&self, purpose: Purpose) -> Result<Conn, StoreError> {
        let failed = |reason| StoreError::Connect { target: self.url.to_string(), reason };
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                // The file is opened only where SQLite could not: closing it would drop the locks of this process on it.
                let failed = |words: String| match words.contains("unable to open").then(|| std::fs::File::open(path)) {
                    // The file can be read. So its folder may not be writable, which the log's files need, or its disk fails.
                    Some(Ok(_)) => StoreError::ReadOnly(words.into()),
                    Some(Err(error)) if path.exists() => failed(format!("the file cannot be read: {error}")),
                    _ => StoreError::said(words, failed),
                };
                let mut conn =
                    diesel::SqliteConnection::establish(&self.access.address(path)).map_err(|e| failed(e.to_string()))?;
                let wait = format!("PRAGMA busy_timeout = {};", self.lock_timeout_ms);
                conn.batch_execute(&wait).map_err(|e| failed(e.to_string()))?;
                // These read the whole schema.
                if !self.is_read_only() && purpose == Purpose::Work {
                    let lasting = format!(
                        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = {LOG_PAGES_MAX};"
                    );
                    conn.batch_execute(&lasting).map_err(|e| failed(e.to_string()))?;
                    self.keep_log_ahead(&mut conn).map_err(|e| failed(e.to_string()))?;
                }
                Ok(Conn::Sqlite(conn))
            }
            DatabaseUrl::Postgres(url) => {
                let patience = if purpose == Purpose::Work { CONNECT_PATIENCE } else { ASKING_PATIENCE };
                let late = || failed("others have tried to connect for some seconds".to_owned());
                let turn = self.lines.turn(ports(url), patience).ok_or_else(late)?;
                let mut conn = diesel::PgConnection::establish(&with_time_limits(url, patience))
                    .map_err(|e| failed(without_parts_of_the_url(&e.to_string())))?;
                let line = turn.watch(&mut conn, purpose == Purpose::Asking);
                drop(turn);
                let (locks, idle) = (self.lock_timeout_ms, self.idle_limit_ms);
                let settings = format!("{SESSION}; SET lock_timeout = {locks}; SET idle_in_transaction_session_timeout = {idle}");
                conn.batch_execute(&settings).map_err(|e| failed(e.to_string()))?;
                let backend = diesel::select(diesel::dsl::sql::<Integer>("pg_backend_pid()")).get_result(&mut conn);
                held(&line).backend = backend.map_err(|e| failed(e.to_string()))?;
                Ok(Conn::Postgres(conn))
            }
        }
    }

    /// Sets a SQLite file to write-ahead logging. If several processes do this to a new file at the same time, SQLite does not wait but
    /// says that the file is locked. So this function waits and retries.
    fn keep_log_ahead(&self, conn: &mut diesel::SqliteConnection) -> QueryResult<()> {
        let mut left = self.lock_timeout_ms / WAL_RETRY.as_millis();
        loop {
            match conn.batch_execute("PRAGMA journal_mode = WAL") {
                Err(error) if left > 0 && error.to_string().contains("database is locked") => left -= 1,
                done => return done,
            }
            std::thread::sleep(WAL_RETRY);
        }
    }

    /// Refuses a SQLite file that may not be written. Such a file opens if its log exists and fails to open if not. Only a real write
    /// tells, because SQLite begins only a read transaction there. If another writer is busy, the file is writable.
    pub(super) fn assert_writable(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let Conn::Sqlite(conn) = conn else { return Ok(()) };
        match self.try_to_write(conn) {
            Err(StoreError::Busy { .. }) => Ok(()),
            tried => tried,
        }
    }

    /// Writes and rolls back, without waiting for another writer. What is written is a number of the file's head that the registry does not use:
    /// for that, SQLite does not read the schema.
    pub(super) fn try_to_write(&self, conn: &mut diesel::SqliteConnection) -> Result<(), StoreError> {
        let mut say = |sql: &str| conn.batch_execute(sql).map_err(StoreError::on("transaction"));
        say("PRAGMA busy_timeout = 0")?;
        let tried = say("BEGIN IMMEDIATE").and_then(|()| {
            let written = say("PRAGMA user_version = 1");
            // If the write failed, SQLite may already have ended the transaction.
            let ended = say("ROLLBACK");
            written.and(ended)
        });
        say(&format!("PRAGMA busy_timeout = {}", self.lock_timeout_ms))?;
        tried
    }

    pub(super) fn pool(&self, size: u32, timeout: Duration) -> Result<Pool, StoreError> {
        // Make the first connection here, so that the caller gets its real error and not a time-out.
        drop(self.connect()?);
        // Connections to a file are local. A wait for the writing connection is a wait for the file's lock.
        let timeout = if self.is_sqlite() { timeout } else { timeout.min(CONNECTION_WAIT) };
        r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(timeout)
            .test_on_check_out(!self.is_sqlite())
            .build(Manager(self.clone()))
            .map_err(StoreError::pool)
    }
}

/// The time between two attempts to set a new SQLite file to write-ahead logging.
const WAL_RETRY: Duration = Duration::from_millis(10);

/// How long a request waits for a connection to a server before its caller must retry. The pool waits at most half as long between
/// attempts to connect. So this also limits how late the pool notices that a server is back.
const CONNECTION_WAIT: Duration = Duration::from_secs(5);

/// The time limit for a connection attempt, and for the wait for the turn to connect. libpq counts whole seconds, at least two.
const CONNECT_PATIENCE: Duration = Duration::from_secs(4);
const ASKING_PATIENCE: Duration = Duration::from_secs(2);

/// The settings of a session. A node that disappears must not keep its locks, because all other nodes wait for them. So the server ends
/// its session after 25 seconds without a sign of life.
///
/// Source: PostgreSQL 15 manual, sections 20.3.2 and 20.11.1; seconds, `tcp_user_timeout` milliseconds.
const SESSION: &str = "SET application_name = 'vasp-registry'; SET client_encoding = 'UTF8'; \
     SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 30000";

/// Makes libpq give up on a server that does not answer: while connecting, and within half a minute afterwards. The system's own limits
/// are many minutes or none. Settings in the address follow these, and the last one wins.
///
/// Source: PostgreSQL 15 manual, section 34.1.2, `connect_timeout`, `keepalives_*` (seconds), `tcp_user_timeout` (milliseconds).
fn with_time_limits(url: &str, connect: Duration) -> String {
    let connect = connect.as_secs();
    let limits =
        format!("connect_timeout={connect}&keepalives_idle=10&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=30000");
    match url.split_once('?') {
        Some((server, query)) => format!("{server}?{limits}&{query}"),
        None => format!("{url}?{limits}"),
    }
}

/// Removes libpq's quote of an address that it cannot parse, because the quoted part may be the password.
fn without_parts_of_the_url(words: &str) -> String {
    let quotes = ["percent-encoded", "connection option", "URI query parameter", "connection string"];
    if quotes.iter().any(|quote| words.contains(quote)) { "the address cannot be read".to_owned() } else { words.to_owned() }
}

/// Makes and checks connections for the pool.
#[derive(Debug)]
pub(super) struct Manager(Target);

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = StoreError;

    fn connect(&self) -> Result<Pooled, StoreError> {
        Ok(Pooled { conn: self.0.connect()?, _counted: self.0.open.one_more() })
    }

    fn is_valid(&self, conn: &mut Pooled) -> Result<(), StoreError> {
        diesel::sql_query("SELECT 1").execute(&mut conn.conn).map(drop).map_err(StoreError::on("connection"))
    }

    fn has_broken(&self, _: &mut Pooled) -> bool {
        // A panic in the middle of a transaction leaves the transaction open. Do not use such a connection again.
        std::thread::panicking()
    }
}

/// Runs the statement of the connected database. Diesel's own transaction cannot say BEGIN IMMEDIATE on the combined connection.
fn run(conn: &mut Conn, sqlite: &str, postgres: &str) -> Result<(), StoreError> {
    let result = match conn {
        Conn::Sqlite(c) => c.batch_execute(sqlite),
        Conn::Postgres(c) => c.batch_execute(postgres),
    };
    result.map_err(StoreError::on("transaction"))
}

pub(super) fn begin_read(conn: &mut Conn) -> Result<(), StoreError> {
    run(conn, "BEGIN DEFERRED", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
}

pub(super) fn begin_write(conn: &mut Conn) -> Result<(), StoreError> {
    run(conn, "BEGIN IMMEDIATE", "BEGIN ISOLATION LEVEL READ COMMITTED")
}

pub(super) fn commit(conn: &mut Conn) -> Result<(), StoreError> {
    let committed = run(conn, "COMMIT", "COMMIT").inspect_err(|_| rollback(conn));
    committed.map_err(|error| match error {
        StoreError::Away(cause) => StoreError::Undecided(cause),
        // SQLite may have written the whole commit, and fails at its flush. A process that opens the file after a crash finds it there.
        StoreError::Disk(cause) => StoreError::DiskUndecided(cause),
        error => error,
    })
}

/// Ends a transaction and discards its changes. If this fails, the next use of the connection fails too, and the pool replaces it.
pub(super) fn rollback(conn: &mut Conn) {
    if let Err(error) = run(conn, "ROLLBACK", "ROLLBACK") {
        tracing::debug!(error = %error, "rollback failed");
    }
}
