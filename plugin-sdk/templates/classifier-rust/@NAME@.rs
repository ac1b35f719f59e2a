//! The classifier @NAME@: is a message urgent? It is where it holds one of some words.
use hearback::{Annotations, Classifier, Failure, Host, Json, Message, Plugin};

struct Urgency {
    words: Vec<String>,
}

impl Plugin for Urgency {
    fn new(_: Host) -> Self {
        Urgency { words: Vec::new() }
    }
    fn configure(&mut self, settings: &Json) -> Result<(), Failure> {
        let words = settings.get("words").map_or(&[][..], Json::items);
        self.words = words
            .iter()
            .filter_map(Json::as_text)
            .map(str::to_lowercase)
            .collect();
        self.words.retain(|word| !word.is_empty());
        Ok(())
    }
}

impl Classifier for Urgency {
    fn classify(&mut self, messages: &[Message], out: &mut Annotations) -> Result<(), Failure> {
        // Other words may answer differently, so they are part of the version.
        out.model_version(format!("@NAME@/1-{:x}", sum_of(&self.words)));
        for (i, message) in messages.iter().enumerate() {
            let text = message.text.to_lowercase();
            match self.words.iter().find(|word| text.contains(word.as_str())) {
                Some(word) => out.add(i, "urgent", 1.0, 0.9, word), // the reason is for people
                None => out.add(i, "calm", 0.0, 0.6, ""),
            }
        }
        Ok(())
    }
}

// FNV-1a, which stays the same from one release of Rust to the next.
fn sum_of(words: &[String]) -> u32 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([b'\n']));
    bytes.fold(0x811c9dc5, |sum: u32, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x01000193)
    })
}

hearback::classifier!(
    Urgency,
    r#"{
    "id": "@NAME@", "version": "0.1.0", "kind": "classifier",
    "summary": "Whether a message is urgent", "licence": "Apache-2.0",
    "extensions": ["hearback.classifier/1"], "needs": [],
    "task": "urgency", "labels": ["urgent", "calm"],
    "settings": {
        "type": "object", "additionalProperties": false,
        "properties": {
            "words": {"type": "array", "items": {"type": "string"},
                      "description": "One is enough", "default": ["urgent", "immediately", "asap"]}
        }
    }
}"#
);
