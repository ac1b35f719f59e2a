// The settings of a plugin, declared once: the JSON Schema in the manifest, the reading into a
// struct and the documentation all come from this.
//
//   struct Settings { std::string url; std::int64_t every_s = 0; };
//   static constexpr auto kSettings = hearback::settings(
//       hearback::setting("url", &Settings::url, "Address of the feed").required(),
//       hearback::setting("every_s", &Settings::every_s, "Seconds between two polls")
//           .between(30, 86400).defaultsTo(300));
#pragma once

#include "hearback/sdk/json_text.hpp"
#include "hearback/sdk/schema_check.hpp"
#include "hearback/sdk/status.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace hearback {

namespace detail {

template <class T>
constexpr std::string_view schemaType() {
    if constexpr (std::is_same_v<T, std::string>)
        return R"("type":"string")";
    else if constexpr (std::is_same_v<T, bool>)
        return R"("type":"boolean")";
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return R"("type":"integer")";
    else if constexpr (std::is_same_v<T, double>)
        return R"("type":"number")";
    else if constexpr (std::is_same_v<T, std::vector<std::string>>)
        return R"("type":"array","items":{"type":"string"})";
    else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>)
        return R"("type":"object","additionalProperties":{"type":"string"})";
    else {
        static_assert(std::is_same_v<T, nlohmann::json>,
                      "a setting is std::string, bool, std::int64_t, double, "
                      "std::vector<std::string>, std::map<std::string, std::string>, or "
                      "nlohmann::json with a schema of its own");
        return {};
    }
}

} // namespace detail

// One setting of struct S, of type T. Every member function returns a changed copy.
template <class S, class T>
class Setting {
  public:
    using Struct = S;

    constexpr Setting(std::string_view name, T S::*member, std::string_view description)
        : name_(name), member_(member), description_(description) {}

    constexpr Setting required() const {
        Setting copy = *this;
        copy.required_ = true;
        return copy;
    }
    // The configuration must refer to it (env:NAME, file:PATH); never shown, never logged.
    constexpr Setting secret() const {
        Setting copy = *this;
        copy.secret_ = true;
        return copy;
    }
    // The path of a file: the host takes a relative one as relative to the configuration.
    constexpr Setting path() const {
        Setting copy = *this;
        copy.path_ = true;
        return copy;
    }
    // JSON as it stands in the schema: "\"auto\"", "300", "[]".
    constexpr Setting defaultsToJson(std::string_view json) const {
        Setting copy = *this;
        copy.default_json_ = json;
        return copy;
    }
    template <class V>
    constexpr Setting defaultsTo(V value) const {
        Setting copy = *this;
        if constexpr (std::is_same_v<T, std::string>) {
            copy.default_text_ = value;
            copy.has_default_text_ = true;
        } else if constexpr (std::is_same_v<T, bool>) {
            copy.default_json_ = value ? "true" : "false";
        } else {
            static_assert(std::is_arithmetic_v<T>, "give other defaults by defaultsToJson()");
            copy.default_number_ = static_cast<double>(value);
            copy.has_default_number_ = true;
        }
        return copy;
    }
    // Numbers: the value's range. Text: the range of its length in bytes.
    constexpr Setting between(double low, double high) const {
        Setting copy = *this;
        copy.low_ = low;
        copy.high_ = high;
        copy.has_range_ = true;
        return copy;
    }
    template <class... Choices>
    constexpr Setting oneOf(Choices... choices) const {
        static_assert(sizeof...(choices) <= 12, "at most 12 choices");
        Setting copy = *this;
        ((copy.choices_[copy.choice_count_++] = choices), ...);
        return copy;
    }
    // For nlohmann::json: the members of the schema, such as R"("type":"array")".
    constexpr Setting schema(std::string_view members) const {
        Setting copy = *this;
        copy.schema_ = members;
        return copy;
    }

    constexpr std::string_view name() const { return name_; }
    constexpr bool isRequired() const { return required_; }

    constexpr void writeSchema(detail::JsonText& out) const {
        constexpr bool is_text = std::is_same_v<T, std::string>;
        out.raw("{").raw(schema_.empty() ? detail::schemaType<T>() : schema_);
        out.raw(R"(,"description":)").quoted(description_);
        if (secret_) out.raw(R"(,"x-hearback-secret":true)");
        if (path_) out.raw(R"(,"x-hearback-path":true)");
        if (has_range_) {
            out.raw(is_text ? R"(,"minLength":)" : R"(,"minimum":)").number(low_);
            out.raw(is_text ? R"(,"maxLength":)" : R"(,"maximum":)").number(high_);
        }
        if (choice_count_ > 0) {
            out.raw(R"(,"enum":[)");
            for (std::size_t i = 0; i < choice_count_; ++i)
                out.raw(i == 0 ? "" : ",").quoted(choices_[i]);
            out.raw("]");
        }
        if (!default_json_.empty()) out.raw(R"(,"default":)").raw(default_json_);
        if (has_default_text_) out.raw(R"(,"default":)").quoted(default_text_);
        if (has_default_number_) out.raw(R"(,"default":)").number(default_number_);
        out.raw("}");
    }

