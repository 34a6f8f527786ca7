//! What callers send: bodies, query strings, paths and headers, through the real handlers and all that is around them, in this process. Every answer
//! is one that the OpenAPI document describes, and none is a fault of the server.

use std::cell::OnceCell;
use std::io::Cursor;
use std::sync::{Arc, LazyLock, Mutex};

use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::from_fn;
use actix_web::rt::System;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use serde_json::Value;
use tempfile::TempDir;
use vasp_clock::{Clock, LimiterClock, Random, SetClock};
use vasp_ingest::source;
use vasp_log::Sealer;
use vasp_pki::MasterKeys;
use vasp_registry::config::ServerOptions;
use vasp_registry::directory::ClaimIndexOptions;
use vasp_registry::http::{App, Limits, Readiness, Throttle, edge, extract};
use vasp_registry::imports::{ImportFormat, ImportJob};
use vasp_registry::node::Registry;
use vasp_store::{Store, StoreOptions, WriteMode};
use vasp_words::time::UtcTime;

use crate::target::{Outcome, Target, accepted, examples, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "POST /v1/prechecks", examples: || examples(PRECHECKS), run: |body| post("/v1/prechecks", body) },
    Target { name: "POST /v1/prechecks/batch", examples: precheck_batches, run: |body| post("/v1/prechecks/batch", body) },
    Target { name: "POST /v1/obligations", examples: || examples(OBLIGATIONS), run: |body| post("/v1/obligations", body) },
    Target { name: "POST /v1/resolve", examples: || examples(RESOLVES), run: |body| post("/v1/resolve", body) },
    Target { name: "POST /v1/networks/parse", examples: || examples(PARSES), run: |body| post("/v1/networks/parse", body) },
    Target { name: "POST /v1/session", examples: || examples(SIGN_INS), run: |body| post("/v1/session", body) },
    Target { name: "POST /v1/enrolment", examples: || examples(ENROLMENTS), run: |body| post("/v1/enrolment", body) },
    Target {
        name: "POST …/oidc/…/start", examples: || examples(ENROLMENTS), run: |body| post("/v1/session/oidc/a/start", body)
    },
    Target { name: "GET /v1/resolve?…", examples: || examples(RESOLVE_QUERIES), run: |query| get("/v1/resolve?", query) },
    Target { name: "GET /v1/vasps?…", examples: || examples(VASP_QUERIES), run: |query| get("/v1/vasps?", query) },
    Target { name: "GET …", examples: || examples(PATHS), run: |path| get("", path) },
    Target { name: "headers", examples: || examples(HEADERS), run: headers },
];

/// The instant at which all is asked.
const NOW: &str = "2026-06-01T12:00:00Z";

const PRECHECKS: &[&str] = &[
    r#"{"direction":"outgoing","originator":{"jurisdiction":"DE"},"beneficiary":{"vasp":"9845005X9B7N610K0093"},"transfer":{"asset":"bip122:000000000019d6689c085ae165831e93/slip44:0","amount":"0.05","fiat":{"amount":"2000","currency":"EUR"},"date":"2026-05-01"}}"#,
    r#"{"direction":"outgoing","originator":{"vasp":"9845005X9B7N610K0093"},"beneficiary":{"address":"1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s","network":"bitcoin","memo":null,"declared":{"kind":"self_hosted","own_wallet":true}},"transfer":{"originator_type":"legal","correspondent":true,"first_party":false},"provided_fields":["originator.name"],"record":false}"#,
    r#"{"direction":"outgoing","beneficiary":{"travel_address":"ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv","declared":{"kind":"vasp","vasp":"529900HNOAA1KXQJUQ27"},"customer_country":"FR"}}"#,
    r#"{"direction":"outgoing","beneficiary":{"jurisdiction":"IR"},"transfer":{"date":"9999-12-31"}}"#,
];

const OBLIGATIONS: &[&str] = &[
    r#"{"originator":{"jurisdiction":"DE"},"beneficiary":{"jurisdiction":"SG"},"transfer":{"fiat":{"amount":"900","currency":"EUR"},"date":"2024-12-29"}}"#,
    r#"{"originator":{"jurisdiction":"AE-VARA"},"beneficiary":null,"transfer":{"counterparty":"self_hosted","correspondent":false,"originator_type":"legal"},"provided_fields":["originator.name","beneficiary.name"]}"#,
    r#"{"originator":{"jurisdiction":"DE"},"transfer":{"fiat":{"amount":"900","currency":"USD"},"linked_total":{"amount":"1900.5","currency":"USD"},"date":"2024-12-29","proprietary":true,"rates":[{"from":"USD","to":"EUR","rate":"0.95","as_of":"2024-12-27","source":"desk"}]}}"#,
];

/// Bodies of `POST /v1/networks/parse`.
const PARSES: &[&str] = &[
    r#"{"addresses": [{"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}, {"address": "X7gJ5YK8abHf2eTPWPFHAAot8Knck11QGqmQ7a6a3Z8PJvk", "network": "xrpl:0", "memo": "12345"}]}"#,
    r#"{"addresses": [{"address": "NQ34 08S2 DPTM R7YR HMRT V33J VAVS QNT8 8UJH"}, {"address": "hello"}, {"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"}]}"#,
];

