//! From a type to the tables of the boundary: what the macros are made of, not for plugins themselves.

use crate::abi::*;
use crate::wire::{put_text, Fields};
use crate::*;
use std::any::Any;
use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

// The order of calls that abi.h sets. The kit keeps it for every plugin: a call that comes at another
// time is refused, and the plugin does not see it.
const CREATED: u8 = 0;
const CONFIGURED: u8 = 1;
const RUNS: u8 = 2;

struct Held<P> {
    host: Host,
    settings: Json, // their schema
    life: AtomicU8,
    plugin: Mutex<P>,
}
impl<P> Held<P> {
    fn life(&self) -> u8 {
        self.life.load(Ordering::Acquire)
    }
    // One that failed leaves less than it found.
    fn lives(&self, status: i32, well: u8, otherwise: u8) -> i32 {
        let life = if status == HB_OK { well } else { otherwise };
        self.life.store(life, Ordering::Release);
        status
    }
}

unsafe fn slice<'a>(data: *const u8, size: u64) -> &'a [u8] {
    if data.is_null() {
        &[]
    } else {
        std::slice::from_raw_parts(data, size as usize)
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied();
    let words = words.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!(
        "the plugin panicked: {}",
        words.unwrap_or("it did not say why")
    )
}

// No panic may cross the boundary. One leaves the plugin as it then is; after the status the host
// begins again from the last checkpoint.
fn guarded(host: &Host, call: impl FnOnce() -> Result<i32, Failure>) -> i32 {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(status)) => status,
        Ok(Err(failure)) => host.tell(&failure),
        Err(panic) => {
            let status = host.tell(&Failure::internal(said(&*panic)));
            std::mem::forget(panic); // what it holds might panic once more
            status
        }
    }
}
unsafe fn held<'a, P>(instance: *mut hb_instance) -> &'a Held<P> {
    &*(instance as *const Held<P>)
}
unsafe fn within<P>(
    instance: *mut hb_instance,
    lives: &[u8],
    name: &str,
    call: impl FnOnce(&mut P) -> Result<i32, Failure>,
) -> i32 {
    let held = held::<P>(instance);
    guarded(&held.host, || {
        if !lives.contains(&held.life()) {
            let text = format!("{}() came out of its order", name);
            return Err(Failure::internal(text));
        }
        call(&mut held.plugin.lock().unwrap_or_else(PoisonError::into_inner))
    })
}
fn readable(bytes: &[u8]) -> Result<&[u8], Failure> {
    if Fields::are_whole(bytes, 1) {
        Ok(bytes)
    } else {
        Err(Failure::internal("bytes that cannot be read"))
    }
}
unsafe fn hand_over(out: *const hb_writer, bytes: &[u8]) -> Result<(), Failure> {
    if bytes.is_empty() {
        return Ok(());
    }
    let out = &*out;
    match (out.write)(
        out.context,
        bytes.as_ptr() as *const c_void,
        bytes.len() as u64,
    ) {
        HB_OK => Ok(()),
        _ => Err(Failure::internal("wrote more than the host takes at once")),
    }
}

