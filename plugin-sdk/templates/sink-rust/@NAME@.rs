//! The sink @NAME@: sends each message to a service, as JSON.
use hearback::{Delivery, Failure, Host, HttpCall, Json, Plugin, Results, Sink};

struct Desk {
    host: Host,
    url: String,
    token: String,
}

impl Plugin for Desk {
    fn new(host: Host) -> Self {
        Desk {
            host,
            url: String::new(),
            token: String::new(),
        }
    }
    fn configure(&mut self, settings: &Json) -> Result<(), Failure> {
        self.url = settings.text("url").unwrap_or("").to_string();
        self.token = settings.text("token").unwrap_or("").to_string();
        Ok(())
    }
}

impl Sink for Desk {
    fn write(&mut self, deliveries: &[Delivery], results: &mut Results) -> Result<(), Failure> {
        for (i, delivery) in deliveries.iter().enumerate() {
            if self.host.is_cancelled() {
                return Err(Failure::cancelled()); // the rest comes again
            }
            match self.send(delivery) {
                Ok(()) => results.delivered(i, ""),
                Err(why) if why.status == hearback::abi::HB_ITEM_INVALID => results.failed(i, &why),
                Err(why) => return Err(why), // whatever is not named above fails with it, and comes again
            }
        }
        Ok(())
    }
}

impl Desk {
    fn send(&self, delivery: &Delivery) -> Result<(), Failure> {
        let header = |name: &str, value: &str| (name.to_string(), value.to_string());
        // The same delivery may come twice: by its key the service tells.
        let mut headers = vec![
            header("Content-Type", "application/json"),
            header("Idempotency-Key", delivery.idempotency_key),
        ];
        if !self.token.is_empty() {
            headers.push(header("Authorization", &format!("Bearer {}", self.token)));
        }
        let body = format!(
            r#"{{"id":{},"author":{},"text":{}}}"#,
            delivery.message_id,
            Json::quoted(delivery.message.author_name),
            Json::quoted(delivery.message.text)
        );
        let call = HttpCall {
            method: "POST".to_string(),
            url: self.url.clone(),
            headers,
            body: body.into_bytes(),
            ..HttpCall::default()
        };
        self.host.send(&call)?.outcome()
    }
}

hearback::sink!(
    Desk,
    r#"{
    "id": "@NAME@", "version": "0.1.0", "kind": "sink",
    "summary": "Messages for a service", "licence": "Apache-2.0",
    "extensions": ["hearback.sink/1"], "needs": ["http"],
    "settings": {
        "type": "object", "additionalProperties": false, "required": ["url"],
        "properties": {
            "url": {"type": "string", "description": "Where they go"},
            "token": {"type": "string", "description": "What it lets us in with",
                      "x-hearback-secret": true}
        }
    }
}"#
);
