#include "loader/sealed_copy.h"

#include "base/file.h"
#include "loader/catalog.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

namespace hearback::loader {

namespace {

base::Error failed(const std::filesystem::path& file) {
    return {base::Code::Unavailable,
            "cannot copy " + file.string() + " into memory: " + std::string(std::strerror(errno))};
}

bool writeAll(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

} // namespace

std::string hashOf(std::string_view bytes) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                       bytes.size());
    std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text{};
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    return text.data();
}

base::Result<std::shared_ptr<SealedCopy>> SealedCopy::make(const std::filesystem::path& file,
                                                           const std::string& hash) {
    const auto bytes = base::readFile(file, kLibraryMax);
    if (!bytes) return bytes.error();
    if (hashOf(*bytes) != hash)
        return base::Error{base::Code::Conflict,
                           "the plugin " + file.string() +
                               " was changed after it was looked at: start again"};
    const int fd = ::memfd_create("hearback-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return failed(file);
    std::shared_ptr<SealedCopy> copy(new SealedCopy(fd));
    const bool sealed =
        writeAll(fd, *bytes) &&
        ::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
    if (!sealed) return failed(file);
    return copy;
}

SealedCopy::~SealedCopy() {
    if (!is_kept_) ::close(fd_);
}

} // namespace hearback::loader
