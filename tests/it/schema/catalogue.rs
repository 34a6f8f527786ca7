//! What the catalogues of the two databases say about their tables, in one form. SQLite tells of checks and conditions only in the
//! text of its own catalogue; everything else is asked by `PRAGMA` functions and of `pg_catalog`.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryableByName;
use diesel::sql_types::Text;
use serde_json::Value;

use crate::support::Database;

/// One column, in the order of its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub name: String,
    /// PostgreSQL's name of the type; `numbered` where the database gives numbers that are never used again.
    pub kind: String,
    pub required: bool,
}

/// One index that is neither a key nor a constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    pub unique: bool,
    /// Columns or expressions, ` desc` behind those that fall.
    pub columns: Vec<String>,
    /// Which rows are in it; empty: all.
    pub condition: String,
}

/// One table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub columns: Vec<Column>,
    pub key: Vec<String>,
    pub unique: BTreeSet<Vec<String>>,
    pub indexes: BTreeMap<String, Index>,
    /// Columns, the table that they point to, its columns, and what happens when that row goes.
    pub foreign: BTreeSet<(Vec<String>, String, Vec<String>, String)>,
    pub checks: BTreeSet<String>,
}

pub(crate) type Tables = BTreeMap<String, Table>;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Asks for rows, each one JSON array in a column `line`.
pub(crate) fn ask(database: &Database, sql: &str) -> Vec<Vec<Value>> {
    database.rows::<Line>(sql).into_iter().map(|row| serde_json::from_str(&row.line).unwrap()).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(text).collect()
}

fn is_set(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_i64() == Some(1))
}

/// Brings an expression of either database into one form: no casts, brackets or quoted names, one blank between words.
pub(crate) fn plain(expression: &str) -> String {
    let mut plain = expression.to_lowercase().replace('\n', " ").replace('"', "");
    for cast in ["::text", "::smallint", "::integer"] {
        plain = plain.replace(cast, "");
    }
    plain = plain.replace("= any (array[", "in (").replace(['(', ')', ']'], " ").replace(',', " , ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the tables of a database without those of the tool that migrates.
pub(crate) fn tables(database: &Database) -> Tables {
    if database.file().is_some() { sqlite(database) } else { postgres(database) }
}

const OURS: &str = "t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name <> '__diesel_schema_migrations'";

fn sqlite(database: &Database) -> Tables {
    let mut tables = Tables::new();
    for row in ask(database, &format!("SELECT json_array(t.name, t.sql) AS line FROM sqlite_schema t WHERE {OURS}")) {
        let table = tables.entry(text(&row[0])).or_default();
        table.checks = checks(&text(&row[1]));
        let numbered = text(&row[1]).contains("AUTOINCREMENT");
        sqlite_columns(database, &text(&row[0]), table, numbered);
        sqlite_indexes(database, &text(&row[0]), table);
        sqlite_foreign(database, &text(&row[0]), table);
    }
    tables
}

fn sqlite_columns(database: &Database, name: &str, table: &mut Table, numbered: bool) {
    let rowid = ask(database, &format!("SELECT json_array(wr) AS line FROM pragma_table_list('{name}')"));
    let has_rowid = !is_set(&rowid[0][0]);
    let sql = format!("SELECT json_array(name, type, \"notnull\", pk) AS line FROM pragma_table_xinfo('{name}') ORDER BY cid");
    let mut keys = BTreeMap::new();
    for row in ask(database, &sql) {
        let place = row[3].as_i64().unwrap();
        let kind = match (text(&row[1]).as_str(), has_rowid && place > 0) {
            ("INTEGER", true) if numbered => "numbered".to_owned(),
            // A rowid has 64 bits.
            ("INTEGER", true) => "bigint".to_owned(),
            ("BLOB", _) => "bytea".to_owned(),
            (kind, _) => kind.to_lowercase(),
        };
        if place > 0 {
            keys.insert(place, text(&row[0]));
        }
        table.columns.push(Column { name: text(&row[0]), kind, required: is_set(&row[2]) });
    }
    table.key = keys.into_values().collect();
}

fn sqlite_indexes(database: &Database, name: &str, table: &mut Table) {
    let sql = format!(
        "SELECT json_array(i.name, i.\"unique\", i.origin, coalesce(s.sql, '')) AS line \
         FROM pragma_index_list('{name}') i LEFT JOIN sqlite_schema s ON s.name = i.name"
    );
    for row in ask(database, &sql) {
        let sql = format!(
            "SELECT json_array(coalesce(name, ''), \"desc\") AS line FROM pragma_index_xinfo('{}') WHERE key = 1 ORDER BY seqno",
            text(&row[0])
        );
        let (before, condition) = row[3].as_str().unwrap().split_once(" WHERE ").unwrap_or((row[3].as_str().unwrap(), ""));
        let parts = ask(database, &sql);
        let columns = parts.iter().map(|part| {
            let named = match text(&part[0]) {
                // The catalogue has no name for an expression: it is the last thing in the index.
                name if name.is_empty() => plain(before.rsplit_once('(').map_or("", |(head, _)| expression(before, head))),
                name => name,
            };
            if is_set(&part[1]) { format!("{named} desc") } else { named }
        });
        let columns: Vec<String> = columns.collect();
        match text(&row[2]).as_str() {
            "pk" => {}
            "u" => assert!(table.unique.insert(columns)),
            _ => {
                let index = Index { unique: is_set(&row[1]), columns, condition: plain(condition) };
                table.indexes.insert(text(&row[0]), index);
            }
        }
    }
}

/// The call whose opening bracket ends `head`, to its end.
fn expression<'a>(whole: &'a str, head: &str) -> &'a str {
    let start = head.rfind([' ', '(']).map_or(0, |place| place + 1);
    whole.get(start..).unwrap().strip_suffix(')').unwrap()
}

