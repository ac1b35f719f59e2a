//! The C headers (hearback/plugin/*.h) as Rust sees them. A test of Hearback compares the two.
#![allow(non_camel_case_types)]

use std::ffi::c_void;

pub const HB_ABI_MAJOR: u16 = 1;
pub const HB_ABI_MINOR: u16 = 0;
pub const HB_SCHEMA_LEVEL: u32 = 1;
pub const HB_ENTRY_MAGIC: u64 = 0x4b43414252414548;

pub const HB_OK: i32 = 0;
pub const HB_AGAIN: i32 = 1;
pub const HB_END: i32 = 2;
pub const HB_RATE_LIMITED: i32 = 3;
pub const HB_UNAVAILABLE: i32 = 4;
pub const HB_AUTH: i32 = 5;
pub const HB_CONFIG: i32 = 6;
pub const HB_ITEM_INVALID: i32 = 7;
pub const HB_CONFLICT: i32 = 8;
pub const HB_UNSUPPORTED: i32 = 9;
pub const HB_CANCELLED: i32 = 10;
pub const HB_INTERNAL: i32 = 11;
pub const HB_LIMIT: i32 = 12;

pub const HB_LOG_DEBUG: i32 = 0;
pub const HB_LOG_INFO: i32 = 1;
pub const HB_LOG_WARNING: i32 = 2;
pub const HB_LOG_ERROR: i32 = 3;

pub const HB_VERDICT_STORED: i32 = 0;
pub const HB_VERDICT_REJECTED: i32 = 1;

pub const HB_EXT_SOURCE_1: &str = "hearback.source/1";
pub const HB_EXT_CLASSIFIER_1: &str = "hearback.classifier/1";
pub const HB_EXT_SINK_1: &str = "hearback.sink/1";
pub const HB_EXT_HOST_HTTP_1: &str = "hearback.host.http/1";
pub const HB_EXT_HOST_SECRETS_1: &str = "hearback.host.secrets/1";
pub const HB_EXT_HOST_KV_1: &str = "hearback.host.kv/1";
pub const HB_EXT_HOST_METRICS_1: &str = "hearback.host.metrics/1";
pub const HB_EXT_HOST_SCHEDULER_1: &str = "hearback.host.scheduler/1";
pub const HB_EXT_HOST_OAUTH_1: &str = "hearback.host.oauth/1";

