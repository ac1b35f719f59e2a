#include "hearback/mapping/field_mapping.h"

#include "hearback/v1/feedback.pb.h"

#include <catch2/catch.hpp>

using namespace hearback;
using mapping::FieldMapping;
using mapping::MappingSettings;

namespace {

using Record = std::vector<std::pair<std::string, std::string>>;

// Maps records one after the other, as a channel does.
class MappedRecords {
  public:
    explicit MappedRecords(MappingSettings settings = {}) : mapping_(std::move(settings)) {}

    // Why it is no message; empty where it is one.
    std::string add(const Record& record) {
        FieldMapping::Cells cells;
        for (const auto& [column, value] : record) cells.emplace_back(column, value);
        return mapping_.add(cells, "fallback", batch_).value_or("");
    }
    v1::FeedbackMessage message(const Record& record) {
        REQUIRE(add(record) == "");
        v1::FeedbackBatch batch;
        REQUIRE(batch.ParseFromString(batch_.bytes()));
        REQUIRE(batch.messages_size() > 0);
        return batch.messages(batch.messages_size() - 1);
    }
    std::size_t size() const { return batch_.size(); }

  private:
    FieldMapping mapping_;
    BatchOut batch_;
};

std::string attributesOf(const v1::FeedbackMessage& message) {
    const std::map<std::string, std::string> sorted(message.attributes().begin(),
                                                    message.attributes().end());
    std::string text;
    for (const auto& [key, value] : sorted) text += key + "=" + value + ";";
    return text;
}

} // namespace

TEST_CASE("columns with usual names are found by themselves", "[mapping]") {
    const auto message = MappedRecords().message({{"Review ID", "7"},
                                                  {"review_text", "The lamp flickers."},
                                                  {"Title", "Lamp"},
                                                  {"created_at", "2015-02-17 07:36:05"},
                                                  {"updated-at", "2015-02-18T07:36:05Z"},
                                                  {"Lang", "en"},
                                                  {"Platform", "App Store"},
                                                  {"kind", "review"},
                                                  {"Stars", "4.5"},
                                                  {"user_id", "u1"},
                                                  {"screen name", "@ada"},
                                                  {"Customer Name", "Ada"},
                                                  {"followers", "12"},
                                                  {"thread_id", "t1"},
                                                  {"in_reply_to", "6"},
                                                  {"URL", "https://example.org/7"}});
    CHECK(message.external_id() == "7");
    CHECK(message.text() == "The lamp flickers.");
    CHECK(message.subject() == "Lamp");
    CHECK(message.occurred_at_us() == 1424158565000000);
    CHECK(message.edited_at_us() == 1424244965000000);
    CHECK(message.revision() == 1424244965000000);
    CHECK(message.language() == "en");
    CHECK(message.channel() == "App Store");
    CHECK(message.kind() == v1::KIND_REVIEW);
    CHECK(message.rating().value() == 4.5);
    CHECK(message.rating().scale_min() == 1);
    CHECK(message.rating().scale_max() == 5);
    CHECK(message.author().external_id() == "u1");
    CHECK(message.author().handle() == "@ada");
    CHECK(message.author().display_name() == "Ada");
    CHECK(message.author().followers() == 12);
    CHECK(message.conversation_key() == "t1");
    CHECK(message.parent_external_id() == "6");
    CHECK(message.permalink() == "https://example.org/7");
    CHECK(attributesOf(message) == "");
}

TEST_CASE("what has no field becomes an attribute and what the host says is left out",
          "[mapping]") {
    const auto message = MappedRecords().message({{"text", "x"},
                                                  {"App Version", " 1.2 "},
                                                  {"attributes.brand", "acme"},
                                                  {"empty", " \t "},
                                                  {"source", "another"},
                                                  {"received_at_us", "7"}});
    CHECK(attributesOf(message) == "App Version=1.2;brand=acme;");
    CHECK(message.source().empty());
}

TEST_CASE("the settings overrule the usual names", "[mapping]") {
    MappingSettings settings;
    settings.columns = {{"text", "Kommentar"},
                        {"subject", "text"},
                        {"attributes.headline", "title"},
                        {"rating", "Note"}};
    settings.channel = "survey";
    settings.rating_min = 0;
    settings.rating_max = 10;
    const auto message = MappedRecords(settings).message({{"text", "a subject"},
                                                          {"comment", "an attribute"},
                                                          {"Kommentar", "the text"},
                                                          {"title", "big"},
                                                          {"stars", "3"},
                                                          {"Note", "9"}});
    CHECK(message.text() == "the text");
    CHECK(message.subject() == "a subject");
    CHECK(message.channel() == "survey");
    CHECK(message.rating().value() == 9);
    CHECK(message.rating().scale_min() == 0);
    CHECK(message.rating().scale_max() == 10);
    CHECK(attributesOf(message) == "comment=an attribute;headline=big;stars=3;");
    // A record's own channel goes before that of the settings.
    CHECK(MappedRecords(settings).message({{"Kommentar", "x"}, {"channel", "mail"}}).channel() ==
          "mail");
}

TEST_CASE("of two columns that could be the text the first one is", "[mapping]") {
    const auto message = MappedRecords().message({{"comment", "first"}, {"body", "second"}});
    CHECK(message.text() == "first");
    CHECK(attributesOf(message) == "body=second;");
}

