#include "check/test.h"

#include <algorithm>
#include <iterator>

namespace hearback::check {

std::vector<Test> allTests() {
    std::vector<Test> all;
    for (const auto& some :
         {loadTests(),     besideTests(),     contractTests(),     hostTests(),   lifeTests(),
          settingsTests(), statusTests(),     threadTests(),       memoryTests(), pollTests(),
          batchTests(),    receiveTests(),    classifyTests(),     sinkTests(),   actionTests(),
          deliveryTests(), checkpointTests(), sinkDeliveryTests(), httpTests(),   workerTests(),
          stressTests()})
        all.insert(all.end(), some.begin(), some.end());
    std::stable_sort(all.begin(), all.end(),
                     [](const Test& a, const Test& b) { return a.level < b.level; });
    return all;
}

bool isOfLibraries(const Test& test) {
    static constexpr std::string_view kFile[] = {"load/file", "load/ids"};
    static constexpr std::string_view kTables[] = {
        "contract/extensions",     "contract/wrong-id", "contract/unknown-extension",
        "contract/same-extension", "host/later",        "threads/tags",
        "threads/ended",           "threads/move"};
    const auto is_in = [&](const auto& names) {
        return std::find(std::begin(names), std::end(names), test.name) != std::end(names);
    };
    if (test.level == 0) return !is_in(kFile);
    return test.level == 3 || test.name.starts_with("memory/") || is_in(kTables);
}

} // namespace hearback::check
