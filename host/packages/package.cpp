#include "packages/package.h"

#include "base/file.h"
#include "packages/signature.h"

#include <Poco/Zip/Compress.h>
#include <Poco/Zip/ZipArchive.h>
#include <Poco/Zip/ZipStream.h>

#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace hearback::packages {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t kFilesMax = 1000;
constexpr const char* kContents = "package.json";

Error invalid(const std::filesystem::path& package, const std::string& what) {
    return {Code::Invalid, package.string() + " " + what};
}

// A name within the folder, as it stands: no root, no "..", no "".
bool isPlain(const std::string& name) {
    const std::filesystem::path path(name);
    if (name.empty() || name.find('\\') != std::string::npos || path.is_absolute()) return false;
    for (const auto& part : path)
        if (part == ".." || part == "." || part.empty()) return false;
    return true;
}

base::Result<void> unpackInto(const std::filesystem::path& package,
                              const std::filesystem::path& folder) {
    std::ifstream in(package, std::ios::binary);
    if (!in) return Error{Code::NotFound, package.string() + " cannot be read"};
    Poco::Zip::ZipArchive archive(in);
    std::size_t files = 0;
    std::size_t left = kPackageMax;
    for (auto each = archive.headerBegin(); each != archive.headerEnd(); ++each) {
        const std::string& name = each->second.getFileName();
        if (each->second.isDirectory()) continue;
        if (!isPlain(name)) return invalid(package, "names a file outside of itself: " + name);
        if (++files > kFilesMax) return invalid(package, "has too many files");
        in.clear();
        Poco::Zip::ZipInputStream entry(in, each->second);
        const std::filesystem::path to = folder / name;
        std::filesystem::create_directories(to.parent_path());
        std::ofstream out(to, std::ios::binary);
        std::vector<char> block(1 << 16);
        while (entry.read(block.data(), static_cast<std::streamsize>(block.size())),
               entry.gcount() > 0) {
            const auto size = static_cast<std::size_t>(entry.gcount());
            if (size > left) return invalid(package, "is too large when it is unpacked");
            left -= size;
            out.write(block.data(), entry.gcount());
        }
        if (!out.flush()) return Error{Code::Unavailable, to.string() + " cannot be written"};
        if (!entry.crcValid()) return invalid(package, "is damaged: " + name);
    }
    return {};
}

// The plugin in an unpacked package, as its contents say.
base::Result<loader::PluginFile> pluginIn(const std::filesystem::path& package,
                                          const std::filesystem::path& folder) {
    const auto text = base::readFile(folder / kContents, 1 << 20);
    const auto contents = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
    if (!contents.is_object() || contents.value("format", 0) != 1 || !contents.contains("plugin") ||
        !contents["plugin"].is_string())
        return invalid(package, "is no plugin package of format 1");
    const auto name = contents["plugin"].get<std::string>();
    if (!isPlain(name)) return invalid(package, "names a file outside of itself: " + name);
    // A program is run as it is; nothing else in the folder has to be.
    for (const auto& each : contents.value("programs", nlohmann::json::array()))
        if (each.is_string() && isPlain(each.get<std::string>())) {
            std::error_code error;
            std::filesystem::permissions(folder / each.get<std::string>(),
                                         std::filesystem::perms::owner_exec |
                                             std::filesystem::perms::group_exec |
                                             std::filesystem::perms::others_exec,
                                         std::filesystem::perm_options::add, error);
        }
    loader::PluginFile plugin = loader::inspectPlugin(folder / name);
    if (!plugin.problem.empty()) return invalid(package, "has a plugin that " + plugin.problem);
    return plugin;
}

} // namespace

base::Result<std::filesystem::path> pack(const loader::PluginFile& plugin,
                                         const std::vector<std::filesystem::path>& for_people,
                                         const std::filesystem::path& folder) {
    const std::filesystem::path home = std::filesystem::absolute(plugin.path).parent_path();
    std::vector<std::filesystem::path> files = {plugin.path};
    for (const auto& part : plugin.parts) files.push_back(part);
    const std::filesystem::path signature = signatureFile(plugin.path);
    std::error_code error;
    if (std::filesystem::exists(signature, error)) files.push_back(signature);
    nlohmann::json contents = {{"format", 1},
                               {"plugin", plugin.path.filename().string()},
                               {"sha256", plugin.hash},
                               {"programs", nlohmann::json::array()}};
    for (const auto& part : plugin.parts)
        contents["programs"].push_back(std::filesystem::relative(part, home).generic_string());
    const auto& first = plugin.manifest.plugins.front();
    const auto package = folder / (first.id + "-" + first.version + ".hbplugin");
    const std::filesystem::path unfinished = package.native() + ".part";
    try {
        std::ofstream out(unfinished, std::ios::binary);
        Poco::Zip::Compress zip(out, true);
        std::set<std::string> names;
        const auto add = [&](const std::filesystem::path& file, const std::string& name) {
            if (!names.insert(name).second) return;
            std::ifstream in(file, std::ios::binary);
            if (!in) throw std::runtime_error(file.string() + " cannot be read");
            zip.addFile(in, Poco::DateTime(), Poco::Path(name, Poco::Path::PATH_UNIX));
        };
        std::istringstream text(contents.dump(2));
        zip.addFile(text, Poco::DateTime(), Poco::Path(kContents));
        names.insert(kContents);
        for (const auto& file : files) {
            const auto name = std::filesystem::relative(file, home).generic_string();
            if (!isPlain(name))
                return Error{Code::Invalid, file.string() + " lies outside of " + home.string() +
                                                ": a package holds what is beside its manifest"};
            add(file, name);
        }
        for (const auto& file : for_people) add(file, file.filename().string());
        zip.close();
        if (!out.flush()) throw std::runtime_error(unfinished.string() + " cannot be written");
    } catch (const std::exception& failure) {
        std::filesystem::remove(unfinished, error);
        return Error{Code::Unavailable, failure.what()};
    }
    std::filesystem::rename(unfinished, package, error);
    if (error) return Error{Code::Unavailable, package.string() + ": " + error.message()};
    return package;
}

base::Result<loader::PluginFile> unpack(const std::filesystem::path& package,
                                        const std::filesystem::path& folder) {
    try {
        std::filesystem::create_directories(folder);
        const auto unpacked = unpackInto(package, folder);
        if (!unpacked) return unpacked.error();
        return pluginIn(package, folder);
    } catch (const Poco::Exception& failure) {
        return invalid(package, "is no package: " + failure.displayText());
    } catch (const std::exception& failure) {
        return Error{Code::Unavailable, failure.what()};
    }
}

base::Result<void> replaceFolder(const std::filesystem::path& folder,
                                 const std::filesystem::path& to) {
    std::error_code error;
    if (!std::filesystem::exists(to, error)) {
        std::filesystem::rename(folder, to, error);
        if (error) return Error{Code::Unavailable, to.string() + ": " + error.message()};
        return {};
    }
    if (::renameat2(AT_FDCWD, folder.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) != 0)
        return Error{Code::Unavailable, to.string() + ": " + std::strerror(errno)};
    std::filesystem::remove_all(folder, error);
    return {};
}

} // namespace hearback::packages
