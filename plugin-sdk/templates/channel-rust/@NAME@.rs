//! The channel @NAME@: asks a service for its reviews. Without a url it brings in a sample.
use hearback::{Batch, Channel, Failure, Host, HttpCall, Json, Kind, Limits, Plugin};

struct Reviews {
    host: Host,
    url: String,
    next: String,
}

impl Plugin for Reviews {
    fn new(host: Host) -> Self {
        Reviews {
            host,
            url: String::new(),
            next: String::new(),
        }
    }
    fn configure(&mut self, settings: &Json) -> Result<(), Failure> {
        self.url = settings.text("url").unwrap_or("").to_string();
        Ok(())
    }
}

impl Channel for Reviews {
    // A checkpoint is "1 NEXT": its version, and which page comes next. Any other begins again.
    fn start(&mut self, checkpoint: Option<&[u8]>) -> Result<(), Failure> {
        let note = String::from_utf8_lossy(checkpoint.unwrap_or(b"")).into_owned();
        self.next = note.strip_prefix("1 ").unwrap_or("").to_string();
        Ok(())
    }
    fn poll(&mut self, batch: &mut Batch, _: &Limits) -> Result<(), Failure> {
        let page = Json::parse(&self.fetch()?).unwrap_or(Json::Null);
        let next = page
            .text("next")
            .ok_or_else(|| Failure::unavailable("that is no page of reviews"))?;
        for review in page.get("reviews").map_or(&[][..], Json::items) {
            match (review.text("id"), review.text("text")) {
                (Some(id), Some(text)) => {
                    batch.add().external_id(id).kind(Kind::Review).text(text);
                }
                // One that cannot be read is kept with its cause and spoils no other.
                _ => batch.reject(
                    "needs an id and a text",
                    format!("{:?}", review),
                    &self.next,
                ),
            }
        }
        batch.poll_again_in(if next == self.next { 60000 } else { 0 }); // nothing new: in a minute
        self.next = next.to_string();
        batch.checkpoint(format!("1 {}", self.next));
        Ok(())
    }
}

impl Reviews {
    fn fetch(&self) -> Result<String, Failure> {
        if self.url.is_empty() {
            let sample = r#"{"reviews": [{"id": "1", "text": "A lamp!"}], "next": "1"}"#;
            let nothing = r#"{"reviews": [], "next": "1"}"#;
            return Ok(if self.next.is_empty() {
                sample
            } else {
                nothing
            }
            .to_string());
        }
        let url = format!("{}?after={}", self.url, self.next);
        let answer = self.host.send(&HttpCall {
            url,
            ..HttpCall::default()
        })?;
        match answer.status {
            200 => Ok(String::from_utf8_lossy(&answer.body).into_owned()),
            status => Err(Failure::unavailable(format!("HTTP status {}", status))),
        }
    }
}

hearback::channel!(
    Reviews,
    r#"{
    "id": "@NAME@", "version": "0.1.0", "kind": "channel",
    "summary": "Reviews of a service", "licence": "Apache-2.0",
    "extensions": ["hearback.source/1"], "needs": ["http"],
    "settings": {
        "type": "object", "additionalProperties": false,
        "properties": {
            "url": {"type": "string", "description": "Where the reviews are", "default": ""}
        }
    }
}"#
);
