//! The kind `byron`: base 58 of CBOR `[24(bytes), CRC-32 of these bytes]`. The bytes are `[28-byte root, attributes, type]`. Attribute 2,
//! the network's magic number, must be absent: it marks an address of a test network.
//!
//! Source: CIP-19, "Byron addresses"; Cardano's Byron ledger CDDL (`crypto.cddl`, `address`).

use super::checksum::crc32;
use super::fault::Fault;
use ciborium::value::{Integer, Value};

/// The tag of embedded CBOR. Source: RFC 8949, section 3.4.5.1.
const EMBEDDED: u64 = 24;

/// The key of the attribute with a test network's magic number.
const NETWORK_MAGIC: u64 = 2;

/// Reads the bytes decoded from base 58, and returns the root.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let Some(Value::Array(outer)) = cbor(bytes) else { return Err(Fault::Foreign) };
    let [Value::Tag(EMBEDDED, inner), Value::Integer(checksum)] = outer.as_slice() else { return Err(Fault::Foreign) };
    let Value::Bytes(inner) = inner.as_ref() else { return Err(Fault::Foreign) };
    if *checksum != Integer::from(crc32(inner)) {
        return Err(Fault::Checksum);
    }
    let not_byron = Fault::Layout("its content is not the content of a Byron address");
    let Some(Value::Array(parts)) = cbor(inner) else { return Err(not_byron) };
    let [Value::Bytes(root), Value::Map(attributes), Value::Integer(_)] = parts.as_slice() else { return Err(not_byron) };
    if attributes.iter().any(|(key, _)| *key == Value::Integer(NETWORK_MAGIC.into())) {
        return Err(Fault::Layout("it names a test network"));
    }
    Ok(root.clone())
}

/// Reads one CBOR value that fills the bytes. The nesting limit is enough for any address.
fn cbor(bytes: &[u8]) -> Option<Value> {
    const DEPTH: usize = 8;
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH).ok()?;
    rest.is_empty().then_some(value)
}
