#include "base/file.h"
#include "pipeline/plugins.h"

#include "hearback/v1/action.pb.h"
#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/delivery.pb.h"
#include "hearback/v1/feedback.pb.h"
#include "hearback/v1/host.pb.h"

#include <hearback/sdk/actions.hpp>
#include <hearback/sdk/delivery.hpp>
#include <hearback/sdk/host.hpp>
#include <hearback/sdk/message_out.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>

using namespace hearback;

namespace {

using Numbers = std::map<std::string, int>;

// Every `enum class X : Tag { name = number, ... }` of wire_fields.hpp, as it stands there: a field
// that is added to it is compared without a change here.
std::map<std::string, Numbers> wireMessages() {
    const auto header = base::readFile(
        HEARBACK_SOURCE_DIR "/plugin-sdk/include/hearback/sdk/wire_fields.hpp", 1 << 20);
    REQUIRE(header);
    std::map<std::string, Numbers> messages;
    const std::regex block(R"(enum class (\w+) : Tag \{([^}]*)\})");
    const std::regex entry(R"((\w+) = (\d+))");
    for (std::sregex_iterator at(header->begin(), header->end(), block), end; at != end; ++at) {
        const std::string body = (*at)[2];
        Numbers& numbers = messages[(*at)[1]];
        for (std::sregex_iterator each(body.begin(), body.end(), entry); each != end; ++each)
            numbers[(*each)[1]] = std::stoi((*each)[2]);
        CHECK(std::count(body.begin(), body.end(), '=') ==
              static_cast<std::ptrdiff_t>(numbers.size()));
    }
    return messages;
}

Numbers numbersOf(const google::protobuf::Descriptor& type) {
    Numbers numbers;
    for (int i = 0; i < type.field_count(); ++i)
        numbers[type.field(i)->name()] = type.field(i)->number();
    return numbers;
}

// "KIND_DIRECT_MESSAGE" as the SDK writes it: "DirectMessage".
std::string sdkName(const std::string& name, const std::string& prefix) {
    std::string out;
    bool capital = true;
    for (const char c : name.substr(prefix.size())) {
        if (c != '_') out += static_cast<char>(capital ? c : std::tolower(c));
        capital = c == '_';
    }
    return out;
}

Numbers numbersOf(const google::protobuf::EnumDescriptor& type, const std::string& prefix) {
    Numbers numbers;
    for (int i = 0; i < type.value_count(); ++i)
        numbers[sdkName(type.value(i)->name(), prefix)] = type.value(i)->number();
    return numbers;
}

} // namespace

TEST_CASE("every field number of the SDK is that of the schema", "[sdk]") {
    const auto messages = wireMessages();
    CHECK(messages.size() == 31);
    for (const auto& [name, numbers] : messages) {
        INFO(name);
        CHECK_FALSE(numbers.empty());
        if (name == "MapEntry") {
            const auto* attributes =
                v1::FeedbackMessage::descriptor()->FindFieldByName("attributes");
            CHECK(numbers == numbersOf(*attributes->message_type()));
            continue;
        }
        const auto* type = v1::FeedbackMessage::descriptor()->file()->pool()->FindMessageTypeByName(
            "hearback.v1." + name);
        REQUIRE(type != nullptr);
        CHECK(numbers == numbersOf(*type));
    }
    // That the numbers which were read are those that are compiled.
    CHECK(messages.at("FeedbackMessage").at("received_at_us") ==
          static_cast<int>(wire::FeedbackMessage::received_at_us));
    CHECK(messages.at("IngressReply").at("refused") ==
          static_cast<int>(wire::IngressReply::refused));
}

TEST_CASE("every message that the schema passes to plugins is known to the SDK", "[sdk]") {
    const auto messages = wireMessages();
    // Those that never cross the boundary, or not yet.
    const std::vector<std::string> inside = {"AnnotationSet", "Checkpoint"};
    for (const auto* file :
         {v1::FeedbackMessage::descriptor()->file(), v1::Annotation::descriptor()->file(),
          v1::Route::descriptor()->file(), v1::HttpRequest::descriptor()->file(),
          v1::Action::descriptor()->file()}) {
        for (int i = 0; i < file->message_type_count(); ++i) {
            const std::string& name = file->message_type(i)->name();
            INFO(name);
            const bool is_inside = std::find(inside.begin(), inside.end(), name) != inside.end();
            CHECK((messages.count(name) == 1) != is_inside);
        }
    }
}

