#include "app/findings.h"

#include "config/secrets.h"
#include "egress/certificates.h"

#include "hearback/sdk/time.hpp"

#include <cerrno>
#include <cstring>
#include <functional>
#include <sys/stat.h>
#include <unistd.h>

namespace hearback::app {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMiB = 1 << 20;
constexpr std::uintmax_t kSpaceNeeded = 200 * kMiB;
constexpr std::uintmax_t kSpaceWanted = 1024 * kMiB;
constexpr base::Micros kCertificateAhead = 21 * base::kDay;
constexpr base::Micros kClockPatience = base::kMinute;

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

std::optional<struct stat> statOf(const fs::path& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) return std::nullopt;
    return facts;
}

void examineSpace(const fs::path& folder, Findings& findings) {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (error || space.available >= kSpaceWanted) return;
    findings.push_back({space.available < kSpaceNeeded ? Severity::Error : Severity::Warning,
                        "disk",
                        std::to_string(space.available / kMiB) + " MiB are left for " +
                            folder.string() + "; when nothing is left, nothing more is stored.",
                        "make room: df -h " + quoted(folder)});
}

// Private files: of whoever runs the server, and closed to everybody else.
void examinePrivate(const fs::path& path, const char* about, Findings& findings) {
    const auto facts = statOf(path);
    if (!facts || (facts->st_mode & (S_IROTH | S_IWOTH)) == 0) return;
    findings.push_back({Severity::Warning, about,
                        path.string() + " is open to every user of this machine.",
                        "chmod o= " + quoted(path)});
}

void examineDataFolder(const config::Settings& settings, base::Micros now, Findings& findings) {
    const auto folder = statOf(settings.data_dir);
    if (!folder) {
        findings.push_back({Severity::Note, "data",
                            settings.data_dir.string() + " is not there: the first start makes it.",
                            ""});
        return;
    }
    examinePrivate(settings.data_dir, "data", findings);
    if (::access(settings.data_dir.c_str(), W_OK | X_OK) != 0)
        findings.push_back(
            {Severity::Error, "data",
             "this user cannot write into " + settings.data_dir.string() + ": " +
                 std::strerror(errno) + ".",
             "run this as the user of the server, or: chown -R USER " + quoted(settings.data_dir)});
    for (const char* name : {"hearback.db", "hearback.db-wal", "search.db", "running"}) {
        const fs::path file = settings.data_dir / name;
        const auto facts = statOf(file);
        if (!facts) continue;
        examinePrivate(file, "data", findings);
        if (facts->st_uid != folder->st_uid)
            findings.push_back(
                {Severity::Error, "data",
                 file.string() + " belongs to another user than its folder, so that "
                                 "the server may not be able to write it.",
                 "chown --reference=" + quoted(settings.data_dir) + " " + quoted(file)});
        if (facts->st_mtim.tv_sec * base::kSecond > now + kClockPatience)
            findings.push_back({Severity::Warning, "clock",
                                file.string() + " was written in the future: the clock of this "
                                                "machine was set back, or is wrong.",
                                "timedatectl"});
    }
}

void eachSecret(const config::Value& value, const std::function<void(const std::string&)>& use) {
    if (const auto* text = std::get_if<std::string>(&value.content)) {
        if (config::isSecretReference(*text)) use(*text);
    } else if (const auto* list = std::get_if<config::Value::List>(&value.content)) {
        for (const config::Value& each : *list) eachSecret(each, use);
    } else if (const auto* table = std::get_if<config::Value::Table>(&value.content)) {
        for (const auto& [name, each] : *table) eachSecret(each, use);
    }
}

void examineSecrets(const config::Settings& settings, Findings& findings) {
    const fs::path folder = fs::absolute(settings.file).parent_path();
    for (const auto* list : {&settings.sources, &settings.classifiers, &settings.sinks})
        for (const config::PluginSettings& plugin : *list)
            eachSecret(plugin.settings, [&](const std::string& reference) {
                const fs::path file = config::secretFile(reference, folder);
                if (!file.empty()) examinePrivate(file, "secrets", findings);
            });
}

void examineTls(const config::HttpSettings& http, const char* about, base::Micros now,
                Findings& findings) {
    if (http.tls_certificate.empty()) return;
    examinePrivate(http.tls_key, about, findings);
    const auto ends_at = egress::certificateEndsAt(http.tls_certificate);
    const std::string what = "the certificate " + http.tls_certificate.string();
    const std::string todo = "renew it, then restart the server: its files are read at the start";
    if (!ends_at)
        findings.push_back(
            {Severity::Error, about, what + " cannot be used: " + ends_at.error().message, todo});
    else if (*ends_at <= now)
        findings.push_back({Severity::Error, about,
                            what + " ended on " + formatRfc3339(*ends_at).substr(0, 10) + ".",
                            todo});
    else if (*ends_at < now + kCertificateAhead)
        findings.push_back({Severity::Warning, about,
                            what + " ends on " + formatRfc3339(*ends_at).substr(0, 10) + ".",
                            todo});
}

} // namespace

const char* nameOf(Severity severity) {
    switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Note: return "note";
    }
    return "unknown";
}

void examineFiles(const config::Settings& settings, base::Micros now, Findings& findings) {
    examineDataFolder(settings, now, findings);
    examineSpace(settings.data_dir, findings);
    examineSecrets(settings, findings);
    const auto file = statOf(settings.file);
    if (file && (file->st_mode & S_IWOTH) != 0)
        findings.push_back({Severity::Error, "configuration",
                            settings.file.string() + " can be changed by every user.",
                            "chmod o-w " + quoted(settings.file)});
    examineTls(settings.http, "http", now, findings);
    examineTls(settings.intake, "intake", now, findings);
    if (settings.trust_all)
        findings.push_back(
            {Severity::Warning, "plugins",
             "every plugin may run, whoever made it: [trust] all is set.",
             "hearback plugin trust PLUGIN for those that you use, and take it out"});
    if (settings.http_recording != config::HttpRecording::Off)
        findings.push_back({Severity::Warning, "http_recording",
                            "what plugins ask of the web is recorded or played back, which is for "
                            "tests only.",
                            "take [http_recording] out of the configuration and restart"});
}

} // namespace hearback::app