const RESOLVES: &[&str] = &[
    r#"{"subjects":[{"subject":"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed","network":"eip155:1","kind":"address"},{"subject":"www.bitpanda.com"}]}"#,
    r#"{"subjects":[{"subject":"1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s","memo":"1"}]}"#,
];

/// Bodies of `POST /v1/session`: with two second factors, so that few of them are worth a password hash.
const SIGN_INS: &[&str] = &[
    r#"{"email":"anna@example.org","password":"gentle lamp vivid crate","totp":"123456","recovery_code":"mzxw-6ytb-mzxw-6ytb"}"#,
    r#"{"email":"anna@example.org","password":"gentle lamp vivid crate","totp":null,"recovery":null}"#,
];

/// Bodies of `POST /v1/enrolment`, and of beginning at a provider.
const ENROLMENTS: &[&str] = &[
    r#"{"secret":"ve_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff","password":"gentle lamp vivid crate"}"#,
    r#"{"enrolment_secret":"ve_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}"#,
];

const RESOLVE_QUERIES: &[&str] = &[
    "subject=1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s&network=bitcoin",
    "subject=eip155%3A1%3A0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed&kind=caip10&memo=a&as_of=seq:1",
    "subject=9845005X9B7N610K0093&as_of=2026-01-01T00:00:00Z",
    "subject=www.bitpanda.com&kind=domain",
];

const VASP_QUERIES: &[&str] = &[
    "q=bitpanda&country=AT&status=listed&kind=entity&authority=AT-FMA&regime=MiCA&network=eip155:1&limit=2",
    "updated_since=2026-01-01T00:00:00Z&cursor=766173705f3030303030303030303030303030303030303030303030303030",
    "q=%C3%96sterreich+bank&protocol=trp&view=full",
];

const PATHS: &[&str] = &[
    "/v1/vasps/9845005X9B7N610K0093?valid_on=2026-05-01&as_of=seq:1",
    "/v1/vasps/9845005X9B7N610K0093/history?limit=1&cursor=312e31",
    "/v1/vasps/vasp_00000000000000000000000000?as_of=2026-05-01T00:00:00Z",
    "/v1/networks/eip155:1",
    "/v1/networks?limit=3&cursor=65697031353531",
    "/v1/protocols/trp",
    "/v1/protocols?limit=2&cursor=636f6465",
    "/v1/jurisdictions/AE-VARA?date=9999-12-31",
    "/v1/jurisdictions?limit=1&date=2024-12-30",
    "/v1/jurisdictions/compare?ids=DE,CH,AE-VARA&date=2025-01-01",
    "/v1/lists/FATF-GREY?date=2024-02-29",
    "/v1/prechecks/pre_00000000000000000000000000",
    "/problems/not_found",
    "/docs/gateway.md",
    "/docs/api?q=precheck",
    "/docs/api/get_resolution",
    "/healthz",
    "/openapi.json",
];

const HEADERS: &[&str] = &[
    "Authorization: Bearer vr_00000000000000000000000000_00\nAccept: application/json",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\nX-Request-Id: abc-1",
    "If-None-Match: W/\"1-public-0123456789abcdef\", *\nAccept: text/html;q=0.1, */*\nRange: bytes=0-1",
];

fn precheck_batches() -> Vec<Vec<u8>> {
    vec![format!("{{\"prechecks\":[{}]}}", PRECHECKS.join(",")).into_bytes()]
}

/// What the server answers.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: actix_web::web::Bytes,
}

fn post(path: &str, body: &[u8]) -> Outcome {
    check(&ask(TestRequest::post().uri(path).insert_header((CONTENT_TYPE, "application/json")).set_payload(body.to_vec())))
}

fn get(start: &str, rest: &[u8]) -> Outcome {
    let path = format!("{start}{}", text(rest));
    match Uri::try_from(&path) {
        Ok(uri) if uri.path().starts_with('/') => check(&ask(TestRequest::get().uri(&path))),
        // Such bytes never come past the parser of HTTP.
        _ => Outcome::Refused("not a URI".to_owned()),
    }
}

/// Lines of headers, beside a question that is sound.
fn headers(input: &[u8]) -> Outcome {
    let mut request = TestRequest::with_uri("/v1/vasps/9845005X9B7N610K0093").method(Method::GET);
    for line in input.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let value = line[colon + 1..].trim_ascii();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(value)) {
            request = request.append_header((name, value));
        }
    }
    check(&ask(request))
}

