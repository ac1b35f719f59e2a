// From a class to the C tables of the boundary. Include this one header in a plugin.
#pragma once

#include "hearback/sdk/life.hpp"
#include "hearback/sdk/plugin_kinds.hpp"

#include <protozero/exception.hpp>

#include <exception>
#include <memory>
#include <type_traits>

namespace hearback::detail {

// What the host's hb_instance pointer points at.
template <class P>
struct Box {
    Host host;
    P plugin;
    Life life;
    explicit Box(const hb_host* table) : host(table), plugin(host) {}
    static Box& of(hb_instance* instance) { return *reinterpret_cast<Box*>(instance); }
};

inline bool needsNoText(hb_status code) {
    return code == HB_OK || code == HB_AGAIN || code == HB_END;
}

inline void report(const hb_host* host, const Status& status) {
    if (needsNoText(status.code()) || (status.text().empty() && status.path().empty())) return;
    const std::string detail =
        status.path().empty() ? std::string() : nlohmann::json{{"path", status.path()}}.dump();
    host->set_error(host->context, status.code(), status.retryAfterMs(), toText(status.text()),
                    toText(detail));
}

template <class Call>
Status statusOf(Call&& call) {
    try {
        return call();
    } catch (const Error& error) {
        return error.status();
    } catch (const protozero::exception& error) {
        return Status::internal(std::string("bytes that cannot be read: ") + error.what());
    } catch (const std::exception& error) {
        return Status::internal(std::string("exception: ") + error.what());
    } catch (...) {
        return Status::internal("an exception of unknown type");
    }
}

// Nothing thrown inside may cross the boundary.
template <class Call>
hb_status guarded(const hb_host* host, Call&& call) noexcept {
    try {
        const Status status = statusOf(call);
        report(host, status);
        return status.code();
    } catch (...) {
        // There was no memory to say more.
        host->set_error(host->context, HB_INTERNAL, 0, toText("out of memory"), toText(""));
        return HB_INTERNAL;
    }
}

// As guarded(), for a call that `fits` its order, and refused otherwise.
template <class P, class Call>
hb_status inOrder(Box<P>& box, bool fits, const char* function, Call&& call) noexcept {
    if (fits) return guarded(box.host.table(), call);
    return guarded(box.host.table(), [&] {
        return Status::internal(std::string(function) + " came out of its order");
    });
}

inline Status writeAll(const hb_writer* out, std::string_view bytes) {
    if (bytes.empty()) return Status::ok();
    if (out->write(out->context, bytes.data(), bytes.size()) == HB_OK) return Status::ok();
    return Status::internal("wrote more than the host takes at once");
}

// An override has another class in its type than the base's function.
template <class Own, class Base>
constexpr bool isOverridden(Own, Base) {
    return !std::is_same_v<Own, Base>;
}

template <class P>
struct SourceTable {
    static constexpr bool kPolls = isOverridden(&P::poll, &Channel::poll);
    static constexpr bool kReceives = isOverridden(&P::receive, &Channel::receive);
    static_assert(kPolls || kReceives,
                  "a channel overrides poll() or receive(), with exactly the base's signature");

