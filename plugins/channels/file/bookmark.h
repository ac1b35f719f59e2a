// What a checkpoint of the channel `file` says.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearback::file {

// How far a file was read, and enough of it to see that it is still the same file.
struct Bookmark {
    std::int64_t offset = 0;
    std::int64_t line = 1;
    std::uint64_t head = 0; // of the first bytes
    std::uint64_t tail = 0; // of the bytes before the offset

    std::string write() const {
        return nlohmann::json{
            {"v", 1}, {"offset", offset}, {"line", line}, {"head", head}, {"tail", tail}}
            .dump();
    }
    // None where it is no bookmark of this version.
    static std::optional<Bookmark> read(std::string_view text) {
        const auto json = nlohmann::json::parse(text, nullptr, false);
        if (!json.is_object()) return std::nullopt;
        for (const char* key : {"v", "offset", "line", "head", "tail"})
            if (!json.contains(key) || !json[key].is_number_integer()) return std::nullopt;
        if (json["v"] != 1) return std::nullopt;
        return Bookmark{json["offset"].get<std::int64_t>(), json["line"].get<std::int64_t>(),
                        json["head"].get<std::uint64_t>(), json["tail"].get<std::uint64_t>()};
    }
};

} // namespace hearback::file
