//! The yardstick: an actix-web server without middleware, authentication or logs that answers every request with one
//! prepared body. `scripts/bench` runs it beside the registry, same workers, same load. Arguments: WORKERS FILE.

use std::io::Write;

use actix_web::web::Bytes;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};

/// Reads what was sent, as any server must, and answers.
async fn answer(_: HttpRequest, _sent: Bytes, prepared: web::Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(prepared.get_ref().clone())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (workers, file) = (arguments.next().ok_or("WORKERS is missing")?, arguments.next().ok_or("FILE is missing")?);
    let prepared = web::Data::new(Bytes::from(std::fs::read(file)?));
    rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let limit = web::PayloadConfig::new(4 << 20);
            App::new().app_data(prepared.clone()).app_data(limit).default_service(web::to(answer))
        })
        .workers(workers.parse()?)
        .bind(("127.0.0.1", 0))?;
        let address = server.addrs().into_iter().next().ok_or("no address")?;
        writeln!(std::io::stdout(), "listening on http://{address}")?;
        server.run().await?;
        Ok(())
    })
}
