//! The yardstick: an actix-web server without middleware, authentication or logs. `scripts/bench` runs it beside the registry, same
//! workers, same load. `bare WORKERS FILE` answers every request with one prepared body; `bare WORKERS query DATABASE` asks an SQLite
//! database of the registry for the address in the question, as one would write it first.

use std::cell::RefCell;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use actix_web::web::{Bytes, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use rusqlite::{Connection, OpenFlags};

/// Reads what was sent, as any server must, and answers.
async fn answer(_: HttpRequest, _sent: Bytes, prepared: web::Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(prepared.get_ref().clone())
}

/// A worker's own connection; none where the database does not open, which every answer then tells.
struct Database(RefCell<Option<Connection>>);

/// Looks the address up under both forms that a key has, and tells the rows as they are.
async fn query(request: HttpRequest, database: web::Data<Database>) -> HttpResponse {
    let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
    let subject = pairs.find(|(name, _)| name == "subject").map(|(_, value)| value.into_owned()).unwrap_or_default();
    let key = subject.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok()).unwrap_or_else(|| subject.into_bytes());
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
