//! Traces: with the feature `otel` every request's span reaches a collector, as part of the caller's trace; without it,
//! asking for that is refused.

use crate::support::{assert_refused, command};

#[cfg(not(feature = "otel"))]
#[test]
fn a_build_without_the_feature_refuses_to_export() {
    let output = command(&["serve", "--listen", "127.0.0.1:0", "--otlp-endpoint", "http://127.0.0.1:1"]).output().unwrap();

    assert_refused(&output, "--features otel");
}

#[cfg(feature = "otel")]
mod exported {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;
    use crate::support::{Client, Server};

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    /// Takes one batch as a collector does, and returns it with its head.
    fn collect(listener: &TcpListener) -> Vec<u8> {
        let (mut connection, _) = listener.accept().unwrap();
        let (mut received, mut chunk) = (Vec::new(), [0; 65_536]);
        loop {
            let count = connection.read(&mut chunk).unwrap();
            received.extend_from_slice(&chunk[..count]);
            let text = String::from_utf8_lossy(&received).to_lowercase();
            let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
            let length: usize = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
            if received.len() >= received.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4 + length {
                connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
                return received;
            }
        }
    }

    #[test]
    fn a_request_is_told_to_the_collector_as_part_of_the_callers_trace() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = Server::start(command(&["serve", "--listen", "127.0.0.1:0", "--otlp-endpoint", &endpoint]));
        let parent = format!("00-{TRACE}-{PARENT}-01");

        Client::new(server.address).get_with("/healthz", &[("traceparent", &parent)]);
        let collector = std::thread::spawn(move || collect(&listener));
        server.stop("TERM");
        let batch = collector.join().unwrap();

        let has = |wanted: &[u8]| batch.windows(wanted.len()).any(|window| window == wanted);
        assert!(batch.starts_with(b"POST /v1/traces "));
        assert!(has(b"vasp-registry") && has(b"request") && has(b"/healthz"));
        assert!(has(&hex::decode(TRACE).unwrap()) && has(&hex::decode(PARENT).unwrap()));
    }

    #[test]
    fn an_endpoint_with_tls_is_refused() {
        let output = command(&["serve", "--listen", "127.0.0.1:0", "--otlp-endpoint", "https://example.com"]).output().unwrap();

        assert_refused(&output, "http://HOST:PORT");
    }
}
