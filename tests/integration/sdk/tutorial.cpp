#include "integration/sdk/tutorial.h"

#include <catch2/catch.hpp>

#include <fstream>

namespace hearback::testing {

namespace {

// "Replace what is in `test.cpp`:" names test.cpp.
std::string fileNamedAtTheEndOf(const std::string& line) {
    if (line.size() < 3 || line.substr(line.size() - 2) != "`:") return {};
    const auto from = line.rfind('`', line.size() - 3);
    return from == std::string::npos ? "" : line.substr(from + 1, line.size() - from - 3);
}

void add(Tutorial& tutorial, const std::string& language, const std::string& before,
         const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    if (language == "console") return;
    if (language == "sh") {
        tutorial.script += text;
    } else if (language == "text") {
        tutorial.expected.insert(tutorial.expected.end(), lines.begin(), lines.end());
    } else {
        const std::string file = fileNamedAtTheEndOf(before);
        INFO("a block of " << language << " behind \"" << before << "\"");
        REQUIRE_FALSE(file.empty());
        tutorial.script +=
            "cat > " + file + " <<'THE END OF THE FILE'\n" + text + "THE END OF THE FILE\n";
        ++tutorial.files;
        for (const std::string& line : lines)
            tutorial.lines += line.find_first_not_of(' ') != std::string::npos ? 1 : 0;
    }
}

} // namespace

Tutorial readTutorial(const std::string& file) {
    Tutorial tutorial;
    tutorial.script = "set -eu\n";
    std::ifstream in(file);
    std::string before;
    std::string language;
    std::vector<std::string> block;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("```", 0) == 0) {
            if (!language.empty()) add(tutorial, language, before, block);
            language = line.substr(3);
            block.clear();
        } else if (!language.empty()) {
            block.push_back(line);
        } else if (!line.empty()) {
            before = line;
        }
    }
    return tutorial;
}

} // namespace hearback::testing
