// HTML to text: any bytes give a text without tags that were closed, and valid UTF-8 stays valid.
#include "base/utf8.h"
#include "fuzz/promise.h"
#include "intake/html_text.h"

using namespace hearback;
using hearback::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view html = fuzz::toText(data, size);
    const std::string text = intake::htmlToText(html);
    require(!base::isUtf8(html) || base::isUtf8(text), "valid UTF-8 stays valid");
    // A byte that is no letter becomes the three of U+FFFD.
    require(text.size() <= 3 * html.size(), "a text is not longer than its markup");
    require(text.empty() || (text.back() != '\n' && text.front() != '\n'),
            "a text begins and ends with a letter");
    return 0;
}
