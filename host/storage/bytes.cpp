#include "storage/sql.h"

#include <string_view>

namespace hearback::storage {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// https://www.postgresql.org/docs/15/datatype-binary.html: \x and two digits for each byte.
void toHex(const std::string& bytes, std::string& hex) {
    hex.resize(2 + bytes.size() * 2);
    hex[0] = '\\';
    hex[1] = 'x';
    char* at = hex.data() + 2;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        *at++ = kDigits[byte >> 4U];
        *at++ = kDigits[byte & 15U];
    }
}

unsigned valueOf(char digit) {
    const auto at = kDigits.find(digit);
    if (at == std::string_view::npos)
        throw StorageFailure({base::Code::Corrupt, "a column of bytes holds something else"});
    return static_cast<unsigned>(at);
}

void fromHex(const std::string& hex, std::string& bytes) {
    if (!hex.starts_with("\\x") || hex.size() % 2 != 0)
        throw StorageFailure({base::Code::Corrupt, "a column of bytes holds something else"});
    bytes.resize(hex.size() / 2 - 1);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(valueOf(hex[2 * i + 2]) << 4U | valueOf(hex[2 * i + 3]));
}

class UseHex final : public soci::details::standard_use_type {
  public:
    explicit UseHex(const std::string& value)
        : standard_use_type(&hex_, soci::details::x_stdstring, true), value_(value) {}

  private:
    void convert_to_base() override { toHex(value_, hex_); }

    const std::string& value_;
    std::string hex_;
};

class IntoHex final : public soci::details::standard_into_type {
  public:
    explicit IntoHex(std::string& value)
        : standard_into_type(&hex_, soci::details::x_stdstring), value_(value) {}

  private:
    void convert_from_base() override { fromHex(hex_, value_); }

    std::string& value_;
    std::string hex_;
};

bool isPostgres(soci::session& sql) { return sql.get_backend_name() == "postgresql"; }

} // namespace

BytesInUse useBytes(soci::session& sql, const std::string& value) {
    if (isPostgres(sql)) return {soci::details::use_type_ptr(new UseHex(value))};
    return {soci::details::use_type_ptr(new soci::details::use_type<std::string>(value))};
}

soci::details::into_type_ptr intoBytes(soci::session& sql, std::string& value) {
    if (isPostgres(sql)) return soci::details::into_type_ptr(new IntoHex(value));
    return soci::details::into_type_ptr(new soci::details::into_type<std::string>(value));
}

} // namespace hearback::storage