    static hb_status poll(hb_instance* instance, std::uint64_t batch_id, std::uint32_t max_items,
                          std::uint64_t max_bytes, std::uint32_t timeout_ms,
                          const hb_writer* out) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.runs(), "poll()", [&] {
            const PollLimits limits{batch_id, max_items, max_bytes,
                                    std::chrono::milliseconds(timeout_ms)};
            BatchOut batch;
            Status status = box.plugin.poll(batch, limits);
            if (!needsNoText(status.code())) return status;
            if (!batch.isWorthSending()) return status.isOk() ? Status::again() : status;
            Status written = writeAll(out, batch.bytes());
            if (!written.isOk()) return written;
            // AGAIN is for nothing at all; when to ask again stands in the batch.
            return status.code() == HB_AGAIN ? Status::ok() : status;
        });
    }
    static hb_status ack(hb_instance* instance, std::uint64_t batch_id,
                         std::int32_t verdict) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.runs(), "ack()", [&] {
            box.plugin.ack(batch_id, verdict == HB_VERDICT_STORED);
            return Status::ok();
        });
    }
    static hb_status decode(hb_instance* instance, hb_bytes payload,
                            const hb_writer* out) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.isConfigured(), "decode()", [&] {
            BatchOut batch;
            Status status = box.plugin.decode(toView(payload), batch);
            if (!status.isOk()) return status;
            return writeAll(out, batch.bytes());
        });
    }
    static hb_status receive(hb_instance* instance, hb_bytes bytes, const hb_writer* out) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.runs(), "receive()", [&] {
            const Request request(toView(bytes));
            Reply reply;
            Status status = box.plugin.receive(request, reply);
            if (!status.isOk()) return status;
            return writeAll(out, reply.encode());
        });
    }
    static Status start(Box<P>& box, hb_bytes checkpoint) {
        std::optional<std::string_view> note;
        if (checkpoint.data != nullptr) note = toView(checkpoint);
        Status status = box.plugin.start(note);
        if constexpr (kReceives) {
            if (!status.isOk()) return status;
            status = addRoute(box);
            // An instance that does not run is not stopped by its host.
            if (!status.isOk()) box.plugin.stop();
        }
        return status;
    }
    static Status addRoute(Box<P>& box) {
        if (box.host.ingress() == nullptr)
            return Status::unsupported("this host cannot receive requests");
        hb_route route{};
        route.struct_size = sizeof(route);
        route.path = toText("");
        route.methods = toText(P::kMethods);
        route.handler = receive;
        const hb_host* host = box.host.table();
        return Status::fromHost(box.host.ingress()->add_route(host->context, &route));
    }
    static const void* table() {
        static constexpr hb_source_1 kTable{sizeof(hb_source_1), 0, kPolls ? poll : nullptr,
                                            isOverridden(&P::ack, &Channel::ack) ? ack : nullptr,
                                            isOverridden(&P::decode, &Channel::decode) ? decode
                                                                                       : nullptr};
        return &kTable;
    }
};

template <class P>
struct ActionsTable {
    static hb_status capabilities(hb_instance* instance, hb_bytes request,
                                  const hb_writer* out) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.runs(), "capabilities()", [&] {
            using Field = wire::CapabilitiesRequest;
            const std::string_view bytes = toView(request);
            std::optional<MessageView> target;
            protozero::pbf_message<Field> in(protozero::data_view(bytes.data(), bytes.size()));
            while (in.next()) {
                if (in.tag_and_type() == wire::bytes(Field::target))
                    target = MessageView(in.get_view());
                else
                    in.skip();
            }
            CapabilitiesOut all;
            Status status = box.plugin.capabilities(target ? &*target : nullptr, all);
            return status.isOk() ? writeAll(out, all.bytes()) : status;
        });
    }
    static hb_status act(hb_instance* instance, hb_bytes action, const hb_writer* out) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.runs(), "act()", [&] {
            const ActionView view(toView(action));
            ActionResult result;
            Status status = box.plugin.act(view, result);
            return status.isOk() ? writeAll(out, result.encode()) : status;
        });
    }
    static const void* table() {
        static constexpr hb_actions_1 kTable{sizeof(hb_actions_1), 0, capabilities, act};
        return &kTable;
    }
};