unsafe extern "C" fn configure<P: Plugin>(instance: *mut hb_instance, json: hb_text) -> i32 {
    let held = held::<P>(instance);
    let status = within(
        instance,
        &[CREATED, CONFIGURED],
        "configure",
        |plugin: &mut P| {
            let text = std::str::from_utf8(slice(json.data as *const u8, json.size)).ok();
            let settings = text.and_then(Json::parse).unwrap_or(Json::Null);
            if !matches!(settings, Json::Object(_)) {
                return Err(Failure::config("", "the settings are not a JSON object"));
            }
            crate::schema::hold(&settings, &held.settings, "")?;
            plugin.configure(&settings).map(|_| HB_OK)
        },
    );
    if held.life() == RUNS {
        return status;
    }
    held.lives(status, CONFIGURED, CREATED)
}
unsafe extern "C" fn check<P: Plugin>(instance: *mut hb_instance, report: *const hb_writer) -> i32 {
    within(instance, &[CONFIGURED, RUNS], "check", |plugin: &mut P| {
        hand_over(report, plugin.check()?.as_bytes()).map(|_| HB_OK)
    })
}
unsafe fn started<P: Plugin>(
    instance: *mut hb_instance,
    call: impl FnOnce(&mut P) -> Result<(), Failure>,
) -> i32 {
    let held = held::<P>(instance);
    let fits = held.life() == CONFIGURED;
    let status = within(instance, &[CONFIGURED], "start", |plugin: &mut P| {
        call(plugin).map(|_| HB_OK)
    });
    if fits {
        held.lives(status, RUNS, CONFIGURED);
    }
    status
}
unsafe extern "C" fn stop<P: Plugin>(instance: *mut hb_instance, _deadline_ms: i64) -> i32 {
    let held = held::<P>(instance);
    if held.life() != RUNS {
        return HB_OK; // it is stopped
    }
    held.lives(HB_OK, CONFIGURED, CONFIGURED);
    within(instance, &[CONFIGURED], "stop", |plugin: &mut P| {
        plugin.stop();
        Ok(HB_OK)
    })
}
// Host::is_cancelled() is what a plugin looks at.
unsafe extern "C" fn cancel(_instance: *mut hb_instance) {}
unsafe extern "C" fn destroy<P: Plugin>(instance: *mut hb_instance) {
    let held = Box::from_raw(instance as *mut Held<P>);
    let host = held.host;
    guarded(&host, move || {
        drop(held);
        Ok(HB_OK)
    });
}
pub type Start = unsafe extern "C" fn(*mut hb_instance, hb_bytes) -> i32;
pub type GetExtension = unsafe extern "C" fn(*mut hb_instance, hb_text) -> *const c_void;

pub const fn instance_table<P: Plugin>(
    start: Start,
    get_extension: GetExtension,
) -> hb_instance_table {
    hb_instance_table {
        struct_size: std::mem::size_of::<hb_instance_table>() as u32,
        reserved_: 0,
        configure: configure::<P>,
        check: Some(check::<P>),
        start,
        stop: stop::<P>,
        cancel,
        destroy: destroy::<P>,
        get_extension,
    }
}
/// # Safety
/// Called by the host, with what the C headers say.
pub unsafe fn create<P: Plugin>(
    manifest: &str,
    table: &'static hb_instance_table,
    host: *const hb_host,
    id: hb_text,
    table_out: *mut *const hb_instance_table,
    instance_out: *mut *mut hb_instance,
) -> i32 {
    let host = Host::of(host);
    guarded(&host, || {
        let manifest = Json::parse(manifest).unwrap_or(Json::Null);
        if manifest.text("id").map(str::as_bytes) != Some(slice(id.data, id.size)) {
            return Err(Failure::unsupported("this library has no such plugin"));
        }
        let held = Box::new(Held {
            host,
            settings: manifest.get("settings").cloned().unwrap_or(Json::Null),
            life: AtomicU8::new(CREATED),
            plugin: Mutex::new(P::new(host)),
        });
        *table_out = table;
        *instance_out = Box::into_raw(held) as *mut hb_instance;
        Ok(HB_OK)
    })
}
/// Whether a table is asked for by this id.
///
/// # Safety
/// `id` comes from the host.
pub unsafe fn is(id: hb_text, wanted: &str) -> bool {
    slice(id.data, id.size) == wanted.as_bytes()
}

