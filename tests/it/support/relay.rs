//! A relay before a server, as a broken balancer is: it acknowledges what it is sent and forwards nothing.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

/// A relay to a port of this machine. Lines that it has swallowed once stay so; nobody learns of it.
pub(crate) struct Relay {
    pub port: u16,
    to: Arc<AtomicU16>,
    swallows_new: Arc<AtomicBool>,
    lines: Arc<Mutex<Vec<Line>>>,
}

struct Line {
    swallows: Arc<AtomicBool>,
    client: TcpStream,
}

impl Relay {
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Self {
            port: listener.local_addr().unwrap().port(),
            to: Arc::new(AtomicU16::new(port)),
            swallows_new: Arc::default(),
            lines: Arc::default(),
        };
        let (to, swallows_new, lines) = (Arc::clone(&relay.to), Arc::clone(&relay.swallows_new), Arc::clone(&relay.lines));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", to.load(Ordering::SeqCst))) else { continue };
                let swallows = {
                    let mut lines = lines.lock().unwrap();
                    let swallows = Arc::new(AtomicBool::new(swallows_new.load(Ordering::SeqCst)));
                    lines.push(Line { swallows: Arc::clone(&swallows), client: client.try_clone().unwrap() });
                    swallows
                };
                let (back, forth) = ((server.try_clone().unwrap(), client.try_clone().unwrap()), (client, server));
                for (from, to) in [back, forth] {
                    let swallows = Arc::clone(&swallows);
                    std::thread::spawn(move || forward(from, to, &swallows));
                }
            }
        });
        relay
    }

    /// The address of a database, by way of the relay.
    pub(crate) fn before(&self, url: &str) -> String {
        let (server, name) = url.rsplit_once('/').unwrap();
        format!("{}:{}/{name}", server.rsplit_once(':').unwrap().0, self.port)
    }

    /// Has new lines lead elsewhere, and ends those that there are: a failover.
    pub(crate) fn lead_to(&self, port: u16) {
        self.to.store(port, Ordering::SeqCst);
        for line in self.lines.lock().unwrap().drain(..) {
            drop(line.client.shutdown(Shutdown::Both));
        }
    }

    /// Swallows what goes over the lines that there are, for ever, and over new ones as said.
    pub(crate) fn swallow(&self, new: bool) {
        let lines = self.lines.lock().unwrap();
        self.swallows_new.store(new, Ordering::SeqCst);
        for line in lines.iter() {
            line.swallows.store(true, Ordering::SeqCst);
        }
    }

    /// Forwards what goes over new lines.
    pub(crate) fn forward_new(&self) {
        self.swallows_new.store(false, Ordering::SeqCst);
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, swallows: &AtomicBool) {
    let mut bytes = [0; 16 << 10];
    loop {
        let count = from.read(&mut bytes).unwrap_or(0);
        match swallows.load(Ordering::SeqCst) {
            // Not even the end is told.
            true if count == 0 => return,
            true => {}
            false if count == 0 || to.write_all(&bytes[..count]).is_err() => break,
            false => {}
        }
    }
    drop((from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both)));
}
