//! The yardstick: an actix-web server without middleware, authentication or logs. `scripts/bench` runs it beside the registry, same
//! workers, same load. `bare WORKERS FILE` answers every request with one prepared body. As one would write it first, `bare WORKERS query
//! DATABASE` asks an SQLite database of the registry for the address in the question, and `bare WORKERS postgres URL` a PostgreSQL.

use std::cell::RefCell;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use actix_web::web::{Bytes, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel::sql_types::{BigInt, Binary};
use rusqlite::{Connection, OpenFlags};

/// Reads what was sent, as any server must, and answers.
async fn answer(_: HttpRequest, _sent: Bytes, prepared: web::Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(prepared.get_ref().clone())
}

/// Returns the bytes of the address that a question is about.
fn key(request: &HttpRequest) -> Vec<u8> {
    let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
    let subject = pairs.find(|(name, _)| name == "subject").map(|(_, value)| value.into_owned()).unwrap_or_default();
    subject.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok()).unwrap_or_else(|| subject.into_bytes())
}

/// A row of the table of claims in PostgreSQL.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    vasp: i64,
    #[diesel(sql_type = BigInt)]
    batch: i64,
}

type Postgres = Pool<ConnectionManager<PgConnection>>;

/// As `query`, with Diesel and a pool of connections to PostgreSQL, off the worker's own thread because a query blocks.
async fn query_postgres(request: HttpRequest, pool: web::Data<Postgres>) -> HttpResponse {
    let key = key(&request);
    let rows = web::block(move || -> Result<Vec<Row>, String> {
        let mut conn = pool.get().map_err(|error| error.to_string())?;
        let query = diesel::sql_query("SELECT number, vasp, batch FROM claims WHERE account_key = $1").bind::<Binary, _>(key);
        query.load(&mut conn).map_err(|error| error.to_string())
    });
    match rows.await.map_err(|error| error.to_string()).flatten() {
        Ok(rows) => {
            let row = |row: Row| format!(r#"{{"claim":{},"vasp":{},"batch":{}}}"#, row.number, row.vasp, row.batch);
            let rows: Vec<String> = rows.into_iter().map(row).collect();
            HttpResponse::Ok().content_type("application/json").body(format!("[{}]", rows.join(",")))
        }
        Err(error) => HttpResponse::InternalServerError().body(error),
    }
}

/// A worker's own connection; none where the database does not open, which every answer then tells.
struct Database(RefCell<Option<Connection>>);

/// Looks the address up under both forms that a key has, and tells the rows as they are.
async fn query(request: HttpRequest, database: web::Data<Database>) -> HttpResponse {
    let key = key(&request);
    let conn = database.0.borrow();
    let Some(conn) = conn.as_ref() else { return HttpResponse::InternalServerError().body("the database does not open") };
    let found = conn.prepare_cached(
        "SELECT number, vasp, batch, role FROM claims WHERE substr(account_key, -8) = substr(?1, -8) AND account_key = ?1",
    );
    let rows = found.and_then(|mut statement| {
        let rows = statement.query_map([&key], |row| {
            Ok(format!(
                r#"{{"claim":{},"vasp":{},"batch":{}}}"#,
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, i64>(2)?
            ))
        })?;
        rows.collect::<Result<Vec<_>, _>>()
    });
    match rows {
        Ok(rows) => HttpResponse::Ok().content_type("application/json").body(format!("[{}]", rows.join(","))),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// As many as a pool has by default.
const POSTGRES_CONNECTIONS: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let workers = arguments.first().ok_or("WORKERS is missing")?.parse()?;
    let routes: Box<dyn Fn(&mut ServiceConfig) + Send + Sync> = match arguments.get(1).ok_or("FILE is missing")?.as_str() {
        "query" => {
            let file = PathBuf::from(arguments.get(2).ok_or("DATABASE is missing")?);
            Box::new(move |config| {
                let conn = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).ok();
                config.app_data(web::Data::new(Database(RefCell::new(conn)))).default_service(web::to(query));
            })
        }
        "postgres" => {
            let manager = ConnectionManager::new(arguments.get(2).ok_or("URL is missing")?);
            let pool: Postgres = Pool::builder().max_size(POSTGRES_CONNECTIONS).build(manager)?;
            let pool = web::Data::new(pool);
            Box::new(move |config| {
                config.app_data(pool.clone()).default_service(web::to(query_postgres));
            })
        }
        file => {
            let prepared = web::Data::new(Bytes::from(std::fs::read(file)?));
            Box::new(move |config| {
                let limit = web::PayloadConfig::new(4 << 20);
                config.app_data(prepared.clone()).app_data(limit).default_service(web::to(answer));
            })
        }
    };
    let routes = std::sync::Arc::new(routes);
    rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let routes = std::sync::Arc::clone(&routes);
            App::new().configure(move |config| routes(config))
        });
        let server = server.workers(workers).bind(("127.0.0.1", 0))?;
        let address = server.addrs().into_iter().next().ok_or("no address")?;
        writeln!(std::io::stdout(), "listening on http://{address}")?;
        server.run().await?;
        Ok(())
    })
}
