//! Documents that members hand in: what is taken, who reads it, and that files and rows stay together.

use std::fs::File;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_store::MemberDocument;
use vasp_words::ids::DocumentId;

use crate::support::{Answer, Database, Person, Registry, SmallDisk, assert_busy, on_every_database};

const DOCUMENTS: &str = "/v1/documents";
const ABOUT: &str = "name=Licence%20of%202026&type=licence&issuer=FMA&issued_on=2026-01-02&expires_on=2027-01-01";

/// Source: FIPS 180-2, appendix B.1: SHA-256 of the three bytes `abc`.
const SHA256_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn member(registry: &Registry) -> Person {
    let home = registry.home(OrganisationKind::Member, None);
    registry.person_with(home, &[Role::Editor], &[Scope::Member])
}

fn hand_in(registry: &Registry, who: &Person, query: &str, media_type: &str, content: &[u8]) -> Answer {
    let headers = [("authorization", who.bearer.as_str()), ("content-type", media_type)];
    registry.client.upload(&format!("{DOCUMENTS}?{query}"), &headers, content)
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status.as_u16(), 201, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[on_every_database(Registry::start)]
fn a_document_comes_back_byte_by_byte_as_a_file_to_be_saved(registry: Registry) {
    let person = member(&registry);

    let made = hand_in(&registry, &person, ABOUT, "text/plain", b"abc");

    let expected = json!({
        "id": id(&made), "organisation": person.organisation, "name": "Licence of 2026", "type": "licence", "issuer": "FMA",
        "issued_on": "2026-01-02", "expires_on": "2027-01-01", "media_type": "text/plain", "sha256": SHA256_OF_ABC,
        "size_bytes": 3, "created_by": person.user, "created_at": "2026-06-01T12:00:00Z",
    });
    assert_eq!(made.json(), expected);
    let path = format!("{DOCUMENTS}/{}", id(&made));
    assert_eq!(person.read(&registry, &path), expected);
    assert_eq!(person.read(&registry, DOCUMENTS)["items"], json!([expected]));
    let own = [("authorization", person.bearer.as_str())];
    let (status, headers, content) = registry.client.download(&format!("{path}/content"), &own);
    assert_eq!((status, content.as_slice()), (200, &b"abc"[..]));
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("content-disposition"), format!("attachment; filename=\"{}.txt\"", id(&made)));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'; frame-ancestors 'none'");
    assert_eq!(header("cache-control"), "private, no-store");
}

#[test]
fn what_a_file_is_its_bytes_say() {
    let registry = Registry::start(Database::sqlite());
    let person = member(&registry);
    let pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
    let send = |media_type: &str, content: &[u8]| hand_in(&registry, &person, "name=x&type=other", media_type, content);

    assert_eq!(send("application/pdf", pdf).json()["media_type"], "application/pdf");
    assert_eq!(send("text/plain; charset=utf-8", "Geschäft".as_bytes()).status.as_u16(), 201);
    for (media_type, content) in [
        ("application/pdf", &b"plain text"[..]),
        ("text/plain", pdf),
        ("image/png", b"\xff\xd8\xff\xe0"),
        ("text/plain", b"<!doctype html><script>alert(1)</script>"),
        ("text/plain", b"MZ\x90\0"),
        ("text/plain", b""),
    ] {
        let problem = send(media_type, content).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "content_mismatch", "{media_type}");
    }
    for media_type in ["text/html", "image/svg+xml", "application/octet-stream", "application/json", "nonsense"] {
        let refused = send(media_type, b"abc");
        refused.problem(415, "unsupported_media_type");
        assert_eq!(refused.header("accept"), "application/pdf, image/png, image/jpeg, text/plain");
    }
    let two = 2;
    assert_eq!(person.read(&registry, DOCUMENTS)["items"].as_array().unwrap().len(), two);
    assert_eq!(files(registry.documents.path()).len(), two, "nothing is left of what was refused");
}

