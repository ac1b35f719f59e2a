#include "runtime/kv_store.h"

#include "base/utf8.h"
#include "storage/sql.h"

namespace hearback::runtime {

using soci::into;
using soci::use;

namespace {

// What both engines keep as it is.
bool isKey(const std::string& key) {
    return !key.empty() && key.size() <= KvStore::kKeyMax && base::isUtf8(key) &&
           key.find('\0') == std::string::npos;
}

} // namespace

storage::Migration kvMigration() {
    return {"runtime",
            1,
            {"CREATE TABLE plugin_kv (instance TEXT NOT NULL, key TEXT NOT NULL, "
             "value $bytes NOT NULL, PRIMARY KEY (instance, key)) $clustered"}};
}

base::Result<std::optional<std::string>> KvStore::get(const std::string& instance,
                                                      const std::string& key) {
    if (!isKey(key)) return std::optional<std::string>();
    return database_.query<std::optional<std::string>>(
        "read a plugin's value", [&](storage::Session& session) -> std::optional<std::string> {
            std::string value;
            session.sql() << "SELECT value FROM plugin_kv WHERE instance = :i AND key = :k",
                storage::intoBytes(session.sql(), value), use(instance), use(key);
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
                 into(key), storage::intoBytes(session.sql(), value), use(instance));
            rows.execute();
            while (rows.fetch()) values[key] = value;
            return values;
        });
}

base::Result<void> KvStore::set(const std::string& instance, const std::string& key,
                                const std::string& value) {
    if (!key.empty() && key.size() <= kKeyMax && !isKey(key))
        return base::Error{base::Code::Invalid, "a key is UTF-8 without zero bytes"};
    if (!isKey(key) || value.size() > kValueMax)
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
            use(instance), use(key), storage::useBytes(tx.sql(), value);
    });
}

base::Result<void> KvStore::remove(const std::string& instance, const std::string& key) {
    if (!isKey(key)) return {};
    return database_.write("remove a plugin's value", [&](storage::Transaction& tx) {
        tx.sql() << "DELETE FROM plugin_kv WHERE instance = :i AND key = :k", use(instance),
            use(key);
    });
}

} // namespace hearback::runtime
