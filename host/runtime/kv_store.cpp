#include "runtime/kv_store.h"

#include "storage/sql.h"

namespace hearback::runtime {

using soci::into;
using soci::use;

storage::Migration kvMigration() {
    return {"runtime",
            1,
            {"CREATE TABLE plugin_kv (instance TEXT NOT NULL, key TEXT NOT NULL, "
             "value $bytes NOT NULL, PRIMARY KEY (instance, key)) $clustered"}};
}

base::Result<std::optional<std::string>> KvStore::get(const std::string& instance,
                                                      const std::string& key) {
    return database_.query<std::optional<std::string>>(
        "read a plugin's value", [&](storage::Session& session) -> std::optional<std::string> {
            std::string value;
            session.sql() << "SELECT value FROM plugin_kv WHERE instance = :i AND key = :k",
                into(value), use(instance), use(key);
            if (!session.sql().got_data()) return std::nullopt;
            return value;
        });
}

base::Result<std::map<std::string, std::string>> KvStore::all(const std::string& instance) {
    return database_.query<std::map<std::string, std::string>>(
        "read the values of an instance", [&](storage::Session& session) {
            std::map<std::string, std::string> values;
            std::string key;
            std::string value;
            soci::statement rows =
                (session.sql().prepare << "SELECT key, value FROM plugin_kv WHERE instance = :i",
                 into(key), into(value), use(instance));
            rows.execute();
            while (rows.fetch()) values[key] = value;
            return values;
        });
}

base::Result<void> KvStore::set(const std::string& instance, const std::string& key,
                                const std::string& value) {
    if (key.empty() || key.size() > kKeyMax || value.size() > kValueMax)
        return base::Error{base::Code::Full, "a key takes 1 to " + std::to_string(kKeyMax) +
                                                 " bytes, a value up to " +
                                                 std::to_string(kValueMax)};
    return database_.write("keep a plugin's value", [&](storage::Transaction& tx) {
        long long keys = 0;
        tx.sql() << "SELECT count(*) FROM plugin_kv WHERE instance = :i AND key <> :k", into(keys),
            use(instance), use(key);
        if (keys >= kKeysMax)
            throw storage::StorageFailure(
                {base::Code::Full,
                 "a plugin instance keeps at most " + std::to_string(kKeysMax) + " keys"});
        tx.sql() << "INSERT INTO plugin_kv (instance, key, value) VALUES (:i, :k, :v) "
                    "ON CONFLICT (instance, key) DO UPDATE SET value = excluded.value",
            use(instance), use(key), use(value);
    });
}

base::Result<void> KvStore::remove(const std::string& instance, const std::string& key) {
    return database_.write("remove a plugin's value", [&](storage::Transaction& tx) {
        tx.sql() << "DELETE FROM plugin_kv WHERE instance = :i AND key = :k", use(instance),
            use(key);
    });
}

} // namespace hearback::runtime
