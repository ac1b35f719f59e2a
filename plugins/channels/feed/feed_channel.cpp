// The channel `feed`: entries of an RSS or Atom feed. Asks the server only for what changed, as
// often as both sides like.
#include "feed_document.h"

#include <hearback/sdk/plugin.hpp>
#include <hearback/sdk/time.hpp>

#include <algorithm>
#include <charconv>

namespace {

using hearback::Status;
using hearback::feed::Entry;
using hearback::feed::Feed;

constexpr std::int64_t kFeedMax = 8 << 20;
constexpr std::int64_t kRetryAfterMax = 86400;

class FeedChannel final : public hearback::Channel {
  public:
    struct Settings {
        std::string url;
        std::int64_t every_s = 0;
        std::string channel;
        std::string token;
    };
    static constexpr auto kAbout =
        hearback::about("feed", "1.0.0", "Entries of an RSS or Atom feed").needs("http");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("url", &Settings::url, "Address of the feed").required().between(8, 4096),
        hearback::setting("every_s", &Settings::every_s,
                          "Seconds between two looks; a feed that asks for more is obeyed")
            .between(10, 86400)
            .defaultsTo(300),
        hearback::setting("channel", &Settings::channel, "Channel of the entries")
            .defaultsTo("feed"),
        hearback::setting("token", &Settings::token,
                          "Sent as a bearer token, where the feed is not public")
            .secret());

    explicit FeedChannel(hearback::Host& host) : host_(host) {}

    Status configure(const Settings& settings) {
        settings_ = settings;
        const bool web =
            settings.url.rfind("https://", 0) == 0 || settings.url.rfind("http://", 0) == 0;
        return web ? Status::ok() : Status::config("/url", "must begin with https:// or http://");
    }

    Status check(std::string& report) override {
        etag_.clear();
        modified_.clear();
        const hearback::HttpAnswer answer = fetch();
        if (answer.status != 200) return refused(answer);
        const auto parsed = hearback::feed::parseFeed(answer.body);
        if (const auto* problem = std::get_if<std::string>(&parsed))
            return Status::config("/url", *problem);
        const auto& feed = std::get<Feed>(parsed);
        report = "\"" + feed.title + "\" with " + std::to_string(feed.entries.size()) + " entries";
        return Status::ok();
    }

    Status start(std::optional<std::string_view> checkpoint) override {
        etag_.clear();
        modified_.clear();
        waiting_.clear();
        if (!checkpoint) return Status::ok();
        const auto note = nlohmann::json::parse(*checkpoint, nullptr, false);
        // Of another feed, another version, or another channel: all is read again.
        if (!note.is_object() || note.value("v", nlohmann::json()) != 1) return Status::ok();
        if (textOf(note, "url") != settings_.url) return Status::ok();
        etag_ = textOf(note, "etag");
        modified_ = textOf(note, "modified");
        return Status::ok();
    }

    Status poll(hearback::BatchOut& batch, const hearback::PollLimits& limits) override {
        if (waiting_.empty()) {
            Status looked = look(batch);
            if (!looked.isOk() || waiting_.empty()) {
                batch.pollAgainIn(waitMs());
                return looked;
            }
        }
        std::size_t count = 0;
        while (count < waiting_.size() && count < limits.max_items &&
               (count == 0 || fits(waiting_[count], batch, limits)))
            add(waiting_[count++], batch);
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
        batch.hasMore(!waiting_.empty());
        // The server's marks only once everything is handed over.
        if (waiting_.empty()) {
            etag_ = next_etag_;
            modified_ = next_modified_;
            batch.checkpoint(nlohmann::json{
                {"v", 1}, {"url", settings_.url}, {"etag", etag_}, {"modified", modified_}}
                                 .dump());
            batch.pollAgainIn(waitMs());
        }
        return Status::ok();
    }

    Status decode(std::string_view payload, hearback::BatchOut& batch) override {
        const auto parsed = hearback::feed::parseFeed(payload);
        if (const auto* problem = std::get_if<std::string>(&parsed))
            return Status::itemInvalid(*problem);
        language_ = std::get<Feed>(parsed).language;
        for (const Entry& entry : std::get<Feed>(parsed).entries) add(entry, batch);
        return Status::ok();
    }

  private:
    static std::string textOf(const nlohmann::json& note, const char* key) {
        const auto found = note.find(key);
        return found != note.end() && found->is_string() ? found->get<std::string>() : "";
    }

