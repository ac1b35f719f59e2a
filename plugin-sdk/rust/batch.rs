//! What channels write.

use crate::wire::{put_bytes, put_double, put_int, put_text};

/// The numbers of hearback.v1.Kind.
#[derive(Clone, Copy)]
pub enum Kind {
    Comment = 1,
    Review = 2,
    DirectMessage = 3,
    Mention = 4,
    Mail = 5,
    SurveyAnswer = 6,
    Post = 7,
}

/// The batch that a channel hands over.
#[derive(Default)]
pub struct Batch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) ended: bool,
    size: usize,
}

impl Batch {
    /// Begins a message; it is in the batch at the end of the statement.
    pub fn add(&mut self) -> MessageOut<'_> {
        self.size += 1;
        MessageOut {
            batch: &mut self.bytes,
            bytes: Vec::new(),
        }
    }
    /// How many messages are in it.
    pub fn size(&self) -> usize {
        self.size
    }
    /// How far has been read, including this batch; up to 64 KiB. Begin it with a version.
    pub fn checkpoint(&mut self, note: impl AsRef<[u8]>) {
        put_bytes(&mut self.bytes, 2, note.as_ref());
    }
    pub fn has_more(&mut self, more: bool) {
        put_int(&mut self.bytes, 3, i64::from(more));
    }
    /// A piece that cannot be read: kept with its cause and spoils no other.
    pub fn reject(&mut self, cause: &str, payload: impl AsRef<[u8]>, position: &str) {
        let mut reject = Vec::new();
        put_text(&mut reject, 1, cause.as_bytes());
        put_bytes(&mut reject, 2, payload.as_ref());
        put_text(&mut reject, 3, position.as_bytes());
        put_bytes(&mut self.bytes, 4, &reject);
    }
    pub fn poll_again_in(&mut self, ms: i64) {
        put_int(&mut self.bytes, 6, ms);
    }
    /// The source is exhausted with this batch.
    pub fn end(&mut self) {
        self.ended = true;
    }
}

/// One message under way into its batch. The fields are explained in
/// schemas/hearback/v1/feedback.proto; texts may be any bytes, the host makes them UTF-8.
pub struct MessageOut<'a> {
    batch: &'a mut Vec<u8>,
    bytes: Vec<u8>,
}

impl MessageOut<'_> {
    fn put(mut self, field: u32, text: impl AsRef<[u8]>) -> Self {
        put_text(&mut self.bytes, field, text.as_ref());
        self
    }
    fn number(mut self, field: u32, value: i64) -> Self {
        put_int(&mut self.bytes, field, value);
        self
    }
    pub fn external_id(self, id: impl AsRef<[u8]>) -> Self {
        self.put(2, id)
    }
    pub fn revision(self, revision: i64) -> Self {
        self.number(3, revision)
    }
    pub fn kind(self, kind: Kind) -> Self {
        self.number(4, kind as i64)
    }
    pub fn channel(self, channel: impl AsRef<[u8]>) -> Self {
        self.put(5, channel)
    }
    pub fn conversation(self, key: impl AsRef<[u8]>) -> Self {
        self.put(6, key)
    }
    pub fn parent(self, external_id: impl AsRef<[u8]>) -> Self {
        self.put(7, external_id)
    }
    pub fn author(self, id: &str, handle: &str, name: impl AsRef<[u8]>) -> Self {
        let mut author = Vec::new();
        put_text(&mut author, 1, id.as_bytes());
        put_text(&mut author, 2, handle.as_bytes());
        put_text(&mut author, 3, name.as_ref());
        self.put(8, author)
    }
    pub fn text(self, text: impl AsRef<[u8]>) -> Self {
        self.put(9, text)
    }
    pub fn html(self, text: impl AsRef<[u8]>) -> Self {
        self.put(9, text).number(21, 1)
    }
    pub fn subject(self, subject: impl AsRef<[u8]>) -> Self {
        self.put(11, subject)
    }
    pub fn language(self, tag: impl AsRef<[u8]>) -> Self {
        self.put(12, tag)
    }
    pub fn rating(self, value: f64, scale_min: f64, scale_max: f64) -> Self {
        let mut rating = Vec::new();
        put_double(&mut rating, 1, value);
        put_double(&mut rating, 2, scale_min);
        put_double(&mut rating, 3, scale_max);
        self.put(13, rating)
    }
    pub fn permalink(self, url: impl AsRef<[u8]>) -> Self {
        self.put(15, url)
    }
    pub fn attribute(self, key: &str, value: impl AsRef<[u8]>) -> Self {
        let mut entry = Vec::new();
        put_text(&mut entry, 1, key.as_bytes());
        put_text(&mut entry, 2, value.as_ref());
        self.put(17, entry)
    }
    pub fn occurred_at(self, us: i64) -> Self {
        self.number(18, us)
    }
    pub fn edited_at(self, us: i64) -> Self {
        self.number(19, us)
    }
    pub fn deleted_at(self, us: i64) -> Self {
        self.number(20, us)
    }
}
impl Drop for MessageOut<'_> {
    fn drop(&mut self) {
        put_bytes(self.batch, 1, &self.bytes);
    }
}
