#include "faults/house.h"

#include "app/store.h"
#include "deliver/sink_carrier.h"
#include "support/temp_folder.h"

#include <fstream>
#include <iterator>
#include <utility>

namespace hearback::testing {

// A ledger that only tells that the commit has come to it.
class House::Witness final : public pipeline::Ledger {
  public:
    Witness(const HouseParts& given, int place)
        : given_(given), point_("in commit " + std::to_string(place)) {}
    void write(storage::Transaction&, std::vector<pipeline::Batch>&) override {
        if (given_.on_point) given_.on_point(point_);
    }

  private:
    const HouseParts& given_;
    std::string point_;
};

struct House::Parts {
    Parts(const HouseParts& given, std::unique_ptr<storage::Database> opened)
        : database(std::move(opened)), message_ledger(dictionary, given.clock),
          letter_ledger(given.clock), outbox_ledger(dictionary, given.clock),
          checkpoint_ledger(given.clock), queries(*database, given.clock),
          outbox(*database, dictionary, given.clock) {
        std::vector<pipeline::Ledger*> ledgers;
        const std::vector<pipeline::Ledger*> real = {
            &message_ledger, &letter_ledger, &rollup_ledger, &outbox_ledger, &checkpoint_ledger};
        for (std::size_t i = 0; i <= real.size(); ++i) {
            witnesses.push_back(std::make_unique<Witness>(given, static_cast<int>(i)));
            ledgers.push_back(witnesses.back().get());
            if (i < real.size()) ledgers.push_back(real[i]);
        }
        commit = std::make_unique<commit::Commit>(*database, given.clock, given.random, ledgers);
    }

    std::unique_ptr<storage::Database> database;
    storage::Dictionary dictionary;
    messages::MessageLedger message_ledger;
    dead_letters::DeadLetterLedger letter_ledger;
    trends::RollupLedger rollup_ledger;
    deliver::OutboxLedger outbox_ledger;
    commit::CheckpointLedger checkpoint_ledger;
    std::vector<std::unique_ptr<Witness>> witnesses;
    std::unique_ptr<commit::Commit> commit;
    messages::MessageQueries queries;
    deliver::Outbox outbox;
    std::string installation;
    std::vector<std::unique_ptr<deliver::Deliverer>> deliverers;
};

House::House(HouseParts parts) : given_(std::move(parts)) {
    given_.clock.on_wait = [this] {
        if (parts_ && given_.is_dead()) parts_->commit->cancel();
    };
}

House::~House() { given_.clock.on_wait = nullptr; }

base::Result<void> House::open() {
    auto opened = storage::Database::open(given_.database, app::allMigrations());
    if (!opened) return opened.error();
    auto parts = std::make_unique<Parts>(given_, std::move(*opened));
    const auto built = build(*parts);
    if (built) parts_ = std::move(parts);
    return built;
}

base::Result<void> House::build(Parts& parts) {
    const auto released = parts.outbox.releaseClaims();
    if (!released) return released.error();
    const auto name = parts.outbox.installation(given_.random);
    if (!name) return name.error();
    parts.installation = *name;
    for (pipeline::Sink* sink : given_.sinks) parts.deliverers.push_back(delivererOf(parts, *sink));
    return {};
}

std::unique_ptr<deliver::Deliverer> House::delivererOf(Parts& parts, pipeline::Sink& sink) {
    const auto keep = [&parts](storage::Transaction& tx, const pipeline::DeadLetter& letter) {
        parts.letter_ledger.keep(tx, letter);
    };
    const auto load = [&parts](std::int64_t id,
                               std::int64_t revision) -> base::Result<std::optional<v1::Delivery>> {
        const auto stored = parts.queries.findRevision(id, revision);
        if (!stored) return stored.error();
        if (!*stored) return std::optional<v1::Delivery>();
        v1::Delivery delivery;
        delivery.set_message_id(id);
        *delivery.mutable_message() = (*stored)->message;
        return std::optional(delivery);
    };
    deliver::DelivererOptions options;
    options.batch_items = 8;
    return std::make_unique<deliver::Deliverer>(
        deliver::DelivererServices{parts.outbox, given_.clock, given_.random, keep},
        std::make_unique<deliver::SinkCarrier>(sink, load, parts.installation), options);
}

void House::close() { parts_.reset(); }

bool House::take(pipeline::Batch batch) {
    bool stored = false;
    batch.done = [&](const base::Result<pipeline::Stored>& result) {
        stored = static_cast<bool>(result);
    };
    std::vector<pipeline::Batch> group;
    group.push_back(std::move(batch));
    parts_->commit->process(group);
    group.clear();
    return stored;
}

std::optional<pipeline::Batch> House::answersThatWereMissing() {
    auto due = parts_->queries.due(16);
    if (!due || due->empty()) return std::nullopt;
    pipeline::Batch batch;
    for (pipeline::PendingMessage& each : *due) {
        batch.source = each.item.message.source();
        each.item.annotations.clear_pending();
        v1::Annotation& topic = *each.item.annotations.add_annotations();
        topic.set_classifier("topic");
        topic.set_task("topic");
        topic.set_label("delivery");
        batch.items.push_back(std::move(each.item));
    }
    return batch;
}

base::Result<std::size_t> House::checkpointOf(const std::string& source) {
    const auto saved = commit::loadCheckpoint(*parts_->database, source);
    if (!saved) return saved.error();
    return *saved ? std::stoul((*saved)->data) : std::size_t{0};
}

storage::Database& House::database() { return *parts_->database; }
commit::Commit& House::commit() { return *parts_->commit; }
messages::MessageQueries& House::queries() { return parts_->queries; }
deliver::Outbox& House::outbox() { return parts_->outbox; }
const std::string& House::installation() const { return parts_->installation; }
std::vector<std::unique_ptr<deliver::Deliverer>>& House::deliverers() { return parts_->deliverers; }

void copyEmptyDatabase(const std::filesystem::path& to) {
    static const std::string bytes = [] {
        const TempFolder folder;
        storage::DatabaseOptions options;
        options.file = folder / "empty.db";
        options.readers = 1;
        auto opened = storage::Database::open(options, app::allMigrations());
        opened->reset();
        std::ifstream in(options.file, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    std::ofstream(to, std::ios::binary) << bytes;
}

} // namespace hearback::testing