#[test]
fn faults_are_named_and_a_document_is_no_larger_than_allowed() {
    let registry = Registry::start_with(Database::sqlite(), |settings| {
        settings.document_limit_bytes = NonZeroU32::new(20_000).unwrap();
    });
    let person = member(&registry);
    let send = |query: &str, content: &[u8]| hand_in(&registry, &person, query, "text/plain", content);

    assert_eq!(send("name=x&type=other", &[b'x'; 20_000]).status.as_u16(), 201, "larger than other bodies may be");
    send("name=x&type=other", &[b'x'; 20_001]).problem(413, "payload_too_large");
    for (query, pointer) in [
        ("name=x&type=licences", "?type"),
        ("name=x", "?type"),
        ("name=%0a&type=other", "?name"),
        ("name=x&type=other&issued_on=2026-02-30", "?issued_on"),
        ("name=x&type=other&issued_on=2026-02-03&expires_on=2026-02-02", "?expires_on"),
        ("name=x&type=other&colour=red", "?colour"),
    ] {
        let problem = send(query, b"abc").problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}: {problem}");
    }
}

#[on_every_database(Registry::start)]
fn the_same_content_is_one_file_an_organisation_and_nothing_of_it_is_in_clear(registry: Registry) {
    let (ours, theirs) = (member(&registry), member(&registry));
    let content = b"canary content of a licence";
    let query = "name=canary-name&issuer=canary-issuer&type=licence";

    let first = hand_in(&registry, &ours, query, "text/plain", content);
    let second = hand_in(&registry, &ours, query, "text/plain", content);
    hand_in(&registry, &theirs, query, "text/plain", content);

    assert_ne!(id(&first), id(&second));
    assert_eq!(first.json()["sha256"], second.json()["sha256"]);
    let files = files(registry.documents.path());
    assert_eq!(files.len(), 2, "{files:?}");
    let sealed: Vec<_> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert!(sealed.iter().all(|bytes| !bytes.windows(6).any(|window| window == b"canary")));
    for document in [&first, &second] {
        let path = format!("{DOCUMENTS}/{}/content", id(document));
        let (_, _, read) = registry.client.download(&path, &[("authorization", &ours.bearer)]);
        assert_eq!(read, content);
    }
    if let Some(file) = registry.database.file() {
        for file in std::fs::read_dir(file.parent().unwrap()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(6).any(|window| window == b"canary"));
        }
    }
}

#[on_every_database(Registry::start)]
fn only_its_owner_and_the_registrys_people_read_a_document(registry: Registry) {
    let (ours, theirs) = (member(&registry), member(&registry));
    let operator = registry.person_of(OrganisationKind::Operator, None, &[Role::Reviewer], &[Scope::Operator]);
    let made = hand_in(&registry, &ours, ABOUT, "text/plain", b"abc");
    let path = |id: &str, tail: &str| format!("/v1/documents/{id}{tail}");

    for tail in ["", "/content"] {
        let ask = |id: &str| {
            let headers = [("authorization", theirs.bearer.as_str()), ("x-request-id", "same")];
            registry.client.get_with(&path(id, tail), &headers)
        };
        let hidden = ask(&id(&made)).with(404);
        hidden.assert_same(&ask("doc_00000000000000000000000000"));
        hidden.assert_same(&ask("nonsense"));
    }
    assert_eq!(theirs.read(&registry, DOCUMENTS)["items"], json!([]));
    assert_eq!(operator.read(&registry, &path(&id(&made), "")), made.json());
    let (status, _, content) = registry.client.download(&path(&id(&made), "/content"), &[("authorization", &operator.bearer)]);
    assert_eq!((status, content.as_slice()), (200, &b"abc"[..]));
}

