//! An account of OAuth 2 for which the host keeps an access token: Host::access_token().

use crate::wire::{put_int, put_text};

/// The numbers of hearback.v1.OAuthGrant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthGrant {
    RefreshToken = 1,
    ClientCredentials = 2,
}

#[derive(Debug, Clone)]
pub struct OAuthAccount {
    pub token_url: String,
    pub client_id: String,
    pub client_secret: String,
    /// As it was configured; the host keeps those that replace it.
    pub refresh_token: String,
    pub scope: String,
    pub grant: OAuthGrant,
    /// For services that take no HTTP Basic.
    pub secret_in_body: bool,
    /// The service takes each refresh token once.
    pub single_use: bool,
}
impl Default for OAuthAccount {
    fn default() -> OAuthAccount {
        OAuthAccount {
            token_url: String::new(),
            client_id: String::new(),
            client_secret: String::new(),
            refresh_token: String::new(),
            scope: String::new(),
            grant: OAuthGrant::RefreshToken,
            secret_in_body: false,
            single_use: false,
        }
    }
}

impl OAuthAccount {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_text(&mut out, 1, self.token_url.as_bytes());
        put_text(&mut out, 2, self.client_id.as_bytes());
        put_text(&mut out, 3, self.client_secret.as_bytes());
        put_text(&mut out, 4, self.refresh_token.as_bytes());
        put_text(&mut out, 5, self.scope.as_bytes());
        put_int(&mut out, 6, self.grant as i64);
        put_int(&mut out, 7, i64::from(self.secret_in_body));
        put_int(&mut out, 8, i64::from(self.single_use));
        out
    }
}
