//! The channel @NAME@: asks a service for its reviews. Without a url it brings in a sample.
use hearback::{Batch, Channel, Failure, Host, HttpCall, Json, Kind, Limits, Plugin};

struct Reviews {
    host: Host,
    url: String,
    next: u64,
}

impl Plugin for Reviews {
    fn new(host: Host) -> Self {
        Reviews {
            host,
            url: String::new(),
            next: 0,
        }
    }
    fn configure(&mut self, settings: &Json) -> Result<(), Failure> {
        self.url = settings.text("url").unwrap_or("").to_string();
        Ok(())
    }
}

impl Channel for Reviews {
    // A checkpoint is "1 NEXT": its version, and the place of the next review in the service's list.
    // Any other begins again.
    fn start(&mut self, checkpoint: Option<&[u8]>) -> Result<(), Failure> {
        let note = String::from_utf8_lossy(checkpoint.unwrap_or(b"")).into_owned();
        self.next = note
            .strip_prefix("1 ")
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        Ok(())
    }
    fn poll(&mut self, batch: &mut Batch, limits: &Limits) -> Result<(), Failure> {
        let page = Json::parse(&self.fetch()?).unwrap_or(Json::Null);
        let reviews = page
            .get("reviews")
            .ok_or_else(|| Failure::unavailable("that is no page of reviews"))?;
        let mut read = 0;
        for review in reviews.items().iter().take(limits.max_items as usize) {
            match (review.text("id"), review.text("text")) {
                (Some(id), Some(text)) => {
                    batch.add().external_id(id).kind(Kind::Review).text(text);
                }
                // One that cannot be read is kept with its cause and spoils no other.
                _ => batch.reject(
                    "needs an id and a text",
                    format!("{:?}", review),
                    &format!("review {}", self.next + read),
                ),
            }
            read += 1;
        }
        batch.poll_again_in(if read == 0 { 60000 } else { 0 }); // nothing new: in a minute
        self.next += read;
        batch.checkpoint(format!("1 {}", self.next));
        Ok(())
    }
}

impl Reviews {
    fn fetch(&self) -> Result<String, Failure> {
        if self.url.is_empty() {
            return Ok(match self.next {
                0 => r#"{"reviews": [{"id": "1", "text": "A lamp!"}]}"#.to_string(),
                _ => r#"{"reviews": []}"#.to_string(),
            });
        }
        let answer = self.host.send(&HttpCall {
            url: format!("{}?from={}", self.url, self.next),
            ..HttpCall::default()
        })?;
        answer.poll_outcome()?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
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
