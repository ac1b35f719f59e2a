// One instance of the plugin under test, called through its tables alone, as this host likes: in
// any order, with arguments that cannot be read too far or too late, on threads that change.
//
// Not stopped and not destroyed by itself: a test that has found something ends here and now.
#pragma once

#include "check/host_side.h"
#include "check/said.h"

#include "hearback/plugin/actions.h"
#include "hearback/plugin/classifier.h"
#include "hearback/plugin/sink.h"
#include "hearback/plugin/source.h"
#include "pipeline/plugins.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hearback::check {

struct SubjectOptions {
    HostOptions host;
    bool has_guarded_arguments = false;
    bool has_own_threads = false; // each call comes from a thread of its own
    std::uint64_t writer_limit = 16 << 20;
    std::string starves_in; // this function gets no more memory than
    std::size_t memory_left = 0;
};

// What create() gave, and what it was given.
struct Created {
    Said said;
    const hb_instance_table* table = nullptr;
    hb_instance* instance = nullptr;
    bool wrote_beyond = false;

    // It was OK and gave an instance with a table that has all it must have.
    bool isWhole() const;
};

// `create` of an entry, with places for the results that are looked after.
Created createInstance(const hb_plugin_entry& entry, HostSide& host, std::string_view id);

class Subject {
  public:
    // Of a create() that gave a table and an instance.
    Subject(HostSide& host, const Created& created, SubjectOptions options);
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

    HostSide& host() { return host_; }
    const hb_instance_table& table() const { return *table_; }
    SubjectOptions& options() { return options_; }
    // Null where the plugin does not offer them, or not whole.
    const hb_source_1* source() const { return source_; }
    const hb_classifier_1* classifier() const { return classifier_; }
    const hb_sink_1* sink() const { return sink_; }
    const hb_actions_1* actions() const { return actions_; }
    const void* extension(std::string_view id);

    Said configure(std::string_view settings);
    Said check();
    Said start(std::optional<std::string_view> checkpoint = std::nullopt);
    Said stop(std::int64_t deadline_ms = 5000);
    void cancel();
    void destroy();

    Said labels();
    Said poll(pipeline::PollLimits limits); // a batch_id of 0: the next one
    Said ack(std::uint64_t batch_id, std::int32_t verdict);
    Said decode(std::string_view payload);
    Said receive(const hb_route& route, std::string_view request);
    Said classify(std::string_view request);
    Said write(std::string_view batch);
    Said flush(std::int64_t deadline_ms = 10000);
    Said capabilities(std::string_view request);
    Said act(std::string_view action);
    std::uint64_t lastBatch() const { return next_batch_ - 1; }

  private:
    class Argument;
    using Run = std::function<hb_status(const hb_writer*)>;
    Said enter(int role, const char* function, const Run& run);
    Said onThisThread(int role, const char* function, const Run& run);
    void findTables();

    HostSide& host_;
    const hb_instance_table* table_;
    hb_instance* instance_;
    SubjectOptions options_;
    const hb_source_1* source_ = nullptr;
    const hb_classifier_1* classifier_ = nullptr;
    const hb_sink_1* sink_ = nullptr;
    const hb_actions_1* actions_ = nullptr;
    std::uint64_t next_batch_ = 1;
};

} // namespace hearback::check
