//! What classifiers and sinks read, and what they answer.

use crate::abi::HB_OK;
use crate::wire::{put_bytes, put_double, put_int, put_text, Fields};
use crate::Failure;

/// One message; what is empty or 0 is not known.
#[derive(Debug, Default, Clone)]
pub struct Message<'a> {
    pub source: &'a str,
    pub external_id: &'a str,
    pub revision: i64,
    pub kind: i32,
    pub channel: &'a str,
    pub conversation: &'a str,
    pub parent: &'a str,
    pub author_id: &'a str,
    pub author_handle: &'a str,
    pub author_name: &'a str,
    pub text: &'a str,
    pub subject: &'a str,
    pub language: &'a str,
    /// Value, and the ends of its scale.
    pub rating: Option<(f64, f64, f64)>,
    pub permalink: &'a str,
    pub attributes: Vec<(&'a str, &'a str)>,
    pub occurred_at_us: i64,
    pub edited_at_us: i64,
    pub deleted_at_us: i64,
}

impl<'a> Message<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Message<'a> {
        let mut message = Message::default();
        for (field, value) in Fields::of(bytes) {
            match field {
                1 => message.source = value.text(),
                2 => message.external_id = value.text(),
                3 => message.revision = value.number() as i64,
                4 => message.kind = value.number() as i32,
                5 => message.channel = value.text(),
                6 => message.conversation = value.text(),
                7 => message.parent = value.text(),
                8 => message.read_author(value.bytes()),
                9 => message.text = value.text(),
                11 => message.subject = value.text(),
                12 => message.language = value.text(),
                13 => message.read_rating(value.bytes()),
                15 => message.permalink = value.text(),
                17 => message.read_attribute(value.bytes()),
                18 => message.occurred_at_us = value.number() as i64,
                19 => message.edited_at_us = value.number() as i64,
                20 => message.deleted_at_us = value.number() as i64,
                _ => {}
            }
        }
        message
    }
    fn read_author(&mut self, bytes: &'a [u8]) {
        for (field, value) in Fields::of(bytes) {
            match field {
                1 => self.author_id = value.text(),
                2 => self.author_handle = value.text(),
                3 => self.author_name = value.text(),
                _ => {}
            }
        }
    }
    fn read_rating(&mut self, bytes: &'a [u8]) {
        let mut rating = (0.0, 0.0, 0.0);
        for (field, value) in Fields::of(bytes) {
            match field {
                1 => rating.0 = f64::from_bits(value.number()),
                2 => rating.1 = f64::from_bits(value.number()),
                3 => rating.2 = f64::from_bits(value.number()),
                _ => {}
            }
        }
        self.rating = Some(rating);
    }
    fn read_attribute(&mut self, bytes: &'a [u8]) {
        let mut entry = ("", "");
        for (field, value) in Fields::of(bytes) {
            match field {
                1 => entry.0 = value.text(),
                2 => entry.1 = value.text(),
                _ => {}
            }
        }
        self.attributes.push(entry);
    }
}

/// What a classifier says. Indexes do not fall.
#[derive(Default)]
pub struct Annotations {
    pub(crate) bytes: Vec<u8>,
    model_version: String,
}
impl Annotations {
    /// To be set before the first add(): changes whenever the answers may; up to 128 bytes.
    pub fn model_version(&mut self, version: impl Into<String>) {
        self.model_version = version.into();
    }
    /// `index`: position of the message; `confidence`: 0 to 1; `reason`: for people, may be empty.
    pub fn add(&mut self, index: usize, label: &str, score: f64, confidence: f64, reason: &str) {
        let mut annotation = Vec::new();
        put_text(&mut annotation, 3, self.model_version.as_bytes());
        put_text(&mut annotation, 4, label.as_bytes());
        put_double(&mut annotation, 5, score);
        put_double(&mut annotation, 6, confidence);
        put_text(&mut annotation, 7, reason.as_bytes());
        let mut message = Vec::new();
        put_int(&mut message, 1, index as i64);
        put_bytes(&mut message, 2, &annotation);
        put_bytes(&mut self.bytes, 1, &message);
    }
}

/// One message for a sink, with what classifiers and rules said of it.
#[derive(Debug, Default, Clone)]
pub struct Delivery<'a> {
    /// The same on every attempt.
    pub idempotency_key: &'a str,
    pub message_id: i64,
    pub message: Message<'a>,
    /// Task and label, such as ("sentiment", "negative").
    pub labels: Vec<(&'a str, &'a str)>,
    pub team: &'a str,
    pub tags: Vec<&'a str>,
    pub attempt: i32,
}
impl<'a> Delivery<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Delivery<'a> {
        let mut delivery = Delivery::default();
        for (field, value) in Fields::of(bytes) {
            match field {
                1 => delivery.idempotency_key = value.text(),
                2 => delivery.message_id = value.number() as i64,
                3 => delivery.message = Message::read(value.bytes()),
                4 => delivery.read_label(value.bytes()),
                5 => delivery.read_route(value.bytes()),
                6 => delivery.attempt = value.number() as i32,
                _ => {}
            }
        }
        delivery
    }
    fn read_label(&mut self, bytes: &'a [u8]) {
        let mut label = ("", "");
        for (field, value) in Fields::of(bytes) {
            match field {
                2 => label.0 = value.text(),
                4 => label.1 = value.text(),
                _ => {}
            }
        }
        self.labels.push(label);
    }
    fn read_route(&mut self, bytes: &'a [u8]) {
        for (field, value) in Fields::of(bytes) {
            match field {
                1 => self.team = value.text(),
                3 => self.tags.push(value.text()),
                _ => {}
            }
        }
    }
}

/// What became of single deliveries, by their position.
#[derive(Default)]
pub struct Results {
    pub(crate) bytes: Vec<u8>,
}
impl Results {
    pub fn delivered(&mut self, index: usize, remote_id: &str) {
        self.add(index, &Failure::new(HB_OK, ""), remote_id);
    }
    pub fn failed(&mut self, index: usize, why: &Failure) {
        self.add(index, why, "");
    }
    fn add(&mut self, index: usize, outcome: &Failure, remote_id: &str) {
        let mut result = Vec::new();
        put_int(&mut result, 1, index as i64);
        put_int(&mut result, 2, i64::from(outcome.status));
        put_int(&mut result, 3, outcome.retry_after_ms);
        put_text(&mut result, 4, remote_id.as_bytes());
        put_text(&mut result, 5, outcome.text.as_bytes());
        put_bytes(&mut self.bytes, 1, &result);
    }
}
