//! What rust_kit_test.cpp looks at: a channel that asks the host for what needs an account.
use hearback::{Batch, Channel, Failure, Host, HttpCall, Limits, OAuthAccount, OAuthGrant, Plugin};

struct Desk {
    host: Host,
}

impl Plugin for Desk {
    fn new(host: Host) -> Self {
        Desk { host }
    }
}
impl Channel for Desk {
    fn poll(&mut self, batch: &mut Batch, _: &Limits) -> Result<(), Failure> {
        let account = OAuthAccount {
            token_url: "https://x.example/token".into(),
            client_id: "c".into(),
            client_secret: "s".into(),
            grant: OAuthGrant::ClientCredentials,
            secret_in_body: true,
            ..OAuthAccount::default()
        };
        let token = self.host.access_token(&account)?;
        let call = HttpCall {
            url: "https://x.example/all".into(),
            headers: vec![("Authorization".into(), format!("Bearer {}", token))],
            ..HttpCall::default()
        };
        let answer = self.host.send(&call)?;
        if answer.status == 401 {
            self.host.token_refused(&account)?;
        }
        answer.poll_outcome()?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        batch.add().external_id("1").text(&text);
        Ok(())
    }
}

hearback::channel!(
    Desk,
    r#"{"id": "rust-kit", "version": "1.0.0", "kind": "channel", "extensions": ["hearback.source/1"],
        "needs": ["http"], "settings": {"type": "object", "properties": {}}}"#
);
