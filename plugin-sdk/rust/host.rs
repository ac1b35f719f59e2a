//! The host as a plugin sees it.

use crate::abi::*;
use crate::wire::{put_bytes, put_int, put_text, Fields};
use crate::{Failure, Json, OAuthAccount};
use std::ffi::c_void;

#[derive(Debug, Clone, Default)]
pub struct HttpCall {
    /// Empty: GET.
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// 0: the host's default.
    pub timeout_ms: i64,
    pub max_response_bytes: i64,
}
#[derive(Debug, Clone, Default)]
pub struct HttpAnswer {
    pub status: i32,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// That answered, after redirects.
    pub url: String,
    /// Ask nothing more before; 0: nothing was said.
    pub retry_after_ms: i64,
}

impl HttpAnswer {
    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(named)
            .map(|(_, value)| value.as_str())
    }
    /// What it comes to, by its status: well below 300. 429 is rate_limited for as long as
    /// the answer says, 401 and 403 are auth, 408 and 5xx unavailable; any other is the item's fault.
    pub fn outcome(&self) -> Result<(), Failure> {
        let text = format!("HTTP status {}", self.status);
        Err(match self.status {
            200..=299 => return Ok(()),
            429 => Failure::rate_limited(self.retry_after_ms, text),
            401 | 403 => Failure::auth(text),
            408 | 500..=599 => Failure::unavailable(text),
            _ => Failure::item_invalid(text),
        })
    }
    /// The same for what poll() asked, where no single item is at fault: unavailable is what else
    /// would be the item's.
    pub fn poll_outcome(&self) -> Result<(), Failure> {
        self.outcome().map_err(|failure| match failure.status {
            HB_ITEM_INVALID => Failure::unavailable(failure.text),
            _ => failure,
        })
    }
}

/// The host as a plugin sees it. May be used on any thread of the plugin's, until its stop().
#[derive(Clone, Copy)]
pub struct Host {
    table: *const hb_host,
}
unsafe impl Send for Host {}
unsafe impl Sync for Host {}