#[on_every_database(Registry::start)]
fn a_repeated_request_is_one_document_unless_it_says_something_else(registry: Registry) {
    let person = member(&registry);
    let send = |query: &str| {
        let headers = [("authorization", person.bearer.as_str()), ("content-type", "text/plain"), ("idempotency-key", "\"one\"")];
        registry.client.upload(&format!("{DOCUMENTS}?{query}"), &headers, b"abc")
    };

    let (first, second) = (send(ABOUT), send(ABOUT));

    assert_eq!((first.json(), first.header("etag")), (second.json(), second.header("etag")));
    send("name=another&type=other").problem(422, "idempotency_key_reused");
    assert_eq!(person.read(&registry, DOCUMENTS)["items"].as_array().unwrap().len(), 1);
}

#[on_every_database(Registry::start)]
fn what_is_refused_leaves_no_file_behind(registry: Registry) {
    let person = member(&registry);
    let send = |key: &str, content: &[u8]| {
        let headers = [("authorization", person.bearer.as_str()), ("content-type", "text/plain"), ("idempotency-key", key)];
        registry.client.upload(&format!("{DOCUMENTS}?{ABOUT}"), &headers, content)
    };
    let made = id(&send("\"one\"", b"abc"));
    assert_eq!(files(registry.documents.path()).len(), 1);

    send("\"one\"", b"another content under the same key").problem(422, "idempotency_key_reused");
    registry.write(|transaction| {
        let row = transaction.conn().member_document(made.parse().unwrap())?.unwrap();
        for _ in 1..1_000 {
            let id = DocumentId::new(transaction.now(), transaction.conn_and_rng().1);
            transaction.add_member_document(&MemberDocument { id, ..row.clone() })?;
        }
        Ok(())
    });
    let refused = send("\"two\"", b"one too many").problem(409, "conflict");

    assert_eq!(refused["errors"][0]["code"], "too_many_documents");
    assert_eq!(files(registry.documents.path()).len(), 1);
}

#[test]
fn a_changed_or_lost_file_is_no_answer() {
    let registry = Registry::start(Database::sqlite());
    let person = member(&registry);
    let made = hand_in(&registry, &person, ABOUT, "text/plain", b"abc");
    let file = files(registry.documents.path()).remove(0);
    let read = || person.get(&registry, &format!("{DOCUMENTS}/{}/content", id(&made)));
    assert_eq!(read().text, "abc");

    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    read().problem(500, "internal_error");
    std::fs::remove_file(&file).unwrap();
    read().problem(500, "internal_error");

    // Handing it in again mends it.
    hand_in(&registry, &person, ABOUT, "text/plain", b"abc");
    assert_eq!(read().text, "abc");
}

