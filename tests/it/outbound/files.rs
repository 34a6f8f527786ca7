//! Files fetched by HTTPS: what is called, what is refused, and that nothing takes longer than it may. Times are upper bounds
//! with room for a slow machine: without a limit of ours, each of these would never end.

use std::time::Duration;

use hickory_server::proto::rr::RecordType;
use vasp_clock::Stopwatch;
use vasp_outbound::{AddressKind, FetchError, Fetched};

use super::{HOST, World};
use crate::support::{Authority, Internet, MuteNameServer, NameServer, Names, Reply, Trap, WebServer};

/// Everything takes 5 seconds at most; a test machine may be slow.
const ENOUGH: Duration = Duration::from_secs(30);

fn is_address(error: &FetchError, kind: AddressKind) -> bool {
    matches!(error, FetchError::Address { refused, .. } if refused.kind == kind)
}

impl World {
    fn get(&self, url: &str) -> Result<Fetched, FetchError> {
        let started = Stopwatch::start();
        let fetched = self.outbound.fetch(&url.parse().unwrap());
        assert!(Duration::from_micros(started.elapsed_micros()) < ENOUGH, "{}", started.elapsed_micros());
        fetched
    }

    fn get_as(&self, reply: Reply) -> Result<Fetched, FetchError> {
        self.internet.web.set("/x", reply);
        self.get(&format!("https://{HOST}/x"))
    }
}

#[test]
fn file_is_fetched_whole_with_what_says_where_it_came_from() {
    let world = World::new();

    let fetched = world.get_as(Reply::Text("hello".to_owned())).unwrap();

    assert_eq!((fetched.status, fetched.body.as_slice()), (200, &b"hello"[..]));
    assert_eq!(fetched.content_type.as_deref(), Some("text/plain"));
    assert_eq!(fetched.url.to_string(), "https://vasp.example.com/x");
    assert_eq!(fetched.address.to_string(), "127.0.0.1:443");
    assert_eq!(world.get("https://vasp.example.com/nothing").unwrap().status, 404);
}

#[test]
fn request_has_no_credentials_and_asks_for_no_compression() {
    let world = World::new();
    world.get_as(Reply::Text(String::new())).unwrap();

    let head = world.internet.web.heads().remove(0).to_lowercase();
    let names: Vec<_> = head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();

    assert!(head.starts_with("get /x http/1.1\r\n") && head.contains("host: vasp.example.com\r\n"), "{head}");
    for name in names {
        assert!(["host", "accept", "user-agent", "connection", "te"].contains(&name), "{head}");
    }
}

#[test]
fn redirects_are_followed_three_times_and_each_host_is_checked() {
    let world = World::new();
    for (place, to) in [("/x", "/a"), ("/a", "//www.vasp.example.com/b"), ("/b", "https://vasp.example.com/c")] {
        world.internet.web.set(place, Reply::Redirect(to.to_owned()));
    }
    world.internet.web.set("/c", Reply::Text("end".to_owned()));

    let fetched = world.get("https://vasp.example.com/x").unwrap();
    assert_eq!((fetched.url.to_string().as_str(), fetched.body.as_slice()), ("https://vasp.example.com/c", &b"end"[..]));

    world.internet.web.set("/c", Reply::Redirect("/d".to_owned()));
    assert_eq!(world.get("https://vasp.example.com/x"), Err(FetchError::TooManyRedirects));
    assert_eq!(world.get_as(Reply::Redirect("/x".to_owned())), Err(FetchError::TooManyRedirects));
}

