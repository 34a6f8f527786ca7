//! The requests to send, in turn: a file of requests as they go over the wire, each after a line with its length.

use super::Failure;

/// Requests that are sent one after the other, then from the start again.
pub(super) struct Requests {
    all: Vec<Vec<u8>>,
    next: usize,
}

impl Requests {
    pub(super) fn read(file: &str) -> Result<Self, Failure> {
        let bytes = std::fs::read(file)?;
        let (mut rest, mut all) = (bytes.as_slice(), Vec::new());
        while !rest.is_empty() {
            let line = rest.iter().position(|byte| *byte == b'\n').ok_or("a length without a line's end")?;
            let length: usize = std::str::from_utf8(&rest[..line])?.parse()?;
            rest = &rest[line + 1..];
            all.push(rest.get(..length).ok_or("the file ends within a request")?.to_vec());
            rest = &rest[length..];
        }
        if all.is_empty() { Err("no request in the file".into()) } else { Ok(Self { all, next: 0 }) }
    }

    pub(super) fn next(&mut self) -> &[u8] {
        let index = self.next;
        self.next = (index + 1) % self.all.len();
        &self.all[index]
    }
}