TEST_CASE("records of different shapes do not disturb each other", "[mapping]") {
    MappedRecords records;
    CHECK(records.message({{"comment", "one"}}).text() == "one");
    CHECK(records.message({{"text", "two"}}).text() == "two");
    CHECK(records.message({{"text", "three"}, {"comment", "more"}}).text() == "three");
    CHECK(records.message({{"comment", "four"}}).text() == "four");
}

TEST_CASE("a record without an id has the one that the channel gives it", "[mapping]") {
    CHECK(MappedRecords().message({{"text", "x"}}).external_id() == "fallback");
    CHECK(MappedRecords().message({{"text", "x"}, {"id", "  "}}).external_id() == "fallback");
    CHECK(MappedRecords().message({{"text", "x"}, {"id", " 7 "}}).external_id() == "7");
    FieldMapping mapping(MappingSettings{});
    CHECK(mapping.hasId({"text", "Review ID"}));
    CHECK_FALSE(mapping.hasId({"text", "date"}));
}

TEST_CASE("a time is read in the usual forms and anything else refuses the record", "[mapping]") {
    for (const char* time : {"2015-02-17T07:36:05Z", "1424158565", "1424158565000",
                             "2015-02-16 23:36:05 -0800", "Tue, 17 Feb 2015 07:36:05 GMT"})
        CHECK(MappedRecords().message({{"text", "x"}, {"date", time}}).occurred_at_us() ==
              1424158565000000);
    MappedRecords records;
    CHECK(records.add({{"text", "x"}, {"date", "17/02/2015"}}) ==
          "the column \"date\" is no time: \"17/02/2015\"");
    CHECK(records.add({{"text", "x"}, {"updated_at", "2015-02-29"}}) ==
          "the column \"updated_at\" is no time: \"2015-02-29\"");
    CHECK(records.add({{"text", "x"}, {"date", std::string(500, '9')}}).size() < 100);
    // Nothing of a refused record is in the batch.
    CHECK(records.size() == 0);
    CHECK(records.message({{"text", "x"}, {"date", ""}}).occurred_at_us() == 0);
}

TEST_CASE("a record needs a text or a rating", "[mapping]") {
    MappedRecords records;
    CHECK(records.add({}) == "it has neither a text nor a rating");
    CHECK(records.add({{"id", "7"}, {"text", " "}}) == "it has neither a text nor a rating");
    CHECK(records.add({{"rating", "four"}}) == "it has neither a text nor a rating");
    CHECK(records.size() == 0);
    CHECK(records.message({{"rating", "4"}}).rating().value() == 4);
}

TEST_CASE("a rating or a count that is no number is left out", "[mapping]") {
    for (const char* value : {"four", "4,5", "4 stars", "nan", "inf", "1e999", "0x10"}) {
        INFO(value);
        CHECK_FALSE(MappedRecords().message({{"text", "x"}, {"rating", value}}).has_rating());
    }
    for (const char* value : {"-1", "many", "1e300", "nan"}) {
        INFO(value);
        CHECK_FALSE(MappedRecords()
                        .message({{"text", "x"}, {"handle", "@ada"}, {"followers", value}})
                        .author()
                        .has_followers());
    }
}

// Found by hearback-check: a 0 in a file whose scale begins at 1 was counted as a rating.
TEST_CASE("a rating beside its scale is an attribute", "[mapping]") {
    for (const char* value : {"0", "8", "-1"}) {
        INFO(value);
        const auto message = MappedRecords().message({{"text", "x"}, {"Stars", value}});
        CHECK_FALSE(message.has_rating());
        CHECK(attributesOf(message) == std::string("Stars=") + value + ";");
    }
    CHECK(MappedRecords().add({{"rating", "8"}}) ==
          "it has no text, and its rating is not between 1 and 5: see rating_min and rating_max");
}

TEST_CASE("a name is the only hold on an author where there is nothing better", "[mapping]") {
    CHECK(MappedRecords().message({{"text", "x"}, {"author", "Ada"}}).author().external_id() ==
          "Ada");
    CHECK(MappedRecords()
              .message({{"text", "x"}, {"author", "Ada"}, {"handle", "@ada"}})
              .author()
              .external_id()
              .empty());
    CHECK_FALSE(MappedRecords().message({{"text", "x"}, {"followers", "3"}}).has_author());
}

TEST_CASE("a kind is read in any spelling and otherwise not known", "[mapping]") {
    const auto kind = [](const char* name) {
        return MappedRecords().message({{"text", "x"}, {"kind", name}}).kind();
    };
    CHECK(kind("Direct Message") == v1::KIND_DIRECT_MESSAGE);
    CHECK(kind("KIND_SURVEY_ANSWER") == v1::KIND_SURVEY_ANSWER);
    CHECK(kind("e-mail") == v1::KIND_MAIL);
    CHECK(kind("telegram") == v1::KIND_UNSPECIFIED);
}

TEST_CASE("the text keeps the space around it and other cells do not", "[mapping]") {
    const auto message = MappedRecords().message({{"text", "  two\nlines "}, {"title", " a "}});
    CHECK(message.text() == "  two\nlines ");
    CHECK(message.subject() == "a");
}

TEST_CASE("a field that does not exist is a mistake of the settings", "[mapping]") {
    MappingSettings settings;
    settings.columns = {{"text", "a"}, {"attributes.anything", "b"}, {"ignore", "c"}};
    CHECK_FALSE(FieldMapping::check(settings));
    settings.columns = {{"txt", "a"}};
    const auto problem = FieldMapping::check(settings);
    REQUIRE(problem);
    CHECK(problem->find("there is no field \"txt\": take one of external_id, text,") == 0);
}