    // Reads its value out of `settings`; the host has filled in the defaults.
    Status read(const nlohmann::json& settings, S& into) const {
        const std::string pointer = "/" + std::string(name_);
        const auto found = settings.find(name_);
        if (found == settings.end()) {
            if (required_) return Status::config(pointer, "is required");
            return Status::ok();
        }
        if (!fitsType(*found)) return Status::config(pointer, "has the wrong type");
        try {
            into.*member_ = found->template get<T>();
        } catch (const nlohmann::json::exception&) {
            return Status::config(pointer, "has the wrong type");
        }
        if constexpr (std::is_same_v<T, nlohmann::json>)
            return detail::checkSchema(*found, schemaOfOwn(), pointer);
        return checkLimits(into.*member_, pointer);
    }

  private:
    // get<T>() alone would take true for 1, and 1.5 for 1.
    static bool fitsType(const nlohmann::json& value) {
        if constexpr (std::is_same_v<T, std::int64_t>)
            return value.is_number_integer() &&
                   !(value.is_number_unsigned() &&
                     value.template get<std::uint64_t>() >
                         static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
        else if constexpr (std::is_same_v<T, double>)
            return value.is_number();
        else
            return true;
    }
    nlohmann::json schemaOfOwn() const {
        return nlohmann::json::parse("{" + std::string(schema_) + "}", nullptr, false);
    }
    Status checkLimits(const T& value, const std::string& pointer) const {
        if constexpr (std::is_same_v<T, std::string>) {
            const auto size = static_cast<double>(value.size());
            if (has_range_ && (size < low_ || size > high_))
                return Status::config(pointer, "is too short or too long");
            if (choice_count_ == 0) return Status::ok();
            for (std::size_t i = 0; i < choice_count_; ++i)
                if (choices_[i] == value) return Status::ok();
            return Status::config(pointer, "is none of the choices");
        } else if constexpr (std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>) {
            const auto number = static_cast<double>(value);
            if (has_range_ && (number < low_ || number > high_))
                return Status::config(pointer, "is out of range");
        }
        return Status::ok();
    }

    std::string_view name_;
    T S::*member_;
    std::string_view description_;
    bool required_ = false;
    bool secret_ = false;
    bool path_ = false;
    bool has_range_ = false;
    double low_ = 0;
    double high_ = 0;
    std::array<std::string_view, 12> choices_{};
    std::size_t choice_count_ = 0;
    std::string_view schema_{};
    std::string_view default_json_{};
    std::string_view default_text_{};
    bool has_default_text_ = false;
    double default_number_ = 0;
    bool has_default_number_ = false;
};

template <class S, class T>
constexpr Setting<S, T> setting(std::string_view name, T S::*member, std::string_view description) {
    return Setting<S, T>(name, member, description);
}

template <class... Each>
constexpr std::tuple<Each...> settings(Each... each) {
    return std::tuple<Each...>(each...);
}

namespace detail {

template <class List>
constexpr void writeSettingsSchema(JsonText& out, const List& list) {
    out.raw(R"({"type":"object","additionalProperties":false,"properties":{)");
    bool first = true;
    std::apply(
        [&](const auto&... each) { ((out.key(each.name(), first), each.writeSchema(out)), ...); },
        list);
    out.raw(R"(},"required":[)");
    bool first_required = true;
    const auto require = [&](const auto& each) {
        if (!each.isRequired()) return;
        out.raw(first_required ? "" : ",").quoted(each.name());
        first_required = false;
    };
    std::apply([&](const auto&... each) { (require(each), ...); }, list);
    out.raw("]}");
}

// Fills `into` from JSON text; the first setting that does not fit ends it.
template <class S, class List>
Status readSettings(std::string_view text, const List& list, S& into) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return Status::config("", "the settings are not a JSON object");
    Status result = Status::ok();
    std::apply(
        [&](const auto&... each) {
            ((result.isOk() ? void(result = each.read(json, into)) : void()), ...);
        },
        list);
    if (!result.isOk()) return result;
    for (auto member = json.begin(); member != json.end(); ++member) {
        const bool known = std::apply(
            [&](const auto&... each) { return ((each.name() == member.key()) || ...); }, list);
        if (!known) return Status::config("/" + member.key(), "is no setting of this plugin");
    }
    return result;
}

} // namespace detail
} // namespace hearback