#[test]
fn redirects_to_other_schemes_hosts_and_ports_are_refused_before_anything_is_called() {
    let world = World::new();
    let trap = Trap::start("127.0.0.1", 0);
    let port = trap.address().port();

    for (place, code) in [
        (format!("http://{HOST}/"), "https_required"),
        (format!("http://127.0.0.1:{port}/"), "https_required"),
        ("https://169.254.169.254/latest/meta-data/".to_owned(), "host_not_public"),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), "host_not_public"),
        (format!("https://127.0.0.1:{port}/"), "host_not_public"),
        (format!("https://2130706433:{port}/"), "host_not_public"),
        ("https://localhost/".to_owned(), "host_not_public"),
        (format!("https://user:secret@{HOST}/"), "userinfo_present"),
    ] {
        match world.get_as(Reply::Redirect(place.clone())) {
            Err(FetchError::Redirect { reason, .. }) => assert_eq!(reason.code(), code, "{place}"),
            other => panic!("{place}: {other:?}"),
        }
    }
    assert_eq!(world.get_as(Reply::Redirect(format!("https://{HOST}:{port}/"))), Err(FetchError::Port(port)));
    assert_eq!(world.get(&format!("https://{HOST}:{port}/")), Err(FetchError::Port(port)));
    assert_eq!(world.get_as(Reply::Redirect("x".to_owned())), Err(FetchError::Location(HOST.parse().unwrap())));
    assert_eq!(trap.came(), 0);
}

#[test]
fn names_that_lead_to_addresses_inside_are_refused_before_anything_is_called() {
    let world = World::new();
    let trap = Trap::start("127.0.0.2", world.internet.web.address.port());
    for (address, kind) in [
        ("127.0.0.2", AddressKind::Loopback),
        ("169.254.169.254", AddressKind::LinkLocal),
        ("10.0.0.1", AddressKind::Private),
        ("::1", AddressKind::Loopback),
        ("::ffff:127.0.0.1", AddressKind::Translated),
        ("64:ff9b::7f00:1", AddressKind::Translated),
        ("fe80::1", AddressKind::LinkLocal),
    ] {
        let names = world.internet.names(&[]).address("inside.example.com", address);
        // One good address beside it does not help: whoever mixes them hopes for the other.
        let mixed = names.clone().address("mixed.example.com", "127.0.0.1").address("mixed.example.com", address);
        world.internet.set_names(&mixed);

        for host in ["inside", "mixed"] {
            let url = format!("https://{host}.example.com/x");
            let direct = world.get(&url).unwrap_err();
            assert!(is_address(&direct, kind), "{address}: {direct:?}");
            let redirected = world.get_as(Reply::Redirect(url)).unwrap_err();
            assert!(is_address(&redirected, kind), "{address}: {redirected:?}");
        }
    }
    assert_eq!(trap.came(), 0);
}

#[test]
fn production_rule_refuses_loopback_itself_even_beside_a_public_address() {
    let world = World::new();
    let outbound = world.internet.outbound_with(|rule| rule.callable = None);
    world.internet.set_names(&world.internet.names(&[]).address(HOST, "93.184.215.14"));

    let error = outbound.fetch(&format!("https://{HOST}/x").parse().unwrap()).unwrap_err();

    assert!(is_address(&error, AddressKind::Loopback), "{error:?}");
    assert!(world.internet.web.heads().is_empty());
}

#[test]
fn name_that_changes_its_mind_after_the_check_changes_nothing() {
    let world = World::new();
    let trap = Trap::start("127.0.0.2", world.internet.web.address.port());
    world.internet.web.set("/x", Reply::Text("checked".to_owned()));
    for resolver in &world.internet.resolvers {
        resolver.set_after(HOST, RecordType::A, &Names::default().address(HOST, "127.0.0.2"));
    }

    // The first look-up is the only one: the connection goes where it said.
    assert_eq!(world.get(&format!("https://{HOST}/x")).unwrap().body, b"checked");
    // By now every resolver says otherwise, so a second look-up would have led into the trap.
    let later = world.get(&format!("https://{HOST}/x")).unwrap_err();

    assert!(is_address(&later, AddressKind::Loopback), "{later:?}");
    assert_eq!((trap.came(), world.internet.web.heads().len()), (0, 1));
}

#[test]
fn bodies_end_at_64_kib() {
    let world = World::new();
    let whole = "a".repeat(64 * 1024);

    assert_eq!(world.get_as(Reply::Text(whole.clone())).unwrap().body.len(), 64 * 1024);
    assert_eq!(world.get_as(Reply::Text(format!("{whole}a"))), Err(FetchError::BodyTooLong));
    assert_eq!(world.get_as(Reply::Endless), Err(FetchError::BodyTooLong));
    let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n{whole}a\r\n0\r\n\r\n");
    assert_eq!(world.get_as(Reply::Raw(chunked.into())), Err(FetchError::BodyTooLong));
}

