// The commands, one file each. Options are what the command line said; every command returns an
// ExitCode and writes its result to standard output, its troubles to standard error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hearback::cli {

struct CommonOptions {
    std::string config; // --config, $HEARBACK_CONFIG or hearback.toml
    bool json = false;
};

struct ServeOptions {
    bool safe_mode = false;          // only plugins of this build
    std::int64_t stop_within_s = 75; // after a signal to stop
};
int runServe(const CommonOptions& common, const ServeOptions& options);
struct CheckOptions {
    bool connect = false; // ask every plugin whether it can work
};
int runCheck(const CommonOptions& common, const CheckOptions& options);
int runDoctor(const CommonOptions& common);
int runReload(const CommonOptions& common);

struct ImportOptions {
    std::string file;
    std::string source;               // empty: the name of the file
    std::string format = "auto";      // auto, csv, ndjson
    std::string encoding = "auto";    // auto, utf-8, latin-1
    std::vector<std::string> columns; // FIELD=COLUMN
    std::string channel;              // of rows that name none
    bool no_deliver = false;
};
int runImport(const CommonOptions& common, const ImportOptions& options);

struct SearchOptions {
    std::vector<std::string> words;
    std::int64_t limit = 20;
    std::int64_t before = 0;
};
int runSearch(const CommonOptions& common, const SearchOptions& options);

int runShow(const CommonOptions& common, std::int64_t id);

struct ReportOptions {
    std::string since;
    std::string until;
    std::string by = "channel,day";
    std::string format = "table"; // table, json, csv
    std::string source;
    std::string channel;
};
int runReport(const CommonOptions& common, const ReportOptions& options);

struct NewPluginOptions {
    std::string name;
    std::string kind = "channel";
    std::string lang = "cpp";
    std::string dir; // empty: ./NAME
};
int runPluginNew(const CommonOptions& common, const NewPluginOptions& options);
struct DevOptions {
    std::string folder = ".";
    bool is_fresh = false;          // forgets what was read before
    bool once = false;              // ends when the source has given what it has
    std::vector<std::string> set;   // "KEY=VALUE" of the plugin's settings
    std::vector<std::string> allow; // "HOST:PORT" that it may reach beside public ones
};
int runPluginDev(const CommonOptions& common, const DevOptions& options);
int runPluginList(const CommonOptions& common);
int runPluginInspect(const CommonOptions& common, const std::string& what);
int runPluginTrust(const CommonOptions& common, const std::string& what);
int runPluginUntrust(const CommonOptions& common, const std::string& what);
int runPluginQuarantine(const CommonOptions& common);
int runPluginRelease(const CommonOptions& common, const std::string& instance);
int runPluginUpgrade(const CommonOptions& common);

struct PackOptions {
    std::string file;
    std::string key;               // signs with it
    std::string out = ".";         // folder
    std::vector<std::string> with; // further files for people
};
int runPluginKeygen(const CommonOptions& common, const std::string& file);
int runPluginSign(const CommonOptions& common, const std::string& file, const std::string& key);
int runPluginPack(const CommonOptions& common, const PackOptions& options);
int runPluginInstall(const CommonOptions& common, const std::string& package, bool may_run);
int runPluginTrustSigner(const CommonOptions& common, const std::string& key,
                         const std::string& name);
int runPluginUntrustSigner(const CommonOptions& common, const std::string& key);

struct LetterOptions {
    std::string source;
    std::int64_t limit = 100;
    bool all = false;
    std::vector<std::int64_t> ids;
};
int runLettersList(const CommonOptions& common, const LetterOptions& options);
int runLettersShow(const CommonOptions& common, std::int64_t id);
int runLettersReplay(const CommonOptions& common, const LetterOptions& options);

int runRouteExplain(const CommonOptions& common, std::int64_t id);

int runBackup(const CommonOptions& common, const std::string& file);
int runRestore(const CommonOptions& common, const std::string& file);
struct DbCopyOptions {
    std::string from; // empty: the database of the configuration
    std::string to;
};
int runDbCopy(const CommonOptions& common, const DbCopyOptions& options);

int runVersion(const CommonOptions& common);

} // namespace hearback::cli