template <class P>
struct ClassifierTable {
    static hb_status classify(hb_instance* instance, hb_bytes request,
                              const hb_writer* out) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.runs(), "classify()", [&] {
            std::vector<MessageView> messages;
            eachMessage(toView(request), [&](const MessageView& m) { messages.push_back(m); });
            AnnotationsOut annotations(box.plugin.modelVersion());
            Status status = box.plugin.classify(messages, annotations);
            if (!status.isOk()) return status;
            return writeAll(out, annotations.bytes());
        });
    }
    static hb_status labels(hb_instance* instance, const hb_writer* out) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.isConfigured(), "labels()", [&] {
            std::string bytes;
            protozero::pbf_builder<wire::LabelSet> set(bytes);
            for (const std::string& label : box.plugin.labels())
                set.add_string(wire::LabelSet::labels, label);
            return writeAll(out, bytes);
        });
    }
    static Status start(Box<P>& box, hb_bytes) { return box.plugin.start(); }
    static const void* table() {
        static constexpr hb_classifier_1 kTable{
            sizeof(hb_classifier_1), 0, classify,
            isOverridden(&P::labels, &Classifier::labels) ? labels : nullptr};
        return &kTable;
    }
};

template <class P>
struct SinkTable {
    static hb_status write(hb_instance* instance, std::uint64_t, hb_bytes batch,
                           const hb_writer* out) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.runs(), "write()", [&] {
            std::vector<DeliveryView> deliveries;
            eachDelivery(toView(batch), [&](std::uint32_t, const DeliveryView& delivery) {
                deliveries.push_back(delivery);
            });
            ResultsOut results;
            Status status = box.plugin.write(deliveries, results);
            const Status written = writeAll(out, results.bytes());
            return written.isOk() ? status : written;
        });
    }
    static hb_status flush(hb_instance* instance, std::int64_t deadline_ms) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.runs(), "flush()",
                       [&] { return box.plugin.flush(std::chrono::milliseconds(deadline_ms)); });
    }
    static Status start(Box<P>& box, hb_bytes) { return box.plugin.start(); }
    static const void* table() {
        static constexpr hb_sink_1 kTable{sizeof(hb_sink_1), 0, write,
                                          isOverridden(&P::flush, &Sink::flush) ? flush : nullptr};
        return &kTable;
    }
};

template <class P>
using KindTable = std::conditional_t<
    std::is_base_of_v<Channel, P>, SourceTable<P>,
    std::conditional_t<std::is_base_of_v<Classifier, P>, ClassifierTable<P>, SinkTable<P>>>;

template <class P>
struct InstanceTable {
    static_assert(
        std::is_base_of_v<Channel, P> || std::is_base_of_v<Classifier, P> ||
            std::is_base_of_v<Sink, P>,
        "a plugin derives from hearback::Channel, hearback::Classifier or hearback::Sink");
    static_assert(!std::is_base_of_v<Actions, P> || std::is_base_of_v<Channel, P>,
                  "only a channel can act");
    static_assert(std::is_constructible_v<P, Host&>, "a plugin has a constructor that takes Host&");