#[test]
fn compressed_bodies_and_broken_answers_are_refused() {
    let world = World::new();
    let host = || HOST.parse().unwrap();
    let raw = |text: &str| Reply::Raw(text.as_bytes().to_vec());

    let compressed = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\na";
    assert_eq!(world.get_as(raw(compressed)), Err(FetchError::Compressed));
    assert_eq!(world.get_as(raw("SSH-2.0-OpenSSH_9.9\r\n")), Err(FetchError::Protocol(host())));
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
    assert_eq!(world.get_as(raw(cut)), Err(FetchError::Protocol(host())));
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "a".repeat(20_000));
    assert_eq!(world.get_as(raw(&long)), Err(FetchError::Protocol(host())));
}

#[test]
fn servers_that_drip_are_left_after_the_time_is_up() {
    let world = World::new();

    for reply in [Reply::Drip, Reply::DripHead] {
        assert_eq!(world.get_as(reply), Err(FetchError::TimedOut(HOST.parse().unwrap())));
    }
}

#[test]
fn servers_that_never_end_their_handshake_are_left_after_the_time_is_up() {
    let world = World::new();
    let trap = Trap::start("127.0.0.1", 0);
    let outbound = world.internet.outbound_with(|mute| mute.https_port = trap.address().port());

    let started = Stopwatch::start();
    let error = outbound.fetch(&format!("https://{HOST}/x").parse().unwrap()).unwrap_err();

    assert!(Duration::from_micros(started.elapsed_micros()) < ENOUGH && trap.came() > 0);
    assert_eq!(error, FetchError::NoConnection(HOST.parse().unwrap()));
}

#[test]
fn certificates_that_are_not_for_the_host_expired_or_of_nobody_known_are_refused() {
    let trusted = || Authority::new();
    let refused = Err(FetchError::Certificate(HOST.parse().unwrap()));

    let authority = trusted();
    let web = WebServer::start(&authority, &["other.example.com"]);
    assert_eq!(World::on(Internet::with(authority, web, &[HOST])).get_as(Reply::Text(String::new())), refused);
    let authority = trusted();
    let web = WebServer::start_valid(&authority, &[HOST], (2020, 2021));
    assert_eq!(World::on(Internet::with(authority, web, &[HOST])).get_as(Reply::Text(String::new())), refused);
    let web = WebServer::start(&Authority::new(), &[HOST]);
    assert_eq!(World::on(Internet::with(trusted(), web, &[HOST])).get_as(Reply::Text(String::new())), refused);
}

#[test]
fn hosts_without_addresses_and_resolvers_without_answers_are_told_apart() {
    let world = World::new();
    let host: vasp_words::host::Host = "nowhere.example.com".parse().unwrap();
    assert_eq!(world.get("https://nowhere.example.com/"), Err(FetchError::HostNotFound(host)));
    world.internet.set_names(&Names::default().text(HOST, "no address"));
    assert_eq!(world.get(&format!("https://{HOST}/")), Err(FetchError::HostNotFound(HOST.parse().unwrap())));

    let (one, other) = (MuteNameServer::start(), MuteNameServer::start());
    let mute = world.internet.outbound_asking(&[one.address(), other.address()]);
    let error = mute.fetch(&format!("https://{HOST}/").parse().unwrap()).unwrap_err();
    assert!(error.is_ours(), "{error:?}");
}

#[test]
fn signatures_that_do_not_hold_leave_the_file_to_tls() {
    let world = World::new();
    world.internet.web.set("/x", Reply::Text("there".to_owned()));
    let unsigned = [(); 2].map(|()| NameServer::start(&world.internet.names(&[]), None));
    let outbound = world.internet.outbound_asking(&unsigned.each_ref().map(|server| server.address));

    assert_eq!(outbound.fetch(&format!("https://{HOST}/x").parse().unwrap()).unwrap().body, b"there");
}

#[test]
fn closed_port_is_no_connection() {
    let world = World::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let outbound = world.internet.outbound_with(|closed| closed.https_port = port);

    let error = outbound.fetch(&format!("https://{HOST}/x").parse().unwrap()).unwrap_err();

    assert_eq!(error, FetchError::NoConnection(HOST.parse().unwrap()));
}
