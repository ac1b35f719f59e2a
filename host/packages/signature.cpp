#include "packages/signature.h"

#include "base/file.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sodium.h>
#include <sstream>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace hearback::packages {

namespace {

using base::Code;
using base::Error;

constexpr std::string_view kPublic = "ed25519:";
constexpr std::string_view kSecret = "hearback-secret-ed25519:";
constexpr std::string_view kHead = "hearback signature 1";
constexpr std::size_t kFileMax = 4096;
constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL;

template <std::size_t N>
std::string encode(const std::array<unsigned char, N>& bytes) {
    std::array<char, sodium_base64_ENCODED_LEN(N, kBase64)> text{};
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kBase64);
    return text.data();
}

template <std::size_t N>
std::optional<std::array<unsigned char, N>> decode(std::string_view text) {
    std::array<unsigned char, N> bytes{};
    std::size_t size = 0;
    const char* end = nullptr;
    const bool is_read = sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(),
                                           nullptr, &size, &end, kBase64) == 0;
    if (!is_read || size != N || end != text.data() + text.size()) return std::nullopt;
    return bytes;
}

using PublicBytes = std::array<unsigned char, crypto_sign_PUBLICKEYBYTES>;
using SecretBytes = std::array<unsigned char, crypto_sign_SECRETKEYBYTES>;
using Seed = std::array<unsigned char, crypto_sign_SEEDBYTES>;
using Signature = std::array<unsigned char, crypto_sign_BYTES>;

std::optional<PublicBytes> publicBytes(std::string_view text) {
    if (!text.starts_with(kPublic)) return std::nullopt;
    return decode<std::tuple_size_v<PublicBytes>>(text.substr(kPublic.size()));
}

const unsigned char* bytesOf(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Keys keysOf(const Seed& seed) {
    PublicBytes open{};
    SecretBytes secret{};
    crypto_sign_seed_keypair(open.data(), secret.data(), seed.data());
    return {std::string(kPublic) + encode(open), std::string(kSecret) + encode(seed)};
}

// "NAME VALUE" on a line of its own.
std::string valueOf(const std::string& text, std::string_view name) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ' ')
            return line.substr(name.size() + 1);
    return {};
}

} // namespace

Keys makeKeys() {
    if (sodium_init() < 0) std::abort();
    Seed seed{};
    randombytes_buf(seed.data(), seed.size());
    return keysOf(seed);
}

base::Result<Keys> readKeys(const std::filesystem::path& file) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return Error{Code::Invalid, file.string() +
                                        " is a secret that others may read: chmod 600 " +
                                        file.string()};
    const auto text = base::readFile(file, kFileMax);
    if (!text) return text.error();
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(kSecret)) continue;
        const auto seed = decode<std::tuple_size_v<Seed>>(line.substr(kSecret.size()));
        if (seed) return keysOf(*seed);
    }
    return Error{Code::Invalid, file.string() + " holds no secret key: `hearback plugin keygen " +
                                    file.string() + "` makes one"};
}

bool isPublicKey(const std::string& text) { return publicBytes(text).has_value(); }

std::string statementOf(const loader::PluginFile& file) {
    std::string text = "hearback plugin 1\nsha256 " + file.hash + "\n";
    std::vector<std::string> plugins;
    for (const loader::PluginManifest& plugin : file.manifest.plugins)
        plugins.push_back("plugin " + plugin.id + " " + plugin.version + "\n");
    std::sort(plugins.begin(), plugins.end());
    for (const std::string& plugin : plugins) text += plugin;
    return text;
}

std::filesystem::path signatureFile(const std::filesystem::path& plugin) {
    return plugin.native() + ".sig";
}

base::Result<void> sign(const loader::PluginFile& file, const Keys& keys) {
    const auto seed =
        decode<std::tuple_size_v<Seed>>(std::string_view(keys.secret_key).substr(kSecret.size()));
    if (!seed) return Error{Code::Invalid, "the secret key is none"};
    PublicBytes open{};
    SecretBytes secret{};
    crypto_sign_seed_keypair(open.data(), secret.data(), seed->data());
    const std::string statement = statementOf(file);
    Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, bytesOf(statement), statement.size(),
                         secret.data());
    return base::writeFile(signatureFile(file.path), std::string(kHead) + "\nsigner " +
                                                         keys.public_key + "\nsignature " +
                                                         encode(signature) + "\n");
}

base::Result<std::optional<PublicKey>> signerOf(const loader::PluginFile& file) {
    const std::filesystem::path where = signatureFile(file.path);
    std::error_code error;
    if (!std::filesystem::exists(where, error)) return std::optional<PublicKey>();
    const auto text = base::readFile(where, kFileMax);
    if (!text) return text.error();
    const std::string signer = valueOf(*text, "signer");
    const auto key = publicBytes(signer);
    const auto signature = decode<std::tuple_size_v<Signature>>(valueOf(*text, "signature"));
    if (!text->starts_with(kHead) || !key || !signature)
        return Error{Code::Invalid, where.string() + " is no signature"};
    const std::string statement = statementOf(file);
    if (crypto_sign_verify_detached(signature->data(), bytesOf(statement), statement.size(),
                                    key->data()) != 0)
        return Error{Code::Invalid, where.string() + " is not a signature of " +
                                        file.path.string() + " as it is now"};
    return std::optional(signer);
}

} // namespace hearback::packages
