// Level 1: tables and ids of the boundary.
#include "check/bench.h"
#include "check/test.h"

#include <algorithm>
#include <cstring>

namespace hearback::check {

namespace {

void contractTables(Bench& bench) {
    HostSide& host = bench.host();
    const Created made = createInstance(bench.entry(), host, bench.manifest().id);
    bench.expect(made.said.isOk(), "create() makes an instance of every plugin of the manifest",
                 "it gives " + describe(made.said));
    bench.expect(made.table != nullptr && made.instance != nullptr,
                 "create() that is OK gives a table and an instance", "one of them is null");
    const hb_instance_table& table = *made.table;
    bench.expect(table.struct_size >= sizeof(hb_instance_table) && table.struct_size <= 4096,
                 "the table's struct_size is its size, " +
                     std::to_string(sizeof(hb_instance_table)),
                 "it is " + std::to_string(table.struct_size));
    const bool is_whole = table.configure != nullptr && table.start != nullptr &&
                          table.stop != nullptr && table.destroy != nullptr &&
                          table.get_extension != nullptr;
    bench.expect(is_whole,
                 "an instance has configure, start, stop, destroy and get_extension (check and "
                 "cancel may be null)",
                 "one of them is null");
}

// The table of an extension, as far as every one of them goes.
std::uint32_t sizeOf(const void* table) {
    std::uint32_t size = 0;
    std::memcpy(&size, table, sizeof size);
    return size;
}

void contractExtensions(Bench& bench) {
    struct Known {
        const char* id;
        const char* kind;
        std::size_t size;
    };
    constexpr Known kKnown[] = {{HB_EXT_SOURCE_1, "channel", sizeof(hb_source_1)},
                                {HB_EXT_CLASSIFIER_1, "classifier", sizeof(hb_classifier_1)},
                                {HB_EXT_SINK_1, "sink", sizeof(hb_sink_1)},
                                {HB_EXT_ACTIONS_1, "", sizeof(hb_actions_1)}};
    Subject& subject = bench.created();
    const auto& listed = bench.manifest().extensions;
    for (const Known& known : kKnown) {
        const bool is_listed = bench.manifest().has(known.id);
        const void* const table = subject.extension(known.id);
        const std::string id(known.id);
        bench.expect(is_listed == (table != nullptr),
                     "get_extension() offers what the manifest lists, and nothing else",
                     id +
                         (is_listed ? " is listed and not offered" : " is offered and not listed"));
        if (bench.manifest().kind == known.kind)
            bench.expect(is_listed, "a " + bench.manifest().kind + " offers " + id,
                         "its manifest does not list it");
        if (table != nullptr)
            bench.expect(sizeOf(table) >= known.size,
                         "the struct_size of " + id + " is its size, " + std::to_string(known.size),
                         "it is " + std::to_string(sizeOf(table)));
    }
    for (const std::string& id : listed)
        bench.expect(subject.extension(id) != nullptr,
                     "get_extension() offers what the manifest lists", id + " is null");
}

void contractFunctions(Bench& bench) {
    Subject& subject = bench.created();
    const bool receives =
        std::count(bench.manifest().needs.begin(), bench.manifest().needs.end(), "ingress") > 0;
    if (const auto* source = subject.source())
        bench.expect(source->poll != nullptr || receives,
                     "a channel has poll(), or needs \"ingress\" and receives",
                     "poll is null, and its manifest does not need \"ingress\"");
    if (const auto* classifier = subject.classifier())
        bench.expect(classifier->classify != nullptr, "a classifier has classify()",
                     "classify is null");
    if (const auto* sink = subject.sink())
        bench.expect(sink->write != nullptr, "a sink has write()", "write is null");
    if (const auto* actions = subject.actions())
        bench.expect(actions->capabilities != nullptr && actions->act != nullptr,
                     "hearback.actions/1 has capabilities() and act()", "one of them is null");
}

std::vector<std::string> near(const std::string& id) {
    std::string upper = id;
    upper[0] = static_cast<char>(upper[0] - ('a' - 'A'));
    return {"",
            "no.such-plugin",
            id + " ",
            id + std::string(1, '\0'),
            id + "x",
            id.substr(0, id.size() - 1),
            " " + id,
            upper,
            std::string(100000, 'x')};
}

std::string shown(const std::string& id) {
    return nlohmann::json(id.substr(0, 60))
        .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

void contractWrongId(Bench& bench) {
    HostSide& host = bench.host();
    const auto& plugins = bench.file().manifest.plugins;
    for (const std::string& id : near(bench.manifest().id)) {
        if (std::any_of(plugins.begin(), plugins.end(),
                        [&](const auto& each) { return each.id == id; }))
            continue;
        const Created made = createInstance(bench.entry(), host, id);
        bench.expect(made.said.status == HB_UNSUPPORTED,
                     "create() of an id that is not in the library gives UNSUPPORTED",
                     "for " + shown(id) + " it gives " + describe(made.said));
        bench.expect(made.instance == nullptr, "create() that fails makes no instance",
                     "for " + shown(id) + " there is one");
    }
}

void contractUnknownExtension(Bench& bench) {
    Subject& subject = bench.created();
    for (const char* known :
         {HB_EXT_SOURCE_1, HB_EXT_CLASSIFIER_1, HB_EXT_SINK_1, HB_EXT_ACTIONS_1}) {
        const std::string id = known;
        std::vector<std::string> wrong = near(id);
        wrong.push_back(id.substr(0, id.find('/')));
        wrong.push_back(id.substr(0, id.find('/')) + "/2");
        wrong.push_back(id.substr(0, id.find('/')) + "/10");
        for (const std::string& each : wrong)
            bench.expect(subject.extension(each) == nullptr,
                         "get_extension() of an id that is not known gives null",
                         "for " + shown(each) + " it gives a table");
    }
}

void contractSameExtension(Bench& bench) {
    Subject& subject = bench.created();
    const auto tables = [&] {
        std::vector<const void*> all;
        for (const std::string& id : bench.manifest().extensions)
            all.push_back(subject.extension(id));
        return all;
    };
    const auto first = tables();
    const auto must = [&](const char* when) {
        bench.expect(tables() == first, "get_extension() answers the same for the whole life",
                     std::string("after ") + when + " it gives another table");
    };
    must("create()");
    const Said configured = subject.configure(bench.settings());
    must("configure()");
    if (!configured.isOk()) bench.skip("configure() gives " + describe(configured));
    const Said started = subject.start();
    must("start()");
    if (!started.isOk()) bench.skip("start() gives " + describe(started));
    (void)subject.stop();
    must("stop()");
}

constexpr std::string_view kAbi = "hearback/plugin/abi.h";

constexpr Test kTests[] = {
    {"contract/tables", 1, kAllKinds, "create() gives an instance with a whole table", kAbi,
     "What every instance can do, whatever its kind", contractTables},
    {"contract/extensions", 1, kAllKinds,
     "Each extension of the manifest is offered, and no other one", kAbi,
     "A table by extension id, or null", contractExtensions},
    {"contract/functions", 1, kAllKinds, "Each extension has the functions that its kind needs",
     "docs/plugins.md", "one of `poll` and `receive`", contractFunctions},
    {"contract/wrong-id", 1, kAllKinds, "create() makes nothing of an id that is nearly right",
     kAbi, "HB_UNSUPPORTED for an id that is not in this library", contractWrongId},
    {"contract/unknown-extension", 1, kAllKinds,
     "get_extension() gives null for an id that is nearly right", kAbi,
     "A table by extension id, or null", contractUnknownExtension},
    {"contract/same-extension", 1, kAllKinds, "get_extension() answers the same for the whole life",
     kAbi, "the same answer for the whole life", contractSameExtension},
};

} // namespace

std::span<const Test> contractTests() { return kTests; }

} // namespace hearback::check
