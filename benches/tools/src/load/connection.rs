//! One HTTP/1.1 connection that is asked one thing at a time.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use mio::net::TcpStream;

use super::Failure;

/// A connection and what is under way on it.
pub(super) struct Connection {
    pub stream: TcpStream,
    /// When the request under way was due.
    pub began: Instant,
    unsent: Vec<u8>,
    written: usize,
    received: Vec<u8>,
    /// Status and whole length of the answer, once its head is known.
    expected: Option<(u16, usize)>,
    total: usize,
    waiting: bool,
}

/// How far a request has come.
pub(super) enum Progress {
    Waiting,
    Answered { status: u16, bytes: u64 },
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream: TcpStream::from_std(stream),
            began: Instant::now(),
            unsent: Vec::new(),
            written: 0,
            received: Vec::with_capacity(1 << 16),
            expected: None,
            total: 0,
            waiting: false,
        })
    }

    pub(super) fn send(&mut self, request: &[u8], began: Instant) -> Result<(), Failure> {
        (self.began, self.waiting, self.written, self.total, self.expected) = (began, true, 0, 0, None);
        self.received.clear();
        self.unsent.clear();
        self.unsent.extend_from_slice(request);
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Failure> {
        while self.written < self.unsent.len() {
            match self.stream.write(&self.unsent[self.written..]) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Writes and reads what can be without waiting.
    pub(super) fn progress(&mut self) -> Result<Progress, Failure> {
        if !self.waiting {
            return Ok(Progress::Waiting);
        }
        self.flush()?;
        let mut chunk = [0u8; 1 << 16];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err("the server closed a connection".into()),
                Ok(count) => self.take(&chunk[..count])?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
            if self.expected.is_some_and(|(_, length)| self.total >= length) {
                break;
            }
        }
        match self.expected {
            Some((status, length)) if self.total >= length => {
                self.waiting = false;
                Ok(Progress::Answered { status, bytes: u64::try_from(length)? })
            }
            _ => Ok(Progress::Waiting),
        }
    }

    /// Only the head is kept; of the body only how much came.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.total += bytes.len();
        if self.expected.is_some() {
            return Ok(());
        }
        self.received.extend_from_slice(bytes);
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Response::new(&mut headers);
        if let httparse::Status::Complete(head_bytes) = head.parse(&self.received)? {
            let length = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
            let length: usize = std::str::from_utf8(length.ok_or("an answer without Content-Length")?.value)?.parse()?;
            self.expected = Some((head.code.unwrap_or(0), head_bytes + length));
        }
        Ok(())
    }
}
