// Which column of a record (a row, a JSON object) is which field of a message. Columns with usual
// names are found by themselves, the settings overrule, the rest becomes attributes.
#pragma once

#include <hearback/sdk/message_out.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearback::mapping {

enum class Target {
    ExternalId,
    Text,
    Subject,
    OccurredAt,
    EditedAt,
    Language,
    Channel,
    Kind,
    Rating,
    AuthorId,
    AuthorHandle,
    AuthorName,
    AuthorFollowers,
    Conversation,
    Parent,
    Permalink,
    Attribute,
    Ignored
};

struct MappingSettings {
    std::map<std::string, std::string> columns; // field to column
    std::string channel;                        // of rows that name none
    double rating_min = 1;
    double rating_max = 5;
};

class FieldMapping {
  public:
    using Cells = std::vector<std::pair<std::string_view, std::string_view>>; // column, value

    // A mistake in the settings: a field that does not exist; or nothing.
    static std::optional<std::string> check(const MappingSettings& settings);

    explicit FieldMapping(MappingSettings settings) : settings_(std::move(settings)) {}

    // Adds a message made of one row; `fallback_id` is its id where no column has one. Why it is
    // no message, or nothing.
    std::optional<std::string> add(const Cells& cells, const std::string& fallback_id,
                                   BatchOut& batch);
    // Does one of these columns hold an id?
    bool hasId(const std::vector<std::string>& columns);

  private:
    Target targetOf(std::string_view column);
    Target findTarget(std::string_view column) const;
    std::vector<Target> targetsOf(const Cells& cells);

    MappingSettings settings_;
    std::map<std::string, Target, std::less<>> known_; // what columns turned out to be
};

} // namespace hearback::mapping
