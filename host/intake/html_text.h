// What a person reads of an HTML fragment: paragraphs as lines, no tags, no scripts.
#pragma once

#include <string>
#include <string_view>

namespace hearback::intake {

// Any input gives a text; a fragment with too many tags to be honest is only stripped of them.
std::string htmlToText(std::string_view html);

} // namespace hearback::intake