fn sqlite_foreign(database: &Database, name: &str, table: &mut Table) {
    let sql = format!(
        "SELECT json_array(\"table\", json_group_array(\"from\"), json_group_array(\"to\"), on_delete) AS line \
         FROM (SELECT * FROM pragma_foreign_key_list('{name}') ORDER BY id, seq) GROUP BY id"
    );
    for row in ask(database, &sql) {
        table.foreign.insert((texts(&row[1]), text(&row[0]), texts(&row[2]), text(&row[3]).to_lowercase()));
    }
}

/// The checks in the text of a table, without its comments.
fn checks(sql: &str) -> BTreeSet<String> {
    let sql: Vec<&str> = sql.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code)).collect();
    let sql = sql.join(" ");
    let mut found = BTreeSet::new();
    for (place, _) in sql.match_indices("CHECK (") {
        let rest = sql.get(place + "CHECK (".len()..).unwrap();
        let mut depth = 1;
        let end = rest.find(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth == 0
        });
        found.insert(plain(rest.get(..end.unwrap()).unwrap()));
    }
    found
}

/// Our tables in `pg_class`: no indexes, no parts of a table.
const CLASSES: &str = "c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '__diesel_schema_migrations' \
                       AND c.relnamespace = current_schema()::regnamespace";

fn postgres(database: &Database) -> Tables {
    let mut tables = Tables::new();
    let sql = format!(
        "SELECT json_build_array(c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, \
         coalesce(l.collname, '')) AS line FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
         LEFT JOIN pg_collation l ON l.oid = a.attcollation WHERE {CLASSES} AND a.attnum > 0 AND NOT a.attisdropped \
         ORDER BY c.relname, a.attnum"
    );
    for row in ask(database, &sql.replace("AS line", "::text AS line")) {
        let kind = if text(&row[4]) == "d" { "numbered".to_owned() } else { text(&row[2]) };
        assert_eq!(text(&row[5]), if kind == "text" { "C" } else { "" }, "text sorts by bytes: {row:?}");
        let column = Column { name: text(&row[1]), kind, required: is_set(&row[3]) };
        tables.entry(text(&row[0])).or_default().columns.push(column);
    }
    postgres_indexes(database, &mut tables);
    postgres_constraints(database, &mut tables);
    tables
}

fn postgres_indexes(database: &Database, tables: &mut Tables) {
    let sql = format!(
        "SELECT json_build_array(c.relname, n.relname, i.indisunique, \
         (SELECT json_agg(pg_get_indexdef(i.indexrelid, k, true) || CASE WHEN i.indoption[k - 1] & 1 = 1 THEN ' desc' ELSE '' END \
           ORDER BY k) FROM generate_series(1, i.indnkeyatts) k), \
         coalesce(pg_get_expr(i.indpred, i.indrelid), ''))::text AS line \
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid \
         WHERE {CLASSES} AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))"
    );
    for row in ask(database, &sql) {
        let columns = texts(&row[3]).iter().map(|column| plain(column)).collect();
        let index = Index { unique: is_set(&row[2]), columns, condition: plain(&text(&row[4])) };
        tables.get_mut(&text(&row[0])).unwrap().indexes.insert(text(&row[1]), index);
    }
}

fn postgres_constraints(database: &Database, tables: &mut Tables) {
    let names = |key: &str, table: &str| {
        format!(
            "(SELECT json_agg(a.attname ORDER BY place) FROM unnest(k.{key}) WITH ORDINALITY u(number, place) \
             JOIN pg_attribute a ON a.attnum = u.number AND a.attrelid = k.{table})"
        )
    };
    let sql = format!(
        "SELECT json_build_array(c.relname, k.contype, {}, coalesce(f.relname, ''), {}, k.confdeltype, \
         coalesce(pg_get_expr(k.conbin, k.conrelid), ''))::text AS line \
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class f ON f.oid = k.confrelid WHERE {CLASSES}",
        names("conkey", "conrelid"),
        names("confkey", "confrelid")
    );
    for row in ask(database, &sql) {
        let table = tables.get_mut(&text(&row[0])).unwrap();
        match text(&row[1]).as_str() {
            "p" => table.key = texts(&row[2]),
            "u" => assert!(table.unique.insert(texts(&row[2]))),
            "c" => assert!(table.checks.insert(plain(&text(&row[6])))),
            "f" => {
                let gone = if text(&row[5]) == "a" { "no action".to_owned() } else { text(&row[5]) };
                table.foreign.insert((texts(&row[2]), text(&row[3]), texts(&row[4]), gone));
            }
            // Since PostgreSQL 18 a column's NOT NULL is one too.
            "n" => {}
            other => panic!("a constraint of the kind {other}: {row:?}"),
        }
    }
}
