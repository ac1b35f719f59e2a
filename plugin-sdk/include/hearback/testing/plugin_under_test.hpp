// A plugin as a unit test calls it: through its library's tables, as the host does, whatever
// language it is written in.
//
//   FakeHost host;
//   host.answers("GET", "https://shop.example/reviews", 200, "[]");
//   PluginUnderTest plugin(host, load("plugins/acme.so"), {{"url",
//   "https://shop.example/reviews"}}); plugin.start(); const Batch batch = plugin.poll();     //
//   batch.messages, batch.rejects, batch.text where it failed plugin.store(batch); // as if the
//   host had stored it: acknowledged plugin.restart();                      // begins again from
//   the checkpoint that was stored last
//
// A mistake of the test itself (no such file, no such plugin) is a std::runtime_error.
#pragma once

#include "hearback/testing/call_results.hpp"
#include "hearback/testing/fake_host.hpp"

#include <dlfcn.h>
#include <memory>
#include <stdexcept>

namespace hearback::testing {

// The entry of a plugin's library. A library is never unloaded.
inline const hb_plugin_entry& load(const std::string& file) {
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    const auto* entry = static_cast<const hb_plugin_entry*>(dlsym(library, HB_ENTRY_SYMBOL));
    if (entry == nullptr) throw std::runtime_error(file + " exports no " + HB_ENTRY_SYMBOL);
    return *entry;
}

class PluginUnderTest {
  public:
    // Made and configured: defaults come from the manifest, as the host fills them in. `id`: which
    // plugin, where the library has several.
    PluginUnderTest(FakeHost& host, const hb_plugin_entry& entry,
                    const nlohmann::json& settings = nlohmann::json::object(),
                    const std::string& id = "")
        : host_(host), manifest_(manifestOf(entry, id)) {
        const auto wanted = manifest_.at("id").get<std::string>();
        const hb_status made =
            entry.create(host_.table(), detail::toText(wanted), &table_, &instance_);
        if (made != HB_OK) throw std::runtime_error("the library makes no " + wanted);
        configured = configure(settings);
    }
    ~PluginUnderTest() {
        stop();
        table_->destroy(instance_);
    }
    PluginUnderTest(const PluginUnderTest&) = delete;
    PluginUnderTest& operator=(const PluginUnderTest&) = delete;

    const nlohmann::json& manifest() const { return manifest_; }
    Outcome configured; // what the settings came to

    Outcome configure(nlohmann::json settings) {
        const auto& properties = manifest_.at("settings").at("properties");
        for (const auto& [name, property] : properties.items()) {
            if (property.contains("default") && !settings.contains(name))
                settings[name] = property["default"];
            if (property.value("x-hearback-secret", false) && settings.contains(name))
                host_.setSecret(name, settings[name].template get<std::string>());
        }
        const std::string json = settings.dump();
        return call([&] { return table_->configure(instance_, detail::toText(json)); });
    }
    // OK with the report for people as its text.
    Outcome check() {
        if (table_->check == nullptr) return {};
        std::string report;
        const detail::StringWriter out(report);
        Outcome outcome = call([&] { return table_->check(instance_, out.table()); });
        if (outcome.ok()) outcome.text = report;
        return outcome;
    }
    // From the checkpoint that was stored last; the first time from none.
    Outcome start() { return startFrom(checkpoint_); }
    // One that runs is stopped first, as the host does.
    Outcome startFrom(const std::optional<std::string>& checkpoint) {
        if (running_) stop();
        host_.forgetRoutes();
        const hb_bytes note = checkpoint ? detail::toBytes(*checkpoint) : hb_bytes{nullptr, 0};
        Outcome outcome = call([&] { return table_->start(instance_, note); });
        running_ = outcome.ok();
        return outcome;
    }
    void stop() {
        constexpr std::int64_t kDeadlineMs = 5000;
        if (running_) (void)table_->stop(instance_, kDeadlineMs);
        running_ = false;
    }
    Outcome restart() {
        stop();
        return start();
    }

    Batch poll(std::uint32_t max_items = 256, std::uint64_t max_bytes = 4 << 20) {
        constexpr std::uint32_t kTimeoutMs = 1000;
        const auto* source = extension<hb_source_1>(HB_EXT_SOURCE_1);
        if (source == nullptr || source->poll == nullptr) return {lacks("poll"), "", 0};
        const std::uint64_t id = ++batches_;
        std::string bytes;
        const detail::StringWriter out(bytes);
        Outcome outcome = call([&] {
            return source->poll(instance_, id, max_items, max_bytes, kTimeoutMs, out.table());
        });
        return {std::move(outcome), std::move(bytes), id};
    }
    // The host has stored the batch with its checkpoint.
    void store(const Batch& batch) {
        if (batch.checkpoint) checkpoint_ = batch.checkpoint;
        acknowledge(batch, true);
    }
    // The host could not: restart() follows.
    void reject(const Batch& batch) { acknowledge(batch, false); }
    const std::optional<std::string>& checkpoint() const { return checkpoint_; }

    Batch decode(std::string_view payload) {
        const auto* source = extension<hb_source_1>(HB_EXT_SOURCE_1);
        if (source == nullptr || source->decode == nullptr) return {lacks("decode"), "", 0};
        std::string bytes;
        const detail::StringWriter out(bytes);
        Outcome outcome =
            call([&] { return source->decode(instance_, detail::toBytes(payload), out.table()); });
        return {std::move(outcome), std::move(bytes), 0};
    }
    FakeReply receive(const FakeRequest& request);

