#include "cli/scaffold.h"

#include "base/file.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

namespace hearback::cli {

namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kTemplateMax = 1 << 20;

bool isSmallLetter(char c) { return c >= 'a' && c <= 'z'; }

bool mayStandInName(char c) { return isSmallLetter(c) || (c >= '0' && c <= '9') || c == '-'; }

// "acme-reviews" as C++ names a class: "AcmeReviews".
std::string classOf(const std::string& name) {
    std::string out;
    bool capital = true;
    for (const char c : name) {
        if (c != '-') out += capital ? static_cast<char>(std::toupper(c)) : c;
        capital = c == '-';
    }
    return out;
}

std::string withUnderscores(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

std::string inCapitals(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return static_cast<char>(std::toupper(c)); });
    return name;
}

std::string filledIn(std::string text, const std::map<std::string, std::string>& values) {
    for (const auto& [placeholder, value] : values) {
        for (auto at = text.find(placeholder); at != std::string::npos;
             at = text.find(placeholder, at + value.size()))
            text.replace(at, placeholder.size(), value);
    }
    return text;
}

// "channel in cpp, c, rust" and so on, from the names of the folders.
std::string offered(const std::filesystem::path& templates) {
    std::string all;
    for (const char* kind : {"channel", "classifier", "sink"}) {
        std::string languages;
        for (const char* lang : {"cpp", "c", "rust"}) {
            std::error_code error;
            if (!std::filesystem::is_directory(templates / (std::string(kind) + "-" + lang), error))
                continue;
            languages += (languages.empty() ? "" : ", ") + std::string(lang);
        }
        if (!languages.empty())
            all += (all.empty() ? "a " : "; a ") + std::string(kind) + " in " + languages;
    }
    return all;
}

} // namespace

std::string whyNoName(const std::string& name) {
    static const std::set<std::string> kWordsOfCMake = {"all",     "clean",   "help",
                                                        "install", "package", "test"};
    const bool fits = !name.empty() && name.size() <= kNameMax && isSmallLetter(name.front()) &&
                      name.back() != '-' && std::all_of(name.begin(), name.end(), mayStandInName);
    if (!fits)
        return "\"" + name +
               "\" cannot be the name of a plugin: use small letters, digits and -, with a letter "
               "first and no - at the end, such as acme-reviews";
    if (kWordsOfCMake.contains(name))
        return "\"" + name + "\" is a word of CMake's own: choose another, such as " + name +
               "-channel";
    return {};
}

base::Result<std::map<std::string, std::string>> scaffold(const std::filesystem::path& templates,
                                                          const NewPlugin& plugin) {
    std::error_code error;
    const std::string own = plugin.kind + "-" + plugin.lang;
    if (!std::filesystem::is_directory(templates, error))
        return base::Error{base::Code::NotFound, "there are no templates in " + templates.string() +
                                                     ": install the SDK (package hearback-sdk)"};
    if (!std::filesystem::is_directory(templates / own, error))
        return base::Error{base::Code::Unsupported, "there is no template for a " + plugin.kind +
                                                        " in " + plugin.lang + "; there is " +
                                                        offered(templates)};
    const std::map<std::string, std::string> values = {
        {"@NAME@", plugin.name},
        {"@CLASS@", classOf(plugin.name)},
        {"@IDENT@", withUnderscores(plugin.name)},
        {"@ENV@", inCapitals(withUnderscores(plugin.name))},
        {"@FOLDER@", plugin.folder.string()}};
    std::map<std::string, std::string> files;
    for (const std::string& part : {own, plugin.lang, std::string("common")}) {
        for (const auto& entry : std::filesystem::directory_iterator(templates / part, error)) {
            auto content = base::readFile(entry.path(), kTemplateMax);
            if (!content) return content.error();
            std::string name = filledIn(entry.path().filename().string(), values);
            // Under its own name it would speak for the folder of templates.
            if (name == "gitignore") name = ".gitignore";
            files[name] += filledIn(std::move(*content), values);
        }
    }
    return files;
}

} // namespace hearback::cli