impl Host {
    pub(crate) fn of(table: *const hb_host) -> Host {
        Host { table }
    }
    fn table(&self) -> &hb_host {
        unsafe { &*self.table }
    }
    fn service<T>(&self, id: &str) -> Option<&'static T> {
        let table = self.table();
        unsafe { ((table.get_extension)(table.context, hb_text::of(id)) as *const T).as_ref() }
    }
    fn log(&self, level: i32, line: &str) {
        unsafe { (self.table().log)(self.table().context, level, hb_text::of(line)) }
    }
    /// One line for the operator. Never a person's words, never a secret.
    pub fn debug(&self, line: &str) {
        self.log(HB_LOG_DEBUG, line);
    }
    pub fn info(&self, line: &str) {
        self.log(HB_LOG_INFO, line);
    }
    pub fn warning(&self, line: &str) {
        self.log(HB_LOG_WARNING, line);
    }
    pub fn error(&self, line: &str) {
        self.log(HB_LOG_ERROR, line);
    }
    pub fn now_us(&self) -> i64 {
        unsafe { (self.table().now_us)(self.table().context) }
    }
    pub fn is_cancelled(&self) -> bool {
        unsafe { (self.table().is_cancelled)(self.table().context) != 0 }
    }
    /// Something can be polled: do not wait.
    pub fn wake(&self) {
        unsafe { (self.table().wake)(self.table().context) }
    }
    /// The same when `now_us()` will be `at_us`; the earliest of several times. Of channels only.
    pub fn wake_at(&self, at_us: i64) -> Result<(), Failure> {
        let scheduler: &hb_host_scheduler_1 = self.need(HB_EXT_HOST_SCHEDULER_1, "scheduler")?;
        match unsafe { (scheduler.wake_at)(self.table().context, at_us) } {
            HB_OK => Ok(()),
            status => Err(Failure::new(status, "")),
        }
    }
    /// Any status of the other side is an answer.
    pub fn send(&self, call: &HttpCall) -> Result<HttpAnswer, Failure> {
        let http: &hb_host_http_1 = self.need(HB_EXT_HOST_HTTP_1, "HTTP")?;
        let method = if call.method.is_empty() {
            "GET"
        } else {
            &call.method
        };
        let mut request = Vec::new();
        put_text(&mut request, 1, method.as_bytes());
        put_text(&mut request, 2, call.url.as_bytes());
        for (name, value) in &call.headers {
            let mut header = Vec::new();
            put_text(&mut header, 1, name.as_bytes());
            put_text(&mut header, 2, value.as_bytes());
            put_bytes(&mut request, 3, &header);
        }
        put_text(&mut request, 4, &call.body);
        put_int(&mut request, 5, call.timeout_ms);
        put_int(&mut request, 6, call.max_response_bytes);
        let bytes = self
            .written(|context, out| unsafe { (http.send)(context, hb_bytes::of(&request), out) })?;
        let mut answer = HttpAnswer::default();
        for (field, value) in Fields::of(&bytes) {
            match field {
                1 => answer.status = value.number() as i32,
                2 => {
                    let mut header = (String::new(), String::new());
                    for (field, value) in Fields::of(value.bytes()) {
                        match field {
                            1 => header.0 = value.text().to_string(),
                            2 => header.1 = value.text().to_string(),
                            _ => {}
                        }
                    }
                    answer.headers.push(header);
                }
                3 => answer.body = value.bytes().to_vec(),
                4 => answer.url = value.text().to_string(),
                6 => answer.retry_after_ms = value.number() as i64,
                _ => {}
            }
        }
        Ok(answer)
    }
    /// What goes behind "Bearer ". auth where people must connect the account again.
    pub fn access_token(&self, account: &OAuthAccount) -> Result<String, Failure> {
        let oauth: &hb_host_oauth_1 = self.need(HB_EXT_HOST_OAUTH_1, "OAuth")?;
        let bytes = account.encode();
        let token = self
            .written(|context, out| unsafe { (oauth.token)(context, hb_bytes::of(&bytes), out) })?;
        Ok(String::from_utf8_lossy(&token).into_owned())
    }
    /// The other side answered 401 to the token that was given last: the next one is another.
    pub fn token_refused(&self, account: &OAuthAccount) -> Result<(), Failure> {
        let oauth: &hb_host_oauth_1 = self.need(HB_EXT_HOST_OAUTH_1, "OAuth")?;
        let bytes = account.encode();
        match unsafe { (oauth.refused)(self.table().context, hb_bytes::of(&bytes)) } {
            HB_OK => Ok(()),
            status => Err(Failure::new(status, "")),
        }
    }
    /// The present value of a setting that is a secret.
    pub fn secret(&self, setting: &str) -> Result<String, Failure> {
        let secrets: &hb_host_secrets_1 = self.need(HB_EXT_HOST_SECRETS_1, "secrets")?;
        let value = self
            .written(|context, out| unsafe { (secrets.get)(context, hb_text::of(setting), out) })?;
        Ok(String::from_utf8_lossy(&value).into_owned())
    }
    /// The instance's own durable store.
    pub fn load(&self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        let kv: &hb_host_kv_1 = self.need(HB_EXT_HOST_KV_1, "store of values")?;
        match self.written(|context, out| unsafe { (kv.get)(context, hb_text::of(key), out) }) {
            Ok(value) => Ok(Some(value)),
            Err(failure) if failure.status == HB_AGAIN => Ok(None),
            Err(failure) => Err(failure),
        }
    }
    pub fn store(&self, key: &str, value: impl AsRef<[u8]>) -> Result<(), Failure> {
        let kv: &hb_host_kv_1 = self.need(HB_EXT_HOST_KV_1, "store of values")?;
        let value = hb_bytes::of(value.as_ref());
        match unsafe { (kv.set)(self.table().context, hb_text::of(key), value) } {
            HB_OK => Ok(()),
            status => Err(Failure::new(status, "")),
        }
    }
    /// Figures; nothing where this host keeps none.
    pub fn count(&self, name: &str, by: f64) {
        if let Some(metrics) = self.service::<hb_host_metrics_1>(HB_EXT_HOST_METRICS_1) {
            unsafe { (metrics.count)(self.table().context, hb_text::of(name), by) }
        }
    }
    pub fn gauge(&self, name: &str, value: f64) {
        if let Some(metrics) = self.service::<hb_host_metrics_1>(HB_EXT_HOST_METRICS_1) {
            unsafe { (metrics.gauge)(self.table().context, hb_text::of(name), value) }
        }
    }

    fn need<T>(&self, id: &str, what: &str) -> Result<&'static T, Failure> {
        self.service(id)
            .ok_or_else(|| Failure::unsupported(format!("this host offers no {}", what)))
    }
    // What a service wrote. Where it failed, the host knows the text.
    fn written(
        &self,
        call: impl FnOnce(*mut hb_host_context, *const hb_writer) -> i32,
    ) -> Result<Vec<u8>, Failure> {
        unsafe extern "C" fn write(to: *mut c_void, data: *const c_void, size: u64) -> i32 {
            let bytes = &mut *(to as *mut Vec<u8>);
            bytes.extend_from_slice(std::slice::from_raw_parts(data as *const u8, size as usize));
            HB_OK
        }
        unsafe extern "C" fn reserve(to: *mut c_void, size: u64) -> *mut c_void {
            let bytes = &mut *(to as *mut Vec<u8>);
            let before = bytes.len();
            bytes.resize(before + size as usize, 0);
            bytes.as_mut_ptr().add(before) as *mut c_void
        }
        let mut bytes: Vec<u8> = Vec::new();
        let out = hb_writer {
            struct_size: std::mem::size_of::<hb_writer>() as u32,
            reserved_: 0,
            context: &mut bytes as *mut Vec<u8> as *mut c_void,
            write,
            reserve,
        };
        match call(self.table().context, &out) {
            HB_OK => Ok(bytes),
            status => Err(Failure::new(status, "")),
        }
    }
    pub(crate) fn tell(&self, failure: &Failure) -> i32 {
        let detail = match failure.path.as_str() {
            "" => String::new(),
            path => format!("{{\"path\":{}}}", Json::quoted(path)),
        };
        if !failure.text.is_empty() || !detail.is_empty() {
            let (text, detail) = (hb_text::of(&failure.text), hb_text::of(&detail));
            let table = self.table();
            unsafe {
                (table.set_error)(
                    table.context,
                    failure.status,
                    failure.retry_after_ms,
                    text,
                    detail,
                )
            }
        }
        failure.status
    }
}
