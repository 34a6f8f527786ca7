//! Looks that come at the wrong moment: a pause or a stop during a download, a clock that was wrong, a file that is still being copied; and an
//! archive that grows without end.

use std::cell::Cell;
use std::io::Write as _;
use std::time::UNIX_EPOCH;

use super::*;
use vasp_words::time::UtcTime;

/// A file that arrives after its source was paused is not imported.
#[on_every_database(Polled::new)]
fn what_comes_after_a_pause_is_not_imported(polled: Polled) {
    polled.offers(MAY_DAY, "", MAY);
    let (registry, before) = (&polled.world.registry, polled.sequence());
    let pause = |paused| {
        let (store, now) = (registry.registry.store(), registry.clock.now());
        vasp_registry::sources::pause_source(store, "esma-casps", paused, now, &mut registry.random.fork()).unwrap();
    };
    let paused = Cell::new(false);
    // The poller asks this while the file comes.
    let during = || {
        if !paused.replace(true) {
            pause(true);
        }
        false
    };

    let looked =
        polled.poller.look(&registry.registry, "esma-casps", registry.clock.as_ref(), &mut registry.random.fork(), &during);

    assert!(!looked.unwrap() && paused.get());
    assert_eq!((polled.sequence(), &polled.source()["known_through"]), (before, &Value::Null));
    pause(false);
    assert!(polled.look(), "it is due as it was before");
    assert_eq!(polled.source()["known_through"], "2026-05-26");
}

#[test]
fn a_look_that_a_stopping_server_broke_off_is_due_as_before() {
    let polled = Polled::new(Database::sqlite());
    polled.offers(MAY_DAY, "", MAY);
    let registry = &polled.world.registry;
    let looked =
        polled.poller.look(&registry.registry, "esma-casps", registry.clock.as_ref(), &mut registry.random.fork(), &|| true);

    assert!(!looked.unwrap() && polled.source()["last_tried"].is_null());
    assert!(polled.look(), "the server that starts next looks at once");
}

#[test]
fn a_look_that_a_clock_put_far_away_is_due_when_the_clock_is_right_again() {
    let polled = Polled::new(Database::sqlite());
    polled.offers(MAY_DAY, "", MAY);
    assert!(polled.look() && !polled.look());
    let registry = &polled.world.registry;
    let (store, now) = (registry.registry.store(), registry.clock.now());
    let far = Some(now.plus_secs(400 * 86_400));
    store
        .write::<_, StoreError>(now, &mut registry.random.fork(), |transaction| {
            transaction.change_source_state("esma-casps", |row| row.next_look_at = far)
        })
        .unwrap();

    assert!(polled.look());
}

/// A poller over a folder: a file that still grows waits, a folder that nobody can read is told of.
#[test]
fn a_folder_is_read_when_its_files_have_settled_and_told_of_when_it_cannot_be_read() {
    let polled = Polled::new(Database::sqlite());
    let registry = &polled.world.registry;
    let mirror = tempfile::tempdir().unwrap();
    let file = mirror.path().join("CASPS_20260426.csv");
    std::fs::write(&file, APRIL).unwrap();
    let changed = |at: UtcTime| {
        let at = UNIX_EPOCH + Duration::from_micros(u64::try_from(at.micros()).unwrap());
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(at).unwrap();
    };
    let poller = Poller::new(PollSettings { folder: Some(mirror.path().to_owned()), ..PollSettings::default() });
    let look = || {
        poller.look(&registry.registry, "esma-casps", registry.clock.as_ref(), &mut registry.random.fork(), &|| false).unwrap()
    };

    changed(registry.clock.now());
    assert!(!look() && polled.source()["last_tried"].is_null(), "it may still be half copied");
    registry.advance(59);
    assert!(!look());
    registry.advance(1);
    assert!(look());
    assert_eq!(polled.source()["known_through"], "2026-04-26");

    drop(mirror);
    registry.advance(86_400);
    assert!(look());
    let failure = polled.source()["failure"].to_string();
    assert!(failure.contains("cannot read the folder"), "{failure}");
}

/// An archive of some kilobytes that unpacks to more than memory may hold.
#[test]
fn an_archive_that_grows_without_end_is_refused() {
    let polled = Polled::new(Database::sqlite());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let line = vec![b'a'; 1 << 20];
    (0..33).for_each(|_| packed.write_all(&line).unwrap());
    let packed = packed.finish().unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nLast-Modified: {MAY_DAY}\r\nContent-Length: {}\r\n\r\n", packed.len());
    let before = polled.sequence();

    polled.answers(Reply::Raw([head.as_bytes(), &packed].concat()));
    let limits = DownloadLimits { whole: Duration::from_secs(20), silence: Duration::from_secs(5), size_bytes: 2 << 20 };
    let registry = &polled.world.registry;
    assert!(
        poller(limits)
            .look(&registry.registry, "esma-casps", registry.clock.as_ref(), &mut registry.random.fork(), &|| false)
            .unwrap()
    );

    assert_eq!(polled.sequence(), before);
    let failure = polled.source()["failure"].to_string();
    assert!(failure.contains("larger than") && failure.contains("33554432"), "{failure}");
}