pub unsafe extern "C" fn start_channel<P: Channel>(
    instance: *mut hb_instance,
    checkpoint: hb_bytes,
) -> i32 {
    started(instance, |plugin: &mut P| {
        let note = slice(checkpoint.data, checkpoint.size);
        let note = if checkpoint.data.is_null() {
            None
        } else {
            Some(note)
        };
        plugin.start(note)
    })
}
unsafe extern "C" fn poll<P: Channel>(
    instance: *mut hb_instance,
    batch_id: u64,
    max_items: u32,
    max_bytes: u64,
    timeout_ms: u32,
    out: *const hb_writer,
) -> i32 {
    within(instance, &[RUNS], "poll", |plugin: &mut P| {
        let mut batch = Batch::default();
        plugin.poll(
            &mut batch,
            &Limits {
                batch_id,
                max_items,
                max_bytes,
                timeout_ms,
            },
        )?;
        hand_over(out, &batch.bytes)?;
        Ok(match (batch.ended, batch.bytes.is_empty()) {
            (true, _) => HB_END,
            (false, true) => HB_AGAIN,
            (false, false) => HB_OK,
        })
    })
}
unsafe extern "C" fn ack<P: Channel>(
    instance: *mut hb_instance,
    batch_id: u64,
    verdict: i32,
) -> i32 {
    within(instance, &[RUNS], "ack", |plugin: &mut P| {
        plugin.ack(batch_id, verdict == HB_VERDICT_STORED);
        Ok(HB_OK)
    })
}
unsafe extern "C" fn decode<P: Channel>(
    instance: *mut hb_instance,
    payload: hb_bytes,
    out: *const hb_writer,
) -> i32 {
    within(instance, &[CONFIGURED, RUNS], "decode", |plugin: &mut P| {
        let mut batch = Batch::default();
        plugin.decode(slice(payload.data, payload.size), &mut batch)?;
        hand_over(out, &batch.bytes).map(|_| HB_OK)
    })
}
pub const fn source_table<P: Channel>() -> hb_source_1 {
    hb_source_1 {
        struct_size: std::mem::size_of::<hb_source_1>() as u32,
        reserved_: 0,
        poll: Some(poll::<P>),
        ack: Some(ack::<P>),
        decode: if P::DECODES { Some(decode::<P>) } else { None },
    }
}

pub unsafe extern "C" fn start_classifier<P: Classifier>(
    instance: *mut hb_instance,
    _checkpoint: hb_bytes,
) -> i32 {
    started(instance, |plugin: &mut P| plugin.start())
}
unsafe extern "C" fn classify<P: Classifier>(
    instance: *mut hb_instance,
    request: hb_bytes,
    out: *const hb_writer,
) -> i32 {
    within(instance, &[RUNS], "classify", |plugin: &mut P| {
        let messages: Vec<Message> = Fields::of(readable(slice(request.data, request.size))?)
            .filter(|(field, _)| *field == 1)
            .map(|(_, value)| Message::read(value.bytes()))
            .collect();
        let mut answer = Annotations::default();
        plugin.classify(&messages, &mut answer)?;
        hand_over(out, &answer.bytes).map(|_| HB_OK)
    })
}
unsafe extern "C" fn labels<P: Classifier>(
    instance: *mut hb_instance,
    out: *const hb_writer,
) -> i32 {
    within(instance, &[CONFIGURED, RUNS], "labels", |plugin: &mut P| {
        let mut set = Vec::new();
        for label in plugin.labels() {
            put_text(&mut set, 1, label.as_bytes());
        }
        hand_over(out, &set).map(|_| HB_OK)
    })
}
pub const fn classifier_table<P: Classifier>() -> hb_classifier_1 {
    hb_classifier_1 {
        struct_size: std::mem::size_of::<hb_classifier_1>() as u32,
        reserved_: 0,
        classify: classify::<P>,
        labels: Some(labels::<P>),
    }
}

pub unsafe extern "C" fn start_sink<P: Sink>(
    instance: *mut hb_instance,
    _checkpoint: hb_bytes,
) -> i32 {
    started(instance, |plugin: &mut P| plugin.start())
}
unsafe extern "C" fn write<P: Sink>(
    instance: *mut hb_instance,
    _batch_id: u64,
    batch: hb_bytes,
    out: *const hb_writer,
) -> i32 {
    within(instance, &[RUNS], "write", |plugin: &mut P| {
        let deliveries: Vec<Delivery> = Fields::of(readable(slice(batch.data, batch.size))?)
            .filter(|(field, _)| *field == 1)
            .map(|(_, value)| Delivery::read(value.bytes()))
            .collect();
        let mut results = Results::default();
        let outcome = plugin.write(&deliveries, &mut results);
        hand_over(out, &results.bytes)?;
        outcome.map(|_| HB_OK)
    })
}
pub const fn sink_table<P: Sink>() -> hb_sink_1 {
    hb_sink_1 {
        struct_size: std::mem::size_of::<hb_sink_1>() as u32,
        reserved_: 0,
        write: write::<P>,
        flush: None,
    }
}

pub const fn bytes<const N: usize>(text: &str) -> [u8; N] {
    let mut out = [0; N];
    let mut i = 0;
    while i < N {
        out[i] = text.as_bytes()[i];
        i += 1;
    }
    out
}