    // Messages are written as a channel does: BatchOut request; request.add().text("Why?");
    Annotations classify(const BatchOut& request);
    std::vector<std::string> labels();
    Written write(const Deliveries& deliveries);

    // For what is not wrapped here.
    hb_instance* instance() { return instance_; }
    template <class Table>
    const Table* extension(std::string_view id) const {
        return static_cast<const Table*>(table_->get_extension(instance_, detail::toText(id)));
    }
    // Runs a function of the plugin's and gives its status with what it told.
    template <class Function>
    Outcome call(Function&& function) {
        const std::size_t before = host_.errors().size();
        Outcome outcome;
        outcome.status = function();
        const auto errors = host_.errors();
        if (outcome.ok() || errors.size() == before) return outcome;
        const hb_status status = outcome.status;
        outcome = errors.back();
        outcome.status = status;
        return outcome;
    }

  private:
    static nlohmann::json manifestOf(const hb_plugin_entry& entry, const std::string& id) {
        if (entry.magic != HB_ENTRY_MAGIC || entry.abi_major != HB_ABI_MAJOR)
            throw std::runtime_error("the library is made for another version of the boundary");
        for (std::uint32_t i = 0; i < entry.plugin_count; ++i) {
            hb_text text{};
            entry.descriptor(i, &text);
            auto manifest = nlohmann::json::parse(std::string(detail::toView(text)));
            if (id.empty() || manifest.at("id") == id) return manifest;
        }
        throw std::runtime_error("the library has no plugin \"" + id + "\"");
    }
    static Outcome lacks(const std::string& function) {
        return {HB_UNSUPPORTED, "the plugin has no " + function, "", 0};
    }
    void acknowledge(const Batch& batch, bool stored) {
        host_.note(Ack{batch.id, stored});
        const auto* source = extension<hb_source_1>(HB_EXT_SOURCE_1);
        if (source != nullptr && source->ack != nullptr)
            (void)source->ack(instance_, batch.id,
                              stored ? HB_VERDICT_STORED : HB_VERDICT_REJECTED);
    }

    FakeHost& host_;
    nlohmann::json manifest_;
    const hb_instance_table* table_ = nullptr;
    hb_instance* instance_ = nullptr;
    bool running_ = false;
    std::uint64_t batches_ = 0;
    std::optional<std::string> checkpoint_;
};

inline FakeReply PluginUnderTest::receive(const FakeRequest& request) {
    using In = wire::IngressRequest;
    FakeReply reply;
    for (const Route& route : host_.routes()) {
        if (route.path != request.path) continue;
        std::string bytes;
        protozero::pbf_builder<In> in(bytes);
        in.add_string(In::method, request.method);
        in.add_string(In::path, request.path);
        in.add_string(In::query, request.query);
        for (const auto& [name, value] : request.headers) {
            protozero::pbf_builder<wire::HttpHeader> header(in, In::headers);
            header.add_string(wire::HttpHeader::name, name);
            header.add_string(wire::HttpHeader::value, value);
        }
        in.add_bytes(In::body, request.body);
        in.add_int64(In::received_at_us, host_.host().nowUs());
        std::string answer;
        const detail::StringWriter writer(answer);
        static_cast<Outcome&>(reply) =
            call([&] { return route.handler(instance_, detail::toBytes(bytes), writer.table()); });
        reply.read(answer);
        return reply;
    }
    static_cast<Outcome&>(reply) = lacks("route \"" + request.path + "\"");
    return reply;
}

inline Annotations PluginUnderTest::classify(const BatchOut& request) {
    Annotations all;
    const auto* classifier = extension<hb_classifier_1>(HB_EXT_CLASSIFIER_1);
    if (classifier == nullptr) {
        static_cast<Outcome&>(all) = lacks("classify");
        return all;
    }
    std::string bytes;
    const detail::StringWriter writer(bytes);
    static_cast<Outcome&>(all) = call([&] {
        return classifier->classify(instance_, detail::toBytes(request.bytes()), writer.table());
    });
    all.read(bytes);
    return all;
}

inline std::vector<std::string> PluginUnderTest::labels() {
    std::vector<std::string> labels;
    const auto* classifier = extension<hb_classifier_1>(HB_EXT_CLASSIFIER_1);
    if (classifier == nullptr || classifier->labels == nullptr)
        return manifest_.value("labels", labels);
    std::string bytes;
    const detail::StringWriter writer(bytes);
    (void)call([&] { return classifier->labels(instance_, writer.table()); });
    protozero::pbf_message<wire::LabelSet> out(bytes);
    while (out.next(wire::LabelSet::labels)) labels.push_back(out.get_string());
    return labels;
}

inline Written PluginUnderTest::write(const Deliveries& deliveries) {
    Written written;
    const auto* sink = extension<hb_sink_1>(HB_EXT_SINK_1);
    if (sink == nullptr) {
        static_cast<Outcome&>(written) = lacks("write");
        return written;
    }
    const std::string batch = deliveries.encode();
    std::string bytes;
    const detail::StringWriter writer(bytes);
    static_cast<Outcome&>(written) = call(
        [&] { return sink->write(instance_, ++batches_, detail::toBytes(batch), writer.table()); });
    written.read(bytes);
    if (written.ok() && sink->flush != nullptr) {
        constexpr std::int64_t kDeadlineMs = 10000;
        const Outcome flushed = call([&] { return sink->flush(instance_, kDeadlineMs); });
        if (!flushed.ok()) static_cast<Outcome&>(written) = flushed;
    }
    return written;
}

} // namespace hearback::testing
