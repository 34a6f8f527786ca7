//! The one place where Diesel's `load`, `first`, `get_result` and `execute` are compiled. A query is boxed before it runs and keeps its SQL
//! type. So columns and types stay checked, and a loader is compiled once a row type and back end, not once a query. [`Run`] has the names
//! of Diesel's methods, and modules import this prelude in place of Diesel's. Hot statements go around it (`prepared_once`, `claim_scan`).

use std::marker::PhantomData;

use super::backend::{Conn, MultiBackend};
use diesel::backend::Backend;
use diesel::connection::Connection;
use diesel::pg::Pg;
use diesel::query_builder::{AsQuery, AstPass, InsertStatement, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::query_dsl::methods::{ExecuteDsl, LimitDsl, LoadQuery};
use diesel::query_source::QuerySource;
use diesel::sqlite::Sqlite;

pub(super) use diesel::prelude::{
    AsChangeset, BoolExpressionMethods, EscapeExpressionMethods, ExecuteCopyFromDsl, ExpressionMethods, Insertable, JoinOnDsl,
    NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, QueryableByName, Selectable,
    SelectableHelper, TextExpressionMethods,
};

/// A query or statement whose own type is forgotten. `ST` is the SQL type of its rows, `()` if it has none.
pub(super) struct Erased<'q, DB: Backend, ST>(Box<dyn Walk<DB> + 'q>, PhantomData<ST>);

/// What is compiled for every query: the walk over its parts, which writes its text and collects its values.
trait Walk<DB: Backend> {
    fn walk<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()>;
}

impl<DB: Backend, Q: QueryFragment<DB>> Walk<DB> for Q {
    fn walk<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.walk_ast(pass)
    }
}

impl<DB: Backend, ST> QueryFragment<DB> for Erased<'_, DB, ST> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk(pass)
    }
}

/// A connection finds the prepared statement of such a query by its text.
impl<DB: Backend, ST> QueryId for Erased<'_, DB, ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend, ST> Query for Erased<'_, DB, ST> {
    type SqlType = ST;
}

impl<DB: Backend, ST, C> RunQueryDsl<C> for Erased<'_, DB, ST> {}

/// A query without its own type.
type ErasedQuery<'q, Q, C> = Erased<'q, <C as Connection>::Backend, <Q as AsQuery>::SqlType>;

/// Forgets the type of a query.
fn erased<'q, Q, C>(query: Q) -> ErasedQuery<'q, Q, C>
where
    C: Connection,
    Q: AsQuery,
    Q::Query: QueryFragment<C::Backend> + 'q,
{
    Erased(Box::new(query.as_query()), PhantomData)
}

/// A query for one row. Diesel would write the limit as a value, and SQLite compiles a statement anew each time a limit gets its value
/// (`sqlite3ExprIsInteger`).
struct One<Q>(Q);

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for One<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" LIMIT 1");
        Ok(())
    }
}

/// Runs queries and statements.
pub(super) trait Run<C: Connection>: Sized {
    /// Returns all rows.
    fn load<'q, U>(self, conn: &mut C) -> QueryResult<Vec<U>>
    where
        Self: AsQuery,
        Self::Query: QueryFragment<C::Backend> + 'q,
        ErasedQuery<'q, Self, C>: LoadQuery<'q, C, U>,
    {
        RunQueryDsl::load(erased::<Self, C>(self), conn)
    }

    /// Returns the first row; `NotFound` if there is none.
    fn get_result<'q, U>(self, conn: &mut C) -> QueryResult<U>
    where
        Self: AsQuery,
        Self::Query: QueryFragment<C::Backend> + 'q,
        ErasedQuery<'q, Self, C>: LoadQuery<'q, C, U>,
    {
        RunQueryDsl::get_result(erased::<Self, C>(self), conn)
    }

    /// Asks for one row and returns it; `NotFound` if there is none. The query has no limit of its own.
    fn first<'q, U>(self, conn: &mut C) -> QueryResult<U>
    where
        Self: LimitDsl + AsQuery,
        Self::Query: QueryFragment<C::Backend> + 'q,
        ErasedQuery<'q, Self, C>: LoadQuery<'q, C, U>,
    {
        let one: ErasedQuery<'q, Self, C> = Erased(Box::new(One(self.as_query())), PhantomData);
        RunQueryDsl::get_result(one, conn)
    }

    /// Runs a statement, and returns how many rows it wrote.
    fn execute(self, conn: &mut C) -> QueryResult<usize>
    where
        Self: QueryFragment<C::Backend>,
    {
        RunQueryDsl::execute(Erased::<C::Backend, ()>(Box::new(self), PhantomData), conn)
    }

    /// Runs a statement that keeps its type: one that inserts a list of rows, which SQLite's part of Diesel writes in its own way, or a hot
    /// one, which a connection then finds by its type.
    fn execute_typed(self, conn: &mut C) -> QueryResult<usize>
    where
        Self: ExecuteDsl<C>,
    {
        ExecuteDsl::execute(self, conn)
    }
}

impl<Q: RunQueryDsl<C>, C: Connection> Run<C> for Q {}

/// An insertion that writes nothing if the row is there already.
pub(super) struct UnlessThere<S>(S);

impl<S: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for UnlessThere<S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" ON CONFLICT DO NOTHING");
        Ok(())
    }
}

impl<S> RunQueryDsl<Conn> for UnlessThere<S> {}

/// An insertion, to either database.
pub(super) trait InsertOnce: Sized {
    /// Writes nothing if the row is there already. Both databases say this in the same words.
    fn unless_there(self) -> UnlessThere<Self> {
        UnlessThere(self)
    }
}

impl<T: QuerySource, V> InsertOnce for InsertStatement<T, V> {}

/// An insertion that changes the row if it is there already. Diesel writes it for each database, but not for both.
pub(super) struct Upsert<S>(S);

impl<S: QueryFragment<Sqlite> + QueryFragment<Pg>> QueryFragment<MultiBackend> for Upsert<S> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, out)
    }
}

impl<S> RunQueryDsl<Conn> for Upsert<S> {}

/// Names a statement `… .do_update().set(…)`, so that either database runs it.
pub(super) fn upsert<S>(statement: S) -> Upsert<S> {
    Upsert(statement)
}

/// A query that locks the rows it reads until the end of the transaction.
pub(super) struct Locking<Q>(Q);

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Locking<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        MultiBackend::walk_variant_ast(&ForUpdate, out)
    }
}

impl<Q: Query> Query for Locking<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Conn> for Locking<Q> {}

/// The words that lock rows. SQLite has one writer at a time and needs none.
struct ForUpdate;

impl QueryFragment<Sqlite> for ForUpdate {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        Ok(())
    }
}

impl QueryFragment<Pg> for ForUpdate {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" FOR UPDATE");
        Ok(())
    }
}

/// A query whose rows can be locked, in either database.
pub(super) trait Lock: AsQuery + Sized {
    /// Locks the rows that are read until the end of the transaction.
    fn locking(self) -> Locking<Self::Query> {
        Locking(self.as_query())
    }
}

impl<Q: AsQuery> Lock for Q {}
