#include "storage/postgres_url.h"

#include <libpq-fe.h>

#include <map>
#include <memory>

namespace hearback::storage {

namespace {

// Without these a connection to a machine that is gone is noticed after two hours. What the address
// itself says is taken.
const std::map<std::string, std::string> kDefaults = {
    {"application_name", "hearback"}, {"client_encoding", "UTF8"},
    {"connect_timeout", "5"},         {"keepalives", "1"},
    {"keepalives_idle", "10"},        {"keepalives_interval", "5"},
    {"keepalives_count", "3"},        {"tcp_user_timeout", "20000"}};

std::string quoted(const std::string& value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

} // namespace

base::Result<PostgresTarget> readPostgresUrl(const std::string& url, const std::string& password) {
    char* problem = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(
        PQconninfoParse(url.c_str(), &problem));
    const std::unique_ptr<char, decltype(&PQfreemem)> problem_owner(problem, &PQfreemem);
    // The library's own words repeat the address, which may hold a password.
    if (!options)
        return base::Error{base::Code::Invalid,
                           "the address of the database cannot be read: it must look like "
                           "postgresql://user@host:5432/database"};
    std::map<std::string, std::string> words = kDefaults;
    for (const PQconninfoOption* each = options.get(); each->keyword != nullptr; ++each)
        if (each->val != nullptr) words[each->keyword] = each->val;
    if (!password.empty()) words["password"] = password;
    PostgresTarget target;
    for (const auto& [keyword, value] : words)
        target.conninfo += keyword + "=" + quoted(value) + " ";
    const std::string host = words.contains("host") ? words["host"] : "localhost";
    target.name = "PostgreSQL at " + host + ", database " + words["dbname"];
    return target;
}

} // namespace hearback::storage