TEST_CASE("every value of the SDK's enumerations is that of the schema", "[sdk]") {
    const auto number = [](auto value) { return static_cast<int>(value); };
    CHECK(Numbers{{"Unspecified", number(Kind::Unspecified)},
                  {"Comment", number(Kind::Comment)},
                  {"Review", number(Kind::Review)},
                  {"DirectMessage", number(Kind::DirectMessage)},
                  {"Mention", number(Kind::Mention)},
                  {"Mail", number(Kind::Mail)},
                  {"SurveyAnswer", number(Kind::SurveyAnswer)},
                  {"Post", number(Kind::Post)}} == numbersOf(*v1::Kind_descriptor(), "KIND_"));
    CHECK(Numbers{{"Plain", number(TextFormat::Plain)}, {"Html", number(TextFormat::Html)}} ==
          numbersOf(*v1::TextFormat_descriptor(), "TEXT_FORMAT_"));
    CHECK(Numbers{{"Normal", number(Priority::Normal)},
                  {"Low", number(Priority::Low)},
                  {"High", number(Priority::High)},
                  {"Urgent", number(Priority::Urgent)}} ==
          numbersOf(*v1::Priority_descriptor(), "PRIORITY_"));
    CHECK(Numbers{{"Unspecified", number(ActionKind::Unspecified)},
                  {"Reply", number(ActionKind::Reply)},
                  {"PrivateReply", number(ActionKind::PrivateReply)},
                  {"Hide", number(ActionKind::Hide)},
                  {"Unhide", number(ActionKind::Unhide)},
                  {"Delete", number(ActionKind::Delete)},
                  {"Like", number(ActionKind::Like)},
                  {"Unlike", number(ActionKind::Unlike)},
                  {"MarkRead", number(ActionKind::MarkRead)},
                  {"Tag", number(ActionKind::Tag)},
                  {"BlockAuthor", number(ActionKind::BlockAuthor)}} ==
          numbersOf(*v1::ActionKind_descriptor(), "ACTION_KIND_"));
    CHECK(Numbers{{"Unspecified", number(ActionState::Unspecified)},
                  {"Done", number(ActionState::Done)},
                  {"Pending", number(ActionState::Pending)},
                  {"Rejected", number(ActionState::Rejected)}} ==
          numbersOf(*v1::ActionState_descriptor(), "ACTION_STATE_"));
    CHECK(Numbers{{"Unspecified", number(Visibility::Unspecified)},
                  {"Public", number(Visibility::Public)},
                  {"Hidden", number(Visibility::Hidden)},
                  {"Deleted", number(Visibility::Deleted)}} ==
          numbersOf(*v1::Visibility_descriptor(), "VISIBILITY_"));
    CHECK(Numbers{{"Unspecified", number(TextUnit::Unspecified)},
                  {"Bytes", number(TextUnit::Bytes)},
                  {"CodePoints", number(TextUnit::CodePoints)},
                  {"Graphemes", number(TextUnit::Graphemes)},
                  {"Utf16Units", number(TextUnit::Utf16Units)}} ==
          numbersOf(*v1::TextUnit_descriptor(), "TEXT_UNIT_"));
    CHECK(Numbers{{"Unspecified", number(Idempotency::Unspecified)},
                  {"VendorKey", number(Idempotency::VendorKey)},
                  {"NaturalKey", number(Idempotency::NaturalKey)},
                  {"LookBeforeWrite", number(Idempotency::LookBeforeWrite)},
                  {"None", number(Idempotency::None)}} ==
          numbersOf(*v1::Idempotency_descriptor(), "IDEMPOTENCY_"));
    CHECK(Numbers{{"Unspecified", number(OAuthGrant::Unspecified)},
                  {"RefreshToken", number(OAuthGrant::RefreshToken)},
                  {"ClientCredentials", number(OAuthGrant::ClientCredentials)}} ==
          numbersOf(*v1::OAuthGrant_descriptor(), "OAUTH_GRANT_"));
}

TEST_CASE("a status of the boundary is the same number within the host", "[sdk]") {
    using pipeline::Verdict;
    const std::vector<std::pair<hb_status, Verdict>> all = {{HB_OK, Verdict::Ok},
                                                            {HB_AGAIN, Verdict::Again},
                                                            {HB_END, Verdict::End},
                                                            {HB_RATE_LIMITED, Verdict::RateLimited},
                                                            {HB_UNAVAILABLE, Verdict::Unavailable},
                                                            {HB_AUTH, Verdict::Auth},
                                                            {HB_CONFIG, Verdict::Config},
                                                            {HB_ITEM_INVALID, Verdict::ItemInvalid},
                                                            {HB_CONFLICT, Verdict::Conflict},
                                                            {HB_UNSUPPORTED, Verdict::Unsupported},
                                                            {HB_CANCELLED, Verdict::Cancelled},
                                                            {HB_INTERNAL, Verdict::Internal},
                                                            {HB_LIMIT, Verdict::Limit}};
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(all[i].first == static_cast<hb_status>(i));
        CHECK(all[i].first == static_cast<hb_status>(all[i].second));
    }
}
