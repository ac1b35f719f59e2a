#include "cli/labelled.h"

#include "base/utf8.h"
#include "cli/tab_separated.h"

#include <array>
#include <sodium.h>

namespace hearback::cli {

namespace {

std::string sha256Of(const std::string& content) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(content.data()),
                       content.size());
    std::string text;
    for (const unsigned char byte : hash) {
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 0xfU];
    }
    return text;
}

} // namespace

base::Result<LabelledFile> readLabelled(const std::string& path) {
    auto rows = TabSeparated::read(path, {"label", "text"});
    if (!rows) return rows.error();
    LabelledFile file;
    file.path = path;
    file.sha256 = sha256Of(rows->content());
    while (rows->next()) {
        const auto label = rows->cell("label");
        const auto text = rows->cell("text");
        if (!label || label->empty() || !text)
            return base::Error{base::Code::Invalid, rows->place() + ": has no label or no text"};
        file.samples.push_back({base::repairUtf8(*label), base::repairUtf8(*text)});
    }
    return file;
}

} // namespace hearback::cli