    static hb_status configure(hb_instance* instance, hb_text json) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, !box.life.runs(), "configure()", [&] {
            box.life.configured(false);
            Status status = settle(box, toView(json));
            box.life.configured(status.isOk());
            return status;
        });
    }
    static Status settle(Box<P>& box, std::string_view json) {
        if constexpr (HasSettings<P>::value) {
            typename P::Settings settings;
            Status status = readSettings(json, P::kSettings, settings);
            if constexpr (TakesSettings<P>::value)
                if (status.isOk()) status = box.plugin.configure(settings);
            return status;
        } else {
            int none = 0;
            return readSettings(json, std::tuple<>(), none);
        }
    }
    static hb_status check(hb_instance* instance, const hb_writer* out) noexcept {
        auto& box = Box<P>::of(instance);
        return inOrder(box, box.life.isConfigured(), "check()", [&] {
            std::string text;
            Status status = box.plugin.check(text);
            const Status written = writeAll(out, text);
            return written.isOk() ? status : written;
        });
    }
    static hb_status start(hb_instance* instance, hb_bytes checkpoint) noexcept {
        auto& box = Box<P>::of(instance);
        const bool fits = box.life.isConfigured() && !box.life.runs();
        return inOrder(box, fits, "start()", [&] {
            Status status = KindTable<P>::start(box, checkpoint);
            box.life.started(status.isOk());
            return status;
        });
    }
    static hb_status stop(hb_instance* instance, std::int64_t) noexcept {
        auto& box = Box<P>::of(instance);
        if (!box.life.runs()) return HB_OK; // it is stopped
        return guarded(box.host.table(), [&] {
            box.life.stopped();
            box.plugin.stop();
            return Status::ok();
        });
    }
    static void cancel(hb_instance* instance) noexcept {
        auto& box = Box<P>::of(instance);
        if (!box.life.runs()) return;
        (void)guarded(box.host.table(), [&] {
            box.plugin.cancel();
            return Status::ok();
        });
    }
    static void destroy(hb_instance* instance) noexcept { delete &Box<P>::of(instance); }
    static const void* getExtension(hb_instance*, hb_text id) noexcept {
        if (toView(id) == P::kExtension) return KindTable<P>::table();
        if constexpr (std::is_base_of_v<Actions, P>)
            if (toView(id) == HB_EXT_ACTIONS_1) return ActionsTable<P>::table();
        return nullptr;
    }
    static const hb_instance_table* table() {
        static constexpr hb_instance_table kTable{sizeof(hb_instance_table),
                                                  0,
                                                  configure,
                                                  isOverridden(&P::check, &Plugin::check) ? check
                                                                                          : nullptr,
                                                  start,
                                                  stop,
                                                  cancel,
                                                  destroy,
                                                  getExtension};
        return &kTable;
    }
};

// The entry functions of a library with plugins P...
template <class... P>
struct Library {
    template <class One>
    static hb_text describe() {
        static constexpr auto kText = descriptor<One>();
        return {kText.data(), kText.size()};
    }
    static void descriptorAt(std::uint32_t index, hb_text* out) noexcept {
        const hb_text all[] = {describe<P>()...};
        *out = index < sizeof...(P) ? all[index] : hb_text{nullptr, 0};
    }
    template <class One>
    static hb_status make(const hb_host* host, const hb_instance_table** table,
                          hb_instance** instance) {
        return guarded(host, [&] {
            auto box = std::make_unique<Box<One>>(host);
            *table = InstanceTable<One>::table();
            *instance = reinterpret_cast<hb_instance*>(box.release());
            return Status::ok();
        });
    }
    static hb_status create(const hb_host* host, hb_text id, const hb_instance_table** table,
                            hb_instance** instance) noexcept {
        hb_status status = HB_UNSUPPORTED;
        const std::string_view wanted = toView(id);
        ((wanted == P::kAbout.id() ? void(status = make<P>(host, table, instance)) : void()), ...);
        return status;
    }
};

} // namespace hearback::detail

// The one exported symbol, and the manifest that is read without running anything.
#define HEARBACK_PLUGIN(...)                                                                       \
    __attribute__((section(HB_MANIFEST_SECTION),                                                   \
                   used)) static constexpr auto hearback_manifest_text =                           \
        ::hearback::detail::manifest<__VA_ARGS__>();                                               \
    extern "C" __attribute__((visibility("default")))                                              \
    const hb_plugin_entry hearback_plugin_entry = {                                                \
        HB_ENTRY_MAGIC,                                                                            \
        sizeof(hb_plugin_entry),                                                                   \
        HB_ABI_MAJOR,                                                                              \
        HB_ABI_MINOR,                                                                              \
        HB_SCHEMA_LEVEL,                                                                           \
        ::hearback::detail::countOf<__VA_ARGS__>(),                                                \
        ::hearback::detail::Library<__VA_ARGS__>::descriptorAt,                                    \
        ::hearback::detail::Library<__VA_ARGS__>::create};

namespace hearback::detail {
template <class... P>
constexpr std::uint32_t countOf() {
    return static_cast<std::uint32_t>(sizeof...(P));
}
} // namespace hearback::detail
