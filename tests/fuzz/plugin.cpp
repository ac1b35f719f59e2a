#include "fuzz/plugin.h"

#include "fuzz/messages.h"
#include "fuzz/promise.h"

#include "hearback/sdk/host.hpp"

namespace hearback::fuzz {

namespace {

// What the plugin said last about what went wrong.
std::string& lastError() {
    static std::string text;
    return text;
}

// The host's context is the place where a route is kept.
hb_host_context* contextOf(hb_route& route) { return reinterpret_cast<hb_host_context*>(&route); }

hb_status addRoute(hb_host_context* context, const hb_route* route) {
    *reinterpret_cast<hb_route*>(context) = *route;
    return HB_OK;
}

const void* extension(hb_host_context*, hb_text id) {
    static constexpr hb_host_ingress_1 kIngress = {sizeof(hb_host_ingress_1), 0, addRoute};
    return detail::toView(id) == HB_EXT_HOST_INGRESS_1 ? &kIngress : nullptr;
}

hb_host hostFor(hb_route& route) {
    hb_host host{};
    host.struct_size = sizeof(hb_host);
    host.context = contextOf(route);
    host.log = [](hb_host_context*, std::int32_t, hb_text) {};
    host.set_error = [](hb_host_context*, hb_status, std::int64_t, hb_text text, hb_text) {
        lastError() = detail::toView(text);
    };
    host.is_cancelled = [](hb_host_context*) -> std::int32_t { return 0; };
    host.now_us = [](hb_host_context*) -> std::int64_t { return kNow; };
    host.wake = [](hb_host_context*) {};
    host.get_extension = extension;
    return host;
}

} // namespace

template <class Call>
Channel::Answer Channel::call(Call&& made) {
    Answer answer;
    const detail::StringWriter out(answer.bytes);
    answer.status = made(out.table());
    require(answer.status != HB_INTERNAL, "a plugin has no defect", lastError());
    return answer;
}

Channel::Channel(const char* id, const std::string& settings_json) : host_(hostFor(route_)) {
    require(hearback_plugin_entry.create(&host_, detail::toText(id), &table_, &instance_) == HB_OK,
            "the plugin is there");
    require(table_->configure(instance_, detail::toText(settings_json)) == HB_OK,
            "the settings are right", lastError());
    source_ = static_cast<const hb_source_1*>(
        table_->get_extension(instance_, detail::toText(HB_EXT_SOURCE_1)));
}

Channel::~Channel() { table_->destroy(instance_); }

hb_status Channel::start(const std::optional<std::string>& checkpoint) {
    hb_bytes note{};
    if (checkpoint) note = detail::toBytes(*checkpoint);
    return call([&](const hb_writer*) { return table_->start(instance_, note); }).status;
}

void Channel::stop() {
    (void)call([&](const hb_writer*) { return table_->stop(instance_, 0); });
}

Channel::Answer Channel::poll(std::uint32_t max_items) {
    return call([&](const hb_writer* out) {
        return source_->poll(instance_, 1, max_items, 4 << 20, 1000, out);
    });
}

Channel::Answer Channel::decode(std::string_view payload) {
    return call([&](const hb_writer* out) {
        return source_->decode(instance_, detail::toBytes(payload), out);
    });
}

Channel::Answer Channel::receive(std::string_view request) {
    return call([&](const hb_writer* out) {
        return route_.handler(instance_, detail::toBytes(request), out);
    });
}

} // namespace hearback::fuzz
