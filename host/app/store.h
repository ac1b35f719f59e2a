// The data of an installation, opened: what the commands that only read need, and the foundation of
// those that write.
#pragma once

#include "app/environment.h"
#include "config/settings.h"
#include "dead_letters/dead_letters.h"
#include "deliver/action_orders.h"
#include "deliver/outbox.h"
#include "messages/message_queries.h"
#include "runtime/kv_store.h"
#include "search/search_index.h"
#include "storage/database.h"
#include "storage/dictionary.h"

#include <memory>
#include <vector>

namespace hearback::app {

// The tables of all rooms, in the order in which they are made.
std::vector<storage::Migration> allMigrations();
// Where the settings say that the data is.
base::Result<storage::DatabaseOptions> databaseOptions(const config::Settings& settings);

class Store {
  public:
    static base::Result<std::unique_ptr<Store>> open(const config::Settings& settings,
                                                     Environment& environment);

    storage::Database& database() { return *main_; }
    storage::Dictionary& dictionary() { return dictionary_; }
    messages::MessageQueries& messages() { return messages_; }
    deliver::Outbox& outbox() { return outbox_; }
    deliver::ActionOrders& actions() { return actions_; }
    search::SearchIndex& search() { return search_; }
    runtime::KvStore& kv() { return kv_; }

  private:
    Store(std::unique_ptr<storage::Database> index, std::unique_ptr<storage::Database> main,
          Environment& environment);

    std::unique_ptr<storage::Database> index_;
    std::unique_ptr<storage::Database> main_;
    storage::Dictionary dictionary_;
    messages::MessageQueries messages_;
    deliver::Outbox outbox_;
    deliver::ActionOrders actions_;
    search::SearchIndex search_;
    runtime::KvStore kv_;
};

} // namespace hearback::app
