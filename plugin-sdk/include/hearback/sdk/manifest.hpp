// What a plugin says about itself without being run.
#pragma once

#include "hearback/plugin/actions.h"
#include "hearback/sdk/idempotency.hpp"
#include "hearback/sdk/settings.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hearback {

// About a plugin. Every member function returns a changed copy:
//   static constexpr auto kAbout = hearback::about("feed", "1.0.0", "RSS and Atom feeds");
class Actions;

class About {
  public:
    constexpr About(std::string_view id, std::string_view version, std::string_view summary)
        : id_(id), version_(version), summary_(summary) {}

    // Classifiers: what it is about ("sentiment"), and what it can say.
    constexpr About task(std::string_view task) const {
        About copy = *this;
        copy.task_ = task;
        return copy;
    }
    template <class... Labels>
    constexpr About labels(Labels... labels) const {
        static_assert(sizeof...(labels) <= 24, "tell more labels by Classifier::labels()");
        About copy = *this;
        ((copy.labels_[copy.label_count_++] = labels), ...);
        return copy;
    }
    // Channels: how many batches may be under way unacknowledged.
    constexpr About maxInflight(std::int64_t batches) const {
        About copy = *this;
        copy.max_inflight_ = batches;
        return copy;
    }
    // Data calls that may run at the same time in one instance.
    constexpr About maxConcurrency(std::int64_t calls) const {
        About copy = *this;
        copy.max_concurrency_ = calls;
        return copy;
    }
    // What it needs beyond its bytes: "http", "ingress", "files", "sockets".
    template <class... Needs>
    constexpr About needs(Needs... needs) const {
        static_assert(sizeof...(needs) <= 6);
        About copy = *this;
        ((copy.needs_[copy.need_count_++] = needs), ...);
        return copy;
    }
    // Where it may send requests: "api.example.org", "*.example.org" for what lies below it,
    // "setting:url" for the host of the address in that setting. Without: anywhere.
    template <class... Hosts>
    constexpr About hosts(Hosts... hosts) const {
        static_assert(sizeof...(hosts) <= 16);
        About copy = *this;
        ((copy.hosts_[copy.host_count_++] = hosts), ...);
        return copy;
    }
    // Sinks: what keeps a second attempt from doing it twice; Idempotency::VendorKey otherwise.
    // With None nothing is written again that may have arrived.
    constexpr About idempotency(Idempotency idempotency) const {
        About copy = *this;
        copy.idempotency_ = wordOf(idempotency);
        return copy;
    }
    constexpr About licence(std::string_view licence) const {
        About copy = *this;
        copy.licence_ = licence;
        return copy;
    }

    constexpr std::string_view id() const { return id_; }

    // All members but the settings.
    constexpr void write(detail::JsonText& out, std::string_view kind, std::string_view extension,
                         bool acts) const {
        out.raw(R"("id":)").quoted(id_).raw(R"(,"version":)").quoted(version_);
        out.raw(R"(,"kind":)").quoted(kind).raw(R"(,"summary":)").quoted(summary_);
        out.raw(R"(,"licence":)").quoted(licence_);
        out.raw(R"(,"extensions":[)").quoted(extension);
        if (acts) out.raw(",").quoted(HB_EXT_ACTIONS_1);
        out.raw("]");
        writeList(out, "needs", needs_.data(), need_count_);
        if (host_count_ > 0) writeList(out, "hosts", hosts_.data(), host_count_);
        if (!task_.empty()) out.raw(R"(,"task":)").quoted(task_);
        if (label_count_ > 0) writeList(out, "labels", labels_.data(), label_count_);
        if (!idempotency_.empty()) out.raw(R"(,"idempotency":)").quoted(idempotency_);
        out.raw(R"(,"max_inflight":)").number(max_inflight_);
        out.raw(R"(,"max_concurrency":)").number(max_concurrency_);
    }

  private:
    static constexpr void writeList(detail::JsonText& out, std::string_view name,
                                    const std::string_view* values, std::size_t count) {
        out.raw(",").quoted(name).raw(":[");
        for (std::size_t i = 0; i < count; ++i) out.raw(i == 0 ? "" : ",").quoted(values[i]);
        out.raw("]");
    }

    std::string_view id_;
    std::string_view version_;
    std::string_view summary_;
    std::string_view licence_ = "Apache-2.0";
    std::string_view task_{};
    std::string_view idempotency_{};
    std::array<std::string_view, 24> labels_{};
    std::size_t label_count_ = 0;
    std::array<std::string_view, 6> needs_{};
    std::size_t need_count_ = 0;
    std::array<std::string_view, 16> hosts_{};
    std::size_t host_count_ = 0;
    std::int64_t max_inflight_ = 1;
    std::int64_t max_concurrency_ = 1;
};

constexpr About about(std::string_view id, std::string_view version, std::string_view summary) {
    return About(id, version, summary);
}

namespace detail {

template <class P, class = void>
struct HasSettings : std::false_type {};
template <class P>
struct HasSettings<P, std::void_t<decltype(P::kSettings)>> : std::true_type {};

// One whose settings are all secrets asks the host for them when it needs them.
template <class P, class = void>
struct TakesSettings : std::false_type {};
template <class P>
struct TakesSettings<P, std::void_t<decltype(std::declval<P&>().configure(
                            std::declval<const typename P::Settings&>()))>> : std::true_type {};

template <class P>
constexpr void writeDescriptor(JsonText& out) {
    out.raw("{");
    P::kAbout.write(out, P::kKind, P::kExtension, std::is_base_of_v<Actions, P>);
    out.raw(R"(,"settings":)");
    if constexpr (HasSettings<P>::value)
        writeSettingsSchema(out, P::kSettings);
    else
        writeSettingsSchema(out, std::tuple<>());
    out.raw("}");
}

template <class... P>
constexpr void writeManifest(JsonText& out) {
    out.raw(R"({"manifest":1,"abi":[)").number(std::int64_t{HB_ABI_MAJOR}).raw(",");
    out.number(std::int64_t{HB_ABI_MINOR}).raw(R"(],"schema_level":)");
    out.number(std::int64_t{HB_SCHEMA_LEVEL}).raw(R"(,"plugins":[)");
    bool first = true;
    ((out.raw(first ? "" : ","), first = false, writeDescriptor<P>(out)), ...);
    out.raw("]}");
}

template <class P>
constexpr std::size_t descriptorSize() {
    JsonText count;
    writeDescriptor<P>(count);
    return count.size();
}

template <class P>
constexpr auto descriptor() {
    std::array<char, descriptorSize<P>()> text{};
    JsonText out(text.data());
    writeDescriptor<P>(out);
    return text;
}

template <class... P>
constexpr std::size_t manifestSize() {
    JsonText count;
    writeManifest<P...>(count);
    return count.size();
}

template <class... P>
constexpr auto manifest() {
    std::array<char, manifestSize<P...>()> text{};
    JsonText out(text.data());
    writeManifest<P...>(out);
    return text;
}

} // namespace detail
} // namespace hearback
