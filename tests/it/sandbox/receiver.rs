//! A receiver of webhook messages on this machine, as a developer has one: plain HTTP on a loopback port.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use vasp_clock::Stopwatch;

/// A message as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) path: String,
    headers: Vec<(String, String)>,
    body: String,
}

pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    messages: Arc<Mutex<Vec<Message>>>,
}

impl Receiver {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let messages = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&messages);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                // If a sender gives up, only its own message is lost, and it sends that again.
                std::thread::spawn(move || {
                    let message = take(&stream);
                    kept.lock().unwrap().push(message);
                });
            }
        });
        Self { address, messages }
    }

    /// Waits for a message that is wanted, and checks its signature.
    pub(super) fn message(&self, secret: &str, wanted: impl Fn(&Message) -> bool) -> Message {
        let watch = Stopwatch::start();
        loop {
            let found = self.messages.lock().unwrap().iter().find(|one| wanted(one)).cloned();
            match found {
                Some(found) => {
                    assert_eq!(found.header("webhook-signature"), found.signature(secret), "{found:?}");
                    return found;
                }
                None => assert!(watch.elapsed_micros() < 60_000_000, "no such message arrived"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Message {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap().1
    }

    /// Source: Standard Webhooks, "Signature scheme": HMAC-SHA256 over `id.timestamp.body` with the decoded secret.
    fn signature(&self, secret: &str) -> String {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.body);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
        format!("v1,{}", STANDARD.encode(aws_lc_rs::hmac::sign(&key, signed.as_bytes())))
    }
}

fn take(mut stream: &TcpStream) -> Message {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let path = line().split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<(String, String)> = std::iter::from_fn(|| {
        let line = line();
        line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()))
    })
    .collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length")).unwrap().1.parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
    Message { path, headers, body: String::from_utf8(body).unwrap() }
}
