#include "check/subject.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "check/guarded_bytes.h"
#include "check/hostile_writer.h"
#include "check/hunger.h"

#include <array>
#include <memory>
#include <thread>

namespace hearback::check {

namespace {

Said unsupported(const char* function) {
    Said said;
    said.status = HB_UNSUPPORTED;
    said.text = std::string("the plugin has no ") + function + "()";
    return said;
}

hb_bytes bytesOf(std::string_view view) {
    return {reinterpret_cast<const std::uint8_t*>(view.data()), view.size()};
}

} // namespace

// An argument for the time of one call.
class Subject::Argument {
  public:
    Argument(const Subject& subject, std::string_view bytes) : view_(bytes) {
        if (!subject.options_.has_guarded_arguments) return;
        guarded_ = std::make_unique<GuardedBytes>(bytes);
        view_ = {guarded_->data(), guarded_->size()};
    }
    hb_text text() const { return {view_.data(), view_.size()}; }
    hb_bytes bytes() const { return bytesOf(view_); }

  private:
    std::string_view view_;
    std::unique_ptr<GuardedBytes> guarded_;
};

Created createInstance(const hb_plugin_entry& entry, HostSide& host, std::string_view id) {
    constexpr std::uint64_t kCanary = 0xC5C5C5C5C5C5C5C5U;
    // Where create() writes its results, between known words.
    struct Places {
        std::uint64_t before = kCanary;
        const hb_instance_table* table = nullptr;
        std::uint64_t between = kCanary;
        hb_instance* instance = nullptr;
        std::uint64_t behind = kCanary;
    } places;
    Created created;
    CallUnderWay call;
    call.host = &host;
    call.role = HB_ROLE_CONTROL;
    call.function = "create";
    host.trace().begin("create", "plugin");
    {
        const HostSide::Scope scope(call);
        created.said.status =
            entry.create(host.table(), {id.data(), id.size()}, &places.table, &places.instance);
    }
    host.trace().end("create", {{"status", created.said.status}});
    created.said.text = call.error;
    created.table = places.table;
    created.instance = places.instance;
    created.wrote_beyond =
        places.before != kCanary || places.between != kCanary || places.behind != kCanary;
    return created;
}

bool Created::isWhole() const {
    return said.isOk() && instance != nullptr && table != nullptr &&
           table->struct_size >= sizeof(hb_instance_table) && table->configure != nullptr &&
           table->start != nullptr && table->stop != nullptr && table->destroy != nullptr &&
           table->get_extension != nullptr;
}

Subject::Subject(HostSide& host, const Created& created, SubjectOptions options)
    : host_(host), table_(created.table), instance_(created.instance),
      options_(std::move(options)) {
    findTables();
}

void Subject::findTables() {
    const auto find = [&]<class Table>(const Table*& into, std::string_view id) {
        const auto* found = static_cast<const Table*>(extension(id));
        if (found != nullptr && found->struct_size >= sizeof(Table)) into = found;
    };
    find(source_, HB_EXT_SOURCE_1);
    find(classifier_, HB_EXT_CLASSIFIER_1);
    find(sink_, HB_EXT_SINK_1);
    find(actions_, HB_EXT_ACTIONS_1);
}

const void* Subject::extension(std::string_view id) {
    const Argument argument(*this, id);
    const void* found = nullptr;
    (void)enter(HB_ROLE_NONE, "get_extension", [&](const hb_writer*) {
        found = table_->get_extension(instance_, argument.text());
        return HB_OK;
    });
    return found;
}

Said Subject::onThisThread(int role, const char* function, const Run& run) {
    CallUnderWay call;
    call.host = &host_;
    call.role = role;
    call.function = function;
    HostileWriter writer(options_.writer_limit);
    Said said;
    host_.trace().begin(function, "plugin");
    const base::Micros begun = base::SystemClock().steady();
    try {
        const HostSide::Scope scope(call);
        std::optional<Hunger> hunger;
        if (!options_.starves_in.empty() && options_.starves_in == function)
            hunger.emplace(options_.memory_left);
        said.status = run(writer.table());
    } catch (...) {
        said.status = HB_INTERNAL;
        said.text = std::string("an exception came out of ") + function + "()";
    }
    said.took = base::SystemClock().steady() - begun;
    host_.trace().end(function, {{"status", nameOfStatus(said.status)}, {"text", call.error}});
    if (said.text.empty()) said.text = call.error;
    said.detail = call.detail;
    said.retry_after_ms = call.retry_after_ms;
    said.bytes = writer.bytes();
    said.was_refused = writer.wasRefused();
    said.wrote_beyond = writer.wroteBeyond();
    return said;
}

Said Subject::enter(int role, const char* function, const Run& run) {
    if (!options_.has_own_threads) return onThisThread(role, function, run);
    Said said;
    std::thread([&] { said = onThisThread(role, function, run); }).join();
    return said;
}

Said Subject::configure(std::string_view settings) {
    const Argument json(*this, settings);
    Said said = enter(HB_ROLE_CONTROL, "configure",
                      [&](const hb_writer*) { return table_->configure(instance_, json.text()); });
    if (said.isOk() && host_.state() != HB_STATE_RUNNING) host_.setState(HB_STATE_CONFIGURED);
    return said;
}

Said Subject::check() {
    if (table_->check == nullptr) return unsupported("check");
    return enter(HB_ROLE_CONTROL, "check",
                 [&](const hb_writer* out) { return table_->check(instance_, out); });
}

Said Subject::start(std::optional<std::string_view> checkpoint) {
    std::optional<Argument> note;
    if (checkpoint) note.emplace(*this, *checkpoint);
    host_.setQuiet(false);
    host_.setCancelled(false);
    host_.forgetRoutes();
    Said said = enter(HB_ROLE_CONTROL, "start", [&](const hb_writer*) {
        return table_->start(instance_, note ? note->bytes() : hb_bytes{nullptr, 0});
    });
    if (said.isOk()) host_.setState(HB_STATE_RUNNING);
    return said;
}

Said Subject::stop(std::int64_t deadline_ms) {
    Said said = enter(HB_ROLE_CONTROL, "stop",
                      [&](const hb_writer*) { return table_->stop(instance_, deadline_ms); });
    host_.setQuiet(true);
    if (host_.state() == HB_STATE_RUNNING) host_.setState(HB_STATE_STOPPED);
    return said;
}

void Subject::cancel() {
    host_.setCancelled(true);
    if (table_->cancel == nullptr) return;
    // From a thread that is in no call of the instance, whatever the others are in.
    (void)onThisThread(HB_ROLE_NONE, "cancel", [&](const hb_writer*) {
        table_->cancel(instance_);
        return HB_OK;
    });
}

void Subject::destroy() {
    (void)enter(HB_ROLE_CONTROL, "destroy", [&](const hb_writer*) {
        table_->destroy(instance_);
        return HB_OK;
    });
    host_.setQuiet(true);
    instance_ = nullptr;
}

Said Subject::labels() {
    if (classifier_ == nullptr || classifier_->labels == nullptr) return unsupported("labels");
    return enter(HB_ROLE_CONTROL, "labels",
                 [&](const hb_writer* out) { return classifier_->labels(instance_, out); });
}

Said Subject::poll(pipeline::PollLimits limits) {
    if (source_ == nullptr || source_->poll == nullptr) return unsupported("poll");
    if (limits.batch_id == 0) limits.batch_id = next_batch_++;
    return enter(HB_ROLE_WORKER, "poll", [&](const hb_writer* out) {
        return source_->poll(instance_, limits.batch_id, limits.max_items, limits.max_bytes,
                             limits.timeout_ms, out);
    });
}

Said Subject::ack(std::uint64_t batch_id, std::int32_t verdict) {
    if (source_ == nullptr || source_->ack == nullptr) return {};
    return enter(HB_ROLE_WORKER, "ack",
                 [&](const hb_writer*) { return source_->ack(instance_, batch_id, verdict); });
}

Said Subject::decode(std::string_view payload) {
    if (source_ == nullptr || source_->decode == nullptr) return unsupported("decode");
    const Argument argument(*this, payload);
    return enter(HB_ROLE_WORKER, "decode", [&](const hb_writer* out) {
        return source_->decode(instance_, argument.bytes(), out);
    });
}

Said Subject::receive(const hb_route& route, std::string_view request) {
    const Argument argument(*this, request);
    return enter(HB_ROLE_WORKER, "receive", [&](const hb_writer* out) {
        return route.handler(instance_, argument.bytes(), out);
    });
}

Said Subject::classify(std::string_view request) {
    if (classifier_ == nullptr || classifier_->classify == nullptr) return unsupported("classify");
    const Argument argument(*this, request);
    return enter(HB_ROLE_WORKER, "classify", [&](const hb_writer* out) {
        return classifier_->classify(instance_, argument.bytes(), out);
    });
}

Said Subject::write(std::string_view batch) {
    if (sink_ == nullptr || sink_->write == nullptr) return unsupported("write");
    const Argument argument(*this, batch);
    const std::uint64_t number = next_batch_++;
    return enter(HB_ROLE_WORKER, "write", [&](const hb_writer* out) {
        return sink_->write(instance_, number, argument.bytes(), out);
    });
}

Said Subject::flush(std::int64_t deadline_ms) {
    if (sink_ == nullptr || sink_->flush == nullptr) return {};
    return enter(HB_ROLE_WORKER, "flush",
                 [&](const hb_writer*) { return sink_->flush(instance_, deadline_ms); });
}

Said Subject::capabilities(std::string_view request) {
    if (actions_ == nullptr || actions_->capabilities == nullptr)
        return unsupported("capabilities");
    const Argument argument(*this, request);
    return enter(HB_ROLE_WORKER, "capabilities", [&](const hb_writer* out) {
        return actions_->capabilities(instance_, argument.bytes(), out);
    });
}

Said Subject::act(std::string_view action) {
    if (actions_ == nullptr || actions_->act == nullptr) return unsupported("act");
    const Argument argument(*this, action);
    return enter(HB_ROLE_WORKER, "act", [&](const hb_writer* out) {
        return actions_->act(instance_, argument.bytes(), out);
    });
}

} // namespace hearback::check
