//! Protobuf's wire format: https://protobuf.dev/programming-guides/encoding/

pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
pub fn put_int(out: &mut Vec<u8>, field: u32, value: i64) {
    put_varint(out, u64::from(field) << 3);
    put_varint(out, value as u64);
}
pub fn put_double(out: &mut Vec<u8>, field: u32, value: f64) {
    put_varint(out, u64::from(field) << 3 | 1);
    out.extend_from_slice(&value.to_le_bytes());
}
pub fn put_bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    put_varint(out, u64::from(field) << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
pub fn put_text(out: &mut Vec<u8>, field: u32, text: &[u8]) {
    if !text.is_empty() {
        put_bytes(out, field, text);
    }
}

/// The fields of a message, in order; ends where the bytes make no sense.
pub struct Fields<'a> {
    rest: &'a [u8],
}
pub enum Value<'a> {
    Number(u64), // also of the fixed types
    Bytes(&'a [u8]),
}
impl<'a> Fields<'a> {
    pub fn of(bytes: &'a [u8]) -> Fields<'a> {
        Fields { rest: bytes }
    }
    /// Whether all of it can be read, with the messages that lie `depth` deep in field 1.
    pub fn are_whole(bytes: &'a [u8], depth: u32) -> bool {
        let mut fields = Fields::of(bytes);
        let mut begin = fields.rest;
        while let Some((field, value)) = fields.next() {
            if let (1, Value::Bytes(inner), true) = (field, value, depth > 0) {
                if !Fields::are_whole(inner, depth - 1) {
                    return false;
                }
            }
            begin = fields.rest;
        }
        begin.is_empty()
    }
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
    fn take(&mut self, size: u64) -> Option<&'a [u8]> {
        let size = usize::try_from(size)
            .ok()
            .filter(|&size| size <= self.rest.len())?;
        let (taken, rest) = self.rest.split_at(size);
        self.rest = rest;
        Some(taken)
    }
}
impl<'a> Iterator for Fields<'a> {
    type Item = (u32, Value<'a>);
    fn next(&mut self) -> Option<Self::Item> {
        let tag = self.varint()?;
        let fixed = |bytes: &[u8]| {
            bytes
                .iter()
                .rev()
                .fold(0, |sum, &b| sum << 8 | u64::from(b))
        };
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => Value::Number(fixed(self.take(8)?)),
            2 => {
                let size = self.varint()?;
                Value::Bytes(self.take(size)?)
            }
            5 => Value::Number(fixed(self.take(4)?)),
            _ => return None,
        };
        Some(((tag >> 3) as u32, value))
    }
}
impl<'a> Value<'a> {
    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Value::Bytes(bytes) => bytes,
            Value::Number(_) => &[],
        }
    }
    pub fn text(&self) -> &'a str {
        std::str::from_utf8(self.bytes()).unwrap_or("")
    }
    pub fn number(&self) -> u64 {
        match self {
            Value::Number(number) => *number,
            Value::Bytes(_) => 0,
        }
    }
}
