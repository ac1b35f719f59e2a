// Who vouches for a plugin: Ed25519 signatures (RFC 8032) that lie beside the file, FILE.sig.
// Signed is a text that names the hash of everything that runs and the plugins in it, so that a
// signature of one file is none of another.
#pragma once

#include "base/result.h"
#include "loader/catalog.h"

#include <filesystem>
#include <optional>
#include <string>

namespace hearback::packages {

// "ed25519:" and 32 bytes in base64.
using PublicKey = std::string;

struct Keys {
    PublicKey public_key;
    std::string secret_key; // "hearback-secret-ed25519:" and the seed of 32 bytes in base64
};

Keys makeKeys();
// The keys in a file that makeKeys() filled; an error where it is none, or others may read it.
base::Result<Keys> readKeys(const std::filesystem::path& file);
bool isPublicKey(const std::string& text);

// What is signed.
std::string statementOf(const loader::PluginFile& file);

// Where the signature of a plugin's file lies.
std::filesystem::path signatureFile(const std::filesystem::path& plugin);

// Signs and writes the signature beside the file.
base::Result<void> sign(const loader::PluginFile& file, const Keys& keys);
// Who signed the file; none where nobody did. An error where there is a signature that does not
// fit.
base::Result<std::optional<PublicKey>> signerOf(const loader::PluginFile& file);

} // namespace hearback::packages
