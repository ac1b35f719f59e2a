//! Asks a shop for its reviews, as JSON, and brings in what is new or changed.
use hearback::{Batch, Channel, Failure, Host, HttpCall, Json, Kind, Limits, Plugin};

struct Reviews {
    host: Host,
    url: String,
    every_s: i64,
    next: usize, // of a list that is longer than a batch
}

impl Plugin for Reviews {
    fn new(host: Host) -> Self {
        Reviews {
            host,
            url: String::new(),
            every_s: 60,
            next: 0,
        }
    }
    fn configure(&mut self, settings: &Json) -> Result<(), Failure> {
        self.url = settings.text("url").unwrap_or("").to_string();
        self.every_s = settings.number("every_s").unwrap_or(60.0) as i64;
        Ok(())
    }
}

impl Channel for Reviews {
    // All is read again; what is known already is stored once.
    fn start(&mut self, _: Option<&[u8]>) -> Result<(), Failure> {
        self.next = 0;
        Ok(())
    }
    fn poll(&mut self, batch: &mut Batch, limits: &Limits) -> Result<(), Failure> {
        let answer = self.host.send(&HttpCall {
            url: self.url.clone(),
            ..HttpCall::default()
        })?;
        answer.poll_outcome()?;
        let list = Json::parse(&String::from_utf8_lossy(&answer.body)).unwrap_or(Json::Null);
        let reviews = match &list {
            Json::List(reviews) => reviews,
            _ => return Err(Failure::unavailable("the shop's answer is no list")),
        };
        let end = reviews.len().min(self.next + limits.max_items as usize);
        for review in &reviews[self.next.min(end)..end] {
            add(review, batch);
        }
        if end < reviews.len() {
            self.next = end;
            batch.has_more(true);
        } else {
            self.next = 0;
            batch.poll_again_in(self.every_s * 1000);
        }
        Ok(())
    }
}

// A piece that cannot be read is kept with its cause, and spoils no other.
fn add(review: &Json, batch: &mut Batch) {
    match (
        review.text("id"), // stored once, however often seen
        review.text("text"),
        review.number("stars"),
        review.number("at"),
    ) {
        (Some(id), Some(text), Some(stars), Some(at)) => {
            batch
                .add()
                .external_id(id)
                .kind(Kind::Review)
                .text(text)
                .rating(stars, 1.0, 5.0)
                .occurred_at(at as i64 * 1_000_000);
        }
        _ => {
            let cause = "needs an id, a text, stars and a time";
            batch.reject(cause, format!("{:?}", review), "");
        }
    }
}

hearback::channel!(
    Reviews,
    r#"{
    "id": "reviews", "version": "1.0.0", "kind": "channel",
    "summary": "Reviews of a shop, as JSON", "licence": "Apache-2.0",
    "extensions": ["hearback.source/1"], "needs": ["http"],
    "settings": {
        "type": "object", "additionalProperties": false, "required": ["url"],
        "properties": {
            "url": {"type": "string", "description": "Where the reviews are"},
            "every_s": {"type": "integer", "description": "Seconds between two looks",
                        "minimum": 1, "maximum": 86400, "default": 60}
        }
    }
}"#
);
