#include "app/store.h"

#include "runtime/quarantine.h"
#include "runtime/upgrade_notes.h"

#include "commit/checkpoints.h"
#include "config/secrets.h"
#include "deliver/outbox_ledger.h"
#include "history/reclassify_run.h"
#include "leases/leases.h"
#include "messages/messages_store.h"
#include "trends/rollup_ledger.h"

namespace hearback::app {

std::vector<storage::Migration> allMigrations() {
    std::vector<storage::Migration> all;
    all.push_back(storage::Dictionary::migration());
    for (storage::Migration& migration : messages::migrations()) all.push_back(migration);
    all.push_back(trends::rollupMigration());
    for (storage::Migration& migration : deliver::outboxMigrations()) all.push_back(migration);
    all.push_back(dead_letters::migration());
    all.push_back(leases::migration());
    for (storage::Migration& migration : commit::checkpointMigrations()) all.push_back(migration);
    all.push_back(runtime::kvMigration());
    all.push_back(runtime::quarantineMigration());
    all.push_back(runtime::upgradeNotesMigration());
    all.push_back(history::runMigration());
    return all;
}

base::Result<storage::DatabaseOptions> databaseOptions(const config::Settings& settings) {
    storage::DatabaseOptions options;
    options.file = settings.data_dir / "hearback.db";
    options.url = settings.storage.url;
    if (!settings.storage.password.empty()) {
        const auto password =
            config::resolveSecret(settings.storage.password, settings.storage.folder);
        if (!password)
            return base::Error{password.error().code,
                               "storage.password: " + password.error().message};
        options.password = *password;
    }
    return options;
}

base::Result<std::unique_ptr<Store>> Store::open(const config::Settings& settings,
                                                 Environment& environment) {
    auto index = search::SearchIndex::openFile(settings.data_dir / "search.db");
    if (!index) return index.error();
    const auto options = databaseOptions(settings);
    if (!options) return options.error();
    auto main = storage::Database::open(*options, allMigrations());
    if (!main) return main.error();
    std::unique_ptr<Store> store(new Store(std::move(*index), std::move(*main), environment));
    const auto verified = store->search_.verify();
    if (!verified) return verified.error();
    return store;
}

Store::Store(std::unique_ptr<storage::Database> index, std::unique_ptr<storage::Database> main,
             Environment& environment)
    : index_(std::move(index)), main_(std::move(main)), messages_(*main_, environment.clock),
      outbox_(*main_, dictionary_, environment.clock),
      actions_(*main_, dictionary_, environment.clock), search_(*main_, *index_, environment.clock),
      kv_(*main_) {}

} // namespace hearback::app
