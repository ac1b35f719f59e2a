// JSON objects, one a line, to messages.
#include "fuzz/messages.h"
#include "fuzz/promise.h"

#include <hearback/mapping/field_mapping.h>
#include <hearback/mapping/json_record.h>

using namespace hearback;
using hearback::fuzz::require;
using hearback::mapping::FieldMapping;

namespace {

mapping::MappingSettings settings(bool wishes) {
    if (!wishes) return {};
    return {{{"text", "data.note"}, {"rating", "data.stars"}, {"attributes.brand", "shop"}},
            "Reviews",
            0,
            10};
}

void add(std::string_view line, FieldMapping& mapping, BatchOut& batch) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) return;
    const auto columns = mapping::flatten(json);
    require(columns.size() <= 256, "columns are few");
    FieldMapping::Cells cells;
    for (const auto& [name, value] : columns) cells.emplace_back(name, value);
    const std::string before = batch.bytes();
    const std::size_t size = batch.size();
    const auto problem = mapping.add(cells, "fallback", batch);
    if (problem)
        require(batch.bytes() == before && batch.size() == size,
                "what is no message leaves no trace in the batch");
    else
        require(batch.size() == size + 1, "a record is one message");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const bool wishes : {false, true}) {
        std::string_view rest = fuzz::toText(data, size);
        FieldMapping mapping(settings(wishes));
        BatchOut batch;
        while (!rest.empty()) add(fuzz::takeUntil(rest, '\n'), mapping, batch);
        const auto read = fuzz::requireSound(batch.bytes());
        require(static_cast<bool>(read), "a batch can be read");
        require(read->batch.items.size() + read->batch.dead_letters.size() == batch.size(),
                "no message is lost");
    }
    return 0;
}
