//! Plugins in Rust, by rustc alone: no crate is needed. A plugin is a type with the traits `Plugin`
//! and `Channel`, `Classifier` or `Sink`, and one macro with its manifest:
//!
//! ```ignore
//! use hearback::{Batch, Channel, Failure, Host, Json, Limits, Plugin};
//!
//! struct Hello;
//! impl Plugin for Hello {
//!     fn new(_: Host) -> Self { Hello }
//! }
//! impl Channel for Hello {
//!     fn poll(&mut self, batch: &mut Batch, _: &Limits) -> Result<(), Failure> {
//!         batch.add().external_id("1").text("Hello");
//!         Ok(())
//!     }
//! }
//! hearback::channel!(Hello, r#"{"id": "hello", "version": "1.0.0", "kind": "channel",
//!     "extensions": ["hearback.source/1"], "settings": {"type": "object", "properties": {}}}"#);
//! ```
//!
//! A panic becomes a status of the call that it happened in. Calls of one instance come one at a time;
//! `Host::is_cancelled()` tells a long one to return. Channels that receive requests, and actions, are
//! not offered here. Written for Rust 1.63 and newer.

pub mod abi;
mod batch;
#[doc(hidden)]
pub mod boundary;
mod host;
mod json;
mod message;
mod oauth;
mod schema;
mod wire;

use abi::*;
pub use batch::{Batch, Kind, MessageOut};
pub use host::{Host, HttpAnswer, HttpCall};
pub use json::Json;
pub use message::{Annotations, Delivery, Message, Results};
pub use oauth::{OAuthAccount, OAuthGrant};

/// Why a call did not come to what it should: a status of hearback/plugin/abi.h with its text, a
/// sentence for the operator. Never a person's words, never a secret.
#[derive(Debug, Clone)]
pub struct Failure {
    pub status: i32,
    pub text: String,
    pub path: String,
    pub retry_after_ms: i64,
}

impl Failure {
    pub fn new(status: i32, text: impl Into<String>) -> Failure {
        Failure {
            status,
            text: text.into(),
            path: String::new(),
            retry_after_ms: 0,
        }
    }
    /// The other side does not answer: the host backs off.
    pub fn unavailable(text: impl Into<String>) -> Failure {
        Failure::new(HB_UNAVAILABLE, text)
    }
    pub fn rate_limited(retry_after_ms: i64, text: impl Into<String>) -> Failure {
        Failure {
            retry_after_ms,
            ..Failure::new(HB_RATE_LIMITED, text)
        }
    }
    pub fn auth(text: impl Into<String>) -> Failure {
        Failure::new(HB_AUTH, text)
    }
    /// A setting makes no sense; `path` is its JSON pointer, such as "/url".
    pub fn config(path: impl Into<String>, text: impl Into<String>) -> Failure {
        Failure {
            path: path.into(),
            ..Failure::new(HB_CONFIG, text)
        }
    }
    pub fn item_invalid(text: impl Into<String>) -> Failure {
        Failure::new(HB_ITEM_INVALID, text)
    }
    pub fn unsupported(text: impl Into<String>) -> Failure {
        Failure::new(HB_UNSUPPORTED, text)
    }
    pub fn cancelled() -> Failure {
        Failure::new(HB_CANCELLED, "cancelled")
    }
    pub fn internal(text: impl Into<String>) -> Failure {
        Failure::new(HB_INTERNAL, text)
    }
}
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::unavailable(error.to_string())
    }
}

/// What every plugin has.
pub trait Plugin: Sized + Send + 'static {
    fn new(host: Host) -> Self;
    /// The settings fit the manifest's schema, with defaults and secrets filled in.
    fn configure(&mut self, _settings: &Json) -> Result<(), Failure> {
        Ok(())
    }
    /// Can it work with these settings? The text is for people. Leaves no trace.
    fn check(&mut self) -> Result<String, Failure> {
        Ok(String::new())
    }
    /// The end; threads of the plugin's own are joined when it returns.
    fn stop(&mut self) {}
}

/// How much one poll() may hand over, and how long it may wait for something to come.
pub struct Limits {
    pub batch_id: u64,
    pub max_items: u32,
    pub max_bytes: u64,
    pub timeout_ms: u32,
}

