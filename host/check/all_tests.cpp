#include "check/test.h"

#include <algorithm>

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

} // namespace hearback::check