#[repr(C)]
pub struct hb_instance {
    nothing: [u8; 0],
}
#[repr(C)]
pub struct hb_host_context {
    nothing: [u8; 0],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct hb_text {
    pub data: *const u8,
    pub size: u64,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hb_bytes {
    pub data: *const u8,
    pub size: u64,
}
#[repr(C)]
pub struct hb_writer {
    pub struct_size: u32,
    pub reserved_: u32,
    pub context: *mut c_void,
    pub write: unsafe extern "C" fn(*mut c_void, *const c_void, u64) -> i32,
    pub reserve: unsafe extern "C" fn(*mut c_void, u64) -> *mut c_void,
}
#[repr(C)]
pub struct hb_host {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub context: *mut hb_host_context,
    pub log: unsafe extern "C" fn(*mut hb_host_context, i32, hb_text),
    pub set_error: unsafe extern "C" fn(*mut hb_host_context, i32, i64, hb_text, hb_text),
    pub is_cancelled: unsafe extern "C" fn(*mut hb_host_context) -> i32,
    pub now_us: unsafe extern "C" fn(*mut hb_host_context) -> i64,
    pub wake: unsafe extern "C" fn(*mut hb_host_context),
    pub get_extension: unsafe extern "C" fn(*mut hb_host_context, hb_text) -> *const c_void,
}
#[repr(C)]
pub struct hb_instance_table {
    pub struct_size: u32,
    pub reserved_: u32,
    pub configure: unsafe extern "C" fn(*mut hb_instance, hb_text) -> i32,
    pub check: Option<unsafe extern "C" fn(*mut hb_instance, *const hb_writer) -> i32>,
    pub start: unsafe extern "C" fn(*mut hb_instance, hb_bytes) -> i32,
    pub stop: unsafe extern "C" fn(*mut hb_instance, i64) -> i32,
    pub cancel: unsafe extern "C" fn(*mut hb_instance),
    pub destroy: unsafe extern "C" fn(*mut hb_instance),
    pub get_extension: unsafe extern "C" fn(*mut hb_instance, hb_text) -> *const c_void,
}
#[repr(C)]
pub struct hb_plugin_entry {
    pub magic: u64,
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub schema_level: u32,
    pub plugin_count: u32,
    pub descriptor: unsafe extern "C" fn(u32, *mut hb_text),
    pub create: unsafe extern "C" fn(
        *const hb_host,
        hb_text,
        *mut *const hb_instance_table,
        *mut *mut hb_instance,
    ) -> i32,
}
#[repr(C)]
pub struct hb_source_1 {
    pub struct_size: u32,
    pub reserved_: u32,
    pub poll:
        Option<unsafe extern "C" fn(*mut hb_instance, u64, u32, u64, u32, *const hb_writer) -> i32>,
    pub ack: Option<unsafe extern "C" fn(*mut hb_instance, u64, i32) -> i32>,
    pub decode: Option<unsafe extern "C" fn(*mut hb_instance, hb_bytes, *const hb_writer) -> i32>,
}
#[repr(C)]
pub struct hb_classifier_1 {
    pub struct_size: u32,
    pub reserved_: u32,
    pub classify: unsafe extern "C" fn(*mut hb_instance, hb_bytes, *const hb_writer) -> i32,
    pub labels: Option<unsafe extern "C" fn(*mut hb_instance, *const hb_writer) -> i32>,
}
#[repr(C)]
pub struct hb_sink_1 {
    pub struct_size: u32,
    pub reserved_: u32,
    pub write: unsafe extern "C" fn(*mut hb_instance, u64, hb_bytes, *const hb_writer) -> i32,
    pub flush: Option<unsafe extern "C" fn(*mut hb_instance, i64) -> i32>,
}
#[repr(C)]
pub struct hb_host_http_1 {
    pub struct_size: u32,
    pub reserved_: u32,
    pub send: unsafe extern "C" fn(*mut hb_host_context, hb_bytes, *const hb_writer) -> i32,
}
#[repr(C)]
pub struct hb_host_secrets_1 {
    pub struct_size: u32,
    pub reserved_: u32,
    pub get: unsafe extern "C" fn(*mut hb_host_context, hb_text, *const hb_writer) -> i32,
}
#[repr(C)]
pub struct hb_host_kv_1 {
    pub struct_size: u32,
    pub reserved_: u32,
    pub get: unsafe extern "C" fn(*mut hb_host_context, hb_text, *const hb_writer) -> i32,
    pub set: unsafe extern "C" fn(*mut hb_host_context, hb_text, hb_bytes) -> i32,
    pub remove: unsafe extern "C" fn(*mut hb_host_context, hb_text) -> i32,
}
#[repr(C)]
pub struct hb_host_metrics_1 {
    pub struct_size: u32,
    pub reserved_: u32,
    pub count: unsafe extern "C" fn(*mut hb_host_context, hb_text, f64),
    pub gauge: unsafe extern "C" fn(*mut hb_host_context, hb_text, f64),
    pub timing: unsafe extern "C" fn(*mut hb_host_context, hb_text, i64),
}
#[repr(C)]
pub struct hb_host_oauth_1 {
    pub struct_size: u32,
    pub reserved_: u32,
    pub token: unsafe extern "C" fn(*mut hb_host_context, hb_bytes, *const hb_writer) -> i32,
    pub refused: unsafe extern "C" fn(*mut hb_host_context, hb_bytes) -> i32,
}
#[repr(C)]
pub struct hb_host_scheduler_1 {
    pub struct_size: u32,
    pub reserved_: u32,
    pub wake_at: unsafe extern "C" fn(*mut hb_host_context, i64) -> i32,
}

impl hb_text {
    pub fn of(text: &str) -> hb_text {
        hb_text {
            data: text.as_ptr(),
            size: text.len() as u64,
        }
    }
}
impl hb_bytes {
    pub fn of(bytes: &[u8]) -> hb_bytes {
        hb_bytes {
            data: bytes.as_ptr(),
            size: bytes.len() as u64,
        }
    }
}