pub trait Channel: Plugin {
    /// Whether decode() is there.
    const DECODES: bool = false;
    /// `checkpoint`: what the last stored batch carried; none at the first start.
    fn start(&mut self, _checkpoint: Option<&[u8]>) -> Result<(), Failure> {
        Ok(())
    }
    /// Fills the batch with what is there; an empty one means "nothing now".
    fn poll(&mut self, batch: &mut Batch, limits: &Limits) -> Result<(), Failure>;
    fn ack(&mut self, _batch_id: u64, _stored: bool) {}
    /// Reads what was rejected once more, after a mend.
    fn decode(&mut self, _payload: &[u8], _batch: &mut Batch) -> Result<(), Failure> {
        Err(Failure::unsupported(
            "this channel cannot read rejects again",
        ))
    }
}

pub trait Classifier: Plugin {
    fn start(&mut self) -> Result<(), Failure> {
        Ok(())
    }
    /// Every label under the present settings; none: those of the manifest.
    fn labels(&mut self) -> Vec<String> {
        Vec::new()
    }
    fn classify(&mut self, messages: &[Message], out: &mut Annotations) -> Result<(), Failure>;
}

pub trait Sink: Plugin {
    fn start(&mut self) -> Result<(), Failure> {
        Ok(())
    }
    /// Single results go to `results`; what is not named there shares what is returned.
    fn write(&mut self, deliveries: &[Delivery], results: &mut Results) -> Result<(), Failure>;
}

/// Exports a channel: its type, and its manifest as JSON. Once in a library.
#[macro_export]
macro_rules! channel {
    ($plugin:ty, $manifest:literal) => {
        $crate::export_plugin!(
            $plugin,
            $manifest,
            hb_source_1,
            source_table,
            start_channel,
            HB_EXT_SOURCE_1
        );
    };
}
/// The same of a classifier.
#[macro_export]
macro_rules! classifier {
    ($plugin:ty, $manifest:literal) => {
        $crate::export_plugin!(
            $plugin,
            $manifest,
            hb_classifier_1,
            classifier_table,
            start_classifier,
            HB_EXT_CLASSIFIER_1
        );
    };
}
/// The same of a sink.
#[macro_export]
macro_rules! sink {
    ($plugin:ty, $manifest:literal) => {
        $crate::export_plugin!(
            $plugin,
            $manifest,
            hb_sink_1,
            sink_table,
            start_sink,
            HB_EXT_SINK_1
        );
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! export_plugin {
    ($plugin:ty, $manifest:literal, $table:ident, $make:ident, $start:ident, $id:ident) => {
        mod hearback_export {
            use super::*;
            use $crate::abi::*;
            use $crate::boundary;

            const BEFORE: &str = "{\"manifest\":1,\"abi\":[1,0],\"schema_level\":1,\"plugins\":[";
            const WHOLE: &str = concat!(
                "{\"manifest\":1,\"abi\":[1,0],\"schema_level\":1,\"plugins\":[",
                $manifest,
                "]}"
            );
            #[used]
            #[link_section = ".hearback.manifest"]
            static MANIFEST: [u8; WHOLE.len()] = boundary::bytes(WHOLE);
            static DATA: $table = boundary::$make::<$plugin>();
            static INSTANCE: hb_instance_table =
                boundary::instance_table::<$plugin>(boundary::$start::<$plugin>, get_extension);

            unsafe extern "C" fn get_extension(
                _instance: *mut hb_instance,
                id: hb_text,
            ) -> *const ::std::ffi::c_void {
                if boundary::is(id, $id) {
                    &DATA as *const $table as *const ::std::ffi::c_void
                } else {
                    ::std::ptr::null()
                }
            }
            // The piece of the section: so the linker cannot take the section for unused.
            fn descriptor_text() -> &'static str {
                let own = &MANIFEST[BEFORE.len()..WHOLE.len() - 2];
                ::std::str::from_utf8(own).unwrap_or("")
            }
            unsafe extern "C" fn descriptor(index: u32, manifest: *mut hb_text) {
                *manifest = hb_text::of(if index == 0 { descriptor_text() } else { "" });
            }
            unsafe extern "C" fn create(
                host: *const hb_host,
                id: hb_text,
                table: *mut *const hb_instance_table,
                instance: *mut *mut hb_instance,
            ) -> i32 {
                let manifest = descriptor_text();
                boundary::create::<$plugin>(manifest, &INSTANCE, host, id, table, instance)
            }
            #[no_mangle]
            #[allow(non_upper_case_globals)]
            pub static hearback_plugin_entry: hb_plugin_entry = hb_plugin_entry {
                magic: HB_ENTRY_MAGIC,
                struct_size: ::std::mem::size_of::<hb_plugin_entry>() as u32,
                abi_major: HB_ABI_MAJOR,
                abi_minor: HB_ABI_MINOR,
                schema_level: HB_SCHEMA_LEVEL,
                plugin_count: 1,
                descriptor,
                create,
            };
        }
    };
}