#[on_every_database(Registry::start)]
fn what_a_crash_left_behind_is_swept_and_nothing_else(registry: Registry) {
    let person = member(&registry);
    let made = hand_in(&registry, &person, ABOUT, "text/plain", b"abc");
    let home = files(registry.documents.path()).remove(0).parent().unwrap().to_owned();
    let real_now: SystemTime = "2026-06-01T12:00:00Z".parse::<vasp_words::time::UtcTime>().map(instant).unwrap();
    let put = |name: &str, age: Duration| {
        let path = home.join(name);
        std::fs::write(&path, b"left behind").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(real_now - age).unwrap();
        path
    };
    let (old, young) = (Duration::from_secs(3_601), Duration::from_secs(3_599));
    let (needed, unknown) = (format!(".draft-{SHA256_OF_ABC}-doc_"), format!(".draft-{}-doc_", "cd".repeat(32)));
    let gone = [put(&format!("{unknown}1"), old), put(".part-doc_1", old)];
    // Two registries may share the folder, or a registry and a copy of it.
    let others = home.with_file_name("org_01k2z8q4p8w0q6m4v3c1b5n7x9");
    std::fs::create_dir(&others).unwrap();
    let of_others = put(&format!("../org_01k2z8q4p8w0q6m4v3c1b5n7x9/{unknown}2"), old);
    let kept = [
        put(&format!("{unknown}3"), young),
        put(".part-doc_2", young),
        put(&"ab".repeat(32), old),
        put("README", old),
        of_others,
    ];
    // The process died before the file got its name.
    std::fs::rename(home.join(SHA256_OF_ABC), home.join(format!("{needed}4"))).unwrap();
    let content =
        || registry.client.download(&format!("{DOCUMENTS}/{}/content", id(&made)), &[("authorization", &person.bearer)]).2;
    assert_eq!(content(), b"abc");
    File::options().write(true).open(home.join(format!("{needed}4"))).unwrap().set_modified(real_now - old).unwrap();

    let swept = vasp_registry::documents::sweep_documents(&registry.registry, registry.clock.now()).unwrap();

    assert_eq!(swept, gone.len());
    assert!(gone.iter().all(|path| !path.exists()) && kept.iter().all(|path| path.exists()), "{:?}", files(&home));
    assert!(home.join(SHA256_OF_ABC).exists() && !home.join(format!("{needed}4")).exists());
    assert_eq!(content(), b"abc");
    let missing =
        || vasp_registry::documents::of_record::missing(registry.registry.store(), Some(registry.documents.path())).unwrap();
    assert_eq!(missing(), 0);
    std::fs::remove_file(home.join(SHA256_OF_ABC)).unwrap();
    assert_eq!(missing(), 1, "removed, or another folder");
}

fn instant(at: vasp_words::time::UtcTime) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.micros()).unwrap())
}

#[test]
fn a_registry_without_a_folder_says_so() {
    let registry = Registry::start_without_documents(Database::sqlite());
    let person = member(&registry);

    let problem = hand_in(&registry, &person, ABOUT, "text/plain", b"abc").problem(422, "unsupported_option");

    assert_eq!(problem["errors"][0]["code"], "no_document_folder");
    assert_eq!(person.read(&registry, DOCUMENTS)["items"], json!([]));
}

/// A full disk gives 503, and nothing is left behind.
#[test]
fn a_full_disk_takes_no_document_and_keeps_nothing_of_it() {
    let disk = SmallDisk::new(1);
    if !disk.is_mounted() {
        return; // `SmallDisk` said that this was not run.
    }
    let folder = disk.path().join("documents");
    let registry = Registry::start_with_documents_in(Database::sqlite(), folder.clone());
    let person = member(&registry);
    let kept = hand_in(&registry, &person, ABOUT, "text/plain", b"abc");
    disk.fill(None, 8_192);

    let refused = hand_in(&registry, &person, ABOUT, "text/plain", &[b'x'; 200_000]);

    assert_busy(&refused);
    assert_eq!(files(&folder).len(), 1, "{:?}", files(&folder));
    assert_eq!(person.read(&registry, DOCUMENTS)["items"], json!([kept.json()]));
    disk.free(None);
    assert_eq!(hand_in(&registry, &person, ABOUT, "text/plain", &[b'x'; 200_000]).status.as_u16(), 201);
}

#[test]
fn documents_come_in_pages() {
    let registry = Registry::start(Database::sqlite());
    let person = member(&registry);
    let made: Vec<Value> =
        (0..3).map(|_| hand_in(&registry, &person, ABOUT, "text/plain", b"abc").json()["id"].clone()).collect();

    let first = person.read(&registry, &format!("{DOCUMENTS}?limit=2"));
    let next = first["next_cursor"].as_str().unwrap();
    let second = person.read(&registry, &format!("{DOCUMENTS}?limit=2&cursor={next}"));

    let ids = |page: &Value| page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    let mut all = [ids(&first), ids(&second)].concat();
    let mut made = made;
    all.sort_by_key(Value::to_string);
    made.sort_by_key(Value::to_string);
    assert_eq!(all, made);
    assert_eq!(second["next_cursor"], Value::Null);
}