    // Whether another entry has room, with the names of the fields and the checkpoint.
    bool fits(const Entry& entry, const hearback::BatchOut& batch,
              const hearback::PollLimits& limits) const {
        const std::size_t overhead = 1024 + settings_.url.size() + settings_.channel.size();
        const std::size_t bytes = entry.id.size() + entry.title.size() * 2 + entry.html.size() +
                                  entry.link.size() + entry.author.size() * 2;
        return batch.bytes().size() + bytes + overhead <= limits.max_bytes;
    }

    std::int64_t waitMs() const { return std::max(settings_.every_s, ttl_s_) * 1000; }

    hearback::HttpAnswer fetch() {
        hearback::HttpCall call;
        call.url = settings_.url;
        call.max_response_bytes = kFeedMax;
        call.headers = {{"Accept",
                         "application/atom+xml, application/rss+xml, application/xml;q=0.9, "
                         "text/xml;q=0.8, */*;q=0.1"}};
        if (!etag_.empty()) call.headers.emplace_back("If-None-Match", etag_);
        if (!modified_.empty()) call.headers.emplace_back("If-Modified-Since", modified_);
        if (!settings_.token.empty())
            call.headers.emplace_back("Authorization", "Bearer " + settings_.token);
        hearback::HttpAnswer answer = host_.send(call);
        if (answer.moved_permanently && answer.url != moved_to_) {
            moved_to_ = answer.url;
            host_.warning("the feed has moved for good to " + answer.url +
                          ": change the address in the configuration");
        }
        return answer;
    }

    // Asks the server; what is new waits to be handed over.
    Status look(hearback::BatchOut& batch) {
        const hearback::HttpAnswer answer = fetch();
        if (answer.status == 304) return Status::ok();
        if (answer.status != 200) return refused(answer);
        auto parsed = hearback::feed::parseFeed(answer.body);
        if (const auto* problem = std::get_if<std::string>(&parsed)) {
            // Kept for a mend, and asked for again: the server may mend it first.
            batch.reject(*problem, answer.body, settings_.url);
            host_.warning(*problem);
            return Status::ok();
        }
        auto& feed = std::get<Feed>(parsed);
        ttl_s_ = feed.ttl_s;
        language_ = feed.language;
        next_etag_ = answer.header("ETag");
        next_modified_ = answer.header("Last-Modified");
        waiting_ = std::move(feed.entries);
        return Status::ok();
    }

    Status refused(const hearback::HttpAnswer& answer) const {
        const std::string what = "the server answered with status " +
                                 std::to_string(answer.status) + " for " + answer.url;
        switch (answer.status) {
        case 410:
            return Status::config("/url", "the feed is gone for good (410): take the source out of "
                                          "the configuration");
        case 401:
        case 403: return Status::auth(what);
        case 429:
        case 503: return Status::rateLimited(retryAfter(answer), what);
        default: return Status::unavailable(what);
        }
    }

    // Seconds or a date: RFC 9110, 10.2.3.
    std::chrono::milliseconds retryAfter(const hearback::HttpAnswer& answer) const {
        const std::string_view text = answer.header("Retry-After");
        std::int64_t seconds = settings_.every_s;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (error != std::errc() || end != text.data() + text.size()) {
            seconds = settings_.every_s;
            if (const auto at = hearback::parseTime(text))
                seconds = (*at - host_.nowUs()) / 1000000;
        }
        return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 1, kRetryAfterMax));
    }

    void add(const Entry& entry, hearback::BatchOut& batch) const {
        auto message = batch.add();
        message.externalId(entry.id)
            .kind(hearback::Kind::Post)
            .channel(settings_.channel)
            .subject(entry.title)
            .text(entry.html.empty() ? entry.title : entry.html,
                  entry.is_html ? hearback::TextFormat::Html : hearback::TextFormat::Plain)
            .language(language_)
            .permalink(entry.link)
            .occurredAt(entry.published_at_us);
        if (entry.updated_at_us != 0) {
            message.revision(entry.updated_at_us);
            if (entry.updated_at_us != entry.published_at_us) message.editedAt(entry.updated_at_us);
        }
        if (!entry.author.empty()) {
            hearback::AuthorInfo author;
            author.external_id = entry.author;
            author.display_name = entry.author;
            message.author(author);
        }
    }

    hearback::Host& host_;
    Settings settings_;
    std::string etag_;
    std::string moved_to_; // told already
    std::string modified_;
    std::string next_etag_;
    std::string next_modified_;
    std::string language_;
    std::int64_t ttl_s_ = 0;
    std::vector<Entry> waiting_;
};

} // namespace

HEARBACK_PLUGIN(FeedChannel)