/// Asserts what holds of every answer.
fn check(answer: &Answer) -> Outcome {
    let Answer { status, headers, body } = answer;
    let shown = || text(body).chars().take(2_000).collect::<String>();
    assert!(!status.is_server_error(), "{status}: {}", shown());
    assert!(headers.contains_key("x-request-id"));
    if status.is_client_error() {
        assert_eq!(
            headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes),
            Some(b"application/problem+json".as_slice()),
            "{}",
            shown()
        );
        return Outcome::Refused(check_problem(*status, &serde_json::from_slice(body).expect("a problem is JSON")));
    }
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == b"application/json") {
        let document: Value = serde_json::from_slice(body).expect("an answer is JSON");
        // Parts of a batch.
        for problem in
            document["results"].as_array().into_iter().flatten().map(|result| &result["problem"]).filter(|p| !p.is_null())
        {
            let status = StatusCode::from_u16(problem["status"].as_u64().unwrap() as u16).unwrap();
            check_problem(status, problem);
        }
    }
    accepted(status.as_str())
}

fn check_problem(status: StatusCode, problem: &Value) -> String {
    assert!(status.is_client_error(), "{problem}");
    assert_eq!(problem["status"], status.as_u16(), "{problem}");
    let said = |member: &str| problem[member].as_str().is_some_and(|text| !text.is_empty());
    assert!(said("code") && said("detail") && said("title") && said("type"), "{problem}");
    let first = &problem["errors"][0]["code"];
    format!("{} {}", problem["code"].as_str().unwrap_or_default(), first.as_str().unwrap_or_default())
}

/// A service of one thread. It is never dropped: its runtime cannot end while the thread's own values do.
type Ask = &'static dyn Fn(TestRequest) -> Answer;

fn ask(request: TestRequest) -> Answer {
    thread_local!(static SERVER: OnceCell<Ask> = const { OnceCell::new() });
    SERVER.with(|server| server.get_or_init(start)(request))
}

/// The folder of the directory that all threads ask.
static FOLDER: Mutex<Option<TempDir>> = Mutex::new(None);

/// Removes what was written.
pub(crate) fn clean_up() {
    drop(FOLDER.lock().unwrap().take());
}

/// Starts the service on this thread.
fn start() -> Ask {
    static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let registry = filled(folder.path(), NOW.parse().unwrap());
        *FOLDER.lock().unwrap() = Some(folder);
        Arc::new(registry)
    });
    let settings = ServerOptions::default().settle(&ServerOptions::default());
    let clock: Arc<dyn Clock> = Arc::new(SetClock::at(NOW.parse().unwrap()));
    let app = Data::new(App {
        registry: Arc::clone(&REGISTRY),
        public_read: true,
        throttle: Throttle::new(&settings, &LimiterClock(Arc::clone(&clock))),
        public_metrics: true,
        registry_name: None,
        tls: None,
        clock,
        random: Arc::new(Random::seeded(1)),
        limits: Limits::of(&settings),
        readiness: Box::new(|| Readiness::Ready),
    });
    let system = System::new();
    let app = actix_web::App::new()
        .app_data(app.clone())
        .app_data(extract::path_config())
        .configure(|config| vasp_registry::serve::routes(&app, config))
        .wrap(from_fn(edge::around));
    let service = system.block_on(init_service(app));
    Box::leak(Box::new(move |request: TestRequest| {
        system.block_on(async {
            let answer = match service.call(request.to_request()).await {
                Ok(answer) => answer.into_parts().1,
                Err(error) => error.error_response(),
            };
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = to_bytes(answer.into_body()).await.unwrap_or_else(|_| panic!("the body ends early"));
            Answer { status, headers, body }
        })
    }))
}

fn filled(folder: &std::path::Path, now: UtcTime) -> Registry {
    let url = format!("sqlite://{}", folder.join("registry.db").display()).parse().unwrap();
    let options = StoreOptions { create: true, migrate: true, readers: 1, ..StoreOptions::default() };
    let store = Store::open(&url, &options, Arc::new(Sealer::default())).unwrap();
    let mut rng = Random::seeded(2).fork();
    let keys = MasterKeys::generate(&mut rng);
    let files: [(ImportFormat, &str, &'static [u8]); 4] = [
        (ImportFormat::EsmaCasps, "CASPS_20260426.csv", include_bytes!("../fixtures/esma/CASPS_20260426.csv")),
        (ImportFormat::ClaimsCsv, "labels.csv", include_bytes!("../fixtures/claims/labels.csv")),
        (ImportFormat::GroupLinks, "group_links.csv", include_bytes!("../../seed/group_links.csv")),
        (
            ImportFormat::OfacDigitalCurrency,
            "ofac_20260522.csv",
            include_bytes!("../fixtures/ofac/ofac_sdn_digital_currency_20260822.csv"),
        ),
    ];
    for (format, file, bytes) in files {
        let job = ImportJob {
            store: &store,
            keys: &keys,
            format,
            observed_on: None,
            mode: WriteMode::Keep,
            accept_shrink: true,
            progress: &mut |_| (),
        };
        let input = source::from_reader(Cursor::new(bytes), file, source::LIMIT_BYTES).unwrap();
        vasp_registry::imports::import_file(job, input, now, &mut rng).unwrap_or_else(|error| panic!("{file}: {error:?}"));
    }
    Registry::open(store, keys, ClaimIndexOptions::default(), now, &mut rng).unwrap()
}
