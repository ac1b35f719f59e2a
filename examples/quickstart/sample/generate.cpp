// Writes the feedback of the invented product "Lumio" as NDJSON: the sample of the quickstart.
// The same options give the same bytes on every machine.
#include "history.hpp"

#include <charconv>
#include <iostream>
#include <optional>

namespace sample {

namespace {

struct WrongOption : std::runtime_error {
    using std::runtime_error::runtime_error;
};

constexpr std::string_view kHelp =
    "Usage: sample_feedback --texts FILE [options]\n"
    "Writes invented feedback about the product Lumio to stdout, one JSON object per line.\n"
    "  --texts FILE       the texts to choose from: texts.tsv beside the source\n"
    "  --messages N       how many messages, 1 to 1000000 (default 420); edits come on top\n"
    "  --days D           how many days of history, 7 to 3650 (default 60)\n"
    "  --end YYYY-MM-DD   midnight UTC at which the history ends (default: today)\n"
    "  --seed S           another number gives another history (default 1)\n";

std::uint64_t toNumber(const std::string& option, std::string_view text, std::uint64_t from,
                       std::uint64_t to) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < from || value > to)
        throw WrongOption(option + " wants a number from " + std::to_string(from) + " to " +
                          std::to_string(to) + ", not \"" + std::string(text) + "\"");
    return value;
}

Seconds toMidnight(const std::string& text) {
    const std::string wrong = "--end wants a date like 2025-03-31, not \"" + text + "\"";
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') throw WrongOption(wrong);
    const auto part = [&](std::size_t at, std::size_t length) {
        return static_cast<unsigned>(toNumber("--end", text.substr(at, length), 1, 9999));
    };
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(part(0, 4))),
                                           std::chrono::month(part(5, 2)),
                                           std::chrono::day(part(8, 2))};
    if (!date.ok() || text < "1981") throw WrongOption(wrong);
    return std::chrono::sys_days(date).time_since_epoch().count() * kDay;
}

std::optional<Options> readOptions(const std::vector<std::string>& args) {
    Options options;
    const auto now = std::chrono::system_clock::now();
    options.end = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count() * kDay;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const std::string& name = args[i];
        if (name == "--help") return std::nullopt;
        if (name != "--texts" && name != "--messages" && name != "--days" && name != "--end" &&
            name != "--seed")
            throw WrongOption("there is no option \"" + name + "\"");
        if (++i == args.size()) throw WrongOption(name + " wants a value");
        if (name == "--texts") options.texts = args[i];
        if (name == "--messages") options.messages = toNumber(name, args[i], 1, 1'000'000);
        if (name == "--days") options.days = toNumber(name, args[i], 7, 3650);
        if (name == "--seed") options.seed = toNumber(name, args[i], 0, 4'294'967'295);
        if (name == "--end") options.end = toMidnight(args[i]);
    }
    if (options.texts.empty()) throw WrongOption("--texts FILE is missing");
    return options;
}

} // namespace

} // namespace sample

int main(int argc, char** argv) {
    try {
        const auto options = sample::readOptions(std::vector<std::string>(argv + 1, argv + argc));
        if (!options) {
            std::cout << sample::kHelp;
            return 0;
        }
        std::ios::sync_with_stdio(false);
        sample::History history(*options, sample::readTexts(options->texts));
        for (const sample::History::Record& record : history.tell())
            std::cout << record.json << '\n';
        std::cout.flush();
        if (!std::cout) throw std::runtime_error("cannot write the sample");
        return 0;
    } catch (const sample::WrongOption& wrong) {
        std::cerr << "sample_feedback: " << wrong.what() << "\n(--help says more)\n";
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "sample_feedback: " << error.what() << '\n';
        return 1;
    }
}
