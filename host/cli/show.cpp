#include "cli/commands.h"
#include "cli/message_text.h"
#include "cli/session.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace hearback::cli {

namespace {

void line(const char* name, const std::string& value) {
    if (!value.empty()) std::printf("%s %s\n", styled(Style::Dim, name).c_str(), value.c_str());
}

std::string oneLine(const std::string& text) { return fitTo(text, 4096); }

std::string authorText(const v1::Author& author) {
    std::string text = author.display_name();
    if (!author.handle().empty()) text += (text.empty() ? "" : " ") + ("(" + author.handle() + ")");
    if (author.has_followers()) text += ", " + grouped(author.followers()) + " followers";
    return oneLine(text);
}

void printMessage(const messages::StoredMessage& stored) {
    const v1::FeedbackMessage& message = stored.message;
    std::printf("%s\n", styled(Style::Bold, "message " + std::to_string(stored.id)).c_str());
    line("source      ", message.source() + ", channel " + message.channel());
    line("external id ", oneLine(message.external_id()));
    line("written     ", shortTime(message.occurred_at_us()) + " UTC");
    if (message.edited_at_us() != 0) line("edited      ", shortTime(message.edited_at_us()));
    if (message.deleted_at_us() != 0)
        line("deleted     ", styled(Style::Red, shortTime(message.deleted_at_us())));
    line("author      ", authorText(message.author()));
    line("language    ", message.language());
    if (message.has_rating()) {
        char text[64];
        std::snprintf(text, sizeof text, "%g (of %g to %g)", message.rating().value(),
                      message.rating().scale_min(), message.rating().scale_max());
        line("rating      ", text);
    }
    line("link        ", oneLine(message.permalink()));
    for (const auto& [key, value] : message.attributes())
        line("            ", oneLine(key + " = " + value));
    if (!message.subject().empty())
        std::printf("\n%s\n", styled(Style::Bold, oneLine(message.subject())).c_str());
    std::string text;
    for (const char c : message.text()) text += c == '\x1b' ? ' ' : c;
    std::printf("\n%s\n", text.c_str());
}

void printAnnotations(const v1::AnnotationSet& set) {
    if (set.annotations_size() == 0 && set.pending_size() == 0) return;
    std::printf("\n%s\n", styled(Style::Bold, "classifiers").c_str());
    Table table({"task", "label", "confidence", "model", "because"});
    table.alignRight(2);
    for (const v1::Annotation& annotation : set.annotations()) {
        char confidence[32];
        std::snprintf(confidence, sizeof confidence, "%.0f %%", annotation.confidence() * 100);
        table.add({annotation.task(), annotation.label(), confidence, annotation.model_version(),
                   oneLine(annotation.reason())});
    }
    for (const std::string& pending : set.pending())
        table.add({pending, styled(Style::Yellow, "pending"), "", "", "did not answer in time"});
    std::printf("%s", table.text().c_str());
}

void printRoute(const v1::Route& route, const std::vector<deliver::OutboxRow>& deliveries) {
    std::printf("\n%s\n", styled(Style::Bold, "route").c_str());
    std::string rules;
    for (const std::string& rule : route.rules()) rules += (rules.empty() ? "" : ", ") + rule;
    std::string tags;
    for (const std::string& tag : route.tags()) tags += (tags.empty() ? "" : ", ") + tag;
    line("rules       ", rules.empty() ? "none matched" : rules);
    line("team        ", route.team());
    line("priority    ", nameOf(route.priority()));
    line("tags        ", tags);
    if (deliveries.empty()) return;
    Table table({"delivery", "sink", "state", "attempts", "remote id", "problem"});
    table.alignRight(3);
    for (const deliver::OutboxRow& row : deliveries)
        table.add({std::to_string(row.id), row.sink, deliver::nameOf(row.state),
                   std::to_string(row.attempts), row.remote_id, oneLine(row.last_error)});
    std::printf("%s", table.text().c_str());
}

void printHistory(const std::vector<messages::Revision>& history) {
    if (history.empty()) return;
    std::printf("\n%s\n", styled(Style::Bold, "earlier revisions").c_str());
    for (const messages::Revision& revision : history)
        std::printf("%s  %s\n", shortTime(revision.received_at).c_str(),
                    fitTo(revision.message.text(), terminalWidth() - 20).c_str());
}

void printConversation(const std::vector<messages::StoredMessage>& others, std::int64_t id) {
    if (others.size() < 2) return;
    std::printf("\n%s\n", styled(Style::Bold, "conversation").c_str());
    for (const messages::StoredMessage& each : others)
        std::printf("%s %6lld  %s  %s\n", each.id == id ? ">" : " ",
                    static_cast<long long>(each.id),
                    shortTime(each.message.occurred_at_us()).c_str(),
                    fitTo(each.message.text(), terminalWidth() - 30).c_str());
}

void printJson(const messages::StoredMessage& stored,
               const std::vector<messages::Revision>& history,
               const std::vector<deliver::OutboxRow>& deliveries) {
    auto revisions = nlohmann::json::array();
    for (const messages::Revision& revision : history)
        revisions.push_back(toJson(revision.message));
    auto rows = nlohmann::json::array();
    for (const deliver::OutboxRow& row : deliveries)
        rows.push_back({{"id", row.id},
                        {"sink", row.sink},
                        {"state", deliver::nameOf(row.state)},
                        {"attempts", row.attempts},
                        {"remote_id", row.remote_id},
                        {"problem", row.last_error}});
    const auto annotations = toJson(stored.annotations);
    std::printf(
        "%s\n",
        nlohmann::json{{"id", stored.id},
                       {"message", toJson(stored.message)},
                       {"annotations", annotations.value("annotations", nlohmann::json::array())},
                       {"pending", annotations.value("pending", nlohmann::json::array())},
                       {"route", toJson(stored.route)},
                       {"deliveries", rows},
                       {"revisions", revisions}}
            .dump(2)
            .c_str());
}

} // namespace

int runShow(const CommonOptions& common, std::int64_t id) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const auto stored = store->messages().find(id);
    const auto history = store->messages().history(id);
    const auto deliveries = store->outbox().ofMessage(id);
    if (!stored || !history || !deliveries) {
        complain(!stored ? stored.error() : !history ? history.error() : deliveries.error());
        return kFailed;
    }
    if (!*stored) {
        complain("there is no message " + std::to_string(id));
        return kNotFound;
    }
    if (common.json) {
        printJson(**stored, *history, *deliveries);
        return kDone;
    }
    printMessage(**stored);
    printAnnotations((*stored)->annotations);
    printRoute((*stored)->route, *deliveries);
    printHistory(*history);
    const auto others = store->messages().conversation((*stored)->conversation_id, 50);
    if (others) printConversation(*others, id);
    return kDone;
}

} // namespace hearback::cli
