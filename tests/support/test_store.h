// A store in a temporary folder, with the commit and its ledgers on it: what tests of the rooms
// that keep state begin with. A test that has one is run on each engine.
#pragma once

#include "app/store.h"
#include "base/random.h"
#include "commit/checkpoints.h"
#include "commit/commit.h"
#include "deliver/outbox_ledger.h"
#include "messages/message_ledger.h"
#include "messages/messages_store.h"
#include "search/search_index.h"
#include "support/engines.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"
#include "trends/rollup_ledger.h"

#include <catch2/catch.hpp>

namespace hearback::testing {

class TestStore {
  public:
    TestStore() : random(7) {
        options_ = newDatabase(eachEngine(), folder / "hearback.db");
        options_.busy_timeout = base::kSecond;
        open();
    }
    // On one database only.
    explicit TestStore(storage::DatabaseOptions options) : random(7), options_(std::move(options)) {
        open();
    }

    // Closes and opens the files again, as after a restart.
    void reopen() {
        commit.reset();
        outbox.reset();
        queries.reset();
        index.reset();
        outbox_ledger.reset();
        message_ledger.reset();
        dictionary.reset();
        database.reset();
        index_database.reset();
        open();
    }

    // Commits a batch and gives what became of it.
    pipeline::Stored store(pipeline::Batch batch) {
        pipeline::Stored stored;
        bool done = false;
        batch.done = [&](const base::Result<pipeline::Stored>& result) {
            REQUIRE(result);
            stored = *result;
            done = true;
        };
        std::vector<pipeline::Batch> group;
        group.push_back(std::move(batch));
        commit->process(group);
        REQUIRE(done);
        return stored;
    }

    static v1::FeedbackMessage message(const std::string& id, const std::string& text,
                                       base::Micros at = 1772452800 * base::kSecond) {
        v1::FeedbackMessage message;
        message.set_source("shop");
        message.set_channel("webshop");
        message.set_external_id(id);
        message.set_text(text);
        message.set_occurred_at_us(at);
        message.set_received_at_us(at);
        return message;
    }

    static pipeline::Batch batchOf(std::vector<v1::FeedbackMessage> messages) {
        pipeline::Batch batch;
        batch.source = "shop";
        batch.plugin = "test";
        for (v1::FeedbackMessage& each : messages)
            batch.items.emplace_back().message = std::move(each);
        return batch;
    }

    static void annotate(pipeline::Item& item, const std::string& task, const std::string& label) {
        v1::Annotation& annotation = *item.annotations.add_annotations();
        annotation.set_task(task);
        annotation.set_classifier(task);
        annotation.set_label(label);
        annotation.set_confidence(0.9);
    }

    // What a query of one number gives.
    std::int64_t number(const std::string& sql);

    TempFolder folder;
    ManualClock clock;
    base::SeededRandom random;
    std::unique_ptr<storage::Database> index_database;
    std::unique_ptr<storage::Database> database;
    std::unique_ptr<storage::Dictionary> dictionary;
    std::unique_ptr<messages::MessageLedger> message_ledger;
    dead_letters::DeadLetterLedger dead_letter_ledger{clock};
    trends::RollupLedger rollup_ledger;
    std::unique_ptr<deliver::OutboxLedger> outbox_ledger;
    commit::CheckpointLedger checkpoint_ledger{clock};
    std::unique_ptr<commit::Commit> commit;
    std::unique_ptr<messages::MessageQueries> queries;
    std::unique_ptr<deliver::Outbox> outbox;
    std::unique_ptr<search::SearchIndex> index;

  private:
    void open() {
        auto opened_index = search::SearchIndex::openFile(folder / "search.db");
        REQUIRE(opened_index);
        index_database = std::move(*opened_index);
        auto opened = storage::Database::open(options_, app::allMigrations());
        REQUIRE(opened);
        database = std::move(*opened);
        dictionary = std::make_unique<storage::Dictionary>();
        message_ledger = std::make_unique<messages::MessageLedger>(*dictionary, clock);
        outbox_ledger = std::make_unique<deliver::OutboxLedger>(*dictionary, clock);
        commit = std::make_unique<commit::Commit>(
            *database, clock, random,
            std::vector<pipeline::Ledger*>{message_ledger.get(), &dead_letter_ledger,
                                           &rollup_ledger, outbox_ledger.get(),
                                           &checkpoint_ledger});
        queries = std::make_unique<messages::MessageQueries>(*database, clock);
        outbox = std::make_unique<deliver::Outbox>(*database, *dictionary, clock);
        index = std::make_unique<search::SearchIndex>(*database, *index_database, clock);
    }

    storage::DatabaseOptions options_;
};

} // namespace hearback::testing
