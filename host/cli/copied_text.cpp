#include "cli/copied_text.h"

#include "cli/session.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>

namespace hearback::cli {

namespace {

std::string hex(std::int64_t sum) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(sum));
    return text;
}

void printJson(const std::vector<storage::TableSum>& sums, double seconds) {
    auto tables = nlohmann::json::array();
    for (const storage::TableSum& each : sums)
        tables.push_back({{"table", each.table}, {"rows", each.rows}, {"sum", hex(each.sum)}});
    std::printf("%s\n", nlohmann::json{{"tables", tables}, {"seconds", seconds}}.dump(2).c_str());
}

void printTable(const std::vector<storage::TableSum>& sums, double seconds,
                const std::string& done) {
    Table table({"table", "rows", "sum"});
    table.alignRight(1);
    std::int64_t rows = 0;
    for (const storage::TableSum& each : sums) {
        rows += each.rows;
        table.add({each.table, grouped(each.rows), hex(each.sum)});
    }
    std::printf("%s%s: %s rows in %.1f s, read again and found the same\n", table.text().c_str(),
                done.c_str(), grouped(rows).c_str(), seconds);
}

} // namespace

int showCopying(const CommonOptions& common, const std::string& what, const std::string& done,
                const Copying& copying) {
    const auto begin = std::chrono::steady_clock::now();
    const auto sums = [&] {
        ProgressLine line(what);
        return copying([&](std::int64_t rows, std::int64_t total) {
            line.show(rows, total, grouped(rows) + " rows");
        });
    }();
    if (!sums) {
        complain(sums.error());
        return kFailed;
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (common.json)
        printJson(*sums, seconds);
    else
        printTable(*sums, seconds, done);
    return kDone;
}

} // namespace hearback::cli
